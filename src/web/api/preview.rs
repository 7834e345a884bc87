//! What would be sent.

use actix_web::{HttpResponse, web};

use super::body::Body;
use super::reading::{self, Wanted};
use super::sent::NewRequest;
use super::types::RequestPreview;
use super::{view, work};
use crate::actions::Register;
use crate::web::Answer;
use crate::web::requests::facts::Names;
use crate::web::session::Viewer;

/// Look at a request before it is sent.
///
/// What people would read and who would be asked, or everything that is wrong with it. Nothing is stored.
#[utoipa::path(
    post,
    path = "/api/requests/preview",
    operation_id = "preview_request",
    tag = "requests",
    request_body(content = NewRequest, content_type = "application/json"),
    responses((status = 200, description = "What would be sent.", body = RequestPreview))
)]
pub async fn look(register: web::Data<Register>, viewer: Viewer, Body(sent): Body<NewRequest>) -> Answer {
    let (by, sees, now) = (viewer.by()?, viewer.sees()?, viewer.now);
    let preview = work(&register, move |register| {
        let (wanted, preview) = reading::read(register, &by, sees, &sent)?;
        let version = match wanted {
            Wanted::Change { now, .. } => Some(now),
            Wanted::App(_) => None,
        };
        let names = Names::in_sheet(&mut *register.database.read()?, &preview.sheet)?;
        Ok(view::preview(preview, &names, register, now, version))
    })
    .await?;
    Ok(HttpResponse::Ok().json(preview))
}
