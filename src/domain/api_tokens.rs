//! Tokens of Muster's own interface: how one is written, what it may do, and when it opens the door.
//!
//! `muster_api_`, 30 random letters and digits (178 bits), and six more that are the CRC-32 of what
//! stands before them: whoever finds one knows what it is, and a mistyped one is refused without a look
//! into the database. The checksum guards against typing errors, not against guessing.

use chrono::NaiveDate;

use super::identities::IdentityState;
use super::ids::Moment;
use super::people::Role;
use super::permissions::{Permission, allows};
use crate::words;

/// What every token begins with.
pub const PREFIX: &str = "muster_api_";

/// Random letters of a token.
pub const RANDOM_LETTERS: usize = 30;

/// Letters of the checksum, leading zeros kept.
const CHECK_LETTERS: usize = 6;

/// Days that a token may last, the day on which it is made included.
pub const LONGEST_DAYS: i64 = 90;

/// Why the identity of a token cannot be given a later end, or none.
pub const END_IS_FIXED: &str = "This is an API token of Muster, which cannot outlive the end it was made with; choose \
     an earlier day, or make another token";

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A token as it is presented. Nothing shows it by accident: its debug form hides it.
#[derive(Clone)]
pub struct ApiToken(String);

/// Why a text is no token. None of these repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoToken {
    #[error("An API token of Muster begins with {PREFIX}")]
    Prefix,
    #[error("An API token of Muster has {} characters", PREFIX.len() + RANDOM_LETTERS + CHECK_LETTERS)]
    Length,
    #[error("The checksum of the API token is wrong: a character is mistyped or missing")]
    Checksum,
}

impl ApiToken {
    /// The token of 30 random numbers, each below 62.
    pub fn of_random(numbers: [u8; RANDOM_LETTERS]) -> Self {
        let body: String = PREFIX.chars().chain(numbers.iter().map(|number| letter(u32::from(*number)))).collect();
        let check = checksum(&body);
        Self(body + &check)
    }

    /// Reads a token exactly as it was shown.
    ///
    /// # Errors
    /// Another prefix, another length, a wrong checksum.
    pub fn parse(text: &str) -> Result<Self, NoToken> {
        let rest = text.strip_prefix(PREFIX).ok_or(NoToken::Prefix)?;
        if rest.len() != RANDOM_LETTERS + CHECK_LETTERS {
            return Err(NoToken::Length);
        }
        let (body, check) = text.split_at_checked(PREFIX.len() + RANDOM_LETTERS).ok_or(NoToken::Checksum)?;
        let written = rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if written && checksum(body) == check { Ok(Self(text.to_owned())) } else { Err(NoToken::Checksum) }
    }

    /// The token itself: for the page that shows it once, and for its digest.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The last four letters, by which its creator knows it again. They belong to the checksum.
    pub fn ending(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }
}

impl std::fmt::Debug for ApiToken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("ApiToken(hidden)")
    }
}

fn letter(number: u32) -> char {
    usize::try_from(number % 62).ok().and_then(|at| LETTERS.get(at)).map_or('0', |byte| char::from(*byte))
}

fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut letters = ['0'; CHECK_LETTERS];
    for place in letters.iter_mut().rev() {
        *place = letter(rest);
        rest /= 62;
    }
    letters.iter().collect()
}

words! {
    /// What a token may do. Nothing here concerns people, accounts, sessions, tokens, approvals or
    /// answers: those are for people.
    TokenScope {
        Read = "read", "Read identities and tasks that you see yourself";
        ReadRegister = "read_register", "Read the whole register";
        ReadAudit = "read_audit", "Read the audit log";
        FileRequests = "file_requests", "File requests: register apps and ask for what they may do, as a developer portal does";
        KeepRegister = "keep_register", "Keep the register: import, change and suspend identities, run jobs";
    }
}

impl TokenScope {
    /// The permission of the routes that it opens, and of no others.
    pub fn permission(self) -> Permission {
        match self {
            Self::Read => Permission::SignedIn,
            Self::ReadRegister => Permission::ReadRegister,
            Self::ReadAudit => Permission::ReadAudit,
            Self::FileRequests => Permission::FileRequests,
            Self::KeepRegister => Permission::KeepRegister,
        }
    }

    /// The scope that opens routes of that permission; `None` where only a person may go.
    pub fn for_permission(permission: Permission) -> Option<Self> {
        // Stopping is easier than granting: who keeps the register by token may stop what is in it.
        let permission = if permission == Permission::StopIdentity { Permission::KeepRegister } else { permission };
        Self::ALL.iter().copied().find(|scope| scope.permission() == permission)
    }

    /// The scopes that somebody of that role can give a token.
    pub fn within(role: Role) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|scope| allows(Some(role), scope.permission())).collect()
    }

    /// How it stands among the issued scopes of the token's identity.
    pub fn written(self) -> String {
        format!("muster:{}", self.word())
    }
}

/// What decides whether a token opens the door: its own row, its identity's, its creator's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub revoked_at: Option<Moment>,
    pub ends_at: Moment,
    /// The stored state of its identity.
    pub state: IdentityState,
    /// The end of its identity, which somebody may have brought forward.
    pub expires_at: Option<Moment>,
    /// The creator's role when it was made, and now.
    pub role_then: Role,
    pub role_now: Role,
    /// The creator's account is disabled.
    pub disabled: bool,
    /// The creator has left.
    pub left: bool,
}

words! {
    /// Why a token opens nothing.
    Stopped {
        Revoked = "revoked", "Revoked";
        Ended = "ended", "Ended";
        Suspended = "suspended", "Stopped in the register";
        CreatorGone = "creator_gone", "Its creator has left, or may not sign in";
        RoleChanged = "role_changed", "The role of its creator has changed";
    }
}

impl Standing {
    /// Whether the token is good at `now`, and if not, why. Asked at every use: a token never outlives
    /// what its creator may do, and a creator who may do more gives it no more.
    pub fn check(&self, now: Moment) -> Result<(), Stopped> {
        if self.revoked_at.is_some() {
            return Err(Stopped::Revoked);
        }
        if self.ends_at <= now {
            return Err(Stopped::Ended);
        }
        if self.state != IdentityState::Active || self.expires_at.is_none_or(|end| end <= now) {
            return Err(Stopped::Suspended);
        }
        if self.disabled || self.left {
            return Err(Stopped::CreatorGone);
        }
        if self.role_now != self.role_then {
            return Err(Stopped::RoleChanged);
        }
        Ok(())
    }
}

/// The last day that a token made today can be good for.
pub fn latest_end(today: NaiveDate) -> NaiveDate {
    today + chrono::Duration::days(LONGEST_DAYS - 1)
}

#[cfg(test)]
mod tests;
