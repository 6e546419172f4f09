//! API keys.

use domain::access::Scope;
use domain::digest::Digest;
use domain::id::ApiKeyId;
use store::{ApiKey, StoreError};

use crate::fixture::{Fixture, on_both, uuid};
use crate::scene::write;

on_both! {
    a_key_is_found_as_it_was_added
    a_prefix_is_given_once
    a_key_can_be_revoked
    the_last_use_is_kept_to_the_minute
}

fn key(fixture: &Fixture, number: u64, prefix: &str) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(uuid(number)),
        name: "source".to_owned(),
        prefix: prefix.to_owned(),
        secret_sha256: Digest::of(b"secret"),
        scopes: vec![Scope::AlertsWrite, Scope::EventsWrite],
        maker: store::KeyMaker::Nobody,
        source: Some("wazuh".parse().unwrap()),
        created_at: fixture.now(),
        expires_at: Some(fixture.now().plus_ms(60_000)),
        last_used_at: None,
        revoked_at: None,
    }
}

async fn add(fixture: &Fixture, key: &ApiKey) -> Result<(), StoreError> {
    let key = key.clone();
    write(&fixture.store, move |tx| async move { tx.api_keys().insert(&key).await }).await
}

async fn a_key_is_found_as_it_was_added(fixture: &Fixture) {
    let key = key(fixture, 1, "aaaa");
    add(fixture, &key).await.unwrap();
    let keys = fixture.store.api_keys();
    assert_eq!(keys.find_by_prefix("aaaa").await.unwrap().as_ref(), Some(&key));
    assert_eq!(keys.find_by_name("source").await.unwrap(), Some(key));
    assert_eq!(keys.find_by_prefix("bbbb").await.unwrap(), None);
    assert_eq!(keys.list().await.unwrap().len(), 1);
}

async fn a_prefix_is_given_once(fixture: &Fixture) {
    add(fixture, &key(fixture, 1, "aaaa")).await.unwrap();
    let again = add(fixture, &key(fixture, 2, "aaaa")).await;
    assert!(matches!(again, Err(StoreError::AlreadyExists(_))), "{again:?}");
}

async fn a_key_can_be_revoked(fixture: &Fixture) {
    let key = key(fixture, 1, "aaaa");
    add(fixture, &key).await.unwrap();
    let at = fixture.now().plus_ms(1_000);
    write(&fixture.store, move |tx| async move { tx.api_keys().revoke(key.id, at).await }).await.unwrap();
    assert_eq!(fixture.store.api_keys().find_by_prefix("aaaa").await.unwrap().unwrap().revoked_at, Some(at));
}

async fn the_last_use_is_kept_to_the_minute(fixture: &Fixture) {
    add(fixture, &key(fixture, 1, "aaaa")).await.unwrap();
    let start = fixture.now();
    for (after_ms, expected_ms) in [(0, 0), (59_999, 0), (60_000, 60_000)] {
        let key = fixture.store.api_keys().find_by_prefix("aaaa").await.unwrap().unwrap();
        fixture.store.touch_api_key(&key, start.plus_ms(after_ms)).await.unwrap();
        let key = fixture.store.api_keys().find_by_prefix("aaaa").await.unwrap().unwrap();
        assert_eq!(key.last_used_at, Some(start.plus_ms(expected_ms)), "used after {after_ms} ms");
    }
    assert_eq!(fixture.store.audit().size().await.unwrap(), 1, "uses leave no trail");
}
