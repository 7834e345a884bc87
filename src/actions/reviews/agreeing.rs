//! Another administrator agrees that silence counts: who is nobody's puppet, and read what it would do today.

use super::counting::{administrator, require_simulated, store, waiting};
use super::silence::today::today;
use super::two_people;
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::domain::people::Role;
use crate::domain::reviews::silence::ProposalState;
use crate::domain::reviews::two_people::{AGREE_WITHIN_DAYS, has_lapsed, read_reason};
use crate::store::silence_proposals::SilenceProposal;
use crate::store::{StoreError, people};

/// What somebody agrees to, as the page showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    pub proposal: Id,
    pub version: i64,
    /// How many identities the page said a run of that day would take something away from.
    pub would_lose: i64,
    pub reason: String,
}

/// Another administrator agrees: silence counts from now on.
///
/// # Errors
/// `Invalid` without a reason of some words. `Refused` for whoever proposed it, for an account that is younger than the
/// proposal or that one of the two made, when whoever proposed it is no administrator any more, after 30 days, and
/// before a run has simulated it.
/// `Conflict` when the proposal changed since it was shown, and when more would lose something than was shown.
pub fn agree(register: &Register, by: &By, said: &Agreement) -> Result<(), ActionError> {
    let person = administrator(by)?;
    let reason = read_reason(&said.reason).map_err(|error| ActionError::field("reason", error))?;
    register.change(by, |work| {
        work.require_administrator()?;
        let before = waiting(work, said.proposal, said.version)?;
        if before.proposed_by_id == person {
            return Err(ActionError::Refused(
                "you proposed it yourself; another administrator has to agree".to_owned(),
            ));
        }
        let first = people::account(work.db, before.proposed_by_id)?;
        if !first.is_some_and(|account| account.role == Role::Administrator && account.disabled_at.is_none()) {
            return Err(ActionError::Refused(
                "whoever proposed it is no administrator any more; withdraw it and propose it anew".to_owned(),
            ));
        }
        if has_lapsed(before.proposed_at, by.now) {
            return Err(ActionError::Refused(format!(
                "nobody agreed within {AGREE_WITHIN_DAYS} days; take it back, read who would lose what now, and \
                 propose it anew"
            )));
        }
        require_simulated(work.db)?;
        two_people::are_two(work.db, before.proposed_by_id, person, before.proposed_at)?;
        if today(work.db, register, by.now)?.identities > said.would_lose {
            return Err(StoreError::Conflict.into());
        }
        let after = SilenceProposal {
            state: ProposalState::Agreed,
            agreed_by_id: Some(person),
            agreed_at: Some(by.now),
            version: before.version + 1,
            ..before.clone()
        };
        store(work, "silence.count", Some(&reason), &before, &after)
    })
}
