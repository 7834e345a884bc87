//! Noting how far campaigns have come.

use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::domain::reviews::campaigns::{CampaignState, state_of};
use crate::store::campaigns::{self, Campaign};

/// A campaign as the audit log keeps it, with how many items it was opened with.
#[derive(Debug, serde::Serialize)]
pub struct Counted<'a> {
    #[serde(flatten)]
    pub campaign: &'a Campaign,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
}

/// Notes the state of a campaign that runs; answers it when it changed.
pub fn advance(register: &Register, by: &By, id: Id) -> Result<Option<CampaignState>, ActionError> {
    by.require_keeper()?;
    let today = register.day(by.now);
    // Looked at without a lock first: most looks find nothing.
    {
        let mut db = register.database.read()?;
        let known = campaigns::find(&mut db, id)?;
        if !known.state.runs() || state_of(campaigns::counts(&mut db, id)?, known.due_on, today) == known.state {
            return Ok(None);
        }
    }
    register.change(by, |work| {
        let before = campaigns::hold(work.db, id)?;
        let state = state_of(campaigns::counts(work.db, id)?, before.due_on, today);
        if !before.state.runs() || state == before.state {
            return Ok(None);
        }
        let after = Campaign {
            state,
            ended_at: (state == CampaignState::Closed).then_some(by.now),
            moved_at: by.now,
            version: before.version + 1,
            ..before.clone()
        };
        campaigns::update(work.db, &after)?;
        work.record("campaign.advance", "campaign", id, Some(&before), Some(&after));
        Ok(Some(state))
    })
}
