//! What is done on the page of a review: a decision or its correction, proof, an end without an answer.

use actix_web::{HttpRequest, web};

use super::review::{render, visible};
use crate::actions::reviews::decide::{Reply, decide as record};
use crate::actions::reviews::{ending, prove};
use crate::actions::{ActionError, Register};
use crate::domain::ids::Id;
use crate::domain::reviews::ReviewAnswer;
use crate::web::errors::WebError;
use crate::web::fields::{Fields, Posted};
use crate::web::identities::id;
use crate::web::refusal::Refusal;
use crate::web::session::Viewer;
use crate::web::{Answer, act, read, see_other};

/// POST /reviews/{id}
pub async fn decide(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (seen(&register, &request, &viewer).await?, viewer.by()?);
    let answer: Option<ReviewAnswer> = fields.value("answer");
    let reply = Reply {
        review: id,
        version: fields.required("version")?,
        identity_version: fields.required("identity_version")?,
        digest: fields.raw("digest").to_owned(),
        answer,
        keep: fields.all("keep").into_iter().map(str::to_owned).collect(),
        revoke_on: fields.raw("revoke_on").to_owned(),
        reason: fields.raw("reason").to_owned(),
        somebody: fields.raw("somebody").to_owned(),
    };
    match act(&register, move |register| record(register, &by, &reply)).await? {
        Ok(_) if answer == Some(ReviewAnswer::DontKnow) => see_other(format!("/reviews/{id}?done=asked")),
        Ok(_) if answer == Some(ReviewAnswer::Reassign) => see_other(format!("/reviews/{id}?done=passed_on")),
        Ok(decision) => see_other(format!("/reviews/decisions/{decision}?done=recorded")),
        Err(error) => again(&register, &viewer, id, fields, error).await,
    }
}

/// POST /reviews/{id}/attest
pub async fn attest(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (seen(&register, &request, &viewer).await?, viewer.by()?);
    let (version, evidence) = (fields.required("version")?, fields.raw("evidence").to_owned());
    match act(&register, move |register| prove::attest(register, &by, id, version, &evidence)).await? {
        Ok(()) => see_other(format!("/reviews/{id}?done=attested")),
        Err(error) => again(&register, &viewer, id, fields, error).await,
    }
}

/// POST /reviews/{id}/cancel
pub async fn cancel(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (seen(&register, &request, &viewer).await?, viewer.by()?);
    let (version, reason) = (fields.required("version")?, fields.raw("cancel_reason").to_owned());
    match act(&register, move |register| ending::cancel_by_hand(register, &by, id, version, &reason)).await? {
        Ok(()) => see_other(format!("/reviews/{id}?done=cancelled")),
        Err(error) => again(&register, &viewer, id, fields, error).await,
    }
}

/// The review of the address; `NotFound` for one that the viewer may not see.
pub(super) async fn seen(
    register: &web::Data<Register>,
    request: &HttpRequest,
    viewer: &Viewer,
) -> Result<Id, WebError> {
    let (id, by, known) = (id(request)?, viewer.by()?, register.clone());
    read(register, move |db| visible(db, &known, &by, id).map(|_| ())).await?;
    Ok(id)
}

pub(super) async fn again(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    error: ActionError,
) -> Answer {
    render(register, viewer, id, fields, Refusal::of(error)?, "").await
}
