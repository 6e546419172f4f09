//! Query strings, strictly: every parameter is known, well-formed and given once; all errors are told at once.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use api::page::{PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX};
use api::{ApiError, PageRequest};
use axum::http::Uri;
use domain::alert::FieldError;

/// The longest cursor, in bytes; ours are shorter.
const CURSOR_BYTES_MAX: usize = 256;

/// The parameters of one request, taken one after another.
pub struct QueryReader {
    parameters: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl QueryReader {
    /// Reads the query of this address, in which only the known parameters may stand.
    #[must_use]
    pub fn new(uri: &Uri, known: &[&str]) -> Self {
        let mut reader = Self { parameters: BTreeMap::new(), errors: Vec::new() };
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            if !known.contains(&name.as_ref()) {
                reader.refuse(&name, format!("is not known here; known are {}", known.join(", ")));
            } else if reader.parameters.insert(name.to_string(), value.into_owned()).is_some() {
                reader.refuse(&name, "is given twice");
            }
        }
        reader
    }

    /// A parameter that may be absent.
    pub fn optional<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.parameters.remove(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(name, error.to_string());
                None
            }
        }
    }

    /// `limit` and `cursor`.
    pub fn page(&mut self) -> PageRequest {
        let limit = self.optional("limit").unwrap_or(PAGE_LIMIT_DEFAULT);
        if !(1..=PAGE_LIMIT_MAX).contains(&limit) {
            self.refuse("limit", format!("must be 1 to {PAGE_LIMIT_MAX}"));
        }
        let cursor = self.parameters.remove("cursor");
        if cursor.as_ref().is_some_and(|cursor| cursor.len() > CURSOR_BYTES_MAX) {
            self.refuse("cursor", "is not one of ours");
        }
        PageRequest { limit, cursor }
    }

    /// All the errors, if there are any.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.errors.is_empty() { Ok(()) } else { Err(ApiError::invalid(self.errors)) }
    }

    fn refuse(&mut self, name: &str, detail: impl Into<String>) {
        self.errors.push(FieldError { pointer: format!("/{name}"), detail: detail.into() });
    }
}
