//! What a security team's machine reads: one JSON line for each event, in the names of the OWASP
//! Logging Vocabulary. People are named by id; nothing that somebody typed stands in a line.

use crate::domain::audit::{Entry, Outcome};
use crate::domain::events::{SecurityEvent, of_entry};

/// What a line says of the request that it is about.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub request_id: &'a str,
    /// The id of who is signed in.
    pub person: Option<&'a str>,
    pub address: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    pub status: u16,
}

/// Writes the line of a request that was refused or fell.
pub fn report(event: SecurityEvent, facts: &Facts<'_>) {
    let Facts { request_id, person, address, method, path, status } = facts;
    let (name, text) = (event.word(), event.label());
    if event.is_warning() {
        tracing::warn!(target: "security", event = name, request_id, person, address, method, path, status, text);
    } else {
        tracing::info!(target: "security", event = name, request_id, person, address, method, path, status, text);
    }
}

/// Writes the line of something that happens to the whole service.
pub fn announce(event: SecurityEvent) {
    tracing::info!(target: "security", event = event.word(), text = event.label());
}

/// Whether an entry of the audit log speaks of access.
pub(super) fn is_event(entry: &Entry) -> bool {
    of_entry(&entry.action, entry.outcome == Outcome::Done).is_some()
}

/// Writes the line of an entry that does.
pub(super) fn note(entry: &Entry) {
    let Some(event) = of_entry(&entry.action, entry.outcome == Outcome::Done) else { return };
    let (name, text) = (event.word(), event.label());
    let (action, person, account) = (entry.action.as_str(), entry.actor.id.as_deref(), entry.entity_id.as_str());
    let request_id = entry.request_id.as_deref();
    if event.is_warning() {
        tracing::warn!(target: "security", event = name, request_id, person, account, action, text);
    } else {
        tracing::info!(target: "security", event = name, request_id, person, account, action, text);
    }
}
