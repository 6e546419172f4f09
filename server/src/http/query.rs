//! Query strings, strictly: every parameter is known, well-formed and given once; all errors are told at once.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use api::page::{ListFormat, PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX};
use api::{ApiError, PageRequest};
use axum::http::{HeaderMap, Uri};
use domain::alert::FieldError;
use domain::incident_filter::{FILTER_PARAMETERS, IncidentFilter};
use domain::text::InvalidText;

use super::export::{Extent, Wanted, accepted};

/// The longest cursor, in bytes; ours are shorter.
const CURSOR_BYTES_MAX: usize = 256;

/// The parameters of one request, taken one after another.
pub struct QueryReader {
    parameters: BTreeMap<String, Vec<String>>,
    errors: Vec<FieldError>,
}

impl QueryReader {
    /// Reads the query of this address, in which only the known parameters may stand.
    #[must_use]
    pub fn new(uri: &Uri, known: &[&str]) -> Self {
        let mut reader = Self { parameters: BTreeMap::new(), errors: Vec::new() };
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            if value.contains('\0') {
                reader.refuse(&name, InvalidText::ContainsNul.to_string());
            } else if known.contains(&name.as_ref()) {
                reader.parameters.entry(name.into_owned()).or_default().push(value.into_owned());
            } else {
                reader.refuse(&name, format!("is not known here; known are {}", known.join(", ")));
            }
        }
        reader
    }

    /// A parameter that may be absent.
    pub fn optional<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.once(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(name, error.to_string());
                None
            }
        }
    }

    /// A text that may be absent, of at most so many bytes and without NUL.
    pub fn text(&mut self, name: &str, bytes_max: usize) -> Option<String> {
        let text = self.once(name)?;
        if text.is_empty() || text.len() > bytes_max || text.contains('\0') {
            self.refuse(name, format!("must have 1 to {bytes_max} bytes and no NUL character"));
            return None;
        }
        Some(text)
    }

    /// Numbers from 0 on, separated by commas, at most so many; none if the parameter is absent.
    pub fn numbers(&mut self, name: &str, count_max: usize) -> Vec<i64> {
        let Some(text) = self.once(name) else { return Vec::new() };
        let numbers: Option<Vec<i64>> = text.split(',').map(|digits| digits.parse().ok().filter(|number| *number >= 0)).collect();
        match numbers {
            Some(numbers) if numbers.len() <= count_max => numbers,
            _ => {
                self.refuse(name, format!("must be 1 to {count_max} whole numbers from 0 on, separated by commas"));
                Vec::new()
            }
        }
    }

    /// `limit` and `cursor`.
    pub fn page(&mut self) -> PageRequest {
        let limit = self.optional("limit").unwrap_or(PAGE_LIMIT_DEFAULT);
        if !(1..=PAGE_LIMIT_MAX).contains(&limit) {
            self.refuse("limit", format!("must be 1 to {PAGE_LIMIT_MAX}"));
        }
        let cursor = self.once("cursor");
        if cursor.as_ref().is_some_and(|cursor| cursor.len() > CURSOR_BYTES_MAX) {
            self.refuse("cursor", "is not one of ours");
        }
        PageRequest { limit, cursor }
    }

    /// `format`, or what the `Accept` header says; and which part of the list: the rest of it for CSV and NDJSON without a `limit`.
    pub fn wanted(&mut self, headers: &HeaderMap) -> Wanted {
        let format = self.optional("format").unwrap_or_else(|| accepted(headers));
        let has_limit = self.parameters.contains_key("limit");
        let page = self.page();
        let extent = if format == ListFormat::Json || has_limit { Extent::Page(page) } else { Extent::Rest(page.cursor) };
        Wanted { format, extent }
    }

    /// The filter of a list of incidents.
    pub fn incident_filter(&mut self) -> IncidentFilter {
        let values = |(name, values): (String, Vec<String>)| values.into_iter().map(move |value| (name.clone(), value));
        let (filter, rest) =
            std::mem::take(&mut self.parameters).into_iter().partition(|(name, _)| FILTER_PARAMETERS.contains(&name.as_str()));
        self.parameters = rest;
        let parameters: BTreeMap<String, Vec<String>> = filter;
        IncidentFilter::parse(&parameters.into_iter().flat_map(values).collect::<Vec<_>>()).unwrap_or_else(|errors| {
            self.errors.extend(errors);
            IncidentFilter::default()
        })
    }

    /// All the errors, if there are any.
    pub fn finish(self) -> Result<(), ApiError> {
        if self.errors.is_empty() { Ok(()) } else { Err(ApiError::invalid(self.errors)) }
    }

    fn once(&mut self, name: &str) -> Option<String> {
        let values = self.parameters.remove(name)?;
        if values.len() > 1 {
            self.refuse(name, "is given twice");
        }
        values.into_iter().next()
    }

    fn refuse(&mut self, name: &str, detail: impl Into<String>) {
        self.errors.push(FieldError { pointer: format!("/{name}"), detail: detail.into() });
    }
}
