//! Preparing a campaign that was opened: a review for each item, or the reason why there is none.

use super::select::{days_ago, exclusion};
use crate::actions::reviews::open::{For, Wanted, open};
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::domain::reviews::campaigns::{CampaignState, Excluded};
use crate::domain::reviews::reasons::Reason;
use crate::store::campaigns::{self, Campaign, CampaignItem};
use crate::store::{identities, identity_parts as parts, reviews};

/// Items prepared in a transaction.
const BATCH: i64 = 500;

/// What a batch did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Batch {
    pub asked: usize,
    pub left_out: usize,
    /// Nothing was left to prepare.
    pub finished: bool,
}

/// Prepares the next items. The last batch makes the campaign active, or notes that nothing could be asked.
pub fn batch(register: &Register, by: &By, id: Id) -> Result<Batch, ActionError> {
    by.require_keeper()?;
    register.change(by, |work| {
        let campaign = campaigns::hold(work.db, id)?;
        if campaign.state != CampaignState::Preparing {
            return Ok(Batch { finished: true, ..Batch::default() });
        }
        let items = campaigns::to_prepare(work.db, id, BATCH)?;
        let today = register.day(by.now);
        let lately = days_ago(today, register.deployment.reviews.lately_days);
        let ids: Vec<Id> = {
            let mut ids: Vec<Id> = items.iter().map(|item| item.identity_id).collect();
            ids.sort_unstable();
            ids
        };
        let about = identities::hold_many(work.db, &ids)?;
        let live = reviews::live_of(work.db, &ids)?;
        let last = reviews::last_decided(work.db, &ids)?;
        let lists = parts::scopes_of(work.db, &ids)?;
        let mut wanted = Vec::new();
        let mut settled: Vec<CampaignItem> = Vec::new();
        for item in &items {
            let id = item.identity_id;
            let why = match about.iter().find(|identity| identity.id == id) {
                None => Some(Excluded::Gone),
                Some(identity) => exclusion(
                    identity,
                    live.iter().find(|review| review.identity_id == id),
                    last.iter().find(|review| review.identity_id == id),
                    &lists,
                    lately,
                    register,
                ),
            };
            match why {
                Some(why) => settled.push(CampaignItem { excluded: Some(why), ..item.clone() }),
                None => {
                    wanted.push(Wanted { identity: id, reasons: vec![Reason::campaign(campaign.id, &campaign.name)] })
                }
            }
        }
        let due_on = campaign.due_on.max(today);
        let outcome = open(work, register, wanted, Some(For { campaign: id, due_on }))?;
        for item in &items {
            if let Some(review) = outcome.reviews.get(&item.identity_id) {
                settled.push(CampaignItem { review_id: Some(review.id), ..item.clone() });
            }
        }
        for item in &settled {
            campaigns::settle_item(work.db, item)?;
        }
        let mut batch = Batch {
            asked: outcome.reviews.len(),
            left_out: settled.iter().filter(|item| item.excluded.is_some()).count(),
            finished: i64::try_from(items.len()) != Ok(BATCH),
        };
        if batch.finished {
            finish(work, &campaign)?;
            batch.finished = true;
        }
        Ok(batch)
    })
}

fn finish(work: &mut crate::actions::Work<'_>, before: &Campaign) -> Result<(), ActionError> {
    let counts = campaigns::counts(work.db, before.id)?;
    let asked = counts.open + counts.decided + counts.remediating + counts.closed + counts.cancelled;
    let after = if asked == 0 {
        Campaign {
            state: CampaignState::Failed,
            ended_at: Some(work.by.now),
            ended_because: Some("everything that it selected was left out, so nobody is asked".to_owned()),
            moved_at: work.by.now,
            version: before.version + 1,
            ..before.clone()
        }
    } else {
        Campaign {
            state: CampaignState::Active,
            prepared_at: Some(work.by.now),
            moved_at: work.by.now,
            version: before.version + 1,
            ..before.clone()
        }
    };
    campaigns::update(work.db, &after)?;
    let action = if asked == 0 { "campaign.fail" } else { "campaign.begin" };
    work.record(action, "campaign", after.id, Some(before), Some(&after));
    Ok(())
}
