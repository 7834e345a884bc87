//! What somebody types about an identity, read into values: every field is checked and every fault
//! is told at once.

use std::str::FromStr;

use chrono::NaiveDate;

use super::identities::*;
use super::ids::Id;

/// Where typed texts come from: a form, or a table in a test.
pub trait Typed {
    /// The text of a field, empty when it is absent.
    fn one(&self, field: &str) -> &str;
    /// Every text of a field that may repeat.
    fn all(&self, field: &str) -> Vec<&str>;
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    #[error("Choose {0}")]
    Choose(&'static str),
    #[error("Write a name, at most 200 characters, on one line")]
    Name,
    #[error("Shorten {0} to {1} characters")]
    TooLong(&'static str, usize),
    #[error("Write the client id on one line without control characters, at most 500 characters")]
    ClientId,
    #[error(
        "The redirect URI \u{201c}{0}\u{201d} is not absolute; write it whole, as in https://app.example/callback (RFC 6749 section 3.1.2)"
    )]
    RedirectUri(String),
    #[error(
        "The redirect URI \u{201c}{0}\u{201d} has a fragment; leave out everything from # on (RFC 6749 section 3.1.2)"
    )]
    RedirectFragment(String),
    #[error(
        "\u{201c}{0}\u{201d} is not a scope; use visible ASCII characters without quotation marks and backslashes (RFC 6749 section 3.3)"
    )]
    Scope(String),
    #[error(
        "\u{201c}{0}\u{201d} is not a grant type; write one such as authorization_code on each line (RFC 7591 section 2)"
    )]
    GrantType(String),
    #[error("\u{201c}{0}\u{201d} is not a launch type; choose from the list")]
    LaunchType(String),
    #[error("\u{201c}{0}\u{201d} is not a date; write it as 2026-12-31")]
    Date(String),
    #[error("Write the days between two reviews as a whole number from 1 to 3650")]
    ReviewInterval,
    #[error("Write a lifetime in seconds as a whole number from 1 to 4294967295")]
    Seconds,
    #[error("Write how many seconds a refresh token lives, or choose another answer above")]
    RefreshSeconds,
    #[error("Remove the seconds, or choose \u{201c}Limited\u{201d} above")]
    RefreshSecondsUnused,
    #[error("Say how it is stopped, step by step, or leave method, steps and contact empty")]
    Steps,
    #[error("Say who is called to stop it, or leave method, steps and contact empty")]
    Contact,
    #[error("Choose how it is stopped, or leave steps and contact empty")]
    Method,
}

/// A fault and the field it is in.
pub type Fault = (&'static str, RegistrationError);

/// How it is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayToStop {
    pub method: RevocationMethod,
    pub steps: String,
    pub contact: String,
}

/// Another identity or a person as somebody names it: an id, a client id; a name, an address.
pub type Named = String;

/// Everything that is typed about an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    pub kind: IdentityKind,
    pub name: String,
    pub description: Option<String>,
    pub client_id: Option<String>,
    pub system: Option<Id>,
    pub environment: Environment,
    pub vendor: Option<Id>,
    pub vendor_managed: bool,
    pub parent: Option<Named>,
    pub twins: Vec<Named>,
    pub business_owner: Option<Named>,
    pub technical_owner: Option<Named>,
    pub purpose: Option<String>,
    pub access_basis: Option<AccessBasis>,
    pub criticality: Criticality,
    pub client_type: ClientType,
    pub grant_types: Vec<String>,
    pub launch_types: Vec<String>,
    pub redirect_uris: Vec<String>,
    /// What is asked for while the identity is requested, what is issued afterwards.
    pub scopes: Vec<String>,
    pub access_token_seconds: Option<i64>,
    pub refresh_tokens: RefreshTokens,
    pub refresh_token_seconds: Option<i64>,
    /// The day at whose start it stops, in the deployment's zone.
    pub expires_on: Option<NaiveDate>,
    pub review_interval_days: Option<i64>,
    pub next_review_on: Option<NaiveDate>,
    pub way_to_stop: Option<WayToStop>,
}

/// The launch types of SMART App Launch 2.2, and back-end services, which are not launched.
pub const LAUNCH_TYPES: &[(&str, &str)] = &[
    ("launch-ehr", "From inside the EHR"),
    ("launch-standalone", "On its own"),
    ("backend", "Never: it works without a person"),
];

/// Values that were stored before and need not be checked again: a system may have been more lenient
/// than the standard, and what it does is what the register has to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    pub redirect_uris: Vec<String>,
    pub scopes: Vec<String>,
    pub grant_types: Vec<String>,
    pub launch_types: Vec<String>,
}

impl Registration {
    /// Reads every field.
    ///
    /// # Errors
    /// All faults, in the order of the form's fields.
    pub fn parse(typed: &impl Typed, known: &Known) -> Result<Self, Vec<Fault>> {
        let mut reading = Reading { typed, faults: Vec::new() };
        let kind = reading.choice("kind", "what sort of identity it is");
        let name = reading.name();
        let description = reading.text("description", "the description", 4_000);
        let client_id = reading.client_id();
        let system = reading.reference("system", "a system from the list");
        let environment = reading.choice("environment", "where it works");
        let vendor = reading.reference("vendor", "a vendor from the list");
        let vendor_managed = !reading.get("vendor_managed").is_empty();
        let parent = reading.named("parent");
        let twins = lines(typed.one("twins"));
        let business_owner = reading.named("business_owner");
        let technical_owner = reading.named("technical_owner");
        let purpose = reading.text("purpose", "the purpose", 4_000);
        let access_basis = reading.optional_choice("access_basis", "an access basis from the list");
        let criticality = reading.optional_choice("criticality", "how much care depends on it");
        let client_type = reading.optional_choice("client_type", "a client type from the list");
        let grant_types = reading.grant_types(&known.grant_types);
        let launch_types = reading.launch_types(&known.launch_types);
        let redirect_uris = reading.redirect_uris(&known.redirect_uris);
        let scopes = reading.scopes(&known.scopes);
        let access_token_seconds = reading.number("access_token_seconds", u32::MAX.into(), RegistrationError::Seconds);
        let (refresh_tokens, refresh_token_seconds) = reading.refresh_tokens();
        let expires_on = reading.date("expires_on");
        let review_interval_days = reading.number("review_interval_days", 3_650, RegistrationError::ReviewInterval);
        let next_review_on = reading.date("next_review_on");
        let way_to_stop = reading.way_to_stop();
        let (Some(kind), Some(name), Some(environment), true) = (kind, name, environment, reading.faults.is_empty())
        else {
            return Err(reading.faults);
        };
        Ok(Self {
            kind,
            name,
            description,
            client_id,
            system,
            environment,
            vendor,
            vendor_managed,
            parent,
            twins,
            business_owner,
            technical_owner,
            purpose,
            access_basis,
            criticality: criticality.unwrap_or(Criticality::Unknown),
            client_type: client_type.unwrap_or(ClientType::Unknown),
            grant_types,
            launch_types,
            redirect_uris,
            scopes,
            access_token_seconds,
            refresh_tokens,
            refresh_token_seconds,
            expires_on,
            review_interval_days,
            next_review_on,
            way_to_stop,
        })
    }
}

/// A form being read, and what was wrong so far.
struct Reading<'a, T: Typed> {
    typed: &'a T,
    faults: Vec<Fault>,
}

impl<'a, T: Typed> Reading<'a, T> {
    fn get(&self, field: &str) -> &'a str {
        self.typed.one(field).trim()
    }

    fn fault(&mut self, field: &'static str, error: RegistrationError) {
        self.faults.push((field, error));
    }

    fn choice<V: FromStr>(&mut self, field: &'static str, what: &'static str) -> Option<V> {
        let value = self.get(field).parse().ok();
        if value.is_none() {
            self.fault(field, RegistrationError::Choose(what));
        }
        value
    }

    fn optional_choice<V: FromStr>(&mut self, field: &'static str, what: &'static str) -> Option<V> {
        if self.get(field).is_empty() { None } else { self.choice(field, what) }
    }

    fn reference(&mut self, field: &'static str, what: &'static str) -> Option<Id> {
        self.optional_choice(field, what)
    }

    fn named(&self, field: &str) -> Option<Named> {
        Some(self.get(field).to_owned()).filter(|text| !text.is_empty())
    }

    fn name(&mut self) -> Option<String> {
        let name = self.get("name");
        let length = name.chars().count();
        if length == 0 || length > 200 || name.chars().any(char::is_control) {
            self.fault("name", RegistrationError::Name);
            return None;
        }
        Some(name.to_owned())
    }

    fn text(&mut self, field: &'static str, what: &'static str, longest: usize) -> Option<String> {
        // Browsers send line ends as CR LF (HTML, form submission); one form is stored.
        let text = self.get(field).replace("\r\n", "\n");
        if text.chars().count() > longest {
            self.fault(field, RegistrationError::TooLong(what, longest));
        }
        Some(text).filter(|text| !text.is_empty())
    }

    fn client_id(&mut self) -> Option<String> {
        let text = self.get("client_id");
        if text.chars().count() > 500 || text.chars().any(char::is_control) {
            self.fault("client_id", RegistrationError::ClientId);
        }
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }

    fn grant_types(&mut self, known: &[String]) -> Vec<String> {
        let found = words(self.typed.one("grant_types"));
        for word in &found {
            if !known.contains(word) && !word.chars().all(|c| c.is_ascii_graphic()) {
                self.fault("grant_types", RegistrationError::GrantType(word.clone()));
            }
        }
        found
    }

    fn launch_types(&mut self, known: &[String]) -> Vec<String> {
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

    fn redirect_uris(&mut self, known: &[String]) -> Vec<String> {
        let found = lines(self.typed.one("redirect_uris"));
        for uri in found.iter().filter(|uri| !known.contains(uri)) {
            if let Err(error) = check_redirect_uri(uri) {
                self.fault("redirect_uris", error);
            }
        }
        found
    }

    fn scopes(&mut self, known: &[String]) -> Vec<String> {
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

    fn number(&mut self, field: &'static str, largest: i64, error: RegistrationError) -> Option<i64> {
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

    fn refresh_tokens(&mut self) -> (RefreshTokens, Option<i64>) {
        let answer = self.optional_choice("refresh_tokens", "how long refresh tokens live");
        let typed = !self.get("refresh_token_seconds").is_empty();
        let seconds = self.number("refresh_token_seconds", u32::MAX.into(), RegistrationError::Seconds);
        let answer = answer.unwrap_or(RefreshTokens::Unknown);
        match (answer, typed) {
            (RefreshTokens::Limited, false) => self.fault("refresh_token_seconds", RegistrationError::RefreshSeconds),
            (RefreshTokens::Limited, true) | (_, false) => {}
            (_, true) => self.fault("refresh_token_seconds", RegistrationError::RefreshSecondsUnused),
        }
        (answer, seconds)
    }

    fn date(&mut self, field: &'static str) -> Option<NaiveDate> {
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

    fn way_to_stop(&mut self) -> Option<WayToStop> {
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
fn lines(text: &str) -> Vec<String> {
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

/// RFC 6749 section 3.1.2: an absolute URI (RFC 3986 section 4.3) without a fragment.
fn check_redirect_uri(text: &str) -> Result<(), RegistrationError> {
    let absolute = !text.chars().any(|c| c.is_whitespace() || c.is_control()) && url::Url::parse(text).is_ok();
    if !absolute {
        return Err(RegistrationError::RedirectUri(text.to_owned()));
    }
    if text.contains('#') {
        return Err(RegistrationError::RedirectFragment(text.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
