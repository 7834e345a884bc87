//! Registering, editing and suspending one identity. That one goes on again takes a grant.

mod fill;
mod lists;
mod next_review;
mod other_rules;

use serde::Serialize;

use super::reviews::early;
use super::{ActionError, By, Register, Work, grants, ownership, reaching, requests};
use crate::domain::audit::ActorKind;
use crate::domain::grants as rules;
use crate::domain::identities::{IdentityState, StateCause};
use crate::domain::ids::Id;
use crate::domain::life_cycle::{self, LifeCycleError};
use crate::domain::people::Role;
use crate::domain::registration::Registration;
use crate::domain::reviews::reasons::Reason;
use crate::store::identities::{self, Identity};
use crate::store::identity_parts::{self as parts, IdentityScope};
use crate::store::{Db, StoreError};
use fill::fill;
use lists::write_lists;

pub use super::days::{expires_on, start_of_day};
pub(super) use lists::set_way_to_stop;
pub use lists::written_list;

/// An identity and its lists, as the audit log keeps it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdentityRecord {
    #[serde(flatten)]
    pub identity: Identity,
    pub redirect_uris: Vec<String>,
    pub scopes: Vec<IdentityScope>,
    pub twins: Vec<Id>,
}

/// Reads an identity with its lists.
pub fn record(db: &mut Db, id: Id) -> Result<IdentityRecord, StoreError> {
    let mut twins = parts::twins(db, id)?;
    twins.sort_unstable();
    Ok(IdentityRecord {
        identity: identities::find(db, id)?,
        redirect_uris: parts::redirect_uris(db, id)?,
        scopes: parts::scopes(db, id)?,
        twins,
    })
}

/// Registers an identity by hand. One that `exists` at its system is active with nothing approved,
/// and its scopes are what was observed; any other is requested, and its scopes are asked for.
/// Nothing is approved by registering: that takes other people.
pub fn register(register: &Register, by: &By, typed: &Registration, exists: bool) -> Result<Id, ActionError> {
    by.require_keeper()?;
    register.change(by, |work| {
        let mut identity = Identity::new(typed.kind, &typed.name, typed.environment, by.now);
        identity.enabled = exists;
        if exists {
            identity.state = IdentityState::Active;
        }
        let twins = fill(register, work, &mut identity, typed)?;
        identities::insert(work.db, &identity)?;
        write_lists(work, &identity, typed, &twins, &[])?;
        let after = record(work.db, identity.id)?;
        reaching::store(register, work.db, &identity, &after.scopes)?;
        work.record("identity.register", "identity", identity.id, None, Some(&after));
        set_way_to_stop(work, identity.id, typed.way_to_stop.as_ref())?;
        let asked = ownership::ask(register, work, &identity)?;
        ownership::tell(register, work, &asked)?;
        Ok(identity.id)
    })
}

/// Puts what was typed into the record of an identity that is asked for; answers the ids of its twins.
pub(super) fn fill_new(
    register: &Register,
    work: &mut Work<'_>,
    identity: &mut Identity,
    typed: &Registration,
) -> Result<Vec<Id>, ActionError> {
    fill(register, work, identity, typed)
}

/// Writes the lists of an identity that is asked for.
pub(super) fn write_new_lists(
    work: &mut Work<'_>,
    identity: &Identity,
    typed: &Registration,
    twins: &[Id],
) -> Result<(), ActionError> {
    write_lists(work, identity, typed, twins, &[])
}

/// Stores what was typed over the version that was shown. Nothing is written when nothing differs. Where other rules
/// count for it by the change, its owner is asked about it early.
///
/// # Errors
/// `Conflict` when somebody changed the identity since; `Invalid` also for an owner who would have other rules count.
pub fn edit(register: &Register, by: &By, id: Id, version: i64, typed: &Registration) -> Result<(), ActionError> {
    by.require_keeper()?;
    register.change(by, |work| {
        let before = record(work.db, id)?;
        if before.identity.version != version {
            return Err(StoreError::Conflict.into());
        }
        let mut identity = before.identity.clone();
        let twins = fill(register, work, &mut identity, typed)?;
        write_lists(work, &identity, typed, &twins, &before.scopes)?;
        let now_stored = record(work.db, id)?;
        let path_changed = set_way_to_stop(work, id, typed.way_to_stop.as_ref())?;
        let lists_differ = IdentityRecord { identity: identity.clone(), ..now_stored } != before;
        if !lists_differ && !path_changed {
            return Ok(());
        }
        identity.keep_suspended(&before.identity, by.now);
        identity.version += 1;
        identity.updated_at = by.now;
        identities::update(work.db, &identity)?;
        let after = record(work.db, id)?;
        reaching::store(register, work.db, &identity, &after.scopes)?;
        let says = other_rules::said_of(register, work, &before.identity, &after)?;
        work.record_because("identity.edit", "identity", id, says.as_deref(), Some(&before), Some(&after));
        let reasons = says.iter().map(|says| Reason::other_rules(identity.version, says)).collect();
        early::note(work, &identity, reasons)?;
        let noticed =
            (early::seen(&before.identity, &before.scopes, &[]), early::seen(&after.identity, &after.scopes, &[]));
        early::note_change(register, work, &identity, &noticed.0, &noticed.1)?;
        let asked = ownership::ask(register, work, &identity)?;
        ownership::tell(register, work, &asked)?;
        requests::reassign(work, register, &identity)?;
        requests::use_changed(work, register, &identity)
    })
}

/// Suspends one identity at once: one person may, with a reason. An owner stops only what they own.
///
/// # Errors
/// `Forbidden` for whoever neither owns it nor keeps the register.
pub fn suspend(register: &Register, by: &By, id: Id, reason: &str) -> Result<(), ActionError> {
    let reason = life_cycle::parse_reason(reason).map_err(|error| ActionError::field("reason", error.to_string()))?;
    let people: Vec<Id> = by.person.into_iter().collect();
    register.change(by, |work| {
        let before = identities::find(work.db, id)?;
        let own = by.role == Role::Owner
            && by.token.is_none()
            && by.person.is_some_and(|person| grants::owns(&before, person));
        if !own {
            by.require_keeper()?;
        }
        if by.kind == ActorKind::Person {
            rules::stop(1, &people).map_err(|error| ActionError::Refused(error.to_string()))?;
        }
        let mut after = before.clone();
        after.state = life_cycle::suspend(before.state).map_err(refused)?;
        move_on(work, "identity.suspend", &reason, &before, &mut after)
    })
}

fn move_on(
    work: &mut Work<'_>,
    action: &str,
    reason: &str,
    before: &Identity,
    after: &mut Identity,
) -> Result<(), ActionError> {
    after.state_cause = StateCause::Decided;
    after.state_changed_at = work.by.now;
    ownership::store(work, action, Some(reason), before, after)
}

fn refused(error: LifeCycleError) -> ActionError {
    ActionError::Refused(error.to_string())
}
