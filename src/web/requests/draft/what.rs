//! What it is: kind, name, where it works, and how it signs in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::page::{self, After, Shown};
use super::steps::Step;
use crate::actions::Register;
use crate::domain::identities::Environment;
use crate::web::fields::Posted;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, page_with};

#[derive(Template)]
#[template(path = "requests/draft/what.html")]
struct What {
    frame: Frame,
    shown: Shown,
    /// Where it may work: a twin works elsewhere than the one it is a twin of.
    environments: Vec<(&'static str, &'static str)>,
}

impl What {
    fn test_data(&self) -> [(&'static str, &'static str, &'static str, bool); 1] {
        [("1", "None is there", "Only a sandbox can be free of it", self.shown.fields.is_set("test_data"))]
    }
}

/// GET /requests/drafts/{id}/what
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let shown = page::open(&register, &viewer, &request, Step::What).await?;
    render(&register, &viewer, StatusCode::OK, shown)
}

/// POST /requests/drafts/{id}/what
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    match page::submit(&register, &viewer, &request, Step::What, fields).await? {
        After::On(answer) => Ok(answer),
        After::Again(status, shown) => render(&register, &viewer, status, *shown),
    }
}

fn render(register: &Register, viewer: &Viewer, status: StatusCode, shown: Shown) -> Answer {
    let frame = page::frame(register, viewer, Step::What, status);
    let elsewhere = shown.origin.as_ref().map(|origin| origin.environment);
    let environments = Environment::ALL
        .iter()
        .filter(|environment| Some(environment.label()) != elsewhere)
        .map(|environment| (environment.word(), environment.label()))
        .collect();
    page_with(status, &What { frame, shown, environments })
}
