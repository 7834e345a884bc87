//! The list of requests as a file: the same filter, the same order, every row, with what was asked for and who
//! decided what. JSON lines carry what each of them read besides, word for word.

use actix_web::{HttpRequest, web};
use serde_json::{Value, json};

use super::filter;
use crate::actions::Register;
use crate::domain::listing::From;
use crate::store::request_decisions::{self, Decision};
use crate::store::request_list::{self, RequestLine};
use crate::store::requests;
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
    "evidence",
    "version",
    "scopes",
    "kept_scopes",
    "decisions",
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
            let ids: Vec<_> = page.rows.iter().map(|line| line.request.id).collect();
            let (scopes, decisions) = (requests::scopes_of(db, &ids)?, request_decisions::of_requests(db, &ids)?);
            let row = |line: &RequestLine| {
                let Value::Object(mut document) = line.document(now) else { return Vec::new() };
                let id = line.request.id;
                let asked: Vec<&str> =
                    scopes.iter().filter(|(request, _)| *request == id).map(|(_, scope)| scope.as_str()).collect();
                let decided: Vec<&Decision> = decisions.iter().filter(|one| one.request_id == id).collect();
                let standing = |one: &&&Decision| one.stands();
                let kept: Vec<&str> = asked
                    .iter()
                    .copied()
                    .filter(|scope| {
                        let mut parts = decided.iter().filter(standing).filter_map(|one| one.kept.as_ref());
                        parts.all(|kept| kept.0.iter().any(|known| known == scope))
                    })
                    .collect();
                document.insert("scopes".to_owned(), json!(asked));
                document.insert("kept_scopes".to_owned(), json!(kept));
                document.insert("decisions".to_owned(), decided.iter().map(|one| written(one, form)).collect());
                COLUMNS.iter().map(|name| document.get(*name).cloned().unwrap_or(Value::Null)).collect()
            };
            Ok(page.rows.iter().map(row).collect())
        })
        .await
}

/// A decision as a file holds it; what its giver read stands in JSON lines, a cell of a table would burst.
fn written(decision: &Decision, form: Form) -> Value {
    json!({
        "id": decision.id,
        "step": decision.position,
        "stage": decision.stage,
        "answer": decision.answer,
        "decided_by_id": decision.decided_by_id,
        "decided_as": decision.decided_as,
        "decided_at": decision.decided_at,
        "kept": decision.kept.as_ref().map(|kept| &kept.0),
        "until": decision.until,
        "reason": decision.reason,
        "ground": decision.ground,
        "passed_to_id": decision.passed_to_id,
        "identity_version": decision.identity_version,
        "digest": decision.digest,
        "undone_at": decision.undone_at,
        "undo_reason": decision.undo_reason,
        "sheet": (form == Form::JsonLines).then_some(&decision.sheet.0),
    })
}
