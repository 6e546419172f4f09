//! Saved views: lists of incidents that a person keeps under a name. Nobody sees another person's.

use async_trait::async_trait;
use domain::id::ViewId;
use domain::incident_filter::{IncidentSort, SortOrder};
use domain::saved_view::{SavedView, ViewContent};
use serde::{Deserialize, Serialize};

use crate::{ApiError, Caller, Page};

/// What to keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedViewRequest {
    /// 1 to 64 bytes; different from the person's other views.
    #[cfg_attr(feature = "openapi", schema(max_length = 64, pattern = r"\S"))]
    pub name: String,
    /// A line as people type it: `sev:S1 assignee:me`. Absent: every incident.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 2048))]
    pub query: String,
    /// `created_at` unless said otherwise.
    #[serde(default)]
    pub sort: Option<IncidentSort>,
    /// `desc` unless said otherwise.
    #[serde(default)]
    pub order: Option<SortOrder>,
}

impl From<SavedViewRequest> for ViewContent {
    fn from(request: SavedViewRequest) -> Self {
        let SavedViewRequest { name, query, sort, order } = request;
        Self { name, query, sort: sort.unwrap_or(IncidentSort::CreatedAt), order: order.unwrap_or(SortOrder::Descending) }
    }
}

/// What can be done with saved views.
#[async_trait]
pub trait SavedViews: Send + Sync {
    /// The caller's views, by name.
    async fn list(&self, caller: &Caller) -> Result<Page<SavedView>, ApiError>;
    /// Keeps a new one.
    async fn create(&self, caller: &Caller, request: SavedViewRequest) -> Result<SavedView, ApiError>;
    /// Replaces what is kept under this id.
    async fn replace(&self, caller: &Caller, id: ViewId, request: SavedViewRequest) -> Result<SavedView, ApiError>;
    /// Keeps it no longer.
    async fn remove(&self, caller: &Caller, id: ViewId) -> Result<(), ApiError>;
}
