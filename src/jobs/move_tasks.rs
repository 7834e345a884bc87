//! Moves the open tasks of people who have left, or whose account is disabled, to whoever would get them
//! if they were raised now: the business owner, the deputy, the technical owner, the security analysts.

use super::{Raised, counted, say_group};
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register, move_tasks};

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let mut all = Raised::default();
    let (mut closed, mut changed_meanwhile) = (0, 0);
    loop {
        lease.renew(register)?;
        let batch = move_tasks::batch(register, by)?;
        all.raised += batch.moved;
        all.to_group += batch.to_group;
        all.nobody_told |= batch.nobody_told;
        closed += batch.closed;
        changed_meanwhile += batch.changed_meanwhile;
        if !batch.more {
            break;
        }
    }
    let mut report = JobReport::default();
    report.say(format!("{} moved", counted(all.raised, "task", "tasks")));
    say_group(&mut report, all);
    if closed > 0 {
        report.say(format!(
            "{} closed, because whoever was named has left",
            counted(closed, "question about ownership", "questions about ownership")
        ));
    }
    if changed_meanwhile > 0 {
        report.say(format!(
            "{} changed meanwhile and left for the next run",
            counted(changed_meanwhile, "task", "tasks")
        ));
    }
    Ok(report)
}
