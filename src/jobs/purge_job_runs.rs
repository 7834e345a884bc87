//! Removes old runs of jobs from the record, so that it does not grow for ever. What the runs did stands
//! in the audit log and stays there.

use super::counted;
use crate::actions::runs::{self, JobReport, KEPT_DAYS, Lease};
use crate::actions::{ActionError, By, Register};

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let mut removed = 0;
    loop {
        lease.renew(register)?;
        let batch = runs::purge_batch(register, by)?;
        removed += batch;
        if batch == 0 {
            break;
        }
    }
    let mut report = JobReport::default();
    report.say(format!(
        "{} removed",
        counted(removed, &format!("run older than {KEPT_DAYS} days"), &format!("runs older than {KEPT_DAYS} days"))
    ));
    Ok(report)
}
