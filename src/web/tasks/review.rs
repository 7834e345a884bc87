//! The review of an emergency access: who had it and why, what was done under it, what was found.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::{FieldError, Register, break_glass as actions};
use crate::domain::break_glass::{self as rules, Actor, EmergencyError};
use crate::domain::ids::Id;
use crate::domain::listing::{Count, Direction, From};
use crate::domain::tasks::{TaskKind, TaskState};
use crate::store::audit::{self, AuditFilter};
use crate::store::emergency::{self, EmergencyAccess};
use crate::store::tasks::{self, Task};
use crate::store::{StoreError, people};
use crate::web::audit::words::{self, Sentence};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields};
use crate::web::frame::Frame;
use crate::web::refusal::Refusal;
use crate::web::session::{Sees, Viewer};
use crate::web::{Answer, act, page_with, read, see_other, show};

#[derive(Template)]
#[template(path = "tasks/review.html")]
struct ReviewPage {
    frame: Frame,
    task: Task,
    access: EmergencyAccess,
    user: String,
    opened: String,
    ended: String,
    reviewed: String,
    /// What was done under it, newest first.
    entries: Vec<Sentence>,
    count: Count,
    fields: Fields,
    errors: Errors,
    conflict: bool,
    why_not: String,
    status: (&'static str, String),
}

impl ReviewPage {
    fn is_open(&self) -> bool {
        self.task.state == TaskState::Open
    }

    fn how_many(&self) -> String {
        match self.count {
            Count::Exactly(0) => "Nothing was changed under it.".to_owned(),
            Count::Exactly(1) => "1 entry was written under it.".to_owned(),
            _ => format!("{} entries were written under it, the newest first.", self.count.words()),
        }
    }

    fn more(&self) -> bool {
        !matches!(self.count, Count::Exactly(all) if usize::try_from(all) == Ok(self.entries.len()))
    }
}

/// Whether a task reviews an emergency access. `NotFound` when there is no such task.
pub async fn is_review(register: &web::Data<Register>, id: Id) -> Result<bool, WebError> {
    read(register, move |db| Ok(tasks::find(db, id)?.kind == TaskKind::EmergencyReview)).await
}

/// GET /tasks/{id} of a review.
pub async fn show(register: &web::Data<Register>, request: &HttpRequest, viewer: &Viewer, id: Id) -> Answer {
    let done = Fields::of_query(request);
    render(register, viewer, id, Fields::default(), Vec::new(), StatusCode::OK, done.raw("done")).await
}

/// POST /tasks/{id} of a review.
pub async fn answer(register: &web::Data<Register>, viewer: &Viewer, id: Id, fields: Fields) -> Answer {
    if viewer.sees()? != Sees::Everything {
        return Err(WebError::NotFound);
    }
    let by = viewer.by()?;
    let version = fields.required("version")?;
    let found = fields.raw("reason").to_owned();
    let outcome = act(register, move |register| actions::review(register, &by, id, version, &found)).await?;
    match outcome {
        Ok(()) => see_other(format!("/tasks/{id}?done=answered")),
        Err(error) => {
            let (status, errors) = Refusal::of(error)?.answer();
            render(register, viewer, id, fields, errors, status, "").await
        }
    }
}

async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    errors: Vec<FieldError>,
    status: StatusCode,
    done: &str,
) -> Answer {
    let conflict = status == StatusCode::CONFLICT && errors.is_empty();
    // Owners see what they own; this is about the register itself.
    if viewer.sees()? != Sees::Everything {
        return Err(WebError::NotFound);
    }
    let signed_in = viewer.signed_in.as_ref().ok_or(WebError::SignedOut)?;
    let now = viewer.now;
    let mut frame = Frame::new(register, viewer, "/tasks", "")
        .with_error(!errors.is_empty() || conflict)
        .with_done(done, &[("answered", "What you found is recorded, and the review is closed.")]);
    let tz = frame.tz;
    let (task, access, names, entries, count) = read(register, move |db| {
        let task = tasks::find(db, id)?;
        let access = emergency::find(db, task.emergency_id.ok_or(StoreError::NotFound)?)?;
        let ids: Vec<Id> = [Some(access.person_id), access.approver_id, access.ended_by, task.closed_by]
            .into_iter()
            .flatten()
            .collect();
        let names: std::collections::HashMap<Id, String> =
            people::find_many(db, &ids)?.into_iter().map(|person| (person.id, person.name)).collect();
        let under = AuditFilter { emergency: Some(access.id.to_string()), ..AuditFilter::default() };
        let page = audit::page(db, &under, Direction::Descending, &From::Start)?;
        let known = words::names_for(db, &page.rows)?;
        let entries: Vec<Sentence> = page.rows.iter().map(|row| words::sentence(row, &known, tz)).collect();
        Ok((task, access, names, entries, audit::count(db, &under)?))
    })
    .await?;
    let name = |id: Option<Id>| id.and_then(|id| names.get(&id)).cloned().unwrap_or_default();
    let when = |at: Option<crate::domain::ids::Moment>| at.map(|at| show::moment(at, tz)).unwrap_or_default();
    let reader = Actor {
        person: signed_in.person,
        standing: signed_in.standing,
        under_emergency: signed_in.emergency.is_some(),
    };
    let why_not = match rules::review(access.person_id, &reader) {
        Err(EmergencyError::NotEligible) => "An administrator or a security analyst reviews this.",
        Err(EmergencyError::OwnReview) => "You used this emergency access: somebody else reviews it.",
        Err(_) => "You act under emergency access: end it before you review anybody\u{2019}s.",
        Ok(()) if access.runs(now) => "It still runs. It is reviewed when it has ended.",
        Ok(()) => "",
    };
    let user = name(Some(access.person_id));
    frame.title = task.kind.title(&user);
    page_with(
        status,
        &ReviewPage {
            opened: match access.approver_id {
                Some(_) => format!("{} agreed, on {}", name(access.approver_id), when(access.started_at)),
                None => format!("A sealed code opened it, on {}", when(access.started_at)),
            },
            ended: match access.ended_at {
                Some(_) => format!("{} ended it, on {}", name(access.ended_by), when(access.ended_at)),
                None if access.runs(now) => format!("Runs until {}", when(access.ends_at)),
                None => format!("By itself, on {}", when(access.ends_at)),
            },
            reviewed: format!("{}, on {}", name(task.closed_by), when(task.closed_at)),
            status: super::status(&task, register.day(now)),
            why_not: why_not.to_owned(),
            frame,
            task,
            access,
            user,
            entries,
            count,
            fields,
            errors: Errors(errors),
            conflict,
        },
    )
}
