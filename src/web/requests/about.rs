//! What was asked for an identity, on its page: what is the ceiling now, what waits, and whether the reader may ask.

use crate::actions::requests;
use crate::actions::{By, Register};
use crate::domain::identities::IdentityState;
use crate::domain::ids::{Id, Moment};
use crate::domain::requests::reference;
use crate::store::identities::Identity;
use crate::store::requests as stored;
use crate::store::{Db, StoreError};
use crate::web::show;

/// Requests that are listed; the others are in the list of requests.
const LISTED: usize = 5;

/// What was asked for an identity.
#[derive(Debug, Default)]
pub struct About {
    pub id: Option<Id>,
    /// The reader may ask for a change.
    pub may_ask: bool,
    /// The newest: address, title, one line, tag and state.
    pub rows: Vec<(String, String, String, &'static str, &'static str)>,
    pub more: usize,
    /// The approval that stands was given for another purpose or basis; empty where it was not.
    pub outdated: String,
}

/// Reads it.
pub fn of(
    db: &mut Db,
    register: &Register,
    identity: &Identity,
    by: &By,
    tz: chrono_tz::Tz,
    now: Moment,
) -> Result<About, StoreError> {
    let found = stored::about(db, identity.id)?;
    let gone = matches!(identity.state, IdentityState::Revoking | IdentityState::Revoked);
    let may_ask = !gone && by.token.is_none() && requests::asks(db, register, identity, by)?;
    let rows = found
        .iter()
        .take(LISTED)
        .map(|request| {
            let state = request.state_at(now);
            (
                format!("/requests/{}", request.id),
                format!("{}: {}", reference(request.number), request.kind.label().to_lowercase()),
                format!("Asked {}. {}", show::day(request.sent_at, tz), request.reason),
                super::tag(state),
                state.label(),
            )
        })
        .collect();
    let outdated = match requests::outdated(db, identity)? {
        Some(approval) => format!(
            "What it may do was approved with {} for another purpose or access basis than stands here now. It has to be asked for anew.",
            reference(approval.number)
        ),
        None => String::new(),
    };
    Ok(About { id: Some(identity.id), may_ask, rows, more: found.len().saturating_sub(LISTED), outdated })
}
