//! A run over every review whose day has passed: it does what the rules say, and holds back what silence may not cut.

use std::collections::HashSet;

use super::super::one_by_one::alone;
use super::doing::{Done, perform};
use super::holding::{self, Why};
use super::planning::{Planned, plan};
use super::{returning, standstill, stopping};
use crate::actions::reviews::counting::counts;
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::domain::reviews::silence::Silence;
use crate::store::{outbox_left, review_silence};

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ran {
    pub stayed: usize,
    pub escalated: usize,
    pub suspended: usize,
    pub revoked: usize,
    /// They were suspended already, and lost nothing more.
    pub stayed_suspended: usize,
    /// They would have been cut, and silence does not count yet.
    pub simulated: usize,
    /// They would have been cut, and the run stopped before.
    pub held_back: usize,
    /// They were stopped otherwise meanwhile.
    pub cancelled: usize,
    /// They were with the administrators, and silence may stop them now.
    pub returned: usize,
    /// Others are to be asked about them first.
    pub waiting: usize,
    /// Nobody is asked about them.
    pub nobody_asked: usize,
    /// No mail leaves, so whoever is asked may not know.
    pub untold: usize,
    /// Their day passed while nothing ran, so they have as many days more.
    pub put_off: usize,
    /// The same, and giving them these days failed: they are not cut, and the next run tries again.
    pub owed: usize,
    /// They could not be counted; the next run tries again.
    pub failed: usize,
}

/// Does what silence does to every review whose day has passed. `renew` is called between reviews.
pub fn run(register: &Register, by: &By, renew: impl Fn() -> Result<(), ActionError>) -> Result<Ran, ActionError> {
    by.require_keeper()?;
    renew()?;
    let Some(yesterday) = register.day(by.now).pred_opt() else { return Ok(Ran::default()) };
    let put_off = standstill::put_off(register, by, &renew)?;
    let given_back = returning::run(register, by, &renew)?;
    let mut ran = Ran {
        put_off: put_off.moved,
        owed: put_off.failed.len(),
        returned: given_back.returned,
        failed: given_back.failed,
        ..Ran::default()
    };
    let (planned, counts, noted) = {
        let mut db = register.database.read()?;
        let mut planned = plan(&mut db, register, ..=yesterday, i64::MAX)?;
        // What could not be given its days is not cut by this run.
        planned.retain(|one| !put_off.failed.contains(&one.review.id));
        let ids: Vec<Id> = planned.iter().filter(|one| one.cuts()).map(|one| one.review.id).collect();
        let noted: HashSet<Id> =
            review_silence::held_back(&mut db, &ids)?.into_iter().map(|step| step.review_id).collect();
        (planned, counts(&mut db)?, noted)
    };
    let is_told = planned.is_empty() || !outbox_left::stands_still(&mut *register.database.read()?, by.now)?;
    let cutting: Vec<&Planned> = planned.iter().filter(|one| one.cuts() && !one.waits()).collect();
    let does_cut = counts && is_told;
    let stops = stopping::settle(register, by, &cutting, does_cut)?;
    let mut all_done = true;
    for one in &planned {
        renew()?;
        let id = one.review.id;
        let held = if !one.cuts() {
            None
        } else if one.waits_for_others() {
            ran.waiting += 1;
            Some(Why::OthersNotAsked)
        } else if one.nobody_asked {
            ran.nobody_asked += 1;
            Some(Why::NobodyAsked)
        } else if !counts {
            ran.simulated += 1;
            Some(Why::Simulated)
        } else if !is_told {
            ran.untold += 1;
            Some(Why::MailStandsStill)
        } else if stops.held.contains(&id) {
            ran.held_back += 1;
            Some(Why::Stopped)
        } else {
            None
        };
        if held.is_some() && noted.contains(&id) {
            continue;
        }
        let tried = alone("what silence does to a review", id, || match held {
            Some(why) => register.change(by, |work| holding::note(work, register, id, yesterday, why)).map(|()| None),
            None => register.change(by, |work| perform(work, register, one, yesterday)),
        })?;
        match tried {
            Some(Some(done)) => count(&mut ran, done),
            // Somebody decided meanwhile, or it is judged anew by the next run.
            Some(None) => all_done &= !stops.let_go.contains(&id),
            None => {
                ran.failed += 1;
                all_done &= !stops.let_go.contains(&id);
            }
        }
    }
    // While silence is only simulated, nothing of what was agreed has been done; and what was not done is tried again
    // under the same agreement.
    if let Some(before) = stops.agreed.filter(|_| does_cut && all_done) {
        stopping::end(register, by, &before)?;
    }
    Ok(ran)
}

fn count(ran: &mut Ran, done: Done) {
    match done {
        Done::Cancelled => ran.cancelled += 1,
        Done::StaysSuspended => ran.stayed_suspended += 1,
        Done::By(Silence::Keep) => ran.stayed += 1,
        Done::By(Silence::Escalate) => ran.escalated += 1,
        Done::By(Silence::Suspend) => ran.suspended += 1,
        Done::By(Silence::Revoke) => ran.revoked += 1,
    }
}
