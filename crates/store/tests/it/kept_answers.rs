//! Answers kept for whoever repeats a request: with the change or not at all, one for each place, for a day.

use std::sync::Arc;

use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::id::IncidentId;
use domain::idempotency::{ANSWER_KEPT_MS, Claim, ClaimPlace, KeptAnswer};
use serde_json::json;
use store::{Keeping, Posting, Store, StoreError, Trail};

use crate::fixture::{Fixture, on_both};
use crate::scene::request;

on_both! {
    an_answer_is_kept_with_its_change
    a_change_that_fails_keeps_no_answer
    the_second_change_under_one_claim_is_refused
    an_expired_answer_makes_room
    a_posting_that_was_done_is_not_done_again
    postings_with_one_claim_in_one_group_are_done_once
}

fn claim(key: &str) -> Arc<Claim> {
    let place = ClaimPlace { caller: "key:1".into(), path: "/api/v1/alerts".into(), key: key.parse().unwrap() };
    Arc::new(Claim::new(place, b"body"))
}

fn answer(text: &str) -> KeptAnswer {
    KeptAnswer { status: 201, headers: vec![("location".into(), "/there".into())], body: text.as_bytes().to_vec() }
}

async fn change(store: &Store, claim: &Arc<Claim>, text: &'static str, fails: bool) -> Result<(), StoreError> {
    let origin = Origin { claim: Some(Arc::clone(claim)), ..Origin::system() };
    let change = move |_| async move {
        if fails {
            return Err(StoreError::Stale("something".into()));
        }
        let entry = EntryDraft::new(&origin, AuditAction::IncidentUpdated, Target::incident(IncidentId::new(1)));
        Ok(Trail::new((), vec![entry]).answering(&origin, |()| answer(text)))
    };
    store.write(change).await
}

async fn kept_body(fixture: &Fixture, claim: &Claim) -> Option<String> {
    let kept = fixture.store.kept_answers().find(&claim.place, fixture.now()).await.unwrap()?;
    assert_eq!((kept.request, kept.answer.status), (claim.request, 201));
    Some(String::from_utf8(kept.answer.body).unwrap())
}

async fn an_answer_is_kept_with_its_change(fixture: &Fixture) {
    let claim = claim("k");
    change(&fixture.store, &claim, "first", false).await.unwrap();
    let kept = fixture.store.kept_answers().find(&claim.place, fixture.now()).await.unwrap().unwrap();
    assert_eq!((kept.request, kept.answer), (claim.request, answer("first")));
}

async fn a_change_that_fails_keeps_no_answer(fixture: &Fixture) {
    let claim = claim("k");
    change(&fixture.store, &claim, "first", true).await.unwrap_err();
    assert_eq!(kept_body(fixture, &claim).await, None);
}

async fn the_second_change_under_one_claim_is_refused(fixture: &Fixture) {
    let claim = claim("k");
    let replica = if fixture.is_sqlite() { fixture.store.clone() } else { fixture.another_store().await };
    let both = tokio::join!(change(&fixture.store, &claim, "first", false), change(&replica, &claim, "second", false));
    let expected = if both.0.is_ok() { ("first", both.1) } else { ("second", both.0) };
    assert_eq!(expected.1, Err(StoreError::Claimed));
    assert_eq!(kept_body(fixture, &claim).await.as_deref(), Some(expected.0));
    assert_eq!(fixture.store.audit().size().await.unwrap(), 1, "the other left nothing behind");
    if !fixture.is_sqlite() {
        replica.close().await.unwrap();
    }
}

async fn an_expired_answer_makes_room(fixture: &Fixture) {
    let claim = claim("k");
    change(&fixture.store, &claim, "first", false).await.unwrap();
    fixture.surroundings.advance_ms(ANSWER_KEPT_MS - 1);
    assert_eq!(change(&fixture.store, &claim, "early", false).await, Err(StoreError::Claimed));
    fixture.surroundings.advance_ms(1);
    assert_eq!(kept_body(fixture, &claim).await, None);
    change(&fixture.store, &claim, "second", false).await.unwrap();
    assert_eq!(kept_body(fixture, &claim).await.as_deref(), Some("second"));
    let later = fixture.now().plus_ms(ANSWER_KEPT_MS);
    assert_eq!(fixture.store.delete_expired_answers(fixture.now()).await.unwrap(), 0);
    assert_eq!(fixture.store.delete_expired_answers(later).await.unwrap(), 1);
}

fn posting(key: &str, title: &str) -> Posting {
    let keeping = Keeping { claim: claim(key), answer: Box::new(|results| Some(answer(&format!("{}", results.len())))) };
    Posting { requests: vec![request(json!({ "title": title })), request(json!({ "title": title }))], keeping: Some(keeping) }
}

async fn a_posting_that_was_done_is_not_done_again(fixture: &Fixture) {
    let results = fixture.store.ingest_posting(posting("k", "x")).await.unwrap();
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(kept_body(fixture, &claim("k")).await.as_deref(), Some("2"));
    let entries = fixture.store.audit().size().await.unwrap();
    assert_eq!(fixture.store.ingest_posting(posting("k", "x")).await, Err(StoreError::Claimed));
    assert_eq!(fixture.store.audit().size().await.unwrap(), entries);
}

async fn postings_with_one_claim_in_one_group_are_done_once(fixture: &Fixture) {
    let held = fixture.hold_ingestion().await;
    let posts = ["k", "k", "other"].map(|key| fixture.store.ingest_posting(posting(key, key)));
    let (outcomes, ()) = tokio::join!(futures::future::join_all(posts), held.release());
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(StoreError::Claimed)).count(), 1);
    assert!(outcomes[2].is_ok() && outcomes.iter().filter(|outcome| outcome.is_ok()).count() == 2);
}
