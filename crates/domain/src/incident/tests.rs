//! The table of states as the product promises it, row by row, and that no path leaves it.

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;

use super::State::{self, AwaitingApproval, Classified, Closed, Contained, InProgress, New, Resolved};
use super::merging::{may_be_merged, may_take_duplicate};
use super::{
    IllegalTransition, Incident, RunActivity, allowed_transitions, check_by_hand, check_by_system, may_ask_for_run,
    reason_required, verdict_required,
};
use crate::id::IncidentId;
use crate::severity::Severity;
use crate::timestamp::Timestamp;
use crate::verdict::Verdict;

mod editing;

/// Who makes a move, and whether one by hand needs a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    System,
    Analyst,
    AnalystWithReason,
}

/// From, to, by: the rows of the product's table, taken apart.
const TABLE: [(State, State, By); 19] = [
    (New, Classified, By::System),
    (Classified, AwaitingApproval, By::System),
    (InProgress, AwaitingApproval, By::System),
    (Contained, AwaitingApproval, By::System),
    (Classified, InProgress, By::System),
    (Classified, InProgress, By::Analyst),
    (Classified, Closed, By::AnalystWithReason),
    (Classified, Closed, By::System),
    (AwaitingApproval, InProgress, By::System),
    (AwaitingApproval, Classified, By::System),
    (AwaitingApproval, Contained, By::System),
    (InProgress, Contained, By::System),
    (InProgress, Contained, By::AnalystWithReason),
    (InProgress, Classified, By::System),
    (Contained, InProgress, By::System),
    (Contained, Resolved, By::AnalystWithReason),
    (Resolved, Closed, By::AnalystWithReason),
    (Resolved, Classified, By::AnalystWithReason),
    (Closed, Classified, By::AnalystWithReason),
];

fn targets(from: State, by: &[By]) -> Vec<State> {
    State::ALL.iter().copied().filter(|to| TABLE.iter().any(|row| row.0 == from && row.1 == *to && by.contains(&row.2))).collect()
}

fn sorted(states: &[State]) -> Vec<State> {
    let mut states = states.to_vec();
    states.sort_unstable();
    states
}

const BY_HAND: [By; 2] = [By::Analyst, By::AnalystWithReason];

#[test]
fn exactly_the_moves_of_the_table_are_legal() {
    let check = |result: Result<(), IllegalTransition>, from: State, to: State, expected: &[State]| match result {
        Ok(()) => assert!(expected.contains(&to), "{from} to {to} must be refused"),
        Err(refused) => {
            assert!(!expected.contains(&to), "{from} to {to} must be allowed");
            assert_eq!((refused.from, refused.to, sorted(&refused.allowed)), (from, to, sorted(expected)));
        }
    };
    for from in State::ALL.iter().copied() {
        for to in State::ALL.iter().copied() {
            check(check_by_hand(from, to), from, to, &targets(from, &BY_HAND));
            check(check_by_system(from, to), from, to, &targets(from, &[By::System]));
        }
    }
}

#[test]
fn a_reason_is_required_where_the_table_says_so() {
    for (from, to, by) in TABLE.into_iter().filter(|row| BY_HAND.contains(&row.2)) {
        assert_eq!(reason_required(from, to), by == By::AnalystWithReason, "{from} to {to}");
    }
}

#[test]
fn a_verdict_is_required_to_close_what_was_resolved_without_one() {
    for verdict in Verdict::ALL.iter().copied() {
        for (from, to) in [(Resolved, Closed), (Classified, Closed), (Contained, Resolved), (Resolved, Classified)] {
            let expected = (from, to, verdict) == (Resolved, Closed, Verdict::Unknown);
            assert_eq!(verdict_required(from, to, verdict), expected, "{from} to {to}, {verdict}");
        }
    }
}

#[test]
fn a_classified_incident_may_be_merged_and_one_that_is_not_closed_may_take_it() {
    for state in State::ALL.iter().copied() {
        assert_eq!(may_be_merged(state), state == Classified, "{state}");
        assert_eq!(may_take_duplicate(state), state != Closed, "{state}");
    }
}

#[test]
fn nothing_is_offered_while_a_run_is_active() {
    for state in State::ALL.iter().copied() {
        assert_eq!(sorted(allowed_transitions(state, RunActivity::Idle)), sorted(&targets(state, &BY_HAND)));
        assert_eq!(allowed_transitions(state, RunActivity::Active), []);
    }
}

#[test]
fn what_is_open_and_where_a_run_may_be_asked_for() {
    let check =
        |state: State, open: bool, run: bool| assert_eq!((state.is_open(), may_ask_for_run(state)), (open, run), "{state}");
    check(New, true, false);
    check(Classified, true, true);
    check(AwaitingApproval, true, false);
    check(InProgress, true, true);
    check(Contained, false, true);
    check(Resolved, false, false);
    check(Closed, false, false);
}

#[test]
fn a_refusal_names_what_is_allowed() {
    let check = |from: State, to: State, expected: &str| assert_eq!(check_by_hand(from, to).unwrap_err().to_string(), expected);
    check(Classified, Resolved, "an incident cannot go from classified to resolved; allowed: in_progress, closed");
    check(New, Closed, "an incident cannot go from new to closed; nothing is allowed from there");
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_ms(second * 1_000)
}

pub(crate) fn new_incident() -> Incident {
    Incident {
        id: IncidentId::new(1),
        title: "Phishing".to_owned(),
        incident_type: "phishing".parse().unwrap(),
        state: New,
        severity: Severity::S4,
        risk_score: 29,
        score: Vec::new(),
        verdict: Verdict::Unknown,
        verdict_reasons: Vec::new(),
        assignee: None,
        tags: Vec::new(),
        analyst_notes: String::new(),
        alert_count: 1,
        privileged_account: false,
        critical_asset: false,
        entities: Vec::new(),
        created_at: at(0),
        updated_at: at(0),
        acknowledged_at: None,
        contained_at: None,
        resolved_at: None,
        closed_at: None,
        merged_into: None,
        version: 1,
    }
}

fn stamps(incident: &Incident) -> [Option<i64>; 4] {
    [incident.acknowledged_at, incident.contained_at, incident.resolved_at, incident.closed_at]
        .map(|stamp| stamp.map(|stamp| stamp.unix_ms() / 1_000))
}

#[test]
fn each_move_stamps_its_time_once() {
    let check = |path: &[State], expected: [Option<i64>; 4]| {
        let moves = path.iter().zip(1..);
        let incident = moves.fold(new_incident(), |incident, (to, second)| incident.moved(*to, at(second)));
        assert_eq!(stamps(&incident), expected, "{path:?}");
        assert_eq!(incident.updated_at, at(i64::try_from(path.len()).unwrap()), "{path:?}");
    };
    check(&[], [None; 4]);
    check(&[Classified], [None; 4]);
    check(&[Classified, InProgress], [Some(2), None, None, None]);
    check(&[Classified, AwaitingApproval, InProgress, Contained], [Some(2), Some(4), None, None]);
    check(&[Classified, AwaitingApproval, Classified, InProgress], [Some(2), None, None, None]);
    check(&[Classified, InProgress, Contained, InProgress, Contained], [Some(2), Some(3), None, None]);
    check(&[Classified, InProgress, Contained, Resolved, Closed], [Some(2), Some(3), Some(4), Some(5)]);
    check(&[Classified, Closed], [Some(2), None, None, Some(2)]);
}

#[test]
fn a_reopened_incident_is_stamped_anew() {
    let once = [Classified, InProgress, Contained, Resolved, Classified];
    let reopened = once.iter().fold(new_incident(), |incident, to| incident.moved(*to, at(1)));
    assert_eq!(stamps(&reopened), [Some(1), None, None, None]);
    let again = [InProgress, Contained, Resolved].iter().fold(reopened, |incident, to| incident.moved(*to, at(9)));
    assert_eq!(stamps(&again), [Some(1), Some(9), Some(9), None]);
}

#[test]
fn the_first_human_act_acknowledges() {
    let noted = new_incident().acknowledged(at(3)).acknowledged(at(5));
    assert_eq!((stamps(&noted)[0], noted.updated_at), (Some(3), at(5)));
}

fn any_move() -> impl Strategy<Value = (State, bool)> {
    (select(State::ALL), any::<bool>())
}

proptest! {
    #[test]
    fn no_path_leaves_the_table(moves in proptest::collection::vec(any_move(), 0..64)) {
        let mut state = New;
        for (to, by_hand) in moves {
            let by: &[By] = if by_hand { &BY_HAND } else { &[By::System] };
            match if by_hand { check_by_hand(state, to) } else { check_by_system(state, to) } {
                Ok(()) => {
                    prop_assert!(TABLE.iter().any(|row| row.0 == state && row.1 == to && by.contains(&row.2)));
                    state = to;
                }
                Err(refused) => prop_assert_eq!(sorted(&refused.allowed), sorted(&targets(state, by))),
            }
        }
    }
}
