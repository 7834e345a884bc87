//! One identity: what it is, who answers for it, what it can do, how it is stopped.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;
use chrono_tz::Tz;

use super::facts::{self, Facts, Others};
use super::row::state_kind;
use super::timeline::{self, Event};
use crate::actions::ownership::Answer as OwnerReply;
use crate::actions::{ActionError, FieldError, Register, identities, ownership};
use crate::domain::identities::*;
use crate::domain::ids::{Id, Moment};
use crate::domain::ownership::OwnerRole;
use crate::domain::people::has_left;
use crate::domain::permissions::Permission;
use crate::domain::tasks::{TaskKind, TaskState};
use crate::store::identity_parts::{Credential, IdentityScope, RevocationPath};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other, show};

#[derive(Template)]
#[template(path = "identities/identity.html")]
struct IdentityPage {
    frame: Frame,
    facts: Facts,
    fields: Fields,
    errors: Errors,
    owners: Vec<OwnerLine>,
    events: Vec<Event>,
    state: IdentityState,
    reads_register: bool,
    reads_audit: bool,
    tz: Tz,
    now: Moment,
}

/// One of the two owners.
struct OwnerLine {
    role: OwnerRole,
    person: Option<(Id, String)>,
    tag: (&'static str, String),
    /// The reader is this owner and can answer.
    mine: bool,
    waiting: bool,
    answer_field: String,
    reason_field: String,
}

impl OwnerLine {
    fn choices(&self) -> [(&'static str, String, &'static str); 2] {
        [
            ("accept", format!("I am its {}", self.role.label().to_lowercase()), ""),
            ("refuse", "I am not the right person".to_owned(), "Say why, and who is if you know"),
        ]
    }
}

const DONE: &[(&str, &str)] = &[
    ("registered", "The identity was registered."),
    ("saved", "The identity was saved."),
    ("suspended", "It is suspended here. Stop it at its system too: Muster does not do that for you yet."),
    ("resumed", "It is active again."),
    ("accepted", "Thank you. You are on record as its owner."),
    ("refused", "Thank you. The security team sees that you are not its owner."),
];

/// GET /identities/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let done = Fields::of_query(&request);
    let id = super::id(&request)?;
    render(&register, &viewer, id, Fields::default(), Vec::new(), done.raw("done")).await
}

/// POST /identities/{id}/suspend
pub async fn suspend(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (super::id(&request)?, viewer.by()?);
    let reason = fields.raw("reason").to_owned();
    let outcome = act(&register, move |register| identities::suspend(register, &by, id, &reason)).await?;
    after(&register, &viewer, id, fields, outcome, "suspended").await
}

/// POST /identities/{id}/resume
pub async fn resume(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (super::id(&request)?, viewer.by()?);
    let reason = fields.raw("reason").to_owned();
    let version = fields.value("version").ok_or_else(|| WebError::Bad("Open the page again".to_owned()))?;
    let outcome = act(&register, move |register| identities::resume(register, &by, id, version, &reason)).await?;
    after(&register, &viewer, id, fields, outcome, "resumed").await
}

/// POST /identities/{id}/ownership
pub async fn answer(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by, sees, now) = (super::id(&request)?, viewer.by()?, viewer.sees()?, viewer.now);
    read(&register, move |db| super::check_visible(db, sees, id, now)).await?;
    let role: OwnerRole =
        fields.value("role").ok_or_else(|| WebError::Bad("This form names no role; open its page again".to_owned()))?;
    let (answer_field, reason_field) = field_names(role);
    let reason = fields.raw(reason_field).to_owned();
    let accepts = match fields.raw(answer_field) {
        "accept" => true,
        "refuse" => false,
        _ => {
            let errors = vec![FieldError::new(answer_field, "Choose an answer: nothing was recorded")];
            return render(&register, &viewer, id, fields, errors, "").await;
        }
    };
    let outcome = act(&register, move |register| {
        let reply = if accepts { OwnerReply::Accept } else { OwnerReply::Refuse(&reason) };
        ownership::answer(register, &by, id, role, reply)
    })
    .await?
    .map_err(|error| match error {
        ActionError::Invalid(errors) => {
            ActionError::Invalid(errors.into_iter().map(|error| FieldError::new(reason_field, error.message)).collect())
        }
        other => other,
    });
    after(&register, &viewer, id, fields, outcome, if accepts { "accepted" } else { "refused" }).await
}

fn field_names(role: OwnerRole) -> (&'static str, &'static str) {
    match role {
        OwnerRole::Business => ("business_owner_answer", "business_owner_reason"),
        OwnerRole::Technical => ("technical_owner_answer", "technical_owner_reason"),
    }
}

async fn after(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    outcome: Result<(), ActionError>,
    done: &str,
) -> Answer {
    match outcome {
        Ok(()) => see_other(format!("/identities/{id}?done={done}")),
        Err(ActionError::Invalid(errors)) => render(register, viewer, id, fields, errors, "").await,
        Err(other) => Err(other.into()),
    }
}

async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    errors: Vec<FieldError>,
    done: &str,
) -> Answer {
    let (sees, now) = (viewer.sees()?, viewer.now);
    let facts = read(register, move |db| facts::facts(db, id, sees, now)).await?;
    let frame = Frame::new(register, viewer, "/identities", facts.identity.name.clone())
        .wide()
        .with_error(!errors.is_empty())
        .with_done(done, DONE);
    let tz = frame.tz;
    let me = viewer.person()?;
    let may_answer = viewer.may(Permission::AnswerTasks);
    let owners = facts
        .owners
        .iter()
        .map(|(role, person, answer)| {
            let left = person.as_ref().is_some_and(|person| has_left(person.left_on, show::today(now, tz)));
            let (answer_field, reason_field) = field_names(*role);
            OwnerLine {
                role: *role,
                tag: match (answer, left) {
                    (_, true) => ("bad", "Has left".to_owned()),
                    (Some(OwnerAnswer::Accepted), _) => ("ok", OwnerAnswer::Accepted.label().to_owned()),
                    (Some(OwnerAnswer::Refused), _) => ("bad", OwnerAnswer::Refused.label().to_owned()),
                    _ => ("info", OwnerAnswer::Waiting.label().to_owned()),
                },
                mine: may_answer && person.as_ref().is_some_and(|person| person.id == me),
                waiting: *answer == Some(OwnerAnswer::Waiting),
                person: person.as_ref().map(|person| (person.id, person.name.clone())),
                answer_field: answer_field.to_owned(),
                reason_field: reason_field.to_owned(),
            }
        })
        .collect();
    let events = timeline::events(&facts.events, &facts.names, tz);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &IdentityPage {
            state: facts.identity.state_at(now),
            reads_register: viewer.may(Permission::ReadRegister),
            reads_audit: viewer.may(Permission::ReadAudit),
            frame,
            facts,
            fields,
            errors: Errors(errors),
            owners,
            events,
            tz,
            now,
        },
    )
}

/// What the template says of a credential.
struct CredentialLine<'a> {
    credential: &'a Credential,
    sharing: &'a Others,
}

impl IdentityPage {
    fn identity(&self) -> &crate::store::identities::Identity {
        &self.facts.identity
    }

    fn state_words(&self) -> (String, bool) {
        let identity = self.identity();
        state_words(identity.state, identity.expires_at, identity.criticality, self.now)
    }

    fn state_tag(&self) -> &'static str {
        if self.state_words().1 { "warn" } else { state_kind(self.state) }
    }

    fn state_text(&self) -> String {
        self.state_words().0
    }

    /// "Next review 3 Feb 2027. Expires in 41 days."
    fn state_sentence(&self) -> String {
        let identity = self.identity();
        let today = show::today(self.now, self.tz);
        let cause = match (self.state, identity.has_expired(self.now)) {
            (IdentityState::Suspended, true) => "Its expiry has passed. ".to_owned(),
            (IdentityState::Suspended, false) => format!("Why: {}. ", identity.state_cause.label()),
            (IdentityState::Active | IdentityState::Approved, true) => {
                "Care depends on it, so nothing stops it by itself. ".to_owned()
            }
            _ => String::new(),
        };
        let review = match identity.next_review_on {
            Some(date) if date < today => format!("Its review was due on {}.", show::date(date)),
            Some(date) => format!("Next review {}.", show::date(date)),
            None => "No review is planned.".to_owned(),
        };
        let expiry = match identity.expires_at {
            None => "Never expires: no end date is set.".to_owned(),
            Some(at) => {
                let date = at.utc().with_timezone(&self.tz).date_naive();
                let verb = if identity.has_expired(self.now) { "Expired" } else { "Expires" };
                format!("{verb} {}, on {}.", show::distance(today, date), show::date(date))
            }
        };
        format!("{cause}{review} {expiry}")
    }

    /// Coverage, never a bare "never used".
    fn use_sentence(&self) -> String {
        let identity = self.identity();
        let source = identity.last_used_source.as_deref();
        match (identity.last_used_at, identity.use_visible_since) {
            (Some(at), _) => {
                format!("Last seen {}, in {}.", show::moment(at, self.tz), source.unwrap_or("an unnamed source"))
            }
            (None, Some(since)) => format!(
                "Not seen since {}, when we began receiving calls{}.",
                show::day(since, self.tz),
                source.map(|name| format!(" from {name}")).unwrap_or_default()
            ),
            (None, None) => "We can\u{2019}t see use of this identity.".to_owned(),
        }
    }

    fn scopes(&self, list: ScopeList) -> Vec<&IdentityScope> {
        self.facts.scopes.iter().filter(|row| row.list == list).collect()
    }
    fn approved(&self) -> Vec<&IdentityScope> {
        self.scopes(ScopeList::Approved)
    }
    fn issued(&self) -> Vec<&IdentityScope> {
        self.scopes(ScopeList::Issued)
    }
    fn requested(&self) -> Vec<&IdentityScope> {
        self.scopes(ScopeList::Requested)
    }
    fn is_on(&self, list: ScopeList, scope: &str) -> bool {
        self.facts.scopes.iter().any(|row| row.list == list && row.scope == scope)
    }
    fn is_approved(&self, scope: &str) -> bool {
        self.is_on(ScopeList::Approved, scope)
    }
    fn is_issued(&self, scope: &str) -> bool {
        self.is_on(ScopeList::Issued, scope)
    }
    fn not_approved(&self) -> usize {
        self.issued().iter().filter(|row| !self.is_approved(&row.scope)).count()
    }

    fn credentials(&self) -> Vec<CredentialLine<'_>> {
        self.facts.credentials.iter().map(|(credential, sharing)| CredentialLine { credential, sharing }).collect()
    }
    fn open_tasks(&self) -> usize {
        self.facts.tasks.iter().filter(|task| task.state == TaskState::Open).count()
    }
    fn can_suspend(&self) -> bool {
        self.frame.may_keep() && matches!(self.identity().state, IdentityState::Active | IdentityState::Approved)
    }
    fn can_resume(&self) -> bool {
        self.frame.may_keep() && self.state == IdentityState::Suspended && !self.identity().has_expired(self.now)
    }
    fn path(&self) -> Option<&RevocationPath> {
        self.facts.path.as_ref()
    }
    fn edit(&self, field: &str) -> String {
        format!("/identities/{}/edit#{field}", self.identity().id)
    }
    fn day(&self, at: &Moment) -> String {
        show::day(*at, self.tz)
    }
    fn date(&self, date: &chrono::NaiveDate) -> String {
        show::date(*date)
    }
    fn is_past(&self, date: &chrono::NaiveDate) -> bool {
        *date < show::today(self.now, self.tz)
    }
    fn has_passed(&self, at: &Moment) -> bool {
        *at <= self.now
    }
    /// "3 years old": how long ago, in the largest unit that is not zero.
    fn age(&self, at: &Moment) -> String {
        let days = (show::today(self.now, self.tz) - at.utc().with_timezone(&self.tz).date_naive()).num_days();
        match days {
            days if days >= 730 => format!("{} old", show::counted(days / 365, "year")),
            days if days >= 60 => format!("{} old", show::counted(days / 30, "month")),
            days => format!("{} old", show::counted(days.max(0), "day")),
        }
    }
    fn lifetime(&self, seconds: &Option<i64>) -> String {
        seconds.map(show::seconds).unwrap_or_default()
    }
    fn refresh_words(&self) -> String {
        match (self.identity().refresh_tokens, self.identity().refresh_token_seconds) {
            (RefreshTokens::Limited, Some(seconds)) => format!("End after {}", show::seconds(seconds)),
            (RefreshTokens::Unknown, _) => String::new(),
            (other, _) => other.label().to_owned(),
        }
    }
    fn launch_words(&self) -> String {
        use crate::domain::registration::LAUNCH_TYPES;
        let words: Vec<&str> = self
            .identity()
            .launch_types
            .0
            .iter()
            .map(|launch| {
                LAUNCH_TYPES.iter().find(|(word, _)| word == launch).map_or(launch.as_str(), |(_, label)| label)
            })
            .collect();
        words.join("; ")
    }
    fn task_title(&self, kind: &TaskKind) -> &'static str {
        match kind {
            TaskKind::Recertification => "Say whether it is still needed",
            TaskKind::Offboarding => "Stop it and remove its access",
            TaskKind::Ownership => "Accept or refuse to own it",
        }
    }
    fn task_who(&self, task: &crate::store::tasks::Task) -> String {
        let who = task
            .assignee_id
            .and_then(|person| self.facts.names.get(&person).cloned())
            .or_else(|| task.assignee_group.map(|group| group.label().to_owned()))
            .unwrap_or_default();
        match task.state {
            TaskState::Open => format!("{who}, due {}. {}", show::deadline(task.due_on), task.reason),
            _ => format!("{who}. {}", task.answer.map_or("", |answer| answer.label())),
        }
    }
    fn task_kind(&self, task: &crate::store::tasks::Task) -> &'static str {
        match task.state {
            TaskState::Open if self.is_past(&task.due_on) => "bad",
            TaskState::Open => "info",
            _ => "plain",
        }
    }
    fn task_status(&self, task: &crate::store::tasks::Task) -> String {
        match task.state {
            TaskState::Open if self.is_past(&task.due_on) => "Overdue".to_owned(),
            state => state.label().to_owned(),
        }
    }
    fn task_href(&self, task: &crate::store::tasks::Task) -> String {
        format!("/tasks/{}", task.id)
    }
    fn strength_kind(&self, strength: &Strength) -> &'static str {
        match strength {
            Strength::Weak => "bad",
            Strength::Ok => "ok",
            Strength::Unknown => "unknown",
        }
    }
    fn id(&self) -> String {
        self.identity().id.to_string()
    }
    fn text(&self, text: &Option<String>) -> String {
        text.clone().unwrap_or_default()
    }
    fn basis(&self) -> &'static str {
        self.identity().access_basis.map_or("", |basis| basis.label())
    }
    fn enabled_words(&self) -> &'static str {
        if self.identity().enabled { "Yes" } else { "No" }
    }
    fn event_count(&self) -> usize {
        self.events.len()
    }
}
