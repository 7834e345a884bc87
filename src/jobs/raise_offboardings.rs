//! Raises the tasks of stopping identities: expiry passed, the vendor's contract ended, both owners
//! gone, or being revoked. A task stops nothing by itself, so clinically critical ones are raised too.
//!
//! A contract holds through its last day. Both owners are gone when one at least has left and the other
//! has left, refused or was never named; two who merely refused are a missing owner, which the list of
//! identities shows, and no reason to stop anything.

use super::{Raised, counted, raise_all, say_group};
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};
use crate::domain::tasks::TaskCause;

/// The causes, in the order in which they are looked for, and how the report names them.
const CAUSES: [(TaskCause, &str); 4] = [
    (TaskCause::Expired, "whose expiry has passed"),
    (TaskCause::ContractEnded, "whose vendor\u{2019}s contract has ended"),
    (TaskCause::OwnersGone, "whose owners are gone"),
    (TaskCause::Revoking, "being revoked"),
];

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let mut report = JobReport::default();
    let mut all = Raised::default();
    let mut lines = Vec::new();
    for (cause, words) in CAUSES {
        let raised = raise_all(register, by, lease, cause)?;
        if raised.raised > 0 {
            lines.push(format!("{} {words}", counted(raised.raised, "identity", "identities")));
        }
        all.raised += raised.raised;
        all.to_group += raised.to_group;
        all.clinical += raised.clinical;
        all.nobody_told |= raised.nobody_told;
    }
    report.say(format!("{} raised", counted(all.raised, "offboarding", "offboardings")));
    for line in lines {
        report.say(line);
    }
    if all.clinical > 0 {
        report.say(format!(
            "{} about identities that care depends on",
            counted(all.clinical, "of them is", "of them are")
        ));
    }
    say_group(&mut report, all);
    Ok(report)
}
