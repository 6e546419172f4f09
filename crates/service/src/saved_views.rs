//! Saved views: each person keeps their own.

use std::sync::Arc;

use api::saved_views::{SavedViewRequest, SavedViews};
use api::{ApiError, Caller, Page, ProblemCode};
use async_trait::async_trait;
use domain::access::{Denied, Permission};
use domain::audit::{AuditAction, EntryDraft, Origin, Target};
use domain::id::{UserId, ViewId};
use domain::saved_view::{SavedView, VIEWS_MAX, ViewContent};
use serde_json::json;
use store::{StoreError, Trail};

use crate::core::{Core, kept, origin};
use crate::error::ServiceError;

/// The use cases of saved views.
pub struct SavedViewCases(pub Arc<Core>);

#[async_trait]
impl SavedViews for SavedViewCases {
    async fn list(&self, caller: &Caller) -> Result<Page<SavedView>, ApiError> {
        let owner = self.owner(caller).await?;
        let items = self.0.store.saved_views().list_of_user(owner).await.map_err(ServiceError::from)?;
        Ok(Page { items, next_cursor: None })
    }

    async fn create(&self, caller: &Caller, request: SavedViewRequest) -> Result<SavedView, ApiError> {
        let owner = self.owner(caller).await?;
        let content = ViewContent::from(request).checked().map_err(ApiError::invalid)?;
        let (origin, at) = (origin(caller), self.0.clock.now());
        let view = SavedView { id: ViewId::new(self.0.clock.uuid()), content, created_at: at, updated_at: at };
        let saved = self.0.store.write(move |tx| async move {
            // The owner is locked, so that two views at once do not both find the last place.
            tx.users().find_by_id(owner).await?;
            if tx.saved_views().list_of_user(owner).await?.len() >= VIEWS_MAX {
                return Err(ServiceError::invalid("", format!("you keep {VIEWS_MAX} views already; remove one first")));
            }
            tx.saved_views().insert(owner, &view).await?;
            let entry = entry(&origin, AuditAction::ViewSaved, &view);
            Ok(Trail::new(view, vec![entry]).answering(&origin, kept))
        });
        Ok(saved.await.map_err(named_twice)?)
    }

    async fn replace(&self, caller: &Caller, id: ViewId, request: SavedViewRequest) -> Result<SavedView, ApiError> {
        let owner = self.owner(caller).await?;
        let content = ViewContent::from(request).checked().map_err(ApiError::invalid)?;
        let (origin, at) = (origin(caller), self.0.clock.now());
        let saved = self.0.store.write(move |tx| async move {
            let found = tx.saved_views().find_of_user(owner, id).await?.ok_or_else(|| unknown(id))?;
            let view = SavedView { content, updated_at: at, ..found };
            tx.saved_views().replace(id, &view.content, at).await?;
            let entry = entry(&origin, AuditAction::ViewSaved, &view);
            Ok(Trail::new(view, vec![entry]))
        });
        Ok(saved.await.map_err(named_twice)?)
    }

    async fn remove(&self, caller: &Caller, id: ViewId) -> Result<(), ApiError> {
        let owner = self.owner(caller).await?;
        let origin = origin(caller);
        let removed = self.0.store.write(move |tx| async move {
            let found = tx.saved_views().find_of_user(owner, id).await?.ok_or_else(|| unknown(id))?;
            tx.saved_views().remove(id).await?;
            Ok::<_, ServiceError>(Trail::new((), vec![entry(&origin, AuditAction::ViewRemoved, &found)]))
        });
        Ok(removed.await?)
    }
}

impl SavedViewCases {
    /// The person whose views these are: only people have any.
    async fn owner(&self, caller: &Caller) -> Result<UserId, ServiceError> {
        self.0.permit(caller, Permission::KeepViews).await?;
        Ok(caller.actor.as_user().ok_or(Denied::Forbidden)?.user.id)
    }
}

fn entry(origin: &Origin, action: AuditAction, view: &SavedView) -> EntryDraft {
    EntryDraft::new(origin, action, Target::view(view.id)).detail(json!({ "name": view.content.name }))
}

fn unknown(id: ViewId) -> ServiceError {
    ServiceError::refuse(ProblemCode::NotFound, format!("you keep no view {id}"))
}

fn named_twice(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Store(StoreError::AlreadyExists(_)) => {
            ServiceError::invalid("/name", "is the name of another view of yours")
        }
        other => other,
    }
}
