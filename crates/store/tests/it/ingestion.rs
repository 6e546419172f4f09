//! Taking alerts in: what is stored, what is counted, what is joined, and that a group costs no more statements than one alert.

use domain::alert::Alert;
use domain::audit::AuditAction;
use domain::digest::Digest;
use domain::id::IncidentId;
use domain::incident::State;
use domain::observable::{Observable, ObservableKind};
use domain::severity::Severity;
use domain::verdict::Verdict;
use futures::future::join_all;
use serde_json::{Value, json};
use store::{
    AuditFilter, AuditOrder, IncidentSelection, IncidentSnapshot, IngestRequest, Ingested, PageRequest, Store, StoreError,
};

use crate::fixture::{Fixture, Held, let_others_wait, on_both, uuid};
use crate::scene::{add_people, brute_force, request, user_id};

on_both! {
    the_alert_of_the_main_job_becomes_an_incident
    an_alert_is_kept_as_it_was_received
    a_repeated_alert_is_counted
    equal_content_without_an_id_is_a_new_alert
    an_alert_joins_an_incident_that_shares_an_entity_and_its_type
    the_window_reaches_both_ways_from_the_newest_alert
    joining_never_lowers_the_score
    ten_correlated_alerts_raise_the_score
    alerts_of_a_closed_incident_make_a_new_one
    posts_at_the_same_time_make_one_incident
    a_group_costs_as_many_statements_as_its_size_does_not_matter
    an_alert_that_breaks_its_group_harms_only_itself
    people_who_post_by_hand_are_known
}

async fn actions(store: &Store) -> Vec<AuditAction> {
    let page = store.audit().list(AuditFilter::All, AuditOrder::OldestFirst, PageRequest::first(200)).await.unwrap();
    page.items.into_iter().map(|entry| entry.action).collect()
}

async fn post(fixture: &Fixture, alert: Value) -> Ingested {
    fixture.store.ingest(request(alert)).await.unwrap()
}

fn id(incident: i64) -> IncidentId {
    IncidentId::new(incident)
}

async fn the_alert_of_the_main_job_becomes_an_incident(fixture: &Fixture) {
    let ingested = post(fixture, brute_force()).await;
    let expected = IncidentSnapshot {
        id: id(1),
        incident_type: "brute_force".parse().unwrap(),
        state: State::Classified,
        severity: Severity::S2,
        risk_score: 66,
        verdict: Verdict::Unknown,
    };
    assert_eq!((ingested.alert_id.as_str(), &ingested.incident), ("ALT-0000000001", &expected));
    assert!(!ingested.deduplicated && !ingested.correlated);
    let incident = fixture.store.incidents().get(id(1)).await.unwrap();
    assert_eq!((incident.title.as_str(), incident.alert_count), ("Brute force on admin from 91.23.11.9", 1));
    assert_eq!(incident.score.iter().map(|row| row.points).collect::<Vec<_>>(), [64, -13, 15]);
    assert_eq!((incident.created_at, incident.acknowledged_at), (fixture.now(), None));
    assert_eq!(
        actions(&fixture.store).await,
        [AuditAction::AlertIngested, AuditAction::IncidentCreated, AuditAction::StateChanged]
    );
}

async fn an_alert_is_kept_as_it_was_received(fixture: &Fixture) {
    let mut request = request(json!({
        "alert_id": "abc-1", "source": "wazuh", "incident_type": "malware", "title": "Dropper", "severity": "high",
        "occurred_at": "2026-03-11T09:59:00Z", "hostname": "ws-01", "src_ip": "192.0.2.7",
    }));
    request.raw = b"{ \"title\" : \"Dropper\\u0000\" }\n".to_vec();
    let ingested = fixture.store.ingest(request.clone()).await.unwrap();
    let observable = |kind, value: &str, field: &str| Observable { kind, value: value.to_owned(), field: field.to_owned() };
    let expected = Alert {
        id: ingested.id,
        alert_id: "abc-1".to_owned(),
        source: "wazuh".parse().unwrap(),
        incident_id: Some(id(1)),
        incident_type: "malware".parse().unwrap(),
        title: "Dropper".to_owned(),
        source_severity: Some(Severity::S2),
        occurred_at: Some("2026-03-11T09:59:00Z".parse().unwrap()),
        received_at: fixture.now(),
        duplicates: 0,
        observables: vec![
            observable(ObservableKind::Ip, "192.0.2.7", "source.ip"),
            observable(ObservableKind::Host, "ws-01", "host.name"),
        ],
        raw_sha256: Digest::of(&request.raw),
    };
    let alerts = fixture.store.alerts();
    assert_eq!(alerts.find(ingested.id).await.unwrap().as_ref(), Some(&expected));
    assert_eq!(alerts.find_raw(ingested.id).await.unwrap().unwrap().open().unwrap(), request.raw);
    assert_eq!(alerts.find_normalised(ingested.id).await.unwrap(), Some(request.alert.clone()));
    assert_eq!(alerts.first_of_incident(id(1)).await.unwrap().map(|first| first.normalised), Some(request.alert));
    assert_eq!(alerts.list_of_incident(id(1), 100).await.unwrap(), std::slice::from_ref(&expected));
    assert_eq!(alerts.list(PageRequest::first(50)).await.unwrap().items, [expected]);
    assert_eq!(alerts.observables_of_incident(id(1), 100).await.unwrap().len(), 2);
}

async fn a_repeated_alert_is_counted(fixture: &Fixture) {
    let alert = |source: &str| json!({"alert_id": "abc-1", "source": source, "incident_type": "malware"});
    let first = post(fixture, alert("wazuh")).await;
    let entries = fixture.store.audit().size().await.unwrap();
    let held = fixture.hold_ingestion().await;
    let posts = ["wazuh", "suricata", "wazuh", "suricata", "wazuh"].map(|source| request(alert(source)));
    let posted = together(fixture, held, posts.into()).await;
    let mut new = 0;
    for ingested in posted.into_iter().map(Result::unwrap) {
        match ingested.id == first.id {
            true => assert_eq!((ingested.deduplicated, &ingested.incident), (true, &first.incident)),
            false => new += i32::from(!ingested.deduplicated),
        }
    }
    assert_eq!(new, 1, "the same name from another source is another alert, once");
    assert_eq!(fixture.store.alerts().find(first.id).await.unwrap().unwrap().duplicates, 3);
    assert_eq!(fixture.store.audit().size().await.unwrap(), entries + 3);
}

/// Posts all of them, in this order, before what holds them up lets go.
async fn together(fixture: &Fixture, held: Held, posts: Vec<IngestRequest>) -> Vec<Result<Ingested, StoreError>> {
    let posted = join_all(posts.into_iter().map(|post| fixture.store.ingest(post)));
    tokio::join!(posted, held.release()).0
}

fn spawn(store: &Store, request: IngestRequest) -> tokio::task::JoinHandle<Result<Ingested, StoreError>> {
    let store = store.clone();
    tokio::spawn(async move { store.ingest(request).await })
}

async fn equal_content_without_an_id_is_a_new_alert(fixture: &Fixture) {
    let (first, second) = (post(fixture, brute_force()).await, post(fixture, brute_force()).await);
    assert_ne!(first.id, second.id);
    assert!(!second.deduplicated && second.correlated);
    assert_eq!(second.incident.id, first.incident.id);
    let named = post(fixture, json!({"alert_id": first.alert_id, "incident_type": "malware"})).await;
    assert!(!named.deduplicated, "nobody can claim an id of ours");
}

async fn an_alert_joins_an_incident_that_shares_an_entity_and_its_type(fixture: &Fixture) {
    let first = post(fixture, json!({"incident_type": "malware", "hostname": "WS-01", "src_ip": "192.0.2.7"})).await;
    for (alert, joins) in [
        (json!({"incident_type": "malware", "src_ip": "192.0.2.7"}), true),
        (json!({"incident_type": "malware", "hostname": "ws-01", "username": "jdoe"}), true),
        (json!({"incident_type": "malware", "username": "JDOE"}), true),
        (json!({"incident_type": "phishing", "src_ip": "192.0.2.7"}), false),
        (json!({"incident_type": "malware", "src_ip": "192.0.2.8"}), false),
        (json!({"incident_type": "malware", "dst_ip": "192.0.2.7"}), false),
        (json!({"incident_type": "malware"}), false),
    ] {
        let next = post(fixture, alert.clone()).await;
        assert_eq!((next.correlated, next.incident.id == first.incident.id), (joins, joins), "{alert}");
    }
    let incident = fixture.store.incidents().get(first.incident.id).await.unwrap();
    assert_eq!(incident.alert_count, 4);
    assert_eq!(actions(&fixture.store).await.iter().filter(|action| **action == AuditAction::IncidentUpdated).count(), 3);
}

async fn the_window_reaches_both_ways_from_the_newest_alert(fixture: &Fixture) {
    let at = |time: &str| json!({"incident_type": "malware", "src_ip": "192.0.2.7", "occurred_at": time});
    let first = post(fixture, at("2026-03-11T09:00:00Z")).await.incident.id;
    for (time, joins) in
        [("2026-03-11T09:30:00.001Z", false), ("2026-03-11T08:30:00Z", true), ("2026-03-11T08:29:59.999Z", false)]
    {
        let ingested = post(fixture, at(time)).await;
        assert_eq!(ingested.incident.id == first, joins, "{time}");
    }
    let newest = post(fixture, at("2026-03-11T10:00:00.001Z")).await;
    assert_eq!(newest.incident.id, id(2), "the incident of 09:30:00.001 is the newest in reach");
}

async fn joining_never_lowers_the_score(fixture: &Fixture) {
    let alert = |impact: u8, likelihood: u8, privileged: bool| {
        json!({
            "incident_type": "malware", "src_ip": "192.0.2.7", "impact": impact, "likelihood": likelihood, "confidence": 5,
            "context": {"privileged_account": privileged},
        })
    };
    for (alert, expected) in
        [(alert(4, 2, false), 32), (alert(1, 1, false), 32), (alert(2, 4, false), 64), (alert(1, 1, true), 79)]
    {
        assert_eq!(post(fixture, alert).await.incident.risk_score, expected);
    }
    let incident = fixture.store.incidents().get(id(1)).await.unwrap();
    assert_eq!((incident.risk_score, incident.severity, incident.privileged_account), (79, Severity::S2, true));
    assert_eq!(incident.score.iter().map(|row| row.points).sum::<i64>(), 79);
}

async fn ten_correlated_alerts_raise_the_score(fixture: &Fixture) {
    let alert = || json!({"incident_type": "malware", "src_ip": "192.0.2.7", "impact": 3, "likelihood": 3, "confidence": 3});
    for _ in 0..9 {
        assert_eq!(post(fixture, alert()).await.incident.risk_score, 29);
    }
    assert_eq!(post(fixture, alert()).await.incident.risk_score, 34);
}

async fn alerts_of_a_closed_incident_make_a_new_one(fixture: &Fixture) {
    let first = post(fixture, brute_force()).await.incident.id;
    let at = fixture.now();
    crate::scene::write(&fixture.store, move |tx| async move {
        let incident = tx.incidents().get(first).await?;
        tx.incidents().save_state(&incident.moved(State::Closed, at), State::Classified).await
    })
    .await
    .unwrap();
    let next = post(fixture, brute_force()).await;
    assert!(next.incident.id != first && !next.correlated);
}

async fn posts_at_the_same_time_make_one_incident(fixture: &Fixture) {
    const POSTS: u32 = 40;
    let replica = if fixture.is_sqlite() { fixture.store.clone() } else { fixture.another_store().await };
    let stores = [&fixture.store, &replica];
    let posts: Vec<_> = (0..POSTS).map(|post| spawn(stores[post as usize % 2], request(brute_force()))).collect();
    for post in posts {
        assert_eq!(post.await.unwrap().unwrap().incident.id, id(1));
    }
    let page = fixture.store.incidents().list(&IncidentSelection::newest_first(), PageRequest::first(50)).await.unwrap();
    assert_eq!(page.items.iter().map(|incident| incident.alert_count).collect::<Vec<_>>(), [POSTS]);
    if !fixture.is_sqlite() {
        replica.close().await.unwrap();
    }
}

async fn a_group_costs_as_many_statements_as_its_size_does_not_matter(fixture: &Fixture) {
    let mut costs = Vec::new();
    for (round, size) in [(1, 20), (2, 40), (3, 200)] {
        post(
            fixture,
            json!({"alert_id": format!("known-{round}"), "incident_type": "malware", "src_ip": format!("192.0.2.{round}")}),
        )
        .await;
        let held = fixture.hold_ingestion().await;
        // On PostgreSQL the first alert that comes is a group of its own, and waits for the lock.
        let first = spawn(&fixture.store, request(json!({"incident_type": "first"})));
        let_others_wait().await;
        let before = fixture.store.statement_count();
        let posts = (0..size).map(|post| request(mixed(round, post))).collect();
        let posted = together(fixture, held, posts).await;
        first.await.unwrap().unwrap();
        assert!(posted.iter().all(Result::is_ok));
        costs.push(fixture.store.statement_count() - before);
    }
    let most = if fixture.store.is_sqlite() { SQLITE_STATEMENTS_MAX } else { POSTGRES_STATEMENTS_MAX };
    assert!(costs.iter().all(|cost| *cost == costs[0] && *cost <= most), "statements of groups of 20, 40 and 200: {costs:?}");
}

/// Statements of one group: its rows go together, and then what the log says of them.
const SQLITE_STATEMENTS_MAX: u64 = 8;
/// Statements of two groups, and of the two passes that give their entries places in the log.
const POSTGRES_STATEMENTS_MAX: u64 = 30;

/// A known alert, one that joins, and ones that are new.
fn mixed(round: u32, post: u32) -> Value {
    match post {
        0 => json!({"alert_id": format!("known-{round}"), "incident_type": "malware"}),
        1 => json!({"incident_type": "malware", "src_ip": format!("192.0.2.{round}")}),
        _ => {
            json!({"alert_id": format!("new-{round}-{post}"), "incident_type": "malware", "hostname": format!("host-{round}-{post}")})
        }
    }
}

async fn an_alert_that_breaks_its_group_harms_only_itself(fixture: &Fixture) {
    let mut poison = request(json!({"incident_type": "poison"}));
    poison.submitted_by = Some(domain::id::UserId::new(uuid(77)));
    let held = fixture.hold_ingestion().await;
    let good = |host: i32| request(json!({"incident_type": "good", "hostname": host.to_string()}));
    let posted = together(fixture, held, vec![good(1), good(2), poison, good(3), request(brute_force())]).await;
    assert!(matches!(posted[2], Err(StoreError::Refused(_))), "{:?}", posted[2]);
    assert_eq!(posted.iter().filter(|result| result.is_ok()).count(), 4);
    let incidents =
        fixture.store.incidents().list(&IncidentSelection::newest_first(), PageRequest::first(50)).await.unwrap().items;
    assert_eq!(incidents.len(), 4);
    assert!(incidents.iter().all(|incident| incident.incident_type.as_str() != "poison"));
    assert_eq!(fixture.store.audit().size().await.unwrap(), 12);
}

async fn people_who_post_by_hand_are_known(fixture: &Fixture) {
    add_people(&fixture.store).await;
    for by in [Some("analyst2"), None, Some("analyst"), Some("analyst")] {
        let mut request = request(brute_force());
        request.submitted_by = by.map(user_id);
        fixture.store.ingest(request).await.unwrap();
    }
    let mut people = fixture.store.alerts().submitters_of_incident(id(1)).await.unwrap();
    people.sort_unstable();
    assert_eq!(people, [user_id("analyst"), user_id("analyst2")]);
}
