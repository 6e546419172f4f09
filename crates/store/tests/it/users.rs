//! Accounts.

use domain::access::Role;
use domain::user::User;
use store::StoreError;

use crate::fixture::{Fixture, on_both};
use crate::scene::{account, add_people, insert_person, user_id, user_ref, write};

on_both! {
    an_account_is_found_as_it_was_added
    a_name_is_given_once
    a_password_can_be_changed
    an_account_can_be_changed
    enabled_admins_are_those_who_can_administer_now
}

async fn an_account_is_found_as_it_was_added(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let both = account("both", &[Role::Analyst, Role::Approver]);
    let users = fixture.store.users();
    assert_eq!(users.find_by_username("both").await.unwrap().as_ref(), Some(&both));
    assert_eq!(users.find_by_id(user_id("both")).await.unwrap(), Some(both));
    assert_eq!(users.find_by_username("nobody").await.unwrap(), None);
    let named = users.list_by_ids(&[user_id("approver"), user_id("analyst")]).await.unwrap();
    assert_eq!(named, [user_ref("approver"), user_ref("analyst")]);
    assert_eq!(users.list().await.unwrap().len(), 6);
}

async fn a_name_is_given_once(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let mut impostor = account("analyst", &[Role::Admin]);
    impostor.user.id = domain::id::UserId::new(crate::fixture::uuid(77));
    let added = write(&fixture.store, move |tx| async move { insert_person(&tx, &impostor).await }).await;
    assert!(matches!(added, Err(StoreError::AlreadyExists(_))), "{added:?}");
}

async fn a_password_can_be_changed(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let at = fixture.now().plus_ms(5_000);
    let id = user_id("analyst");
    write(&fixture.store, move |tx| async move { tx.users().set_password_hash(id, "new hash", at).await }).await.unwrap();
    let account = fixture.store.users().find_by_id(id).await.unwrap().unwrap();
    assert_eq!((account.password_hash.as_str(), account.password_changed_at), ("new hash", at));
    let nobody = domain::id::UserId::new(crate::fixture::uuid(77));
    let unknown = write(&fixture.store, move |tx| async move { tx.users().set_password_hash(nobody, "x", at).await }).await;
    assert!(matches!(unknown, Err(StoreError::NotFound(_))), "{unknown:?}");
}

async fn an_account_can_be_changed(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let known = fixture.store.users().find_by_id(user_id("analyst")).await.unwrap().unwrap().user;
    let at = fixture.now().plus_ms(5_000);
    let changed = User { display_name: "Ann".to_owned(), roles: vec![Role::Auditor], disabled_at: Some(at), ..known };
    let wanted = changed.clone();
    write(&fixture.store, move |tx| async move { tx.users().update(&changed).await }).await.unwrap();
    assert_eq!(fixture.store.users().find_by_id(user_id("analyst")).await.unwrap().unwrap().user, wanted);
}

async fn enabled_admins_are_those_who_can_administer_now(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let count = async || fixture.store.users().list_enabled_admins().await.unwrap().len();
    let before = count().await;
    let known = fixture.store.users().find_by_id(user_id("auditor")).await.unwrap().unwrap().user;
    let admin = User { roles: vec![Role::Analyst, Role::Admin], ..known };
    let disabled = User { disabled_at: Some(fixture.now()), ..admin.clone() };
    write(&fixture.store, move |tx| async move { tx.users().update(&admin).await }).await.unwrap();
    assert_eq!(count().await, before + 1);
    write(&fixture.store, move |tx| async move { tx.users().update(&disabled).await }).await.unwrap();
    assert_eq!(count().await, before);
}
