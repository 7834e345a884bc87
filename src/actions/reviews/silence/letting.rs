//! Letting a stopped run go on: two people, each of whom read the same set.

use crate::actions::reviews::decide::only_people;
use crate::actions::reviews::two_people;
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::domain::reviews::silence::StopState;
use crate::domain::reviews::two_people::read_reason;
use crate::store::StoreError;
use crate::store::silence_stops::{self, SilenceStop};

/// One of two people lets a stopped run go on; with the second it does at the next run, and only what it names.
///
/// # Errors
/// `Invalid` without a reason of some words; `Refused` for whoever agreed already, for an account that is younger than
/// the stop or that one of the two made, and while an earlier one that two people let go has not gone yet; `Conflict`
/// when it changed since it was shown.
pub fn agree(register: &Register, by: &By, id: Id, version: i64, reason: &str) -> Result<(), ActionError> {
    by.require_keeper()?;
    let person = only_people(by)?;
    let reason = read_reason(reason).map_err(|error| ActionError::field("reason", error))?;
    register.change(by, |work| {
        let waiting = silence_stops::in_state(work.db, StopState::Stopped)?;
        let before = waiting.filter(|stop| stop.id == id).ok_or(StoreError::Conflict)?;
        if before.version != version {
            return Err(StoreError::Conflict.into());
        }
        let mut after = SilenceStop { version: before.version + 1, ..before.clone() };
        match before.first_by_id {
            None => {
                two_people::was_there(work.db, person, before.stopped_at)?;
                after.first_by_id = Some(person);
                after.reason = Some(reason.clone());
            }
            Some(first) if first == person => {
                return Err(ActionError::Refused(
                    "you agreed already; more than one identity is stopped by two people".to_owned(),
                ));
            }
            Some(_) if silence_stops::in_state(work.db, StopState::Agreed)?.is_some() => {
                return Err(ActionError::Refused(
                    "what two people let go before has not gone yet; agree after the next run".to_owned(),
                ));
            }
            Some(first) => {
                two_people::are_two(work.db, first, person, before.stopped_at)?;
                after.second_by_id = Some(person);
                after.state = StopState::Agreed;
            }
        }
        silence_stops::update(work.db, &after)?;
        work.record_because("silence.agree", "silence_stop", id, Some(&reason), Some(&before), Some(&after));
        Ok(())
    })
}
