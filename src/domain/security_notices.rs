//! What somebody is told at once: that their ways to sign in, or who administers, changed (OWASP ASVS 5.0
//! 6.3.7). Each is read off an entry of the audit log, so that no action can change one and stay silent.

use serde::{Deserialize, Serialize};

use super::audit::{Actor, ActorKind, Entry, Outcome};
use super::ids::{Id, Moment};
use crate::words;

words! {
    /// A change that is told at once. The label goes on after the name of whoever it happened to.
    SecurityNotice {
        Password = "password", "password was changed";
        PasskeyAdded = "passkey_added", "account has a new passkey";
        PasskeyRemoved = "passkey_removed", "account lost a passkey";
        CodesSetUp = "codes_set_up", "account has a new code generator";
        CodesRemoved = "codes_removed", "account lost its code generator";
        RecoveryCodesMade = "recovery_codes_made", "account has new recovery codes";
        RecoveryCodeUsed = "recovery_code_used", "account was opened with a recovery code";
        FactorsRemoved = "factors_removed", "account lost every second step";
        Role = "role", "role was changed";
        SingleSignOnJoined = "single_sign_on_joined", "account was joined to single sign-on";
        EmergencyAsked = "emergency_asked", "emergency access was asked for";
        EmergencyStarted = "emergency_started", "emergency access began";
        EmergencyEnded = "emergency_ended", "emergency access was ended";
    }
}

impl SecurityNotice {
    /// What an action of the audit log is told as; `None` for those that are not told.
    pub fn of_action(action: &str) -> Option<Self> {
        Some(match action {
            "account.set_password" | "account.change_password" => Self::Password,
            "account.add_passkey" => Self::PasskeyAdded,
            "account.remove_passkey" => Self::PasskeyRemoved,
            "account.set_up_codes" => Self::CodesSetUp,
            "account.remove_codes" => Self::CodesRemoved,
            "account.make_recovery_codes" => Self::RecoveryCodesMade,
            "account.use_recovery_code" => Self::RecoveryCodeUsed,
            "account.remove_factors" => Self::FactorsRemoved,
            "account.change_role" => Self::Role,
            "account.join_single_sign_on" => Self::SingleSignOnJoined,
            "emergency_access.ask" => Self::EmergencyAsked,
            "emergency_access.start" => Self::EmergencyStarted,
            "emergency_access.end" => Self::EmergencyEnded,
            _ => return None,
        })
    }

    /// Whether every administrator is told, and not the person of an account.
    pub fn is_for_administrators(self) -> bool {
        matches!(self, Self::EmergencyAsked | Self::EmergencyStarted | Self::EmergencyEnded)
    }
}

/// What a notice is written from, when it leaves. It holds an address and is forgotten then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub notice: SecurityNotice,
    pub at: Moment,
    pub by: ActorKind,
    /// The person who did it, when one did.
    pub person: Option<Id>,
    /// The network address that it came from; empty when it is not known.
    pub address: String,
    /// Whose emergency access it is.
    pub about: Option<Id>,
}

impl Told {
    /// What is told of an entry that came from a network address.
    pub fn of(entry: &Entry, address: &str) -> Option<Self> {
        if entry.outcome != Outcome::Done {
            return None;
        }
        let notice = SecurityNotice::of_action(&entry.action)?;
        let about = entry.after.as_ref().and_then(|after| after.get("person_id")).and_then(|id| id.as_str());
        Some(Self {
            notice,
            at: entry.at,
            by: entry.actor.kind,
            person: person_of(&entry.actor),
            address: address.to_owned(),
            about: about.filter(|_| notice.is_for_administrators()).and_then(|id| id.parse().ok()),
        })
    }
}

/// The person behind an actor: themselves, or whose token it is.
fn person_of(actor: &Actor) -> Option<Id> {
    let id = actor.on_behalf_of.as_ref().or(actor.id.as_ref())?;
    id.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn administrators_are_told_of_emergencies_and_people_of_their_accounts() {
        for notice in SecurityNotice::ALL {
            assert_eq!(notice.is_for_administrators(), notice.word().starts_with("emergency_"), "{notice:?}");
        }
        assert_eq!(SecurityNotice::of_action("account.change_role"), Some(SecurityNotice::Role));
        assert_eq!(SecurityNotice::of_action("account.sign_in"), None);
    }
}
