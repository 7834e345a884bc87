//! The provider of single sign-on, as a deployment names it.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::people::Role;
use crate::domain::single_sign_on::GroupRoles;

/// How long an answer of the provider may take.
pub const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A provider of OpenID Connect, and what Muster is to it. The client secret is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct SingleSignOn {
    /// Exactly as the provider writes it.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    /// What the button calls it: "Sign in with ...".
    pub name: String,
    /// The claim that lists the groups of somebody.
    pub groups_claim: String,
    pub roles: GroupRoles,
    /// The file of an additional root certificate, PEM, for a provider of one's own.
    pub root_certificate: Option<PathBuf>,
    /// Passwords are for administrators only: the way in on the day the provider is down.
    pub only: bool,
    pub longest_wait: Duration,
}

impl std::fmt::Debug for SingleSignOn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "SingleSignOn({} as {})", self.issuer, self.client_id)
    }
}

impl SingleSignOn {
    /// Whether somebody of that role may sign in with a password of Muster's own.
    pub fn lets_in_by_password(&self, role: Role) -> bool {
        !self.only || role == Role::Administrator
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_not_shown() {
        let settings = SingleSignOn {
            issuer: "https://login.example".to_owned(),
            client_id: "muster".to_owned(),
            client_secret: "canary-4417".to_owned(),
            name: "Staff login".to_owned(),
            groups_claim: "groups".to_owned(),
            roles: GroupRoles::default(),
            root_certificate: None,
            only: true,
            longest_wait: LONGEST_WAIT,
        };
        assert_eq!(format!("{settings:?}"), "SingleSignOn(https://login.example as muster)");
        assert!(settings.lets_in_by_password(Role::Administrator) && !settings.lets_in_by_password(Role::Auditor));
    }
}
