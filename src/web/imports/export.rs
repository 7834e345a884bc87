//! Imports, and the rows of one, as files.

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::id;
use crate::actions::Register;
use crate::domain::listing::{Cursor, From};
use crate::store::{import_rows, imports};
use crate::web::asked::Asked;
use crate::web::export::{CHUNK, Export, Form};
use crate::web::fields::Fields;
use crate::web::{Answer, read};

/// GET /imports/{id}.csv
pub async fn rows_csv(register: web::Data<Register>, request: HttpRequest, path: web::Path<String>) -> Answer {
    rows(&register, &request, &path, Form::Csv).await
}

/// GET /imports/{id}.jsonl
pub async fn rows_json_lines(register: web::Data<Register>, request: HttpRequest, path: web::Path<String>) -> Answer {
    rows(&register, &request, &path, Form::JsonLines).await
}

async fn rows(register: &web::Data<Register>, request: &HttpRequest, path: &str, form: Form) -> Answer {
    let id = id(path)?;
    let fields = Fields::of_query(request);
    let mut asked = Asked::of(&fields);
    let action = asked.value("action", "What is done");
    if let Some(refusal) = asked.finish().refuse_export(&fields) {
        return Ok(refusal);
    }
    read(register, move |db| imports::find(db, id)).await?;
    let columns = &[
        "line",
        "action",
        "name",
        "client_id",
        "id",
        "kind",
        "system",
        "environment",
        "built_in",
        "state",
        "issued_scopes",
        "scopes_on_request",
        "requested_scopes",
        "risks",
        "reason",
        "changes",
        "result",
    ];
    let mut place = 0_i64;
    Export { name: "import-rows", columns, form }
        .stream(register, move |db| {
            let rows = import_rows::after(db, id, action, place, CHUNK)?;
            place = rows.last().map_or(place, |row| row.position);
            Ok(rows
                .iter()
                .map(|row| {
                    let changes = match form {
                        Form::Csv => {
                            json!(
                                row.changes.0.fields.iter().map(|change| change.words()).collect::<Vec<_>>().join("; ")
                            )
                        }
                        Form::JsonLines => json!(row.changes.0.fields),
                    };
                    let about = row.changes.0.overview.as_ref();
                    let risks = about.map(|about| match form {
                        Form::Csv => json!(about.risks.join("; ")),
                        Form::JsonLines => json!(about.risks),
                    });
                    vec![
                        json!(row.line),
                        json!(row.action),
                        json!(row.name),
                        json!(row.client_id),
                        json!(row.subject_id),
                        json!(about.map(|about| about.kind)),
                        json!(about.map(|about| &about.system)),
                        json!(about.map(|about| about.environment)),
                        json!(about.map(|about| about.built_in)),
                        json!(about.map(|about| about.state)),
                        json!(about.map(|about| about.issued_scopes)),
                        json!(about.map(|about| about.scopes_on_request)),
                        json!(about.map(|about| about.requested_scopes)),
                        json!(risks),
                        json!(row.reason),
                        changes,
                        json!(row.result),
                    ]
                })
                .collect())
        })
        .await
}

/// GET /imports.csv
pub async fn list_csv(register: web::Data<Register>, request: HttpRequest) -> Answer {
    list(&register, &request, Form::Csv).await
}

/// GET /imports.jsonl
pub async fn list_json_lines(register: web::Data<Register>, request: HttpRequest) -> Answer {
    list(&register, &request, Form::JsonLines).await
}

async fn list(register: &web::Data<Register>, request: &HttpRequest, form: Form) -> Answer {
    let fields = Fields::of_query(request);
    if let Some(refusal) = Asked::of(&fields).finish().refuse_export(&fields) {
        return Ok(refusal);
    }
    let columns = &[
        "id",
        "subject",
        "format",
        "file_name",
        "sha256",
        "bytes",
        "column_map",
        "system",
        "environment",
        "state",
        "created",
        "changed",
        "unchanged",
        "skipped",
        "errors",
        "vanished",
        "made_at",
        "made_by",
        "applied_at",
        "undone_at",
    ];
    let mut from = Some(From::Start);
    let now = register.now();
    Export { name: "imports", columns, form }
        .stream(register, move |db| {
            let Some(place) = from.take() else { return Ok(Vec::new()) };
            let page = imports::page(db, &place)?;
            from = page.rows.last().map(|row| From::After(Cursor { key: String::new(), id: row.id }));
            Ok(page
                .rows
                .iter()
                .map(|row| {
                    let summary = &row.counts.0;
                    let tally = &summary.tally;
                    vec![
                        json!(row.id),
                        json!(row.subject),
                        json!(row.format),
                        json!(row.file_name),
                        json!(row.file_digest),
                        json!(row.file_bytes),
                        json!(row.column_map),
                        json!(summary.system),
                        json!(row.environment),
                        json!(row.state.at(row.made_at, now)),
                        json!(tally.create),
                        json!(tally.change),
                        json!(tally.unchanged),
                        json!(tally.skip),
                        json!(tally.error),
                        json!(tally.vanished),
                        json!(row.made_at),
                        json!(row.made_by),
                        json!(row.applied_at),
                        json!(row.undone_at),
                    ]
                })
                .collect())
        })
        .await
}
