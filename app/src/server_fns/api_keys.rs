//! Server functions about API keys.

use api::api_keys::{ApiKeyCreated, ApiKeyView, NewApiKeyRequest};
use api::text::Json;
use api::{ApiError, Page, PageRequest};
use domain::id::ApiKeyId;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// A page of the keys, without their secrets.
#[server(prefix = "/rpc", endpoint = "api-keys/list", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_api_keys(page: PageRequest) -> Result<Page<ApiKeyView>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.api_keys.list(&caller, page).await)
}

/// Makes a key; the answer holds its secret, this once.
#[server(prefix = "/rpc", endpoint = "api-keys/create", input = Json, output = Json, client = CorrelatedClient)]
pub async fn create_api_key(request: NewApiKeyRequest) -> Result<ApiKeyCreated, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.api_keys.create(&caller, request).await)
}

/// Revokes a key for ever.
#[server(prefix = "/rpc", endpoint = "api-keys/revoke", input = Json, output = Json, client = CorrelatedClient)]
pub async fn revoke_api_key(id: ApiKeyId) -> Result<ApiKeyView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.api_keys.revoke(&caller, id).await)
}
