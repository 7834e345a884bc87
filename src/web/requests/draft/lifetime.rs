//! How long it is needed, how soon, and how it is stopped.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::page::{self, After, Shown};
use super::steps::Step;
use crate::actions::Register;
use crate::web::fields::Posted;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, page_with};

#[derive(Template)]
#[template(path = "requests/draft/lifetime.html")]
struct Lifetime {
    frame: Frame,
    shown: Shown,
}

/// GET /requests/drafts/{id}/lifetime
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let shown = page::open(&register, &viewer, &request, Step::Lifetime).await?;
    render(&register, &viewer, StatusCode::OK, shown)
}

/// POST /requests/drafts/{id}/lifetime
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    match page::submit(&register, &viewer, &request, Step::Lifetime, fields).await? {
        After::On(answer) => Ok(answer),
        After::Again(status, shown) => render(&register, &viewer, status, *shown),
    }
}

fn render(register: &Register, viewer: &Viewer, status: StatusCode, shown: Shown) -> Answer {
    let frame = page::frame(register, viewer, Step::Lifetime, status);
    page_with(status, &Lifetime { frame, shown })
}
