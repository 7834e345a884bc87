//! Drafting a campaign: nothing is asked and nothing is frozen yet.

use crate::actions::reviews::decide::only_people;
use crate::actions::{ActionError, By, FieldError, Register};
use crate::domain::ids::Id;
use crate::domain::reviews::campaigns::{CampaignState, Typed, Wanted, read};
use crate::store::StoreError;
use crate::store::campaigns::{self, Campaign};
use crate::store::types::Doc;

/// Reads what was typed.
///
/// # Errors
/// `Invalid` names every field that is wrong.
pub fn wanted(register: &Register, by: &By, typed: Typed<'_>) -> Result<Wanted, ActionError> {
    read(typed, register.day(by.now)).map_err(|faults| {
        ActionError::Invalid(faults.iter().map(|fault| FieldError::new(fault.field(), fault.to_string())).collect())
    })
}

/// Stores a draft; answers its id.
pub fn make(register: &Register, by: &By, wanted: &Wanted) -> Result<Id, ActionError> {
    by.require_keeper()?;
    let person = only_people(by)?;
    register.change(by, |work| {
        let campaign = Campaign {
            number: 0,
            id: Id::new(),
            name: wanted.name.clone(),
            why: wanted.why.clone(),
            selection: Doc(wanted.selection.clone()),
            state: CampaignState::Draft,
            due_on: wanted.due_on,
            made_by_id: person,
            made_at: by.now,
            opened_by_id: None,
            opened_at: None,
            prepared_at: None,
            ended_at: None,
            ended_by_id: None,
            ended_because: None,
            moved_at: by.now,
            version: 1,
        };
        let stored = campaigns::insert(work.db, &campaign)?;
        work.record("campaign.draft", "campaign", stored.id, None, Some(&stored));
        Ok(stored.id)
    })
}

/// Changes a draft.
///
/// # Errors
/// `Conflict` when it changed since it was shown; `Refused` when it has begun.
pub fn change(register: &Register, by: &By, id: Id, version: i64, wanted: &Wanted) -> Result<(), ActionError> {
    by.require_keeper()?;
    only_people(by)?;
    register.change(by, |work| {
        let before = campaigns::hold(work.db, id)?;
        if before.version != version {
            return Err(StoreError::Conflict.into());
        }
        if before.state != CampaignState::Draft {
            return Err(ActionError::Refused("what a campaign that has begun asks about never changes".to_owned()));
        }
        let after = Campaign {
            name: wanted.name.clone(),
            why: wanted.why.clone(),
            selection: Doc(wanted.selection.clone()),
            due_on: wanted.due_on,
            moved_at: by.now,
            version: before.version + 1,
            ..before.clone()
        };
        campaigns::update(work.db, &after)?;
        work.record("campaign.change", "campaign", id, Some(&before), Some(&after));
        Ok(())
    })
}
