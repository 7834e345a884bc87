//! Prepares campaigns that were opened, and notes when they are overdue, answered and closed.

use super::{counted, say_failed};
use crate::actions::campaigns::{advance, prepare};
use crate::actions::reviews::one_by_one::each_by_itself;
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::domain::reviews::campaigns::CampaignState;
use crate::store::campaigns;

/// Campaigns read at a time.
const CHUNK: i64 = 100;

/// Runs the job at `by.now`. One campaign that cannot be handled holds up no other, and neither does one item.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let (mut asked, mut left_out, mut moved, mut failed) = (0, 0, 0, 0);
    let states = [CampaignState::Preparing, CampaignState::Active, CampaignState::Overdue, CampaignState::Remediating];
    let mut before = None;
    lease.renew(register)?;
    loop {
        let found = campaigns::list(&mut *register.database.read()?, &states, before, CHUNK)?;
        let Some(last) = found.last() else { break };
        before = Some(last.number);
        for campaign in &found {
            if campaign.state == CampaignState::Preparing {
                let tried = each_by_itself(&[campaign.id], Id::to_string, |_| {
                    prepare::all(register, by, campaign.id, || lease.renew(register))
                })?;
                failed += tried.failed;
                for done in tried.done {
                    asked += done.asked;
                    left_out += done.left_out;
                    failed += done.failed;
                    moved += usize::from(done.finished);
                }
            }
            lease.renew(register)?;
            let tried = each_by_itself(&[campaign.id], Id::to_string, |_| advance::advance(register, by, campaign.id))?;
            moved += tried.done.iter().flatten().count();
            failed += tried.failed;
        }
    }
    let mut report = JobReport::default();
    report.say(format!("{} moved on", counted(moved, "campaign", "campaigns")));
    if asked + left_out > 0 {
        report.say(format!("{} asked about, {left_out} left out", counted(asked, "identity", "identities")));
    }
    say_failed(&mut report, failed);
    Ok(report)
}
