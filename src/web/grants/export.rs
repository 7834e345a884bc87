//! The list of grants as a file: the same filter, the same order, every row.

use actix_web::{HttpRequest, web};
use serde_json::Value;

use super::filter;
use crate::actions::Register;
use crate::domain::listing::From;
use crate::store::grant_list;
use crate::web::Answer;
use crate::web::export::{CHUNK, Export, Form};
use crate::web::fields::Fields;
use crate::web::session::Viewer;

const COLUMNS: &[&str] = &[
    "id",
    "kind",
    "identity_id",
    "identity",
    "state",
    "reason",
    "decision_reason",
    "requester_id",
    "requester_for_id",
    "approver_id",
    "executor_id",
    "asked_at",
    "decided_at",
    "executed_at",
    "ends_at",
    "identity_version",
    "executed_version",
    "version",
];

/// GET /grants.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::Csv).await
}

/// GET /grants.jsonl
pub async fn json_lines(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::JsonLines).await
}

async fn send(register: &web::Data<Register>, request: &HttpRequest, viewer: &Viewer, form: Form) -> Answer {
    let fields = Fields::of_query(request);
    let (wanted, faults) = filter::parse(&fields, viewer)?;
    if let Some(refusal) = faults.refuse_export(&fields) {
        return Ok(refusal);
    }
    let (mut from, now) = (Some(From::Start), viewer.now);
    Export { name: "grants", columns: COLUMNS, form }
        .stream(register, move |db| {
            let Some(place) = from.take() else { return Ok(Vec::new()) };
            let lines = grant_list::lines(db, &wanted, &place, CHUNK, now)?;
            from = lines.last().map(|line| From::After(line.cursor()));
            Ok(lines
                .iter()
                .map(|line| {
                    let document = line.document(now);
                    COLUMNS.iter().map(|name| document.get(name).cloned().unwrap_or(Value::Null)).collect()
                })
                .collect())
        })
        .await
}
