//! Server functions about playbooks.

use api::playbooks::PlaybookView;
use api::{ApiError, Page};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// All playbooks in force, by id.
#[server(prefix = "/rpc", endpoint = "playbooks/list", input = Json, client = CorrelatedClient)]
pub async fn list_playbooks() -> Result<Page<PlaybookView>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.playbooks.list(&caller).await)
}
