//! Asks whoever answers for an identity whether it is still needed: when its clock runs out, and early when something
//! happened to it.
//!
//! First it sets the clock of everything that works and has none, or one that runs longer than its tier allows, and
//! notes owners who left and contracts that end. What others noted (a scope that is new, a key, another owner) waits
//! already. Nobody is asked twice at once about one identity: a reason that comes later joins the review that is open.

use super::{counted, say_failed};
use crate::actions::reviews::open::{self, Opened};
use crate::actions::reviews::{moving, wind};
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};
use crate::domain::reaching::IdentityTier;

/// Runs the job at `by.now`. One that cannot be handled holds up no other.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let (mut wound, mut failed) = (0, 0);
    for tier in IdentityTier::ALL {
        let done = wind::all(register, by, *tier, || lease.renew(register))?;
        wound += done.wound;
        failed += done.failed;
    }
    lease.renew(register)?;
    failed += wind::note_leavers(register, by)?;
    failed += wind::note_ending_contracts(register, by)?;
    let mut all = Opened::default();
    let mut place = None;
    loop {
        lease.renew(register)?;
        let batch = open::due_batch(register, by, place.as_ref())?;
        place = batch.next.clone();
        all = all.and(batch);
        if place.is_none() {
            break;
        }
    }
    let mut after = None;
    loop {
        lease.renew(register)?;
        let (batch, next) = open::reasons_batch(register, by, after)?;
        all = all.and(batch);
        after = next;
        if after.is_none() {
            break;
        }
    }
    lease.renew(register)?;
    let looked = moving::look_again(register, by)?;
    failed += looked.failed + all.failed;
    let mut report = report(wound, looked.found, &all);
    say_failed(&mut report, failed);
    Ok(report)
}

fn report(wound: usize, found: usize, all: &Opened) -> JobReport {
    let mut report = JobReport::default();
    report.say(format!("{} opened", counted(all.opened, "review", "reviews")));
    if wound > 0 {
        report.say(format!("{} set", counted(wound, "clock", "clocks")));
    }
    if found > 0 {
        report.say(format!("Somebody can be asked again about {}", counted(found, "identity", "identities")));
    }
    if all.joined > 0 {
        report.say(format!("{} added to reviews that are open", counted(all.joined, "reason", "reasons")));
    }
    if all.to_group > 0 {
        let verb = if all.to_group == 1 { "goes" } else { "go" };
        report.say(format!(
            "{} {verb} to the security analysts, because nobody who answers for them can act",
            counted(all.to_group, "of them", "of them")
        ));
    }
    if all.nobody > 0 {
        report.say(format!(
            "About {} nobody can be asked: the administrators have a task, and a finding stands",
            counted(all.nobody, "identity", "identities")
        ));
    }
    if all.ended > 0 {
        report.say(format!(
            "{} not asked about, because they work no longer",
            counted(all.ended, "identity was", "identities were")
        ));
    }
    report
}
