//! What a file shows of an identity that the register knows: only what the file itself says. What it does not say
//! proves nothing, neither that something is gone nor that no more was issued than was approved.

use super::super::ids::Id;
use super::super::imported::ImportedClient;

/// What an import says about an identity that the register knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub identity: Id,
    /// It says which permissions its system gives it.
    pub scopes: bool,
    /// It says that its system has switched it off.
    pub switched_off: bool,
    /// It lists everything that its system holds, and does not hold this any more.
    pub gone: bool,
}

impl Shown {
    /// What a file shows that lists it so.
    pub fn by(client: &ImportedClient, identity: Id) -> Self {
        Self { identity, scopes: client.says_scopes, switched_off: client.says_enabled && !client.enabled, gone: false }
    }

    /// What a complete file shows that lists it no longer.
    pub fn gone(identity: Id) -> Self {
        Self { identity, scopes: false, switched_off: false, gone: true }
    }
}
