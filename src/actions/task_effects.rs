//! What an answer does to the identity it is about, in the transaction of the answer.

use chrono::NaiveDate;

use super::identities::start_of_day;
use super::{ActionError, Register, Work, grants as asking, requests};
use crate::domain::api_tokens::END_IS_FIXED;
use crate::domain::audit::ActorKind;
use crate::domain::grants::GrantKind;
use crate::domain::identities::{IdentityState, StateCause};
use crate::store::identities::{self, Identity};
use crate::store::{api_tokens, grants};

/// Keeps it until the start of a day. One that is suspended stays so: with the new end date it is asked
/// that one goes on which only its expiry suspended, and two others decide about that.
///
/// # Errors
/// `Invalid` for field `until` when it is the day on which it expired.
pub fn keep_until(
    work: &mut Work<'_>,
    register: &Register,
    before: &Identity,
    until: NaiveDate,
    reason: Option<&str>,
) -> Result<(), ActionError> {
    let end = start_of_day(until, register.deployment.time_zone);
    // A task of that expiry is known by its UTC day: another expiry on that day would have none.
    if before.has_expired(work.by.now) && before.expires_at.is_some_and(|at| at.date() == end.date()) {
        return Err(ActionError::field("until", "It expired on that day; choose a later one"));
    }
    if api_tokens::end_of(work.db, before.id)?.is_some_and(|last| end > last) {
        return Err(ActionError::field("until", END_IS_FIXED));
    }
    if let Some(why) = requests::beyond_end(work.db, before, Some(end), register.deployment.time_zone)? {
        return Err(ActionError::field("until", why));
    }
    let mut after = before.clone();
    after.expires_at = Some(end);
    after.keep_suspended(before, work.by.now);
    if after == *before {
        return Ok(());
    }
    store(work, "identity.change_expiry", before, &mut after, reason)?;
    let only_expired = after.state == IdentityState::Suspended && after.state_cause == StateCause::Expired;
    let asks = work.by.kind == ActorKind::Person && only_expired;
    if asks && grants::open_of(work.db, after.id, GrantKind::Resume)?.is_none() {
        asking::ask_in(work, register, &after, reason.unwrap_or("It is needed until its new end date."))?;
    }
    Ok(())
}

fn store(
    work: &mut Work<'_>,
    action: &str,
    before: &Identity,
    after: &mut Identity,
    reason: Option<&str>,
) -> Result<(), ActionError> {
    after.updated_at = work.by.now;
    after.version += 1;
    identities::update(work.db, after)?;
    work.record_because(action, "identity", after.id, reason, Some(before), Some(&*after));
    Ok(())
}
