//! An entry of the log as a reader reads it: names in place of ids where there is one.

use std::collections::HashMap;

use chrono_tz::Tz;
use serde_json::Value;

use crate::domain::audit::{ActorKind, Change, Outcome, StoredEntry, changes, wording};
use crate::domain::ids::{Id, Moment};
use crate::domain::jobs::Job;
use crate::store::audit::AuditRow;
use crate::store::names::{self, Named};
use crate::store::{Db, StoreError};
use crate::web::show;

/// What ids stand for. Somebody who was forgotten is not in it, and is shown by id.
pub type Names = HashMap<Id, Named>;

/// One entry as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    pub seq: i64,
    /// RFC 3339.
    pub machine: String,
    /// The moment to the microsecond, with its offset.
    pub exact: String,
    /// The same to the second.
    pub second: String,
    /// The moment to the minute.
    pub when: String,
    pub actor: String,
    /// Where the actor is shown; empty when that is nowhere.
    pub actor_link: String,
    pub done: String,
    pub object: String,
    pub object_link: String,
    pub refused: bool,
    /// Written under emergency access.
    pub emergency: bool,
    pub reason: String,
    /// The names of the fields that differ.
    pub fields: String,
}

/// The names that these entries need.
pub fn names_for(db: &mut Db, rows: &[AuditRow]) -> Result<Names, StoreError> {
    let mut ids: Vec<Id> = rows
        .iter()
        .flat_map(|row| [row.actor_id.as_deref(), Some(row.entity_id.as_str())])
        .flatten()
        .filter_map(id)
        .collect();
    ids.extend(
        rows.iter()
            .filter(|row| row.actor_kind == ActorKind::ApiToken)
            .filter_map(|row| StoredEntry::parse(&row.body).ok().as_ref().and_then(behind)),
    );
    ids.sort();
    ids.dedup();
    names::of(db, &ids)
}

/// Whose authority the actor of an entry used.
fn behind(stored: &StoredEntry) -> Option<Id> {
    stored.entry.actor.on_behalf_of.as_deref().and_then(id)
}

/// Whose authority the actor used, with their name where it is known; empty where it was the actor's own.
pub fn on_behalf_of(stored: &StoredEntry, names: &Names) -> String {
    let written = stored.entry.actor.on_behalf_of.clone().unwrap_or_default();
    match behind(stored).and_then(|id| names.get(&id)) {
        Some(named) => format!("{} ({written})", named.name),
        None => written,
    }
}

/// The names that one entry needs, those inside its states included.
pub fn names_within(db: &mut Db, row: &AuditRow, stored: Option<&StoredEntry>) -> Result<Names, StoreError> {
    let mut ids: Vec<Id> =
        [row.actor_id.as_deref(), Some(row.entity_id.as_str())].into_iter().flatten().filter_map(id).collect();
    if let Some(stored) = stored {
        for state in [&stored.entry.before, &stored.entry.after].into_iter().flatten() {
            collect(state, &mut ids);
        }
        ids.extend(behind(stored));
    }
    ids.sort();
    ids.dedup();
    names::of(db, &ids)
}

fn collect(value: &Value, ids: &mut Vec<Id>) {
    match value {
        Value::String(text) => ids.extend(id(text)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, ids)),
        Value::Object(fields) => fields.values().for_each(|item| collect(item, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// An id as Muster writes it; other forms of a UUID are something else's.
fn id(text: &str) -> Option<Id> {
    if text.len() == 36 { text.parse().ok() } else { None }
}

/// The entry as a sentence.
pub fn sentence(row: &AuditRow, names: &Names, tz: Tz) -> Sentence {
    let known = |text: &str| id(text).and_then(|id| names.get(&id));
    let actor_id = row.actor_id.as_deref().unwrap_or_default();
    let parsed = StoredEntry::parse(&row.body);
    let actor = match (row.actor_kind, known(actor_id)) {
        (ActorKind::Person, Some(named)) => named.name.clone(),
        (ActorKind::Person, None) => actor_id.to_owned(),
        (ActorKind::Job, _) => format!("Job \u{201c}{}\u{201d}", job(actor_id)),
        (ActorKind::Command, _) => format!("Command {actor_id}"),
        // An attempt to sign in is recorded before anybody is known to act.
        (ActorKind::Setup, _) if row.action == "account.sign_in" => "Somebody".to_owned(),
        (ActorKind::Setup, _) => "Muster".to_owned(),
        (ActorKind::ApiToken, named) => {
            let token = named.map_or_else(|| actor_id.to_owned(), |named| format!("\u{201c}{}\u{201d}", named.name));
            let person = parsed.as_ref().ok().and_then(behind).and_then(|id| names.get(&id));
            let person = person.map(|named| format!(" of {}", named.name)).unwrap_or_default();
            format!("API token {token}{person}")
        }
    };
    let own = row.entity == "account" && row.actor_kind == ActorKind::Person && row.entity_id == actor_id;
    let (object, object_link) = if own && row.action.starts_with("account.sign_") {
        (String::new(), String::new())
    } else {
        let text = match known(&row.entity_id) {
            Some(named) => named.name.clone(),
            None if matches!(row.entity.as_str(), "job" | "schedule") => {
                format!("\u{201c}{}\u{201d}", job(&row.entity_id))
            }
            None if matches!(row.entity.as_str(), "silence" | "silence_stop") => "silence".to_owned(),
            None => row.entity_id.clone(),
        };
        (text, link(&row.entity, &row.entity_id))
    };
    let fields: Vec<String> = match &parsed {
        Ok(stored) if stored.entry.before.is_some() && stored.entry.after.is_some() => {
            changes(stored.entry.before.as_ref(), stored.entry.after.as_ref())
                .iter()
                .filter(|change| !matches!(change.field.as_str(), "version" | "updated_at"))
                .map(|change| wording::field(&change.field))
                .collect()
        }
        _ => Vec::new(),
    };
    Sentence {
        seq: row.seq,
        machine: row.at.to_text(),
        exact: show::exact(row.at, tz),
        second: show::second(row.at, tz),
        when: show::moment(row.at, tz),
        actor_link: match row.actor_kind {
            ActorKind::Person if known(actor_id).is_some() => link("person", actor_id),
            ActorKind::ApiToken => link("api_token", actor_id),
            _ => String::new(),
        },
        actor,
        done: wording::phrase(&row.action, row.outcome),
        object,
        object_link,
        refused: row.outcome == Outcome::Refused,
        emergency: row.emergency_id.is_some(),
        reason: row.reason.clone().unwrap_or_default(),
        fields: fields.join(", "),
    }
}

/// What a reader calls a job; its stored word when it is gone.
fn job(word: &str) -> &str {
    match word.parse::<Job>() {
        Ok(job) => job.label(),
        Err(_) => word,
    }
}

/// Where a record is shown; empty when it has no page.
pub fn link(entity: &str, entity_id: &str) -> String {
    let folder = match entity {
        "person" | "account" => "people",
        "identity" => "identities",
        "system" => "systems",
        "vendor" => "vendors",
        "task" => "tasks",
        "import" => "imports",
        "bulk_set" => "bulk",
        "grant" => "grants",
        "request" => "requests",
        "api_token" => "tokens",
        "review" => "reviews",
        "campaign" => "campaigns",
        "finding" => return "/findings".to_owned(),
        "silence" | "silence_stop" => return "/reviews/silence".to_owned(),
        "job" | "schedule" if entity_id.parse::<Job>().is_ok() => return format!("/jobs/{entity_id}"),
        _ => return String::new(),
    };
    match id(entity_id) {
        Some(id) => format!("/{folder}/{id}"),
        None => String::new(),
    }
}

/// One field that differs, as texts. `None` where the field was not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeLine {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The differences of an entry.
pub fn change_lines(stored: &StoredEntry, names: &Names, tz: Tz) -> Vec<ChangeLine> {
    changes(stored.entry.before.as_ref(), stored.entry.after.as_ref())
        .into_iter()
        .map(|Change { field, before, after }| ChangeLine {
            field: wording::field(&field),
            before: before.map(|value| text(&value, names, tz)),
            after: after.map(|value| text(&value, names, tz)),
        })
        .collect()
}

/// A value of a state as a reader reads it.
fn text(value: &Value, names: &Names, tz: Tz) -> String {
    match value {
        Value::Null => "Not set".to_owned(),
        Value::Bool(true) => "Yes".to_owned(),
        Value::Bool(false) => "No".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(string) if string.is_empty() => "Empty".to_owned(),
        Value::String(string) => match id(string).and_then(|id| names.get(&id)) {
            Some(named) => format!("{} ({string})", named.name),
            // Moments are written in one form of 27 characters; a name that begins with a year is none.
            None if string.len() == 27 => {
                Moment::parse(string).map_or_else(|_| string.clone(), |at| show::exact(at, tz))
            }
            None => string.clone(),
        },
        Value::Array(items) if items.is_empty() => "None".to_owned(),
        Value::Array(items) => items.iter().map(|item| text(item, names, tz)).collect::<Vec<_>>().join(", "),
        Value::Object(fields) if fields.len() == 2 && fields.contains_key("sha256") && fields.contains_key("bytes") => {
            let part = |name: &str| fields.get(name).map(|value| text(value, names, tz)).unwrap_or_default();
            format!("{} bytes, SHA-256 {}", part("bytes"), part("sha256"))
        }
        Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_reads_as_words_and_a_forgotten_person_as_an_id() {
        let (known, forgotten) = (Id::new(), Id::new());
        let names = Names::from([(known, Named { entity: "person", name: "Dana Reed".to_owned() })]);
        let read = |value: Value| text(&value, &names, chrono_tz::UTC);
        assert_eq!(read(json!(known)), format!("Dana Reed ({known})"));
        assert_eq!(read(json!(forgotten)), forgotten.to_string());
        assert_eq!(read(Value::Null), "Not set");
        assert_eq!(read(json!(["a", 2, true])), "a, 2, Yes");
        assert_eq!(read(json!("2026-11-23T15:00:00.000000Z")), "2026-11-23 15:00:00.000000 +00:00");
        assert_eq!(read(json!({"sha256": "ab", "bytes": 3})), "3 bytes, SHA-256 ab");
    }

    #[test]
    fn an_entity_without_a_page_has_no_link() {
        let id = Id::new();
        assert_eq!(link("account", &id.to_string()), format!("/people/{id}"));
        assert_eq!(link("job", "expire_identities"), "/jobs/expire_identities");
        assert_eq!(link("review", &id.to_string()), format!("/reviews/{id}"));
        assert_eq!(link("silence", "silence"), "/reviews/silence");
        assert_eq!(link("job", "unknown"), "");
        assert_eq!(link("identity", "unknown"), "");
    }
}
