//! What was approved takes effect: when minds can no longer be changed, it becomes the ceiling of the identity.

use super::load::{Loaded, load_held};
use super::{decide, refused, stages};
use crate::actions::{ActionError, By, Register, Work, closing, identities as acting, raise, reaching};
use crate::domain::identities::{IdentityState, ScopeList, StateCause};
use crate::domain::ids::Id;
use crate::domain::requests::people as rules;
use crate::domain::requests::{RequestError, RequestState, reference};
use crate::domain::tasks::{AssignedAs, Assignee, AssigneeGroup, TaskAnswer, TaskCause, TaskKind, TaskState};
use crate::store::identities;
use crate::store::identity_parts::{self as parts, IdentityScope};
use crate::store::requests::{self, Request};
use crate::store::tasks::{self, Raised, Task};

/// Somebody has so many days to issue what was approved.
const ISSUE_DAYS: i64 = 7;

/// Lets an approved request take effect whose time for changing minds is over.
///
/// # Errors
/// `Refused` when that time still runs, or when it is not approved.
pub fn apply(register: &Register, by: &By, request: Id) -> Result<(), ActionError> {
    register.change(by, |work| apply_in(work, register, request))
}

/// The same inside a change.
pub(super) fn apply_in(work: &mut Work<'_>, register: &Register, request: Id) -> Result<(), ActionError> {
    let now = work.by.now;
    let loaded = load_held(work.db, register, request, now)?;
    let due = loaded.request.effective_at.is_some_and(|at| at <= now);
    if loaded.request.state != RequestState::Approved || !due {
        return Err(refused(&RequestError::NotInForce));
    }
    let mut after = Request { moved_at: now, version: loaded.request.version + 1, ..loaded.request.clone() };
    if matches!(loaded.identity.state, IdentityState::Revoking | IdentityState::Revoked) {
        // Somebody stops it: nothing is given to it any more.
        after.state = RequestState::Withdrawn;
        requests::update(work.db, &after)?;
        let why = "the identity is being stopped";
        work.record_because("request.withdraw", "request", request, Some(why), Some(&loaded.request), Some(&after));
        return decide::notify_requester(work, register, &after);
    }
    replace_earlier(work, &loaded)?;
    after.state = RequestState::InForce;
    after.applied_at = Some(now);
    requests::update(work.db, &after)?;
    work.record("request.take_effect", "request", request, Some(&loaded.request), Some(&after));
    write_ceiling(work, register, &loaded)?;
    for task in tasks::about(work.db, loaded.identity.id)? {
        if task.kind == TaskKind::Reauthorisation && task.state == TaskState::Open {
            closing::close(work, &task, TaskAnswer::Done, Some("it was asked anew and approved"))?;
        }
    }
    raise_issuance(work, register, &loaded)?;
    decide::notify_requester(work, register, &after)
}

/// A request that took effect before and was not issued gives way.
fn replace_earlier(work: &mut Work<'_>, loaded: &Loaded) -> Result<(), ActionError> {
    for before in requests::about(work.db, loaded.identity.id)? {
        if before.state != RequestState::InForce {
            continue;
        }
        let after = Request {
            state: RequestState::Superseded,
            moved_at: work.by.now,
            version: before.version + 1,
            ..before.clone()
        };
        requests::update(work.db, &after)?;
        work.record("request.supersede", "request", after.id, Some(&before), Some(&after));
        stages::close_all(work, before.id, TaskAnswer::Obsolete, "a later request took its place")?;
    }
    Ok(())
}

/// Writes the list of approved scopes, the end and the state of the identity.
fn write_ceiling(work: &mut Work<'_>, register: &Register, loaded: &Loaded) -> Result<(), ActionError> {
    let before = acting::record(work.db, loaded.identity.id)?;
    let scopes: Vec<IdentityScope> = (0_i64..)
        .zip(loaded.scopes())
        .map(|(position, scope)| IdentityScope {
            identity_id: loaded.identity.id,
            list: ScopeList::Approved,
            scope,
            position,
            optional: false,
            in_token: true,
            defined: true,
        })
        .collect();
    parts::replace_scopes(work.db, loaded.identity.id, ScopeList::Approved, &scopes)?;
    let mut identity = loaded.identity.clone();
    identity.expires_at = Some(acting::start_of_day(loaded.until(), register.deployment.time_zone));
    if identity.state == IdentityState::Requested {
        identity.state = IdentityState::Approved;
        identity.state_cause = StateCause::Decided;
        identity.state_changed_at = work.by.now;
    }
    identity.keep_suspended(&loaded.identity, work.by.now);
    identity.version += 1;
    identity.updated_at = work.by.now;
    identities::update(work.db, &identity)?;
    let after = acting::record(work.db, identity.id)?;
    reaching::store(register, work.db, &identity, &after.scopes)?;
    work.record("identity.approve_scopes", "identity", identity.id, Some(&before), Some(&after));
    Ok(())
}

/// Somebody who neither asked nor approved sets up at the system what was approved: the technical owner
/// where they can, or whoever keeps the register.
fn raise_issuance(work: &mut Work<'_>, register: &Register, loaded: &Loaded) -> Result<(), ActionError> {
    let technical = loaded
        .people
        .iter()
        .find(|human| human.technical_owner && rules::carry_out(&loaded.parts(), human).is_ok())
        .map(|human| human.person);
    let number = reference(loaded.request.number);
    let task = Task::new(
        Raised {
            kind: TaskKind::Issuance,
            cause: TaskCause::Approved,
            identity: loaded.identity.id,
            request: Some(loaded.request.id),
            review: None,
            period: number.clone(),
            reason: format!(
                "{number} was approved. Set up at the system what it may have, take away what it may not, and record what you did."
            ),
            assignee: match technical {
                Some(person) => Assignee::Person { person, assigned_as: AssignedAs::TechnicalOwner },
                None => Assignee::Group { group: AssigneeGroup::Keepers },
            },
            due_on: crate::domain::requests::latest_end(loaded.today, ISSUE_DAYS),
        },
        work.by.now,
    );
    let task = if technical.is_none() { Task { assigned_as: AssignedAs::Keeper, ..task } } else { task };
    raise::one(register, work, &task)?;
    Ok(())
}
