//! What a row of an import is about, in few words: the same on the page, in the file of rows and on the
//! command line.

use serde::{Deserialize, Serialize};

use super::super::identities::{Environment, IdentityKind, IdentityState};
use super::super::ids::Moment;
use super::facts::ClientFacts;
use super::risks::risks;

/// The client of a row, as it will be when the import is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub kind: IdentityKind,
    /// The issuing system by name.
    pub system: String,
    pub environment: Environment,
    /// Ships with the issuing system and is kept by its vendor.
    pub built_in: bool,
    pub state: IdentityState,
    /// How many scopes the issuing system gives, those on request among them.
    pub issued_scopes: usize,
    /// How many of them must be asked for.
    pub scopes_on_request: usize,
    /// How many scopes a registration asks for.
    pub requested_scopes: usize,
    pub risks: Vec<String>,
}

impl Overview {
    /// Of a client in its place. `now` is for the ages of secrets.
    pub fn of(kind: IdentityKind, system: &str, environment: Environment, facts: &ClientFacts, now: Moment) -> Self {
        Self {
            kind,
            system: system.to_owned(),
            environment,
            built_in: facts.vendor_managed,
            state: facts.state,
            issued_scopes: facts.issued_scopes.len(),
            scopes_on_request: facts.issued_scopes.iter().filter(|scope| scope.optional).count(),
            requested_scopes: facts.requested_scopes.len(),
            risks: risks(environment, facts, now),
        }
    }

    /// "12 scopes, 3 on request", "2 scopes requested", "No scopes".
    pub fn scopes_words(&self) -> String {
        let mut parts = Vec::new();
        if self.issued_scopes > 0 {
            parts.push(format!("{} {}", self.issued_scopes, if self.issued_scopes == 1 { "scope" } else { "scopes" }));
        }
        if self.scopes_on_request > 0 {
            parts.push(format!("{} on request", self.scopes_on_request));
        }
        if self.requested_scopes > 0 {
            parts.push(format!("{} requested", self.requested_scopes));
        }
        if parts.is_empty() { "No scopes".to_owned() } else { parts.join(", ") }
    }

    /// "SMART app, Main EHR, Production, Active, 12 scopes", for the command line.
    pub fn words(&self) -> String {
        let mut parts = vec![self.kind.label(), self.system.as_str(), self.environment.label()];
        if self.built_in {
            parts.push("Built in");
        }
        parts.push(self.state.label());
        format!("{}, {}", parts.join(", "), self.scopes_words())
    }
}
