//! The list of open findings as a file.

use actix_web::{HttpRequest, web};
use serde_json::Value;

use crate::actions::Register;
use crate::domain::listing::From;
use crate::store::Db;
use crate::store::findings::{self, FindingLine};
use crate::web::Answer;
use crate::web::export::{CHUNK, Export, Form, Row};
use crate::web::fields::Fields;

const COLUMNS: &[&str] =
    &["id", "rule", "severity", "identity_id", "identity", "says", "remedy", "opened_at", "version"];

/// GET /findings.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest) -> Answer {
    send(&register, &request, Form::Csv).await
}

/// GET /findings.jsonl
pub async fn json_lines(register: web::Data<Register>, request: HttpRequest) -> Answer {
    send(&register, &request, Form::JsonLines).await
}

async fn send(register: &web::Data<Register>, request: &HttpRequest, form: Form) -> Answer {
    let fields = Fields::of_query(request);
    let (rule, faults) = super::filter(&fields);
    if let Some(refusal) = faults.refuse_export(&fields) {
        return Ok(refusal);
    }
    let lines = move |db: &mut Db, from: &From| findings::lines(db, rule, from, CHUNK);
    Export { name: "findings", columns: COLUMNS, form }.walk(register, lines, FindingLine::cursor, row).await
}

fn row(line: FindingLine) -> Row {
    let document = line.document();
    COLUMNS.iter().map(|name| document.get(*name).cloned().unwrap_or(Value::Null)).collect()
}
