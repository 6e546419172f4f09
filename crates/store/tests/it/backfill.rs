//! A database from before incidents had terms: brought up to date, its incidents are found by the same words as if they came today,
//! however often the work is broken off and whoever goes on with it.

use domain::id::IncidentId;
use domain::incident_filter::IncidentFilter;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use store::{IncidentSelection, PageRequest};

use crate::fixture::{Fixture, on_both};
use crate::scene::{add_people, request, user_id};

on_both! {
    older_incidents_are_found_again
    what_is_changed_meanwhile_is_found_as_it_is_now
    two_replicas_do_it_together
}

/// The changes that the first version had.
const FIRST_VERSION: usize = 18;

fn alerts() -> [Value; 4] {
    [
        json!({"incident_type": "brute_force", "title": "Brute force on Müller", "severity": "high", "source": "wazuh",
            "src_ip": "91.23.11.9", "username": "müller", "tags": ["VIP", "night shift"]}),
        json!({"incident_type": "brute_force", "title": "Again", "severity": "high", "source": "suricata",
            "src_ip": "91.23.11.9", "username": "second", "hostname": "ws-07"}),
        json!({"incident_type": "phishing", "title": "Phishing mail", "severity": "low", "source": "mail-gateway",
            "url": "http://login.evil.example/a?b=1"}),
        json!({"incident_type": "other", "title": "nothing was seen", "severity": "low", "source": "script"}),
    ]
}

/// Three incidents in the schema of the first version, brought up to date; says what they were found by before.
async fn upgraded(fixture: &Fixture) -> (Vec<String>, Vec<String>) {
    add_people(&fixture.store).await;
    for alert in alerts() {
        fixture.store.ingest(request(alert)).await.unwrap();
    }
    let before = (terms(fixture).await, entities(fixture).await);
    let plain = fixture.plain().await;
    let later = Migrator::migrations().len() - FIRST_VERSION;
    Migrator::down(&plain, Some(later as u32)).await.unwrap();
    plain.close().await.unwrap();
    fixture.store.migrate().await.unwrap();
    assert_eq!((terms(fixture).await, found(fixture, "müller").await), (Vec::new(), Vec::new()));
    before
}

async fn column(fixture: &Fixture, sql: &str) -> Vec<String> {
    let plain = fixture.plain().await;
    let rows = plain.query_all_raw(Statement::from_string(plain.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn terms(fixture: &Fixture) -> Vec<String> {
    let mut terms = column(fixture, "SELECT incident_id || ' ' || term FROM incident_terms").await;
    terms.sort();
    terms
}

async fn entities(fixture: &Fixture) -> Vec<String> {
    column(fixture, "SELECT entities FROM incidents ORDER BY id").await
}

async fn found(fixture: &Fixture, words: &str) -> Vec<i64> {
    let filter = IncidentFilter { q: Some(words.to_owned()), ..IncidentFilter::default() };
    let selection = IncidentSelection { filter, ..IncidentSelection::newest_first() };
    let page = fixture.store.incidents().list(&selection, PageRequest::first(50)).await.unwrap();
    page.items.iter().map(|incident| incident.id.number()).collect()
}

async fn older_incidents_are_found_again(fixture: &Fixture) {
    let before = upgraded(fixture).await;
    let newer = json!({"incident_type": "malware", "title": "Came after the upgrade", "severity": "low", "source": "edr"});
    fixture.store.ingest(request(newer)).await.unwrap();
    let at = fixture.store.backfill_progress().await.unwrap();
    assert_eq!((at.next, at.last), (1, 3), "those that were there");
    for next in [2, 3, 4] {
        // As if the server ended and started in between: where it was is in the database.
        assert_eq!(fixture.another_store().await.backfill_terms(1).await.unwrap().next, next);
    }
    assert!(fixture.store.backfill_terms(1).await.unwrap().is_done());
    let is_older = |term: &String| !term.starts_with("4 ");
    assert_eq!(terms(fixture).await.into_iter().filter(is_older).collect::<Vec<_>>(), before.0);
    assert_eq!(entities(fixture).await[..3], before.1[..]);
    for (words, expected) in
        [("müller", &[1][..]), ("ws-07", &[1]), ("evil.example", &[2]), ("inc-0000000003", &[3]), ("upgrade", &[4])]
    {
        assert_eq!(found(fixture, words).await, expected, "{words}");
    }
}

async fn what_is_changed_meanwhile_is_found_as_it_is_now(fixture: &Fixture) {
    upgraded(fixture).await;
    let plain = fixture.plain().await;
    for change in [
        "UPDATE incidents SET title = 'Renamed', version = version + 1 WHERE id = 1".to_owned(),
        format!("UPDATE incidents SET assignee = '{}' WHERE id = 1", user_id("analyst")),
        "UPDATE incidents SET merged_into = 1 WHERE id = 3".to_owned(),
    ] {
        plain.execute_unprepared(&change).await.unwrap();
    }
    assert!(fixture.store.backfill_terms(50).await.unwrap().is_done());
    assert_eq!((found(fixture, "renamed").await, found(fixture, "brute").await), (vec![1], vec![]));
    let of_duplicate = IncidentFilter { source: vec!["script".parse().unwrap()], ..IncidentFilter::default() };
    let selection = IncidentSelection { filter: of_duplicate, ..IncidentSelection::newest_first() };
    assert!(fixture.store.incidents().list(&selection, PageRequest::first(50)).await.unwrap().items.is_empty());
    let incident = fixture.store.incidents().get(IncidentId::new(1)).await.unwrap();
    assert_eq!(incident.assignee.unwrap().username, "analyst", "only what it is found by was touched");
}

async fn two_replicas_do_it_together(fixture: &Fixture) {
    let before = upgraded(fixture).await;
    let other = if fixture.is_sqlite() { fixture.store.clone() } else { fixture.another_store().await };
    let work = async |store: &store::Store| while !store.backfill_terms(1).await.unwrap().is_done() {};
    tokio::join!(work(&fixture.store), work(&other));
    assert_eq!(terms(fixture).await, before.0);
}
