//! What an identity is: its kind, where it lives, how it may sign in, and the states of its life.

use super::ids::Moment;
use crate::words;

words! {
    /// What sort of non-human identity this is.
    IdentityKind {
        /// An app registered with SMART App Launch 2.2: a person starts it.
        SmartApp = "smart_app", "SMART app";
        /// A back-end client that acts without a person (SMART Backend Services, client credentials).
        ServiceAccount = "service_account", "Service account";
        /// An issued bearer credential with scopes of its own: API key, long-lived or refresh token.
        Token = "token", "Token";
        /// Software that plans and acts by itself.
        AiAgent = "ai_agent", "AI agent";
    }
}

words! {
    /// Where the identity works. Sandbox, staging and production share no credential.
    Environment {
        Production = "production", "Production";
        Staging = "staging", "Staging";
        Sandbox = "sandbox", "Sandbox";
        Unknown = "unknown", "Unknown";
    }
}

impl Environment {
    /// Whether what works here works in production, or may: where nobody knows, it is never taken for harmless.
    pub fn may_be_production(self) -> bool {
        match self {
            Self::Production | Self::Unknown => true,
            Self::Staging | Self::Sandbox => false,
        }
    }
}

words! {
    /// Whether the client can keep a secret (RFC 6749 section 2.1).
    ClientType {
        Public = "public", "Public: keeps no secret";
        Confidential = "confidential", "Confidential: keeps a secret";
        /// Only checks tokens that others present; asks for none itself.
        BearerOnly = "bearer_only", "Bearer only: asks for no tokens";
        Unknown = "unknown", "Unknown";
    }
}

words! {
    /// Why the identity may see patient data. It selects the rules that apply to it.
    AccessBasis {
        PatientDirected = "patient_directed", "Patient-directed";
        Treatment = "treatment", "Treatment";
        BusinessAssociate = "business_associate", "Business associate";
        Research = "research", "Research";
        InternalOperations = "internal_operations", "Internal operations";
        /// No patient data at all.
        Public = "public", "Public, no patient data";
    }
}

words! {
    /// How much care depends on the identity. A clinical one is never stopped by a timer.
    Criticality {
        Unknown = "unknown", "Unknown";
        Low = "low", "Low";
        Moderate = "moderate", "Moderate";
        High = "high", "High";
        Clinical = "clinical", "Clinically critical";
    }
}

words! {
    /// The states of an identity's life.
    IdentityState {
        Requested = "requested", "Requested";
        Approved = "approved", "Approved";
        Active = "active", "Active";
        Suspended = "suspended", "Suspended";
        Revoking = "revoking", "Revoking";
        Revoked = "revoked", "Revoked";
        Rejected = "rejected", "Rejected";
    }
}

words! {
    /// Why the identity is in its state.
    StateCause {
        /// A person registered it.
        Registered = "registered", "registered by hand";
        /// A file listed the client and did not say that it is disabled: it said that it is enabled, or nothing about it,
        /// and then it was taken for enabled.
        ImportedEnabled = "imported_enabled", "imported as enabled";
        /// A file said that the client is disabled.
        ImportedDisabled = "imported_disabled", "disabled in the imported file";
        /// A file held a request for registration.
        ImportedRequest = "imported_request", "a registration request was imported";
        /// Its expiry passed.
        Expired = "expired", "expired";
        /// A person decided.
        Decided = "decided", "decided by a person";
        /// The owner said that it is no longer needed.
        NoLongerNeeded = "no_longer_needed", "no longer needed";
        /// It vanished from the system that issues it.
        Vanished = "vanished", "no longer in the issuing system";
        /// Nobody answered its review, and silence counted.
        ReviewUnanswered = "review_unanswered", "nobody answered its review";
    }
}

impl StateCause {
    /// Whether nobody decided it: it was imported as enabled or disabled at its system.
    pub fn is_observed(self) -> bool {
        matches!(self, Self::ImportedEnabled | Self::ImportedDisabled)
    }
}

words! {
    /// How long the refresh tokens of an identity live.
    RefreshTokens {
        /// The client gets none.
        None = "none", "None are issued";
        /// They end after a number of seconds.
        Limited = "limited", "Limited";
        /// Nothing ends them.
        NeverExpire = "never_expire", "Never expire";
        Unknown = "unknown", "Unknown";
    }
}

words! {
    /// What proves the identity.
    CredentialKind {
        ClientSecret = "client_secret", "Client secret";
        Jwks = "jwks", "Public key (JWKS)";
        Certificate = "certificate", "Certificate";
        /// A public client: nothing proves it.
        None = "none", "None";
    }
}

words! {
    /// How hard a credential is to guess.
    Strength {
        Weak = "weak", "Weak";
        Ok = "ok", "Sufficient";
        Unknown = "unknown", "Unknown";
    }
}

words! {
    /// How an identity is stopped.
    RevocationMethod {
        /// A person follows written steps in the issuing system's console.
        AdminConsole = "admin_console", "By hand in the issuing system";
        /// The issuing system's administration interface is called.
        AdminApi = "admin_api", "Through the issuing system's API";
        /// RFC 7592 client configuration endpoint, DELETE.
        ClientDelete = "client_delete", "By deleting the client at its system";
        /// The vendor is asked.
        Vendor = "vendor", "By asking the vendor";
        /// A key is removed from a gateway or a trust store.
        KeyRemoval = "key_removal", "By removing its key";
    }
}

words! {
    /// Which list a scope stands on.
    ScopeList {
        /// The minimum that somebody justified and somebody else approved.
        Approved = "approved", "Approved";
        /// What the authorization server is configured to give, as last observed.
        Issued = "issued", "Issued";
        /// What a registration request asks for.
        Requested = "requested", "Requested";
    }
}

words! {
    /// What an owner answered when asked to own an identity.
    OwnerAnswer {
        Waiting = "waiting", "Waiting for an answer";
        Accepted = "accepted", "Accepted";
        Refused = "refused", "Refused";
    }
}

/// The state at `now`, expiry included: what has expired counts as suspended from that moment, whether
/// a job wrote it down or not. One that care depends on is never stopped by a timer, so it is not shown
/// as if it were: it keeps its state, and [`state_words`] says that its expiry has passed.
pub fn state_at(
    state: IdentityState,
    expires_at: Option<Moment>,
    criticality: Criticality,
    now: Moment,
) -> IdentityState {
    let expired = expires_at.is_some_and(|at| at <= now);
    match state {
        IdentityState::Active | IdentityState::Approved if expired && criticality != Criticality::Clinical => {
            IdentityState::Suspended
        }
        state => state,
    }
}

/// The state at `now` as a reader sees it, and whether it needs attention because the expiry of an
/// identity that care depends on has passed: "Active, expiry passed".
pub fn state_words(
    state: IdentityState,
    expires_at: Option<Moment>,
    criticality: Criticality,
    now: Moment,
) -> (String, bool) {
    let shown = state_at(state, expires_at, criticality, now);
    let expired = expires_at.is_some_and(|at| at <= now);
    let overrun = expired && matches!(shown, IdentityState::Active | IdentityState::Approved);
    if overrun { (format!("{}, expiry passed", shown.label()), true) } else { (shown.label().to_owned(), false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_works_where_nobody_knows_may_work_in_production() {
        let found: Vec<Environment> =
            Environment::ALL.iter().copied().filter(|environment| environment.may_be_production()).collect();
        assert_eq!(found, [Environment::Production, Environment::Unknown]);
    }

    #[test]
    fn an_expired_identity_counts_as_suspended_unless_care_depends_on_it() {
        let now = Moment::parse("2026-11-23T15:00:00Z").unwrap();
        let words = |criticality| state_words(IdentityState::Active, Some(now), criticality, now);
        assert_eq!(words(Criticality::High), ("Suspended".to_owned(), false));
        assert_eq!(words(Criticality::Clinical), ("Active, expiry passed".to_owned(), true));
        let later = state_words(IdentityState::Active, Some(now.plus_seconds(1)), Criticality::Clinical, now);
        assert_eq!(later, ("Active".to_owned(), false));
    }
}
