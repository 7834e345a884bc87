//! Days on which silence was not counted, because nothing ran: whoever was to answer on them may not have been able to.
//!
//! As long as it stood still, up to the days that whoever is asked late has, every review whose day passed meanwhile or
//! comes at once has more days, once. Otherwise the first run after a standstill would cut what nobody could have answered.
//!
//! A run ends the standstill, whatever failed beside it. A review that could not be given its days is owed them: that is
//! noted before the run is done, silence does not come to it meanwhile, and each run tries again. Were the standstill to
//! last until none fails, each day would put off reviews that it never concerned. Where nothing ran once more before it
//! got its days, it gets the more of the two.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::Serialize;

use super::super::apply::store;
use super::super::one_by_one::alone;
use crate::actions::reviews::BATCH;
use crate::actions::{ActionError, By, Register, Work};
use crate::domain::ids::Id;
use crate::domain::jobs::Job;
use crate::domain::reviews::silence::{Owed, Standstill, standstill};
use crate::domain::reviews::{ReviewState, ReviewStep};
use crate::domain::task_words::date_words;
use crate::store::review_steps::{self, StepTaken};
use crate::store::reviews::{self, Review};
use crate::store::{job_runs, review_silence, silence_owed};

/// How many have more days, and which could not be given any: silence does not come to these before they were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PutOff {
    pub moved: usize,
    pub failed: HashSet<Id>,
}

/// Reviews that are owed days, as the audit log keeps them.
#[derive(Serialize)]
struct Owing<'a> {
    reviews: Vec<&'a Owed>,
}

impl<'a> Owing<'a> {
    /// Those of them that are not among the others; nothing where all are.
    fn besides(of: &'a [Owed], others: &[Owed]) -> Option<Self> {
        let others: HashSet<&Owed> = others.iter().collect();
        let reviews: Vec<&'a Owed> = of.iter().filter(|one| !others.contains(one)).collect();
        (!reviews.is_empty()).then_some(Self { reviews })
    }
}

/// Gives them their days: first what is owed since a standstill before, then what the last one cost.
pub fn put_off(
    register: &Register,
    by: &By,
    renew: &impl Fn() -> Result<(), ActionError>,
) -> Result<PutOff, ActionError> {
    let mut ran = PutOff::default();
    let today = register.day(by.now);
    let latest = since_the_last_run(register, by)?;
    let before = silence_owed::all(&mut *register.database.read()?)?;
    let mut owed = Vec::new();
    for one in &before {
        renew()?;
        let stood = one.on(today, latest);
        if !give(register, by, stood, one.review, &mut ran)? {
            owed.push(stood.owed_to(one.review, today));
        }
    }
    if let Some(stood) = latest {
        let mut after = None;
        loop {
            renew()?;
            let found =
                review_silence::on_days(&mut *register.database.read()?, stood.from..stood.until, after, BATCH)?;
            for review in &found {
                // What just failed is owed already.
                if !ran.failed.contains(&review.id) && !give(register, by, stood, review.id, &mut ran)? {
                    owed.push(stood.owed_to(review.id, today));
                }
            }
            match found.last() {
                Some(last) => after = Some(place(last)),
                None => break,
            }
        }
    }
    note(register, by, &before, &owed)?;
    Ok(ran)
}

/// The standstill that a run ends. Where silence was never counted before there was none: its first run says nothing
/// about the days before it.
fn since_the_last_run(register: &Register, by: &By) -> Result<Option<Standstill>, ActionError> {
    // By the time that the work of the runs went by, so that a register that is walked day by day stands still nowhere,
    // and a run as of an earlier or a later day hides no standstill.
    let last = job_runs::last_acted(&mut *register.database.read()?, Job::ApplySilence, by.now)?;
    let most = register.deployment.reviews.escalated_days;
    Ok(last.and_then(|last| standstill(register.day(last), register.day(by.now), most)))
}

/// Gives one its days, and counts it; answers whether that did not fail.
fn give(register: &Register, by: &By, stood: Standstill, review: Id, ran: &mut PutOff) -> Result<bool, ActionError> {
    let tried = alone("giving a review more days", review, || register.change(by, |work| one(work, stood, review)))?;
    match tried {
        Some(moved) => ran.moved += usize::from(moved),
        None => {
            ran.failed.insert(review);
        }
    }
    Ok(tried.is_some())
}

/// Notes which are owed days now, where these are not those before. The audit log keeps what went and what came, and not
/// all of them each time: before is what is owed no longer, after what is owed since.
fn note(register: &Register, by: &By, before: &[Owed], owed: &[Owed]) -> Result<(), ActionError> {
    let (gone, new) = (Owing::besides(before, owed), Owing::besides(owed, before));
    if gone.is_none() && new.is_none() {
        return Ok(());
    }
    register.change(by, |work| {
        silence_owed::set(work.db, owed)?;
        work.record("job.owe_days", "job", Job::ApplySilence.word(), gone.as_ref(), new.as_ref());
        Ok(())
    })
}

/// Gives one review its days; answers whether it had none of them before.
fn one(work: &mut Work<'_>, stood: Standstill, id: Id) -> Result<bool, ActionError> {
    reviews::hold(work.db, id)?;
    let before = reviews::find(work.db, id)?;
    if !lies_in(&before, stood) {
        return Ok(false);
    }
    let says = format!(
        "Silence was not counted from {} on, because nothing ran. An answer counts until {}, and not only until {}.",
        date_words(stood.from),
        date_words(stood.until),
        date_words(before.silence_on)
    );
    let step = StepTaken { review_id: before.id, step: ReviewStep::PutOff, says, at: work.by.now };
    // Once: otherwise a job that somebody has run every week would never come to it.
    if !review_steps::take(work.db, &step)? {
        return Ok(false);
    }
    let after = Review { silence_on: stood.until, version: before.version + 1, ..before.clone() };
    store(work, "review.put_off", &before, &after)?;
    Ok(true)
}

fn place(review: &Review) -> (NaiveDate, Id) {
    (review.silence_on, review.id)
}

fn lies_in(review: &Review, stood: Standstill) -> bool {
    review.state == ReviewState::Open
        && review.escalated_at.is_none()
        && review.silence_on >= stood.from
        && review.silence_on < stood.until
}
