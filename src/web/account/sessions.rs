//! Where one is signed in, and ending that elsewhere (OWASP ASVS 5.0 7.5.2).

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::{Register, end_sessions};
use crate::domain::access::SessionLimits;
use crate::domain::agents;
use crate::domain::ids::Id;
use crate::store::sessions::{self, Session};
use crate::web::errors::WebError;
use crate::web::fields::{Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page, read, see_other, show};

const DONE: &[(&str, &str)] = &[
    ("ended", "The session was ended. Whoever used it has to sign in again."),
    ("others", "Every other session was ended. You are signed in here only."),
];

#[derive(Template)]
#[template(path = "account/sessions.html")]
struct SessionsPage {
    frame: Frame,
    rows: Vec<Row>,
    limits: SessionLimits,
}

impl SessionsPage {
    fn idle(&self) -> String {
        show::seconds(self.limits.idle_seconds)
    }
    fn longest(&self) -> String {
        show::seconds(self.limits.longest_seconds)
    }
}

struct Row {
    id: Id,
    /// The session that the page is read in.
    this: bool,
    browser: String,
    agent: String,
    address: String,
    method: &'static str,
    since: (String, String),
    last_used: (String, String),
    ends: (String, String),
}

/// GET /account/sessions
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let signed_in = viewer.signed_in.clone().ok_or(WebError::SignedOut)?;
    let (limits, now) = (register.deployment.access.sessions, viewer.now);
    let found = read(&register, move |db| sessions::of(db, signed_in.person, now)).await?;
    let frame = Frame::new(&register, &viewer, "/account", "Where you are signed in")
        .wide()
        .with_done(Fields::of_query(&request).raw("done"), DONE);
    let tz = frame.tz;
    let line = |held: Session| {
        let shown = |at| (show::moment(at, tz), crate::domain::ids::Moment::to_text(at));
        Row {
            id: held.id,
            this: held.id == signed_in.session,
            browser: agents::plainly(&held.agent),
            agent: held.agent,
            address: held.address,
            method: held.method.label(),
            since: shown(held.created_at),
            last_used: shown(held.last_seen_at),
            ends: shown(limits.end(held.last_seen_at, held.ends_at)),
        }
    };
    let good = found.into_iter().filter(|held| limits.hold(held.last_seen_at, held.ends_at, now));
    let mut rows: Vec<Row> = good.map(line).collect();
    rows.sort_by_key(|row| !row.this);
    page(&SessionsPage { frame, rows, limits })
}

/// POST /account/sessions/{id}/end
pub async fn end(register: web::Data<Register>, viewer: Viewer, id: web::Path<String>, Posted(_): Posted) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    let by = viewer.by()?;
    act(&register, move |register| end_sessions::one(register, &by, id)).await??;
    see_other("/account/sessions?done=ended")
}

/// POST /account/sessions/end-others
pub async fn end_others(register: web::Data<Register>, viewer: Viewer, Posted(_): Posted) -> Answer {
    let (by, signed_in) = (viewer.by()?, viewer.signed_in.ok_or(WebError::SignedOut)?);
    act(&register, move |register| end_sessions::others(register, &by, signed_in.session)).await??;
    see_other("/account/sessions?done=others")
}
