//! What holds an entity: an address or a domain that is blocked, a host that is isolated, an account that is disabled. It follows
//! from what live runs have done, and from nothing else.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::action::Action;
use crate::id::{IncidentId, RunId};
use crate::observable::ObservableKind;
use crate::timestamp::Timestamp;
use crate::word_enum;

word_enum! {
    /// How an entity is held.
    Measure {
        Blocked = "blocked",
        Isolated = "isolated",
        Disabled = "disabled",
    }
}

/// What an action does to the entity that it aims at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    Takes,
    LetsGo,
}

/// Something that was done to an entity, and that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub incident_id: IncidentId,
    pub run_id: RunId,
    pub action: Action,
    pub kind: ObservableKind,
    pub value: String,
    pub at: Timestamp,
    /// When it ends by itself; `None` for as long as nobody ends it.
    pub until: Option<Timestamp>,
    pub simulated: bool,
}

/// An entity that is held now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Containment {
    pub kind: ObservableKind,
    pub value: String,
    pub measure: Measure,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub since: Timestamp,
    /// When it ends by itself; `null` for as long as nobody ends it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub until: Option<Timestamp>,
    /// Nothing was really done.
    pub simulated: bool,
    /// The run that did it, and its incident, which may be another one.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub run_id: RunId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub incident_id: IncidentId,
}

/// What this action does to which kind of entity, and how that is then held; `None` if it holds and frees nothing.
#[must_use]
pub const fn grip(action: Action) -> Option<(ObservableKind, Measure, Grip)> {
    Some(match action {
        Action::BlockIp => (ObservableKind::Ip, Measure::Blocked, Grip::Takes),
        Action::UnblockIp => (ObservableKind::Ip, Measure::Blocked, Grip::LetsGo),
        Action::BlockDomain => (ObservableKind::Domain, Measure::Blocked, Grip::Takes),
        Action::UnblockDomain => (ObservableKind::Domain, Measure::Blocked, Grip::LetsGo),
        Action::DisableUser => (ObservableKind::User, Measure::Disabled, Grip::Takes),
        Action::EnableUser => (ObservableKind::User, Measure::Disabled, Grip::LetsGo),
        Action::IsolateHost => (ObservableKind::Host, Measure::Isolated, Grip::Takes),
        Action::ReleaseHost => (ObservableKind::Host, Measure::Isolated, Grip::LetsGo),
        _ => return None,
    })
}

/// The entity that an action which takes hold or lets go aims at, by what it is given.
#[must_use]
pub fn entity_of(action: Action, input: &Map<String, Value>) -> Option<(ObservableKind, &str)> {
    let (kind, ..) = grip(action)?;
    let target = action.manifest().parameters.iter().find(|parameter| parameter.target)?;
    Some((kind, input.get(target.name)?.as_str()?))
}

/// What is held now, after all this was done, in its order. What is taken twice is held until the later end; what is let go is free,
/// however often it was taken before.
#[must_use]
pub fn in_force(done: &[Done], now: Timestamp) -> Vec<Containment> {
    let mut held: Vec<Containment> = Vec::new();
    for one in done {
        let Some((_, measure, grip)) = grip(one.action) else { continue };
        let is_same = |known: &Containment| (known.kind, &known.value, known.measure) == (one.kind, &one.value, measure);
        let lasts = |known: &Containment| known.until.is_none_or(|until| one.until.is_some_and(|other| other < until));
        match grip {
            Grip::Takes if held.iter().any(|known| is_same(known) && lasts(known)) => {}
            Grip::Takes => {
                held.retain(|known| !is_same(known));
                held.push(containment(one, measure));
            }
            Grip::LetsGo => held.retain(|known| !is_same(known)),
        }
    }
    held.retain(|known| known.until.is_none_or(|until| until > now));
    held
}

fn containment(done: &Done, measure: Measure) -> Containment {
    Containment {
        kind: done.kind,
        value: done.value.clone(),
        measure,
        since: done.at,
        until: done.until,
        simulated: done.simulated,
        run_id: done.run_id,
        incident_id: done.incident_id,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Containment, Done, Grip, entity_of, grip, in_force};
    use crate::action::Action;
    use crate::id::{IncidentId, RunId};
    use crate::observable::ObservableKind;
    use crate::timestamp::Timestamp;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_unix_ms(minute * 60_000)
    }

    fn done(action: Action, value: &str, minute: i64, until: Option<i64>) -> Done {
        Done {
            incident_id: IncidentId::new(1),
            run_id: RunId::new(minute),
            action,
            kind: grip(action).unwrap().0,
            value: value.to_owned(),
            at: at(minute),
            until: until.map(at),
            simulated: true,
        }
    }

    fn shown(done: &[Done], minute: i64) -> Vec<String> {
        let one = |held: &Containment| format!("{} {} {} since {}", held.kind, held.value, held.measure, held.run_id.number());
        in_force(done, at(minute)).iter().map(one).collect()
    }

    #[test]
    fn an_entity_is_held_until_it_is_let_go_or_the_time_is_over() {
        let block = |minute, until| done(Action::BlockIp, "192.0.2.1", minute, until);
        let unblock = |minute| done(Action::UnblockIp, "192.0.2.1", minute, None);
        let check = |done: &[Done], minute, expected: &[&str]| assert_eq!(shown(done, minute), expected);
        check(&[], 9, &[]);
        check(&[block(1, None)], 9, &["ip 192.0.2.1 blocked since 1"]);
        check(&[block(1, Some(5))], 4, &["ip 192.0.2.1 blocked since 1"]);
        check(&[block(1, Some(5))], 5, &[]);
        check(&[block(1, None), unblock(2)], 9, &[]);
        check(&[block(1, None), block(2, None), unblock(3)], 9, &[]);
        check(&[block(1, None), unblock(2), block(3, None)], 9, &["ip 192.0.2.1 blocked since 3"]);
        check(&[unblock(1)], 9, &[]);
    }

    #[test]
    fn what_is_taken_twice_is_held_until_the_later_end() {
        let block = |minute, until| done(Action::BlockIp, "192.0.2.1", minute, until);
        let check = |done: &[Done], expected: &str| assert_eq!(shown(done, 6), [expected]);
        check(&[block(1, Some(20)), block(2, Some(10))], "ip 192.0.2.1 blocked since 1");
        check(&[block(1, Some(10)), block(2, Some(20))], "ip 192.0.2.1 blocked since 2");
        check(&[block(1, None), block(2, Some(20))], "ip 192.0.2.1 blocked since 1");
        check(&[block(1, Some(5)), block(2, None)], "ip 192.0.2.1 blocked since 2");
        check(&[block(1, Some(2)), block(5, Some(10))], "ip 192.0.2.1 blocked since 5");
    }

    #[test]
    fn each_entity_stands_alone() {
        let all = [
            done(Action::DisableUser, "admin", 1, None),
            done(Action::IsolateHost, "ws-1", 2, None),
            done(Action::BlockDomain, "evil.example", 3, None),
            done(Action::ReleaseHost, "ws-2", 4, None),
            done(Action::EnableUser, "root", 5, None),
        ];
        assert_eq!(
            shown(&all, 9),
            ["user admin disabled since 1", "host ws-1 isolated since 2", "domain evil.example blocked since 3"]
        );
    }

    #[test]
    fn the_entity_is_what_the_action_aims_at() {
        let input = |json: serde_json::Value| json.as_object().cloned().unwrap();
        let given = input(json!({ "ip": "192.0.2.1", "duration": "24h" }));
        assert_eq!(entity_of(Action::BlockIp, &given), Some((ObservableKind::Ip, "192.0.2.1")));
        assert_eq!(entity_of(Action::ReleaseHost, &input(json!({ "host": "ws-1" }))), Some((ObservableKind::Host, "ws-1")));
        assert_eq!(entity_of(Action::BlockIp, &input(json!({ "ip": 7 }))), None);
        assert_eq!(entity_of(Action::RevokeSessions, &input(json!({ "user": "admin" }))), None);
    }

    #[test]
    fn whatever_takes_hold_can_be_let_go() {
        for action in Action::ALL.iter().copied() {
            match (grip(action), action.manifest().undo) {
                (Some((kind, measure, Grip::Takes)), Some(undo)) => {
                    assert_eq!(grip(undo), Some((kind, measure, Grip::LetsGo)), "{action}");
                }
                (Some((_, _, Grip::Takes)), None) | (None, Some(_)) => panic!("{action}"),
                (Some((_, _, Grip::LetsGo)) | None, _) => {}
            }
        }
    }
}
