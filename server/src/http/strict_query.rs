//! Refuses a query where the OpenAPI document describes none. Routes that take parameters read them with `query`, strictly.

use std::collections::HashMap;
use std::sync::Arc;

use api::{ApiError, Caller};
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::access::Actor;
use domain::alert::FieldError;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::{OpenApi, RefOr};

use super::problem::Problem;

/// Every operation, as `GET /path`, and whether it takes a query.
#[derive(Clone)]
pub struct Queried(Arc<HashMap<String, bool>>);

impl Queried {
    /// Those of this document.
    #[must_use]
    pub fn of(document: &OpenApi) -> Self {
        let queried = document.paths.paths.iter().flat_map(|(path, item)| {
            operations(item).into_iter().map(move |(method, operation)| (format!("{method} {path}"), takes_query(operation)))
        });
        Self(Arc::new(queried.collect()))
    }

    /// Is this an operation that takes no query? Of what is none somebody else says so.
    fn refuses(&self, method: &Method, path: &str) -> bool {
        let method = if *method == Method::HEAD { Method::GET } else { method.clone() };
        self.0.get(&format!("{method} {path}")) == Some(&false)
    }
}

fn operations(item: &PathItem) -> Vec<(Method, &Operation)> {
    let methods = [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?))).collect()
}

fn takes_query(operation: &Operation) -> bool {
    operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query))
}

/// Lets a query pass only where one is read. Nobody is told so before it is known who they are.
pub async fn refuse_unread(State(queried): State<Queried>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let known = request.extensions().get::<Caller>().is_some_and(|caller| caller.actor != Actor::Anonymous);
    let query = request.uri().query().unwrap_or_default();
    match path {
        Some(path) if known && !query.is_empty() && queried.refuses(request.method(), &path) => {
            let names = form_urlencoded::parse(query.as_bytes());
            let errors = names.map(|(name, _)| FieldError::new(format!("/{name}"), "is not known here; no parameter is"));
            Problem(ApiError::invalid(errors.collect())).into_response()
        }
        _ => next.run(request).await,
    }
}
