//! The list of reviews as a file: the same filter, the same order, every row.

use actix_web::{HttpRequest, web};
use serde_json::{Value, json};

use super::filter::{self, Reader, Wanted};
use crate::actions::Register;
use crate::domain::listing::From;
use crate::domain::permissions::Permission;
use crate::store::review_list::{self, Beside};
use crate::web::export::{CHUNK, Export, Form};
use crate::web::fields::Fields;
use crate::web::session::Viewer;
use crate::web::{Answer, read};

const COLUMNS: &[&str] = &[
    "id",
    "identity_id",
    "identity",
    "campaign_id",
    "campaign",
    "state",
    "tier",
    "opened_at",
    "due_on",
    "silence_on",
    "escalated_at",
    "causes",
    "reasons",
    "asked",
    "outcome",
    "decision_id",
    "decided_at",
    "takes_effect_at",
    "applied_at",
    "proof",
    "proof_note",
    "proved_by_id",
    "proved_at",
    "closed_at",
    "ended_because",
    "version",
];

/// GET /reviews.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::Csv).await
}

/// GET /reviews.jsonl
pub async fn json_lines(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::JsonLines).await
}

async fn send(register: &web::Data<Register>, request: &HttpRequest, viewer: &Viewer, form: Form) -> Answer {
    let fields = Fields::of_query(request);
    let reader = Reader {
        sees: viewer.sees()?,
        tells_names: viewer.may(Permission::ReadRegister),
        today: register.day(viewer.now),
    };
    let typed = fields.clone();
    let Wanted { filter: wanted, faults, .. } = read(register, move |db| filter::read(db, &typed, reader)).await?;
    if let Some(refusal) = faults.refuse_export(&fields) {
        return Ok(refusal);
    }
    let mut from = Some(From::Start);
    Export { name: "reviews", columns: COLUMNS, form }
        .stream(register, move |db| {
            let Some(place) = from.take() else { return Ok(Vec::new()) };
            let lines = review_list::lines(db, &wanted, &place, CHUNK)?;
            from = lines.last().map(|line| From::After(line.cursor()));
            let ids: Vec<_> = lines.iter().map(|line| line.review.id).collect();
            let mut beside = review_list::beside(db, &ids)?;
            let campaigns: Vec<_> = lines.iter().filter_map(|line| line.review.campaign_id).collect();
            let campaigns = review_list::campaign_names(db, &campaigns)?;
            Ok(lines
                .iter()
                .map(|line| {
                    let Beside { reasons, causes, asked, .. } = beside.remove(&line.review.id).unwrap_or_default();
                    let document = line.document();
                    COLUMNS
                        .iter()
                        .map(|name| match *name {
                            "campaign" => json!(line.review.campaign_id.and_then(|id| campaigns.get(&id))),
                            "causes" => {
                                json!(causes.iter().map(|cause| cause.word()).collect::<Vec<_>>().join("; "))
                            }
                            "reasons" => json!(reasons.join(" ")),
                            "asked" => json!(asked.join("; ")),
                            name => document.get(name).cloned().unwrap_or(Value::Null),
                        })
                        .collect()
                })
                .collect())
        })
        .await
}
