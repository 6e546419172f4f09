//! Server functions about the whole.

use api::ApiError;
use api::overview::Counts;
use api::text::Json;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// The counts for the navigation.
#[server(prefix = "/rpc", endpoint = "overview/counts", input = Json, output = Json, client = CorrelatedClient)]
pub async fn get_counts() -> Result<Counts, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.overview.counts(&caller).await)
}
