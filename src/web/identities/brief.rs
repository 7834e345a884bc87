//! An identity in a few words, for the pages of systems and vendors.

use super::row::state_kind;
use crate::domain::identities::{OwnerAnswer, state_at, state_words};
use crate::domain::ids::{Id, Moment};
use crate::store::identity_list::IdentityLine;

/// What a short list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    pub id: Id,
    pub name: String,
    /// The kind, and the client id where there is one.
    pub about: String,
    pub environment: &'static str,
    pub state: String,
    pub state_kind: &'static str,
    /// The business owner; empty when there is none or they refused.
    pub owner: String,
}

/// The identity at `now`: an expired one is suspended, whatever a job has done so far.
pub fn brief(line: &IdentityLine, now: Moment) -> Brief {
    let state = state_at(line.state, line.expires_at, line.criticality, now);
    let (words, overrun) = state_words(line.state, line.expires_at, line.criticality, now);
    let refused = line.business_owner_answer == Some(OwnerAnswer::Refused);
    Brief {
        id: line.id,
        name: line.name.clone(),
        about: match &line.client_id {
            Some(client_id) => format!("{}, {client_id}", line.kind),
            None => line.kind.to_string(),
        },
        environment: line.environment.label(),
        state: words,
        state_kind: if overrun { "warn" } else { state_kind(state) },
        owner: line.business_owner_name.clone().filter(|_| !refused).unwrap_or_default(),
    }
}
