//! What a security team watches for, in the names of the OWASP Logging Vocabulary.
//!
//! Whatever the audit log says of access becomes such an event here and nowhere else; what the
//! door refuses says its event itself. `tests/suite/events.rs` fails on an action that is missing.

use crate::words;

words! {
    /// An event of the OWASP Logging Vocabulary.
    SecurityEvent {
        LoginSuccess = "authn_login_success", "Somebody signed in";
        LoginFail = "authn_login_fail", "Somebody did not get in";
        LoginLock = "authn_login_lock", "Further tries are refused for a while";
        PasswordChange = "authn_password_change", "A password or another way of signing in changed";
        PasswordChangeFail = "authn_password_change_fail", "A password was not changed";
        TokenCreated = "authn_token_created", "A token or a link was made";
        TokenRevoked = "authn_token_revoked", "A token or a link ended";
        AuthzFail = "authz_fail", "Something was asked for that its sender may not have";
        AuthzAdmin = "authz_admin", "An extraordinary right was used";
        PermissionsChanged = "privilege_permissions_changed", "What somebody may do changed";
        SessionExpired = "session_expired", "A session was ended";
        SessionRenewed = "session_renewed", "Somebody proved again who they are";
        UserCreated = "user_created", "An account was opened";
        UserUpdated = "user_updated", "An account changed";
        UserArchived = "user_archived", "An account was disabled";
        InputFail = "input_validation_fail", "A request was not as it must be";
        RateLimitExceeded = "excess_rate_limit_exceeded", "Somebody asked more often than is allowed";
        Foreign = "malicious_cors", "A form came from a page that is not ours";
        Crash = "sys_crash", "A request ended in a fault of the program";
        Startup = "sys_startup", "The server started";
        Shutdown = "sys_shutdown", "The server stopped";
    }
}

impl SecurityEvent {
    /// Whether it is a reason to look: refusals and faults.
    pub fn is_warning(self) -> bool {
        matches!(
            self,
            Self::LoginFail
                | Self::LoginLock
                | Self::PasswordChangeFail
                | Self::AuthzFail
                | Self::AuthzAdmin
                | Self::InputFail
                | Self::RateLimitExceeded
                | Self::Foreign
                | Self::Crash
        )
    }
}

/// The actions of the audit log that are events: the action, what it is when done, and when refused.
const ACTIONS: &[(&str, SecurityEvent, SecurityEvent)] = {
    use SecurityEvent as E;
    &[
        ("account.sign_in", E::LoginSuccess, E::LoginFail),
        ("account.first_step", E::LoginSuccess, E::LoginFail),
        ("account.confirm", E::SessionRenewed, E::LoginFail),
        ("account.sign_out", E::SessionExpired, E::AuthzFail),
        ("account.end_session", E::SessionExpired, E::AuthzFail),
        ("account.end_sessions", E::SessionExpired, E::AuthzFail),
        ("account.end_other_sessions", E::SessionExpired, E::AuthzFail),
        ("account.open", E::UserCreated, E::AuthzFail),
        ("account.enable", E::UserUpdated, E::AuthzFail),
        ("account.disable", E::UserArchived, E::AuthzFail),
        ("account.join_single_sign_on", E::UserUpdated, E::AuthzFail),
        ("account.change_role", E::PermissionsChanged, E::AuthzFail),
        ("account.set_password", E::PasswordChange, E::PasswordChangeFail),
        ("account.change_password", E::PasswordChange, E::PasswordChangeFail),
        ("account.add_passkey", E::PasswordChange, E::PasswordChangeFail),
        ("account.remove_passkey", E::PasswordChange, E::PasswordChangeFail),
        ("account.set_up_codes", E::PasswordChange, E::PasswordChangeFail),
        ("account.remove_codes", E::PasswordChange, E::PasswordChangeFail),
        ("account.make_recovery_codes", E::PasswordChange, E::PasswordChangeFail),
        ("account.use_recovery_code", E::PasswordChange, E::LoginFail),
        ("account.remove_factors", E::PasswordChange, E::PasswordChangeFail),
        ("account.give_link", E::TokenCreated, E::AuthzFail),
        ("api_token.create", E::TokenCreated, E::AuthzFail),
        ("api_token.revoke", E::TokenRevoked, E::AuthzFail),
        ("sealed_code.make", E::TokenCreated, E::AuthzFail),
        ("sealed_code.use", E::AuthzAdmin, E::LoginFail),
        ("sealed_code.void", E::TokenRevoked, E::AuthzFail),
        ("grant.ask", E::PermissionsChanged, E::AuthzFail),
        ("grant.approve", E::PermissionsChanged, E::AuthzFail),
        ("grant.refuse", E::PermissionsChanged, E::AuthzFail),
        ("grant.carry_out", E::PermissionsChanged, E::AuthzFail),
        ("grant.withdraw", E::PermissionsChanged, E::AuthzFail),
        ("grant.lapse", E::PermissionsChanged, E::AuthzFail),
        ("emergency_access.ask", E::AuthzAdmin, E::AuthzFail),
        ("emergency_access.start", E::AuthzAdmin, E::AuthzFail),
        ("emergency_access.refuse", E::AuthzAdmin, E::AuthzFail),
        ("emergency_access.withdraw", E::AuthzAdmin, E::AuthzFail),
        ("emergency_access.end", E::AuthzAdmin, E::AuthzFail),
    ]
};

/// Nouns of actions that speak of access to Muster itself: each of their actions must be an event.
pub const NOUNS: &[&str] = &["account", "api_token", "grant", "emergency_access", "sealed_code"];

/// The event that an audit entry is.
pub fn of_entry(action: &str, done: bool) -> Option<SecurityEvent> {
    ACTIONS.iter().find(|(known, ..)| *known == action).map(|(_, event, refused)| if done { *event } else { *refused })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_an_event_when_it_speaks_of_access() {
        assert_eq!(of_entry("account.sign_in", true), Some(SecurityEvent::LoginSuccess));
        assert_eq!(of_entry("account.sign_in", false), Some(SecurityEvent::LoginFail));
        assert_eq!(of_entry("identity.edit", true), None);
        assert!(SecurityEvent::LoginFail.is_warning() && !SecurityEvent::LoginSuccess.is_warning());
    }
}
