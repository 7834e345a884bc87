//! Reading the fields of a form one by one, with every fault on the way.

use std::str::FromStr;

use chrono::NaiveDate;

use super::super::guard::typed::holds_a_secret;
use super::super::identities::RefreshTokens;
use super::super::ids::Id;
use super::fault::{Fault, RegistrationError};
use super::redirects;
use super::{LAUNCH_TYPES, Named, Typed, WayToStop};

/// A form being read, and what was wrong so far.
pub(super) struct Reading<'a, T: Typed> {
    pub(super) typed: &'a T,
    /// Texts that are on record.
    pub(super) known_texts: &'a [String],
    pub(super) faults: Vec<Fault>,
}

impl<'a, T: Typed> Reading<'a, T> {
    pub(super) fn get(&self, field: &str) -> &'a str {
        self.typed.one(field).trim()
    }

    pub(super) fn fault(&mut self, field: &'static str, error: RegistrationError) {
        self.faults.push((field, error));
    }

    pub(super) fn choice<V: FromStr>(&mut self, field: &'static str, what: &'static str) -> Option<V> {
        let value = self.get(field).parse().ok();
        if value.is_none() {
            self.fault(field, RegistrationError::Choose(what));
        }
        value
    }

    pub(super) fn optional_choice<V: FromStr>(&mut self, field: &'static str, what: &'static str) -> Option<V> {
        if self.get(field).is_empty() { None } else { self.choice(field, what) }
    }

    pub(super) fn reference(&mut self, field: &'static str, what: &'static str) -> Option<Id> {
        self.optional_choice(field, what)
    }

    pub(super) fn named(&self, field: &str) -> Option<Named> {
        Some(self.get(field).to_owned()).filter(|text| !text.is_empty())
    }

    pub(super) fn name(&mut self) -> Option<String> {
        let name = self.get("name");
        let length = name.chars().count();
        if length == 0 || length > 200 || name.chars().any(char::is_control) {
            self.fault("name", RegistrationError::Name);
            return None;
        }
        if self.is_new_secret(name) {
            self.fault("name", RegistrationError::Secret);
        }
        Some(name.to_owned())
    }

    pub(super) fn text(&mut self, field: &'static str, what: &'static str, longest: usize) -> Option<String> {
        // Browsers send line ends as CR LF (HTML, form submission); one form is stored.
        let text = self.get(field).replace("\r\n", "\n");
        if text.chars().count() > longest {
            self.fault(field, RegistrationError::TooLong(what, longest));
        } else if self.is_new_secret(&text) {
            self.fault(field, RegistrationError::Secret);
        }
        Some(text).filter(|text| !text.is_empty())
    }

    /// What is on record is not refused when somebody changes something else.
    fn is_new_secret(&self, text: &str) -> bool {
        holds_a_secret(text) && !self.known_texts.iter().any(|known| known == text)
    }

    pub(super) fn client_id(&mut self) -> Option<String> {
        let text = self.get("client_id");
        if text.chars().count() > 500 || text.chars().any(char::is_control) {
            self.fault("client_id", RegistrationError::ClientId);
        }
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }

    pub(super) fn grant_types(&mut self, known: &[String]) -> Vec<String> {
        let found = words(self.typed.one("grant_types"));
        for word in &found {
            if !known.contains(word) && !word.chars().all(|c| c.is_ascii_graphic()) {
                self.fault("grant_types", RegistrationError::GrantType(word.clone()));
            }
        }
        found
    }

    pub(super) fn launch_types(&mut self, known: &[String]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for word in self.typed.all("launch_types") {
            let ours = LAUNCH_TYPES.iter().any(|(launch, _)| *launch == word);
            if !ours && !known.iter().any(|known| known == word) {
                self.fault("launch_types", RegistrationError::LaunchType(word.to_owned()));
            } else if !found.iter().any(|launch| launch == word) {
                found.push(word.to_owned());
            }
        }
        found
    }

    pub(super) fn redirect_uris(&mut self, known: &[String]) -> Vec<String> {
        let found = lines(self.typed.one("redirect_uris"));
        for uri in found.iter().filter(|uri| !known.contains(uri)) {
            if let Err(error) = redirects::check(uri) {
                self.fault("redirect_uris", error);
            }
        }
        found
    }

    pub(super) fn scopes(&mut self, known: &[String]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        // A stored name may hold a space where the system allowed one: such a line is taken whole.
        for line in lines(self.typed.one("scopes")) {
            let parts = if known.contains(&line) { vec![line] } else { words(&line) };
            for scope in parts {
                if !known.contains(&scope) && !is_scope(&scope) {
                    self.fault("scopes", RegistrationError::Scope(scope));
                } else if !found.contains(&scope) {
                    found.push(scope);
                }
            }
        }
        found
    }

    pub(super) fn number(&mut self, field: &'static str, largest: i64, error: RegistrationError) -> Option<i64> {
        let text = self.get(field);
        if text.is_empty() {
            return None;
        }
        let number = text.parse::<i64>().ok().filter(|number| (1..=largest).contains(number));
        if number.is_none() {
            self.fault(field, error);
        }
        number
    }

    /// A year at most; what was stored before may stay.
    pub(super) fn access_token_seconds(&mut self, known: Option<i64>) -> Option<i64> {
        let largest = known.unwrap_or_default().max(31_536_000);
        self.number("access_token_seconds", largest, RegistrationError::AccessSeconds)
    }

    pub(super) fn refresh_tokens(&mut self, known: Option<i64>) -> (RefreshTokens, Option<i64>) {
        let answer = self.optional_choice("refresh_tokens", "how long refresh tokens live");
        let typed = !self.get("refresh_token_seconds").is_empty();
        let largest = known.unwrap_or_default().max(315_360_000);
        let seconds = self.number("refresh_token_seconds", largest, RegistrationError::RefreshRange);
        let answer = answer.unwrap_or(RefreshTokens::Unknown);
        match (answer, typed) {
            (RefreshTokens::Limited, false) => self.fault("refresh_token_seconds", RegistrationError::RefreshSeconds),
            (RefreshTokens::Limited, true) | (_, false) => {}
            (_, true) => self.fault("refresh_token_seconds", RegistrationError::RefreshSecondsUnused),
        }
        (answer, seconds)
    }

    pub(super) fn date(&mut self, field: &'static str) -> Option<NaiveDate> {
        let text = self.get(field);
        if text.is_empty() {
            return None;
        }
        // Year 9999 stands for "never" in the keys that lists sort by.
        let date = text.parse::<NaiveDate>().ok().filter(|date| {
            NaiveDate::from_ymd_opt(2000, 1, 1).is_some_and(|first| *date >= first)
                && NaiveDate::from_ymd_opt(9000, 1, 1).is_some_and(|last| *date < last)
        });
        if date.is_none() {
            self.fault(field, RegistrationError::Date(text.to_owned()));
        }
        date
    }

    pub(super) fn way_to_stop(&mut self) -> Option<WayToStop> {
        let steps = self.text("steps", "the steps", 8_000);
        let contact = self.text("contact", "the contact", 500);
        let chosen = !self.get("method").is_empty();
        if !chosen && steps.is_none() && contact.is_none() {
            return None;
        }
        let method = if chosen { self.choice("method", "how it is stopped") } else { None };
        if !chosen {
            self.fault("method", RegistrationError::Method);
        }
        if steps.is_none() {
            self.fault("steps", RegistrationError::Steps);
        }
        if contact.is_none() {
            self.fault("contact", RegistrationError::Contact);
        }
        Some(WayToStop { method: method?, steps: steps?, contact: contact? })
    }
}

/// The lines that are not empty, without space around them, each once.
pub(super) fn lines(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if !found.iter().any(|known| known == line) {
            found.push(line.to_owned());
        }
    }
    found
}

/// The words between white space, each once.
fn words(text: &str) -> Vec<String> {
    lines(&text.split_whitespace().collect::<Vec<_>>().join("\n"))
}

/// RFC 6749 section 3.3: `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`.
fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && c != '"' && c != '\\')
}
