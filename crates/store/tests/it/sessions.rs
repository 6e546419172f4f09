//! Browser sessions.

use store::Session;

use crate::fixture::{Fixture, on_both};
use crate::scene::{add_people, user_id};

on_both! {
    a_session_is_found_as_it_was_saved
    a_session_ends_by_itself
    all_sessions_of_a_person_can_be_ended
}

fn session(fixture: &Fixture, id: &str, username: &str) -> Session {
    Session {
        id: id.to_owned(),
        user_id: Some(user_id(username)),
        data: "{}".to_owned(),
        expires_at: fixture.now().plus_ms(1_000),
        created_at: fixture.now(),
        seen_at: Some(fixture.now()),
        network: Some("192.0.2.0/24".to_owned()),
        browser: None,
    }
}

async fn a_session_is_found_as_it_was_saved(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let mut session = session(fixture, "one", "analyst");
    fixture.store.insert_session(session.clone()).await.unwrap();
    session.data = "{\"changed\":true}".to_owned();
    fixture.store.update_session(session.clone()).await.unwrap();
    assert_eq!(fixture.store.sessions().find("one", fixture.now()).await.unwrap(), Some(session.clone()));
    fixture.store.delete_session("one").await.unwrap();
    fixture.store.update_session(session).await.unwrap();
    assert_eq!(fixture.store.sessions().find("one", fixture.now()).await.unwrap(), None);
}

async fn a_session_ends_by_itself(fixture: &Fixture) {
    add_people(&fixture.store).await;
    fixture.store.insert_session(session(fixture, "one", "analyst")).await.unwrap();
    let (before, after) = (fixture.now().plus_ms(999), fixture.now().plus_ms(1_000));
    assert!(fixture.store.sessions().find("one", before).await.unwrap().is_some());
    assert!(fixture.store.sessions().find("one", after).await.unwrap().is_none());
    assert_eq!(fixture.store.delete_expired_sessions(before).await.unwrap(), 0);
    assert_eq!(fixture.store.delete_expired_sessions(after).await.unwrap(), 1);
}

async fn all_sessions_of_a_person_can_be_ended(fixture: &Fixture) {
    add_people(&fixture.store).await;
    for (id, username) in [("one", "analyst"), ("two", "analyst"), ("three", "approver")] {
        fixture.store.insert_session(session(fixture, id, username)).await.unwrap();
    }
    assert_eq!(fixture.store.delete_sessions_of(user_id("analyst")).await.unwrap(), 2);
    assert!(fixture.store.sessions().find("three", fixture.now()).await.unwrap().is_some());
}
