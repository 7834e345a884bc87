//! One task: one question in plain words, the facts, the answers; afterwards, what was answered.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::facts::{Facts, facts};
use crate::actions::tasks::{self, MayAnswer, Reply};
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::ids::Id;
use crate::domain::permissions::Permission;
use crate::domain::task_words::{DEFAULT_REVIEW_INTERVAL_DAYS, days_after};
use crate::domain::tasks::{TaskAnswer, TaskKind, TaskState};
use crate::store::{StoreError, task_list};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other, show};

const DONE: &[(&str, &str)] = &[
    ("answered", "Your answer is recorded."),
    (
        "handed_on",
        "Your answer is recorded, and the question went to somebody who may know. It does not count as a yes.",
    ),
    ("reassigned", "The task was given to somebody else, who gets an e-mail."),
];

#[derive(Template)]
#[template(path = "tasks/task.html")]
struct TaskPage {
    frame: Frame,
    facts: Facts,
    fields: Fields,
    errors: Errors,
    /// Why the reader sees no form; empty when they may answer.
    why_not: &'static str,
    options: Vec<(&'static str, String, String)>,
    conflict: bool,
    keeper: bool,
    /// The next thing that waits for the reader: link and title.
    next: Option<(String, String)>,
    today: chrono::NaiveDate,
}

fn id(request: &HttpRequest) -> Result<Id, WebError> {
    request.match_info().get("id").and_then(|text| text.parse().ok()).ok_or(WebError::NotFound)
}

/// GET /tasks/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let done = Fields::of_query(&request);
    render(&register, &viewer, id(&request)?, Shown::new(done.raw("done"))).await
}

/// POST /tasks/{id}
pub async fn answer(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (id(&request)?, viewer.by()?);
    check_visible(&register, &viewer, id).await?;
    let reply = Reply {
        task: id,
        version: number(&fields, "version")?,
        identity_version: number(&fields, "identity_version")?,
        answer: fields.value("answer"),
        reason: fields.raw("reason").to_owned(),
    };
    let outcome = act(&register, move |register| tasks::answer(register, &by, &reply)).await?;
    let done = match &outcome {
        Ok(task) if task.state == TaskState::Open => "handed_on",
        _ => "answered",
    };
    after(&register, &viewer, id, fields, outcome.map(|_| ()), done).await
}

/// POST /tasks/{id}/reassign
pub async fn reassign(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (id(&request)?, viewer.by()?);
    let (version, to) = (number(&fields, "version")?, fields.value("assignee"));
    let reason = fields.raw("reassign_reason").to_owned();
    let outcome = act(&register, move |register| tasks::reassign(register, &by, id, version, to, &reason)).await?;
    after(&register, &viewer, id, fields, outcome.map(|_| ()), "reassigned").await
}

async fn check_visible(register: &web::Data<Register>, viewer: &Viewer, id: Id) -> Result<(), WebError> {
    let sees = viewer.sees()?;
    read(register, move |db| facts(db, id, sees, false).map(|_| ())).await
}

fn number(fields: &Fields, name: &str) -> Result<i64, WebError> {
    fields.value(name).ok_or_else(|| WebError::Bad("This form is incomplete; open its page again".to_owned()))
}

async fn after(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    outcome: Result<(), ActionError>,
    done: &'static str,
) -> Answer {
    let shown = match outcome {
        Ok(()) => return see_other(format!("/tasks/{id}?done={done}")),
        Err(ActionError::Invalid(errors)) => Shown { errors, fields, ..Shown::new("") },
        Err(ActionError::Store(StoreError::Conflict)) => Shown { conflict: true, fields, ..Shown::new("") },
        Err(other) => return Err(other.into()),
    };
    render(register, viewer, id, shown).await
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
    let (sees, keeper, me) = (viewer.sees()?, viewer.may(Permission::KeepRegister), viewer.person()?);
    let role = viewer.role().ok_or(WebError::SignedOut)?;
    let analyst = role == crate::domain::people::Role::SecurityAnalyst;
    let (facts, waiting) =
        read(register, move |db| Ok((facts(db, id, sees, keeper)?, task_list::waiting_for(db, me, analyst, 2)?)))
            .await?;
    if facts.task.kind == TaskKind::Ownership {
        // An ownership is accepted or refused where everything about the identity stands.
        return see_other(format!("/identities/{}", facts.task.identity_id));
    }
    let today = register.day(viewer.now);
    let options = tasks::answers(&facts.task, role).into_iter().map(|answer| option(answer, &facts, today)).collect();
    let why_not = match tasks::may_answer(&facts.task, &facts.identity, &facts.owners, Some(me), role) {
        MayAnswer::Yes => "",
        MayAnswer::No(why) => why,
    };
    let next = waiting.lines.iter().find(|line| line.task.id != id);
    let frame = Frame::new(register, viewer, "/tasks", title(&facts))
        .with_error(!shown.errors.is_empty() || shown.conflict)
        .with_done(&shown.done, DONE);
    let status = match (shown.conflict, shown.errors.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, true) => StatusCode::OK,
    };
    page_with(
        status,
        &TaskPage {
            next: next.map(|line| (format!("/tasks/{}", line.task.id), line.task.kind.title(&line.identity_name))),
            frame,
            facts,
            fields: shown.fields,
            errors: Errors(shown.errors),
            why_not,
            options,
            conflict: shown.conflict,
            keeper,
            today,
        },
    )
}

fn title(facts: &Facts) -> String {
    match facts.task.kind {
        TaskKind::Recertification => format!("Is {} still needed?", facts.identity.name),
        other => other.title(&facts.identity.name),
    }
}

/// An answer as it is offered: what it is called and what it does.
fn option(answer: TaskAnswer, facts: &Facts, today: chrono::NaiveDate) -> (&'static str, String, String) {
    let (label, hint) = match answer {
        TaskAnswer::Keep => {
            let interval = facts.identity.review_interval_days;
            let days = interval.unwrap_or(DEFAULT_REVIEW_INTERVAL_DAYS);
            let next = show::date(days_after(today, days.unsigned_abs()));
            let why = if interval.is_none() { "; no interval is set for it, so a year is taken" } else { "" };
            ("Yes, it is still needed".to_owned(), format!("It keeps what it has. You are asked again on {next}{why}."))
        }
        TaskAnswer::Remove => (
            "No, it is not needed any more".to_owned(),
            "It is marked as to be revoked, and a task to stop it is raised. Muster stops nothing at its system by itself."
                .to_owned(),
        ),
        TaskAnswer::DontKnow => (
            "I don\u{2019}t know".to_owned(),
            "This does not count as a yes. The question goes to its technical owner, or else to the security analysts."
                .to_owned(),
        ),
        TaskAnswer::Done => (
            "It was stopped".to_owned(),
            "You say how. It is shown as revoked only once there is proof that it is refused.".to_owned(),
        ),
        TaskAnswer::Obsolete => (
            "Nothing is left to do".to_owned(),
            "For security analysts: what this was about has changed. The task is closed without an answer.".to_owned(),
        ),
        TaskAnswer::Accept | TaskAnswer::Refuse => (answer.label().to_owned(), String::new()),
    };
    (answer.word(), label, hint)
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

    fn status(&self) -> (&'static str, String) {
        super::status(&self.facts.task, self.today)
    }

    fn due(&self) -> String {
        show::deadline(self.facts.task.due_on)
    }

    /// What is decided here, in two sentences.
    fn question(&self) -> &'static str {
        match self.facts.task.kind {
            TaskKind::Recertification => {
                "You are deciding whether this identity may keep its access. Until you answer, it stays listed as not reviewed."
            }
            TaskKind::Offboarding => {
                "Stop it at its system, in the way that stands below where somebody wrote one, then say how you did. A task stops nothing by itself, and an identity is \
                 shown as revoked only once there is proof."
            }
            TaskKind::Ownership => "",
        }
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

    /// What was answered, for the receipt.
    fn answered(&self) -> String {
        let task = &self.facts.task;
        let answer = task.answer.map_or("Closed", |answer| answer.label());
        let who = if task.closed_by.is_some() { self.facts.name(task.closed_by) } else { "Muster".to_owned() };
        let when = task.closed_at.map(|at| show::moment(at, self.frame.tz)).unwrap_or_default();
        format!("\u{201c}{answer}\u{201d}, by {who}, on {when}")
    }

    /// What happens next, for the receipt.
    fn consequence(&self) -> String {
        match self.facts.task.answer {
            Some(TaskAnswer::Keep) => match self.facts.identity.next_review_on {
                Some(date) => format!("It keeps its access. Its next review is on {}.", show::date(date)),
                None => "It keeps its access. No next review is planned.".to_owned(),
            },
            Some(TaskAnswer::Remove) => {
                "It is to be revoked. A task to stop it was raised; until there is proof it is shown as being revoked, \
                 not as revoked."
                    .to_owned()
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

    fn reason_hint(&self) -> &'static str {
        match self.facts.task.kind {
            TaskKind::Offboarding => {
                "How it was stopped: where, what was done, who saw that it is refused. No secrets."
            }
            _ => "Needed unless you answer yes. No names of patients, no secrets.",
        }
    }

    fn reason_label(&self) -> &'static str {
        match self.facts.task.kind {
            TaskKind::Offboarding => "What was done",
            _ => "Reason",
        }
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
