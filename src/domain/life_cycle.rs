//! Stopping one identity at once, and letting it go on.

use super::guard::typed::{HOLDS_A_SECRET, holds_a_secret};
use super::identities::IdentityState;

/// Why an identity cannot go from one state to the other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LifeCycleError {
    #[error("this identity is {} already: there is nothing to suspend", .0.label().to_lowercase())]
    NothingToSuspend(IdentityState),
    #[error("this identity is {}, not suspended: there is nothing to resume", .0.label().to_lowercase())]
    NotSuspended(IdentityState),
    #[error("this identity is {} already: there is nothing to revoke", .0.label().to_lowercase())]
    NothingToRevoke(IdentityState),
    #[error("this identity is {}, not being revoked: there is nothing to confirm", .0.label().to_lowercase())]
    NotRevoking(IdentityState),
    #[error("the expiry of this identity has passed; set a new one first, then resume it")]
    Expired,
    #[error("Say why, in a sentence: the reason is kept with the change")]
    NoReason,
    #[error("Shorten the reason to 2,000 characters")]
    LongReason,
    #[error("{HOLDS_A_SECRET}")]
    SecretReason,
}

/// Suspends: one person may stop one identity at once.
pub fn suspend(state: IdentityState) -> Result<IdentityState, LifeCycleError> {
    match state {
        IdentityState::Active | IdentityState::Approved => Ok(IdentityState::Suspended),
        other => Err(LifeCycleError::NothingToSuspend(other)),
    }
}

/// Resumes what was suspended, unless its expiry has passed.
pub fn resume(state: IdentityState, expired: bool) -> Result<IdentityState, LifeCycleError> {
    match state {
        IdentityState::Suspended if expired => Err(LifeCycleError::Expired),
        IdentityState::Suspended => Ok(IdentityState::Active),
        other => Err(LifeCycleError::NotSuspended(other)),
    }
}

/// Starts to revoke it. It is not shown as revoked before that was proved.
pub fn start_revocation(state: IdentityState) -> Result<IdentityState, LifeCycleError> {
    match state {
        IdentityState::Revoked | IdentityState::Rejected => Err(LifeCycleError::NothingToRevoke(state)),
        _ => Ok(IdentityState::Revoking),
    }
}

/// Ends a revocation whose effect was seen.
pub fn confirm_revocation(state: IdentityState) -> Result<IdentityState, LifeCycleError> {
    match state {
        IdentityState::Revoking => Ok(IdentityState::Revoked),
        other => Err(LifeCycleError::NotRevoking(other)),
    }
}

/// A reason in words, without space around it.
pub fn parse_reason(text: &str) -> Result<String, LifeCycleError> {
    let reason = text.trim();
    match reason.chars().count() {
        0 => Err(LifeCycleError::NoReason),
        1..=2_000 if holds_a_secret(reason) => Err(LifeCycleError::SecretReason),
        1..=2_000 => Ok(reason.to_owned()),
        _ => Err(LifeCycleError::LongReason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_act_can_be_suspended() {
        assert_eq!(suspend(IdentityState::Active), Ok(IdentityState::Suspended));
        assert_eq!(suspend(IdentityState::Approved), Ok(IdentityState::Suspended));
        for state in [IdentityState::Suspended, IdentityState::Revoked, IdentityState::Requested] {
            assert_eq!(suspend(state), Err(LifeCycleError::NothingToSuspend(state)));
        }
    }

    #[test]
    fn an_expired_identity_is_not_resumed() {
        assert_eq!(resume(IdentityState::Suspended, true), Err(LifeCycleError::Expired));
        assert_eq!(resume(IdentityState::Suspended, false), Ok(IdentityState::Active));
        assert_eq!(resume(IdentityState::Revoked, false), Err(LifeCycleError::NotSuspended(IdentityState::Revoked)));
    }

    #[test]
    fn nothing_is_revoked_before_its_revocation_has_started() {
        assert_eq!(start_revocation(IdentityState::Suspended), Ok(IdentityState::Revoking));
        assert_eq!(confirm_revocation(IdentityState::Revoking), Ok(IdentityState::Revoked));
        for state in IdentityState::ALL.iter().copied().filter(|state| *state != IdentityState::Revoking) {
            assert_eq!(confirm_revocation(state), Err(LifeCycleError::NotRevoking(state)));
        }
        let gone = IdentityState::Revoked;
        assert_eq!(start_revocation(gone), Err(LifeCycleError::NothingToRevoke(gone)));
    }

    #[test]
    fn a_reason_needs_words() {
        assert_eq!(parse_reason("  \n"), Err(LifeCycleError::NoReason));
        assert_eq!(parse_reason(" leaked key ").as_deref(), Ok("leaked key"));
        assert_eq!(parse_reason(&"a".repeat(2_001)), Err(LifeCycleError::LongReason));
    }
}
