//! How the server is, for people and for whatever restarts it.

use api::Backend;
use api::health::{HealthReport, HealthStatus};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::http::problem::ProblemBody;

/// Every part and the whole.
#[utoipa::path(get, path = "/health", tag = "health", security(()), responses((status = 200, body = HealthReport), (status = 503, description = "Down, or too busy to say", content((HealthReport = "application/json"), (ProblemBody = "application/problem+json")))))]
pub async fn health(State(backend): State<Backend>) -> (StatusCode, Json<HealthReport>) {
    answer(backend.health.report().await)
}

/// Can it take requests?
#[utoipa::path(get, path = "/readyz", tag = "health", security(()), responses((status = 200, body = HealthReport), (status = 503, description = "Down, or too busy to say", content((HealthReport = "application/json"), (ProblemBody = "application/problem+json")))))]
pub async fn ready(State(backend): State<Backend>) -> (StatusCode, Json<HealthReport>) {
    answer(backend.health.report().await)
}

/// Does the process run at all?
#[utoipa::path(get, path = "/livez", tag = "health", security(()), responses((status = 200)))]
pub async fn live() -> StatusCode {
    StatusCode::OK
}

fn answer(report: HealthReport) -> (StatusCode, Json<HealthReport>) {
    let status = if report.status == HealthStatus::Down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (status, Json(report))
}
