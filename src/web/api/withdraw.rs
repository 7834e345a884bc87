//! Taking a request back.

use actix_web::{HttpRequest, HttpResponse, web};

use super::body::Body;
use super::errors::of_action;
use super::sent::Withdrawal;
use super::types::RequestAnswered;
use super::view;
use crate::actions::{Register, requests};
use crate::domain::ids::Id;
use crate::web::identities::id;
use crate::web::requests::visible;
use crate::web::session::Viewer;
use crate::web::{Answer, act, read};

/// Take a request back.
///
/// A token takes back what its creator asked for, or what was asked in their name, as long as somebody has
/// still to decide or may change their mind. Nothing is lost: it stays in the register, with the reason.
#[utoipa::path(
    post,
    path = "/api/requests/{id}/withdraw",
    operation_id = "withdraw_request",
    tag = "requests",
    params(("id" = Id, Path, description = "The id of the request.")),
    request_body(content = Withdrawal, content_type = "application/json", examples(
        ("Not needed" = (summary = "It is not needed any more",
            value = json!({"version": 1, "reason": "the project was stopped"})))
    )),
    responses((status = 200, description = "It is taken back.", body = RequestAnswered))
)]
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Body(sent): Body<Withdrawal>,
) -> Answer {
    let (id, by, sees, now) = (id(&request)?, viewer.by()?, viewer.sees()?, viewer.now);
    read(&register, move |db| visible(db, sees, id, now)).await?;
    act(&register, move |register| requests::withdraw(register, &by, id, sent.version, &sent.reason))
        .await?
        .map_err(|error| of_action(error, str::to_owned))?;
    Ok(HttpResponse::Ok().json(view::answered(&register, &viewer, id).await?))
}
