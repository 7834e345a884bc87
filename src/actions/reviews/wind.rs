//! Setting the clocks: everything that works has a day of its next review, and none later than its tier allows. And
//! noting what happened by itself: owners who left, contracts that end.

use super::{BATCH, early};
use crate::actions::{ActionError, By, Register, ownership};
use crate::domain::reaching::IdentityTier;
use crate::domain::reviews::reasons::Reason;
use crate::domain::task_words::days_after;
use crate::store::{clocks, identities};

/// Sets the clocks of some identities of a tier; answers how many. When it answers fewer than a batch, none is left.
pub fn batch(register: &Register, by: &By, tier: IdentityTier) -> Result<usize, ActionError> {
    by.require_keeper()?;
    let today = register.day(by.now);
    let clock = register.deployment.reviews.of(tier);
    let latest = clock.next(today);
    let found = clocks::late(&mut *register.database.read()?, tier, latest, BATCH)?;
    if found.is_empty() {
        return Ok(0);
    }
    register.change(by, |work| {
        let mut ids: Vec<_> = found.iter().map(|identity| identity.id).collect();
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
    })
}

/// Whether a batch was a whole one.
pub fn is_full(wound: usize) -> bool {
    i64::try_from(wound) == Ok(BATCH)
}

/// Notes that owners have left; answers how many were noted.
pub fn note_leavers(register: &Register, by: &By) -> Result<usize, ActionError> {
    by.require_keeper()?;
    let today = register.day(by.now);
    let mut noted = 0;
    loop {
        let found = clocks::of_leavers(&mut *register.database.read()?, today, BATCH)?;
        if found.is_empty() {
            return Ok(noted);
        }
        register.change(by, |work| {
            for leaver in &found {
                let identity = identities::find(work.db, leaver.identity_id)?;
                early::note(work, &identity, vec![Reason::owner_left(leaver.role, leaver.left_on)])?;
            }
            Ok(())
        })?;
        noted += found.len();
    }
}

/// Notes that contracts end; answers how many were noted.
pub fn note_ending_contracts(register: &Register, by: &By) -> Result<usize, ActionError> {
    by.require_keeper()?;
    let today = register.day(by.now);
    let until = days_after(today, u64::from(register.deployment.reviews.contract_days));
    let mut noted = 0;
    loop {
        let found = clocks::of_ending_contracts(&mut *register.database.read()?, today, until, BATCH)?;
        if found.is_empty() {
            return Ok(noted);
        }
        register.change(by, |work| {
            for ending in &found {
                let identity = identities::find(work.db, ending.identity_id)?;
                early::note(work, &identity, vec![Reason::contract_ends(ending.ends_on)])?;
            }
            Ok(())
        })?;
        noted += found.len();
    }
}
