//! What somebody types about an identity, read into values: every field is checked and every fault
//! is told at once.

mod fault;
mod reading;
mod redirects;
pub mod remarks;

use chrono::NaiveDate;

use super::identities::*;
use super::ids::Id;
use reading::{Reading, lines};

pub use fault::{Fault, RegistrationError};

/// Where typed texts come from: a form, or a table in a test.
pub trait Typed {
    /// The text of a field, empty when it is absent.
    fn one(&self, field: &str) -> &str;
    /// Every text of a field that may repeat.
    fn all(&self, field: &str) -> Vec<&str>;
}

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
    /// The name, the description, the purpose, the steps and the contact.
    pub texts: Vec<String>,
    pub redirect_uris: Vec<String>,
    pub scopes: Vec<String>,
    pub grant_types: Vec<String>,
    pub launch_types: Vec<String>,
    pub access_token_seconds: Option<i64>,
    pub refresh_token_seconds: Option<i64>,
}

impl Registration {
    /// Reads every field.
    ///
    /// # Errors
    /// All faults, in the order of the form's fields.
    pub fn parse(typed: &impl Typed, known: &Known) -> Result<Self, Vec<Fault>> {
        let mut reading = Reading { typed, known_texts: &known.texts, faults: Vec::new() };
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
        let access_token_seconds = reading.access_token_seconds(known.access_token_seconds);
        let (refresh_tokens, refresh_token_seconds) = reading.refresh_tokens(known.refresh_token_seconds);
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

#[cfg(test)]
mod tests;
