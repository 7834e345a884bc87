//! What the register can hold of a client: an entry beyond it is an error row, never a failed import.

use std::collections::BTreeSet;

use super::super::identities::RefreshTokens;
use super::super::imported::ImportedClient;
use super::facts;

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 200;

/// The longest client id and scope, in bytes: an index of PostgreSQL takes no more than 2,704.
pub const LONGEST_KEY: usize = 1_000;

/// Why the register cannot hold a client, and what to do.
pub fn refusal(client: &ImportedClient) -> Option<String> {
    let name = facts::name_of(client);
    if name.is_empty() {
        return Some("It has neither a name nor a client id. Give it one in its system.".to_owned());
    }
    if name.chars().count() > LONGEST_NAME {
        return Some(format!("Its name is longer than {LONGEST_NAME} characters. Shorten it in its system."));
    }
    let vendor = client.vendor.as_ref().is_some_and(|vendor| vendor.chars().count() > LONGEST_NAME);
    let system = client.system.as_ref().is_some_and(|system| system.chars().count() > LONGEST_NAME);
    if vendor || system {
        return Some(format!("The name of its vendor or system is longer than {LONGEST_NAME} characters. Shorten it."));
    }
    if client.client_id.as_ref().is_some_and(|id| id.is_empty() || id.len() > LONGEST_KEY) {
        return Some(format!("Its client id is empty or longer than {LONGEST_KEY} bytes."));
    }
    let scopes = client.issued_scopes.iter().map(|scope| &scope.scope).chain(&client.requested_scopes);
    if scopes.into_iter().any(|scope| scope.is_empty() || scope.len() > LONGEST_KEY) {
        return Some(format!("One of its scopes is empty or longer than {LONGEST_KEY} bytes."));
    }
    let seconds = [client.access_token_seconds, client.refresh_token_seconds];
    if seconds.into_iter().flatten().any(|seconds| seconds <= 0) {
        return Some("A token's lifetime is not more than nothing. Correct it in its system.".to_owned());
    }
    if (client.refresh_tokens == RefreshTokens::Limited) != client.refresh_token_seconds.is_some() {
        return Some("It says two things about how long its refresh tokens live.".to_owned());
    }
    if client.credentials.iter().any(|credential| credential.never_expires && credential.expires_at.is_some()) {
        return Some("One of its credentials has an end and says that it never ends.".to_owned());
    }
    if holds_nul(client) {
        return Some("One of its texts holds the character NUL, which is in no readable text. Remove it.".to_owned());
    }
    None
}

/// Leaves out scopes that stand on a list twice; the first counts. Answers which they were.
pub fn without_repeats(client: &mut ImportedClient) -> BTreeSet<String> {
    let mut repeated = BTreeSet::new();
    let mut seen = BTreeSet::new();
    client.issued_scopes.retain(|scope| {
        let first = seen.insert(scope.scope.clone());
        if !first {
            repeated.insert(scope.scope.clone());
        }
        first
    });
    let mut seen = BTreeSet::new();
    client.requested_scopes.retain(|scope| {
        let first = seen.insert(scope.clone());
        if !first {
            repeated.insert(scope.clone());
        }
        first
    });
    repeated
}

/// PostgreSQL's texts and documents cannot hold NUL.
fn holds_nul(client: &ImportedClient) -> bool {
    let texts = [&client.description, &client.vendor, &client.system, &client.purpose, &client.client_id];
    let owners = [&client.business_owner_email, &client.technical_owner_email];
    let lists = [&client.redirect_uris, &client.grant_types, &client.launch_types, &client.requested_scopes];
    let nul = |text: &str| text.contains('\0');
    nul(&client.name)
        || texts.into_iter().chain(owners).flatten().any(|text| nul(text))
        || lists.into_iter().flatten().chain(&client.remarks).any(|text| nul(text))
        || client.issued_scopes.iter().any(|scope| nul(&scope.scope))
        || client.notes.iter().any(|(key, text)| nul(key) || nul(text))
        || client.credentials.iter().any(|credential| {
            [&credential.key_id, &credential.thumbprint, &credential.location]
                .into_iter()
                .flatten()
                .any(|text| nul(text))
        })
}
