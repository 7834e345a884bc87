//! Who is let into Muster itself: how somebody proved who they are, and for how long that holds.

use super::ids::Moment;
use crate::words;

words! {
    /// How a session was opened.
    SignInMethod {
        Password = "password", "Password";
        PasswordAndCode = "password_and_code", "Password and one-time code";
        Passkey = "passkey", "Passkey";
        SingleSignOn = "single_sign_on", "Single sign-on";
        /// A one-time link that an administrator or the command line gave.
        Link = "link", "One-time link";
    }
}

words! {
    /// What a one-time link is for.
    LinkPurpose {
        /// The first account of a register that has none.
        FirstAdministrator = "first_administrator", "First administrator";
        NewAccount = "new_account", "New account";
        WayBack = "way_back", "Way back in";
    }
}

/// How long a way back in lasts that an administrator gave on a page: an hour.
pub const WAY_BACK_SECONDS: i64 = 3600;
/// How long a way back in lasts that the command line gave: a day.
pub const WAY_BACK_BY_COMMAND_SECONDS: i64 = 24 * 3600;

impl LinkPurpose {
    /// How long such a link opens, unless somebody says otherwise.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::FirstAdministrator => 24 * 3600,
            Self::NewAccount => 72 * 3600,
            Self::WayBack => WAY_BACK_SECONDS,
        }
    }
}

words! {
    /// A way of proving who one is that has two steps, of which the first is done.
    CeremonyKind {
        SecondFactor = "second_factor", "Second factor";
        PasskeyRegistration = "passkey_registration", "Passkey registration";
        PasskeySignIn = "passkey_sign_in", "Passkey sign-in";
        SingleSignOn = "single_sign_on", "Single sign-on";
    }
}

/// What a change of consequence asks: who sends it proved who they are at most this long ago (OWASP ASVS 5.0 7.5.3).
pub const CONFIRMED_SECONDS: i64 = 5 * 60;

/// How long sessions last. Both ends are checked at every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// A session ends after this many seconds without a request.
    pub idle_seconds: i64,
    /// A session ends after this many seconds whatever happens.
    pub longest_seconds: i64,
}

impl Default for SessionLimits {
    /// A quarter of an hour idle, eight hours in all.
    fn default() -> Self {
        Self { idle_seconds: 15 * 60, longest_seconds: 8 * 3600 }
    }
}

impl SessionLimits {
    /// Whether a session is good at `now`.
    pub fn hold(&self, last_seen_at: Moment, ends_at: Moment, now: Moment) -> bool {
        now < ends_at && now < last_seen_at.plus_seconds(self.idle_seconds)
    }
}

/// Whether somebody proved who they are recently enough for a change of consequence.
pub fn is_recent(confirmed_at: Moment, now: Moment) -> bool {
    now < confirmed_at.plus_seconds(CONFIRMED_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    #[test]
    fn a_session_ends_at_whichever_limit_comes_first() {
        let limits = SessionLimits::default();
        let (begun, end) = (at("2026-05-01T08:00:00Z"), at("2026-05-01T16:00:00Z"));
        assert!(limits.hold(begun, end, at("2026-05-01T08:14:59Z")));
        assert!(!limits.hold(begun, end, at("2026-05-01T08:15:00Z")));
        assert!(limits.hold(at("2026-05-01T15:59:00Z"), end, at("2026-05-01T15:59:59Z")));
        assert!(!limits.hold(at("2026-05-01T15:59:00Z"), end, end));
    }

    #[test]
    fn a_confirmation_holds_for_five_minutes() {
        let confirmed = at("2026-05-01T08:00:00Z");
        assert!(is_recent(confirmed, at("2026-05-01T08:04:59Z")));
        assert!(!is_recent(confirmed, at("2026-05-01T08:05:00Z")));
    }
}
