//! Lists: which rows, in which order, from where on.
//!
//! Lists page by key: a page is asked for as "the rows after this one", never by number, so that
//! page 2,000 costs what page 1 costs and no row is shown twice when others are added meanwhile.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::ids::Id;
use crate::words;

/// Rows on a page of a list.
pub const PAGE_SIZE: i64 = 50;

/// Counting stops here; beyond it a list says "more than 10,000".
pub const COUNT_LIMIT: i64 = 10_000;

words! {
    /// The direction of a sorted list.
    Direction {
        Ascending = "asc", "ascending";
        Descending = "desc", "descending";
    }
}

impl Direction {
    /// The other direction.
    pub fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// A place in a sorted list: the sort key and the id of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub key: String,
    pub id: Id,
}

impl Cursor {
    /// The text that stands in a link.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}\n{}", self.id, self.key))
    }

    /// Reads the text of a link; `None` when it is not one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (id, key) = text.split_once('\n')?;
        Some(Self { key: key.to_owned(), id: id.parse().ok()? })
    }
}

/// From where on a page is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum From {
    #[default]
    Start,
    After(Cursor),
    Before(Cursor),
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// There are rows before the first.
    pub more_before: bool,
    /// There are rows after the last.
    pub more_after: bool,
}

impl<T> Default for Page<T> {
    /// A page without rows.
    fn default() -> Self {
        Self { rows: Vec::new(), more_before: false, more_after: false }
    }
}

impl<T> Page<T> {
    /// Makes a page of rows that were read one beyond [`PAGE_SIZE`], reversed when read backwards.
    pub fn of(mut rows: Vec<T>, from: &From) -> Self {
        let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
        let beyond = rows.len() > size;
        rows.truncate(size);
        match from {
            From::Start => Self { rows, more_before: false, more_after: beyond },
            From::After(_) => Self { rows, more_before: true, more_after: beyond },
            From::Before(_) => {
                rows.reverse();
                Self { rows, more_before: beyond, more_after: true }
            }
        }
    }
}

/// How many rows match: exactly, or more than [`COUNT_LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    Exactly(i64),
    MoreThan(i64),
}

impl Count {
    /// From a count that stopped one beyond the limit.
    pub fn of(counted: i64) -> Self {
        if counted > COUNT_LIMIT { Self::MoreThan(COUNT_LIMIT) } else { Self::Exactly(counted) }
    }

    /// "214" or "more than 10,000".
    pub fn words(self) -> String {
        match self {
            Self::Exactly(count) => thousands(count),
            Self::MoreThan(limit) => format!("more than {}", thousands(limit)),
        }
    }
}

/// A number with a comma between thousands.
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if number < 0 { format!("\u{2212}{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_link() {
        let cursor = Cursor { key: "zeta \n|\u{e9}".to_owned(), id: Id::new() };
        assert_eq!(Cursor::parse(&cursor.to_text()), Some(cursor));
        assert_eq!(Cursor::parse("not one of ours"), None);
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_000), "1,000");
        assert_eq!(thousands(-1_234_567), "\u{2212}1,234,567");
    }
}
