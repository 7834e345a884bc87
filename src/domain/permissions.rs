//! Which role may do what. A route needs one permission; an action checks again.

use super::people::Role;
use crate::words;

words! {
    /// What a route needs.
    Permission {
        /// Nothing: signing in, and whether the service is alive.
        Public = "public", "Nobody needs to be signed in";
        /// Any account: the page shows only what its reader may see.
        SignedIn = "signed_in", "Any account";
        /// Reads the whole register.
        ReadRegister = "read_register", "Read the whole register";
        /// Changes identities, imports files, assigns owners, runs jobs.
        KeepRegister = "keep_register", "Keep the register";
        /// Answers tasks: owners their own, analysts those of their group.
        AnswerTasks = "answer_tasks", "Answer tasks";
        /// Registers identities and asks for what they may do; decides nothing.
        FileRequests = "file_requests", "File requests";
        /// Stops one identity: owners their own, who keeps the register any.
        StopIdentity = "stop_identity", "Stop an identity";
        /// Reads and exports the audit log.
        ReadAudit = "read_audit", "Read the audit log";
        /// Changes people and accounts.
        KeepPeople = "keep_people", "Keep people and accounts";
    }
}

/// Whether an account of that role has that permission. Signed out is `None`.
pub fn allows(role: Option<Role>, permission: Permission) -> bool {
    use Permission as P;
    use Role as R;
    match (permission, role) {
        (P::Public, _) => true,
        (_, None) => false,
        (P::SignedIn, Some(_)) => true,
        (P::ReadRegister | P::ReadAudit, Some(role)) => {
            matches!(role, R::Administrator | R::SecurityAnalyst | R::Auditor)
        }
        (P::KeepRegister, Some(role)) => matches!(role, R::Administrator | R::SecurityAnalyst),
        (P::AnswerTasks | P::StopIdentity | P::FileRequests, Some(role)) => {
            matches!(role, R::Administrator | R::SecurityAnalyst | R::Owner)
        }
        (P::KeepPeople, Some(role)) => role == R::Administrator,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_may_change_nothing() {
        for permission in [Permission::KeepRegister, Permission::AnswerTasks, Permission::KeepPeople] {
            assert!(!allows(Some(Role::Auditor), permission), "{permission}");
        }
    }

    #[test]
    fn nothing_but_public_pages_is_open_to_a_stranger() {
        for permission in Permission::ALL {
            assert_eq!(allows(None, *permission), *permission == Permission::Public, "{permission}");
        }
    }
}
