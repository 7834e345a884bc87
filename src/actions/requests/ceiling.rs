//! What was approved is the most: until when an identity works, and what it is given when it goes on.

use chrono_tz::Tz;

use crate::actions::ActionError;
use crate::actions::days::start_of_day;
use crate::domain::identities::ScopeList;
use crate::domain::ids::Moment;
use crate::domain::requests::reference;
use crate::domain::scopes::covers::covers;
use crate::domain::scopes::{ScopeSet, Verdict};
use crate::domain::task_words::date_words;
use crate::store::identities::Identity;
use crate::store::{Db, StoreError, identity_parts as parts, requests};

/// Why an identity cannot get a later end than was approved, or none; `None` where it can.
pub fn beyond_end(
    db: &mut Db,
    identity: &Identity,
    end: Option<Moment>,
    zone: Tz,
) -> Result<Option<String>, StoreError> {
    let Some(ceiling) = requests::ceiling(db, identity.id)? else { return Ok(None) };
    let Some(until) = ceiling.approved_until else { return Ok(None) };
    let within = end.is_some_and(|end| end <= start_of_day(until, zone));
    Ok((!within).then(|| {
        format!(
            "It was approved until {} with {}; a later end is asked for with a request",
            date_words(until),
            reference(ceiling.number)
        )
    }))
}

/// Refuses that an identity goes on with more than was approved for it. One for which nothing was ever
/// approved is as it was found.
pub fn check_within(db: &mut Db, identity: &Identity) -> Result<(), ActionError> {
    let Some(ceiling) = requests::ceiling(db, identity.id)? else { return Ok(()) };
    let rows = parts::scopes(db, identity.id)?;
    let on = |list: ScopeList| rows.iter().filter(move |row| row.list == list).map(|row| row.scope.as_str());
    let coverage = covers(&ScopeSet::of(on(ScopeList::Approved)), &ScopeSet::of_product(on(ScopeList::Issued)));
    if coverage.verdict == Verdict::Covered {
        return Ok(());
    }
    let rest: Vec<String> =
        coverage.rest.iter().map(ToString::to_string).chain(coverage.rejected.iter().cloned()).collect();
    Err(ActionError::Refused(format!(
        "its system gives it more than was approved with {}: {}. Take that away there and import it, or ask for it with a \
         request",
        reference(ceiling.number),
        rest.join(", ")
    )))
}

/// Why an identity cannot move to another environment: what was asked or approved for it was for the one it
/// stands in. `None` where nothing was.
pub fn holds_environment(db: &mut Db, identity: &Identity) -> Result<Option<String>, StoreError> {
    let held = match requests::pending(db, identity.id)? {
        Some(request) => Some(request),
        None => requests::ceiling(db, identity.id)?,
    };
    Ok(held.map(|request| {
        format!(
            "What it may do was asked for in this environment, with {}. Each environment has an identity of its own: ask for \
             it in another environment on its page",
            reference(request.number)
        )
    }))
}
