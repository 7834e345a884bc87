//! The audit log as a file: with its filters, newest first. The body and its leaf come with each
//! entry, so that a reader can check the hash without Muster.

use actix_web::{HttpRequest, web};
use serde_json::{Value, json};

use super::filter;
use crate::actions::Register;
use crate::domain::ids::Id;
use crate::domain::listing::{Cursor, Direction, From};
use crate::store::audit::{self, AuditRow};
use crate::web::export::{CHUNK, Export, Form};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, read};

const COLUMNS: &[&str] = &[
    "seq",
    "at",
    "actor_kind",
    "actor_id",
    "request_id",
    "action",
    "entity",
    "entity_id",
    "entity_version",
    "outcome",
    "reason",
    "emergency_id",
    "leaf",
    "body",
];

/// GET /audit.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::Csv).await
}

/// GET /audit.jsonl
pub async fn json_lines(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::JsonLines).await
}

async fn send(register: &web::Data<Register>, request: &HttpRequest, viewer: &Viewer, form: Form) -> Answer {
    let fields = Fields::of_query(request);
    let (tz, typed) = (Frame::new(register, viewer, "", "").tz, fields.clone());
    let (wanted, faults) = read(register, move |db| filter::read(db, &typed, tz)).await?;
    if let Some(refusal) = faults.refuse_export(&fields) {
        return Ok(refusal);
    }
    let mut from = Some(From::Start);
    Export { name: "audit", columns: COLUMNS, form }
        .stream(register, move |db| {
            let Some(place) = from.take() else { return Ok(Vec::new()) };
            let rows = audit::lines(db, &wanted, Direction::Descending, &place, CHUNK)?;
            from = rows.last().map(|row| From::After(Cursor { key: row.seq.to_string(), id: Id::default() }));
            Ok(rows.iter().map(columns).collect())
        })
        .await
}

fn columns(row: &AuditRow) -> Vec<Value> {
    vec![
        json!(row.seq),
        json!(row.at),
        json!(row.actor_kind),
        json!(row.actor_id),
        json!(row.request_id),
        json!(row.action),
        json!(row.entity),
        json!(row.entity_id),
        json!(row.entity_version),
        json!(row.outcome),
        json!(row.reason),
        json!(row.emergency_id),
        json!(hex::encode(&row.leaf)),
        json!(String::from_utf8_lossy(&row.body)),
    ]
}
