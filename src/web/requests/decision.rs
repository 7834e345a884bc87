//! The receipt of a decision: what was decided, what was read, what happens next, and until when it can be taken back.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::facts::Names;
use super::sheet::SheetView;
use crate::actions::requests::{self, Loaded, Undo};
use crate::actions::{ActionError, Register};
use crate::domain::ids::Id;
use crate::domain::requests::sheet::sentence;
use crate::domain::requests::{RequestAnswer, RequestState, StageKind};
use crate::domain::task_words::date_words;
use crate::store::request_decisions::{self as stored, Decision};
use crate::store::{StoreError, task_list};
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::identities::id;
use crate::web::refusal::Refusal;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other, show};

const DONE: &[(&str, &str)] = &[("recorded", "Your decision is recorded.")];

/// Permissions in words, each with its scope.
type Permissions = Vec<(String, String)>;

#[derive(Template)]
#[template(path = "requests/decision.html")]
struct DecisionPage {
    frame: Frame,
    reference: String,
    app: String,
    request: Id,
    version: i64,
    id: Id,
    digest: String,
    words: String,
    rows: Vec<(&'static str, String)>,
    /// Of a yes in part: what was given, and what was not.
    given: Permissions,
    left_out: Permissions,
    sheet: SheetView,
    next: String,
    /// Until when its giver can take it back; empty where they cannot.
    undo_until: String,
    undone: String,
    waiting: Option<(String, String)>,
    fields: Fields,
    errors: Errors,
    printed: String,
}

/// GET /decisions/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let done = Fields::of_query(&request);
    render(&register, &viewer, id(&request)?, Fields::default(), Refusal::None, done.raw("done")).await
}

/// POST /decisions/{id}/undo
pub async fn undo(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by, sees, now) = (id(&request)?, viewer.by()?, viewer.sees()?, viewer.now);
    let about = read(&register, move |db| {
        let decision = stored::find(db, id)?;
        super::visible(db, sees, decision.request_id, now)?;
        Ok(decision.request_id)
    })
    .await?;
    let wanted = Undo { decision: id, version: fields.required("version")?, reason: fields.raw("reason").to_owned() };
    let refusal = match act(&register, move |register| requests::undo(register, &by, &wanted)).await? {
        Ok(()) => return see_other(format!("/requests/{about}?done=undone")),
        Err(ActionError::Store(StoreError::Conflict)) => {
            Refusal::Refused("The request moved while you were reading. Look at it again below.".to_owned())
        }
        Err(error) => Refusal::of(error)?,
    };
    render(&register, &viewer, id, fields, refusal, "").await
}

async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    refusal: Refusal,
    done: &str,
) -> Answer {
    let (sees, now, me, groups) = (viewer.sees()?, viewer.now, viewer.person()?, viewer.groups());
    let asked = register.clone();
    let (decision, loaded, names, waiting) = read(register, move |db| {
        let decision = stored::find(db, id)?;
        super::visible(db, sees, decision.request_id, now)?;
        let loaded = requests::load(db, &asked, decision.request_id, now)?;
        let named = decision.sheet.0.facts.iter().flat_map(|fact| fact.people.iter().copied());
        let deciding = [Some(decision.decided_by_id), decision.passed_to_id].into_iter().flatten();
        let names = Names::of(db, named.chain(deciding))?;
        Ok((decision, loaded, names, task_list::first_for(db, me, groups, 1)?))
    })
    .await?;
    let name = |id: &Id| names.name(id);
    let (status, errors) = refusal.answer();
    let title = format!("Decision about {}", loaded.identity.name);
    let frame =
        Frame::new(register, viewer, "/requests", title).with_error(status != StatusCode::OK).with_done(done, DONE);
    let tz = frame.tz;
    let mine = decision.decided_by_id == me && decision.stands() && now < decision.undo_until;
    let undoable = mine
        && decision.answer != RequestAnswer::PassOn
        && matches!(loaded.request.state, RequestState::Open | RequestState::Approved | RequestState::Refused);
    let stages: Vec<StageKind> = loaded.stages.iter().map(|stage| stage.kind).collect();
    let (mut given, mut left_out): (Permissions, Permissions) = (Vec::new(), Vec::new());
    let mut rows = vec![
        ("Request", format!("{}, step {} of {}", loaded.request.reference(), decision.position, stages.len())),
        ("Decision", what(&decision)),
        ("Decided by", format!("{} {}", name(&decision.decided_by_id), decision.decided_as.label())),
        ("On", show::moment(decision.decided_at, tz)),
        ("Exactly", show::exact(decision.decided_at, tz)),
    ];
    if let Some(ground) = &decision.ground {
        let known = register.deployment.approvals.grounds.find(ground);
        rows.push(("Ground", known.map_or_else(|| ground.clone(), |ground| ground.label.clone())));
    }
    if let Some(to) = &decision.passed_to_id {
        rows.push(("Passed on to", name(to)));
    }
    if let Some(kept) = &decision.kept {
        let said = |scope: &String| sentence(scope, &loaded.identity.name, &register.deployment.scopes).0;
        given = kept.0.iter().map(|scope| (said(scope), scope.clone())).collect();
        let asked = loaded.asked.iter().filter(|scope| !kept.0.contains(scope));
        left_out = asked.map(|scope| (said(scope), scope.clone())).collect();
    }
    if let Some(reason) = &decision.reason {
        rows.push(("Reason", reason.clone()));
    }
    page_with(
        status,
        &DecisionPage {
            reference: loaded.request.reference(),
            app: loaded.identity.name.clone(),
            request: loaded.request.id,
            version: loaded.request.version,
            id,
            digest: decision.digest.clone(),
            words: decision.sheet.0.words.clone(),
            rows,
            given,
            left_out,
            sheet: SheetView::of(&decision.sheet.0, &stages, &loaded.request.because, &loaded.identity.name, &names),
            next: next(&loaded, register, tz, now),
            undo_until: if undoable { show::moment(decision.undo_until, tz) } else { String::new() },
            undone: match decision.undone_at {
                Some(at) => format!(
                    "It was taken back on {}: \u{201c}{}\u{201d}",
                    show::moment(at, tz),
                    decision.undo_reason.as_deref().unwrap_or_default()
                ),
                None => String::new(),
            },
            waiting: waiting
                .first()
                .map(|line| (format!("/tasks/{}", line.task.id), line.task.kind.title(&line.subject))),
            fields,
            errors: Errors(errors),
            printed: format!("Printed by {} on {}", frame_person(&frame), show::moment(now, tz)),
            frame,
        },
    )
}

pub fn frame_person(frame: &Frame) -> &str {
    frame.person.as_ref().map_or("", |person| person.name.as_str())
}

fn what(decision: &Decision) -> String {
    match (decision.answer, decision.until) {
        (RequestAnswer::Approve, Some(until)) => format!("Approved until {}", date_words(until)),
        (RequestAnswer::Part, Some(until)) => format!("Approved in part, until {}", date_words(until)),
        (RequestAnswer::Refuse, _) => "Refused".to_owned(),
        (answer, _) => answer.label().to_owned(),
    }
}

/// What happens next, and what is not yet done.
fn next(loaded: &Loaded, register: &Register, tz: chrono_tz::Tz, now: crate::domain::ids::Moment) -> String {
    let state = loaded.request.state_at(now);
    let stands = super::progress::stands(loaded, register, state, tz);
    match (state, loaded.current()) {
        (RequestState::Open, Some(stage)) => {
            format!("It waits for the next step now: {}. {stands}", stage.kind.label().to_lowercase())
        }
        _ => stands,
    }
}
