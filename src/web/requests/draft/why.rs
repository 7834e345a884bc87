//! Why it is needed: its purpose, on what basis, and the documents that allow it.

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
#[template(path = "requests/draft/why.html")]
struct Why {
    frame: Frame,
    shown: Shown,
    papers: [PaperFields; 3],
}

/// The fields of a document.
struct PaperFields {
    title: &'static str,
    reference: &'static str,
    ends_on: &'static str,
}

const PAPERS: [PaperFields; 3] = [
    PaperFields { title: "Contract", reference: "contract_reference", ends_on: "contract_ends_on" },
    PaperFields { title: "Data sharing agreement", reference: "agreement_reference", ends_on: "agreement_ends_on" },
    PaperFields { title: "Business associate agreement (BAA)", reference: "baa_reference", ends_on: "baa_ends_on" },
];

/// GET /requests/drafts/{id}/why
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let shown = page::open(&register, &viewer, &request, Step::Why).await?;
    render(&register, &viewer, StatusCode::OK, shown)
}

/// POST /requests/drafts/{id}/why
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    match page::submit(&register, &viewer, &request, Step::Why, fields).await? {
        After::On(answer) => Ok(answer),
        After::Again(status, shown) => render(&register, &viewer, status, *shown),
    }
}

fn render(register: &Register, viewer: &Viewer, status: StatusCode, shown: Shown) -> Answer {
    let frame = page::frame(register, viewer, Step::Why, status);
    page_with(status, &Why { frame, shown, papers: PAPERS })
}
