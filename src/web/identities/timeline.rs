//! What happened to an identity, from the audit log, in words.

use std::collections::HashMap;

use chrono_tz::Tz;
use serde_json::Value;

use crate::domain::audit::{ActorKind, StoredEntry, changes};
use crate::domain::ids::{Id, Moment};
use crate::store::audit::AuditRow;
use crate::web::show;

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub machine: String,
    pub shown: String,
    pub actor: String,
    pub words: String,
    pub reason: String,
    pub changes: Vec<String>,
}

/// Fields that tell a reader nothing: keys, versions and clocks.
const SILENT: &[&str] = &[
    "id",
    "version",
    "updated_at",
    "name_key",
    "state_changed_at",
    "registered_at",
    "source_import_id",
    "business_owner_answered_at",
    "technical_owner_answered_at",
];

/// The people, API tokens, systems and vendors that entries name by id.
pub fn ids_named(rows: &[AuditRow]) -> Vec<Id> {
    let mut found: Vec<Id> = rows.iter().filter_map(|row| row.actor_id.as_deref()?.parse().ok()).collect();
    for row in rows {
        let Ok(stored) = StoredEntry::parse(&row.body) else { continue };
        for change in changes(stored.entry.before.as_ref(), stored.entry.after.as_ref()) {
            let values = [change.before, change.after];
            found.extend(
                values
                    .iter()
                    .flatten()
                    .filter(|_| change.field.ends_with("_id"))
                    .filter_map(|v| v.as_str()?.parse::<Id>().ok()),
            );
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The lines for entries, in their order.
pub fn events(rows: &[AuditRow], names: &HashMap<Id, String>, tz: Tz) -> Vec<Event> {
    rows.iter().map(|row| event(row, names, tz)).collect()
}

fn event(row: &AuditRow, names: &HashMap<Id, String>, tz: Tz) -> Event {
    let stored = StoredEntry::parse(&row.body);
    let lines = match &stored {
        Ok(stored) => told(stored, names, tz),
        Err(error) => vec![format!("The entry cannot be read: {error}")],
    };
    Event {
        machine: row.at.to_text(),
        shown: show::moment(row.at, tz),
        actor: actor(row, names),
        words: words(&row.action),
        reason: row.reason.clone().unwrap_or_default(),
        changes: lines,
    }
}

fn actor(row: &AuditRow, names: &HashMap<Id, String>) -> String {
    let id = row.actor_id.as_deref().unwrap_or_default();
    match row.actor_kind {
        ActorKind::Person => match id.parse::<Id>().ok().and_then(|id| names.get(&id)) {
            Some(name) => name.clone(),
            None => "somebody who was forgotten".to_owned(),
        },
        ActorKind::Job => format!("the job {id}"),
        ActorKind::Command => format!("the command {id}"),
        ActorKind::Setup => "the set-up of this register".to_owned(),
        ActorKind::ApiToken => match id.parse::<Id>().ok().and_then(|id| names.get(&id)) {
            Some(name) => name.clone(),
            None => "an API token".to_owned(),
        },
    }
}

/// The words for an action. One without words of its own reads as its name.
fn words(action: &str) -> String {
    let known = match action {
        "identity.place" => "Placed here for the demonstration",
        "identity.register" => "Registered by hand",
        "identity.edit" => "Edited",
        "identity.suspend" => "Suspended",
        "identity.resume" => "Resumed",
        "identity.expire" => "Suspended, because its expiry passed",
        "identity.name_owners" => "Owners named",
        "identity.accept_ownership" => "Ownership accepted",
        "identity.refuse_ownership" => "Ownership refused",
        "identity.assign_owner" => "Owner assigned, together with others",
        "identity.undo_assign_owner" => "Assignment of an owner undone",
        "identity.set_way_to_stop" => "The way to stop it was written",
        "identity.import" => "Imported",
        "identity.keep" => "Its owner said that it is still needed",
        "identity.narrow" => "A review left it with less",
        "identity.not_reviewed" => "Nobody answered its review, and its access stays",
        "identity.stay_suspended" => "Nobody answered its review; it stays suspended",
        "identity.wind_clock" => "The day of its next review was set",
        "identity.remove" => "Its owner said that it is no longer needed",
        "identity.activate" => "Activated",
        "identity.approve_scopes" => "Scopes approved",
        "identity.name_owner" => "Owner named",
        "identity.prove_revocation" => "It was proved that it can be stopped",
        "identity.replace_credential" => "Credential replaced",
        "identity.review" => "Reviewed",
        "identity.observe_scopes" => "Issued scopes observed",
        "identity.change_expiry" => "Expiry changed",
        "identity.start_revocation" => "Revocation started",
        "identity.revoke" => "Revoked",
        "identity.reject" => "Rejected",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let name = action.rsplit('.').next().unwrap_or(action).replace('_', " ");
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What differs, one line for each field. A new record is told by its action alone.
fn told(stored: &StoredEntry, names: &HashMap<Id, String>, tz: Tz) -> Vec<String> {
    let entry = &stored.entry;
    let (Some(before), Some(after)) = (&entry.before, &entry.after) else { return Vec::new() };
    changes(Some(before), Some(after))
        .into_iter()
        .filter(|change| !SILENT.contains(&change.field.as_str()))
        .map(|change| {
            let label = label(&change.field);
            match (&change.before, &change.after) {
                (Some(Value::Array(old)), Some(Value::Array(new))) => {
                    format!("{label}: {}", listed(old.as_slice(), new.as_slice()))
                }
                (old, new) => {
                    let say =
                        |value: &Option<Value>| value.as_ref().map_or_else(nothing, |value| spoken(value, names, tz));
                    format!("{label}: {} \u{2192} {}", say(old), say(new))
                }
            }
        })
        .collect()
}

fn label(field: &str) -> String {
    let words = field.strip_suffix("_id").unwrap_or(field).replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn nothing() -> String {
    "nothing".to_owned()
}

fn listed(old: &[Value], new: &[Value]) -> String {
    let side = |word: &str, these: &[Value], those: &[Value]| {
        let found: Vec<String> = these.iter().filter(|value| !those.contains(value)).map(item).collect();
        if found.is_empty() { None } else { Some(format!("{word} {}", found.join(", "))) }
    };
    let parts: Vec<String> = [side("added", new, old), side("removed", old, new)].into_iter().flatten().collect();
    if parts.is_empty() { "another order".to_owned() } else { parts.join("; ") }
}

/// An element of a list: its text, or a scope with the list it stands on.
fn item(value: &Value) -> String {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    match (value.as_str(), text("scope"), text("list")) {
        (Some(text), _, _) => text.to_owned(),
        (None, Some(scope), Some(list)) => format!("{scope} ({list})"),
        _ => value.to_string(),
    }
}

fn spoken(value: &Value, names: &HashMap<Id, String>, tz: Tz) -> String {
    match value {
        Value::Null => nothing(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => nothing(),
        Value::String(text) => {
            if let Some(name) = text.parse::<Id>().ok().and_then(|id| names.get(&id)) {
                name.clone()
            } else if let (true, Ok(at)) = (text.contains('T'), Moment::parse(text)) {
                show::moment(at, tz)
            } else if let (10, Ok(date)) = (text.len(), text.parse::<chrono::NaiveDate>()) {
                show::date(date)
            } else {
                text.clone()
            }
        }
        Value::Array(values) if values.is_empty() => nothing(),
        Value::Array(values) => values.iter().map(item).collect::<Vec<_>>().join(", "),
        Value::Object(fields) if fields.is_empty() => nothing(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change_lines(before: Value, after: Value) -> Vec<String> {
        let entry = crate::domain::audit::Entry {
            seq: 0,
            at: Moment::parse("2026-01-01T00:00:00Z").unwrap(),
            actor: crate::domain::audit::Actor { kind: ActorKind::Job, id: None, on_behalf_of: None, emergency: None },
            request_id: None,
            action: "identity.edit".to_owned(),
            entity: "identity".to_owned(),
            entity_id: "1".to_owned(),
            entity_version: None,
            outcome: crate::domain::audit::Outcome::Done,
            reason: None,
            before: Some(before),
            after: Some(after),
        };
        let stored = StoredEntry { entry, unchanged: Vec::new(), shortened: Vec::new() };
        let person: Id = "0190f5fe-7c00-7a00-8000-000000000001".parse().unwrap();
        told(&stored, &HashMap::from([(person, "Dana".to_owned())]), Tz::UTC)
    }

    #[test]
    fn a_change_is_told_with_names_and_what_came_and_went() {
        assert_eq!(
            change_lines(
                json!({"version": 1, "business_owner_id": null, "scopes": [{"list": "issued", "scope": "a"}]}),
                json!({"version": 2, "business_owner_id": "0190f5fe-7c00-7a00-8000-000000000001",
                    "scopes": [{"list": "issued", "scope": "b"}]}),
            ),
            ["Business owner: nothing \u{2192} Dana", "Scopes: added b (issued); removed a (issued)"]
        );
    }

    #[test]
    fn an_action_without_words_reads_as_its_name() {
        assert_eq!(words("identity.mark_vanished"), "Mark vanished");
        assert_eq!(words("identity.suspend"), "Suspended");
    }
}
