//! What can go wrong in a use case, and the one mapping to what callers see. Logged here, once.

use std::fmt::Display;

use api::version::ExpectedVersion;
use api::{ApiError, ProblemCode};
use domain::access::Denied;
use domain::alert::FieldError;
use domain::approval::Refusal;
use domain::incident::IllegalTransition;
use store::StoreError;

/// Seconds that a caller should wait when the write queue is full, the database busy, or the server about to end.
const OVERLOAD_RETRY_S: u32 = 1;

/// Why a use case refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Transition(#[from] IllegalTransition),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("{}", in_words(.0))]
    Invalid(Vec<FieldError>),
    #[error("{1}")]
    Api(ProblemCode, String),
    /// A refusal with more than a sentence.
    #[error(transparent)]
    Answer(Box<ApiError>),
    #[error("password hashing failed: {0}")]
    Password(String),
    #[error("the playbooks cannot be loaded: {0}")]
    Playbooks(String),
    #[error("a connector could not do it: {0}")]
    Connector(String),
    #[error("the stored record is not readable: {0}")]
    Corrupt(String),
    #[error("the server is shutting down")]
    ShuttingDown,
}

/// Every invalid field with what is wrong with it, for the command line.
fn in_words(errors: &[FieldError]) -> String {
    let each = errors.iter().map(|error| format!("{} {}", error.pointer.trim_start_matches('/'), error.detail).trim().to_owned());
    each.collect::<Vec<_>>().join("; ")
}

impl ServiceError {
    /// A refusal that callers see as it is.
    pub fn refuse(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::Api(code, detail.into())
    }

    /// Would the same work fail in the same way again? Else the database, the connection or another change was in the way.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Denied(_) | Self::Transition(_) | Self::Refused(_) | Self::Corrupt(_) => true,
            Self::Invalid(_) | Self::Api(..) | Self::Answer(_) => true,
            Self::Store(error) => matches!(
                error,
                StoreError::NotFound(_)
                    | StoreError::AlreadyExists(_)
                    | StoreError::Refused(_)
                    | StoreError::NoTrail
                    | StoreError::Corrupt(_)
            ),
            Self::Password(_) | Self::Playbooks(_) | Self::Connector(_) | Self::ShuttingDown => false,
        }
    }

    /// One field is not valid.
    pub fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { pointer: pointer.to_owned(), detail: detail.into() }])
    }
}

/// Refuses a change that is meant for another version than the one that there is.
pub fn check_expected(expected: &ExpectedVersion, version: i64, what: impl Display) -> Result<(), ServiceError> {
    if expected.includes(version) {
        return Ok(());
    }
    Err(ServiceError::refuse(ProblemCode::StaleVersion, format!("{what} has changed since; read it again")))
}

impl From<ServiceError> for ApiError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Denied(denied) => denied.into(),
            ServiceError::Invalid(errors) => Self::invalid(errors),
            ServiceError::Api(code, detail) => Self::new(code, detail),
            ServiceError::Answer(answer) => *answer,
            ServiceError::Transition(illegal) => {
                Self { allowed: Some(illegal.allowed.clone()), ..Self::new(ProblemCode::IllegalTransition, illegal.to_string()) }
            }
            ServiceError::Refused(refusal) => refused(refusal),
            ServiceError::Store(StoreError::Claimed) => {
                Self::new(ProblemCode::InProgress, "the same request is under way; repeat it to get its answer")
            }
            ServiceError::Store(StoreError::Overloaded | StoreError::Busy | StoreError::Closed) => {
                Self::overloaded(OVERLOAD_RETRY_S)
            }
            failed => {
                tracing::error!(error = %failed, "a use case failed");
                Self::new(ProblemCode::Internal, "see the server's log under this correlation id")
            }
        }
    }
}

fn refused(refusal: Refusal) -> ApiError {
    let code = match refusal {
        Refusal::InvalidReason(_) => return ApiError::invalid_field("/reason", refusal.to_string()),
        Refusal::NotPending(_) => ProblemCode::NotPending,
        Refusal::SeparationOfDuties | Refusal::ApproverSince | Refusal::InTheirHand(_) | Refusal::SetVoter(_) => {
            ProblemCode::SeparationOfDuties
        }
        Refusal::AlreadyVoted => ProblemCode::AlreadyVoted,
        Refusal::StepUpRequired => ProblemCode::StepUpRequired,
        Refusal::PlanChanged => ProblemCode::PlanChanged,
        Refusal::NoApprover => ProblemCode::Forbidden,
    };
    ApiError::new(code, refusal.to_string())
}
