//! Notes on incidents.

use domain::note::Note;
use store::NewNote;

use crate::fixture::{Fixture, on_both};
use crate::scene::{add_people, brute_force, request, user_id, user_ref, write};

on_both! { notes_are_listed_the_newest_first }

async fn notes_are_listed_the_newest_first(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let incident_id = fixture.store.ingest(request(brute_force())).await.unwrap().incident.id;
    let mut ids = Vec::new();
    for text in ["first", "second"] {
        let (author, created_at) = (user_id("analyst"), fixture.now());
        let note = NewNote { incident_id, author, text: text.to_owned(), created_at };
        ids.push(write(&fixture.store, move |tx| async move { tx.notes().insert(&note).await }).await.unwrap());
    }
    assert_eq!(ids.iter().map(ToString::to_string).collect::<Vec<_>>(), ["NOTE-0000000001", "NOTE-0000000002"]);
    let note = |index: usize, text: &str| {
        let (author, text, created_at) = (user_ref("analyst"), text.to_owned(), fixture.now());
        Note { id: ids[index], incident_id, author, text, created_at }
    };
    assert_eq!(fixture.store.notes().list_of_incident(incident_id, 100).await.unwrap(), [note(1, "second"), note(0, "first")]);
    assert_eq!(fixture.store.notes().list_of_incident(incident_id, 1).await.unwrap(), [note(1, "second")]);
}
