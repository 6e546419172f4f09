//! API keys as admins make, see and revoke them. The secret is shown once.

use async_trait::async_trait;
use domain::access::Scope;
use domain::id::{ApiKeyId, Source};
use domain::timestamp::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::version::{ExpectedVersion, version_of};
use crate::{ApiError, Caller, Page, PageRequest};

/// A key without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyView {
    pub id: ApiKeyId,
    pub name: String,
    /// The public part: what logs and people may point at.
    pub prefix: String,
    pub scopes: Vec<Scope>,
    /// The one source that it may post for.
    pub source: Option<Source>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// To the minute.
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl ApiKeyView {
    /// What `If-Match` is about: that it was used makes it no other one.
    #[must_use]
    pub fn version(&self) -> i64 {
        version_of(&Self { last_used_at: None, ..self.clone() })
    }
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewApiKeyRequest {
    /// 1 to 64 of a-z, 0-9 and `. _ -`; no other key in force has it.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9._-]{1,64}$"))]
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub scopes: Vec<Scope>,
    #[serde(default)]
    pub source: Option<Source>,
    /// In the future; without it the key works until it is revoked.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// A new key. This is the only time that `key` is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyCreated {
    pub api_key: ApiKeyView,
    /// `cs_<prefix>_<secret>`, for the header `Authorization: Bearer`; null where a repeated request is answered again.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub key: String,
}

/// What becomes different of a key; absent members stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-z0-9._-]{1,64}$"))]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub scopes: Option<Vec<Scope>>,
    /// `null`: it no longer expires.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub expires_at: Option<Option<Timestamp>>,
}

/// Tells a member that is `null` from one that is absent.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Timestamp>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What can be done with keys.
#[async_trait]
pub trait ApiKeys: Send + Sync {
    /// Every key, the newest first; revoked ones too.
    async fn list(&self, caller: &Caller, page: PageRequest) -> Result<Page<ApiKeyView>, ApiError>;
    /// One key.
    async fn get(&self, caller: &Caller, id: ApiKeyId) -> Result<ApiKeyView, ApiError>;
    /// Makes a key.
    async fn create(&self, caller: &Caller, request: NewApiKeyRequest) -> Result<ApiKeyCreated, ApiError>;
    /// Changes a key that is not revoked; `stale-version` if it is another one by now.
    async fn change(
        &self,
        caller: &Caller,
        id: ApiKeyId,
        change: ApiKeyChange,
        expected: ExpectedVersion,
    ) -> Result<ApiKeyView, ApiError>;
    /// Revokes a key for ever; one that is revoked already stays so.
    async fn revoke(&self, caller: &Caller, id: ApiKeyId) -> Result<ApiKeyView, ApiError>;
}
