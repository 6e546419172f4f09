//! API keys for admins.

use std::sync::Arc;

use api::api_keys::{ApiKeyChange, ApiKeyCreated, ApiKeyView, ApiKeys, NewApiKeyRequest};
use api::version::ExpectedVersion;
use api::{ApiError, Caller, Page, PageRequest};
use async_trait::async_trait;
use domain::access::Permission;
use domain::id::ApiKeyId;
use store::ApiKey;

use crate::accounts::{Accounts, NewKey};
use crate::core::Core;
use crate::error::ServiceError;
use crate::views::{page_of, page_request};

/// The use cases of keys.
pub struct ApiKeyCases(pub Arc<Core>);

#[async_trait]
impl ApiKeys for ApiKeyCases {
    async fn list(&self, caller: &Caller, page: PageRequest) -> Result<Page<ApiKeyView>, ApiError> {
        self.0.permit(caller, Permission::ManageApiKeys).await?;
        let keys = self.0.store.api_keys().list_page(page_request(&page)?).await.map_err(ServiceError::from)?;
        Ok(page_of(keys, view))
    }

    async fn get(&self, caller: &Caller, id: ApiKeyId) -> Result<ApiKeyView, ApiError> {
        self.0.permit(caller, Permission::ManageApiKeys).await?;
        let key = self.0.store.api_keys().find_by_id(id).await.map_err(ServiceError::from)?;
        key.map(view).ok_or_else(|| ApiError::not_found("this key"))
    }

    async fn create(&self, caller: &Caller, request: NewApiKeyRequest) -> Result<ApiKeyCreated, ApiError> {
        self.0.permit(caller, Permission::ManageApiKeys).await?;
        let NewApiKeyRequest { name, scopes, source, expires_at } = request;
        let (api_key, key) = Accounts::of(&self.0, caller).make_key(NewKey { name, scopes, source, expires_at }).await?;
        Ok(ApiKeyCreated { api_key: view(api_key), key })
    }

    async fn change(
        &self,
        caller: &Caller,
        id: ApiKeyId,
        change: ApiKeyChange,
        expected: ExpectedVersion,
    ) -> Result<ApiKeyView, ApiError> {
        self.0.permit(caller, Permission::ManageApiKeys).await?;
        Ok(view(Accounts::of(&self.0, caller).change_key(id, change, expected).await?))
    }

    async fn revoke(&self, caller: &Caller, id: ApiKeyId) -> Result<ApiKeyView, ApiError> {
        self.0.permit(caller, Permission::ManageApiKeys).await?;
        Ok(view(Accounts::of(&self.0, caller).revoke(id).await?))
    }
}

/// A key without its secret.
pub fn view(key: ApiKey) -> ApiKeyView {
    ApiKeyView {
        id: key.id,
        name: key.name,
        prefix: key.prefix,
        scopes: key.scopes,
        source: key.source,
        created_at: key.created_at,
        expires_at: key.expires_at,
        last_used_at: key.last_used_at,
        revoked_at: key.revoked_at,
    }
}
