//! What happens to requests by themselves: what was approved takes effect when minds can no longer be
//! changed, what nobody decided expires, and what nobody answered in time goes to somebody else.

use super::counted;
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register, requests};

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let swept = requests::sweep(register, by, || lease.renew(register))?;
    let mut report = JobReport::default();
    report.say(format!("{} took effect", counted(swept.applied, "request", "requests")));
    for (count, words) in [
        (swept.expired, "expired, because nobody decided in time"),
        (swept.moved, "went to somebody else to be decided"),
        (swept.changed_meanwhile, "changed meanwhile and will be looked at again"),
        (swept.failed, "could not go on; the log says why"),
    ] {
        if count > 0 {
            report.say(format!("{} {words}", counted(count, "request", "requests")));
        }
    }
    Ok(report)
}
