//! Systems: what issues identities and what enforces their scopes.

use crate::words;

words! {
    /// What a system does.
    SystemKind {
        AuthorizationServer = "authorization_server", "Authorization server";
        FhirServer = "fhir_server", "FHIR server";
        Ehr = "ehr", "EHR";
        Gateway = "gateway", "Gateway";
        IdentityProvider = "identity_provider", "Identity provider";
        Other = "other", "Other";
    }
}
