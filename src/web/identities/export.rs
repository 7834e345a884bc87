//! The list of identities as a file: the same filter, the same order, every row.

use actix_web::{HttpRequest, web};
use serde_json::Value;

use super::{filter, visible};
use crate::actions::Register;
use crate::domain::ids::Id;
use crate::domain::listing::From;
use crate::domain::permissions::Permission;
use crate::store::identity_documents::documents;
use crate::store::identity_list;
use crate::web::export::{CHUNK, Export, Form, Row};
use crate::web::fields::Fields;
use crate::web::session::Viewer;
use crate::web::{Answer, read};

const COLUMNS: &[&str] = &[
    "id",
    "client_id",
    "kind",
    "name",
    "enabled",
    "vendor_managed",
    "environment",
    "client_type",
    "grant_types",
    "redirect_uris",
    "issued_scopes",
    "optional_scopes",
    "approved_scopes",
    "credentials",
    "access_token_seconds",
    "expires_at",
    "business_owner",
    "technical_owner",
    "purpose",
    "access_basis",
    "revocation",
    "status",
    "system",
    "tier",
    "risk",
    "status_cause",
    "description",
    "vendor",
    "criticality",
    "requested_scopes",
    "refresh_tokens",
    "refresh_token_seconds",
    "review_interval_days",
    "next_review_on",
    "last_used_at",
    "use_visible_since",
    "business_owner_answer",
    "technical_owner_answer",
    "registered_at",
    "version",
];

/// GET /identities.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::Csv).await
}

/// GET /identities.jsonl
pub async fn json_lines(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    send(&register, &request, &viewer, Form::JsonLines).await
}

async fn send(register: &web::Data<Register>, request: &HttpRequest, viewer: &Viewer, form: Form) -> Answer {
    let fields = Fields::of_query(request);
    let (sees, now, typed) = (viewer.sees()?, viewer.now, fields.clone());
    let tells_names = viewer.may(Permission::ReadRegister);
    let asked = read(register, move |db| filter::read(db, &typed, tells_names)).await?;
    if let Some(refusal) = asked.faults.refuse_export(&fields) {
        return Ok(refusal);
    }
    let (wanted, order) = (visible(sees, asked.filter), filter::order(&fields).unwrap_or_default());
    let mut from = Some(From::Start);
    let export = Export { name: "identities", columns: COLUMNS, form };
    export
        .stream(register, move |db| {
            let Some(place) = from.take() else { return Ok(Vec::new()) };
            let lines = identity_list::lines(db, &wanted, order, &place, CHUNK, now)?;
            from = lines.last().map(|line| From::After(line.cursor(order)));
            let ids: Vec<Id> = lines.iter().map(|line| line.id).collect();
            Ok(documents(db, &ids, now)?.iter().map(row).collect())
        })
        .await
}

/// The values of the columns. Both records are written as JSON objects whose names are the columns'.
fn row((document, details): &(impl serde::Serialize, impl serde::Serialize)) -> Row {
    let (document, details) =
        (serde_json::to_value(document).unwrap_or_default(), serde_json::to_value(details).unwrap_or_default());
    COLUMNS
        .iter()
        .map(|name| document.get(name).or_else(|| details.get(name)).cloned().unwrap_or(Value::Null))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_is_named_twice() {
        let mut names = COLUMNS.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), COLUMNS.len());
    }
}
