//! Preparing a campaign that was opened: a review for each item, or the reason why there is none.

use super::select::{days_ago, exclusion};
use crate::actions::reviews::one_by_one::each_by_itself;
use crate::actions::reviews::open::{For, Wanted, open};
use crate::actions::{ActionError, By, Register, Work};
use crate::domain::ids::Id;
use crate::domain::reviews::campaigns::{CampaignState, Excluded, earlier_day, own_day};
use crate::domain::reviews::reasons::Reason;
use crate::store::campaigns::{self, Campaign, CampaignItem};
use crate::store::{identities, identity_parts as parts, reviews};

/// Items prepared in a transaction.
const BATCH: i64 = 500;

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prepared {
    pub asked: usize,
    pub left_out: usize,
    /// They could not be handled; the next run tries again, and until then the campaign is being prepared.
    pub failed: usize,
    /// Nothing was left to prepare, and the campaign has begun, or it is known that nobody is asked.
    pub finished: bool,
}

/// Prepares what is left of a campaign, batch by batch; `renew` is called between them. When nothing is left the
/// campaign becomes active, or it is noted that nothing could be asked.
pub fn all(
    register: &Register,
    by: &By,
    id: Id,
    renew: impl Fn() -> Result<(), ActionError>,
) -> Result<Prepared, ActionError> {
    by.require_keeper()?;
    let mut all = Prepared::default();
    let mut after = 0;
    loop {
        renew()?;
        let items = campaigns::to_prepare(&mut *register.database.read()?, id, after, BATCH)?;
        let Some(last) = items.last() else { break };
        after = last.position;
        let tried = each_by_itself(
            &items,
            |item| item.identity_id.to_string(),
            |items| register.change(by, |work| some(work, register, id, &items)),
        )?;
        all.failed += tried.failed;
        for (asked, left_out) in tried.done {
            all.asked += asked;
            all.left_out += left_out;
        }
    }
    all.finished = register.change(by, |work| finish(work, id))?;
    Ok(all)
}

/// Prepares some items in one transaction; answers how many are asked about and how many are left out.
fn some(
    work: &mut Work<'_>,
    register: &Register,
    id: Id,
    wanted: &[CampaignItem],
) -> Result<(usize, usize), ActionError> {
    let campaign = campaigns::hold(work.db, id)?;
    let Some(first) = wanted.first().filter(|_| campaign.state == CampaignState::Preparing) else { return Ok((0, 0)) };
    // Another worker may have been faster with some of them.
    let limit = i64::try_from(wanted.len()).unwrap_or(BATCH);
    let mut items = campaigns::to_prepare(work.db, id, first.position - 1, limit)?;
    items.retain(|item| wanted.iter().any(|one| one.position == item.position));
    let today = register.day(work.by.now);
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
            None => wanted.push(Wanted { identity: id, reasons: vec![Reason::campaign(campaign.id, &campaign.name)] }),
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
    Ok((outcome.reviews.len(), settled.iter().filter(|item| item.excluded.is_some()).count()))
}

/// Ends the preparation when nothing is left of it; answers whether it did. Where the tiers of everything in it ask for
/// an earlier answer than the campaign does, its day becomes the last of theirs, and the log says which was asked for.
fn finish(work: &mut Work<'_>, id: Id) -> Result<bool, ActionError> {
    let before = &campaigns::hold(work.db, id)?;
    if before.state != CampaignState::Preparing || !campaigns::to_prepare(work.db, id, 0, 1)?.is_empty() {
        return Ok(false);
    }
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
            due_on: own_day(before.due_on, campaigns::latest_due(work.db, before.id)?),
            prepared_at: Some(work.by.now),
            moved_at: work.by.now,
            version: before.version + 1,
            ..before.clone()
        }
    };
    campaigns::update(work.db, &after)?;
    let action = if asked == 0 { "campaign.fail" } else { "campaign.begin" };
    let because = (after.due_on < before.due_on).then(|| earlier_day(before.due_on, after.due_on));
    work.record_because(action, "campaign", after.id, because.as_deref(), Some(before), Some(&after));
    Ok(true)
}
