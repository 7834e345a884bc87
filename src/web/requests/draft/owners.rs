//! Who owns it: two people named by name or address, or nobody known yet.

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
#[template(path = "requests/draft/owners.html")]
struct Owners {
    frame: Frame,
    shown: Shown,
}

/// GET /requests/drafts/{id}/owners
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let shown = page::open(&register, &viewer, &request, Step::Owners).await?;
    render(&register, &viewer, StatusCode::OK, shown)
}

/// POST /requests/drafts/{id}/owners
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    match page::submit(&register, &viewer, &request, Step::Owners, fields).await? {
        After::On(answer) => Ok(answer),
        After::Again(status, shown) => render(&register, &viewer, status, *shown),
    }
}

fn render(register: &Register, viewer: &Viewer, status: StatusCode, shown: Shown) -> Answer {
    let frame = page::frame(register, viewer, Step::Owners, status);
    page_with(status, &Owners { frame, shown })
}
