//! Cancelling a campaign: what was answered stays as it is, and what is due by itself is still asked.

use crate::actions::reviews::apply;
use crate::actions::reviews::decide::only_people;
use crate::actions::reviews::load::Loaded;
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::domain::life_cycle::parse_reason;
use crate::domain::reviews::ReviewState;
use crate::domain::reviews::campaigns::{CampaignState, Excluded};
use crate::domain::reviews::reasons::ReviewCause;
use crate::store::StoreError;
use crate::store::campaigns::{self, Campaign, CampaignItem};
use crate::store::reviews::Review;

/// Why a review is cancelled that only a campaign asked for.
pub const WITH_ITS_CAMPAIGN: &str = "the campaign that asked was cancelled";

/// Items looked at at a time.
const CHUNK: i64 = 500;

/// Cancels a campaign. Reviews that only it asked for are cancelled too; those that are due by themselves go on.
///
/// # Errors
/// `Invalid` without a reason; `Refused` when it has ended; `Conflict` when it changed since it was shown.
pub fn cancel(register: &Register, by: &By, id: Id, version: i64, reason: &str) -> Result<(), ActionError> {
    by.require_keeper()?;
    let person = only_people(by)?;
    let reason = parse_reason(reason).map_err(|error| ActionError::field("reason", error.to_string()))?;
    register.change(by, |work| {
        let before = campaigns::hold(work.db, id)?;
        if before.version != version {
            return Err(StoreError::Conflict.into());
        }
        if before.state.has_ended() {
            return Err(ActionError::Refused("this campaign has ended".to_owned()));
        }
        let after = Campaign {
            state: CampaignState::Cancelled,
            ended_at: Some(by.now),
            ended_by_id: Some(person),
            ended_because: Some(reason.clone()),
            moved_at: by.now,
            version: before.version + 1,
            ..before.clone()
        };
        campaigns::update(work.db, &after)?;
        work.record_because("campaign.cancel", "campaign", id, Some(&reason), Some(&before), Some(&after));
        let mut place = 0;
        loop {
            let items = campaigns::items(work.db, id, place, CHUNK)?;
            let Some(last) = items.last() else { break };
            place = last.position;
            for item in &items {
                let Some(review) = item.review_id else {
                    if item.excluded.is_none() {
                        let settled = CampaignItem { excluded: Some(Excluded::NotAnswered), ..item.clone() };
                        campaigns::settle_item(work.db, &settled)?;
                    }
                    continue;
                };
                let loaded = Loaded::held(work.db, register, review, by.now)?;
                let only_this = loaded.reasons.iter().all(|reason| reason.cause == ReviewCause::Campaign);
                if loaded.review.state != ReviewState::Open {
                    continue;
                }
                if only_this {
                    apply::cancel(work, &loaded, WITH_ITS_CAMPAIGN)?;
                } else {
                    // Another campaign may ask about it.
                    let freed =
                        Review { campaign_id: None, version: loaded.review.version + 1, ..loaded.review.clone() };
                    apply::store(work, "review.leave_campaign", &loaded.review, &freed)?;
                }
            }
        }
        Ok(())
    })
}
