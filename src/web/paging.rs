//! What every list page has around its table: the place, the links to other pages, the tally.

use chrono::NaiveDate;

use super::fields::Fields;
use super::frame::Frame;
use super::{Answer, see_other};
use crate::domain::listing::{Count, Cursor, From, Page};

/// From where on the link reads; `None` when its place cannot be read. `reads` tells whether the list
/// can read the key of a place.
pub fn from(fields: &Fields, reads: impl Fn(&Cursor) -> bool) -> Option<From> {
    let place = |text: &str| Cursor::parse(text).filter(|cursor| !cursor.key.contains('\0') && reads(cursor));
    match (fields.get("after"), fields.get("before")) {
        (None, None) => Some(From::Start),
        (Some(text), None) => place(text).map(From::After),
        (None, Some(text)) => place(text).map(From::Before),
        (Some(_), Some(_)) => None,
    }
}

/// Whether the place is one of a list that is sorted by days.
pub fn reads_day(cursor: &Cursor) -> bool {
    cursor.key.parse::<NaiveDate>().is_ok()
}

/// The fields without the place in the list: what a filter link carries.
pub fn without_place(fields: &Fields) -> Fields {
    fields.with("after", "").with("before", "").with("done", "")
}

/// Leads to the first page, which says that it is not the one that was asked for.
pub fn restart(path: &str, bare: &Fields) -> Answer {
    see_other(format!("{path}{}", bare.with("done", RESTARTED).to_query()))
}

const RESTARTED: &str = "restarted";

/// The frame of a list with the words for [`restart`], when that is how the reader came here.
pub fn framed(frame: Frame, fields: &Fields) -> Frame {
    if fields.raw("done") == RESTARTED {
        return frame.with_notice(
            "warn",
            "The place in the list that your link points to is gone or cannot be read. This is the first page.",
        );
    }
    frame
}

/// The links under a list; each is empty where there is nothing to go to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paging {
    pub first: String,
    pub previous: String,
    pub next: String,
}

impl Paging {
    /// The links around a page of the list at `path`, whose filter is `bare`.
    pub fn of<T>(path: &str, bare: &Fields, page: &Page<T>, cursor: impl Fn(&T) -> Cursor) -> Self {
        let link = |name: &str, row: Option<&T>, more: bool| match row {
            Some(row) if more => format!("{path}{}", bare.with(name, &cursor(row).to_text()).to_query()),
            _ => String::new(),
        };
        Self {
            first: if page.more_before { format!("{path}{}", bare.to_query()) } else { String::new() },
            previous: link("before", page.rows.first(), page.more_before),
            next: link("after", page.rows.last(), page.more_after),
        }
    }
}

/// Whether a link led behind the end of a list, as when the rows it pointed at are gone.
pub fn is_behind<T>(page: &Page<T>, from: &From) -> bool {
    page.rows.is_empty() && *from != From::Start
}

/// The numbers over a table, as \u{201c}50\u{201d} and \u{201c}of 214 people\u{201d}.
pub fn tally(shown: usize, count: Count, one: &str, many: &str) -> (String, String) {
    match count {
        Count::Exactly(1) => ("1".to_owned(), one.to_owned()),
        Count::Exactly(all) if i64::try_from(shown) == Ok(all) => (count.words(), many.to_owned()),
        _ => (shown.to_string(), format!("of {} {many}", count.words())),
    }
}

/// A filter that is on, with the link that removes it. `known` gives the words for a field's value.
pub fn chips(path: &str, bare: &Fields, known: impl Fn(&str, &str) -> Option<String>) -> Vec<(String, String)> {
    bare.iter()
        .filter(|(_, value)| !value.trim().is_empty())
        .filter_map(|(name, value)| {
            known(name, value.trim()).map(|text| (text, format!("{path}{}", bare.with(name, "").to_query())))
        })
        .collect()
}

/// The words of an enumeration's value as a chip: \u{201c}Role: Auditor\u{201d}. Nothing for a value it does not have.
pub fn chip<T: std::str::FromStr + std::fmt::Display>(label: &str, value: &str) -> Option<String> {
    value.parse::<T>().ok().map(|value| format!("{label}: {value}"))
}

/// What a select of an enumeration offers: stored word and label.
pub fn options<T: Copy>(
    all: &[T],
    word: impl Fn(T) -> &'static str,
    label: impl Fn(T) -> &'static str,
) -> Vec<(&'static str, &'static str)> {
    all.iter().map(|value| (word(*value), label(*value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::Id;

    #[test]
    fn a_page_in_the_middle_leads_both_ways_and_keeps_the_filter() {
        let bare = Fields::parse(b"q=a");
        let page = Page { rows: vec!["b", "c"], more_before: true, more_after: true };
        let paging = Paging::of("/people", &bare, &page, |name| Cursor { key: (*name).to_owned(), id: Id::default() });
        assert_eq!(paging.first, "/people?q=a");
        assert!(paging.previous.starts_with("/people?q=a&before="));
        assert!(paging.next.starts_with("/people?q=a&after="));
        let last = Page { more_after: false, ..page };
        let paging = Paging::of("/people", &bare, &last, |_| Cursor { key: String::new(), id: Id::default() });
        assert_eq!(paging.next, "");
    }

    #[test]
    fn a_tally_never_claims_to_show_more_than_it_does() {
        assert_eq!(tally(50, Count::Exactly(214), "person", "people"), ("50".into(), "of 214 people".into()));
        assert_eq!(tally(3, Count::Exactly(3), "person", "people"), ("3".into(), "people".into()));
        assert_eq!(tally(1, Count::Exactly(1), "person", "people"), ("1".into(), "person".into()));
        let many = tally(50, Count::MoreThan(10_000), "person", "people");
        assert_eq!(many, ("50".into(), "of more than 10,000 people".into()));
    }
}
