//! Does what the rules say about reviews that nobody answered. It cuts nothing while silence is only simulated, and
//! stops before it cuts more than the set share of what works or may work in production. Nor does it cut what others
//! are to be asked about first, what had its days while nothing ran, or anything while no mail leaves.

use super::counted;
use crate::actions::reviews::silence;
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};

/// What is said of those that a stopped run holds back.
const STOPPED: &str = "were not cut, because the run would have cut too much of what works or may work in production: \
                       two people let it go on";

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let mut report = JobReport::default();
    let ran = silence::run(register, by, || lease.renew(register))?;
    let of = |count: usize| counted(count, "identity", "identities");
    report.say(format!("{} suspended, {} revoked", of(ran.suspended), ran.revoked));
    for (count, words) in [
        (ran.stayed, "keep their access with a finding"),
        (ran.escalated, "went to the administrators, because silence may not stop them"),
        (ran.simulated, "would have been cut, and silence is only simulated"),
        (ran.held_back, STOPPED),
        (ran.returned, "were with the administrators, and silence may stop them now, after days of their own"),
        (ran.waiting, "not cut, because others are to be asked about them first"),
        (ran.nobody_asked, "not cut, because nobody is asked about them: somebody has to be found first"),
        (ran.untold, "not cut, because no mail has left for a day: whoever is asked may not know"),
        (ran.put_off, "got more days to be answered, because silence was not counted for a while"),
        (ran.cancelled, "are being stopped already"),
        (ran.failed, "could not be handled and are tried again; the log says why"),
    ] {
        if count > 0 {
            report.say(format!("{} {words}", of(count)));
        }
    }
    Ok(report)
}
