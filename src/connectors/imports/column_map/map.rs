//! The map itself: what it says and whether it can be used.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::fields::{self, ClientField, PersonField};
use super::units::{Blank, MapSubject, Unit};

/// A saved map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnMap {
    /// The name under which it is saved.
    pub name: String,
    /// What the list is, for the person who chooses a map.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Clients or people.
    pub subject: MapSubject,
    /// How dates are written, in the notation of strftime; `rfc3339` for full times. The first that fits
    /// is taken, so a list must not mix day-first and month-first.
    #[serde(default)]
    pub date_formats: Vec<String>,
    /// Values that hold for every line: field to value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: BTreeMap<String, String>,
    /// Lines that are left alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skips: Vec<SkipRule>,
    /// The columns.
    pub columns: Vec<Column>,
}

/// Lines to leave alone: those where every named heading has the given value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkipRule {
    /// Why, in words for the preview.
    pub reason: String,
    /// Heading to value; case does not count.
    pub when: BTreeMap<String, String>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The heading in the file; case and doubled spaces do not count.
    pub heading: String,
    /// The field it fills (`ClientField` or `PersonField`), `note:NAME` for a note, or `ignore`.
    pub field: String,
    /// Whether the file may lack the column.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// What an empty cell means.
    #[serde(default = "missing")]
    pub blank: Blank,
    /// The unit of a duration; without one it is seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// What parts the items of a list in one cell; without one, white space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// Which of several credentials on one line the column speaks of, from 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub credential: u8,
    /// The file's words to Muster's; case does not count. An empty result means an empty cell.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

fn missing() -> Blank {
    Blank::Missing
}

fn first() -> u8 {
    1
}

fn is_first(number: &u8) -> bool {
    *number == 1
}

/// A map that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnMapError {
    /// Not TOML, or a name in it is unknown.
    #[error("The column map cannot be read: {0}")]
    Unreadable(String),
    /// It names a field that does not exist.
    #[error(
        "The column map names the field “{field}”, which {subject} do not have. They have: {known}, note:NAME, ignore."
    )]
    UnknownField { field: String, subject: &'static str, known: String },
    /// Two columns fill one field.
    #[error("The column map fills the field “{0}” from two columns. Keep one of them.")]
    FilledTwice(String),
    /// One heading stands twice.
    #[error("The column map names the heading “{0}” twice. Keep one of them.")]
    HeadingTwice(String),
    /// Nothing tells the entries apart.
    #[error("The column map needs a column for {0}.")]
    NoName(&'static str),
    /// A fixed value that its field does not take.
    #[error("The column map fixes “{field}” to a value that it does not take: {reason}")]
    WrongFixed { field: String, reason: String },
}

impl ColumnMap {
    /// Reads and checks a map.
    pub fn from_toml(text: &str) -> Result<Self, ColumnMapError> {
        let map: Self = toml::from_str(text).map_err(|error| ColumnMapError::Unreadable(error.to_string()))?;
        map.check()?;
        Ok(map)
    }

    /// Writes the map as it is saved.
    pub fn to_toml(&self) -> Result<String, ColumnMapError> {
        toml::to_string(self).map_err(|error| ColumnMapError::Unreadable(error.to_string()))
    }

    /// Whether the map can be used.
    pub fn check(&self) -> Result<(), ColumnMapError> {
        let (mut fields, mut headings) = (BTreeSet::new(), BTreeSet::new());
        for column in &self.columns {
            self.check_field(&column.field)?;
            if !headings.insert(folded(&column.heading)) {
                return Err(ColumnMapError::HeadingTwice(column.heading.clone()));
            }
            if !fields.insert((column.field.as_str(), column.credential)) && !fields::takes_several(&column.field) {
                return Err(ColumnMapError::FilledTwice(column.field.clone()));
            }
        }
        for field in self.fixed.keys() {
            self.check_field(field)?;
            if fields.contains(&(field.as_str(), 1)) {
                return Err(ColumnMapError::FilledTwice(field.clone()));
            }
        }
        let fills = |field: &str| self.columns.iter().any(|column| column.field == field);
        match self.subject {
            MapSubject::Clients if !fills("client_id") && !fills("name") => {
                Err(ColumnMapError::NoName("client_id or name"))
            }
            MapSubject::People if !fills("name") => Err(ColumnMapError::NoName("name")),
            MapSubject::People if !fills("email") && !fills("staff_id") => {
                Err(ColumnMapError::NoName("email or staff_id"))
            }
            _ => Ok(()),
        }
    }

    fn check_field(&self, field: &str) -> Result<(), ColumnMapError> {
        let (known, subject): (Vec<&str>, _) = match self.subject {
            MapSubject::Clients => (ClientField::ALL.iter().map(|field| field.word()).collect(), "clients"),
            MapSubject::People => (PersonField::ALL.iter().map(|field| field.word()).collect(), "people"),
        };
        let note = self.subject == MapSubject::Clients && field.len() > 5 && field.starts_with("note:");
        if note || field == "ignore" || known.contains(&field) {
            return Ok(());
        }
        Err(ColumnMapError::UnknownField { field: field.to_owned(), subject, known: known.join(", ") })
    }
}

/// A heading or a value as it is compared: without case and doubled spaces.
pub fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
