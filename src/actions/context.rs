//! What every action is given: the register, who acts, and the one gate through which changes pass.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::{events, security_notices};
use crate::config::Deployment;
use crate::domain::attempts::wait_words;
use crate::domain::audit::{Actor, ActorKind, Entry, Outcome};
use crate::domain::ids::{Id, Moment};
use crate::domain::people::Role;
use crate::store::audit::AppendError;
use crate::store::{self, Database, Db, StoreError};

/// The register: its database and what its deployment was told. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Register {
    pub database: Database,
    pub deployment: Arc<Deployment>,
}

impl Register {
    /// The moment it is.
    pub fn now(&self) -> Moment {
        self.deployment.clock.now()
    }

    /// The civil day that a moment falls on where the deployment is.
    pub fn day(&self, at: Moment) -> chrono::NaiveDate {
        at.utc().with_timezone(&self.deployment.time_zone).date_naive()
    }
}

/// Who acts, when, and in which request.
#[derive(Debug, Clone)]
pub struct By {
    pub kind: ActorKind,
    /// The person who acts, when one does.
    pub person: Option<Id>,
    /// The name of the job or command, when it is not a person.
    pub name: Option<String>,
    /// The token that acts on behalf of `person`, when one does.
    pub token: Option<ActingToken>,
    /// What the actor may do. Jobs and the command line act with an administrator's rights: whoever
    /// can start them can read the database file anyway.
    pub role: Role,
    /// The emergency access under which a person acts, which raised their role.
    pub emergency: Option<Id>,
    pub request_id: Option<String>,
    /// The network address that the request comes from; empty when it is not known or there is none.
    pub address: String,
    /// The claim under which a job's worker writes: nothing is stored once it is lost.
    pub hold: Option<Hold>,
    pub now: Moment,
}

/// A worker's claim of a run of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    pub run: Id,
    /// The fence that the claim set. A later claim sets a higher one.
    pub fence: i64,
}

/// A token of Muster's own interface that acts. It never does what is for people only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActingToken {
    pub id: Id,
    /// Whether its scopes let it keep the register.
    pub keeps_register: bool,
}

impl By {
    /// A person who is signed in.
    pub fn person(person: Id, role: Role, request_id: Option<String>, now: Moment) -> Self {
        Self {
            kind: ActorKind::Person,
            person: Some(person),
            name: None,
            token: None,
            role,
            emergency: None,
            request_id,
            address: String::new(),
            hold: None,
            now,
        }
    }

    /// The same person under emergency access: every entry of theirs says so.
    pub fn under(self, emergency: Option<Id>) -> Self {
        Self { emergency, ..self }
    }

    /// The same from that network address.
    pub fn at_address(self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self }
    }

    /// The same person through a token of theirs.
    pub fn through(self, token: ActingToken) -> Self {
        Self { kind: ActorKind::ApiToken, token: Some(token), ..self }
    }

    /// A job of that name.
    pub fn job(name: &str, now: Moment) -> Self {
        Self {
            kind: ActorKind::Job,
            person: None,
            name: Some(name.to_owned()),
            token: None,
            role: Role::Administrator,
            emergency: None,
            request_id: None,
            address: String::new(),
            hold: None,
            now,
        }
    }

    /// The same under a claim, when there is one.
    pub fn holding(self, hold: Option<Hold>) -> Self {
        Self { hold, ..self }
    }

    /// A command such as `people add`.
    pub fn command(name: &str, now: Moment) -> Self {
        Self { kind: ActorKind::Command, ..Self::job(name, now) }
    }

    /// The making of a deployment or of the demonstration.
    pub fn setup(now: Moment) -> Self {
        Self { kind: ActorKind::Setup, name: None, ..Self::job("", now) }
    }

    /// Refuses roles other than these, and every token: what is not for keepers is for people.
    pub fn require(&self, roles: &[Role]) -> Result<(), ActionError> {
        self.refuse_tokens()?;
        if roles.contains(&self.role) { Ok(()) } else { Err(ActionError::Forbidden) }
    }

    /// Refuses everybody but administrators and security analysts, and tokens that may not keep the register.
    pub fn require_keeper(&self) -> Result<(), ActionError> {
        let scoped = self.token.is_none_or(|token| token.keeps_register);
        let keeper = matches!(self.role, Role::Administrator | Role::SecurityAnalyst);
        if scoped && keeper { Ok(()) } else { Err(ActionError::Forbidden) }
    }

    /// Refuses tokens: answers, approvals, and whatever concerns people, accounts and tokens.
    pub fn refuse_tokens(&self) -> Result<(), ActionError> {
        if self.token.is_some() { Err(ActionError::Forbidden) } else { Ok(()) }
    }

    fn actor(&self) -> Actor {
        if let Some(token) = self.token {
            return Actor {
                kind: self.kind,
                id: Some(token.id.to_string()),
                on_behalf_of: self.person.map(|person| person.to_string()),
                emergency: None,
            };
        }
        Actor {
            kind: self.kind,
            id: self.person.map(|id| id.to_string()).or_else(|| self.name.clone()),
            on_behalf_of: None,
            emergency: self.emergency.map(|id| id.to_string()),
        }
    }
}

/// One thing that is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The name of the form's field; empty when the whole form is meant.
    pub field: &'static str,
    /// What is wrong and what to do, for the reader.
    pub message: String,
}

impl FieldError {
    pub fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

/// Why an action did not happen. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// The actor may not do this.
    #[error("you may not do this")]
    Forbidden,
    /// Something typed is wrong; the page is shown again with everything that was typed.
    #[error("{}", .0.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldError>),
    /// The state of things does not allow it, with the reason and what to do.
    #[error("{0}")]
    Refused(String),
    /// It was tried too often; it may be tried again after so many seconds.
    #[error("too many attempts; try again in {}", wait_words(*.0))]
    TooMany(i64),
    /// Too many wait for the same at this moment.
    #[error("too many people are signing in at this moment; try again in a few seconds")]
    Busy,
    /// The worker of a job stood still for longer than its lease.
    #[error("another worker took this run over, so this one stopped")]
    TakenOver,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Audit(AppendError),
}

impl From<AppendError> for ActionError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Store(error) => Self::Store(error),
            other => Self::Audit(other),
        }
    }
}

impl ActionError {
    /// One field is wrong.
    pub fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }
}

/// A change under way: the transaction, who makes it, and what will be recorded of it.
#[derive(Debug)]
pub struct Work<'a> {
    pub db: &'a mut Db,
    pub by: &'a By,
    entries: Vec<Entry>,
}

impl<'a> Work<'a> {
    /// Looks at what a change would find, and changes nothing.
    pub(super) fn looking(db: &'a mut Db, by: &'a By) -> Self {
        Self { db, by, entries: Vec::new() }
    }
}

impl Work<'_> {
    /// Records what was done to a record: its states before and after, as the audit log may know them.
    ///
    /// `action` is noun and verb (`identity.register`); `entity` the noun.
    pub fn record<T: Serialize>(
        &mut self,
        action: &str,
        entity: &str,
        id: impl ToString,
        before: Option<&T>,
        after: Option<&T>,
    ) {
        self.record_because(action, entity, id, None, before, after);
    }

    /// The same with a reason in words.
    pub fn record_because<T: Serialize>(
        &mut self,
        action: &str,
        entity: &str,
        id: impl ToString,
        reason: Option<&str>,
        before: Option<&T>,
        after: Option<&T>,
    ) {
        let by = self.by;
        self.record_by(by, action, entity, id, reason, before, after);
    }

    /// The same in somebody else's name and at another time: the demonstration's history is told so, and
    /// what an unproved person tried.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn record_by<T: Serialize>(
        &mut self,
        by: &By,
        action: &str,
        entity: &str,
        id: impl ToString,
        reason: Option<&str>,
        before: Option<&T>,
        after: Option<&T>,
    ) {
        let before = before.map(document);
        let after = after.map(document);
        let version = after.as_ref().and_then(|value| value.get("version")).and_then(Value::as_i64);
        self.entries.push(Entry {
            seq: 0,
            at: by.now,
            actor: by.actor(),
            request_id: by.request_id.clone(),
            action: action.to_owned(),
            entity: entity.to_owned(),
            entity_id: id.to_string(),
            entity_version: version,
            outcome: Outcome::Done,
            reason: reason.map(str::to_owned),
            before,
            after,
        });
    }

    /// Refuses a person who is not an administrator at this moment, whatever they were when their request
    /// came in: nobody takes back their own lowering or disabling with a request that was under way. Emergency
    /// access does not count: it ends, and an account, a role or a link that somebody made under it would not.
    pub(super) fn require_administrator(&mut self) -> Result<(), ActionError> {
        if self.by.emergency.is_some() {
            return Err(ActionError::Refused(
                "under emergency access no account is opened or enabled, and no role, link or second step changes: \
                 that would outlast it, so it takes an administrator. Disabling an account and ending sessions work"
                    .to_owned(),
            ));
        }
        let Some(actor) = self.by.person else { return Ok(()) };
        match store::people::account(self.db, actor)? {
            Some(account) if account.role == Role::Administrator && account.disabled_at.is_none() => Ok(()),
            _ => Err(ActionError::Forbidden),
        }
    }

    /// The same for what stops something, where emergency access counts as long as it runs.
    pub(super) fn require_administrator_to_stop(&mut self) -> Result<(), ActionError> {
        match (self.by.emergency, self.by.person) {
            (Some(_), Some(actor)) => match store::emergency::running(self.db, actor, self.by.now)? {
                Some(_) => Ok(()),
                None => Err(ActionError::Forbidden),
            },
            _ => self.require_administrator(),
        }
    }

    /// Records that something was tried and refused. Nothing else may be written by this change.
    pub fn record_refusal(&mut self, action: &str, entity: &str, id: impl ToString, reason: &str) {
        let by = self.by;
        self.record_refusal_by(by, action, entity, id, reason);
    }

    /// The same where who it was is what could not be proved.
    pub(super) fn record_refusal_by(&mut self, by: &By, action: &str, entity: &str, id: impl ToString, reason: &str) {
        self.record_by::<()>(by, action, entity, id, Some(reason), None, None);
        if let Some(last) = self.entries.last_mut() {
            last.outcome = Outcome::Refused;
        }
    }
}

/// A record as the log keeps it. Records hold strings, numbers, dates and lists of those only, which
/// always have a JSON form.
fn document<T: Serialize>(record: &T) -> Value {
    serde_json::to_value(record).unwrap_or(Value::Null)
}

impl Register {
    /// Makes a change: one transaction that holds the work, its audit entries and its mail, or nothing.
    pub fn change<T>(
        &self,
        by: &By,
        work: impl FnOnce(&mut Work<'_>) -> Result<T, ActionError>,
    ) -> Result<T, ActionError> {
        let mut noted = Vec::new();
        let outcome = self.database.write(|db| {
            require_hold(db, by)?;
            let mut changing = Work { db, by, entries: Vec::new() };
            let outcome = work(&mut changing)?;
            let Work { db, entries, .. } = changing;
            noted.extend(entries.iter().filter(|entry| events::is_event(entry)).cloned());
            security_notices::queue(db, &entries, &by.address, self.day(by.now))?;
            store::audit::append(db, entries)?;
            Ok(outcome)
        });
        if outcome.is_ok() {
            noted.iter().for_each(events::note);
        }
        outcome
    }

    /// A change that leaves no entry: it clears away what has ended by its own rule, and decides nothing.
    pub fn clear_away<T>(
        &self,
        by: &By,
        work: impl FnOnce(&mut Db) -> Result<T, StoreError>,
    ) -> Result<T, ActionError> {
        self.database.write(|db| {
            require_hold(db, by)?;
            Ok(work(db)?)
        })
    }
}

/// Refuses the worker of a job whose run somebody else took over. The run stays as it is until the end of the
/// transaction, so that what is written is written under the claim.
fn require_hold(db: &mut Db, by: &By) -> Result<(), ActionError> {
    match by.hold {
        Some(hold) if !store::job_claims::is_held(db, hold.run, hold.fence)? => Err(ActionError::TakenOver),
        _ => Ok(()),
    }
}
