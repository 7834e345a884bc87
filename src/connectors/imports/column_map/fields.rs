//! The fields a column may fill.

use crate::words;

words! {
    /// The fields of a client.
    ClientField {
        ClientId = "client_id", "Client id";
        Name = "name", "Name";
        Description = "description", "Description";
        Kind = "kind", "Kind";
        Environment = "environment", "Environment";
        System = "system", "Issuing system";
        Vendor = "vendor", "Vendor";
        Purpose = "purpose", "Purpose";
        ClientType = "client_type", "Client type";
        GrantTypes = "grant_types", "Grant types";
        LaunchTypes = "launch_types", "Launch types";
        RedirectUris = "redirect_uris", "Redirect URIs";
        IssuedScopes = "issued_scopes", "Issued scopes";
        RequestedScopes = "requested_scopes", "Requested scopes";
        AccessTokenSeconds = "access_token_seconds", "Access-token lifetime";
        RefreshTokenSeconds = "refresh_token_seconds", "Refresh-token lifetime";
        Enabled = "enabled", "Enabled";
        ExpiresAt = "expires_at", "Expiry";
        CreatedAt = "created_at", "Created";
        LastUsedAt = "last_used_at", "Last used";
        BusinessOwnerEmail = "business_owner_email", "Business owner's address";
        TechnicalOwnerEmail = "technical_owner_email", "Technical owner's address";
        JwksUri = "jwks_uri", "Address of the key set";
        /// Whether the credential exists: a line may have columns for two, of which one is empty.
        CredentialActive = "credential_active", "Credential exists";
        CredentialKind = "credential_kind", "Kind of credential";
        CredentialId = "credential_id", "Credential's id";
        CredentialCreatedAt = "credential_created_at", "Credential made";
        CredentialExpiresAt = "credential_expires_at", "Credential ends";
        /// The latest of several becomes the client's last use.
        CredentialLastUsedAt = "credential_last_used_at", "Credential last used";
        /// Left out; its fingerprint and strength stay.
        Secret = "secret", "Secret";
    }
}

words! {
    /// The fields of a person.
    PersonField {
        Name = "name", "Name";
        Email = "email", "Address";
        StaffId = "staff_id", "Staff number";
        Title = "title", "Title";
        Department = "department", "Department";
        ManagerEmail = "manager_email", "Manager's address";
        DeputyEmail = "deputy_email", "Deputy's address";
        LeftOn = "left_on", "Left on";
        TimeZone = "time_zone", "Time zone";
    }
}

/// Whether several columns may fill the field: lists grow, and notes and ignored columns are many.
pub fn takes_several(field: &str) -> bool {
    field == "ignore"
        || matches!(field, "redirect_uris" | "issued_scopes" | "requested_scopes" | "grant_types" | "launch_types")
}
