//! What a file changes of an identity that the register knows.

use super::super::identities::{ClientType, CredentialKind, IdentityState, RefreshTokens, StateCause, Strength};
use super::super::imported::{ImportedClient, ImportedCredential};
use super::FieldChange;
use super::facts::{self, ClientFacts, Owners};

/// Of which facts a format says that there are none when it is silent about them. Where it does not
/// tell, silence changes nothing: a list without a column for scopes takes no scope away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tells {
    pub description: bool,
    pub grant_types: bool,
    pub redirect_uris: bool,
    pub scopes: bool,
    pub credentials: bool,
    /// Notes that the file lacks go; otherwise they stay beside the new ones.
    pub notes: bool,
    /// Whether the client ships with the issuing system.
    pub vendor_managed: bool,
}

impl Tells {
    /// The format describes a client completely.
    pub const EVERYTHING: Self = Self {
        description: true,
        grant_types: true,
        redirect_uris: true,
        scopes: true,
        credentials: true,
        notes: true,
        vendor_managed: true,
    };
    /// The format says what its columns say, and nothing by what it leaves out.
    pub const WHAT_IS_THERE: Self = Self {
        description: false,
        grant_types: false,
        redirect_uris: false,
        scopes: false,
        credentials: false,
        notes: false,
        vendor_managed: false,
    };
}

/// What a file makes of an identity.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The facts as they will be.
    pub after: ClientFacts,
    /// What differs; empty when the file changes nothing.
    pub changes: Vec<FieldChange>,
    /// Where file and register disagree and the register stays as people left it.
    pub remarks: Vec<String>,
}

/// Compares what is known with what a file says.
///
/// A file speaks of the client at its issuing system. What people keep in Muster (purpose, owners,
/// vendor, criticality, access basis, approved scopes, the way to stop it, reviews) it fills in where
/// nobody has, and never changes. The state follows the file only while nobody but a file moved it, and only
/// where the file says whether the client is enabled: a list without that column enables nothing.
pub fn compare(known: &ClientFacts, client: &ImportedClient, owners: Owners, tells: Tells) -> Comparison {
    let mut after = known.clone();
    let mut remarks = Vec::new();
    after.name = facts::name_of(client);
    if client.description.is_some() || tells.description {
        after.description = client.description.clone();
    }
    if client.client_type != ClientType::Unknown {
        after.client_type = client.client_type;
    }
    set_list(&mut after.grant_types, &client.grant_types, tells.grant_types);
    set_list(&mut after.launch_types, &client.launch_types, false);
    set_list(&mut after.redirect_uris, &client.redirect_uris, tells.redirect_uris);
    set_list(&mut after.issued_scopes, &client.issued_scopes, tells.scopes);
    set_list(&mut after.requested_scopes, &client.requested_scopes, tells.scopes);
    let credentials = with_what_was_seen(&known.credentials, &client.credentials);
    set_list(&mut after.credentials, &credentials, tells.credentials);
    if client.access_token_seconds.is_some() {
        after.access_token_seconds = client.access_token_seconds;
    }
    if client.refresh_tokens != RefreshTokens::Unknown {
        after.refresh_tokens = client.refresh_tokens;
        after.refresh_token_seconds = client.refresh_token_seconds;
    }
    if client.vendor_managed || tells.vendor_managed {
        after.vendor_managed = client.vendor_managed;
    }
    if client.expires_at.is_some() {
        after.expires_at = client.expires_at;
    }
    // A file may be older than what is known: use is never unlearnt.
    after.last_used_at = known.last_used_at.max(client.last_used_at);
    let notes = facts::notes_of(client);
    if tells.notes {
        after.notes = notes;
    } else {
        after.notes.extend(notes);
    }
    after.vanished = false;
    if client.says_enabled {
        after.enabled = client.enabled;
    }
    set_state(&mut after, client, &mut remarks);
    fill(&mut after.purpose, client.purpose.as_ref(), |_| None, &mut remarks);
    fill(
        &mut after.vendor,
        client.vendor.as_ref(),
        |vendor| Some(format!("The file names the vendor {vendor}; the register keeps another.")),
        &mut remarks,
    );
    after.business_owner = after.business_owner.or(owners.business);
    after.technical_owner = after.technical_owner.or(owners.technical);
    let changes = facts::difference(known, &after);
    Comparison { after, changes, remarks }
}

/// Takes the file's list when it holds other items; the order of what is known stays otherwise.
fn set_list<T: Clone + PartialEq>(known: &mut Vec<T>, said: &[T], tells_nothing: bool) {
    if said.is_empty() && !tells_nothing {
        return;
    }
    let same = known.len() == said.len() && known.iter().all(|item| said.contains(item));
    if !same {
        *known = said.to_vec();
    }
}

/// The file's credentials, where a masked secret keeps what an earlier file showed of it.
fn with_what_was_seen(known: &[ImportedCredential], said: &[ImportedCredential]) -> Vec<ImportedCredential> {
    let seen = |credential: &ImportedCredential| {
        known.iter().find(|earlier| {
            earlier.fingerprint.is_some()
                && earlier.kind == CredentialKind::ClientSecret
                && (&earlier.key_id, earlier.created_at) == (&credential.key_id, credential.created_at)
        })
    };
    said.iter()
        .map(|credential| {
            let masked = credential.kind == CredentialKind::ClientSecret
                && credential.fingerprint.is_none()
                && credential.strength == Strength::Unknown;
            match seen(credential).filter(|_| masked) {
                Some(earlier) => ImportedCredential {
                    fingerprint: earlier.fingerprint.clone(),
                    strength: earlier.strength,
                    ..credential.clone()
                },
                None => credential.clone(),
            }
        })
        .collect()
}

fn set_state(after: &mut ClientFacts, client: &ImportedClient, remarks: &mut Vec<String>) {
    use IdentityState as S;
    let by_file = StateCause::is_observed;
    if !by_file(client.cause) {
        return;
    }
    if by_file(after.cause) {
        if client.says_enabled {
            (after.state, after.cause) = (client.state, client.cause);
        }
        return;
    }
    if !client.says_enabled {
        // What its system should not hold is listed all the same.
        if matches!(after.state, S::Revoked | S::Rejected | S::Requested) {
            remarks.push(format!(
                "The file lists it, the register says {}: {}. The register stays.",
                after.state.label().to_lowercase(),
                after.cause.label()
            ));
        }
        return;
    }
    let disagrees = match after.state {
        S::Active => !client.enabled,
        S::Suspended | S::Revoking | S::Revoked | S::Rejected | S::Requested => client.enabled,
        S::Approved => false,
    };
    if disagrees {
        remarks.push(format!(
            "The file says {}, the register says {}: {}. The register stays.",
            if client.enabled { "enabled" } else { "disabled" },
            after.state.label().to_lowercase(),
            after.cause.label()
        ));
    }
}

fn fill(
    known: &mut Option<String>,
    said: Option<&String>,
    other: impl Fn(&str) -> Option<String>,
    remarks: &mut Vec<String>,
) {
    match (known.as_ref(), said) {
        (None, Some(text)) => *known = Some(text.clone()),
        (Some(kept), Some(text)) if kept.trim().to_lowercase() != text.trim().to_lowercase() => {
            remarks.extend(other(text));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
