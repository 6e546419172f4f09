//! Lists of incidents that people keep.

use domain::id::ViewId;
use domain::incident_filter::{IncidentSort, SortOrder};
use domain::saved_view::{SavedView, ViewContent};
use store::StoreError;

use crate::fixture::{Fixture, on_both, uuid};
use crate::scene::{add_people, user_id, write};

on_both! {
    a_person_finds_their_own_views_by_name
    a_name_is_taken_once_by_each_person
    a_view_is_replaced_and_removed
}

fn view(fixture: &Fixture, number: u64, name: &str) -> SavedView {
    let content = ViewContent {
        name: name.to_owned(),
        query: "sev:S1 assignee:me".to_owned(),
        sort: IncidentSort::RiskScore,
        order: SortOrder::Ascending,
    };
    SavedView { id: ViewId::new(uuid(number)), content, created_at: fixture.now(), updated_at: fixture.now() }
}

async fn keep(fixture: &Fixture, username: &'static str, view: SavedView) -> Result<(), StoreError> {
    let owner = user_id(username);
    write(&fixture.store, move |tx| async move { tx.saved_views().insert(owner, &view).await }).await
}

async fn a_person_finds_their_own_views_by_name(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let (second, first, other) = (view(fixture, 901, "Second"), view(fixture, 902, "First"), view(fixture, 903, "First"));
    keep(fixture, "analyst", second.clone()).await.unwrap();
    keep(fixture, "analyst", first.clone()).await.unwrap();
    keep(fixture, "analyst2", other.clone()).await.unwrap();
    let views = fixture.store.saved_views();
    assert_eq!(views.list_of_user(user_id("analyst")).await.unwrap(), [first, second]);
    assert_eq!(views.find_of_user(user_id("analyst2"), other.id).await.unwrap().as_ref(), Some(&other));
    assert_eq!(views.find_of_user(user_id("analyst"), other.id).await.unwrap(), None);
}

async fn a_name_is_taken_once_by_each_person(fixture: &Fixture) {
    add_people(&fixture.store).await;
    keep(fixture, "analyst", view(fixture, 901, "Mine")).await.unwrap();
    let again = keep(fixture, "analyst", view(fixture, 902, "Mine")).await;
    assert!(matches!(again, Err(StoreError::AlreadyExists(_))), "{again:?}");
}

async fn a_view_is_replaced_and_removed(fixture: &Fixture) {
    add_people(&fixture.store).await;
    let kept = view(fixture, 901, "Mine");
    keep(fixture, "analyst", kept.clone()).await.unwrap();
    let at = fixture.now().plus_ms(5_000);
    let content = ViewContent { name: "Ours".to_owned(), query: String::new(), ..kept.content.clone() };
    let (id, replaced) = (kept.id, content.clone());
    write(&fixture.store, move |tx| async move { tx.saved_views().replace(id, &replaced, at).await }).await.unwrap();
    let expected = SavedView { content, updated_at: at, ..kept };
    assert_eq!(fixture.store.saved_views().list_of_user(user_id("analyst")).await.unwrap(), [expected]);
    write(&fixture.store, move |tx| async move { tx.saved_views().remove(id).await }).await.unwrap();
    assert_eq!(fixture.store.saved_views().list_of_user(user_id("analyst")).await.unwrap(), []);
}
