//! The list of requests as a file: the same filter, the same order, every row.

use actix_web::{HttpRequest, web};
use serde_json::Value;

use super::filter;
use crate::actions::Register;
use crate::domain::listing::From;
use crate::store::request_list;
use crate::web::Answer;
use crate::web::export::{Export, Form};
use crate::web::fields::Fields;
use crate::web::session::Viewer;

const COLUMNS: &[&str] = &[
    "reference",
    "id",
    "kind",
    "identity_id",
    "identity",
    "state",
    "requester_id",
    "requester_for_id",
    "reason",
    "urgency",
    "wanted_until",
    "approved_until",
    "test_data",
    "purpose",
    "access_basis",
    "tier",
    "rule",
    "because",
    "sent_at",
    "ends_at",
    "moved_at",
    "effective_at",
    "applied_at",
    "executor_id",
    "issued_at",
    "confirmed_at",
    "version",
];

/// GET /requests.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::Csv).await
}

/// GET /requests.jsonl
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
    Export { name: "requests", columns: COLUMNS, form }
        .stream(register, move |db| {
            let Some(place) = from.take() else { return Ok(Vec::new()) };
            let page = request_list::page(db, &wanted, now, &place)?;
            from = page.rows.last().filter(|_| page.more_after).map(|line| From::After(line.cursor()));
            Ok(page
                .rows
                .iter()
                .map(|line| {
                    let document = line.document(now);
                    COLUMNS.iter().map(|name| document.get(name).cloned().unwrap_or(Value::Null)).collect()
                })
                .collect())
        })
        .await
}
