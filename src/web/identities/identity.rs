//! One identity: what it is, who answers for it, what it can do, how it is stopped.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;
use chrono_tz::Tz;

use super::facts::{self, Facts};
use super::reviews::{self, Reviewed};
use super::scopes::ScopesView;
use super::timeline::{self, Event};
use crate::actions::{FieldError, Register};
use crate::domain::identities::{IdentityState, OwnerAnswer};
use crate::domain::ids::{Id, Moment};
use crate::domain::ownership::OwnerRole;
use crate::domain::people::has_left;
use crate::domain::permissions::Permission;
use crate::web::fields::{Errors, Fields};
use crate::web::frame::Frame;
use crate::web::grants::steps::{self, GoingOn};
use crate::web::requests::about::{self, About};
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, read, show};

mod lists;
mod words;

#[derive(Template)]
#[template(path = "identities/identity.html")]
struct IdentityPage {
    frame: Frame,
    facts: Facts,
    scopes: ScopesView,
    fields: Fields,
    errors: Errors,
    owners: Vec<OwnerLine>,
    /// The grant by which it could go on, and whether the reader may ask for one.
    going_on: GoingOn,
    asked: About,
    /// Its reviews, and the rules that it breaks.
    reviewed: Reviewed,
    /// The reader is one of its owners, and may stop it.
    own: bool,
    events: Vec<Event>,
    state: IdentityState,
    reads_register: bool,
    reads_audit: bool,
    me: Option<Id>,
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
    ("accepted", "Thank you. You are on record as its owner."),
    ("refused", "Thank you. The security team sees that you are not its owner."),
];

/// The same for an API token of Muster, which the register stops itself.
const DONE_TO_TOKEN: &[(&str, &str)] = &[
    ("saved", "The identity was saved."),
    ("suspended", "The token is refused from now on, until somebody lets it go on."),
    ("resumed", "The token is let in again."),
    ("accepted", "Thank you. You are on record as its owner."),
    ("refused", "Thank you. The security team sees that you are not its owner."),
];

/// GET /identities/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let done = Fields::of_query(&request);
    let id = super::id(&request)?;
    render(&register, &viewer, id, Fields::default(), Vec::new(), done.raw("done")).await
}

/// The fields of an owner’s answer and of their reason.
pub(super) fn field_names(role: OwnerRole) -> (&'static str, &'static str) {
    match role {
        OwnerRole::Business => ("business_owner_answer", "business_owner_reason"),
        OwnerRole::Technical => ("technical_owner_answer", "technical_owner_reason"),
    }
}

/// The page, with what was typed and why it was refused.
pub async fn render(
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
        .with_done(done, if facts.token.is_some() { DONE_TO_TOKEN } else { DONE });
    let tz = frame.tz;
    let me = viewer.person()?;
    let going_on = steps::going_on(register, viewer, &facts.identity, tz).await?;
    let (own_register, by, about) = (register.clone(), viewer.by()?, facts.identity.clone());
    let whole = viewer.may(Permission::ReadRegister);
    let (asked, reviewed) = read(register, move |db| {
        let reviewed = reviews::of(db, &own_register, &about, whole, tz, now)?;
        Ok((about::of(db, &own_register, &about, &by, tz, now)?, reviewed))
    })
    .await?;
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
    let (identity, knowledge) = (&facts.identity, &register.deployment.scopes);
    let scopes = ScopesView::of(&facts.scopes, identity.access_basis, &identity.name, knowledge);
    page_with(
        status,
        &IdentityPage {
            scopes,
            going_on,
            asked,
            reviewed,
            own: may_answer && crate::actions::grants::owns(&facts.identity, me),
            state: facts.identity.state_at(now),
            reads_register: whole,
            reads_audit: viewer.may(Permission::ReadAudit),
            me: Some(me),
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
