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

impl SignInMethod {
    /// Whether it shows one thing only, so that a register which asks for two asks for another. What a
    /// provider of single sign-on asks is the provider's business; a passkey is something that somebody
    /// has and opens with a finger or a PIN.
    pub fn is_single(self) -> bool {
        matches!(self, Self::Password | Self::Link)
    }

    /// What a session is worth after its holder has also shown a one-time code.
    pub fn with_code(self) -> Self {
        if self.is_single() { Self::PasswordAndCode } else { self }
    }
}

words! {
    /// Whether local accounts need a second factor (OWASP ASVS 5.0 6.3.3).
    SecondFactor {
        /// Whoever has none may only set one up.
        Required = "required", "Required";
        /// Each person decides.
        Offered = "offered", "Offered";
    }
}

/// Required, unless a deployment says otherwise.
#[allow(clippy::derivable_impls)]
impl Default for SecondFactor {
    fn default() -> Self {
        Self::Required
    }
}

impl SecondFactor {
    /// Whether a session that was opened so may only set up a second factor.
    ///
    /// No account need be looked up: whoever has a second factor is asked for it at every sign-in, so a
    /// session that shows one thing only belongs to somebody who has none.
    pub fn is_missing(self, method: SignInMethod) -> bool {
        self == Self::Required && method.is_single()
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

/// How long the second step of a ceremony is waited for.
pub const CEREMONY_SECONDS: i64 = 5 * 60;

/// How often a code may be tried in one ceremony.
pub const MOST_TRIES: i64 = 5;

/// What a change of consequence asks: who sends it proved who they are at most this long ago (OWASP ASVS 5.0 7.5.3).
pub const CONFIRMED_SECONDS: i64 = 5 * 60;

/// So often may a confirmation fail within one session; then the session ends.
pub const CONFIRMATION_TRIES: usize = 5;

/// How long a form waits for its sender to prove again who they are.
pub const HELD_SECONDS: i64 = 10 * 60;

/// What an account has that proves who its holder is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Proofs {
    pub password: bool,
    /// A generator of one-time codes, which the password is not enough without.
    pub code: bool,
    pub passkey: bool,
    pub single_sign_on: bool,
}

impl Proofs {
    /// The ways in which the account's holder can prove again who they are. A one-time link is none:
    /// it is for the day on which there is no other.
    pub fn ways(self) -> Vec<SignInMethod> {
        let password = if self.code { SignInMethod::PasswordAndCode } else { SignInMethod::Password };
        [
            (self.password, password),
            (self.passkey, SignInMethod::Passkey),
            (self.single_sign_on, SignInMethod::SingleSignOn),
        ]
        .into_iter()
        .filter_map(|(has, way)| has.then_some(way))
        .collect()
    }
}

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
        now < self.end(last_seen_at, ends_at)
    }

    /// When a session ends by itself, if it is not used until then.
    pub fn end(&self, last_seen_at: Moment, ends_at: Moment) -> Moment {
        ends_at.min(last_seen_at.plus_seconds(self.idle_seconds))
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
    fn where_a_second_factor_is_required_a_password_or_a_link_alone_lacks_one() {
        let lacking = |rule: SecondFactor| -> Vec<SignInMethod> {
            SignInMethod::ALL.iter().copied().filter(|method| rule.is_missing(*method)).collect()
        };
        assert_eq!(lacking(SecondFactor::default()), [SignInMethod::Password, SignInMethod::Link]);
        assert_eq!(lacking(SecondFactor::Offered), []);
        assert_eq!(SignInMethod::Password.with_code(), SignInMethod::PasswordAndCode);
        assert_eq!(SignInMethod::SingleSignOn.with_code(), SignInMethod::SingleSignOn);
    }

    #[test]
    fn a_password_is_no_proof_without_the_code_that_goes_with_it() {
        let ways = |password, code, passkey, single_sign_on| Proofs { password, code, passkey, single_sign_on }.ways();
        assert_eq!(ways(true, false, false, false), [SignInMethod::Password]);
        assert_eq!(ways(true, true, true, false), [SignInMethod::PasswordAndCode, SignInMethod::Passkey]);
        assert_eq!(ways(false, true, false, true), [SignInMethod::SingleSignOn]);
        assert_eq!(ways(false, false, false, false), []);
    }

    #[test]
    fn a_confirmation_holds_for_five_minutes() {
        let confirmed = at("2026-05-01T08:00:00Z");
        assert!(is_recent(confirmed, at("2026-05-01T08:04:59Z")));
        assert!(!is_recent(confirmed, at("2026-05-01T08:05:00Z")));
    }
}
