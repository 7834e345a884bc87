//! Requests: asked, decided stage by stage, taking effect when minds can no longer be changed, issued by
//! somebody else. [`settle`] and [`issue`] are the only ways onto the list of approved scopes and, beside
//! grants, to an active identity; the database lets nothing else through.

mod ask;
mod ceiling;
mod confirm;
mod decide;
pub mod facts;
pub mod history;
mod issue;
mod load;
mod once;
mod register;
mod settle;
mod stages;
mod sweep;
mod use_change;
mod withdraw;

pub use ask::{Asking, Preview, ask, preview, preview_of};
pub use ceiling::{beyond_end, check_within, holds_environment};
pub use confirm::confirm;
pub use decide::{Reply, Undo, decide, undo};
pub use issue::{Issued, issue};
pub use load::{Loaded, asks, load, may_ask};
pub use register::{NO_PURPOSE, Registering, register, starting};
pub use settle::apply;
pub use stages::reassign;
pub use sweep::{Swept, sweep};
pub use use_change::{outdated, use_changed};
pub use withdraw::withdraw;

use super::{ActionError, FieldError};
use crate::domain::audit::ActorKind;
use crate::domain::identities::IdentityState;
use crate::domain::requests::RequestError;
use crate::domain::requests::asking::AskFault;
use crate::store::identities::Identity;

fn refused(error: &impl ToString) -> ActionError {
    ActionError::Refused(error.to_string())
}

fn faults(faults: &[AskFault]) -> ActionError {
    ActionError::Invalid(faults.iter().map(|fault| FieldError::new(fault.field(), fault.to_string())).collect())
}

/// Only people decide, issue and take back; no job, no command and no program does.
fn person(by: &super::By) -> Result<crate::domain::ids::Id, ActionError> {
    match (by.kind, by.person) {
        (ActorKind::Person, Some(person)) => Ok(person),
        _ => Err(ActionError::Forbidden),
    }
}

/// Refuses what is asked or decided about an identity that is going or gone.
fn check_living(identity: &Identity) -> Result<(), ActionError> {
    match identity.state {
        IdentityState::Revoking | IdentityState::Revoked => {
            Err(refused(&RequestError::IdentityGone(identity.state.label())))
        }
        _ => Ok(()),
    }
}
