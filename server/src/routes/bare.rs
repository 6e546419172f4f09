//! The bare route of the benchmark: authenticates, authorises and parses an alert as ingestion does, answers, and stores nothing.

use api::{ApiError, ProblemCode};
use axum::Json;
use axum::http::StatusCode;
use domain::access::{Permission, authorize};
use domain::alert::parse_alert;
use serde_json::{Value, json};

use super::Answer;
use crate::auth::caller::Asked;
use crate::http::body::JsonBytes;

/// Answers what was parsed.
pub async fn answer(Asked(caller): Asked, JsonBytes(body): JsonBytes) -> Answer<(StatusCode, Json<Value>)> {
    authorize(&caller.actor, Permission::SubmitAlert).map_err(ApiError::from)?;
    let value = domain::json::parse(&body).map_err(|error| ApiError::new(ProblemCode::Malformed, error.to_string()))?;
    let alert = parse_alert(&value).map_err(ApiError::invalid)?;
    Ok((StatusCode::CREATED, Json(json!({ "alert_id": alert.sender_alert_id, "title": alert.title }))))
}
