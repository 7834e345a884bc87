//! What is sent from the page of emergency access.

use actix_web::{HttpRequest, web};

use super::page::render;
use crate::actions::break_glass::{self as actions, Wanted};
use crate::actions::{ActionError, Register};
use crate::domain::ids::Id;
use crate::web::fields::{Fields, Posted};
use crate::web::identities::id;
use crate::web::refusal::Refusal;
use crate::web::session::Viewer;
use crate::web::{Answer, act, see_other};

/// POST /break-glass
pub async fn ask(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let by = viewer.by()?;
    let wanted = Wanted { reason: fields.raw("reason").to_owned(), hours: fields.raw("hours").to_owned() };
    let outcome = act(&register, move |register| actions::ask(register, &by, &wanted).map(drop)).await?;
    after(&register, &viewer, fields, outcome, "asked").await
}

/// POST /break-glass/{id}/approve
pub async fn approve(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, version, by) = (id(&request)?, fields.required("version")?, viewer.by()?);
    let outcome = act(&register, move |register| actions::approve(register, &by, id, version)).await?;
    after(&register, &viewer, fields, outcome, "started").await
}

/// POST /break-glass/{id}/refuse
pub async fn refuse(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, version, by) = (id(&request)?, fields.required("version")?, viewer.by()?);
    let reason = fields.raw("decision_reason").to_owned();
    let outcome = act(&register, move |register| actions::refuse(register, &by, id, version, &reason)).await?;
    after(&register, &viewer, fields, outcome, "refused").await
}

/// POST /break-glass/{id}/open
pub async fn open(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, version, by) = (id(&request)?, fields.required("version")?, viewer.by()?);
    let code = fields.raw("code").to_owned();
    let outcome = act(&register, move |register| actions::open(register, &by, id, version, &code)).await?;
    // A code is never written into a page.
    after(&register, &viewer, fields.with("code", ""), outcome, "started").await
}

/// POST /break-glass/{id}/withdraw
pub async fn withdraw(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, version, by) = (id(&request)?, fields.required("version")?, viewer.by()?);
    let outcome = act(&register, move |register| actions::withdraw(register, &by, id, version)).await?;
    after(&register, &viewer, fields, outcome, "withdrawn").await
}

/// POST /break-glass/{id}/end
pub async fn end(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by): (Id, _) = (id(&request)?, viewer.by()?);
    let outcome = act(&register, move |register| actions::end(register, &by, id)).await?;
    after(&register, &viewer, fields, outcome, "ended").await
}

async fn after(
    register: &web::Data<Register>,
    viewer: &Viewer,
    fields: Fields,
    outcome: Result<(), ActionError>,
    done: &str,
) -> Answer {
    let refusal = match outcome {
        Ok(()) => return see_other(format!("/break-glass?done={done}")),
        Err(error) => Refusal::of(error)?,
    };
    let (status, errors) = match refusal {
        Refusal::Conflict => {
            Refusal::because("somebody was faster: this has been answered already. It stands below as it is now")
        }
        other => other,
    }
    .answer();
    render(register, viewer, fields, status, errors, "").await
}
