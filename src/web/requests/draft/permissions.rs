//! What it may do: permissions pasted, and what each allows in plain words.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::answers::{self, Said};
use super::page::{self, After, Shown};
use super::steps::Step;
use crate::actions::Register;
use crate::domain::task_words::date_words;
use crate::web::fields::{Errors, Posted};
use crate::web::frame::Frame;
use crate::web::requests::ticks::{self, Ticks};
use crate::web::session::Viewer;
use crate::web::{Answer, page_with};

#[derive(Template)]
#[template(path = "requests/draft/permissions.html")]
struct Permissions {
    frame: Frame,
    shown: Shown,
    ticks: Ticks,
    /// What each permission allows.
    said: Vec<Said>,
    /// There are more than can be asked for at once.
    too_many: bool,
    until: String,
}

/// GET /requests/drafts/{id}/permissions
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let shown = page::open(&register, &viewer, &request, Step::Permissions).await?;
    render(&register, &viewer, StatusCode::OK, shown)
}

/// POST /requests/drafts/{id}/permissions
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (fields, half_ticked) = ticks::applied(fields, &register.deployment);
    if !half_ticked.is_empty() {
        let shown = page::again(&register, &viewer, &request, Step::Permissions, fields).await?;
        let shown = Shown { errors: Errors(half_ticked), ..shown };
        return render(&register, &viewer, StatusCode::UNPROCESSABLE_ENTITY, shown);
    }
    match page::submit(&register, &viewer, &request, Step::Permissions, fields).await? {
        After::On(answer) => Ok(answer),
        After::Again(status, shown) => render(&register, &viewer, status, *shown),
    }
}

fn render(register: &Register, viewer: &Viewer, status: StatusCode, shown: Shown) -> Answer {
    let frame = page::frame(register, viewer, Step::Permissions, status);
    let deployment = &register.deployment;
    let most = deployment.approvals.stages.most_scopes;
    let (said, too_many) = answers::said(shown.fields.raw("scopes"), &shown.app, most, &deployment.scopes);
    let until = shown.fields.value("until").map(date_words).unwrap_or_default();
    let ticks = Ticks::of(&shown.fields, &shown.app, deployment);
    page_with(status, &Permissions { frame, ticks, shown, said, too_many, until })
}
