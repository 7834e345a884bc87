//! The list of people as a file.

use actix_web::{HttpRequest, web};
use serde_json::json;

use crate::actions::Register;
use crate::domain::listing::From;
use crate::store::Db;
use crate::store::people_list::{self, PersonLine};
use crate::web::export::{CHUNK, Export, Form, Row};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, show};

const COLUMNS: &[&str] = &[
    "id",
    "name",
    "email",
    "staff_id",
    "title",
    "department",
    "manager",
    "deputy",
    "left_on",
    "time_zone",
    "role",
    "disabled_at",
    "business_owner_of",
    "technical_owner_of",
];

/// GET /people.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::Csv).await
}

/// GET /people.jsonl
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
    let lines = move |db: &mut Db, from: &From| people_list::lines(db, &wanted, from, CHUNK, today);
    Export { name: "people", columns: COLUMNS, form }.walk(register, lines, PersonLine::cursor, row).await
}

fn row(line: PersonLine) -> Row {
    vec![
        json!(line.id),
        json!(line.name),
        json!(line.email),
        json!(line.staff_id),
        json!(line.title),
        json!(line.department),
        json!(line.manager.map(|(_, name)| name)),
        json!(line.deputy.map(|(_, name)| name)),
        json!(line.left_on),
        json!(line.time_zone),
        json!(line.role),
        json!(line.disabled_at),
        json!(line.business),
        json!(line.technical),
    ]
}
