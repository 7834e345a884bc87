//! The page of emergency access: what runs, what waits for somebody to agree, the form to ask.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::tag;
use crate::actions::{FieldError, Register};
use crate::domain::break_glass::{self as rules, Actor, MOST_HOURS};
use crate::domain::ids::Id;
use crate::store::emergency::{self, EmergencyAccess};
use crate::store::people;
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, read, show};

/// What is listed of what was asked before.
const LATEST: i64 = 20;

/// What was just done, by the word that the link carries.
const DONE: &[(&str, &str)] = &[
    (
        "asked",
        "What you asked for is recorded. It starts when a second person agrees, or when you open it with a sealed code.",
    ),
    (
        "started",
        "Emergency access has started. Everything that is done under it is recorded as such and reviewed by others.",
    ),
    ("refused", "Your refusal is recorded with its reason."),
    ("withdrawn", "It is taken back."),
    ("ended", "Emergency access has ended. What was done is reviewed by others."),
];

#[derive(Template)]
#[template(path = "break_glass/page.html")]
struct BreakGlassPage {
    frame: Frame,
    fields: Fields,
    errors: Errors,
    /// Why the reader cannot ask; empty when they can.
    why_not: String,
    /// What the reader asked for and still waits.
    mine: Option<Line>,
    /// What others asked for and the reader may decide about.
    waiting: Vec<Line>,
    /// Why the reader cannot decide; empty when they can or when nothing waits.
    why_not_decide: String,
    latest: Vec<Line>,
    hours: Vec<(String, String, &'static str)>,
    /// Whether a sealed code is left to be opened.
    sealed: bool,
    everything: bool,
}

struct Line {
    id: Id,
    version: i64,
    name: String,
    reason: String,
    hours: String,
    asked: String,
    tag: &'static str,
    state: &'static str,
    told: String,
    runs: bool,
}

/// GET /break-glass
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let done = Fields::of_query(&request);
    render(&register, &viewer, Fields::default(), StatusCode::OK, Vec::new(), done.raw("done")).await
}

/// The page, with what was typed and why it was refused.
pub(super) async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    fields: Fields,
    status: StatusCode,
    errors: Vec<FieldError>,
    done: &str,
) -> Answer {
    let signed_in = viewer.signed_in.as_ref().ok_or(WebError::SignedOut)?;
    let me = Actor {
        person: signed_in.person,
        standing: signed_in.standing,
        under_emergency: signed_in.emergency.is_some(),
    };
    let (now, everything) = (viewer.now, rules::reviews(me.standing));
    let own = (!everything).then_some(me.person);
    let (latest, names, sealed) = read(register, move |db| {
        let latest = emergency::latest(db, own, LATEST)?;
        let ids: Vec<Id> = latest
            .iter()
            .flat_map(|access| [Some(access.person_id), access.approver_id, access.ended_by])
            .flatten()
            .collect();
        let names: HashMap<Id, String> =
            people::find_many(db, &ids)?.into_iter().map(|person| (person.id, person.name)).collect();
        Ok((latest, names, emergency::unopened(db)? > 0))
    })
    .await?;
    let frame = Frame::new(register, viewer, "/break-glass", "Emergency access")
        .with_error(!errors.is_empty())
        .with_done(done, DONE);
    let tz = frame.tz;
    let name = |id: Option<Id>| id.and_then(|id| names.get(&id)).cloned().unwrap_or_default();
    let line = |access: &EmergencyAccess| {
        let (tag, state) = tag(access, now);
        Line {
            id: access.id,
            version: access.version,
            name: name(Some(access.person_id)),
            reason: access.reason.clone(),
            hours: show::counted(access.hours, "hour"),
            asked: show::moment(access.asked_at, tz),
            tag,
            state,
            told: told(access, &name, tz),
            runs: access.runs(now),
        }
    };
    let waits = |access: &&EmergencyAccess| rules::waits(access.state, access.asked_at, now).is_ok();
    let others: Vec<&EmergencyAccess> =
        latest.iter().filter(waits).filter(|access| access.person_id != me.person).collect();
    let mine = latest.iter().filter(waits).find(|access| access.person_id == me.person).map(line);
    let refused = |error: rules::EmergencyError| {
        let text = error.to_string();
        let mut letters = text.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    let decides = others.first().map(|access| rules::decide(access.person_id, &me));
    page_with(
        status,
        &BreakGlassPage {
            why_not: rules::ask(&me).err().map(refused).unwrap_or_default(),
            why_not_decide: decides.and_then(Result::err).map(refused).unwrap_or_default(),
            mine,
            waiting: others.iter().map(|access| line(access)).collect(),
            latest: latest.iter().filter(|access| !waits(access)).map(line).collect(),
            hours: (1..=MOST_HOURS).map(|hours| (hours.to_string(), show::counted(hours, "hour"), "")).collect(),
            sealed,
            everything,
            fields,
            errors: Errors(errors),
            frame,
        },
    )
}

/// How it was opened and how it ended.
fn told(access: &EmergencyAccess, name: &impl Fn(Option<Id>) -> String, tz: chrono_tz::Tz) -> String {
    let when = |at: Option<crate::domain::ids::Moment>| at.map(|at| show::moment(at, tz)).unwrap_or_default();
    if let Some(reason) = &access.decision_reason {
        return format!("{} refused: \u{201c}{reason}\u{201d}", name(access.approver_id));
    }
    if access.started_at.is_none() {
        return String::new();
    }
    let opened = match access.approver_id {
        Some(_) => format!("{} agreed", name(access.approver_id)),
        None => "A sealed code opened it".to_owned(),
    };
    let ended = match access.ended_at {
        Some(_) => format!("{} ended it on {}", name(access.ended_by), when(access.ended_at)),
        None => format!("its end is {}", when(access.ends_at)),
    };
    format!("{opened} on {}; {ended}.", when(access.started_at))
}
