//! Lists a page at a time, by key and never by offset: page 10,000 costs what page 1 costs.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// Where the next page starts: the sort key and number of the last item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) sort_key: i64,
    pub(crate) number: i64,
}

/// Every UUID of ours has this bit set (the variant of RFC 9562), so that the rest fits into a positive number.
const VARIANT_BIT: u64 = 1 << 63;

impl Cursor {
    /// Behind the row whose key is this UUID.
    pub(crate) fn of_uuid(uuid: Uuid) -> Self {
        let (high, low) = uuid.as_u64_pair();
        let positive = |bits: u64| i64::try_from(bits & !VARIANT_BIT).unwrap_or(i64::MAX);
        Self { sort_key: positive(high), number: positive(low) }
    }

    /// The UUID behind whose row it is.
    pub(crate) fn uuid(self) -> Uuid {
        Uuid::from_u64_pair(self.sort_key.unsigned_abs(), self.number.unsigned_abs() | VARIANT_BIT)
    }
}

/// The text is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be the next_cursor of an earlier page")]
pub struct InvalidCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.sort_key, self.number)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (sort_key, number) = text.split_once('-').ok_or(InvalidCursor)?;
        let parse = |digits| i64::from_str_radix(digits, 16).map_err(|_| InvalidCursor);
        Ok(Self { sort_key: parse(sort_key)?, number: parse(number)? })
    }
}

/// Which page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The page after this point, or the first one.
    pub after: Option<Cursor>,
    /// How many items at most.
    pub limit: u32,
}

/// A page of a list, and where the next one starts; `None` on the last page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<Cursor>,
}

impl PageRequest {
    /// The first page.
    #[must_use]
    pub fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }

    /// One row more than asked for tells whether there is another page.
    pub(crate) fn rows(self) -> u64 {
        u64::from(self.limit) + 1
    }

    /// The rows of this page, and the cursor behind the last of them if there are more.
    pub(crate) fn cut<R>(self, mut rows: Vec<R>, cursor_of: impl Fn(&R) -> Cursor) -> Page<R> {
        let limit = self.limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(cursor_of);
        Page { items: rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, InvalidCursor};

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        for (sort_key, number) in [(0, 0), (1_763_704_954_123, 412), (i64::MAX, i64::MAX)] {
            let cursor = Cursor { sort_key, number };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
    }

    #[test]
    fn a_uuid_comes_back_from_its_cursor() {
        for text in [
            "01934a52-8f3c-7b21-9c4d-1234567890ab",
            "01934a52-8f3c-7fff-bfff-ffffffffffff",
            "00000000-0000-7000-8000-000000000000",
        ] {
            let uuid: uuid::Uuid = text.parse().unwrap();
            assert_eq!(Cursor::of_uuid(uuid).to_string().parse::<Cursor>().unwrap().uuid(), uuid);
        }
    }

    #[test]
    fn other_text_is_no_cursor() {
        for text in ["", "-", "x-1", "1", "1-2-3", "1-99999999999999999999"] {
            assert_eq!(text.parse::<Cursor>(), Err(InvalidCursor), "{text}");
        }
    }
}
