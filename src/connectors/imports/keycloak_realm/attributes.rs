//! The attributes of a client: texts, whatever they mean.

use crate::domain::ids::Moment;

use super::super::json::{Entry, is_placeholder};

/// The attributes of a client by name.
pub struct Attributes<'e, 's, 'a>(pub Option<&'e Entry<'s, 'a>>);

impl Attributes<'_, '_, '_> {
    /// A text that is not blank.
    pub fn filled(&self, name: &str) -> Option<String> {
        self.0.and_then(|entry| entry.scalar(name)).filter(|text| !text.trim().is_empty())
    }

    /// Whether it says "true".
    pub fn is(&self, name: &str) -> bool {
        self.filled(name).as_deref() == Some("true")
    }

    /// A time in seconds since 1970; zero stands for none.
    pub fn moment(&self, name: &str) -> Result<Option<Moment>, String> {
        let seconds = number_said(self.filled(name), name)?.filter(|seconds| *seconds > 0);
        match seconds {
            None => Ok(None),
            Some(seconds) => Moment::from_epoch_seconds(seconds).map(Some).ok_or_else(|| {
                format!("The attribute “{name}” is no time that can be: seconds since 1970 belong there.")
            }),
        }
    }
}

/// A boolean among the attributes, which are texts. A blank one counts as absent.
pub fn said(value: Option<String>, name: &str) -> Result<Option<bool>, String> {
    match value.as_deref() {
        None => Ok(None),
        Some(blank) if blank.trim().is_empty() => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(other) => Err(wrong_attribute(name, other, "true or false")),
    }
}

/// A number among the attributes.
pub fn number_said(value: Option<String>, name: &str) -> Result<Option<i64>, String> {
    match value.as_deref() {
        None => Ok(None),
        Some(blank) if blank.trim().is_empty() => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| wrong_attribute(name, text, "a whole number")),
    }
}

fn wrong_attribute(name: &str, value: &str, wanted: &str) -> String {
    let what = if is_placeholder(value) { "a placeholder that was never filled in" } else { "something else" };
    format!("The attribute “{name}” is {what}; {wanted} belongs there. Mend it and import again.")
}
