//! The body of a refusal, as RFC 9457 wants it.

use domain::alert::FieldError;
use domain::id::CorrelationId;
use domain::incident::State;
use serde::{Deserialize, Serialize};

use crate::{ApiError, ProblemCode};

/// Before the code in a problem's `type`.
pub const PROBLEM_URN: &str = "urn:countersign:problem:";

/// The body of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemBody {
    /// `urn:countersign:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for the same code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// About this very case.
    pub detail: String,
    /// The request that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// Every invalid field, for `invalid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Where the incident may go instead, for `illegal-transition`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<State>>,
}

impl ProblemBody {
    /// This error, in answer to this request.
    #[must_use]
    pub fn new(error: &ApiError, correlation_id: Option<&CorrelationId>) -> Self {
        Self {
            kind: format!("{PROBLEM_URN}{}", error.code.as_str()),
            title: error.code.title().to_owned(),
            status: error.status(),
            detail: error.detail.clone(),
            correlation_id: correlation_id.map(ToString::to_string),
            errors: error.errors.clone(),
            allowed: error.allowed.clone(),
        }
    }
}

impl From<ProblemBody> for ApiError {
    /// What a body says; a code that this version does not know is [`ProblemCode::Internal`].
    fn from(body: ProblemBody) -> Self {
        let named = |code: &&ProblemCode| body.kind.strip_prefix(PROBLEM_URN) == Some(code.as_str());
        let code = ProblemCode::ALL.iter().find(named).copied().unwrap_or(ProblemCode::Internal);
        Self { errors: body.errors, allowed: body.allowed, correlation_id: body.correlation_id, ..Self::new(code, body.detail) }
    }
}
