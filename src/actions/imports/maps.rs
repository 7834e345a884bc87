//! Column maps: those that ship, and those that people saved over or beside them.

use super::preview::Upload;
use crate::actions::{ActionError, By, Register};
use crate::connectors::imports::{ColumnMap, ImportFormat, MapSubject, check_column_map, shipped_column_maps};
use crate::domain::ids::Id;
use crate::domain::imports::ImportSubject;
use crate::store::column_maps::{self, SavedMap};
use crate::store::{Db, StoreError};

/// A map that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownMap {
    pub name: String,
    pub description: String,
    pub subject: ImportSubject,
    /// As it is written, in TOML.
    pub body: String,
    /// Somebody saved it here; otherwise it ships with Muster.
    pub saved: bool,
    /// Of a saved one.
    pub version: i64,
}

/// Every map, by name.
pub fn list(register: &Register) -> Result<Vec<KnownMap>, ActionError> {
    let mut db = register.database.read()?;
    all(&mut db)
}

/// Every map, by name. A saved one stands in place of a shipped one of the same name.
pub(super) fn all(db: &mut Db) -> Result<Vec<KnownMap>, ActionError> {
    let mut maps = Vec::new();
    for saved in column_maps::all(db)? {
        let description = ColumnMap::from_toml(&saved.body).map(|map| map.description).unwrap_or_default();
        maps.push(KnownMap {
            name: saved.name,
            description,
            subject: saved.subject,
            body: saved.body,
            saved: true,
            version: saved.version,
        });
    }
    let shipped = shipped_column_maps().map_err(|error| ActionError::Refused(error.to_string()))?;
    for map in shipped {
        if maps.iter().any(|saved| saved.name.eq_ignore_ascii_case(&map.name)) {
            continue;
        }
        let body = map.to_toml().map_err(|error| ActionError::Refused(error.to_string()))?;
        let subject = subject(&map);
        maps.push(KnownMap { name: map.name, description: map.description, subject, body, saved: false, version: 0 });
    }
    maps.sort_by_key(|map| map.name.to_lowercase());
    Ok(maps)
}

/// Saves a map. `seen` is the name and version of the one that was shown: under the same name it is
/// changed, under another one it becomes a new map. A shipped map has version 0.
///
/// # Errors
/// `Invalid` with what is wrong in the text; `Conflict` when somebody saved it meanwhile.
pub fn save(register: &Register, by: &By, body: &str, seen: (&str, i64)) -> Result<String, ActionError> {
    by.require_keeper()?;
    let map = parse(body)?;
    register.change(by, |work| {
        let known = column_maps::find_by_name(work.db, &map.name)?;
        let (name, version) = seen;
        if let Some(known) = &known {
            if known.name != name {
                let words = format!("There is a map called {} already. Give this one another name.", known.name);
                return Err(ActionError::field("body", words));
            }
            if known.version != version {
                return Err(StoreError::Conflict.into());
            }
        }
        let after = SavedMap {
            id: known.as_ref().map_or_else(Id::new, |known| known.id),
            name: map.name.clone(),
            name_key: map.name.to_lowercase(),
            subject: subject(&map),
            body: body.to_owned(),
            created_at: known.as_ref().map_or(by.now, |known| known.created_at),
            updated_at: by.now,
            version: known.as_ref().map_or(1, |known| known.version + 1),
        };
        match &known {
            None => column_maps::insert(work.db, &after)?,
            Some(_) => column_maps::update(work.db, &after)?,
        }
        work.record("column_map.save", "column_map", after.id, known.as_ref(), Some(&after));
        Ok(after.name)
    })
}

fn parse(body: &str) -> Result<ColumnMap, ActionError> {
    let wrong = |reason: String| ActionError::field("body", reason);
    let map = ColumnMap::from_toml(body).map_err(|error| wrong(error.to_string()))?;
    check_column_map(&map).map_err(|error| wrong(error.to_string()))?;
    let name = map.name.trim();
    if name.is_empty() || name != map.name || name.chars().count() > 100 || name.contains(['/', '\0', '?', '#', '%']) {
        return Err(wrong("Name the map in at most 100 characters, without / ? # %.".to_owned()));
    }
    Ok(map)
}

/// The map that an upload names; for people the shipped one when it names none.
pub(super) fn chosen(db: &mut Db, upload: &Upload) -> Result<Option<ColumnMap>, ActionError> {
    if upload.subject == ImportSubject::Clients && upload.format != ImportFormat::Csv {
        return Ok(None);
    }
    let maps = all(db)?;
    let usable = || maps.iter().filter(|map| map.subject == upload.subject);
    let known = usable().map(|map| map.name.as_str()).collect::<Vec<_>>().join(", ");
    let found = match &upload.column_map {
        Some(name) => usable().find(|map| map.name.eq_ignore_ascii_case(name.trim())),
        None if upload.subject == ImportSubject::People => usable().find(|map| map.name == "staff-list"),
        None => {
            return Err(ActionError::field("map", format!("A CSV file needs a column map: one of {known}")));
        }
    };
    let Some(found) = found else {
        let what = upload.subject.label().to_lowercase();
        return Err(ActionError::field("map", format!("There is no such column map for {what}; there are {known}")));
    };
    parse(&found.body).map(Some)
}

fn subject(map: &ColumnMap) -> ImportSubject {
    match map.subject {
        MapSubject::Clients => ImportSubject::Clients,
        MapSubject::People => ImportSubject::People,
    }
}
