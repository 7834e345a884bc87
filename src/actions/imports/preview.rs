//! Reading a file and showing what it would do. Nothing of the register changes.

use sha2::{Digest, Sha256};

use super::entries::{self, Entry};
use super::{Plan, authorise, clients, maps, people};
use crate::actions::{ActionError, By, Register, Work};
use crate::connectors::imports::{ColumnMap, ImportError, ImportFormat, Reading, read_clients, read_people};
use crate::domain::identities::Environment;
use crate::domain::ids::{Id, Moment};
use crate::domain::imported::ImportedOutcome;
use crate::domain::imports::limits::LONGEST_NAME;
use crate::domain::imports::{ImportState, ImportSubject, PREVIEW_DAYS, Summary};
use crate::store::import_rows::ImportRow;
use crate::store::imports::{self, Import};
use crate::store::types::Doc;
use crate::store::{Db, StoreError, import_rows, registry};

/// A file, and what the person who brings it says of it.
#[derive(Debug, Clone)]
pub struct Upload {
    pub subject: ImportSubject,
    /// Lists of people are always `Csv`.
    pub format: ImportFormat,
    pub file_name: String,
    pub bytes: Vec<u8>,
    /// The issuing system; else the one the file names, else for a CSV file the name of its column map.
    pub system: Option<String>,
    /// For entries that name none; unknown when absent.
    pub environment: Option<Environment>,
    /// The name of a column map, saved or shipped.
    pub column_map: Option<String>,
}

/// A preview that is not stored.
#[derive(Debug, Clone)]
pub struct Draft {
    pub import: Import,
    pub rows: Vec<ImportRow>,
}

/// A file that was read.
struct File {
    import: Import,
    entries: Vec<Entry>,
}

/// Shows what a file would do, and stores nothing.
pub fn draft(register: &Register, by: &By, upload: Upload) -> Result<Draft, ActionError> {
    authorise(by, upload.subject)?;
    let mut db = register.database.read().map_err(ActionError::from)?;
    let map = maps::chosen(&mut db, &upload)?;
    let mut file = read(register, by, upload, map.as_ref())?;
    let plan = planned(&mut db, &mut file, by.now)?;
    Ok(Draft { import: file.import, rows: plan.rows })
}

/// Reads a file and keeps its preview, to be applied or discarded.
///
/// # Errors
/// `Invalid` with the line and the reason when the whole file is refused: then nothing is stored.
pub fn preview(register: &Register, by: &By, upload: Upload) -> Result<Id, ActionError> {
    authorise(by, upload.subject)?;
    let mut db = register.database.read().map_err(ActionError::from)?;
    let map = maps::chosen(&mut db, &upload)?;
    drop(db);
    let mut file = read(register, by, upload, map.as_ref())?;
    register.change(by, |work| {
        expire(work)?;
        let plan = planned(work.db, &mut file, by.now)?;
        imports::insert(work.db, &file.import)?;
        import_rows::insert(work.db, &plan.rows)?;
        work.record("import.preview", "import", file.import.id, None, Some(&file.import));
        Ok(file.import.id)
    })
}

/// Writes down which previews expired, and removes their rows. They could not be applied any more.
fn expire(work: &mut Work<'_>) -> Result<(), ActionError> {
    for before in imports::previews_before(work.db, work.by.now.plus_days(-PREVIEW_DAYS))? {
        import_rows::delete(work.db, before.id)?;
        let after = Import { state: ImportState::Expired, version: before.version + 1, ..before.clone() };
        imports::update(work.db, &after)?;
        work.record("import.expire", "import", before.id, Some(&before), Some(&after));
    }
    Ok(())
}

/// Puts a preview aside: it will not be applied. Its rows stay, to be looked at.
pub fn discard(register: &Register, by: &By, id: Id) -> Result<(), ActionError> {
    register.change(by, |work| {
        let before = imports::lock(work.db, id)?;
        authorise(by, before.subject)?;
        if before.state.at(before.made_at, by.now) != ImportState::Previewed {
            return Err(ActionError::Refused("only an import that was not applied yet can be discarded".to_owned()));
        }
        let after = Import { state: ImportState::Discarded, version: before.version + 1, ..before.clone() };
        imports::update(work.db, &after)?;
        work.record("import.discard", "import", id, Some(&before), Some(&after));
        Ok(())
    })
}

/// Compares the rows of an import with the register.
pub(super) fn plan(db: &mut Db, import: &Import, entries: Vec<Entry>, now: Moment) -> Result<Plan, StoreError> {
    match import.subject {
        ImportSubject::Clients => clients::plan(db, import, entries, now),
        ImportSubject::People => people::plan(db, import, entries),
    }
}

fn planned(db: &mut Db, file: &mut File, now: Moment) -> Result<Plan, StoreError> {
    if let Some(name) = &mut file.import.counts.0.system
        && let Some(known) = registry::find_system_by_name(db, name)?
    {
        *name = known.name;
        file.import.system_id = Some(known.id);
    }
    let summary = file.import.counts.0.clone();
    let plan = plan(db, &file.import, std::mem::take(&mut file.entries), now)?;
    file.import.counts = Doc(plan.summary(summary.system, summary.complete));
    Ok(plan)
}

fn read(register: &Register, by: &By, upload: Upload, map: Option<&ColumnMap>) -> Result<File, ActionError> {
    if upload.bytes.is_empty() {
        return Err(ActionError::field("file", "The file is empty. Export it again"));
    }
    let refused = |error: ImportError| {
        let place = error.line.map(|line| format!("Line {line}: ")).unwrap_or_default();
        ActionError::field("file", format!("{place}{}", error.reason))
    };
    let (entries, system, complete, left_out) = match upload.subject {
        ImportSubject::Clients => {
            let reading = Reading {
                fingerprint_key: &register.deployment.fingerprint_key,
                now: by.now,
                column_map: map.filter(|_| upload.format == ImportFormat::Csv),
            };
            let mut file = read_clients(upload.format, &upload.bytes, &reading).map_err(refused)?;
            let named = |name: Option<String>| name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
            let map_name = reading.column_map.map(|map| map.name.clone());
            let system = named(upload.system).or(named(file.system_name.take())).or(map_name);
            let needed = file
                .rows
                .iter()
                .any(|row| matches!(&row.outcome, ImportedOutcome::Client(client) if client.system.is_none()));
            let unnamed = system.is_none() && needed;
            let system = system.or_else(|| unnamed.then(|| unnamed_system(upload.format).to_owned()));
            if system.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME || name.contains('\0')) {
                return Err(ActionError::field("system", "Name the issuing system in at most 200 characters"));
            }
            let (complete, mut left_out) = (file.complete, std::mem::take(&mut file.left_out));
            if unnamed {
                left_out.push(format!(
                    "The file does not say which system issued its clients and nobody named one: they are filed under \u{201c}{}\u{201d}",
                    unnamed_system(upload.format)
                ));
            }
            (entries::of_clients(file), system, complete, left_out)
        }
        ImportSubject::People => {
            let map = map.ok_or_else(|| ActionError::field("map", "A list of people needs a column map for people"))?;
            let mut file = read_people(&upload.bytes, map).map_err(refused)?;
            let left_out = std::mem::take(&mut file.left_out);
            (entries::of_people(file), None, false, left_out)
        }
    };
    let import = Import {
        id: Id::new(),
        subject: upload.subject,
        format: upload.format.word().to_owned(),
        file_name: file_name(&upload.file_name),
        file_digest: hex::encode(Sha256::digest(&upload.bytes)),
        file_bytes: i64::try_from(upload.bytes.len()).unwrap_or(i64::MAX),
        column_map: map.map(|map| map.name.clone()),
        system_id: None,
        environment: match upload.subject {
            ImportSubject::Clients => Some(upload.environment.unwrap_or(Environment::Unknown)),
            ImportSubject::People => None,
        },
        state: ImportState::Previewed,
        left_out: Doc(left_out.iter().map(|text| entries::storable(text)).collect()),
        counts: Doc(Summary { system, complete, ..Summary::default() }),
        made_by: by.person,
        made_at: by.now,
        applied_at: None,
        applied_by: None,
        undone_at: None,
        undone_by: None,
        version: 1,
    };
    Ok(File { import, entries })
}

/// The system of clients whose file does not name it, where whoever imports names none either. It says
/// so itself, and can be renamed.
fn unnamed_system(format: ImportFormat) -> &'static str {
    match format {
        ImportFormat::EntraApps => "Unnamed Entra tenant",
        ImportFormat::KeycloakRealm => "Unnamed Keycloak realm",
        ImportFormat::Dcr | ImportFormat::Csv => "Unnamed authorization server",
    }
}

/// The last part of a path, as a browser or a command line gives it.
fn file_name(text: &str) -> String {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|letter| !letter.is_control()).take(200).collect();
    if clean.trim().is_empty() { "a file without a name".to_owned() } else { clean }
}
