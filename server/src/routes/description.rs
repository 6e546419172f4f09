//! Completes the OpenAPI document with what holds for every operation by itself: which refusals it can answer with, and the headers
//! that belong to them. What an operation does and what it answers when all is well stands at its route.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder};

use crate::http::idempotency::is_repeatable;

/// The refusals that routes write down together; they are told apart here.
const TOGETHER: &str = "4XX";
const PROBLEM: &str = "application/problem+json";
/// What is refused before there is a request has no body.
const BEFORE: &str = "The address or the headers have more than 64 KiB";
const IDEMPOTENCY_KEY_PATTERN: &str = "^[!-~]{1,128}$";
/// Signing in is for everybody, and refuses nevertheless.
const SIGN_IN: &str = "/api/v1/session";
/// Whoever watches over the server is never told to wait.
const NEVER_LIMITED: [&str; 3] = ["/health", "/livez", "/readyz"];

/// Completes every operation.
pub fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let traits = Traits::of(path, method, operation);
            describe(operation, &traits);
        }
    }
}

fn operations(item: &mut PathItem) -> Vec<(&'static str, &mut Operation)> {
    let methods = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?))).collect()
}

/// What decides which refusals there can be.
struct Traits {
    is_limited: bool,
    needs_caller: bool,
    changes: bool,
    takes_key: bool,
    has_body: bool,
    names_something: bool,
    has_precondition: bool,
}

impl Traits {
    fn of(path: &str, method: &str, operation: &Operation) -> Self {
        let parameters = || {
            operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
                RefOr::T(parameter) => Some(parameter),
                RefOr::Ref(_) => None,
            })
        };
        let needs_caller = operation.security.as_ref().is_some_and(|required| {
            !required
                .iter()
                .any(|one| serde_json::to_value(one).is_ok_and(|one| one.as_object().is_some_and(|one| one.is_empty())))
        });
        Self {
            is_limited: !NEVER_LIMITED.contains(&path),
            needs_caller: needs_caller || path == SIGN_IN,
            changes: method != "get",
            takes_key: method == "post" && needs_caller && is_repeatable(path),
            has_body: operation.request_body.is_some(),
            names_something: parameters().any(|parameter| parameter.parameter_in == ParameterIn::Path),
            has_precondition: parameters().any(|parameter| parameter.name.eq_ignore_ascii_case("if-match")),
        }
    }

    /// Status and when.
    fn refusals(&self) -> Vec<(&'static str, &'static str)> {
        // With a key of repetition the body is read even where none is needed.
        let reads_body = self.has_body || self.takes_key;
        [
            (reads_body, "400", "The body is not well-formed"),
            (self.needs_caller, "401", "Nobody is signed in, and no key was sent"),
            (self.needs_caller || self.changes, "403", "The caller may not do this"),
            (self.names_something, "404", "There is nothing with this name"),
            (self.takes_key, "409", "The idempotency key was used with another body, or its request is under way"),
            (self.has_precondition, "412", "The resource is no longer the one that was seen"),
            (reads_body, "413", "The body is too large"),
            (true, "414", BEFORE),
            (self.has_body, "415", "The body is of another media type"),
            (true, "422", "A field or a parameter is not valid"),
            (self.is_limited, "429", "Asked too often"),
            (true, "431", BEFORE),
            (true, "503", "The server has more work than it can take"),
        ]
        .into_iter()
        .filter_map(|(holds, status, when)| holds.then_some((status, when)))
        .collect()
    }
}

fn describe(operation: &mut Operation, traits: &Traits) {
    let responses = &mut operation.responses.responses;
    responses.remove(TOGETHER);
    for (status, when) in traits.refusals() {
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(refusal(status, when)));
    }
    if traits.takes_key {
        operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
    }
}

fn refusal(status: &str, when: &str) -> Response {
    if when == BEFORE {
        return ResponseBuilder::new().description(when).build();
    }
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
    let response = ResponseBuilder::new().description(when).content(PROBLEM, content);
    match status {
        "429" | "503" => response.header("Retry-After", HeaderBuilder::new().schema(Some(seconds())).build()).build(),
        _ => response.build(),
    }
}

fn seconds() -> Schema {
    Schema::Object(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).build())
}

fn idempotency_key() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(IDEMPOTENCY_KEY_PATTERN)).build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Whoever repeats the request with the same key within 24 hours gets the first answer again"))
        .schema(Some(Schema::Object(schema)))
        .build()
}
