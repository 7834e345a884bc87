//! One line of the log as values, and its bytes.
//!
//! The body of an entry is canonical JSON (RFC 8785) in UTF-8, at most 60 KiB, and the bytes that are
//! stored are the bytes that are hashed. To check an entry by hand, save its body unchanged, without
//! a final newline, and compare with its leaf:
//!
//! ```text
//! { printf '\000'; cat body.json; } | sha256sum
//! ```
//!
//! An entry names people by id only: names and addresses are kept outside, so that a person can be
//! forgotten without rewriting the log. It never holds a secret.

use serde_json::{Map, Value, json};

use super::canonical::canonical;
pub use super::error::AuditError;
pub use super::error::LONGEST_BODY;
use super::error::VERSION;
use super::shorten::body_that_fits;
use crate::domain::ids::Moment;
use crate::words;

words! {
    /// Who or what acted.
    ActorKind {
        /// Somebody who is signed in.
        Person = "person", "Person";
        /// A job on a schedule.
        Job = "job", "Job";
        /// The command line.
        Command = "command", "Command";
        /// Muster itself, when a deployment is made.
        Setup = "setup", "Setup";
        /// A token of Muster's own interface, on behalf of the person who made it.
        ApiToken = "api_token", "API token";
    }
}

words! {
    /// How it ended.
    Outcome {
        Done = "done", "Done";
        /// Tried and not allowed; nothing changed.
        Refused = "refused", "Refused";
    }
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// A person, a job, the command line, the set-up or an API token.
    pub kind: ActorKind,
    /// The person's or the token's id, or the name of the job or command.
    pub id: Option<String>,
    /// The id of the person whose authority was used, where it is not the actor's own: the creator of a token, say.
    pub on_behalf_of: Option<String>,
    /// The id of the emergency access under which the person acted as an administrator.
    pub emergency: Option<String>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place in the log, from 0 without gaps: the index of its leaf.
    pub seq: u64,
    /// When it was written.
    pub at: Moment,
    /// Who acted.
    pub actor: Actor,
    /// The request in which it happened, as in the server's log lines.
    pub request_id: Option<String>,
    /// What was done, noun and verb: `identity.register`.
    pub action: String,
    /// What kind of record it was done to: `identity`.
    pub entity: String,
    /// Which record.
    pub entity_id: String,
    /// The record's version after the change, where it has versions.
    pub entity_version: Option<i64>,
    /// Done or refused.
    pub outcome: Outcome,
    /// Why, in the actor's words or those of the rule that refused.
    pub reason: Option<String>,
    /// The record before; `None` when there was none.
    pub before: Option<Value>,
    /// The record after; `None` when there is none any more.
    pub after: Option<Value>,
}

/// An entry as it was read back, with what was left out when it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEntry {
    /// The entry. `before` and `after` lack the fields named in `unchanged`, and hold
    /// `{"sha256": ..., "bytes": n}` where `shortened` says so.
    pub entry: Entry,
    /// The fields that were left out because they were equal before and after.
    pub unchanged: Vec<String>,
    /// The values that only a digest is kept of: `after.redirect_uris`.
    pub shortened: Vec<String>,
}

impl Entry {
    /// The bytes to store and to hash.
    ///
    /// Two states too long for one body lose what is equal in both, then their longest values become
    /// digests; the body names both (`unchanged`, `shortened`).
    ///
    /// # Errors
    /// `NotCanonical` for a number no double can hold, `TooLong` when even digests do not fit.
    pub fn body(&self) -> Result<Vec<u8>, AuditError> {
        let mut body = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        };
        let mut actor = Map::new();
        actor.insert("kind".to_owned(), json!(self.actor.kind));
        for (name, value) in
            [("id", &self.actor.id), ("on_behalf_of", &self.actor.on_behalf_of), ("emergency", &self.actor.emergency)]
        {
            if let Some(value) = value {
                actor.insert(name.to_owned(), json!(value));
            }
        }
        put("v", Some(json!(VERSION)));
        put("seq", Some(json!(self.seq)));
        put("at", Some(json!(self.at)));
        put("actor", Some(Value::Object(actor)));
        put("request_id", self.request_id.as_ref().map(|id| json!(id)));
        put("action", Some(json!(self.action)));
        put("entity", Some(json!(self.entity)));
        put("entity_id", Some(json!(self.entity_id)));
        put("entity_version", self.entity_version.map(|version| json!(version)));
        put("outcome", Some(json!(self.outcome)));
        put("reason", self.reason.as_ref().map(|reason| json!(reason)));
        put("before", self.before.clone());
        put("after", self.after.clone());
        body_that_fits(body)
    }

    /// Reads a stored body; what was left out of it is told by [`StoredEntry::parse`].
    ///
    /// # Errors
    /// As [`StoredEntry::parse`].
    pub fn parse(body: &[u8]) -> Result<Self, AuditError> {
        StoredEntry::parse(body).map(|stored| stored.entry)
    }
}

impl StoredEntry {
    /// Reads a stored body.
    ///
    /// # Errors
    /// Anything [`Entry::body`] would not have written: another version, another form, a field too many.
    /// Being readable proves nothing: that the leaf is in the tree does.
    pub fn parse(body: &[u8]) -> Result<Self, AuditError> {
        let value: Value = serde_json::from_slice(body).map_err(|error| AuditError::NotJson(error.to_string()))?;
        if canonical(&value)?.as_bytes() != body {
            return Err(AuditError::Altered);
        }
        let Value::Object(mut fields) = value else {
            return Err(AuditError::Field("v"));
        };
        match fields.remove("v") {
            Some(version) if version == json!(VERSION) => {}
            Some(version) => return Err(AuditError::Version(version.to_string())),
            None => return Err(AuditError::Field("v")),
        }
        let Some(Value::Object(mut actor)) = fields.remove("actor") else {
            return Err(AuditError::Field("actor"));
        };
        let entry = Entry {
            seq: fields.remove("seq").and_then(|seq| seq.as_u64()).ok_or(AuditError::Field("seq"))?,
            at: Moment::parse(&text(&mut fields, "at")?).map_err(|_| AuditError::Field("at"))?,
            actor: Actor {
                kind: text(&mut actor, "kind")?.parse()?,
                id: optional_text(&mut actor, "id")?,
                on_behalf_of: optional_text(&mut actor, "on_behalf_of")?,
                emergency: optional_text(&mut actor, "emergency")?,
            },
            request_id: optional_text(&mut fields, "request_id")?,
            action: text(&mut fields, "action")?,
            entity: text(&mut fields, "entity")?,
            entity_id: text(&mut fields, "entity_id")?,
            entity_version: match fields.remove("entity_version") {
                None => None,
                Some(version) => Some(version.as_i64().ok_or(AuditError::Field("entity_version"))?),
            },
            outcome: text(&mut fields, "outcome")?.parse()?,
            reason: optional_text(&mut fields, "reason")?,
            before: fields.remove("before"),
            after: fields.remove("after"),
        };
        let stored =
            Self { entry, unchanged: names(&mut fields, "unchanged")?, shortened: names(&mut fields, "shortened")? };
        match fields.keys().chain(actor.keys()).next() {
            Some(name) => Err(AuditError::Unexpected(name.clone())),
            None => Ok(stored),
        }
    }
}

fn text(fields: &mut Map<String, Value>, name: &'static str) -> Result<String, AuditError> {
    optional_text(fields, name)?.ok_or(AuditError::Field(name))
}

fn optional_text(fields: &mut Map<String, Value>, name: &'static str) -> Result<Option<String>, AuditError> {
    match fields.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(AuditError::Field(name)),
    }
}

fn names(fields: &mut Map<String, Value>, name: &'static str) -> Result<Vec<String>, AuditError> {
    match fields.remove(name) {
        None => Ok(Vec::new()),
        Some(names) => serde_json::from_value(names).map_err(|_| AuditError::Field(name)),
    }
}

#[cfg(test)]
mod tests;
