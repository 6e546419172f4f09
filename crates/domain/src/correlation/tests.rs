//! Which alerts join which incident.

use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::{Candidate, CorrelationKey, CorrelationRules, Newcomer, WINDOW_S_MAX, correlation_keys, join};
use crate::alert::parse_alert;
use crate::id::{IncidentId, IncidentType};
use crate::incident::State;
use crate::observable::ObservableKind;
use crate::timestamp::Timestamp;

fn key(text: &str) -> CorrelationKey {
    let (kind, value) = text.split_once(' ').unwrap();
    CorrelationKey { kind: kind.parse().unwrap(), value: value.to_owned() }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_ms(1_700_000_000_000 + second * 1_000)
}

fn candidate(number: i64) -> Candidate {
    Candidate {
        incident_id: IncidentId::new(number),
        incident_type: "brute_force".parse().unwrap(),
        state: State::Classified,
        newest_at: at(0),
        keys: vec![key("ip 203.0.113.7"), key("user admin")],
    }
}

fn joined(keys: &[&str], second: i64, candidates: &[Candidate]) -> Option<String> {
    let keys = keys.iter().map(|text| key(text)).collect::<Vec<_>>();
    let incident_type: IncidentType = "brute_force".parse().unwrap();
    let newcomer = Newcomer { keys: &keys, incident_type: &incident_type, at: at(second) };
    join(&newcomer, candidates, &CorrelationRules::default()).map(|(id, key)| format!("{} by {key}", id.number()))
}

#[test]
fn an_alert_joins_by_a_shared_entity() {
    let check = |keys: &[&str], expected: Option<&str>| {
        assert_eq!(joined(keys, 0, &[candidate(1)]).as_deref(), expected, "{keys:?}");
    };
    check(&["ip 203.0.113.7"], Some("1 by ip 203.0.113.7"));
    check(&["user admin"], Some("1 by user admin"));
    check(&["host web-1", "user admin"], Some("1 by user admin"));
    check(&["ip 203.0.113.8"], None);
    check(&["host admin"], None);
    check(&[], None);
}

#[test]
fn the_window_counts_in_both_directions() {
    let check =
        |second: i64, joins: bool| assert_eq!(joined(&["user admin"], second, &[candidate(1)]).is_some(), joins, "{second}");
    check(0, true);
    check(1_800, true);
    check(1_801, false);
    check(-1_800, true);
    check(-1_801, false);
}

#[test]
fn only_open_incidents_of_the_same_type_are_joined() {
    let check = |candidate: Candidate, joins: bool| {
        let what = format!("{candidate:?}");
        assert_eq!(joined(&["user admin"], 0, &[candidate]).is_some(), joins, "{what}");
    };
    for state in [State::New, State::Classified, State::AwaitingApproval, State::InProgress] {
        check(Candidate { state, ..candidate(1) }, true);
    }
    for state in [State::Contained, State::Resolved, State::Closed] {
        check(Candidate { state, ..candidate(1) }, false);
    }
    check(Candidate { incident_type: "phishing".parse().unwrap(), ..candidate(1) }, false);
}

#[test]
fn the_newest_wins_then_the_smallest_id() {
    let check = |candidates: &[Candidate], expected: &str| {
        assert_eq!(joined(&["user admin"], 0, candidates).as_deref(), Some(expected));
    };
    let newer = |number: i64| Candidate { newest_at: at(60), ..candidate(number) };
    check(&[candidate(1), newer(2)], "2 by user admin");
    check(&[newer(2), candidate(1)], "2 by user admin");
    check(&[newer(3), newer(2), candidate(1)], "2 by user admin");
    let newest_of_another = Candidate { newest_at: at(90), keys: vec![key("user eve")], ..candidate(4) };
    check(&[newest_of_another, candidate(1)], "1 by user admin");
}

#[test]
fn entities_are_source_address_user_host_and_file_hash() {
    let check = |alert: Value, expected: &[&str]| {
        let keys = correlation_keys(&parse_alert(&alert).unwrap());
        assert_eq!(keys, expected.iter().map(|text| key(text)).collect::<Vec<_>>());
    };
    check(json!({"title": "x"}), &[]);
    check(json!({"title": "x", "src_ip": "203.0.113.7", "dst_ip": "203.0.113.8", "domain": "evil.example"}), &["ip 203.0.113.7"]);
    check(json!({"title": "x", "username": "CORP\\Admin", "hostname": "WEB-1"}), &["user corp\\admin", "host web-1"]);
    check(
        json!({"title": "x", "file_hash": "D41D8CD98F00B204E9800998ECF8427E"}),
        &["file_hash d41d8cd98f00b204e9800998ecf8427e"],
    );
    check(json!({"title": "x", "email": "a@evil.example", "url": "https://evil.example/"}), &[]);
}

#[test]
fn the_window_has_limits() {
    let check = |window_s: i64, valid: bool| assert_eq!(CorrelationRules { window_s }.validate().is_ok(), valid, "{window_s}");
    assert_eq!(serde_json::from_value::<CorrelationRules>(json!({})).unwrap(), CorrelationRules { window_s: 1_800 });
    check(0, true);
    check(WINDOW_S_MAX, true);
    check(-1, false);
    check(WINDOW_S_MAX + 1, false);
}

fn any_candidate() -> impl Strategy<Value = Candidate> {
    let keys = ["ip 203.0.113.7", "user admin", "host web-1"].map(key).to_vec();
    (1..9_i64, select(State::ALL), -4_000..4_000_i64, subsequence(keys, 0..=3))
        .prop_map(|(number, state, second, keys)| Candidate { state, newest_at: at(second), keys, ..candidate(number) })
}

proptest! {
    #[test]
    fn what_is_joined_is_open_near_and_shares_the_entity(candidates in proptest::collection::vec(any_candidate(), 0..8)) {
        let keys = [key("host web-1"), key("user admin")];
        let incident_type = "brute_force".parse().unwrap();
        let newcomer = Newcomer { keys: &keys, incident_type: &incident_type, at: at(0) };
        let near = |it: &&Candidate| it.state.is_open() && it.newest_at.since_ms(at(0)).abs() <= 1_800_000;
        let fitting = candidates.iter().filter(near).filter(|it| it.keys.iter().any(|key| keys.contains(key)));
        let newest_at = fitting.clone().map(|it| it.newest_at).max();
        let found = join(&newcomer, &candidates, &CorrelationRules::default());
        prop_assert_eq!(found.is_some(), newest_at.is_some());
        if let Some((id, key)) = found {
            prop_assert!(key.kind != ObservableKind::Ip);
            prop_assert!(fitting.clone().any(|it| it.incident_id == id && it.keys.contains(&key) && Some(it.newest_at) == newest_at));
        }
    }

    #[test]
    fn the_order_of_candidates_does_not_matter(candidates in proptest::collection::vec(any_candidate(), 0..8)) {
        let forwards = joined(&["user admin"], 0, &candidates);
        let backwards = joined(&["user admin"], 0, &candidates.into_iter().rev().collect::<Vec<_>>());
        prop_assert_eq!(forwards, backwards);
    }
}
