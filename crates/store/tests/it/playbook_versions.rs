//! Versions of playbooks, and plans.

use domain::digest::Digest;
use domain::id::PlaybookId;
use domain::playbook::PlaybookOrigin;
use domain::sealed::{Sealed, Tampered};
use store::{Inserted, PageRequest, PlaybookVersion};

use crate::fixture::{Fixture, on_both};
use crate::scene::{brute_force, plan, request, write};

on_both! {
    a_version_is_added_once
    versions_come_in_pages_and_are_found_by_the_start_of_their_digest
    a_plan_is_added_once
}

async fn a_version_is_added_once(fixture: &Fixture) {
    let id: PlaybookId = "PB-BRUTE-FORCE".parse().unwrap();
    let version = PlaybookVersion {
        digest: Digest::of(b"{}"),
        playbook_id: id.clone(),
        document: Sealed::of("{}".to_owned()),
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
    assert_eq!(fixture.store.playbook_versions().list(&id, PageRequest::first(10)).await.unwrap().items, [version]);
}

async fn versions_come_in_pages_and_are_found_by_the_start_of_their_digest(fixture: &Fixture) {
    let id: PlaybookId = "PB-BRUTE-FORCE".parse().unwrap();
    let version = |text: &str, at: i64| PlaybookVersion {
        digest: Digest::of(text.as_bytes()),
        playbook_id: id.clone(),
        document: Sealed::of(text.to_owned()),
        source: None,
        origin: PlaybookOrigin::Folder,
        author: None,
        created_at: domain::timestamp::Timestamp::from_unix_ms(at),
    };
    // Three of one moment, and one before and one after.
    let versions = [version("a", 1), version("b", 2), version("c", 2), version("d", 2), version("e", 3)];
    let added = versions.clone();
    write(&fixture.store, move |tx| async move {
        for version in &added {
            tx.playbook_versions().insert_if_new(version).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let mut expected = versions.clone().to_vec();
    expected.sort_by_key(|version| (std::cmp::Reverse(version.created_at), version.digest.to_string()));
    let (mut found, mut request) = (Vec::new(), PageRequest::first(2));
    loop {
        let page = fixture.store.playbook_versions().list(&id, request).await.unwrap();
        found.extend(page.items);
        let Some(next) = page.next else { break };
        request.after = Some(next);
    }
    assert_eq!(found, expected);
    for version in &versions {
        let digits = &version.digest.to_string()[..12];
        let fitting = fixture.store.playbook_versions().list_starting_with(&id, digits).await.unwrap();
        assert_eq!(fitting, std::slice::from_ref(version), "{digits}");
    }
    assert_eq!(fixture.store.playbook_versions().list_starting_with(&id, "").await.unwrap().len(), 2, "two are too many already");
}

async fn a_plan_is_added_once(fixture: &Fixture) {
    let incident_id = fixture.store.ingest(request(brute_force())).await.unwrap().incident.id;
    let plan = plan(incident_id, "first");
    for _ in 0..2 {
        let plan = plan.clone();
        write(&fixture.store, move |tx| async move { tx.plans().insert_if_new(&plan).await }).await.unwrap();
    }
    assert_eq!(fixture.store.plans().get(&plan.digest).await.unwrap().open().unwrap(), plan.body);
    let other = Digest::of(b"other");
    assert_eq!(fixture.store.plans().get(&other).await.unwrap().open(), Err(Tampered(other)));
}
