//! What a cell says, by the rules of its column. Never a guess: what a rule does not cover is an error,
//! and no error quotes the cell, which might hold a secret in the wrong column.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::map::{Column, folded};
use super::units::{Blank, Unit};
use crate::domain::ids::Moment;

/// A cell after its column's translation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing is known.
    Missing,
    /// It never ends.
    Never,
    /// There is none.
    None,
    /// A text that is not blank.
    Text(String),
}

impl Cell {
    /// Translates the text of a cell.
    pub fn read(column: &Column, text: &str) -> Result<Self, String> {
        let text = text.trim();
        let wanted = folded(text);
        let translated =
            column.values.iter().find(|(from, _)| folded(from) == wanted).map_or(text, |(_, to)| to.as_str());
        match (translated.trim(), column.blank) {
            ("", Blank::Missing) => Ok(Self::Missing),
            ("", Blank::Never) => Ok(Self::Never),
            ("", Blank::None) => Ok(Self::None),
            ("", Blank::Error) => Err(format!("“{}” is empty. Fill it in and import again.", column.heading)),
            (text, _) => Ok(match text.to_lowercase().as_str() {
                "never" => Self::Never,
                "none" => Self::None,
                _ => Self::Text(text.to_owned()),
            }),
        }
    }

    /// The text, where the cell has one. The words "never" and "none" are ordinary text here.
    pub fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Whether a cell says something and has white space around it, which is left out.
pub fn is_padded(text: &str) -> bool {
    !text.trim().is_empty() && text.trim() != text
}

fn unread(heading: &str, wanted: &str) -> String {
    format!(
        "“{heading}” holds a value that the column map cannot read: {wanted}. Correct the value, or add it to the map."
    )
}

/// A whole number of the column's unit, in seconds. Zero and less are no lifetime.
pub fn seconds(column: &Column, text: &str) -> Result<i64, String> {
    let unit = column.unit.unwrap_or(Unit::Seconds);
    let number: i64 = text
        .parse()
        .map_err(|_| unread(&column.heading, &format!("a whole number of {} belongs there", unit.word())))?;
    number
        .checked_mul(unit.seconds())
        .filter(|seconds| *seconds > 0)
        .ok_or_else(|| unread(&column.heading, "a lifetime above zero belongs there"))
}

/// A word of an enumeration.
pub fn word<T: std::str::FromStr<Err = crate::domain::words::UnknownWord>>(
    heading: &str,
    text: &str,
) -> Result<T, String> {
    text.to_lowercase().parse().map_err(|error: crate::domain::words::UnknownWord| {
        unread(heading, &format!("one of {} belongs there", error.known.join(", ")))
    })
}

/// True or false, in the words of spreadsheets.
pub fn flag(heading: &str, text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "enabled" | "active" => Ok(true),
        "false" | "no" | "n" | "0" | "disabled" | "inactive" => Ok(false),
        _ => Err(unread(heading, "true or false, yes or no belongs there")),
    }
}

/// A moment by the map's formats. A date without a time is its first moment in UTC.
pub fn moment(formats: &[String], heading: &str, text: &str) -> Result<Moment, String> {
    let utc = |naive: NaiveDateTime| Moment::new(DateTime::<Utc>::from_naive_utc_and_offset(naive, Utc));
    for format in formats {
        if format == "rfc3339" {
            if let Ok(moment) = Moment::parse(text) {
                return Ok(moment);
            }
        } else if let Ok(at) = DateTime::parse_from_str(text, format) {
            return Ok(Moment::new(at.with_timezone(&Utc)));
        } else if let Ok(naive) = NaiveDateTime::parse_from_str(text, format) {
            return Ok(utc(naive));
        } else if let Some(naive) =
            NaiveDate::parse_from_str(text, format).ok().and_then(|date| date.and_hms_opt(0, 0, 0))
        {
            return Ok(utc(naive));
        }
    }
    Err(unread(heading, &format!("a date written as {} belongs there", formats.join(" or "))))
}

/// A date by the map's formats.
pub fn date(formats: &[String], heading: &str, text: &str) -> Result<NaiveDate, String> {
    formats
        .iter()
        .find_map(|format| {
            if format == "rfc3339" {
                // The day as it is written, whatever its offset from UTC.
                return DateTime::parse_from_rfc3339(text).ok().map(|at| at.date_naive());
            }
            NaiveDate::parse_from_str(text, format)
                .ok()
                .or_else(|| NaiveDateTime::parse_from_str(text, format).ok().map(|naive| naive.date()))
        })
        .ok_or_else(|| unread(heading, &format!("a date written as {} belongs there", formats.join(" or "))))
}

/// A mail address, as far as a list can be checked: one `@` with something on both sides, no spaces.
pub fn address(heading: &str, text: &str) -> Result<String, String> {
    let good = text
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || ",;<>\"".contains(c));
    if good { Ok(text.to_owned()) } else { Err(unread(heading, "one mail address belongs there")) }
}

/// The items of a cell.
pub fn items(column: &Column, text: &str) -> Vec<String> {
    let parts: Vec<&str> = match column.separator.as_deref() {
        Some(separator) if !separator.is_empty() => text.split(separator).collect(),
        _ => text.split_whitespace().collect(),
    };
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
