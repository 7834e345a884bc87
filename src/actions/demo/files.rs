//! The seed files, as they are written. An unknown field fails the load, so that no misspelt fact is lost.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::identities::*;
use crate::domain::people::Role;
use crate::domain::systems::SystemKind;

/// What `seeds/demo` holds of people, vendors, systems, identities and their history.
#[derive(Debug)]
pub struct Files {
    pub people: Vec<PersonSeed>,
    pub vendors: Vec<VendorSeed>,
    pub systems: Vec<SystemSeed>,
    pub identities: Vec<IdentitySeed>,
    pub events: Vec<Event>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonSeed {
    pub key: String,
    pub name: String,
    pub email: String,
    pub staff_id: Option<String>,
    pub title: Option<String>,
    pub department: Option<String>,
    pub manager: Option<String>,
    pub deputy: Option<String>,
    pub role: Option<Role>,
    #[serde(default)]
    pub sign_in: bool,
    pub time_zone: Option<String>,
    pub left_days_ago: Option<i64>,
    pub leaves_in_days: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VendorSeed {
    pub key: String,
    pub name: String,
    pub contact: Option<String>,
    pub contract_reference: Option<String>,
    pub contract_ends_in_days: Option<i64>,
    pub agreement_reference: Option<String>,
    pub agreement_ends_in_days: Option<i64>,
    pub baa_reference: Option<String>,
    pub baa_ends_in_days: Option<i64>,
    pub notes: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemSeed {
    pub key: String,
    pub name: String,
    pub kind: SystemKind,
    #[serde(rename = "environment")]
    _environment: Environment,
    pub base_url: Option<String>,
    pub business_owner: Option<String>,
    pub technical_owner: Option<String>,
    pub notes: Option<String>,
    #[serde(rename = "vendor")]
    _vendor: Option<String>,
    #[serde(rename = "authorization_server")]
    _authorization_server: Option<String>,
    pub fhir_version: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySeed {
    pub key: String,
    pub name: String,
    pub description: Option<String>,
    pub kind: IdentityKind,
    pub client_id: Option<String>,
    pub system: String,
    pub environment: Environment,
    pub vendor: Option<String>,
    pub parent: Option<String>,
    #[serde(default)]
    pub twins: Vec<String>,
    pub access_basis: Option<AccessBasis>,
    pub purpose: Option<String>,
    pub client_type: ClientType,
    pub grant_types: Vec<String>,
    pub launch_types: Vec<String>,
    pub redirect_uris: Vec<String>,
    pub access_token_seconds: Option<i64>,
    pub refresh_tokens: RefreshTokens,
    pub refresh_token_seconds: Option<i64>,
    pub criticality: Criticality,
    pub state: IdentityState,
    pub cause: StateCause,
    pub state_changed_days_ago: i64,
    pub enabled: bool,
    pub vendor_managed: bool,
    pub source_format: Option<String>,
    pub registered_days_ago: i64,
    pub vanished_days_ago: Option<i64>,
    pub expires_in_days: Option<i64>,
    pub review_interval_days: Option<i64>,
    pub next_review_in_days: Option<i64>,
    pub last_used_days_ago: Option<i64>,
    pub last_used_source: Option<String>,
    pub use_visible_since_days_ago: Option<i64>,
    pub business_owner: Option<String>,
    pub business_owner_answer: Option<OwnerAnswer>,
    pub business_owner_answered_days_ago: Option<i64>,
    pub technical_owner: Option<String>,
    pub technical_owner_answer: Option<OwnerAnswer>,
    pub technical_owner_answered_days_ago: Option<i64>,
    pub approved_scopes: Vec<String>,
    pub issued_scopes: Vec<IssuedScopeSeed>,
    pub requested_scopes: Vec<String>,
    pub credentials: Vec<CredentialSeed>,
    pub revocation: Option<RevocationSeed>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedScopeSeed {
    pub scope: String,
    pub optional: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialSeed {
    pub kind: CredentialKind,
    pub key_id: Option<String>,
    pub thumbprint: Option<String>,
    pub location: Option<String>,
    pub created_days_ago: Option<i64>,
    pub expires_in_days: Option<i64>,
    pub never_expires: bool,
    pub strength: Strength,
    pub shared_secret_group: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevocationSeed {
    pub method: RevocationMethod,
    pub steps: String,
    pub contact: String,
    pub proved_days_ago: Option<i64>,
    pub proof: Option<String>,
}

/// One line of the history.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub days_ago: i64,
    pub actor: Option<String>,
    pub job: Option<String>,
    pub action: String,
    pub entity: String,
    pub subject: String,
    pub words: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

impl Files {
    /// Reads the files that are inside the binary.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn read() -> Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct People {
            people: Vec<PersonSeed>,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Vendors {
            vendors: Vec<VendorSeed>,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Systems {
            systems: Vec<SystemSeed>,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Identities {
            identities: Vec<IdentitySeed>,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct History {
            events: Vec<Event>,
        }
        let people: People = part("people", include_str!("../../../seeds/demo/people.toml"))?;
        let vendors: Vendors = part("vendors", include_str!("../../../seeds/demo/vendors.toml"))?;
        let systems: Systems = part("systems", include_str!("../../../seeds/demo/systems.toml"))?;
        let identities: Identities = part("identities", include_str!("../../../seeds/demo/identities.toml"))?;
        let history: History = part("history", include_str!("../../../seeds/demo/history.toml"))?;
        Ok(Self {
            people: people.people,
            vendors: vendors.vendors,
            systems: systems.systems,
            identities: identities.identities,
            events: history.events,
        })
    }
}

fn part<T: for<'de> Deserialize<'de>>(name: &str, text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| format!("seeds/demo/{name}.toml: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hospital_is_as_large_as_it_says() {
        let files = Files::read().unwrap();
        assert_eq!((files.people.len(), files.vendors.len(), files.identities.len()), (26, 8, 123));
        assert!(files.events.len() > 1_000);
    }
}
