//! Where registrations begin: the writer's own that are not sent yet, and a new one.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::page::{self, START, version};
use super::reading;
use crate::actions::{Register, request_drafts};
use crate::domain::ids::Id;
use crate::store::request_drafts as drafts;
use crate::web::errors::WebError;
use crate::web::fields::{Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page, read, see_other, show};

#[derive(Template)]
#[template(path = "requests/draft/start.html")]
struct Start {
    frame: Frame,
    drafts: Vec<DraftLine>,
}

/// A registration that was begun.
struct DraftLine {
    id: Id,
    version: i64,
    name: String,
    /// Of which app it is the twin.
    twin_of: String,
    saved: String,
    /// Until when it is kept if nobody touches it.
    kept_until: String,
}

const DONE: &[(&str, &str)] = &[
    ("kept", "What you typed is kept. Come back to it whenever you like."),
    ("discarded", "The registration was thrown away."),
];

/// GET /requests/new
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let person = viewer.person()?;
    let frame = Frame::new(&register, &viewer, "/requests", "Ask for an app, a service account or a token")
        .with_done(Fields::of_query(&request).raw("done"), DONE);
    let tz = frame.tz;
    let drafts = read(&register, move |db| {
        let mut lines = Vec::new();
        for draft in drafts::of(db, person)? {
            let origin = page::origin(db, &draft)?;
            lines.push(DraftLine {
                id: draft.id,
                version: draft.version,
                name: page::name(&reading::fields(&draft)),
                twin_of: origin.map(|origin| format!("{}, {}", origin.name, origin.environment)).unwrap_or_default(),
                saved: show::moment(draft.updated_at, tz),
                kept_until: show::day(draft.updated_at.plus_days(request_drafts::KEPT_DAYS), tz),
            });
        }
        Ok(lines)
    })
    .await?;
    page(&Start { frame, drafts })
}

/// POST /requests/new
pub async fn submit(register: web::Data<Register>, viewer: Viewer, Posted(_): Posted) -> Answer {
    let by = viewer.by()?;
    let id = act(&register, move |register| request_drafts::start(register, &by)).await??;
    see_other(format!("/requests/drafts/{id}/what"))
}

/// POST /identities/{id}/promote
pub async fn promote(register: web::Data<Register>, request: HttpRequest, viewer: Viewer, Posted(_): Posted) -> Answer {
    let (origin, by, sees, now) = (crate::web::identities::id(&request)?, viewer.by()?, viewer.sees()?, viewer.now);
    read(&register, move |db| crate::web::identities::check_visible(db, sees, origin, now)).await?;
    let id = act(&register, move |register| request_drafts::promote(register, &by, origin)).await??;
    see_other(format!("/requests/drafts/{id}/what"))
}

/// POST /requests/drafts/{id}/discard
pub async fn discard(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, version, by) = (crate::web::identities::id(&request)?, version(&fields)?, viewer.by()?);
    if page::find(&register, &viewer, id).await?.version != version {
        let words = "This registration was changed in another window since you opened this page, so nothing was thrown \
                     away. Look at it first";
        return Err(WebError::Refused(words.to_owned()));
    }
    act(&register, move |register| request_drafts::discard(register, &by, id)).await??;
    see_other(format!("{START}?done=discarded"))
}
