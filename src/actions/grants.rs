//! Grants: one person asks, a second approves, a third carries out. [`execute`] is the one gate through
//! which an identity becomes active; the database lets nothing else through.

use super::{ActionError, By, FieldError, Register, Work, requests};
use crate::domain::audit::ActorKind;
use crate::domain::grants::{self as rules, GrantError, GrantKind, GrantState, Human, OPEN_DAYS};
use crate::domain::identities::{IdentityState, OwnerAnswer, StateCause};
use crate::domain::ids::Id;
use crate::domain::life_cycle::{self, parse_reason};
use crate::domain::people::{Role, has_left};
use crate::domain::permissions::{Permission, allows};
use crate::store::grants::{self, Grant};
use crate::store::identities::{self, Identity};
use crate::store::{Db, StoreError, people};

/// Grants handled in a transaction of the job.
const BATCH: i64 = 500;

/// Whether somebody owns an identity: named, and has not refused.
pub fn owns(identity: &Identity, person: Id) -> bool {
    let own =
        |owner: Option<Id>, answer: Option<OwnerAnswer>| owner == Some(person) && answer != Some(OwnerAnswer::Refused);
    own(identity.business_owner_id, identity.business_owner_answer)
        || own(identity.technical_owner_id, identity.technical_owner_answer)
}

/// How whoever acts stands towards an identity.
///
/// # Errors
/// `Refused` for a job, a command or a program.
pub fn standing(db: &mut Db, register: &Register, identity: &Identity, by: &By) -> Result<Human, ActionError> {
    let person = match (by.kind, by.person) {
        (ActorKind::Person, Some(person)) => person,
        _ => return Err(refused(GrantError::NotAPerson)),
    };
    Ok(Human {
        person,
        role: by.role,
        active: is_active(db, register, person, by)?,
        owns: owns(identity, person),
        deputy_of: principal(db, identity, person)?,
    })
}

/// The business owner of an identity whose deputy a person is.
fn principal(db: &mut Db, identity: &Identity, person: Id) -> Result<Option<Id>, StoreError> {
    let Some(owner) = identity.business_owner_id.filter(|owner| owns(identity, *owner)) else { return Ok(None) };
    Ok(people::find(db, owner)?.deputy_id.filter(|deputy| *deputy == person).map(|_| owner))
}

/// Whether somebody can sign in: an account that is not disabled, of a person who has not left.
fn is_active(db: &mut Db, register: &Register, person: Id, by: &By) -> Result<bool, StoreError> {
    let enabled = people::account(db, person)?.is_some_and(|account| account.disabled_at.is_none());
    Ok(enabled && !has_left(people::find(db, person)?.left_on, register.day(by.now)))
}

/// Everybody who keeps the register and can sign in, as they stand towards an identity.
pub fn keepers(db: &mut Db, register: &Register, identity: &Identity, by: &By) -> Result<Vec<Human>, StoreError> {
    let today = register.day(by.now);
    let accounts: Vec<(Id, Role)> = people::accounts(db)?
        .into_iter()
        .filter(|account| account.disabled_at.is_none() && allows(Some(account.role), Permission::KeepRegister))
        .map(|account| (account.person_id, account.role))
        .collect();
    let ids: Vec<Id> = accounts.iter().map(|(id, _)| *id).collect();
    let gone: Vec<Id> = people::find_many(db, &ids)?
        .into_iter()
        .filter(|person| has_left(person.left_on, today))
        .map(|person| person.id)
        .collect();
    Ok(accounts
        .into_iter()
        .filter(|(id, _)| !gone.contains(id))
        .map(|(person, role)| Human { person, role, active: true, owns: owns(identity, person), deputy_of: None })
        .collect())
}

/// Asks that a suspended identity goes on.
///
/// # Errors
/// `Refused` when its expiry has passed, when it is not suspended, or when somebody asked already;
/// `Forbidden` for whoever neither owns it nor keeps the register.
pub fn ask(register: &Register, by: &By, identity: Id, reason: &str) -> Result<Id, ActionError> {
    let reason = reason_of(reason)?;
    register.change(by, |work| {
        let identity = identities::find(work.db, identity)?;
        ask_in(work, register, &identity, &reason)
    })
}

/// The same inside a change.
pub(super) fn ask_in(
    work: &mut Work<'_>,
    register: &Register,
    identity: &Identity,
    reason: &str,
) -> Result<Id, ActionError> {
    let by = work.by;
    let human = standing(work.db, register, identity, by)?;
    let on_behalf_of = rules::ask(&human).map_err(|error| match error {
        GrantError::NotYours => ActionError::Forbidden,
        other => refused(other),
    })?;
    life_cycle::resume(identity.state_at(by.now), identity.has_expired(by.now))
        .map_err(|error| ActionError::Refused(error.to_string()))?;
    if let Some(open) = grants::open_of(work.db, identity.id, GrantKind::Resume)? {
        let stale = open.identity_version.is_some_and(|version| version != identity.version);
        if open.state_at(by.now) != GrantState::Lapsed && !stale {
            return Err(ActionError::Refused(
                "somebody asked for this already; open the grant on this page to see what is still needed".to_owned(),
            ));
        }
        // What was approved is another version of the identity, or its days are over: it leads nowhere.
        close(work, &open, GrantState::Lapsed, "grant.lapse")?;
    }
    let grant = Grant {
        id: Id::new(),
        identity_id: identity.id,
        kind: GrantKind::Resume,
        state: GrantState::Asked,
        reason: reason.to_owned(),
        decision_reason: None,
        requester_id: human.person,
        requester_for_id: on_behalf_of,
        approver_id: None,
        executor_id: None,
        asked_at: by.now,
        decided_at: None,
        executed_at: None,
        ends_at: by.now.plus_days(OPEN_DAYS),
        asked_version: identity.version,
        identity_version: None,
        executed_version: None,
        version: 1,
    };
    grants::insert(work.db, &grant).map_err(|error| match error {
        // Somebody asked at the same moment.
        StoreError::Constraint(_) => StoreError::Conflict,
        other => other,
    })?;
    work.record_because("grant.ask", "grant", grant.id, Some(reason), None, Some(&grant));
    Ok(grant.id)
}

/// What somebody saw when they decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub grant: Id,
    /// The version of the grant.
    pub version: i64,
    /// The version of the identity: what is approved is this version and no other.
    pub identity_version: i64,
}

/// Approves what somebody else asked for.
///
/// # Errors
/// `Store(Conflict)` when the grant or the identity changed since they were shown.
pub fn approve(register: &Register, by: &By, shown: &Shown) -> Result<(), ActionError> {
    decide(register, by, shown, GrantState::Approved, None)
}

/// Refuses what somebody else asked for, with the reason in words.
///
/// # Errors
/// As [`approve`]; `Invalid` without a reason.
pub fn refuse(register: &Register, by: &By, shown: &Shown, reason: &str) -> Result<(), ActionError> {
    let reason = reason_of(reason)?;
    decide(register, by, shown, GrantState::Refused, Some(reason))
}

fn decide(
    register: &Register,
    by: &By,
    shown: &Shown,
    state: GrantState,
    reason: Option<String>,
) -> Result<(), ActionError> {
    register.change(by, |work| {
        let (before, identity) = load(work, shown)?;
        open(&before, GrantState::Asked, by)?;
        let human = standing(work.db, register, &identity, by)?;
        rules::decide(&before.parts(), &human).map_err(refused)?;
        if state == GrantState::Approved {
            still_suspended(&identity, by)?;
            requests::check_within(work.db, &identity)?;
            parts_hold(work, register, &before)?;
        }
        let mut after = before.clone();
        after.state = state;
        after.approver_id = Some(human.person);
        after.decided_at = Some(by.now);
        after.decision_reason = reason;
        after.identity_version = Some(identity.version);
        after.version += 1;
        grants::update(work.db, &after)?;
        let action = if state == GrantState::Approved { "grant.approve" } else { "grant.refuse" };
        let reason = after.decision_reason.clone();
        work.record_because(action, "grant", after.id, reason.as_deref(), Some(&before), Some(&after));
        Ok(())
    })
}

/// Takes back what was asked for, or approved and not yet carried out.
pub fn withdraw(register: &Register, by: &By, grant: Id, version: i64) -> Result<(), ActionError> {
    register.change(by, |work| {
        let before = grants::find(work.db, grant)?;
        if before.version != version {
            return Err(StoreError::Conflict.into());
        }
        let identity = identities::find(work.db, before.identity_id)?;
        let human = standing(work.db, register, &identity, by)?;
        rules::withdraw(&before.parts(), &human).map_err(|_| ActionError::Forbidden)?;
        if !matches!(before.state_at(by.now), GrantState::Asked | GrantState::Approved) {
            return Err(refused(GrantError::NotOpen(before.state_at(by.now))));
        }
        close(work, &before, GrantState::Withdrawn, "grant.withdraw")
    })
}

/// Carries out what was approved: a third person lets the identity go on.
///
/// # Errors
/// `Store(Conflict)` when the identity is not the version that was approved.
pub fn carry_out(register: &Register, by: &By, shown: &Shown) -> Result<(), ActionError> {
    register.change(by, |work| {
        let (grant, _) = load(work, shown)?;
        execute(work, register, &grant)
    })
}

/// The gate: whatever gives an identity more than it has passes here, with a grant that two others have
/// asked for and approved, in the version of the identity that was approved.
pub(super) fn execute(work: &mut Work<'_>, register: &Register, grant: &Grant) -> Result<(), ActionError> {
    let by = work.by;
    let before = identities::find(work.db, grant.identity_id)?;
    open(grant, GrantState::Approved, by)?;
    let human = standing(work.db, register, &before, by)?;
    rules::carry_out(&grant.parts(), &human).map_err(refused)?;
    if grant.identity_version != Some(before.version) {
        return Err(StoreError::Conflict.into());
    }
    still_suspended(&before, by)?;
    requests::check_within(work.db, &before)?;
    parts_hold(work, register, grant)?;
    let mut after = before.clone();
    after.state = IdentityState::Active;
    after.state_cause = StateCause::Decided;
    after.state_changed_at = by.now;
    after.updated_at = by.now;
    after.version += 1;
    let executed = Grant {
        state: GrantState::Executed,
        executor_id: Some(human.person),
        executed_at: Some(by.now),
        executed_version: Some(after.version),
        version: grant.version + 1,
        ..grant.clone()
    };
    grants::activate(work.db, &executed, &after)?;
    work.record("grant.carry_out", "grant", grant.id, Some(grant), Some(&executed));
    work.record_because("identity.resume", "identity", after.id, Some(&grant.reason), Some(&before), Some(&after));
    Ok(())
}

/// Writes down that nobody finished what has reached its end; answers how many, and whether there may
/// be more. That they have lapsed holds from their end on, whether this runs or not.
pub fn lapse(register: &Register, by: &By) -> Result<(usize, bool), ActionError> {
    by.require_keeper()?;
    let found = grants::to_lapse(&mut *register.database.read()?, by.now, BATCH)?;
    if found.is_empty() {
        return Ok((0, false));
    }
    let more = i64::try_from(found.len()) == Ok(BATCH);
    register.change(by, |work| {
        let mut lapsed = 0;
        for grant in &found {
            match close(work, grant, GrantState::Lapsed, "grant.lapse") {
                Ok(()) => lapsed += 1,
                // Somebody withdrew it meanwhile.
                Err(ActionError::Store(StoreError::Conflict)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok((lapsed, more && lapsed > 0))
    })
}

fn close(work: &mut Work<'_>, before: &Grant, state: GrantState, action: &str) -> Result<(), ActionError> {
    let after = Grant { state, version: before.version + 1, ..before.clone() };
    grants::update(work.db, &after)?;
    work.record(action, "grant", after.id, Some(before), Some(&after));
    Ok(())
}

fn load(work: &mut Work<'_>, shown: &Shown) -> Result<(Grant, Identity), ActionError> {
    let grant = grants::find(work.db, shown.grant)?;
    let identity = identities::find(work.db, grant.identity_id)?;
    if grant.version != shown.version || identity.version != shown.identity_version {
        return Err(StoreError::Conflict.into());
    }
    Ok((grant, identity))
}

fn open(grant: &Grant, wanted: GrantState, by: &By) -> Result<(), ActionError> {
    match grant.state_at(by.now) {
        state if state == wanted => Ok(()),
        GrantState::Asked => Err(refused(GrantError::NotApproved)),
        other => Err(refused(GrantError::NotOpen(other))),
    }
}

fn still_suspended(identity: &Identity, by: &By) -> Result<(), ActionError> {
    life_cycle::resume(identity.state_at(by.now), identity.has_expired(by.now))
        .map(drop)
        .map_err(|error| ActionError::Refused(error.to_string()))
}

/// Refuses when somebody who took a part has since left or been disabled: what they said may not have
/// been theirs.
fn parts_hold(work: &mut Work<'_>, register: &Register, grant: &Grant) -> Result<(), ActionError> {
    for person in [Some(grant.requester_id), grant.approver_id].into_iter().flatten() {
        if !is_active(work.db, register, person, work.by)? {
            return Err(ActionError::Refused(
                "somebody who asked for this or approved it has left or can no longer sign in; take it back and have it \
                 asked for anew"
                    .to_owned(),
            ));
        }
    }
    Ok(())
}

fn reason_of(text: &str) -> Result<String, ActionError> {
    parse_reason(text).map_err(|error| ActionError::Invalid(vec![FieldError::new("reason", error.to_string())]))
}

fn refused(error: GrantError) -> ActionError {
    ActionError::Refused(error.to_string())
}
