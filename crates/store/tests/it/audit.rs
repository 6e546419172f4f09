//! The audit log: its order, its filters, its names.

use domain::access::{Actor, Role, SignedIn};
use domain::audit::{ActorKind, AuditAction, EntryDraft, Origin, Target, leaf_hash};
use domain::id::IncidentId;
use futures::future::join_all;
use serde_json::{Value, json};
use store::{AuditFilter, AuditOrder, AuditSelection, NamedActor, PageRequest, StoreError, Trail};

use crate::fixture::{Fixture, on_both};
use crate::scene::{add_people, brute_force, request, some_entry, user_id, user_ref};

on_both! {
    seq_has_no_gap_whoever_writes_at_once
    an_entry_is_read_as_it_was_written
    entries_can_be_filtered
    entries_can_be_narrowed
    times_are_found_though_clocks_differ
    followers_learn_of_commits
}

async fn seq_has_no_gap_whoever_writes_at_once(fixture: &Fixture) {
    const CHANGES: usize = 120;
    let replica = if fixture.is_sqlite() { fixture.store.clone() } else { fixture.another_store().await };
    let stores = [&fixture.store, &replica];
    let changes = (0..CHANGES).map(|change| async move {
        let entries = vec![some_entry(); change % 4];
        let failing = change % 5 == 0;
        stores[change % 2]
            .write(move |tx| async move {
                tx.now().await?;
                if failing { Err(StoreError::Stale(String::new())) } else { Ok(Trail::new((), entries)) }
            })
            .await
    });
    join_all(changes).await;
    let expected: usize = (0..CHANGES).filter(|change| change % 5 != 0).map(|change| change % 4).sum();
    let logged = fixture.store.audit().changes_after(-1, 1_000).await.unwrap();
    assert_eq!(logged.iter().map(|change| change.seq).collect::<Vec<_>>(), (0..expected as i64).collect::<Vec<_>>());
    assert_eq!(fixture.store.audit().size().await.unwrap(), expected as i64);
    assert_eq!(fixture.store.audit().changes_after(9, 5).await.unwrap(), logged[10..15]);
    if !fixture.is_sqlite() {
        replica.close().await.unwrap();
    }
}

async fn an_entry_is_read_as_it_was_written(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let actor = Actor::User(SignedIn { user: user_ref("analyst"), roles: vec![Role::Analyst], authenticated_at: fixture.now() });
    let origin = Origin::request(&actor, "request-1".parse().unwrap());
    let entry = EntryDraft::new(&origin, AuditAction::NoteAdded, Target::incident(IncidentId::new(7)))
        .incident(IncidentId::new(7))
        .fact("quorum", 2)
        .detail(json!({"text": "Umlaut ä"}));
    fixture.store.write::<_, StoreError, _, _>(move |_| async move { Ok(Trail::new((), vec![entry])) }).await.unwrap();
    let page = fixture.store.audit().list(AuditFilter::All, AuditOrder::NewestFirst, PageRequest::first(1)).await.unwrap();
    let read = &page.items[0];
    let (id, name) = (Some(user_id("analyst").to_string()), Some("analyst".to_owned()));
    assert_eq!(read.actor, NamedActor { kind: ActorKind::User, id, name });
    assert_eq!((read.seq, read.at, read.action), (1, fixture.now(), AuditAction::NoteAdded));
    assert_eq!((&read.facts["quorum"], &read.detail), (&json!(2), &Some(json!({"text": "Umlaut ä"}))));
    assert_eq!((read.incident_id, read.correlation_id.as_ref().unwrap().as_str()), (Some(IncidentId::new(7)), "request-1"));
    let leaf: Value = serde_json::from_str(&read.leaf).unwrap();
    assert_eq!((&leaf["seq"], &leaf["v"], leaf["detail"].as_str().unwrap().len()), (&json!(1), &json!(1), 64));
    assert_ne!(leaf_hash(&read.leaf), leaf_hash(""));
}

async fn entries_can_be_filtered(fixture: &Fixture) {
    add_people(&fixture.store).await;
    for host in ["one", "two"] {
        fixture.store.ingest(request(json!({"incident_type": "malware", "hostname": host}))).await.unwrap();
    }
    fixture.store.ingest(request(brute_force())).await.unwrap();
    for (filter, order, expected) in [
        (AuditFilter::All, AuditOrder::OldestFirst, (0..10).collect::<Vec<i64>>()),
        (AuditFilter::All, AuditOrder::NewestFirst, (0..10).rev().collect()),
        (AuditFilter::OfIncidents, AuditOrder::OldestFirst, (1..10).collect()),
        (AuditFilter::OfIncident(IncidentId::new(2)), AuditOrder::NewestFirst, vec![6, 5, 4]),
        (AuditFilter::OfIncident(IncidentId::new(9)), AuditOrder::NewestFirst, vec![]),
    ] {
        let mut seen = Vec::new();
        let mut request = PageRequest::first(4);
        loop {
            let page = fixture.store.audit().list(filter, order, request).await.unwrap();
            seen.extend(page.items.iter().map(|entry| entry.seq));
            request.after = page.next;
            if request.after.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected, "{filter:?} {order:?}");
    }
}

async fn entries_can_be_narrowed(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let actor = Actor::User(SignedIn { user: user_ref("analyst"), roles: vec![Role::Analyst], authenticated_at: fixture.now() });
    let origin = Origin::request(&actor, "request-1".parse().unwrap());
    let entry =
        EntryDraft::new(&origin, AuditAction::NoteAdded, Target::incident(IncidentId::new(7))).incident(IncidentId::new(7));
    fixture.store.write::<_, StoreError, _, _>(move |_| async move { Ok(Trail::new((), vec![entry])) }).await.unwrap();
    let all = AuditSelection::from(AuditFilter::All);
    let by = |name: &str| AuditSelection { actor: Some(name.to_owned()), ..all.clone() };
    let (now, later) = (Some(fixture.now()), Some(fixture.now().plus_ms(1)));
    for (selection, expected) in [
        (all.clone(), vec![1, 0]),
        (by("analyst"), vec![1]),
        (by(&user_id("analyst").to_string()), vec![1]),
        (by("system"), vec![0]),
        (by("nobody"), vec![]),
        (AuditSelection { action: Some(AuditAction::NoteAdded), ..all.clone() }, vec![1]),
        (AuditSelection { action: Some(AuditAction::NoteAdded), ..by("system") }, vec![]),
        (AuditSelection { from: now, to: later, ..all.clone() }, vec![1, 0]),
        (AuditSelection { from: later, ..all.clone() }, vec![]),
        (AuditSelection { to: now, ..all.clone() }, vec![]),
        (AuditSelection { filter: AuditFilter::OfIncidents, ..by("analyst") }, vec![1]),
    ] {
        let page = fixture.store.audit().list(selection.clone(), AuditOrder::NewestFirst, PageRequest::first(10)).await.unwrap();
        assert_eq!(page.items.iter().map(|entry| entry.seq).collect::<Vec<_>>(), expected, "{selection:?}");
    }
}

async fn times_are_found_though_clocks_differ(fixture: &Fixture) {
    const MINUTES: [i64; 14] = [0, 40, 10, 90, 35, 100, 60, 120, 200, 150, 170, 300, 245, 301];
    let start = fixture.now();
    let after = |minutes: i64| start.plus_ms(minutes * 60_000);
    for minutes in MINUTES {
        fixture.surroundings.advance_ms(after(minutes).unix_ms() - fixture.now().unix_ms());
        fixture.store.write::<_, StoreError, _, _>(|_| async { Ok(Trail::new((), vec![some_entry()])) }).await.unwrap();
    }
    fixture.store.catch_up_log().await.unwrap();
    for (from, to) in MINUTES.into_iter().flat_map(|from| MINUTES.map(|to| (from, to + 1))) {
        let times = AuditSelection { from: Some(after(from)), to: Some(after(to)), ..AuditFilter::All.into() };
        let page = fixture.store.audit().list(times, AuditOrder::OldestFirst, PageRequest::first(20)).await.unwrap();
        let expected: Vec<i64> = (0..).zip(MINUTES).filter(|(_, at)| (from..to).contains(at)).map(|(seq, _)| seq).collect();
        assert_eq!(page.items.iter().map(|entry| entry.seq).collect::<Vec<_>>(), expected, "from {from} to {to}");
    }
}

async fn followers_learn_of_commits(fixture: &Fixture) {
    let mut heads = fixture.store.head_changes();
    assert_eq!(*heads.borrow_and_update(), 0);
    fixture.store.ingest(request(brute_force())).await.unwrap();
    heads.changed().await.unwrap();
    assert_eq!(*heads.borrow_and_update(), 3);
    fixture.store.check().await.unwrap();
    assert!(!heads.has_changed().unwrap(), "nothing was logged");
}
