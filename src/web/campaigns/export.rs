//! The list of campaigns as a file: the same filter, the same order, every row.

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::list::filter;
use crate::actions::Register;
use crate::domain::reviews::campaigns::Counts;
use crate::store::campaigns::{self, Campaign};
use crate::web::Answer;
use crate::web::export::{CHUNK, Export, Form, Row};
use crate::web::fields::Fields;

const COLUMNS: &[&str] = &[
    "reference",
    "id",
    "name",
    "why",
    "state",
    "due_on",
    "review_due_by",
    "filter",
    "made_by_id",
    "made_at",
    "opened_by_id",
    "opened_at",
    "prepared_at",
    "ended_at",
    "ended_by_id",
    "ended_because",
    "open",
    "decided",
    "waiting_for_proof",
    "closed",
    "cancelled",
    "version",
];

/// GET /campaigns.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest) -> Answer {
    send(&register, &request, Form::Csv).await
}

/// GET /campaigns.jsonl
pub async fn json_lines(register: web::Data<Register>, request: HttpRequest) -> Answer {
    send(&register, &request, Form::JsonLines).await
}

async fn send(register: &web::Data<Register>, request: &HttpRequest, form: Form) -> Answer {
    let fields = Fields::of_query(request);
    let (states, faults) = filter(&fields);
    if let Some(refusal) = faults.refuse_export(&fields) {
        return Ok(refusal);
    }
    let (mut before, mut done) = (None, false);
    Export { name: "campaigns", columns: COLUMNS, form }
        .stream(register, move |db| {
            if done {
                return Ok(Vec::new());
            }
            let found = campaigns::list(db, &states, before, CHUNK)?;
            before = found.last().map(|campaign| campaign.number);
            done = found.is_empty();
            found.iter().map(|campaign| Ok(row(campaign, campaigns::counts(db, campaign.id)?))).collect()
        })
        .await
}

fn row(campaign: &Campaign, counts: Counts) -> Row {
    let selection = &campaign.selection.0;
    vec![
        json!(campaign.reference()),
        json!(campaign.id),
        json!(campaign.name),
        json!(campaign.why),
        json!(campaign.state),
        json!(campaign.due_on),
        json!(selection.due_by),
        json!(selection.filter),
        json!(campaign.made_by_id),
        json!(campaign.made_at),
        json!(campaign.opened_by_id),
        json!(campaign.opened_at),
        json!(campaign.prepared_at),
        json!(campaign.ended_at),
        json!(campaign.ended_by_id),
        json!(campaign.ended_because),
        json!(counts.open),
        json!(counts.decided),
        json!(counts.remediating),
        json!(counts.closed),
        json!(counts.cancelled),
        json!(campaign.version),
    ]
}
