//! One task: one question in plain words, the facts, the answers; afterwards, what was answered.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::facts::{Facts, check_task_visible, facts};
use super::meanwhile::{self, Seen};
use super::permissions::Permissions;
use super::{form, known, review};
use crate::actions::tasks::{self, MayAnswer, Reply};
use crate::actions::{ActionError, FieldError, Register, notify};
use crate::domain::ids::Id;
use crate::domain::task_words::date_words;
use crate::domain::tasks::{TaskAnswer, TaskKind, TaskState};
use crate::store::{StoreError, task_list};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::identities::id;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other, show};

/// What was just done, by the word that the link carries.
pub const DONE: &[(&str, &str)] = &[
    ("answered", "Your answer is recorded."),
    (
        "handed_on",
        "Your answer is recorded, and the question went to somebody who may know. It does not count as a yes.",
    ),
    (
        "asked",
        "Your date and your reason are recorded and went to the security analysts. Nothing has changed yet: they \
         decide about the end date.",
    ),
    ("passed_on", "Your answer is recorded. The task is now with the person you named, who gets an e-mail."),
];

#[derive(Template)]
#[template(path = "tasks/task.html")]
struct TaskPage {
    frame: Frame,
    facts: Facts,
    permissions: Permissions,
    fields: Fields,
    errors: Errors,
    /// Why the reader sees no form; empty when they may answer.
    why_not: &'static str,
    answers: Vec<TaskAnswer>,
    options: Vec<(&'static str, String, String)>,
    conflict: bool,
    /// What others did since the reader opened the page.
    meanwhile: Vec<String>,
    /// The next thing that waits for the reader: link and title.
    next: Option<(String, String)>,
    today: chrono::NaiveDate,
    reader: Id,
    /// The zone in which the deployment's days begin.
    here: chrono_tz::Tz,
}

/// GET /tasks/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let id = id(&request)?;
    if review::is_review(&register, id).await? {
        return review::show(&register, &request, &viewer, id).await;
    }
    let done = Fields::of_query(&request);
    render(&register, &viewer, id, Shown::new(done.raw("done"))).await
}

/// POST /tasks/{id}
pub async fn answer(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by, sees) = (id(&request)?, viewer.by()?, viewer.sees()?);
    if review::is_review(&register, id).await? {
        return review::answer(&register, &viewer, id, fields).await;
    }
    read(&register, move |db| check_task_visible(db, id, sees)).await?;
    let reply = Reply {
        task: id,
        version: fields.required("version")?,
        identity_version: fields.required("identity_version")?,
        answer: fields.value("answer"),
        reason: fields.raw("reason").to_owned(),
        until: fields.raw("until").to_owned(),
        somebody: fields.raw("somebody").to_owned(),
    };
    let outcome = act(&register, move |register| tasks::answer(register, &by, &reply)).await?;
    let shown = match outcome {
        Ok(task) => {
            let done = match (task.state, task.answer) {
                (TaskState::Open, Some(TaskAnswer::Another)) => "passed_on",
                (TaskState::Open, Some(TaskAnswer::Until)) => "asked",
                (TaskState::Open, _) => "handed_on",
                _ => "answered",
            };
            // Whoever was only given the task no longer sees it once it is somebody else's.
            let still_seen = read(&register, move |db| match check_task_visible(db, id, sees) {
                Ok(()) => Ok(true),
                Err(StoreError::NotFound) => Ok(false),
                Err(other) => Err(other),
            })
            .await?;
            let place = if still_seen { format!("/tasks/{id}") } else { "/tasks".to_owned() };
            return see_other(format!("{place}?done={done}"));
        }
        Err(ActionError::Invalid(errors)) => Shown { errors, fields, ..Shown::new("") },
        Err(ActionError::Store(StoreError::Conflict)) => Shown { conflict: true, fields, ..Shown::new("") },
        Err(other) => return Err(other.into()),
    };
    render(&register, &viewer, id, shown).await
}

/// How the page is shown.
struct Shown {
    done: String,
    fields: Fields,
    errors: Vec<FieldError>,
    /// Somebody was faster, or something changed while the reader was reading.
    conflict: bool,
}

impl Shown {
    fn new(done: &str) -> Self {
        Self { done: done.to_owned(), fields: Fields::default(), errors: Vec::new(), conflict: false }
    }
}

async fn render(register: &web::Data<Register>, viewer: &Viewer, id: Id, shown: Shown) -> Answer {
    let (sees, me, now) = (viewer.sees()?, viewer.person()?, viewer.now);
    let role = viewer.role().ok_or(WebError::SignedOut)?;
    let groups = viewer.groups();
    let frame = Frame::new(register, viewer, "/tasks", "");
    let seen = shown.conflict.then(|| Seen {
        task: shown.fields.value("version").unwrap_or_default(),
        identity: shown.fields.value("identity_version").unwrap_or_default(),
        tz: frame.tz,
    });
    let (facts, waiting, meanwhile) = read(register, move |db| {
        let facts = facts(db, id, sees, now)?;
        let waiting = task_list::first_for(db, me, groups, 2)?;
        let meanwhile = match seen {
            Some(seen) => meanwhile::sentences(db, &facts.task, &seen)?,
            None => Vec::new(),
        };
        Ok((facts, waiting, meanwhile))
    })
    .await?;
    if let Some(place) = super::elsewhere(&facts.task) {
        return see_other(place);
    }
    if facts.task.kind == TaskKind::Ownership {
        // An ownership is accepted or refused where everything about the identity stands.
        return see_other(format!("/identities/{}", facts.identity.id));
    }
    let today = register.day(viewer.now);
    let answers = tasks::answers(&facts.task, &facts.identity, role);
    let sets_dates = tasks::may_set_dates(role);
    let why_not = match tasks::may_answer(&facts.task, &facts.identity, &facts.owners, Some(me), role) {
        MayAnswer::Yes => "",
        MayAnswer::No(why) => why,
    };
    let next = waiting.iter().find(|line| line.task.id != id);
    let mut frame = frame.with_error(!shown.errors.is_empty() || shown.conflict).with_done(&shown.done, DONE);
    frame.title = title(&facts);
    let status = match (shown.conflict, shown.errors.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, true) => StatusCode::OK,
    };
    page_with(
        status,
        &TaskPage {
            next: next.map(|line| (format!("/tasks/{}", line.task.id), line.task.kind.title(&line.subject))),
            options: answers.iter().map(|answer| form::option(*answer, &facts, sets_dates)).collect(),
            answers,
            frame,
            permissions: Permissions::of(&facts, &register.deployment.scopes),
            facts,
            fields: shown.fields,
            errors: Errors(shown.errors),
            why_not,
            conflict: shown.conflict,
            meanwhile,
            today,
            reader: me,
            here: register.deployment.time_zone,
        },
    )
}

fn title(facts: &Facts) -> String {
    facts.task.kind.title(&facts.identity.name)
}

impl TaskPage {
    fn title(&self) -> String {
        title(&self.facts)
    }

    fn is_open(&self) -> bool {
        self.facts.task.state == TaskState::Open
    }

    fn can_answer(&self) -> bool {
        self.is_open() && self.why_not.is_empty()
    }

    fn takes_a_date(&self) -> bool {
        self.answers.contains(&TaskAnswer::Until)
    }

    fn status(&self) -> (&'static str, String) {
        super::status(&self.facts.task, self.today)
    }

    /// When the answer is due, in the reader's zone.
    fn due(&self) -> String {
        known::deadline(self.facts.task.due_on, self.here, self.frame.tz)
    }

    /// What is decided here, in two sentences.
    fn question(&self) -> &'static str {
        match self.facts.task.kind {
            TaskKind::ReviewQuestion => {
                "Whoever reviews it does not know whether it is still needed. Write what you know; they decide, and their \
                 deadline stays."
            }
            TaskKind::Offboarding => {
                "Stop it at its system, in the way that stands below where somebody wrote one, and say how you did. If it is \
                 still needed, or if somebody else should do this, say so. A task stops nothing by itself, and an identity \
                 is shown as revoked only once there is proof."
            }
            // These have pages of their own.
            _ => "",
        }
    }

    /// The end date that somebody asked for and nobody has decided about yet.
    fn asked_until(&self) -> Option<String> {
        let task = &self.facts.task;
        let asked = self.is_open() && task.answer == Some(TaskAnswer::Until);
        task.wanted_until.filter(|_| asked).map(|date| {
            let how = if self.can_answer() { ", with one of the answers below" } else { "" };
            format!(
                "Whoever had this asks that it stays until {}. A security analyst decides{how}. Until then nothing changes.",
                date_words(date)
            )
        })
    }

    /// Why the campaign asks by which there is a review of it, as whoever opened it wrote; empty where there is none.
    fn campaign(&self) -> String {
        self.facts.campaign.as_ref().map_or_else(String::new, |campaign| {
            let opener = self.facts.name(Some(campaign.opener()));
            format!("Campaign \u{201c}{}\u{201d}. {opener} wrote: \u{201c}{}\u{201d}", campaign.name, campaign.why)
        })
    }

    fn purpose(&self) -> String {
        self.facts.identity.purpose.clone().unwrap_or_default()
    }

    fn basis(&self) -> &'static str {
        self.facts.identity.access_basis.map_or("", |basis| basis.label())
    }

    fn business_owner(&self) -> String {
        let identity = &self.facts.identity;
        self.facts.owner(identity.business_owner_id, identity.business_owner_answer, self.today)
    }

    fn technical_owner(&self) -> String {
        let identity = &self.facts.identity;
        self.facts.owner(identity.technical_owner_id, identity.technical_owner_answer, self.today)
    }

    fn place(&self) -> String {
        let environment = self.facts.identity.environment.label();
        match &self.facts.system {
            Some(system) => format!("{system}, {}", environment.to_lowercase()),
            None => environment.to_owned(),
        }
    }

    fn vendor(&self) -> String {
        match &self.facts.vendor {
            None => "None on record".to_owned(),
            Some((name, None)) => format!("{name}; no end of contract is on record"),
            Some((name, Some(ends))) if *ends < self.today => format!("{name}; contract ended {}", show::date(*ends)),
            Some((name, Some(ends))) => format!("{name}; contract until {}", show::date(*ends)),
        }
    }

    /// Whether the way to stop it was proved: kind of tag and words.
    fn proof(&self) -> (&'static str, String) {
        match self.facts.path.as_ref().map(|path| path.proved_at) {
            None => ("bad", "Not written".to_owned()),
            Some(None) => ("warn", "Not proved".to_owned()),
            Some(Some(at)) => ("ok", format!("Proved {}", show::day(at, self.frame.tz))),
        }
    }

    /// When whoever has it is told by mail.
    fn mail(&self) -> String {
        format!(
            "Whoever has it is told in one mail a day. If today\u{2019}s has left already, it stands in tomorrow\u{2019}s, \
             which leaves at {} in {}.",
            notify::DIGEST_TIME,
            self.here.name()
        )
    }

    /// What was answered, for the receipt.
    fn answered(&self) -> String {
        let task = &self.facts.task;
        let answer = match (task.answer, task.wanted_until) {
            (Some(TaskAnswer::Until), Some(date)) => format!("Still needed until {}", date_words(date)),
            (answer, _) => answer.map_or("Closed", |answer| answer.label()).to_owned(),
        };
        let who = if task.closed_by.is_some() { self.facts.name(task.closed_by) } else { "Muster".to_owned() };
        let when = task.closed_at.map(|at| show::moment(at, self.frame.tz)).unwrap_or_default();
        format!("\u{201c}{answer}\u{201d}, by {who}, on {when}")
    }

    /// What happens next, for the receipt.
    fn consequence(&self) -> String {
        let identity = &self.facts.identity;
        match self.facts.task.answer {
            Some(TaskAnswer::Until) => match identity.expires_at {
                Some(at) => format!(
                    "Its end date now is {}. When that has passed, a new task is raised.",
                    show::day(at, self.frame.tz)
                ),
                None => "Its end date was taken away since.".to_owned(),
            },
            Some(TaskAnswer::Done) if self.facts.task.kind == TaskKind::ReviewQuestion => {
                "What you wrote stands on the page of the review.".to_owned()
            }
            Some(TaskAnswer::Done) => {
                "What was done is on record. It is not shown as revoked: that takes proof that it is refused."
                    .to_owned()
            }
            Some(TaskAnswer::Obsolete) => "The task was closed because what it was about has changed.".to_owned(),
            _ => String::new(),
        }
    }

    fn notes(&self) -> Vec<&str> {
        self.facts.task.note.as_deref().map(|note| note.lines().collect()).unwrap_or_default()
    }

    fn reason_label(&self) -> &'static str {
        form::reason_label(self.facts.task.kind)
    }

    fn reason_hint(&self) -> &'static str {
        form::reason_hint(self.facts.task.kind)
    }

    /// The other tasks about the identity: link, title, tag and status.
    fn others(&self) -> Vec<(String, String, &'static str, String)> {
        self.facts
            .others
            .iter()
            .take(5)
            .map(|task| {
                let (tag, status) = super::status(task, self.today);
                (format!("/tasks/{}", task.id), task.kind.title(&self.facts.identity.name), tag, status)
            })
            .collect()
    }
}
