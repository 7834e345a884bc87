//! The list of systems as a file.

use actix_web::{HttpRequest, web};
use serde_json::json;

use crate::actions::Register;
use crate::domain::listing::From;
use crate::store::Db;
use crate::store::registry_list::{self, SystemLine};
use crate::web::Answer;
use crate::web::export::{CHUNK, Export, Form, Row};
use crate::web::fields::Fields;

const COLUMNS: &[&str] =
    &["id", "name", "kind", "base_url", "business_owner", "technical_owner", "identities", "notes", "version"];

/// GET /systems.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest) -> Answer {
    send(&register, &request, Form::Csv).await
}

/// GET /systems.jsonl
pub async fn json_lines(register: web::Data<Register>, request: HttpRequest) -> Answer {
    send(&register, &request, Form::JsonLines).await
}

async fn send(register: &web::Data<Register>, request: &HttpRequest, form: Form) -> Answer {
    let fields = Fields::of_query(request);
    let (wanted, faults) = super::filter(&fields);
    if let Some(refusal) = faults.refuse_export(&fields) {
        return Ok(refusal);
    }
    let lines = move |db: &mut Db, from: &From| registry_list::system_lines(db, &wanted, from, CHUNK);
    Export { name: "systems", columns: COLUMNS, form }.walk(register, lines, SystemLine::cursor, row).await
}

fn row(line: SystemLine) -> Row {
    vec![
        json!(line.system.id),
        json!(line.system.name),
        json!(line.system.kind),
        json!(line.system.base_url),
        json!(line.business_owner.map(|(_, name)| name)),
        json!(line.technical_owner.map(|(_, name)| name)),
        json!(line.identities),
        json!(line.system.notes),
        json!(line.system.version),
    ]
}
