//! Incidents: listing and moving.

use domain::id::IncidentId;
use domain::incident::State;
use serde_json::json;
use store::{IncidentSelection, PageRequest, StoreError};

use crate::fixture::{Fixture, on_both};
use crate::scene::{brute_force, request, write};

on_both! {
    a_list_goes_from_the_newest_to_the_oldest
    a_move_is_saved_once
    open_incidents_are_counted
}

async fn a_list_goes_from_the_newest_to_the_oldest(fixture: &Fixture) {
    for host in 0..7 {
        // Three share a time, so that their order is by id.
        fixture.surroundings.advance_ms(if host % 3 == 0 { 1_000 } else { 0 });
        fixture.store.ingest(request(json!({"incident_type": "malware", "hostname": format!("ws-{host}")}))).await.unwrap();
    }
    let mut request = PageRequest::first(3);
    let mut seen = Vec::new();
    loop {
        let page = fixture.store.incidents().list(&IncidentSelection::newest_first(), request).await.unwrap();
        assert!(page.items.len() <= 3);
        seen.extend(page.items.iter().map(|incident| incident.id.number()));
        let Some(next) = page.next else { break };
        request.after = Some(next.to_string().parse().unwrap());
    }
    assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(
        fixture.store.incidents().list(&IncidentSelection::newest_first(), PageRequest::first(7)).await.unwrap().next,
        None
    );
}

async fn a_move_is_saved_once(fixture: &Fixture) {
    let id = fixture.store.ingest(request(brute_force())).await.unwrap().incident.id;
    let at = fixture.now().plus_ms(1_000);
    let incident = fixture.store.incidents().get(id).await.unwrap();
    let moved = incident.clone().moved(State::InProgress, at);
    for expected in [Ok(()), Err(StoreError::Stale(id.to_string()))] {
        let moved = moved.clone();
        let saved =
            write(&fixture.store, move |tx| async move { tx.incidents().save_state(&moved, State::Classified).await }).await;
        assert_eq!(saved, expected);
    }
    let stored = fixture.store.incidents().get(id).await.unwrap();
    assert_eq!((stored.state, stored.acknowledged_at, stored.updated_at), (State::InProgress, Some(at), at));
    let unknown = fixture.store.incidents().get(IncidentId::new(99)).await;
    assert_eq!(unknown, Err(StoreError::NotFound("INC-0000000099".to_owned())));
}

async fn open_incidents_are_counted(fixture: &Fixture) {
    for host in ["one", "two"] {
        fixture.store.ingest(request(json!({"incident_type": "malware", "hostname": host}))).await.unwrap();
    }
    assert_eq!(fixture.store.incidents().count_open().await.unwrap(), 2);
    let at = fixture.now();
    write(&fixture.store, move |tx| async move {
        let incident = tx.incidents().get(IncidentId::new(1)).await?;
        tx.incidents().save_state(&incident.moved(State::Closed, at), State::Classified).await
    })
    .await
    .unwrap();
    assert_eq!(fixture.store.incidents().count_open().await.unwrap(), 1);
}
