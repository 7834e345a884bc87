//! Opening a campaign: what it selects now is frozen, whatever matches later.

use super::select::{Chosen, selected};
use crate::actions::reviews::decide::only_people;
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::domain::reviews::campaigns::CampaignState;
use crate::store::StoreError;
use crate::store::campaigns::{self, Campaign, CampaignItem};

/// Freezes what the campaign selects and has it prepared; answers how many items it has.
///
/// # Errors
/// `Refused` when it selects nothing, or its day has passed; `Conflict` when it changed since it was shown.
pub fn open(register: &Register, by: &By, id: Id, version: i64, chosen: &Chosen) -> Result<usize, ActionError> {
    by.require_keeper()?;
    let person = only_people(by)?;
    register.change(by, |work| {
        let before = campaigns::hold(work.db, id)?;
        if before.version != version {
            return Err(StoreError::Conflict.into());
        }
        if before.state != CampaignState::Draft {
            return Err(ActionError::Refused("this campaign has begun already".to_owned()));
        }
        if before.due_on <= register.day(by.now) {
            return Err(ActionError::Refused("its day has passed: choose a later one, then open it".to_owned()));
        }
        let found = selected(work.db, chosen, by.now)?;
        if found.is_empty() {
            return Err(ActionError::Refused("it selects nothing: no campaign is opened about nothing".to_owned()));
        }
        let items: Vec<CampaignItem> = (1_i64..)
            .zip(found)
            .map(|(position, (identity_id, name))| CampaignItem {
                campaign_id: id,
                position,
                identity_id,
                name,
                review_id: None,
                excluded: None,
            })
            .collect();
        campaigns::insert_items(work.db, &items)?;
        let after = Campaign {
            state: CampaignState::Preparing,
            opened_by_id: Some(person),
            opened_at: Some(by.now),
            moved_at: by.now,
            version: before.version + 1,
            ..before.clone()
        };
        campaigns::update(work.db, &after)?;
        let recorded = (
            super::advance::Counted { campaign: &before, items: None },
            super::advance::Counted { campaign: &after, items: Some(items.len()) },
        );
        work.record("campaign.open", "campaign", id, Some(&recorded.0), Some(&recorded.1));
        Ok(items.len())
    })
}
