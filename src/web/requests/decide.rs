//! What is decided on the page of a request: a decision, taking it back, recording what was issued.

use actix_web::{HttpRequest, web};

use super::request::render;
use crate::actions::requests::{self, Issued, Reply};
use crate::actions::{ActionError, Register};
use crate::domain::ids::Id;
use crate::web::errors::WebError;
use crate::web::fields::{Fields, Posted};
use crate::web::identities::id;
use crate::web::refusal::Refusal;
use crate::web::session::Viewer;
use crate::web::{Answer, act, read, see_other};

/// POST /requests/{id}
pub async fn decide(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (seen(&register, &request, &viewer).await?, viewer.by()?);
    let reply = Reply {
        request: id,
        version: fields.required("version")?,
        identity_version: fields.required("identity_version")?,
        digest: fields.raw("digest").to_owned(),
        answer: fields.value("answer"),
        keep: fields.all("keep").into_iter().map(str::to_owned).collect(),
        until: fields.raw("until").to_owned(),
        reason: fields.raw("reason").to_owned(),
        ground: fields.raw("ground").to_owned(),
        somebody: fields.raw("somebody").to_owned(),
    };
    match act(&register, move |register| requests::decide(register, &by, &reply)).await? {
        Ok(decision) => see_other(format!("/decisions/{decision}?done=recorded")),
        Err(error) => again(&register, &viewer, id, fields, error).await,
    }
}

/// POST /requests/{id}/issue
pub async fn issue(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (seen(&register, &request, &viewer).await?, viewer.by()?);
    let issued = Issued {
        request: id,
        version: fields.required("version")?,
        identity_version: fields.required("identity_version")?,
        scopes: fields.raw("scopes").to_owned(),
        evidence: fields.raw("evidence").to_owned(),
        client_id: fields.raw("client_id").to_owned(),
    };
    match act(&register, move |register| requests::issue(register, &by, &issued)).await? {
        Ok(()) => see_other(format!("/requests/{id}?done=issued")),
        Err(error) => again(&register, &viewer, id, fields, error).await,
    }
}

/// POST /requests/{id}/withdraw
pub async fn withdraw(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (seen(&register, &request, &viewer).await?, viewer.by()?);
    let (version, reason) = (fields.required("version")?, fields.raw("withdraw_reason").to_owned());
    match act(&register, move |register| requests::withdraw(register, &by, id, version, &reason)).await? {
        Ok(()) => see_other(format!("/requests/{id}?done=withdrawn")),
        Err(error) => {
            let refusal = Refusal::of(error)?.about("withdraw_reason");
            render(&register, &viewer, id, fields, refusal, "").await
        }
    }
}

/// The request of the address; `NotFound` for one that the viewer may not see.
async fn seen(register: &web::Data<Register>, request: &HttpRequest, viewer: &Viewer) -> Result<Id, WebError> {
    let (id, sees, now) = (id(request)?, viewer.sees()?, viewer.now);
    read(register, move |db| super::visible(db, sees, id, now)).await?;
    Ok(id)
}

async fn again(register: &web::Data<Register>, viewer: &Viewer, id: Id, fields: Fields, error: ActionError) -> Answer {
    render(register, viewer, id, fields, Refusal::of(error)?, "").await
}
