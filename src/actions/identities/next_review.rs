//! The day of an identity's next review, as its form sets it.

use chrono::NaiveDate;

use super::super::{ActionError, FieldError, Register, Work};
use super::lists::written_list;
use crate::domain::identities::IdentityState;
use crate::domain::reaching::{IdentityTier, Measuring};
use crate::domain::registration::Registration;
use crate::domain::reviews::postponing::{Planned, latest, too_late};
use crate::store::identities::Identity;
use crate::store::{StoreError, identity_parts as parts, reviews};

/// The day that stands afterwards; a day that is too late is an error of its field. `identity` is still as it was
/// before, but for its state.
pub(super) fn next_review(
    register: &Register,
    work: &mut Work<'_>,
    identity: &Identity,
    typed: &Registration,
    errors: &mut Vec<FieldError>,
) -> Result<Option<NaiveDate>, ActionError> {
    let today = register.day(work.by.now);
    let tier = tier(register, work, identity, typed)?;
    let chosen = typed.review_interval_days;
    let clock = register.deployment.reviews.clock(tier, chosen);
    let (latest, bound) = latest(clock, today, planned(register, work, identity)?);
    let wanted = match (typed.next_review_on, chosen) {
        (Some(day), _) => day,
        (None, Some(_)) => clock.next(today),
        // What works is never without a day because somebody emptied the field.
        (None, None) => match identity.next_review_on {
            Some(day) => day,
            None => return Ok(None),
        },
    };
    // A day that nobody touched comes nearer with its tier, as the clock would set it.
    if wanted > latest && typed.next_review_on.is_some() && typed.next_review_on != identity.next_review_on {
        errors.push(FieldError::new("next_review_on", too_late(latest, bound, clock, tier, chosen)));
    }
    Ok(Some(wanted.min(latest)))
}

/// The tier that it has with what was typed.
fn tier(
    register: &Register,
    work: &mut Work<'_>,
    identity: &Identity,
    typed: &Registration,
) -> Result<IdentityTier, StoreError> {
    let written = written_list(identity.state);
    let others = parts::scopes(work.db, identity.id)?;
    let scopes = others
        .iter()
        .filter(|row| row.list != written)
        .map(|row| (row.list, row.scope.as_str()))
        .chain(typed.scopes.iter().map(|scope| (written, scope.as_str())));
    Ok(Measuring::by(&register.deployment.scopes).of(scopes, typed.access_basis).tier)
}

/// The day that stands of an identity that works, and when somebody last looked at it.
fn planned(register: &Register, work: &mut Work<'_>, identity: &Identity) -> Result<Option<Planned>, StoreError> {
    let works = matches!(identity.state, IdentityState::Active | IdentityState::Suspended);
    let (Some(on), true) = (identity.next_review_on, works) else { return Ok(None) };
    let decided = reviews::last_decided(work.db, &[identity.id])?.into_iter().filter_map(|review| review.decided_at);
    let looked_at = register.day(decided.max().unwrap_or(identity.registered_at));
    Ok(Some(Planned { on, looked_at }))
}
