//! A registration and its software statement as one.

use super::super::json::Entry;

/// The registration, and beside it what its software statement claims.
pub struct Registration<'e, 's, 'a> {
    /// The registration itself.
    pub entry: &'e Entry<'s, 'a>,
    /// What fills its gaps.
    pub claims: Option<Entry<'e, 'e>>,
}

impl Registration<'_, '_, '_> {
    /// A text that says something.
    pub fn text(&self, name: &str) -> Result<Option<String>, String> {
        match (self.entry.filled(name)?, &self.claims) {
            (None, Some(claims)) => claims.filled(name),
            (found, _) => Ok(found),
        }
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>, String> {
        match (self.entry.texts(name)?, &self.claims) {
            (None, Some(claims)) => claims.texts(name),
            (found, _) => Ok(found),
        }
    }

    /// The JSON of a value.
    pub fn raw(&self, name: &str) -> Option<String> {
        let own = self.entry.raw(name).map(|value| value.get().to_owned());
        own.or_else(|| self.claims.as_ref().and_then(|claims| claims.raw(name)).map(|value| value.get().to_owned()))
    }
}
