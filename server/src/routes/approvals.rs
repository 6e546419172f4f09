//! Approvals over REST.

use api::approvals::{ApprovalView, DecisionRequest};
use api::page::ListFormat;
use api::{Backend, Page};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use domain::approval::ApprovalStatus;
use domain::id::ApprovalId;

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::body::UnreadBody;
use crate::http::etag::IfNoneMatch;
use crate::http::export;
use crate::http::names::Named;
use crate::http::problem::ProblemBody;
use crate::http::query::QueryReader;

/// Approvals, the newest first.
#[utoipa::path(get, path = "/api/v1/approvals", tag = "approvals", security(("key" = []), ("session" = [])),
    params(("format" = Option<ListFormat>, Query, description = "Without it the Accept header decides"), ("status" = Option<ApprovalStatus>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)),
    responses((status = 200, content((Page<ApprovalView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"))), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list(State(backend): State<Backend>, Asked(caller): Asked, uri: Uri, headers: HeaderMap) -> Answer<Response> {
    let mut query = QueryReader::new(&uri, &["status", "format", "limit", "cursor"]);
    let status = query.optional::<ApprovalStatus>("status");
    let wanted = query.wanted(&headers);
    query.finish()?;
    export::answer(wanted, move |page| {
        let (backend, caller) = (backend.clone(), caller.clone());
        async move {
            match status {
                Some(status) => backend.approvals.list_with_status(&caller, status, page).await,
                None => backend.approvals.list(&caller, page).await,
            }
        }
    })
    .await
}

/// One approval with the plan that it covers.
#[utoipa::path(get, path = "/api/v1/approvals/{id}", tag = "approvals", security(("key" = []), ("session" = [])), params(("id" = ApprovalId, Path), ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, body = ApprovalView, headers(("ETag" = String))), (status = 304, description = "You have it already"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<ApprovalId>,
    known: IfNoneMatch,
) -> Answer<Response> {
    known.answer(&backend.approvals.get(&caller, id).await?)
}

/// Approve or reject exactly this plan.
#[utoipa::path(post, path = "/api/v1/approvals/{id}/decide", tag = "approvals", security(("session" = [])), params(("id" = ApprovalId, Path)), request_body = DecisionRequest,
    responses((status = 200, body = ApprovalView), (status = 409, description = "separation-of-duties, not-pending, already-voted or plan-changed", body = ProblemBody, content_type = "application/problem+json"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn decide(
    State(backend): State<Backend>,
    Asked(caller): Asked,
    Named(id): Named<ApprovalId>,
    body: UnreadBody,
) -> Answer<Json<ApprovalView>> {
    backend.approvals.check_may_decide(&caller).await?;
    let request: DecisionRequest = body.json().await?;
    Ok(Json(backend.approvals.decide(&caller, id, request).await?))
}
