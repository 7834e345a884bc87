//! What a reader sees of one grant: who asked, who may decide, what is still needed, and the forms that
//! are theirs to send.

use std::collections::HashMap;

use actix_web::web;
use chrono_tz::Tz;

use super::tag;
use crate::actions::{By, Register, grants as actions};
use crate::domain::grants::{self as rules, GrantState, Human, Parts};
use crate::domain::ids::{Id, Moment};
use crate::store::grants::{self, Grant};
use crate::store::identities::{self, Identity};
use crate::store::people;
use crate::web::errors::WebError;
use crate::web::session::Viewer;
use crate::web::{act, show};

/// One grant as its reader sees it.
#[derive(Debug, Clone)]
pub struct Steps {
    pub id: Id,
    pub identity: Id,
    pub identity_name: String,
    pub kind: &'static str,
    pub tag: &'static str,
    pub state: &'static str,
    pub reason: String,
    /// What happened so far, a line for each step.
    pub done: Vec<String>,
    /// What is still needed, a line for each step; empty when it has ended.
    pub needed: Vec<String>,
    /// What the organisation lacks to bring it to its end; empty when nothing.
    pub shortage: &'static str,
    /// Why the reader may not take the next step; empty when they may, or when there is none.
    pub why_not: String,
    pub may_decide: bool,
    pub may_carry_out: bool,
    pub may_withdraw: bool,
    pub version: i64,
    pub identity_version: i64,
}

/// What the page of an identity shows of its grants.
#[derive(Debug, Clone, Default)]
pub struct GoingOn {
    /// The grant that waits, or the last one that ended while the identity is still suspended.
    pub steps: Option<Steps>,
    /// Whether the reader may ask.
    pub may_ask: bool,
    /// What the organisation lacks for what the reader would ask for.
    pub shortage: &'static str,
}

/// The grant of that id.
pub async fn of(register: &web::Data<Register>, viewer: &Viewer, id: Id, tz: Tz) -> Result<Steps, WebError> {
    let by = viewer.by()?;
    act(register, move |register| {
        let mut db = register.database.read()?;
        let grant = grants::find(&mut db, id)?;
        let identity = identities::find(&mut db, grant.identity_id)?;
        let human = actions::standing(&mut db, register, &identity, &by)?;
        let keepers = actions::keepers(&mut db, register, &identity, &by)?;
        let names = names(&people::find_many(&mut db, &people_of(&grant))?);
        Ok(Reader { human, keepers, by, tz }.steps(&grant, &identity, &names))
    })
    .await?
    .map_err(WebError::from)
}

/// What an identity's page shows.
pub async fn going_on(
    register: &web::Data<Register>,
    viewer: &Viewer,
    identity: &Identity,
    tz: Tz,
) -> Result<GoingOn, WebError> {
    if rules_say_no(identity, viewer.now) {
        return Ok(GoingOn::default());
    }
    let (by, identity) = (viewer.by()?, identity.clone());
    act(register, move |register| {
        let mut db = register.database.read()?;
        let human = actions::standing(&mut db, register, &identity, &by)?;
        let keepers = actions::keepers(&mut db, register, &identity, &by)?;
        let last = grants::about(&mut db, identity.id)?.into_iter().next();
        let last = last.filter(|grant| grant.state != GrantState::Executed);
        let waits = last.as_ref().is_some_and(|grant| leads_on(grant, &identity, by.now));
        let asked = rules::ask(&human).ok();
        let parts = asked.map(|on_behalf_of| Parts { requester: human.person, on_behalf_of, approver: None });
        let people = match &last {
            Some(grant) => people::find_many(&mut db, &people_of(grant))?,
            None => Vec::new(),
        };
        let shortage = parts.and_then(|parts| rules::shortage(&parts, &keepers)).map_or("", rules::Shortage::words);
        let reader = Reader { human, keepers, by, tz };
        Ok(GoingOn {
            steps: last.map(|grant| reader.steps(&grant, &identity, &names(&people))),
            may_ask: asked.is_some() && !waits,
            shortage,
        })
    })
    .await?
    .map_err(WebError::from)
}

/// Whether the identity cannot go on at all, so that nothing is asked for.
fn rules_say_no(identity: &Identity, now: Moment) -> bool {
    crate::domain::life_cycle::resume(identity.state_at(now), identity.has_expired(now)).is_err()
}

/// Whether a grant is still open and about the identity as it is.
fn leads_on(grant: &Grant, identity: &Identity, now: Moment) -> bool {
    let open = matches!(grant.state_at(now), GrantState::Asked | GrantState::Approved);
    open && grant.identity_version.is_none_or(|version| version == identity.version)
}

fn people_of(grant: &Grant) -> Vec<Id> {
    [Some(grant.requester_id), grant.requester_for_id, grant.approver_id, grant.executor_id]
        .into_iter()
        .flatten()
        .collect()
}

fn names(people: &[people::Person]) -> HashMap<Id, String> {
    people.iter().map(|person| (person.id, person.name.clone())).collect()
}

struct Reader {
    human: Human,
    keepers: Vec<Human>,
    by: By,
    tz: Tz,
}

impl Reader {
    fn steps(&self, grant: &Grant, identity: &Identity, names: &HashMap<Id, String>) -> Steps {
        let state = grant.state_at(self.by.now);
        let parts = grant.parts();
        let stale = state == GrantState::Approved && grant.identity_version != Some(identity.version);
        let next = match state {
            GrantState::Asked => Some(rules::decide(&parts, &self.human)),
            GrantState::Approved if !stale => Some(rules::carry_out(&parts, &self.human)),
            _ => None,
        };
        let open = matches!(state, GrantState::Asked | GrantState::Approved);
        let until = show::moment(grant.ends_at, self.tz);
        let needed = match state {
            GrantState::Asked => vec![
                format!(
                    "Another person approves or refuses it: an administrator or a security analyst who did not ask and does \
                     not own it. Until {until}."
                ),
                "A third person carries it out. Only then the identity goes on.".to_owned(),
            ],
            GrantState::Approved if stale => vec![
                "The identity changed since this was approved, so it leads nowhere: take it back and ask again."
                    .to_owned(),
            ],
            GrantState::Approved => vec![format!(
                "A third person carries it out: an administrator or a security analyst who neither asked nor approved. \
                 Until {until}."
            )],
            _ => Vec::new(),
        };
        let shortage = if open && !stale { rules::shortage(&parts, &self.keepers) } else { None };
        Steps {
            id: grant.id,
            identity: identity.id,
            identity_name: identity.name.clone(),
            kind: grant.kind.label(),
            tag: tag(state),
            state: state.label(),
            reason: grant.reason.clone(),
            done: self.done(grant, state, names),
            needed,
            shortage: shortage.map_or("", rules::Shortage::words),
            why_not: match &next {
                Some(Err(error)) => capital(&error.to_string()),
                _ => String::new(),
            },
            may_decide: state == GrantState::Asked && next == Some(Ok(())),
            may_carry_out: state == GrantState::Approved && next == Some(Ok(())),
            may_withdraw: open && rules::withdraw(&parts, &self.human).is_ok(),
            version: grant.version,
            identity_version: identity.version,
        }
    }

    fn done(&self, grant: &Grant, state: GrantState, names: &HashMap<Id, String>) -> Vec<String> {
        let name = |id: Option<Id>| id.and_then(|id| names.get(&id)).map_or("somebody", String::as_str);
        let when = |at: Option<Moment>| at.map(|at| show::moment(at, self.tz)).unwrap_or_default();
        let asked = when(Some(grant.asked_at));
        let requester = name(Some(grant.requester_id));
        let mut done = vec![match grant.requester_for_id {
            Some(principal) => format!("{requester} asked as the deputy of {}, on {asked}.", name(Some(principal))),
            None => format!("{requester} asked, on {asked}."),
        }];
        if grant.approver_id.is_some() {
            let verb = if state == GrantState::Refused { "refused" } else { "approved" };
            let why =
                grant.decision_reason.as_ref().map(|reason| format!(": \u{201c}{reason}\u{201d}")).unwrap_or_default();
            done.push(format!("{} {verb}, on {}{why}.", name(grant.approver_id), when(grant.decided_at)));
        }
        match state {
            GrantState::Executed => {
                done.push(format!("{} carried it out, on {}.", name(grant.executor_id), when(grant.executed_at)));
            }
            GrantState::Withdrawn => done.push("It was taken back.".to_owned()),
            GrantState::Lapsed => done.push(format!("Nobody finished it by {}.", when(Some(grant.ends_at)))),
            _ => {}
        }
        done
    }
}

/// With a capital first letter and a full stop.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).chain(std::iter::once('.')).collect())
}
