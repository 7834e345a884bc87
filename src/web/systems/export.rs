//! The list of systems as a file.

use actix_web::{HttpRequest, web};
use serde_json::json;

use crate::actions::Register;
use crate::domain::listing::From;
use crate::store::registry_list;
use crate::web::export::{CHUNK, Export, Form};
use crate::web::fields::Fields;

use crate::web::Answer;

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
    let mut from = Some(From::Start);
    Export { name: "systems", columns: COLUMNS, form }
        .stream(register, move |db| {
            let Some(place) = from.take() else { return Ok(Vec::new()) };
            let lines = registry_list::system_lines(db, &wanted, &place, CHUNK)?;
            from = lines.last().map(|line| From::After(line.cursor()));
            Ok(lines
                .into_iter()
                .map(|line| {
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
                })
                .collect())
        })
        .await
}
