//! One grant: its steps, and what changed meanwhile when a decision came too late.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::steps::{self, Steps};
use crate::actions::Register;
use crate::domain::ids::Id;
use crate::store::grants;
use crate::web::fields::{Errors, Fields};
use crate::web::frame::Frame;
use crate::web::identities::id;
use crate::web::refusal::Refusal;
use crate::web::session::Viewer;
use crate::web::tasks::meanwhile;
use crate::web::{Answer, page_with, read};

/// What was just done, by the word that the link carries.
pub const DONE: &[(&str, &str)] = &[
    ("asked", "What you asked for is recorded. Nothing has changed yet: two others have to take part."),
    ("approved", "Your approval is recorded. A third person has to carry it out."),
    ("refused", "Your refusal is recorded with its reason. Whoever asked sees both."),
    ("carried_out", "It is active again."),
    ("withdrawn", "It is taken back. Nothing has changed."),
];

#[derive(Template)]
#[template(path = "grants/grant.html")]
struct GrantPage {
    frame: Frame,
    steps: Steps,
    fields: Fields,
    errors: Errors,
    conflict: bool,
    /// What others did since the reader opened the page.
    meanwhile: Vec<String>,
}

/// GET /grants/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let done = Fields::of_query(&request);
    render(&register, &viewer, id(&request)?, Fields::default(), Refusal::None, done.raw("done")).await
}

/// The page, with what was typed and why it was refused.
pub(super) async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    refusal: Refusal,
    done: &str,
) -> Answer {
    let (sees, now) = (viewer.sees()?, viewer.now);
    read(register, move |db| super::check_visible(db, sees, id, now)).await?;
    let frame = Frame::new(register, viewer, "/grants", "Grant");
    let tz = frame.tz;
    let conflict = refusal.is_conflict();
    let mut meanwhile_lines = Vec::new();
    if conflict {
        let seen = |name: &str| fields.value::<i64>(name).unwrap_or_default();
        let (version, identity_version) = (seen("version"), seen("identity_version"));
        meanwhile_lines = read(register, move |db| {
            let grant = grants::find(db, id)?;
            let about =
                [("grant", id.to_string(), version), ("identity", grant.identity_id.to_string(), identity_version)];
            meanwhile::since(db, &about, tz)
        })
        .await?;
    }
    let steps = steps::of(register, viewer, id, tz).await?;
    let (status, errors) = refusal.answer();
    let mut frame = frame.with_error(status != StatusCode::OK).with_done(done, DONE);
    frame.title = format!("{}: {}", steps.kind, steps.identity_name);
    page_with(status, &GrantPage { frame, steps, fields, errors: Errors(errors), conflict, meanwhile: meanwhile_lines })
}
