//! The day that a drafted campaign has once it is opened, and nothing else of what it would do.

use chrono::NaiveDate;

use super::select::{Chosen, days_ago, due_of, each_selected, exclusion};
use crate::actions::Register;
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::campaigns::own_day;
use crate::store::identities::{self, Identity};
use crate::store::identity_parts as parts;
use crate::store::{Db, StoreError, reviews};

/// The day that a campaign has once it is opened whose answers are to be due by a day, as its preview says it; none
/// where nobody would be asked.
pub fn of_draft(
    db: &mut Db,
    register: &Register,
    chosen: &Chosen,
    due_on: NaiveDate,
    now: Moment,
) -> Result<Option<NaiveDate>, StoreError> {
    let today = register.day(now);
    let mut latest: Option<NaiveDate> = None;
    each_selected(db, chosen, now, |db, some| {
        let ids: Vec<Id> = some.iter().map(|(id, _)| *id).collect();
        latest = latest_of(db, register, &ids, (today, due_on), latest)?;
        // No later day would count.
        Ok(latest.is_none_or(|day| day < due_on))
    })?;
    Ok(latest.map(|day| own_day(due_on, Some(day))))
}

/// The latest day by which an answer about some of it would be due, or the latest that is known already.
fn latest_of(
    db: &mut Db,
    register: &Register,
    ids: &[Id],
    (today, due_on): (NaiveDate, NaiveDate),
    known: Option<NaiveDate>,
) -> Result<Option<NaiveDate>, StoreError> {
    let identities = identities::find_many(db, ids)?;
    let live = reviews::live_of(db, ids)?;
    let live = |identity: &Identity| live.iter().find(|review| review.identity_id == identity.id);
    // Only what would be due later is worth reading more of.
    let later: Vec<(&Identity, NaiveDate)> = identities
        .iter()
        .map(|identity| (identity, due_of(identity, live(identity), register, today, due_on)))
        .filter(|(_, day)| known.is_none_or(|known| *day > known))
        .collect();
    let ids: Vec<Id> = later.iter().map(|(identity, _)| identity.id).collect();
    let last = reviews::last_decided(db, &ids)?;
    let lists = parts::scopes_of(db, &ids)?;
    let lately = days_ago(today, register.deployment.reviews.lately_days);
    let is_asked = |identity: &Identity| {
        let last = last.iter().find(|review| review.identity_id == identity.id);
        exclusion(identity, live(identity), last, &lists, lately, register).is_none()
    };
    let asked = later.into_iter().filter(|one| is_asked(one.0));
    Ok(asked.map(|(_, day)| day).max().max(known))
}
