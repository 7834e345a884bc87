//! One request.

use actix_web::{HttpRequest, HttpResponse, web};

use super::types::RequestAnswered;
use super::view;
use crate::actions::Register;
use crate::domain::ids::Id;
use crate::web::Answer;
use crate::web::identities::id;
use crate::web::session::Viewer;

/// Follow a request.
///
/// Its state, whose yes it takes and what was decided, why and by what right; what it asks for in plain words;
/// until when minds can be changed, and what is not yet done.
#[utoipa::path(
    get,
    path = "/api/requests/{id}",
    operation_id = "show_request",
    tag = "requests",
    params(("id" = Id, Path, description = "The id of the request.")),
    responses((status = 200, description = "The request.", body = RequestAnswered))
)]
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let id = id(&request)?;
    Ok(HttpResponse::Ok().json(view::answered(&register, &viewer, id).await?))
}
