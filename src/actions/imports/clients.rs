//! What a file of clients means for the register as it is now.

mod known;

use std::collections::{HashMap, HashSet};

use super::entries::{Entry, Said, storable};
use super::{Plan, Steps, blank_row, sentences};
use crate::connectors::imports::{ImportFormat, repeated_words};
use crate::domain::identities::{Environment, IdentityKind};
use crate::domain::ids::{Id, Moment};
use crate::domain::imported::ImportedClient;
use crate::domain::imports::clients::{Tells, compare};
use crate::domain::imports::facts::{self, ClientFacts};
use crate::domain::imports::overview::Overview;
use crate::domain::imports::systems::new_systems;
use crate::domain::imports::{FieldChange, RowAction, limits};
use crate::store::import_rows::{Before, ImportRow, RowChanges, RowRecord};
use crate::store::imported_identities::IdentityBefore;
use crate::store::imports::Import;
use crate::store::types::Doc;
use crate::store::{Db, StoreError};
use known::{Key, Known, Places};

pub use known::facts_of;

/// One step of applying a file of clients.
pub enum Step {
    Create(Box<NewClient>),
    Change(Box<ChangedClient>),
    Vanish(Box<IdentityBefore>),
}

/// A client the register does not know.
pub struct NewClient {
    pub id: Id,
    pub kind: IdentityKind,
    pub client_id: Option<String>,
    pub system: String,
    pub environment: Environment,
    pub facts: ClientFacts,
}

/// A client of which the file says something else.
pub struct ChangedClient {
    pub before: IdentityBefore,
    pub after: ClientFacts,
}

/// What a format says by being silent.
fn tells(format: &str) -> Tells {
    match format.parse() {
        Ok(ImportFormat::KeycloakRealm | ImportFormat::Dcr) => Tells::EVERYTHING,
        // An app registration tells neither grants nor whether anybody else keeps it.
        Ok(ImportFormat::EntraApps) => {
            Tells { description: false, grant_types: false, vendor_managed: false, ..Tells::EVERYTHING }
        }
        Ok(ImportFormat::Csv) | Err(_) => Tells::WHAT_IS_THERE,
    }
}

/// Compares every entry with the register.
pub fn plan(db: &mut Db, import: &Import, entries: Vec<Entry>, now: Moment) -> Result<Plan, StoreError> {
    let summary = &import.counts.0;
    // Without a name for all, every entry names its own; the reader saw to it.
    let system = summary.system.clone().unwrap_or_default();
    let environment = import.environment.unwrap_or(Environment::Unknown);
    let mut entries = entries;
    let mut places = Places::default();
    if !system.is_empty() {
        places.add(&system, environment);
    }
    let mut names = HashSet::new();
    for entry in &mut entries {
        match &mut entry.said {
            Said::Client(client) => {
                let named = client.system.as_deref().map(str::trim).filter(|name| !name.is_empty());
                client.system = Some(named.unwrap_or(&system).to_owned());
                client.environment = Some(client.environment.unwrap_or(environment));
                if let (Some(system), Some(environment)) = (&client.system, client.environment) {
                    places.add(system, environment);
                }
            }
            Said::Skip { name, .. } | Said::Error { name, .. } => {
                names.insert(name.clone());
            }
            Said::Person(_) => {}
        }
    }
    let repeated = repeated(&entries);
    let mut known = Known::load(db, &places, &entries, now)?;
    let (new_systems, warnings) = new_systems(&known.system_names(), &places.names());
    let tells = tells(&import.format);
    let (mut rows, mut steps) = (Vec::with_capacity(entries.len()), Vec::new());
    for entry in entries {
        let mut row = blank_row(import.id, &entry);
        match entry.said {
            Said::Skip { name, reason } => {
                row.action = RowAction::Skip;
                (row.name, row.reason) = (storable(&name), Some(storable(&reason)));
            }
            Said::Error { name, reason } => (row.name, row.reason) = (storable(&name), Some(storable(&reason))),
            Said::Person(person) => (row.name, row.reason) = (person.name, Some("This is no client.".to_owned())),
            Said::Client(client) => {
                row.name = storable(&facts::name_of(&client));
                row.client_id = client.client_id.as_deref().map(storable);
                let key = Key::of(&client);
                let reason = repeated.get(&key).map(|lines| repeated_words("client", lines));
                if let Some(reason) = limits::refusal(&client).or(reason) {
                    names.insert(client.client_id.clone().unwrap_or_else(|| client.name.clone()));
                    row.reason = Some(storable(&reason));
                } else {
                    match known.take(&key) {
                        Some(before) => change(&mut row, &mut steps, before, &client, &known, tells, now),
                        None => create(&mut row, &mut steps, entry.new_id, &client, &known, now),
                    }
                    row.record = Some(Doc(RowRecord::Client(client)));
                }
            }
        }
        rows.push(row);
    }
    if summary.complete {
        vanished(&mut rows, &mut steps, import, db, known, &names, now)?;
    }
    Ok(Plan { rows, steps: Steps::Clients(steps), new_systems, warnings })
}

/// The lines of entries that mean the same client, once system and environment are set.
fn repeated(entries: &[Entry]) -> HashMap<Key, Vec<Option<i64>>> {
    let mut lines: HashMap<Key, Vec<Option<i64>>> = HashMap::new();
    for entry in entries {
        if let Said::Client(client) = &entry.said {
            lines.entry(Key::of(client)).or_default().push(entry.line);
        }
    }
    lines.retain(|_, lines| lines.len() > 1);
    lines
}

fn create(
    row: &mut ImportRow,
    steps: &mut Vec<Step>,
    id: Option<Id>,
    client: &ImportedClient,
    known: &Known,
    now: Moment,
) {
    let (owners, mut remarks) = known.owners(client);
    remarks.extend(facts::taken_for_granted(client).map(str::to_owned));
    let id = id.unwrap_or_default();
    row.action = RowAction::Create;
    row.subject_id = Some(id);
    row.reason = sentences(&[client.remarks.as_slice(), &remarks].concat());
    let new = NewClient {
        id,
        kind: client.kind,
        client_id: client.client_id.clone(),
        system: client.system.clone().unwrap_or_default(),
        environment: client.environment.unwrap_or(Environment::Unknown),
        facts: ClientFacts::of_new(client, owners),
    };
    row.changes.0.overview = Some(Overview::of(new.kind, &new.system, new.environment, &new.facts, now));
    steps.push(Step::Create(Box::new(new)));
}

fn change(
    row: &mut ImportRow,
    steps: &mut Vec<Step>,
    before: IdentityBefore,
    client: &ImportedClient,
    known: &Known,
    tells: Tells,
    now: Moment,
) {
    let (owners, mut remarks) = known.owners(client);
    let compared = compare(&facts_of(&before, known.vendors()), client, owners, tells);
    row.subject_id = Some(before.identity.id);
    row.version_before = Some(before.identity.version);
    remarks.extend(compared.remarks);
    row.reason = sentences(&[client.remarks.as_slice(), &remarks].concat());
    let system = client.system.as_deref().unwrap_or_default();
    let identity = &before.identity;
    row.changes.0.overview = Some(Overview::of(identity.kind, system, identity.environment, &compared.after, now));
    if compared.changes.is_empty() {
        row.action = RowAction::Unchanged;
        return;
    }
    row.action = RowAction::Change;
    row.changes.0.fields = compared.changes;
    row.changes.0.before = Some(Before::Identity(Box::new(before.clone())));
    steps.push(Step::Change(Box::new(ChangedClient { before, after: compared.after })));
}

/// Adds a row for each identity that an earlier file of this format brought and this one lacks. One
/// whose entry could not be read is not gone.
fn vanished(
    rows: &mut Vec<ImportRow>,
    steps: &mut Vec<Step>,
    import: &Import,
    db: &mut Db,
    mut known: Known,
    unreadable: &HashSet<String>,
    now: Moment,
) -> Result<(), StoreError> {
    let gone = known.left(&import.format, unreadable);
    for before in crate::store::imported_identities::with_lists(db, gone)? {
        let identity = &before.identity;
        let facts = facts_of(&before, known.vendors());
        let overview = Overview::of(identity.kind, known.system(identity.system_id), identity.environment, &facts, now);
        let fields = vec![FieldChange {
            field: "Vanished from the file".to_owned(),
            before: vec!["no".to_owned()],
            after: vec!["yes".to_owned()],
        }];
        rows.push(ImportRow {
            import_id: import.id,
            position: rows.last().map_or(1, |row| row.position + 1),
            line: None,
            action: RowAction::Vanished,
            name: identity.name.clone(),
            client_id: identity.client_id.clone(),
            subject_id: Some(identity.id),
            reason: Some("An earlier file listed it; this one does not. Nothing is removed.".to_owned()),
            changes: Doc(RowChanges {
                fields,
                before: Some(Before::Identity(Box::new(before.clone()))),
                overview: Some(overview),
            }),
            record: None,
            version_before: Some(identity.version),
            version_after: None,
            result: None,
        });
        steps.push(Step::Vanish(Box::new(before)));
    }
    Ok(())
}
