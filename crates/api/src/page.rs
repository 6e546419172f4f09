//! One page of a list, and how the next one is asked for.

use domain::word_enum;
use serde::{Deserialize, Serialize};

/// Items a page may have at most.
pub const PAGE_LIMIT_MAX: u32 = 200;
/// Items a page has when nobody says otherwise.
pub const PAGE_LIMIT_DEFAULT: u32 = 50;

word_enum! {
    /// The form of a list.
    ListFormat {
        Json = "json",
        Csv = "csv",
        Ndjson = "ndjson",
    }
}

/// A part of a list; `next_cursor` is `null` on the last page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}

/// Which part of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// 1 to [`PAGE_LIMIT_MAX`].
    pub limit: u32,
    /// `next_cursor` of the page before, opaque.
    pub cursor: Option<String>,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { limit: PAGE_LIMIT_DEFAULT, cursor: None }
    }
}
