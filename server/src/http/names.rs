//! Names in a path: what is not a well-formed id names nothing.

use std::str::FromStr;

use api::ApiError;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::problem::Problem;

/// The `{id}` of the path.
pub struct Named<T>(pub T);

/// The `{id}` and `{step}` of the path.
pub struct NamedStep<T, U>(pub T, pub U);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| ApiError::not_found("this name"))?;
        parse(&text).map(Self)
    }
}

impl<T: FromStr, U: FromStr, S: Send + Sync> FromRequestParts<S> for NamedStep<T, U> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path((id, step)) =
            Path::<(String, String)>::from_request_parts(parts, state).await.map_err(|_| ApiError::not_found("this name"))?;
        Ok(Self(parse(&id)?, parse(&step)?))
    }
}

fn parse<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| ApiError::not_found("what this address names").into())
}
