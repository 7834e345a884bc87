//! Lets decisions of reviews take effect when nobody can correct them any more, or on their day; and ends reviews of
//! what is being stopped, about which nobody has anything to decide.

use super::counted;
use crate::actions::reviews::apply;
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let (mut kept, mut narrowed, mut revoked) = (0, 0, 0);
    let mut cancelled = apply::end_without_question(register, by)?;
    loop {
        lease.renew(register)?;
        let batch = apply::batch(register, by)?;
        kept += batch.kept;
        narrowed += batch.narrowed;
        revoked += batch.revoked;
        cancelled += batch.cancelled;
        if !batch.more {
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
    if cancelled > 0 {
        let many = "reviews were ended, because the identity is being stopped";
        report.say(counted(cancelled, "review was ended, because the identity is being stopped", many));
    }
    Ok(report)
}
