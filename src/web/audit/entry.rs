//! One entry of the audit log, with what it changed.

use actix_web::web;
use askama::Template;

use super::words::{self, ChangeLine, Sentence};
use crate::actions::Register;
use crate::domain::audit::{StoredEntry, wording};
use crate::store::audit;
use crate::web::errors::WebError;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, page, read};

#[derive(Template)]
#[template(path = "audit/entry.html")]
struct EntryPage {
    frame: Frame,
    line: Sentence,
    action: String,
    entity: String,
    entity_word: String,
    entity_id: String,
    version: String,
    actor_id: String,
    on_behalf_of: String,
    emergency: String,
    request_id: String,
    outcome: &'static str,
    changes: Vec<ChangeLine>,
    unchanged: Vec<String>,
    shortened: Vec<String>,
    /// Why the body cannot be read; empty when it can.
    damage: String,
    body: String,
    leaf: String,
    previous: String,
    next: String,
}

/// GET /audit/{seq}
pub async fn show(register: web::Data<Register>, viewer: Viewer, seq: web::Path<String>) -> Answer {
    let seq: i64 = seq.parse().map_err(|_| WebError::NotFound)?;
    let (row, stored, names, size) = read(&register, move |db| {
        let row = audit::find(db, seq)?;
        let stored = StoredEntry::parse(&row.body);
        let names = words::names_within(db, &row, stored.as_ref().ok())?;
        Ok((row, stored, names, audit::size(db)?))
    })
    .await?;
    let frame = Frame::new(&register, &viewer, "/audit", format!("Audit entry {seq}"));
    let line = words::sentence(&row, &names, frame.tz);
    let (changes, unchanged, shortened, on_behalf_of, damage) = match stored {
        Ok(stored) => (
            words::change_lines(&stored, &names, frame.tz),
            stored.unchanged.iter().map(|name| wording::field(name)).collect(),
            stored.shortened.clone(),
            words::on_behalf_of(&stored, &names),
            String::new(),
        ),
        Err(error) => (Vec::new(), Vec::new(), Vec::new(), String::new(), error.to_string()),
    };
    page(&EntryPage {
        line,
        entity_word: wording::entity(&row.entity),
        version: row.entity_version.map(|version| version.to_string()).unwrap_or_default(),
        actor_id: row.actor_id.unwrap_or_default(),
        on_behalf_of,
        emergency: row.emergency_id.unwrap_or_default(),
        request_id: row.request_id.unwrap_or_default(),
        outcome: row.outcome.label(),
        changes,
        unchanged,
        shortened,
        damage,
        body: String::from_utf8_lossy(&row.body).into_owned(),
        leaf: hex::encode(&row.leaf),
        previous: if seq > 0 { format!("/audit/{}", seq - 1) } else { String::new() },
        next: if seq + 1 < size { format!("/audit/{}", seq + 1) } else { String::new() },
        action: row.action,
        entity: row.entity,
        entity_id: row.entity_id,
        frame,
    })
}
