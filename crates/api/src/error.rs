//! The one error that every ability answers with, and its code, status and title (RFC 9457, `urn:countersign:problem:<code>`).

use std::fmt;

use domain::access::Denied;
use domain::alert::FieldError;
use domain::incident::State;
use serde::{Deserialize, Serialize};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::text::JsonText;

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $variant:ident $code:literal $status:literal $title:literal;)+) => {
        /// What went wrong, as a promise to clients.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)+
        }

        impl ProblemCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The last part of the problem's `type`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// A short sentence for people, always the same for the same code.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

problem_codes! {
    Malformed "malformed" 400 "The body is not well-formed";
    Unauthenticated "unauthenticated" 401 "Sign in, or send an API key";
    SignInFailed "sign-in-failed" 401 "User name or password is wrong";
    Forbidden "forbidden" 403 "Your roles or scopes do not allow this";
    CrossOrigin "cross-origin" 403 "The request comes from another site";
    StepUpRequired "step-up-required" 403 "Confirm your password first";
    NotFound "not-found" 404 "There is nothing here";
    MethodNotAllowed "method-not-allowed" 405 "This address does not take that method";
    IllegalTransition "illegal-transition" 409 "The incident cannot go there from here";
    SeparationOfDuties "separation-of-duties" 409 "You contributed to this and cannot decide it";
    NotPending "not-pending" 409 "The approval is no longer pending";
    PlanChanged "plan-changed" 409 "The plan is not the one you saw";
    AlreadyVoted "already-voted" 409 "You have decided this already";
    RunActive "run-active" 409 "A run is active on this incident";
    NoPlaybook "no-playbook" 409 "No playbook fits this incident";
    StaleVersion "stale-version" 412 "It has changed since you read it";
    IdempotencyMismatch "idempotency-mismatch" 409 "The idempotency key was used with another body";
    InProgress "in-progress" 409 "The same request is under way";
    TooLarge "too-large" 413 "The body is too large";
    UnsupportedMediaType "unsupported-media-type" 415 "The body must be application/json";
    Invalid "invalid" 422 "Some fields are not valid";
    RateLimited "rate-limited" 429 "Too many attempts; wait and try again";
    /// Not a promise to clients: a defect or a failed dependency. The detail stays in the server's log.
    Internal "internal" 500 "Something went wrong on the server";
    Overloaded "overloaded" 503 "The server has more work than it can take; try again";
}

/// Why an ability refused or failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    pub code: ProblemCode,
    /// One sentence about this very case.
    pub detail: String,
    /// Every invalid field, for [`ProblemCode::Invalid`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Where the incident may go instead, for [`ProblemCode::IllegalTransition`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<State>>,
    /// Seconds to wait, for [`ProblemCode::RateLimited`] and [`ProblemCode::Overloaded`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// The request that it answers, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
}

impl ApiError {
    /// An error with this code and this sentence.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), allowed: None, retry_after_s: None, correlation_id: None }
    }

    /// These fields are not valid.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors.first().map_or_else(String::new, |error| format!("{} {}", error.pointer, error.detail));
        Self { errors, ..Self::new(ProblemCode::Invalid, detail) }
    }

    /// One field is not valid.
    #[must_use]
    pub fn invalid_field(pointer: &str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { pointer: pointer.to_owned(), detail: detail.into() }])
    }

    /// There is nothing with this name.
    #[must_use]
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(ProblemCode::NotFound, format!("{what} does not exist"))
    }

    /// Too much work right now.
    #[must_use]
    pub fn overloaded(retry_after_s: u32) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(ProblemCode::Overloaded, "too much is waiting, the database is busy, or the server is about to end")
        }
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.code.status()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.detail.is_empty() { f.write_str(self.code.title()) } else { write!(f, "{}: {}", self.code.title(), self.detail) }
    }
}

impl std::error::Error for ApiError {}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        let code = match denied {
            Denied::SignInFirst => ProblemCode::Unauthenticated,
            Denied::Forbidden => ProblemCode::Forbidden,
        };
        Self::new(code, denied.to_string())
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(detail) | ServerFnErrorErr::MissingArg(detail) => Self::new(ProblemCode::Invalid, detail),
            // What the server could not read is what was sent to it.
            ServerFnErrorErr::Deserialization(detail) if cfg!(not(target_arch = "wasm32")) => {
                Self::new(ProblemCode::Invalid, detail)
            }
            ServerFnErrorErr::Request(detail) => {
                Self::new(ProblemCode::Overloaded, format!("the server did not answer: {detail}"))
            }
            other => Self::new(ProblemCode::Internal, other.to_string()),
        }
    }
}
