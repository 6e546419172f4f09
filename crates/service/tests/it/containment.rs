//! What runs have done to an entity shows on it in every incident that names it, until somebody ends it.

use api::runs::RunRequest;
use domain::containment::Measure;
use domain::id::IncidentId;
use domain::plan::RunMode;
use serde_json::{Value, json};

use crate::database::{On, on_both};
use crate::office::Office;

on_both! {
    what_a_run_took_hold_of_shows_in_every_incident_until_another_lets_it_go
}

const HOLD: &str = r#"
id: PB-HOLD
name: Hold
incident_type: hold
actions:
  - { id: block, action: block_ip, with: { ip: "${{ alert.source.ip }}", duration: 1h } }
  - { id: lock, action: disable_user, with: { user: jdoe } }
"#;

const FREE: &str = r#"
id: PB-FREE
name: Free
incident_type: free
actions:
  - { id: unblock, action: unblock_ip, with: { ip: "${{ alert.source.ip }}" } }
"#;

fn alert(incident_type: &str, username: &str) -> Value {
    json!({ "incident_type": incident_type, "impact": 2, "likelihood": 2, "confidence": 3, "source": "siem",
        "src_ip": "203.0.113.9", "username": username })
}

/// Each entity that is held, how, by whose run, and for how many seconds.
async fn held(office: &Office, incident: IncidentId) -> Vec<(String, Measure, IncidentId, Option<i64>)> {
    let containments = office.detail(incident).await.containments;
    let one = |held: domain::containment::Containment| {
        assert!(held.simulated);
        (held.value, held.measure, held.incident_id, held.until.map(|until| until.since_ms(held.since) / 1_000))
    };
    containments.into_iter().map(one).collect()
}

async fn what_a_run_took_hold_of_shows_in_every_incident_until_another_lets_it_go(on: On) {
    let office = Office::with_playbooks(&on, &[("hold.yaml", HOLD), ("free.yaml", FREE)]).await;
    let first = office.incident("source", &alert("hold", "JDoe")).await;
    let second = office.incident("source", &alert("free", "someone")).await;
    let dry = RunRequest { mode: Some(RunMode::DryRun), ..RunRequest::default() };
    office.backend().runs.request(&office.caller("ann").await, first, dry).await.unwrap();
    office.work().await;
    assert_eq!(held(&office, first).await, [], "a dry run holds nothing");

    office.run(first).await;
    office.work().await;
    let blocked = ("203.0.113.9".to_owned(), Measure::Blocked, first, Some(3_600));
    assert_eq!(held(&office, first).await, [blocked.clone(), ("JDoe".to_owned(), Measure::Disabled, first, None)]);
    assert_eq!(held(&office, second).await, [blocked]);

    office.run(second).await;
    office.work().await;
    assert_eq!(held(&office, first).await, [("JDoe".to_owned(), Measure::Disabled, first, None)]);
    assert_eq!(held(&office, second).await, []);
}
