//! Adding what somebody knows to a review that has not ended: before it is decided for whoever decides, and afterwards
//! for whoever looks whether it was done. It decides nothing and proves nothing, and no decision that is being written
//! is refused for it: neither the version of the review nor the wording that is decided about changes.

use super::decide::only_people;
use super::load::Loaded;
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::domain::people::Role;
use crate::domain::permissions::{Permission, allows};
use crate::domain::reviews::notes::{self, MOST, NoNote, NoteFault};
use crate::store::review_notes::{self, ReviewNote};

/// The field of the form.
pub const FIELD: &str = "note";

/// Whether somebody may add a note: whoever was asked about it, owns the identity or stands in for its owner, and
/// whoever keeps the register.
///
/// # Errors
/// Why they may not.
pub fn may_note(loaded: &Loaded, by: &By) -> Result<(), NoNote> {
    let Some(person) = by.person else { return Err(NoNote::Other) };
    let identity = &loaded.identity;
    let owns = [identity.business_owner_id, identity.technical_owner_id].contains(&Some(person))
        || loaded.reviewers().deputy.is_some_and(|deputy| deputy.person == person);
    let was_asked = loaded.tasks.iter().any(|task| task.assignee_id == Some(person));
    if by.role == Role::Auditor || !(owns || was_asked || allows(Some(by.role), Permission::KeepRegister)) {
        return Err(NoNote::Other);
    }
    if loaded.review.state.has_ended() { Err(NoNote::Ended) } else { Ok(()) }
}

/// Adds a note; answers its id. The same text sent twice running is one note.
///
/// # Errors
/// `Refused` for whoever adds none, and once the review has ended; `Invalid` names what is wrong with the
/// text.
pub fn add(register: &Register, by: &By, review: Id, text: &str) -> Result<Id, ActionError> {
    let person = only_people(by)?;
    let fault = |fault: NoteFault| ActionError::field(FIELD, fault.to_string());
    register.change(by, |work| {
        let loaded = Loaded::held(work.db, register, review, by.now)?;
        may_note(&loaded, by).map_err(|why| ActionError::Refused(why.to_string()))?;
        let says = notes::read(text).map_err(fault)?;
        let known = review_notes::about(work.db, review, i64::try_from(MOST).unwrap_or(i64::MAX))?;
        if let Some(same) = known.iter().find(|note| note.by_id == person).filter(|note| note.says == says) {
            return Ok(same.id);
        }
        if known.len() >= MOST {
            return Err(fault(NoteFault::TooMany));
        }
        let note = ReviewNote { id: Id::new(), review_id: review, by_id: person, says, at: by.now };
        review_notes::insert(work.db, &note)?;
        work.record("review.note", "review", review, None, Some(&note));
        Ok(note.id)
    })
}
