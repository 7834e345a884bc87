//! Prepares campaigns that were opened, and notes when they are overdue, answered and closed.

use super::counted;
use crate::actions::campaigns::{advance, prepare};
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};
use crate::domain::reviews::campaigns::CampaignState;
use crate::store::campaigns;

/// Campaigns read at a time.
const CHUNK: i64 = 100;

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let (mut asked, mut left_out, mut moved) = (0, 0, 0);
    let states = [CampaignState::Preparing, CampaignState::Active, CampaignState::Overdue, CampaignState::Remediating];
    let mut before = None;
    lease.renew(register)?;
    loop {
        let found = campaigns::list(&mut *register.database.read()?, &states, before, CHUNK)?;
        let Some(last) = found.last() else { break };
        before = Some(last.number);
        for campaign in &found {
            if campaign.state == CampaignState::Preparing {
                loop {
                    lease.renew(register)?;
                    let batch = prepare::batch(register, by, campaign.id)?;
                    asked += batch.asked;
                    left_out += batch.left_out;
                    if batch.finished {
                        break;
                    }
                }
                moved += 1;
            }
            lease.renew(register)?;
            moved += usize::from(advance::advance(register, by, campaign.id)?.is_some());
        }
    }
    let mut report = JobReport::default();
    report.say(format!("{} moved on", counted(moved, "campaign", "campaigns")));
    if asked + left_out > 0 {
        report.say(format!("{} asked about, {left_out} left out", counted(asked, "identity", "identities")));
    }
    Ok(report)
}
