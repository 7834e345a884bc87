//! JSON read entry by entry, with the line of everything.
//!
//! Only the borders of values are found at first (`RawValue`); a value becomes Rust data when it is
//! asked for. So a file of 300 MB needs room for its text and its rows, and a fault of one entry
//! stays the fault of that entry. No message here quotes a value: it might be a secret.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::ImportError;
use super::json_faults;
use super::text::count_lines;
use crate::domain::guard;

/// A text whose parts know their line.
#[derive(Debug)]
pub struct Source<'a> {
    text: &'a str,
    /// The last place asked for and its line: entries are asked for in order, so one scan serves all.
    last: Cell<(usize, u64)>,
    /// What was read otherwise than it is written, in sentences for the row that is being read.
    repairs: RefCell<Vec<String>>,
}

impl<'a> Source<'a> {
    /// Checks that the text is one JSON document and returns it with its only value.
    pub fn document(text: &'a str) -> Result<(Self, &'a RawValue), ImportError> {
        let value = serde_json::from_str::<&RawValue>(text).map_err(|error| json_faults::explain(text, &error))?;
        Ok((Self { text, last: Cell::new((0, 1)), repairs: RefCell::default() }, value))
    }

    /// The line on which the part starts. The part must be a slice of this text.
    pub fn line_of(&self, part: &RawValue) -> u64 {
        let at = (part.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let (last_at, last_line) = self.last.get();
        let bytes = self.text.as_bytes();
        let line = if at >= last_at {
            last_line + count_lines(bytes.get(last_at..at).unwrap_or_default())
        } else {
            last_line.saturating_sub(count_lines(bytes.get(at..last_at).unwrap_or_default()))
        };
        self.last.set((at, line));
        line
    }

    /// The repairs since they were last taken, each once.
    pub fn take_repairs(&self) -> Vec<String> {
        self.repairs.take()
    }

    fn repaired(&self, sentence: String) {
        let mut repairs = self.repairs.borrow_mut();
        if !repairs.contains(&sentence) {
            repairs.push(sentence);
        }
    }
}

/// The kind of a value, in the words of a message.
pub fn kind_of(value: &RawValue) -> &'static str {
    match value.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// An object of a file.
#[derive(Debug, Clone)]
pub struct Entry<'s, 'a> {
    source: &'s Source<'a>,
    members: Vec<(String, &'a RawValue)>,
    /// What the object is, in a word for messages.
    what: &'static str,
}

impl<'s, 'a> Entry<'s, 'a> {
    /// Reads the members of an object. A name that stands twice with different values is refused,
    /// because nobody can say which of the two counts.
    pub fn read(source: &'s Source<'a>, value: &'a RawValue) -> Result<Self, String> {
        Self::read_as(source, value, "object")
    }

    /// The same, with a word for what the object is.
    pub fn read_as(source: &'s Source<'a>, value: &'a RawValue, what: &'static str) -> Result<Self, String> {
        let entry = Self { what, ..Self::read_loosely(source, value)? };
        entry.refuse_doubled(|_| true)?;
        Ok(entry)
    }

    /// Reads the members of an object of which only some names matter: a real export of Keycloak 19
    /// carries other settings twice. `refuse_doubled` is then asked for the names that matter.
    pub fn read_loosely(source: &'s Source<'a>, value: &'a RawValue) -> Result<Self, String> {
        if kind_of(value) != "an object" {
            return Err(format!("Here stands {}, not an object.", kind_of(value)));
        }
        let Members(members) = serde_json::from_str(value.get())
            .map_err(|_| "A name in this object holds a broken escape (\\u…). Export the file again.".to_owned())?;
        Ok(Self { source, members, what: "object" })
    }

    /// Refuses a name that matters and stands twice with different values. With the same value it is
    /// read once, which counts as a repair.
    pub fn refuse_doubled(&self, matters: impl Fn(&str) -> bool) -> Result<(), String> {
        let mut seen: BTreeMap<&str, &RawValue> = BTreeMap::new();
        for (name, value) in self.members.iter().filter(|(name, _)| matters(name)) {
            let Some(first) = seen.insert(name.as_str(), value) else { continue };
            let (first_line, line) = (self.source.line_of(first), self.source.line_of(value));
            let lines = if first_line == line {
                format!("on line {line}")
            } else {
                format!("on lines {first_line} and {line}")
            };
            let stands = format!("{} stands twice in this {}, {lines}", shown_name(name), self.what);
            if first.get() == value.get() {
                self.source.repaired(format!("{stands}, with the same value; it was read once."));
            } else {
                return Err(format!("{stands}, with different values. Remove one of the two."));
            }
        }
        Ok(())
    }

    /// Every name of the object.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_str())
    }

    /// The value under the name; `null` counts as absent.
    pub fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.members
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| *value)
            .filter(|value| value.get() != "null")
    }

    /// Whether the name stands in the object with a value.
    pub fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<String>, String> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        serde_json::from_str(value.get()).map(Some).map_err(|_| self.wrong(name, value, "a text"))
    }

    /// A text that says something: blank counts as absent.
    pub fn filled(&self, name: &str) -> Result<Option<String>, String> {
        Ok(self.text(name)?.filter(|text| !text.trim().is_empty()))
    }

    /// A text, or a number or boolean as the text it is written with. What has no such form is absent.
    pub fn scalar(&self, name: &str) -> Option<String> {
        let value = self.raw(name)?;
        match kind_of(value) {
            "a text" => serde_json::from_str(value.get()).ok(),
            "an object" | "a list" => None,
            _ => Some(value.get().to_owned()),
        }
    }

    /// A boolean; the texts "true" and "false" are repaired to what they say.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        let flag = match value.get() {
            "true" | "\"true\"" => true,
            "false" | "\"false\"" => false,
            _ => return Err(self.wrong(name, value, "true or false")),
        };
        if kind_of(value) == "a text" {
            self.source.repaired(format!("“{name}” is a text in quotes; it was read as {flag}."));
        }
        Ok(Some(flag))
    }

    /// A whole number; a text of digits is repaired to one. A blank text counts as absent.
    pub fn number(&self, name: &str) -> Result<Option<i64>, String> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        let text = self.scalar(name).ok_or_else(|| self.wrong(name, value, "a whole number"))?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        let number = text.trim().parse().map_err(|_| self.wrong(name, value, "a whole number"))?;
        if kind_of(value) == "a text" {
            self.source.repaired(format!("“{name}” is a text in quotes; it was read as {number}."));
        }
        Ok(Some(number))
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>, String> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        serde_json::from_str(value.get()).map(Some).map_err(|_| self.wrong(name, value, "a list of texts"))
    }

    /// The values of a list; an absent one is empty.
    pub fn items(&self, name: &str) -> Result<Vec<&'a RawValue>, String> {
        let Some(value) = self.raw(name) else { return Ok(Vec::new()) };
        items_of(value).ok_or_else(|| self.wrong(name, value, "a list"))
    }

    /// The values of every list under the name, for counting: a name that does not matter may stand twice.
    pub fn every_item(&self, name: &str) -> Vec<&'a RawValue> {
        let lists = self.members.iter().filter(|(known, _)| known == name);
        lists.filter_map(|(_, value)| items_of(value)).flatten().collect()
    }

    /// An object inside; an absent one is `None`.
    pub fn object(&self, name: &str) -> Result<Option<Entry<'s, 'a>>, String> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        if kind_of(value) != "an object" {
            return Err(self.wrong(name, value, "an object"));
        }
        Entry::read(self.source, value).map(Some).map_err(|reason| format!("“{name}”: {reason}"))
    }

    /// The objects of a list.
    pub fn objects(&self, name: &str) -> Result<Vec<Entry<'s, 'a>>, String> {
        self.items(name)?
            .into_iter()
            .map(|value| Entry::read(self.source, value).map_err(|reason| format!("“{name}”: {reason}")))
            .collect()
    }

    fn wrong(&self, name: &str, value: &RawValue, wanted: &str) -> String {
        let line = self.source.line_of(value);
        if is_placeholder(value.get().trim_matches('"')) {
            return format!(
                "“{name}” on line {line} is a placeholder that was never filled in; {wanted} belongs there. Fill it in and import again."
            );
        }
        format!("“{name}” on line {line} is {}; {wanted} belongs there.", kind_of_wrong(value, wanted))
    }
}

/// A name of the file in quotes. Where a name belongs a secret may stand as well.
pub fn shown_name(name: &str) -> String {
    if name.chars().count() > 60 || guard::telling_value(name) {
        return "a name that is not shown because it looks like a secret".to_owned();
    }
    format!("“{name}”")
}

fn kind_of_wrong(value: &RawValue, wanted: &str) -> &'static str {
    match kind_of(value) {
        "a list" if wanted == "a list of texts" => "a list of something else",
        "a text" if wanted == "a text" => "a text with a broken escape",
        "a number" if wanted == "a whole number" => "another number",
        kind => kind,
    }
}

/// The values of a list, or `None` where the value is no list.
pub fn items_of(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).ok()
}

/// Whether the text is a placeholder of a template that nobody filled in: `${X}`, `$(X)`, `{{X}}`, `<X>`, `%X%`, `$X`.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let pairs = [("${", "}"), ("$(", ")"), ("{{", "}}"), ("<", ">"), ("%", "%"), ("@@", "@@"), ("#{", "}#")];
    let name = text.strip_prefix('$').unwrap_or_default();
    pairs
        .iter()
        .any(|(open, close)| text.len() > open.len() + close.len() && text.starts_with(open) && text.ends_with(close))
        || (name.len() > 2
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit()))
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;
            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests;
