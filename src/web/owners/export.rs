//! The list of owners as a file.

use actix_web::{HttpRequest, web};
use serde_json::json;

use crate::actions::Register;
use crate::domain::listing::From;
use crate::store::Db;
use crate::store::owners::{self, OwnerLine};
use crate::web::export::{CHUNK, Export, Form, Row};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, show};

const COLUMNS: &[&str] = &[
    "id",
    "name",
    "email",
    "department",
    "left_on",
    "has_left",
    "deputy",
    "business_owner_of",
    "technical_owner_of",
    "waiting_for_answer",
    "overdue_tasks",
];

/// GET /owners.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::Csv).await
}

/// GET /owners.jsonl
pub async fn json_lines(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::JsonLines).await
}

async fn send(register: &web::Data<Register>, request: &HttpRequest, viewer: &Viewer, form: Form) -> Answer {
    let fields = Fields::of_query(request);
    let (wanted, faults) = super::filter(&fields);
    if let Some(refusal) = faults.refuse_export(&fields) {
        return Ok(refusal);
    }
    let today = show::today(viewer.now, Frame::new(register, viewer, "", "").tz);
    let lines = move |db: &mut Db, from: &From| owners::lines(db, &wanted, from, CHUNK, today);
    Export { name: "owners", columns: COLUMNS, form }.walk(register, lines, OwnerLine::cursor, row).await
}

fn row(line: OwnerLine) -> Row {
    vec![
        json!(line.id),
        json!(line.name),
        json!(line.email),
        json!(line.department),
        json!(line.left_on),
        json!(line.has_left),
        json!(line.deputy.map(|(_, name)| name)),
        json!(line.business),
        json!(line.technical),
        json!(line.waiting),
        json!(line.overdue),
    ]
}
