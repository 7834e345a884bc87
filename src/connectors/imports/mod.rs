//! Import formats: one folder or file each, all filling the values of `domain::imported`.
//!
//! A fault of the file refuses the file (`ImportError`, with line and what to do); a fault of one
//! entry is an error row. Every entry of a file is a row, and everything that is no entry is counted
//! in `left_out`. Secrets end here.
//!
//! To add a format: a word in `ImportFormat`, a file with a `read` function, a line in
//! `read_clients`, fixtures under `tests/fixtures/imports/`.

pub mod column_map;
mod csv_clients;
mod csv_people;
mod csv_rows;
mod dcr;
mod entra_apps;
mod error;
mod guard;
mod json;
mod json_faults;
mod keycloak_realm;
mod keys;
mod launches;
mod secrets;
mod text;

use std::collections::BTreeMap;

use crate::domain::ids::Moment;
use crate::domain::imported::{ImportedClient, ImportedFile, ImportedOutcome, ImportedRow};
use crate::domain::imported_people::ImportedPeople;
use crate::words;

pub use column_map::{ColumnMap, ColumnMapError, MapSubject, shipped_column_maps};
pub use error::ImportError;
pub use secrets::{fingerprint, strength};

words! {
    /// What a file of clients is.
    ImportFormat {
        /// A Keycloak realm export, whole or partial, or client objects of its administration interface.
        KeycloakRealm = "keycloak-realm", "Keycloak realm export";
        /// Registration requests and responses (RFC 7591), UDAP included.
        Dcr = "dcr", "Dynamic client registration (RFC 7591)";
        /// `az ad app list` or the applications of Microsoft Graph.
        EntraApps = "entra-apps", "Entra app registrations";
        /// Any list, read through a column map.
        Csv = "csv", "CSV through a column map";
    }
}

/// What a reader is given beside the file.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The deployment's own key for the fingerprints of secrets.
    pub fingerprint_key: &'a [u8; 32],
    /// For the ages in remarks.
    pub now: Moment,
    /// Needed by `ImportFormat::Csv` only.
    pub column_map: Option<&'a ColumnMap>,
}

/// Reads a file of clients.
///
/// # Errors
/// The file as a whole cannot be read. Faults of single entries are rows of the result.
pub fn read_clients(format: ImportFormat, bytes: &[u8], reading: &Reading) -> Result<ImportedFile, ImportError> {
    let text = text::decode(bytes)?;
    let mut file = match format {
        ImportFormat::KeycloakRealm => keycloak_realm::read(&text, reading)?,
        ImportFormat::Dcr => dcr::read(&text, reading)?,
        ImportFormat::EntraApps => entra_apps::read(&text, reading)?,
        ImportFormat::Csv => {
            let map = reading.column_map.ok_or_else(|| {
                ImportError::whole("A CSV file needs a column map. Choose one, or make one for these headings.")
            })?;
            csv_clients::read(&text, map, reading)?
        }
    };
    refuse_repeats(&mut file.rows);
    Ok(file)
}

/// Reads a list of people through a column map.
///
/// # Errors
/// The file as a whole cannot be read, or the map is not one for people.
pub fn read_people(bytes: &[u8], map: &ColumnMap) -> Result<ImportedPeople, ImportError> {
    csv_people::read(&text::decode(bytes)?, map)
}

/// The second entry with the client id of an earlier one is an error: nobody can say which one counts.
fn refuse_repeats(rows: &mut [ImportedRow]) {
    let mut seen: BTreeMap<(Option<String>, Option<&'static str>, String), Option<u64>> = BTreeMap::new();
    for row in rows {
        let ImportedOutcome::Client(client) = &row.outcome else { continue };
        let Some(client_id) = client.client_id.clone() else { continue };
        let key = (client.system.clone(), client.environment.map(|environment| environment.word()), client_id.clone());
        match seen.get(&key) {
            Some(first) => {
                let place = first.map_or_else(|| "earlier in the file".to_owned(), |line| format!("first on line {line}"));
                row.outcome = ImportedOutcome::Error {
                    name: client_id,
                    reason: format!("This client id stands twice in the file, {place}. Remove one of the two entries."),
                };
            }
            None => {
                seen.insert(key, row.line);
            }
        }
    }
}

/// A client of which nothing is known yet but its name; readers fill in what their format tells.
fn blank_client(client_id: Option<String>, name: String) -> ImportedClient {
    use crate::domain::identities::{ClientType, IdentityKind, IdentityState, RefreshTokens, StateCause};
    ImportedClient {
        client_id,
        kind: IdentityKind::SmartApp,
        name,
        description: None,
        environment: None,
        system: None,
        vendor: None,
        purpose: None,
        client_type: ClientType::Unknown,
        grant_types: Vec::new(),
        launch_types: Vec::new(),
        redirect_uris: Vec::new(),
        access_token_seconds: None,
        refresh_tokens: RefreshTokens::Unknown,
        refresh_token_seconds: None,
        enabled: true,
        vendor_managed: false,
        state: IdentityState::Active,
        cause: StateCause::ImportedEnabled,
        expires_at: None,
        created_at: None,
        last_used_at: None,
        issued_scopes: Vec::new(),
        requested_scopes: Vec::new(),
        credentials: Vec::new(),
        business_owner_email: None,
        technical_owner_email: None,
        notes: BTreeMap::new(),
        remarks: Vec::new(),
    }
}

/// Sets the life-cycle state that a file's "enabled" stands for.
fn set_enabled(client: &mut ImportedClient, enabled: bool) {
    use crate::domain::identities::{IdentityState, StateCause};
    client.enabled = enabled;
    (client.state, client.cause) = if enabled {
        (IdentityState::Active, StateCause::ImportedEnabled)
    } else {
        (IdentityState::Suspended, StateCause::ImportedDisabled)
    };
}

/// A number with its noun: "1 role", "3 roles".
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests;
