//! The list of tasks as a file: the same filter, the same order, every row.

use actix_web::{HttpRequest, web};
use serde_json::Value;

use super::filter;
use crate::actions::Register;
use crate::domain::listing::From;
use crate::store::task_list;
use crate::web::Answer;
use crate::web::export::{CHUNK, Export, Form};
use crate::web::fields::Fields;
use crate::web::session::Viewer;

const COLUMNS: &[&str] = &[
    "id",
    "kind",
    "identity_id",
    "identity",
    "emergency_id",
    "period",
    "cause",
    "reason",
    "assignee_id",
    "assignee",
    "assignee_group",
    "assigned_as",
    "due_on",
    "state",
    "answer",
    "wanted_until",
    "note",
    "created_at",
    "closed_at",
    "version",
];

/// GET /tasks.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::Csv).await
}

/// GET /tasks.jsonl
pub async fn json_lines(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::JsonLines).await
}

async fn send(register: &web::Data<Register>, request: &HttpRequest, viewer: &Viewer, form: Form) -> Answer {
    let fields = Fields::of_query(request);
    let (wanted, faults) = filter::parse(&fields, viewer, register.day(viewer.now))?;
    if let Some(refusal) = faults.refuse_export(&fields) {
        return Ok(refusal);
    }
    let mut from = Some(From::Start);
    Export { name: "tasks", columns: COLUMNS, form }
        .stream(register, move |db| {
            let Some(place) = from.take() else { return Ok(Vec::new()) };
            let lines = task_list::lines(db, &wanted, &place, CHUNK)?;
            from = lines.last().map(|line| From::After(line.cursor()));
            Ok(lines
                .iter()
                .map(|line| {
                    let document = line.document();
                    COLUMNS.iter().map(|name| document.get(name).cloned().unwrap_or(Value::Null)).collect()
                })
                .collect())
        })
        .await
}
