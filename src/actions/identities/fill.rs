//! Putting what was typed about an identity into its record, with everything it refers to looked up.

use super::super::days::{expires_on, start_of_day};
use super::super::lookup::named_person;
use super::super::{ActionError, FieldError, Register, Work, ownership, requests};
use super::next_review::next_review;
use crate::domain::api_tokens::END_IS_FIXED;
use crate::domain::ids::Id;
use crate::domain::ownership::OwnerRole;
use crate::domain::registration::Registration;
use crate::store::identities::Identity;
use crate::store::types::Doc;
use crate::store::{StoreError, api_tokens, identity_names, registry};

/// Puts what was typed into the record; answers the ids of its twins.
pub(super) fn fill(
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
        let person =
            named_person(work.db, work.by.token.is_none(), role.word(), named, &mut errors)?.map(|person| person.id);
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
    let zone = register.deployment.time_zone;
    // An imported moment within the day stays as exact as it was.
    let expires_at = if expires_on(identity, zone) == typed.expires_on {
        identity.expires_at
    } else {
        typed.expires_on.map(|date| start_of_day(date, zone))
    };
    if let Some(end) = api_tokens::end_of(work.db, identity.id)?
        && expires_at.is_none_or(|at| at > end)
    {
        errors.push(FieldError::new("expires_on", END_IS_FIXED));
    }
    if typed.environment != identity.environment
        && let Some(why) = requests::holds_environment(work.db, identity)?
    {
        errors.push(FieldError::new("environment", why));
    }
    if expires_at != identity.expires_at
        && let Some(why) = requests::beyond_end(work.db, identity, expires_at, zone)?
    {
        errors.push(FieldError::new("expires_on", why));
    }
    let next_review_on = next_review(register, work, identity, typed, &mut errors)?;
    if !errors.is_empty() {
        return Err(ActionError::Invalid(errors));
    }
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
    identity.expires_at = expires_at;
    identity.review_interval_days = typed.review_interval_days;
    identity.next_review_on = next_review_on;
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
