//! The steps of a grant as they are sent: asking, approving, refusing, carrying out, taking back.

use actix_web::{HttpRequest, web};

use super::grant::render;
use crate::actions::grants::{self, Shown};
use crate::actions::{ActionError, Register};
use crate::domain::ids::Id;
use crate::web::errors::WebError;
use crate::web::fields::{Fields, Posted};
use crate::web::identities::{self, id, identity};
use crate::web::refusal::Refusal;
use crate::web::session::Viewer;
use crate::web::{Answer, act, read, see_other};

/// POST /identities/{id}/grants
pub async fn ask(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by, sees, now) = (id(&request)?, viewer.by()?, viewer.sees()?, viewer.now);
    read(&register, move |db| identities::check_visible(db, sees, id, now)).await?;
    let reason = fields.raw("reason").to_owned();
    match act(&register, move |register| grants::ask(register, &by, id, &reason)).await? {
        Ok(grant) => see_other(format!("/grants/{grant}?done=asked")),
        Err(ActionError::Invalid(errors)) => identity::render(&register, &viewer, id, fields, errors, "").await,
        Err(other) => Err(other.into()),
    }
}

/// POST /grants/{id}/approve
pub async fn approve(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (seen(&register, &request, &viewer).await?, viewer.by()?);
    let shown = shown(id, &fields)?;
    let outcome = act(&register, move |register| grants::approve(register, &by, &shown)).await?;
    after(&register, &viewer, id, fields, outcome, "approved").await
}

/// POST /grants/{id}/refuse
pub async fn refuse(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (seen(&register, &request, &viewer).await?, viewer.by()?);
    let (shown, reason) = (shown(id, &fields)?, fields.raw("reason").to_owned());
    let outcome = act(&register, move |register| grants::refuse(register, &by, &shown, &reason)).await?;
    after(&register, &viewer, id, fields, outcome, "refused").await
}

/// POST /grants/{id}/carry-out
pub async fn carry_out(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (seen(&register, &request, &viewer).await?, viewer.by()?);
    let shown = shown(id, &fields)?;
    let outcome = act(&register, move |register| grants::carry_out(register, &by, &shown)).await?;
    after(&register, &viewer, id, fields, outcome, "carried_out").await
}

/// POST /grants/{id}/withdraw
pub async fn withdraw(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (seen(&register, &request, &viewer).await?, viewer.by()?);
    let version = fields.required("version")?;
    let outcome = act(&register, move |register| grants::withdraw(register, &by, id, version)).await?;
    after(&register, &viewer, id, fields, outcome, "withdrawn").await
}

/// The grant of the address; `NotFound` for one that the viewer may not see.
async fn seen(register: &web::Data<Register>, request: &HttpRequest, viewer: &Viewer) -> Result<Id, WebError> {
    let (id, sees, now) = (id(request)?, viewer.sees()?, viewer.now);
    read(register, move |db| {
        crate::store::grants::find(db, id)?;
        super::check_visible(db, sees, id, now)
    })
    .await?;
    Ok(id)
}

fn shown(id: Id, fields: &Fields) -> Result<Shown, WebError> {
    let (version, identity_version) = (fields.required("version")?, fields.required("identity_version")?);
    Ok(Shown { grant: id, version, identity_version })
}

async fn after(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    outcome: Result<(), ActionError>,
    done: &str,
) -> Answer {
    match outcome {
        Ok(()) => see_other(format!("/grants/{id}?done={done}")),
        Err(error) => render(register, viewer, id, fields, Refusal::of(error)?, "").await,
    }
}
