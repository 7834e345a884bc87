//! Filing a request.

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, web};

use super::body::Body;
use super::errors::of_action;
use super::reading::{self, Wanted};
use super::sent::NewRequest;
use super::types::RequestAnswered;
use super::{view, work};
use crate::actions::{Register, requests};
use crate::web::Answer;
use crate::web::errors::WebError;
use crate::web::session::Viewer;

/// File a request.
///
/// A change of what an identity may do, or a new app. People decide about it; a program decides and issues
/// nothing.
///
/// Sending it twice files it once. About one identity one request waits at a time, and of the same requester
/// one registration waits with the same client id, or with the same name where not both have a client id, in
/// one environment: the second is answered 409 with the reference of what waits. So it can be sent again after
/// a connection broke. The header `Idempotency-Key` is taken and not needed: its value is kept nowhere.
#[utoipa::path(
    post,
    path = "/api/requests",
    operation_id = "file_request",
    tag = "requests",
    params(("Idempotency-Key" = Option<String>, Header, description = "Taken and not needed: see above.")),
    request_body(content = NewRequest, content_type = "application/json", examples(
        ("A change" = (summary = "Other permissions for an identity", value = json!({
            "identity_id": "01890000-0000-7000-8000-000000000000",
            "identity_version": 1,
            "scopes": ["patient/Observation.rs?category=laboratory"],
            "reason": "nurses read results on the ward",
            "until": "2027-03-31",
            "urgency": null,
            "test_data": false
        }))),
        ("A new app" = (summary = "An app that does not work yet", value = json!({
            "registration": {
                "kind": "smart_app",
                "name": "Discharge Planner",
                "client_id": "discharge-planner",
                "environment": "production",
                "business_owner": "dana.reed@hospital.example",
                "technical_owner": null,
                "purpose": "Plans discharges on the ward",
                "access_basis": "treatment",
                "criticality": "moderate",
                "client_type": "confidential",
                "grant_types": ["authorization_code"],
                "launch_types": ["launch-ehr"],
                "redirect_uris": ["https://planner.example/callback"],
                "access_token_seconds": 3600,
                "refresh_tokens": "none",
                "way_to_stop": {
                    "method": "admin_console",
                    "steps": "Disable the client discharge-planner in the realm",
                    "contact": "identity desk, extension 4417"
                },
                "documents": [{"kind": "contract", "reference": "C-2026-118", "ends_on": "2027-12-31"}]
            },
            "scopes": ["launch", "patient/Observation.rs?category=laboratory"],
            "reason": "nurses read results on the ward",
            "until": "2027-03-31"
        })))
    )),
    responses((status = 201, description = "It is filed, and whoever decides is told.", body = RequestAnswered,
        headers(("Location" = String, description = "The address of the request."))))
)]
pub async fn submit(register: web::Data<Register>, viewer: Viewer, Body(sent): Body<NewRequest>) -> Answer {
    let (by, sees) = (viewer.by()?, viewer.sees()?);
    let filed = work(&register, move |register| {
        let (wanted, _) = reading::read(register, &by, sees, &sent)?;
        match wanted {
            Wanted::Change { version: None, .. } => Err(WebError::Faults(vec![(
                "identity_version".to_owned(),
                "Send the version of the identity that you read; a preview tells it".to_owned(),
            )])),
            Wanted::Change { identity, version: Some(version), asking, .. } => {
                requests::ask(register, &by, identity, version, &asking)
                    .map_err(|error| of_action(error, str::to_owned))
            }
            Wanted::App(typed) => {
                requests::register(register, &by, &typed).map_err(|error| of_action(error, reading::path))
            }
        }
    })
    .await?;
    let location = format!("/api/requests/{filed}");
    let answered = view::answered(&register, &viewer, filed).await?;
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(answered))
}
