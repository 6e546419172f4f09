//! Lists in the form that the client asks for: a page as JSON, or all rows as CSV (RFC 4180) or NDJSON, streamed a page at a time.

use std::future::Future;

use api::page::{ListFormat, PAGE_LIMIT_MAX};
use api::{ApiError, Page, PageRequest};
use axum::Json;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use domain::visible::{Place, visible};
use futures::stream;
use serde::Serialize;

use super::problem::Problem;

/// The most rows of one export.
pub const EXPORT_ROWS_MAX: usize = 1_000_000;
/// Where the next page starts, when an export was asked for with a `limit`.
const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");

/// What the `Accept` header asks for; JSON unless it names one of the others.
#[must_use]
pub fn accepted(headers: &HeaderMap) -> ListFormat {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let essence = |part: &str| part.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    accept
        .split(',')
        .find_map(|part| match essence(part).as_str() {
            "application/json" => Some(ListFormat::Json),
            "text/csv" => Some(ListFormat::Csv),
            "application/x-ndjson" => Some(ListFormat::Ndjson),
            _ => None,
        })
        .unwrap_or(ListFormat::Json)
}

fn media_type(format: ListFormat) -> &'static str {
    match format {
        ListFormat::Json => "application/json",
        ListFormat::Csv => "text/csv; charset=utf-8; header=present",
        ListFormat::Ndjson => "application/x-ndjson",
    }
}

/// Which part of a list is wanted, and in which form.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub format: ListFormat,
    pub extent: Extent,
}

/// How much of a list.
#[derive(Clone, Debug)]
pub enum Extent {
    Page(PageRequest),
    /// Everything from this cursor on, for CSV and NDJSON without a `limit`.
    Rest(Option<String>),
}

/// A row of a CSV file. The columns are a promise: new ones are added at the end.
pub trait Row: Serialize + Send + 'static {
    /// The file's name, without its ending.
    const NAME: &'static str;
    /// The names of the columns.
    const COLUMNS: &'static [&'static str];
    /// The values, one for each column.
    fn cells(&self) -> Vec<String>;
}

/// A value that may be absent, as a cell.
pub fn cell(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Several values, as a cell.
pub fn joined(values: impl IntoIterator<Item = impl ToString>) -> String {
    values.into_iter().map(|value| value.to_string()).collect::<Vec<_>>().join("; ")
}

/// The list that `fetch` gives page by page. What is wrong with the request shows before the answer begins.
pub async fn answer<T, F, Fut>(wanted: Wanted, fetch: F) -> Result<Response, Problem>
where
    T: Row,
    F: Fn(PageRequest) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Page<T>, ApiError>> + Send + 'static,
{
    let Wanted { format, extent } = wanted;
    let (first, goes_on) = match extent {
        Extent::Page(page) => (fetch(page).await?, false),
        Extent::Rest(cursor) => (fetch(PageRequest { limit: PAGE_LIMIT_MAX, cursor }).await?, true),
    };
    if format == ListFormat::Json {
        return Ok(Json(first).into_response());
    }
    let next = first.next_cursor.clone().filter(|_| !goes_on);
    let mut response = Body::from_stream(rows(format, first, goes_on, fetch)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(format)));
    let name = format!("attachment; filename=\"{}.{format}\"", T::NAME);
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    if let Some(Ok(next)) = next.map(|next| HeaderValue::from_str(&next)) {
        headers.insert(NEXT_CURSOR, next);
    }
    Ok(response)
}

/// What remains to be sent.
enum Remaining<T> {
    Ready(Page<T>),
    After(String),
    Nothing,
}

fn rows<T, F, Fut>(
    format: ListFormat,
    first: Page<T>,
    goes_on: bool,
    fetch: F,
) -> impl stream::Stream<Item = Result<Vec<u8>, ApiError>>
where
    T: Row,
    F: Fn(PageRequest) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Page<T>, ApiError>> + Send + 'static,
{
    stream::try_unfold((Remaining::Ready(first), 0, fetch), move |(remaining, sent, fetch)| async move {
        let page = match remaining {
            Remaining::Nothing => return Ok(None),
            Remaining::Ready(page) => page,
            Remaining::After(cursor) => fetch(PageRequest { limit: PAGE_LIMIT_MAX, cursor: Some(cursor) }).await?,
        };
        let mut bytes = if format == ListFormat::Csv && sent == 0 { csv_line(T::COLUMNS.iter().copied()) } else { Vec::new() };
        for row in &page.items {
            bytes.extend(line(format, row)?);
        }
        let sent = sent + page.items.len();
        let next = page.next_cursor.filter(|_| goes_on && sent < EXPORT_ROWS_MAX);
        Ok(Some((bytes, (next.map_or(Remaining::Nothing, Remaining::After), sent, fetch))))
    })
}

fn line<T: Row>(format: ListFormat, row: &T) -> Result<Vec<u8>, ApiError> {
    if format == ListFormat::Csv {
        // Cells are for people; machines take the lines of JSON, which are exact.
        let cells: Vec<String> = row.cells().iter().map(|cell| shown(cell)).collect();
        return Ok(csv_line(cells.iter().map(String::as_str)));
    }
    let mut bytes = serde_json::to_vec(row).map_err(|error| ApiError::new(api::ProblemCode::Internal, error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// As people may read it; the ends of its lines stay.
fn shown(cell: &str) -> String {
    cell.split("\r\n").map(|line| visible(line, Place::Lines)).collect::<Vec<_>>().join("\r\n")
}

fn csv_line<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut line = cells.map(csv_cell).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line.into_bytes()
}

/// In quotes where RFC 4180 asks for them. What a spreadsheet would take for a formula gets an apostrophe before it.
fn csv_cell(text: &str) -> String {
    let is_formula = text.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) || is_formula { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use api::page::ListFormat;

    use super::{accepted, csv_cell, csv_line};

    #[test]
    fn cells_are_quoted_as_rfc_4180_says() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
        ] {
            assert_eq!(csv_cell(text), expected);
        }
        assert_eq!(csv_line(["a", "b,c", ""].into_iter()), b"a,\"b,c\",\r\n");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "=cmd|'/c calc'!A0", "＝1", "=\"\"", "-"] {
            let cell = csv_cell(text);
            assert!(cell.starts_with("\"'"), "{text:?} is {cell:?}");
        }
    }

    #[test]
    fn the_form_is_negotiated() {
        for (accept, expected) in [
            ("", ListFormat::Json),
            ("*/*", ListFormat::Json),
            ("text/html, application/json", ListFormat::Json),
            ("text/csv", ListFormat::Csv),
            ("Text/CSV; header=present", ListFormat::Csv),
            ("application/x-ndjson, application/json", ListFormat::Ndjson),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(accepted(&headers), expected, "{accept}");
        }
    }
}
