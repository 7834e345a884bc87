//! Lets decisions of reviews take effect when nobody can correct them any more, or on their day; and ends reviews of
//! what is being stopped, about which nobody has anything to decide.

use super::counted;
use crate::actions::reviews::ending::{self, Ended};
use crate::actions::reviews::{apply, prove};
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let (mut kept, mut narrowed, mut revoked) = (0, 0, 0);
    let (mut cancelled, not_ended) = every(register, lease, |place| ending::end_without_question(register, by, place))?;
    let (overtaken, not_overtaken) = every(register, lease, |place| prove::end_overtaken(register, by, place))?;
    let (mut failed, mut place) = (0, None);
    loop {
        lease.renew(register)?;
        let batch = apply::batch(register, by, place)?;
        kept += batch.kept;
        narrowed += batch.narrowed;
        revoked += batch.revoked;
        cancelled += batch.cancelled;
        failed += batch.failed;
        place = batch.next;
        if place.is_none() {
            break;
        }
    }
    let mut report = JobReport::default();
    report.say(format!("{} kept", counted(kept, "identity", "identities")));
    if narrowed > 0 {
        report.say(format!("{} narrowed", counted(narrowed, "identity", "identities")));
    }
    if revoked > 0 {
        report.say(format!("{} to be switched off", counted(revoked, "identity", "identities")));
    }
    for (count, one, many) in [
        (
            cancelled,
            "review was ended, because its question is gone",
            "reviews were ended, because their question is gone",
        ),
        (overtaken, "review was overtaken: it goes on", "reviews were overtaken: they go on"),
        (
            not_ended + not_overtaken,
            "review could not be ended and is tried again; the log says why",
            "reviews could not be ended and are tried again; the log says why",
        ),
        (
            failed,
            "decision could not take effect and is tried again; the log says why",
            "decisions could not take effect and are tried again; the log says why",
        ),
    ] {
        if count > 0 {
            report.say(counted(count, one, many));
        }
    }
    Ok(report)
}

/// Goes through every batch; answers how many were ended, and how many could not be.
fn every(
    register: &Register,
    lease: &Lease,
    batch: impl Fn(Option<Id>) -> Result<Ended, ActionError>,
) -> Result<(usize, usize), ActionError> {
    let (mut ended, mut failed, mut place) = (0, 0, None);
    loop {
        lease.renew(register)?;
        let batch = batch(place)?;
        ended += batch.ended;
        failed += batch.failed;
        place = batch.next;
        if place.is_none() {
            return Ok((ended, failed));
        }
    }
}
