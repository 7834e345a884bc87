//! Setting the clocks: everything that works has a day of its next review, and none later than its tier allows. And
//! noting what happened by itself: owners who left, contracts that end.

use chrono::NaiveDate;

use super::one_by_one::each_by_itself;
use super::{BATCH, early};
use crate::actions::{ActionError, By, Register, Work, ownership};
use crate::domain::ids::Id;
use crate::domain::reaching::IdentityTier;
use crate::domain::reviews::reasons::Reason;
use crate::domain::task_words::days_after;
use crate::store::{clocks, identities};

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wound {
    pub wound: usize,
    /// They could not be handled; the next run tries again.
    pub failed: usize,
}

/// Sets the clocks of every identity of a tier that needs it. `renew` is called between batches.
pub fn all(
    register: &Register,
    by: &By,
    tier: IdentityTier,
    renew: impl Fn() -> Result<(), ActionError>,
) -> Result<Wound, ActionError> {
    by.require_keeper()?;
    let today = register.day(by.now);
    let latest = register.deployment.reviews.of(tier).next(today);
    let mut all = Wound::default();
    let mut after = None;
    loop {
        renew()?;
        let found = clocks::late(&mut *register.database.read()?, tier, latest, after, BATCH)?;
        let Some(last) = found.last() else { return Ok(all) };
        // A place, so that what fails is not found again and again in one run.
        after = Some(*last);
        let ids: Vec<Id> = found.iter().map(|(id, _)| *id).collect();
        let tried = each_by_itself(&ids, Id::to_string, |ids| {
            register.change(by, |work| set(work, register, tier, latest, ids))
        })?;
        all.wound += tried.done.iter().sum::<usize>();
        all.failed += tried.failed;
    }
}

fn set(
    work: &mut Work<'_>,
    register: &Register,
    tier: IdentityTier,
    latest: NaiveDate,
    mut ids: Vec<Id>,
) -> Result<usize, ActionError> {
    let today = register.day(work.by.now);
    ids.sort_unstable();
    let mut wound = 0;
    for before in identities::hold_many(work.db, &ids)? {
        // Somebody may have changed it since it was read.
        if before.tier != tier || before.next_review_on.is_some_and(|day| day <= latest) {
            continue;
        }
        let own = register.deployment.reviews.clock(before.tier, before.review_interval_days);
        let mut after = before.clone();
        after.next_review_on = Some(own.next(today));
        let why = "everything that works is reviewed, and no later than its tier allows";
        ownership::store(work, "identity.wind_clock", Some(why), &before, &mut after)?;
        wound += 1;
    }
    Ok(wound)
}

/// Notes that owners have left; answers how many could not be noted.
pub fn note_leavers(register: &Register, by: &By) -> Result<usize, ActionError> {
    by.require_keeper()?;
    let today = register.day(by.now);
    let (mut failed, mut after) = (0, None);
    loop {
        let found = clocks::of_leavers(&mut *register.database.read()?, today, after, BATCH)?;
        let Some(last) = found.last() else { return Ok(failed) };
        after = Some((last.identity_id, last.role));
        failed += each_by_itself(
            &found,
            |leaver| leaver.identity_id.to_string(),
            |found| {
                register.change(by, |work| {
                    for leaver in &found {
                        let identity = identities::find(work.db, leaver.identity_id)?;
                        early::note(work, &identity, vec![Reason::owner_left(leaver.role, leaver.left_on)])?;
                    }
                    Ok(())
                })
            },
        )?
        .failed;
    }
}

/// Notes that contracts end; answers how many could not be noted.
pub fn note_ending_contracts(register: &Register, by: &By) -> Result<usize, ActionError> {
    by.require_keeper()?;
    let today = register.day(by.now);
    let until = days_after(today, u64::from(register.deployment.reviews.contract_days));
    let (mut failed, mut after) = (0, None);
    loop {
        let found = clocks::of_ending_contracts(&mut *register.database.read()?, today, until, after, BATCH)?;
        let Some(last) = found.last() else { return Ok(failed) };
        after = Some(last.identity_id);
        failed += each_by_itself(
            &found,
            |ending| ending.identity_id.to_string(),
            |found| {
                register.change(by, |work| {
                    for ending in &found {
                        let identity = identities::find(work.db, ending.identity_id)?;
                        early::note(work, &identity, vec![Reason::contract_ends(ending.ends_on)])?;
                    }
                    Ok(())
                })
            },
        )?
        .failed;
    }
}
