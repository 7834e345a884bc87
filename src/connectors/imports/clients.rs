//! What every reader of clients needs.

use std::collections::BTreeMap;

use crate::domain::identities::{ClientType, IdentityKind, IdentityState, RefreshTokens, StateCause};
use crate::domain::imported::ImportedClient;

/// A client of which nothing is known yet but its name; readers fill in what their format tells.
pub fn blank_client(client_id: Option<String>, name: String) -> ImportedClient {
    ImportedClient {
        client_id,
        kind: IdentityKind::SmartApp,
        name,
        description: None,
        environment: None,
        system: None,
        vendor: None,
        purpose: None,
        client_type: ClientType::Unknown,
        grant_types: Vec::new(),
        launch_types: Vec::new(),
        redirect_uris: Vec::new(),
        access_token_seconds: None,
        refresh_tokens: RefreshTokens::Unknown,
        refresh_token_seconds: None,
        enabled: true,
        vendor_managed: false,
        state: IdentityState::Active,
        cause: StateCause::ImportedEnabled,
        expires_at: None,
        created_at: None,
        last_used_at: None,
        issued_scopes: Vec::new(),
        requested_scopes: Vec::new(),
        says_scopes: false,
        says_enabled: false,
        credentials: Vec::new(),
        business_owner_email: None,
        technical_owner_email: None,
        notes: BTreeMap::new(),
        remarks: Vec::new(),
    }
}

/// Sets the life-cycle state that a file's "enabled" stands for.
pub fn set_enabled(client: &mut ImportedClient, enabled: bool) {
    client.enabled = enabled;
    (client.state, client.cause) = if enabled {
        (IdentityState::Active, StateCause::ImportedEnabled)
    } else {
        (IdentityState::Suspended, StateCause::ImportedDisabled)
    };
}

/// A number with its noun: "1 role", "3 roles".
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
