//! Import formats: one folder or file each, all filling the values of `domain::imported`.
//!
//! A fault of the file refuses the file (`ImportError`, with line and what to do); a fault of one
//! entry is an error row. Every entry of a file is a row, and everything that is no entry is counted
//! in `left_out`. Secrets end here.
//!
//! To add a format: a word in `ImportFormat`, a file with a `read` function, a line in
//! `read_clients`, fixtures under `tests/fixtures/imports/`.

mod clients;
pub mod column_map;
mod csv_clients;
mod csv_people;
mod csv_rows;
mod dcr;
mod entra_apps;
mod error;
mod json;
mod json_faults;
mod json_rows;
mod keycloak_realm;
mod keys;
mod launches;
mod reading;
mod repairs;
mod secrets;
mod text;

use std::collections::BTreeMap;

use crate::domain::imported::{ImportedFile, ImportedOutcome, ImportedRow};
use crate::domain::imported_people::ImportedPeople;
use crate::words;

pub use column_map::{ColumnMap, ColumnMapError, MapSubject, shipped_column_maps};
pub use error::ImportError;
pub use reading::Reading;
pub use repairs::repeated_words;
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

/// Whether a column map can be used, its fixed values included. To be asked before one is saved.
pub fn check_column_map(map: &ColumnMap) -> Result<(), ColumnMapError> {
    map.check()?;
    csv_clients::check_fixed(map)
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
                ImportError::whole("A CSV file needs a column map. Name one, or write one for these headings.")
            })?;
            csv_clients::read(&text, map, reading)?
        }
    };
    file.rows.iter_mut().for_each(repairs::tidy);
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

/// Entries with one client id are errors, all of them: nobody can say which one counts.
fn refuse_repeats(rows: &mut [ImportedRow]) {
    let mut places: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        let ImportedOutcome::Client(client) = &row.outcome else { continue };
        let Some(client_id) = client.client_id.clone() else { continue };
        let environment = client.environment.map(|environment| environment.word());
        places.entry((client.system.clone(), environment, client_id)).or_default().push(place);
    }
    for ((_, _, client_id), places) in places.into_iter().filter(|(_, places)| places.len() > 1) {
        let lines: Vec<Option<u64>> = places.iter().map(|place| rows.get(*place).and_then(|row| row.line)).collect();
        let reason = repairs::repeated_words("client id", &lines);
        for place in places {
            if let Some(row) = rows.get_mut(place) {
                row.outcome = ImportedOutcome::Error { name: client_id.clone(), reason: reason.clone() };
            }
        }
    }
}

#[cfg(test)]
mod tests;
