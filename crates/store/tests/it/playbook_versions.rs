//! Versions of playbooks, and plans.

use domain::digest::Digest;
use domain::id::PlaybookId;
use domain::playbook::PlaybookOrigin;
use store::{Inserted, PlaybookVersion};

use crate::fixture::{Fixture, on_both};
use crate::scene::{brute_force, plan, request, write};

on_both! {
    a_version_is_added_once
    a_plan_is_added_once
}

async fn a_version_is_added_once(fixture: &Fixture) {
    let id: PlaybookId = "PB-BRUTE-FORCE".parse().unwrap();
    let version = PlaybookVersion {
        digest: Digest::of(b"document"),
        playbook_id: id.clone(),
        document: "{}".to_owned(),
        source: Some("{} # a comment".to_owned()),
        origin: PlaybookOrigin::Shipped,
        author: None,
        created_at: fixture.now(),
    };
    for expected in [Inserted::New, Inserted::Known] {
        let version = version.clone();
        let inserted = write(&fixture.store, move |tx| async move { tx.playbook_versions().insert_if_new(&version).await }).await;
        assert_eq!(inserted, Ok(expected));
    }
    assert_eq!(fixture.store.playbook_versions().find(&version.digest).await.unwrap().as_ref(), Some(&version));
    assert_eq!(fixture.store.playbook_versions().list(&id).await.unwrap(), [version]);
}

async fn a_plan_is_added_once(fixture: &Fixture) {
    let incident_id = fixture.store.ingest(request(brute_force())).await.unwrap().incident.id;
    let plan = plan(incident_id, "first");
    for _ in 0..2 {
        let plan = plan.clone();
        write(&fixture.store, move |tx| async move { tx.plans().insert_if_new(&plan).await }).await.unwrap();
    }
    assert_eq!(fixture.store.plans().get_body(&plan.digest).await.unwrap(), plan.body);
    assert_eq!(fixture.store.plans().find_body(&Digest::of(b"other")).await.unwrap(), None);
}
