//! Does what the rules say about reviews that nobody answered. It cuts nothing while silence is only simulated, and
//! stops before it cuts more than the set share of production.
//!
//! After a standstill the scheduler may come to this job and to the one that asks others at once, on two replicas. Then
//! silence waits for its next run: it never counts before others were asked and had time to answer.

use super::counted;
use crate::actions::reviews::silence;
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};
use crate::domain::jobs::Job;
use crate::store::schedules;

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let mut report = JobReport::default();
    if others_are_asked_first(register, by)? {
        report.say("Nothing was counted: reviewers are being asked first, and the next run counts");
        return Ok(report);
    }
    let ran = silence::run(register, by, || lease.renew(register))?;
    let of = |count: usize| counted(count, "identity", "identities");
    report.say(format!("{} suspended, {} revoked", of(ran.suspended), ran.revoked));
    for (count, words) in [
        (ran.stayed, "keep their access with a finding"),
        (ran.escalated, "went to the administrators, because silence may not stop them"),
        (ran.simulated, "would have been cut, and silence is only simulated"),
        (ran.held_back, "were not cut, because the run would have cut too much of production: two people let it go on"),
        (ran.returned, "were with the administrators, and silence may stop them now, after days of their own"),
        (ran.cancelled, "are being stopped already"),
        (ran.failed, "could not be handled and are tried again; the log says why"),
    ] {
        if count > 0 {
            report.say(format!("{} {words}", of(count)));
        }
    }
    Ok(report)
}

/// Whether the job that asks others waits to run, or is running.
fn others_are_asked_first(register: &Register, by: &By) -> Result<bool, ActionError> {
    let mut db = register.database.read()?;
    let (waiting, _) = schedules::due_before(&mut db, Job::EscalateReviews, by.now)?;
    Ok(waiting > 0 || schedules::claimed_run(&mut db, Job::EscalateReviews)?.is_some())
}
