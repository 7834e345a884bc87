//! Taking a request back: whoever asked, for whom it was asked, and who keeps the register.

use super::load::load_held;
use super::{decide, refused, stages};
use crate::actions::{ActionError, By, Register};
use crate::domain::audit::ActorKind;
use crate::domain::ids::Id;
use crate::domain::life_cycle::parse_reason;
use crate::domain::requests::people as rules;
use crate::domain::requests::{RequestError, RequestKind, RequestState};
use crate::domain::tasks::TaskAnswer;
use crate::store::StoreError;
use crate::store::requests;

/// Takes a request back, with the reason in words.
///
/// # Errors
/// `Forbidden` for anybody else, `Conflict` when it moved since `version` was read, `Refused` when nothing
/// waits any more.
pub fn withdraw(register: &Register, by: &By, request: Id, version: i64, reason: &str) -> Result<(), ActionError> {
    if !matches!(by.kind, ActorKind::Person | ActorKind::ApiToken) {
        return Err(ActionError::Forbidden);
    }
    let reason = parse_reason(reason).map_err(|error| ActionError::field("reason", error.to_string()))?;
    register.change(by, |work| {
        let loaded = load_held(work.db, register, request, by.now)?;
        let asked = [Some(loaded.request.requester_id), loaded.request.requester_for_id].contains(&by.person);
        let human = loaded.human(by).ok_or(ActionError::Forbidden)?;
        // A token that files requests takes back what its creator asked, and nothing else.
        if !rules::withdraw(&loaded.parts(), &human) || (by.token.is_some() && !asked) {
            return Err(ActionError::Forbidden);
        }
        if loaded.request.version != version {
            return Err(StoreError::Conflict.into());
        }
        let state = loaded.request.state_at(by.now);
        if !state.is_pending() {
            return Err(refused(&RequestError::NotOpen(state)));
        }
        let mut after = loaded.request.clone();
        after.state = RequestState::Withdrawn;
        after.moved_at = by.now;
        after.version += 1;
        requests::update(work.db, &after)?;
        work.record_because("request.withdraw", "request", request, Some(&reason), Some(&loaded.request), Some(&after));
        stages::close_all(work, request, TaskAnswer::Obsolete, "the request was taken back")?;
        if after.kind != RequestKind::Change {
            decide::reject(work, &loaded.identity, Some(&reason))?;
        }
        decide::notify_requester(work, register, &after)
    })
}
