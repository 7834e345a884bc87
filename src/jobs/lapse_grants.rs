//! Writes down that nobody finished what was asked for or approved within its days. It holds from its end
//! on, whether this runs or not.

use super::counted;
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register, grants};

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let mut lapsed = 0;
    loop {
        lease.renew(register)?;
        let (some, more) = grants::lapse(register, by)?;
        lapsed += some;
        if !more {
            break;
        }
    }
    let mut report = JobReport::default();
    report.say(format!("{} lapsed", counted(lapsed, "grant", "grants")));
    Ok(report)
}
