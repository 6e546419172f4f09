//! Server functions about saved views.

use api::saved_views::SavedViewRequest;
use api::text::Json;
use api::{ApiError, Page};
use domain::id::ViewId;
use domain::saved_view::SavedView;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// The person's views, by name.
#[server(prefix = "/rpc", endpoint = "saved-views/list", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_saved_views() -> Result<Page<SavedView>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.saved_views.list(&caller).await)
}

/// Keeps a list of incidents under a name.
#[server(prefix = "/rpc", endpoint = "saved-views/create", input = Json, output = Json, client = CorrelatedClient)]
pub async fn create_saved_view(request: SavedViewRequest) -> Result<SavedView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.saved_views.create(&caller, request).await)
}

/// Replaces what is kept under this id.
#[server(prefix = "/rpc", endpoint = "saved-views/replace", input = Json, output = Json, client = CorrelatedClient)]
pub async fn replace_saved_view(id: ViewId, request: SavedViewRequest) -> Result<SavedView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.saved_views.replace(&caller, id, request).await)
}

/// Keeps it no longer.
#[server(prefix = "/rpc", endpoint = "saved-views/remove", input = Json, output = Json, client = CorrelatedClient)]
pub async fn remove_saved_view(id: ViewId) -> Result<(), ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.saved_views.remove(&caller, id).await)
}
