//! Registering, editing, suspending and resuming one identity.

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Tz;
use serde::Serialize;

use super::lookup::named_person;
use super::{ActionError, By, FieldError, Register, Work, ownership};
use crate::domain::identities::*;
use crate::domain::ids::{Id, Moment};
use crate::domain::life_cycle::{self, LifeCycleError};
use crate::domain::ownership::OwnerRole;
use crate::domain::registration::{Registration, WayToStop};
use crate::store::identities::{self, Identity};
use crate::store::identity_parts::{self as parts, IdentityScope, RevocationPath};
use crate::store::types::Doc;
use crate::store::{Db, StoreError, identity_names, registry};

/// An identity and its lists, as the audit log keeps it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdentityRecord {
    #[serde(flatten)]
    pub identity: Identity,
    pub redirect_uris: Vec<String>,
    pub scopes: Vec<IdentityScope>,
    pub twins: Vec<Id>,
}

/// A way to stop it, as the audit log keeps it: of the contact only whether it changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct WayToStopRecord<'a> {
    method: RevocationMethod,
    steps: &'a str,
    contact_changed: bool,
    proved_at: Option<Moment>,
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
        work.record("identity.register", "identity", identity.id, None, Some(&after));
        set_way_to_stop(work, identity.id, typed.way_to_stop.as_ref())?;
        let asked = ownership::ask(register, work, &identity)?;
        ownership::tell(register, work, &asked)?;
        Ok(identity.id)
    })
}

/// Stores what was typed over the version that was shown. Nothing is written when nothing differs.
///
/// # Errors
/// `Conflict` when somebody changed the identity since.
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
        identity.version += 1;
        identity.updated_at = by.now;
        identities::update(work.db, &identity)?;
        let after = record(work.db, id)?;
        work.record("identity.edit", "identity", id, Some(&before), Some(&after));
        let asked = ownership::ask(register, work, &identity)?;
        ownership::tell(register, work, &asked)
    })
}

/// Suspends one identity at once: one person may, with a reason.
pub fn suspend(register: &Register, by: &By, id: Id, reason: &str) -> Result<(), ActionError> {
    by.require_keeper()?;
    let reason = life_cycle::parse_reason(reason).map_err(|error| ActionError::field("reason", error.to_string()))?;
    register.change(by, |work| {
        let before = identities::find(work.db, id)?;
        let mut after = before.clone();
        after.state = life_cycle::suspend(before.state).map_err(refused)?;
        move_on(work, "identity.suspend", &reason, &before, &mut after)
    })
}

/// Lets a suspended identity go on. Refused when its expiry has passed, or when it changed since
/// `version` was shown.
pub fn resume(register: &Register, by: &By, id: Id, version: i64, reason: &str) -> Result<(), ActionError> {
    by.require_keeper()?;
    let reason = life_cycle::parse_reason(reason).map_err(|error| ActionError::field("reason", error.to_string()))?;
    register.change(by, |work| {
        let before = identities::find(work.db, id)?;
        if before.version != version {
            return Err(StoreError::Conflict.into());
        }
        let mut after = before.clone();
        // Expiry counts before the job has moved the state (design, section 1).
        after.state = life_cycle::resume(before.state_at(by.now), before.has_expired(by.now)).map_err(refused)?;
        move_on(work, "identity.resume", &reason, &before, &mut after)
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

/// The start of a day in a zone; where the clock jumps over midnight, the first moment after.
pub fn start_of_day(date: NaiveDate, zone: Tz) -> Moment {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    let start = (0..=3)
        .find_map(|hour| zone.from_local_datetime(&(midnight + chrono::Duration::hours(hour))).earliest())
        .map_or_else(|| midnight.and_utc(), |at| at.to_utc());
    Moment::new(start)
}

/// The day on which it expires, in the deployment's zone: what the form shows.
pub fn expires_on(identity: &Identity, zone: Tz) -> Option<NaiveDate> {
    identity.expires_at.map(|at| at.utc().with_timezone(&zone).date_naive())
}

/// Puts what was typed into the record; answers the ids of its twins.
fn fill(
    register: &Register,
    work: &mut Work<'_>,
    identity: &mut Identity,
    typed: &Registration,
) -> Result<Vec<Id>, ActionError> {
    let mut errors = Vec::new();
    check_references(work, identity, typed, &mut errors)?;
    let parent = match &typed.parent {
        Some(text) => resolve(work, identity.id, "parent", text, &mut errors)?,
        None => None,
    };
    if let Some(parent) = parent
        && descends_from(work, parent, identity.id)?
    {
        errors.push(FieldError::new("parent", "This identity stands above the one you named; choose another parent"));
    }
    let mut twins = Vec::new();
    for text in &typed.twins {
        twins.extend(resolve(work, identity.id, "twins", text, &mut errors)?);
    }
    twins.sort_unstable();
    twins.dedup();
    for (role, named) in [(OwnerRole::Business, &typed.business_owner), (OwnerRole::Technical, &typed.technical_owner)]
    {
        let (faults, named) = (errors.len(), named.as_deref().unwrap_or_default());
        let person = named_person(work.db, role.word(), named, &mut errors)?.map(|person| person.id);
        if errors.len() == faults
            && ownership::set_owner(identity, role, person)
            && let Some(person) = person
        {
            match ownership::check_person(work, role, person) {
                Err(ActionError::Invalid(more)) => errors.extend(more),
                other => other?,
            }
        }
    }
    if !errors.is_empty() {
        return Err(ActionError::Invalid(errors));
    }
    let zone = register.deployment.time_zone;
    identity.kind = typed.kind;
    identity.rename(&typed.name);
    identity.description.clone_from(&typed.description);
    identity.client_id.clone_from(&typed.client_id);
    identity.system_id = typed.system;
    identity.environment = typed.environment;
    identity.vendor_id = typed.vendor;
    identity.vendor_managed = typed.vendor_managed;
    identity.parent_id = parent;
    identity.purpose.clone_from(&typed.purpose);
    identity.access_basis = typed.access_basis;
    identity.criticality = typed.criticality;
    identity.client_type = typed.client_type;
    identity.grant_types = Doc(typed.grant_types.clone());
    identity.launch_types = Doc(typed.launch_types.clone());
    identity.access_token_seconds = typed.access_token_seconds;
    identity.refresh_tokens = typed.refresh_tokens;
    identity.refresh_token_seconds = typed.refresh_token_seconds;
    // An imported moment within the day stays as exact as it was.
    if expires_on(identity, zone) != typed.expires_on {
        identity.expires_at = typed.expires_on.map(|date| start_of_day(date, zone));
    }
    identity.review_interval_days = typed.review_interval_days;
    identity.next_review_on = typed
        .next_review_on
        .or_else(|| typed.review_interval_days.map(|days| work.by.now.date() + chrono::Duration::days(days)));
    Ok(twins)
}

fn check_references(
    work: &mut Work<'_>,
    identity: &Identity,
    typed: &Registration,
    errors: &mut Vec<FieldError>,
) -> Result<(), ActionError> {
    if let Some(system) = typed.system {
        match registry::find_system(work.db, system) {
            Err(StoreError::NotFound) => errors.push(FieldError::new("system", "Choose a system from the list")),
            other => drop(other?),
        }
    }
    if let Some(vendor) = typed.vendor {
        match registry::find_vendor(work.db, vendor) {
            Err(StoreError::NotFound) => errors.push(FieldError::new("vendor", "Choose a vendor from the list")),
            other => drop(other?),
        }
    }
    if let Some(client_id) = &typed.client_id
        && let Some(holder) = identity_names::holder_of(work.db, client_id, typed.environment, typed.system)?
        && holder != identity.id
    {
        errors.push(FieldError::new(
            "client_id",
            "This client id is registered already for this system and environment; edit that identity, or correct the client id",
        ));
    }
    Ok(())
}

/// The other identity that somebody named, if there is exactly one.
fn resolve(
    work: &mut Work<'_>,
    own: Id,
    field: &'static str,
    text: &str,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Id>, ActionError> {
    let found: Vec<Id> = identity_names::named(work.db, text)?.into_iter().filter(|id| *id != own).collect();
    let message = match found.as_slice() {
        [one] => return Ok(Some(*one)),
        [] => format!("No other identity has the id or client id \u{201c}{text}\u{201d}"),
        _ => format!(
            "{} identities have the client id \u{201c}{text}\u{201d}; write the id from the address of the page you mean",
            found.len()
        ),
    };
    errors.push(FieldError::new(field, message));
    Ok(None)
}

/// Whether `id` is `ancestor` or stands below it.
fn descends_from(work: &mut Work<'_>, id: Id, ancestor: Id) -> Result<bool, ActionError> {
    let mut seen = Vec::new();
    let mut at = Some(id);
    while let Some(current) = at {
        if current == ancestor {
            return Ok(true);
        }
        if seen.contains(&current) {
            return Ok(false);
        }
        seen.push(current);
        at = identity_names::parent_of(work.db, current)?;
    }
    Ok(false)
}

/// Writes redirect URIs, twins and the list of scopes that the state lets people write.
fn write_lists(
    work: &mut Work<'_>,
    identity: &Identity,
    typed: &Registration,
    twins: &[Id],
    known: &[IdentityScope],
) -> Result<(), ActionError> {
    let list = written_list(identity.state);
    let scopes: Vec<IdentityScope> = (0_i64..)
        .zip(&typed.scopes)
        .map(|(position, scope)| {
            let before = known.iter().find(|row| row.list == list && row.scope == *scope);
            IdentityScope {
                identity_id: identity.id,
                list,
                scope: scope.clone(),
                position,
                optional: before.is_some_and(|row| row.optional),
                in_token: before.is_none_or(|row| row.in_token),
                defined: before.is_none_or(|row| row.defined),
            }
        })
        .collect();
    parts::replace_scopes(work.db, identity.id, list, &scopes)?;
    parts::replace_redirect_uris(work.db, identity.id, &typed.redirect_uris)?;
    parts::replace_twins(work.db, identity.id, twins)?;
    Ok(())
}

/// Which list of scopes the form writes: requests are asked for, everything else is observed. The
/// approved list is never written by one person.
pub fn written_list(state: IdentityState) -> ScopeList {
    match state {
        IdentityState::Requested | IdentityState::Approved | IdentityState::Rejected => ScopeList::Requested,
        _ => ScopeList::Issued,
    }
}

/// Writes how it is stopped; answers whether that changed. Other steps are not proved by the proof
/// of those before.
fn set_way_to_stop(work: &mut Work<'_>, id: Id, typed: Option<&WayToStop>) -> Result<bool, ActionError> {
    let before = parts::revocation_path(work.db, id)?;
    let after = match (&before, typed) {
        (None, None) => return Ok(false),
        (Some(_), None) => {
            parts::delete_revocation_path(work.db, id)?;
            None
        }
        (Some(path), Some(typed))
            if (path.method, &path.steps, &path.contact) == (typed.method, &typed.steps, &typed.contact) =>
        {
            return Ok(false);
        }
        (before, Some(typed)) => {
            let same = before.as_ref().filter(|path| (path.method, &path.steps) == (typed.method, &typed.steps));
            let path = RevocationPath {
                identity_id: id,
                method: typed.method,
                steps: typed.steps.clone(),
                contact: typed.contact.clone(),
                proved_at: same.and_then(|path| path.proved_at),
                proof: same.and_then(|path| path.proof.clone()),
                updated_at: work.by.now,
                version: before.as_ref().map_or(1, |path| path.version + 1),
            };
            match before {
                Some(_) => parts::update_revocation_path(work.db, &path)?,
                None => parts::insert_revocation_path(work.db, &path)?,
            }
            Some(path)
        }
    };
    let contact_changed = before.as_ref().map(|path| &path.contact) != after.as_ref().map(|path| &path.contact);
    let kept = |path: &RevocationPath, contact_changed| {
        serde_json::to_value(WayToStopRecord {
            method: path.method,
            steps: &path.steps,
            contact_changed,
            proved_at: path.proved_at,
        })
        .unwrap_or_default()
    };
    let (old, new) =
        (before.as_ref().map(|path| kept(path, false)), after.as_ref().map(|path| kept(path, contact_changed)));
    work.record("identity.set_way_to_stop", "identity", id, old.as_ref(), new.as_ref());
    Ok(true)
}
