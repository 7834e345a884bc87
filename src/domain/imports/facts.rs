//! What a file may say of a client, as the register holds it, and how each fact reads.

use std::collections::BTreeMap;

use super::super::identities::{ClientType, CredentialKind, IdentityState, RefreshTokens, StateCause};
use super::super::ids::{Id, Moment};
use super::super::imported::{ImportedClient, ImportedCredential, ImportedScope};
use super::FieldChange;

/// Somebody, by id, with the address the file or the register has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub id: Id,
    pub address: String,
}

/// The facts of an identity that a file may change or, where nobody has, fill in.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientFacts {
    pub name: String,
    pub description: Option<String>,
    pub client_type: ClientType,
    pub grant_types: Vec<String>,
    pub launch_types: Vec<String>,
    pub redirect_uris: Vec<String>,
    pub access_token_seconds: Option<i64>,
    pub refresh_tokens: RefreshTokens,
    pub refresh_token_seconds: Option<i64>,
    pub enabled: bool,
    pub vendor_managed: bool,
    pub state: IdentityState,
    pub cause: StateCause,
    pub expires_at: Option<Moment>,
    pub last_used_at: Option<Moment>,
    /// An earlier file lacked it.
    pub vanished: bool,
    pub issued_scopes: Vec<ImportedScope>,
    pub requested_scopes: Vec<String>,
    pub credentials: Vec<ImportedCredential>,
    pub notes: BTreeMap<String, String>,
    /// Only filled in, never changed: people keep it.
    pub vendor: Option<String>,
    /// Only filled in, never changed: people keep it.
    pub purpose: Option<String>,
    /// Only proposed where nobody is.
    pub business_owner: Option<Named>,
    /// Only proposed where nobody is.
    pub technical_owner: Option<Named>,
}

impl ClientFacts {
    /// What a file says of a client that the register does not know yet.
    pub fn of_new(client: &ImportedClient, owners: Owners) -> Self {
        Self {
            name: name_of(client),
            description: client.description.clone(),
            client_type: client.client_type,
            grant_types: client.grant_types.clone(),
            launch_types: client.launch_types.clone(),
            redirect_uris: client.redirect_uris.clone(),
            access_token_seconds: client.access_token_seconds,
            refresh_tokens: client.refresh_tokens,
            refresh_token_seconds: client.refresh_token_seconds,
            enabled: client.enabled,
            vendor_managed: client.vendor_managed,
            state: client.state,
            cause: client.cause,
            expires_at: client.expires_at,
            last_used_at: client.last_used_at,
            vanished: false,
            issued_scopes: client.issued_scopes.clone(),
            requested_scopes: client.requested_scopes.clone(),
            credentials: client.credentials.clone(),
            notes: notes_of(client),
            vendor: client.vendor.clone(),
            purpose: client.purpose.clone(),
            business_owner: owners.business,
            technical_owner: owners.technical,
        }
    }
}

/// The owners a file names, as far as they are people of the register.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Owners {
    pub business: Option<Named>,
    pub technical: Option<Named>,
}

/// The name of a client, or its client id where it has none.
pub fn name_of(client: &ImportedClient) -> String {
    let name = client.name.trim();
    if name.is_empty() { client.client_id.clone().unwrap_or_default() } else { name.to_owned() }
}

/// The notes, with the day the client was made where the file tells and no note does.
pub fn notes_of(client: &ImportedClient) -> BTreeMap<String, String> {
    let mut notes = client.notes.clone();
    if let Some(at) = client.created_at {
        notes.entry("created at the issuing system".to_owned()).or_insert_with(|| time(at));
    }
    notes
}

/// What is taken for granted of a client that the register does not know yet, said to whoever reads the preview: a
/// record is either enabled or not.
pub fn taken_for_granted(client: &ImportedClient) -> Option<&'static str> {
    let silent = client.cause.is_observed() && !client.says_enabled;
    silent.then_some("The file does not say whether it is enabled at its system; it was taken for enabled.")
}

/// "2026-11-23 19:32 UTC".
pub fn time(at: Moment) -> String {
    at.utc().format("%Y-%m-%d %H:%M UTC").to_string()
}

/// What differs between two sets of facts, field by field, in the order of the identity's page.
pub fn difference(before: &ClientFacts, after: &ClientFacts) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut one = |field: &str, old: Option<String>, new: Option<String>| {
        if old != new {
            changes.push(FieldChange {
                field: field.to_owned(),
                before: old.into_iter().collect(),
                after: new.into_iter().collect(),
            });
        }
    };
    let yes = |value: bool| Some(if value { "yes" } else { "no" }.to_owned());
    let seconds = |value: Option<i64>| value.map(|seconds| format!("{seconds} seconds"));
    let refresh = |facts: &ClientFacts| {
        Some(match facts.refresh_token_seconds {
            Some(seconds) => format!("{seconds} seconds"),
            None => facts.refresh_tokens.label().to_owned(),
        })
    };
    let address = |owner: &Option<Named>| owner.as_ref().map(|owner| owner.address.clone());
    one("Name", Some(before.name.clone()), Some(after.name.clone()));
    one("Description", before.description.clone(), after.description.clone());
    one("Purpose", before.purpose.clone(), after.purpose.clone());
    one("Vendor", before.vendor.clone(), after.vendor.clone());
    one("Business owner, proposed", address(&before.business_owner), address(&after.business_owner));
    one("Technical owner, proposed", address(&before.technical_owner), address(&after.technical_owner));
    one("State", Some(before.state.label().to_owned()), Some(after.state.label().to_owned()));
    one("Cause of the state", Some(before.cause.label().to_owned()), Some(after.cause.label().to_owned()));
    one("Enabled at the issuing system", yes(before.enabled), yes(after.enabled));
    one("Vanished from the file", yes(before.vanished), yes(after.vanished));
    one("Kept by the system\u{2019}s vendor", yes(before.vendor_managed), yes(after.vendor_managed));
    one("Client type", Some(before.client_type.label().to_owned()), Some(after.client_type.label().to_owned()));
    one("Expires", before.expires_at.map(time), after.expires_at.map(time));
    one("Last used", before.last_used_at.map(time), after.last_used_at.map(time));
    one("Access tokens live", seconds(before.access_token_seconds), seconds(after.access_token_seconds));
    one("Refresh tokens live", refresh(before), refresh(after));
    let words = |scopes: &[ImportedScope]| scopes.iter().map(scope_words).collect::<Vec<_>>();
    let proofs = |credentials: &[ImportedCredential]| credentials.iter().map(credential_words).collect::<Vec<_>>();
    let notes = |notes: &BTreeMap<String, String>| notes.iter().map(|(key, text)| format!("{key}: {text}")).collect();
    list(&mut changes, "Grant types", before.grant_types.clone(), after.grant_types.clone());
    list(&mut changes, "Launch types", before.launch_types.clone(), after.launch_types.clone());
    list(&mut changes, "Redirect URIs", before.redirect_uris.clone(), after.redirect_uris.clone());
    list(&mut changes, "Issued scopes", words(&before.issued_scopes), words(&after.issued_scopes));
    list(&mut changes, "Requested scopes", before.requested_scopes.clone(), after.requested_scopes.clone());
    list(&mut changes, "Credentials", proofs(&before.credentials), proofs(&after.credentials));
    list(&mut changes, "Notes", notes(&before.notes), notes(&after.notes));
    changes
}

/// Adds what differs between two lists; each item counts as often as it stands there.
fn list(changes: &mut Vec<FieldChange>, field: &str, before: Vec<String>, after: Vec<String>) {
    let mut left = after;
    let mut gone = Vec::new();
    for item in before {
        match left.iter().position(|other| *other == item) {
            Some(place) => drop(left.remove(place)),
            None => gone.push(item),
        }
    }
    if !gone.is_empty() || !left.is_empty() {
        changes.push(FieldChange { field: field.to_owned(), before: gone, after: left });
    }
}

fn scope_words(scope: &ImportedScope) -> String {
    let mut text = scope.scope.clone();
    for (said, word) in
        [(scope.optional, "on request"), (!scope.in_token, "not named in the token"), (!scope.defined, "not defined")]
    {
        if said {
            text.push_str(&format!(" ({word})"));
        }
    }
    text
}

fn credential_words(credential: &ImportedCredential) -> String {
    let mut parts = vec![credential.kind.label().to_owned()];
    let mut add = |word: &str, text: Option<String>| parts.extend(text.map(|text| format!("{word}{text}")));
    add("id ", credential.key_id.clone());
    add("thumbprint ", credential.thumbprint.clone());
    add("at ", credential.location.clone());
    add("made ", credential.created_at.map(time));
    add("ends ", credential.expires_at.map(time));
    let endless = credential.expires_at.is_none() && credential.kind != CredentialKind::None;
    add(
        "",
        endless.then(|| if credential.never_expires { "never expires" } else { "no end date in the file" }.to_owned()),
    );
    add("strength ", Some(credential.strength.word().to_owned()));
    // Eight digits tell two secrets apart for a reader; they are no way back to either.
    add("fingerprint ", credential.fingerprint.as_ref().map(|text| text.chars().take(8).collect()));
    parts.join(", ")
}
