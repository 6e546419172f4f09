//! Server functions about the whole.

use api::ApiError;
use api::overview::Counts;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// The counts for the navigation.
#[server(prefix = "/rpc", endpoint = "overview/counts", input = Json, client = CorrelatedClient)]
pub async fn get_counts() -> Result<Counts, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.overview.counts(&caller).await)
}
