//! Proving again who one is before a page or a file is shown.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

use super::ask::{self, Asked};
use crate::actions::Register;
use crate::web::Answer;
use crate::web::errors::WebError;
use crate::web::fields::{Fields, Posted};
use crate::web::session::Viewer;
use crate::web::sign_in::own_path;

/// GET /confirm?next=PATH
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let next = own_path(fields.raw("next"));
    if viewer.is_recent() {
        let (text, link) = if next == "/" {
            ("You confirmed that it is you. For the next minutes you are not asked again.", "Go to the start page")
        } else if is_file(next) {
            ("You confirmed that it is you. The file is ready.", "Download the file")
        } else {
            ("You confirmed that it is you.", "Go on")
        };
        return ask::say(&register, &viewer, StatusCode::OK, "Confirmed", text, (next, link));
    }
    ask::show(&register, &viewer, asked(next), String::new()).await
}

/// POST /confirm
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    posted: Result<Posted, WebError>,
) -> Answer {
    let fields = match posted {
        Ok(Posted(fields)) => fields,
        Err(error) => return ask::too_old(&register, &viewer, error, "/confirm"),
    };
    let next = own_path(fields.raw("next"));
    ask::submit(&register, &request, viewer, &fields, asked(next)).await
}

fn asked(next: &str) -> Asked {
    // A file is no page: it would leave this one standing, and its reader wondering.
    let onward = if next == "/" || is_file(next) { ask::link(next) } else { next.to_owned() };
    let what = if next == "/" { String::new() } else { format!("You asked for {next}.") };
    Asked {
        what,
        kept: String::new(),
        action: "/confirm".to_owned(),
        next: next.to_owned(),
        back: "/".to_owned(),
        onward,
    }
}

/// Whether an address of ours is that of a file, such as `/audit.csv`.
fn is_file(next: &str) -> bool {
    let path = next.split('?').next().unwrap_or_default();
    path.rsplit('/').next().is_some_and(|name| name.contains('.'))
}
