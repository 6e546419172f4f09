//! Server functions about approvals.

use api::approvals::{ApprovalView, Circumstances, DecisionRequest};
use api::text::Json;
use api::{ApiError, Page, PageRequest};
use domain::approval::ApprovalStatus;
use domain::id::ApprovalId;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::backend::{asked, reply};
use crate::correlated_client::CorrelatedClient;

/// Approvals of every status, the newest first.
#[server(prefix = "/rpc", endpoint = "approvals/list", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_approvals(page: PageRequest) -> Result<Page<ApprovalView>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.approvals.list(&caller, page).await)
}

/// Approvals of one status, the newest first.
#[server(prefix = "/rpc", endpoint = "approvals/list-with-status", input = Json, output = Json, client = CorrelatedClient)]
pub async fn list_approvals_with_status(status: ApprovalStatus, page: PageRequest) -> Result<Page<ApprovalView>, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.approvals.list_with_status(&caller, status, page).await)
}

/// One approval with the plan that it covers.
#[server(prefix = "/rpc", endpoint = "approvals/get", input = Json, output = Json, client = CorrelatedClient)]
pub async fn get_approval(id: ApprovalId) -> Result<ApprovalView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.approvals.get(&caller, id).await)
}

/// What an approver should know beside the plan.
#[server(prefix = "/rpc", endpoint = "approvals/circumstances", input = Json, output = Json, client = CorrelatedClient)]
pub async fn get_circumstances(id: ApprovalId) -> Result<Circumstances, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.approvals.circumstances(&caller, id).await)
}

/// Approves or rejects.
#[server(prefix = "/rpc", endpoint = "approvals/decide", input = Json, output = Json, client = CorrelatedClient)]
pub async fn decide_approval(id: ApprovalId, request: DecisionRequest) -> Result<ApprovalView, ApiError> {
    let (backend, caller) = asked()?;
    reply(backend.approvals.decide(&caller, id, request).await)
}
