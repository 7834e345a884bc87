//! Adding what somebody knows to a review.

use actix_web::{HttpRequest, web};

use super::decide::{again, seen};
use crate::actions::Register;
use crate::actions::reviews::note::{self, FIELD};
use crate::web::fields::Posted;
use crate::web::session::Viewer;
use crate::web::{Answer, act, see_other};

/// POST /reviews/{id}/notes
pub async fn add(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (seen(&register, &request, &viewer).await?, viewer.by()?);
    let text = fields.raw(FIELD).to_owned();
    match act(&register, move |register| note::add(register, &by, id, &text)).await? {
        Ok(_) => see_other(format!("/reviews/{id}?done=noted")),
        Err(error) => again(&register, &viewer, id, fields, error).await,
    }
}
