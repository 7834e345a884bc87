//! Imports: previewed, applied whole or not at all, told again without change, undone.

mod clients;
mod never_half;
mod pages;
mod people;
mod places;
mod rows_shown;
mod secrets;
mod shared_secrets;
mod undoing;

use muster::actions::imports::{self, Upload};
use muster::actions::{ActionError, Register};
use muster::connectors::imports::ImportFormat;
use muster::domain::identities::Environment;
use muster::domain::ids::Id;
use muster::domain::imports::{ImportSubject, RowAction, Tally};
use muster::store::identities::{self, Identity};
use muster::store::import_rows::{self, ImportRow};
use muster::store::imported_identities::{self, IdentityBefore};
use serde_json::{Value, json};

use crate::app::TestApp;

/// The bytes of a file under `tests/fixtures/imports`.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/imports/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A client of a realm.
pub fn client(client_id: &str) -> Value {
    json!({
        "clientId": client_id, "name": format!("App {client_id}"), "description": "Made for a test", "enabled": true,
        "protocol": "openid-connect", "publicClient": true, "redirectUris": [format!("https://{client_id}.example/cb")],
        "defaultClientScopes": ["openid", "patient/Patient.rs"], "optionalClientScopes": ["offline_access"],
        "attributes": {"pkce.code.challenge.method": "S256"}
    })
}

/// A realm export of these clients.
pub fn realm(clients: &[Value]) -> Vec<u8> {
    serde_json::to_vec_pretty(&json!({
        "realm": "Ward", "enabled": true, "keycloakVersion": "26.0.0", "accessTokenLifespan": 300, "clients": clients
    }))
    .unwrap()
}

/// An upload of a realm export into production.
pub fn upload(bytes: Vec<u8>) -> Upload {
    Upload {
        subject: ImportSubject::Clients,
        format: ImportFormat::KeycloakRealm,
        file_name: "realm.json".to_owned(),
        bytes,
        system: None,
        environment: Some(Environment::Production),
        column_map: None,
    }
}

/// A file of clients of the realm's system that says nothing but their ids.
pub fn only_ids(app: &TestApp, ids: &[&str]) -> Upload {
    let map = "name = \"ours\"\nsubject = \"clients\"\n[[columns]]\nheading = \"Id\"\nfield = \"client_id\"\n";
    imports::maps::save(&app.register, &app.setup(), map, ("", 0)).unwrap();
    Upload {
        format: ImportFormat::Csv,
        file_name: "ours.csv".to_owned(),
        column_map: Some("ours".to_owned()),
        system: Some("Ward".to_owned()),
        ..upload(format!("Id\n{}\n", ids.join("\n")).into_bytes())
    }
}

/// Previews and applies.
pub fn bring(app: &TestApp, upload: Upload) -> (Id, Tally) {
    let id = imports::preview(&app.register, &app.setup(), upload).unwrap();
    let tally = imports::apply(&app.register, &app.setup(), id).unwrap();
    (id, tally)
}

/// Every row of an import.
pub fn rows(app: &TestApp, id: Id) -> Vec<ImportRow> {
    import_rows::all(&mut app.register.database.read().unwrap(), id).unwrap()
}

/// Every identity with what an import may change, by client id.
pub fn everything(app: &TestApp) -> Vec<IdentityBefore> {
    let mut db = app.register.database.read().unwrap();
    let all: Vec<Identity> = identities::chunk_after(&mut db, None, 100_000).unwrap();
    let mut all = imported_identities::with_lists(&mut db, all).unwrap();
    all.sort_by(|one, other| one.identity.client_id.cmp(&other.identity.client_id));
    all
}

/// The identity of that client id.
pub fn identity(app: &TestApp, client_id: &str) -> Identity {
    let all = everything(app);
    all.into_iter().map(|found| found.identity).find(|found| found.client_id.as_deref() == Some(client_id)).unwrap()
}

/// Changes an identity as somebody at the keyboard would.
pub fn touch(register: &Register, id: Id, change: impl FnOnce(&mut Identity)) {
    register
        .database
        .write(|db| {
            let mut found = identities::find(db, id)?;
            change(&mut found);
            found.version += 1;
            identities::update(db, &found)
        })
        .unwrap();
}

/// The actions of rows, with their names.
pub fn actions(rows: &[ImportRow]) -> Vec<(RowAction, &str)> {
    rows.iter().map(|row| (row.action, row.name.as_str())).collect()
}

/// The words of a refusal.
pub fn refusal<T: std::fmt::Debug>(outcome: Result<T, ActionError>) -> String {
    match outcome {
        Err(ActionError::Refused(words)) => words,
        other => panic!("not refused: {other:?}"),
    }
}
