//! What a file said about a client, after everything secret was left at the door.
//!
//! The importers in `connectors::imports` read files into these values; `actions::imports` compares
//! them with what is stored. Nothing in here can hold a secret: of a secret only its keyed
//! fingerprint, age and strength class pass.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::identities::{
    ClientType, CredentialKind, Environment, IdentityKind, IdentityState, RefreshTokens, StateCause, Strength,
};
use super::ids::Moment;

/// A whole file, read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportedFile {
    /// A name of the issuing system found in the file (a realm's name, say).
    pub system_name: Option<String>,
    /// Every entry of the file, in its order: none is left out.
    pub rows: Vec<ImportedRow>,
    /// What else the file held and was left out on purpose, in words with counts
    /// ("2 human users", "1 realm private key").
    pub left_out: Vec<String>,
    /// Whether the file lists every client of its system, so that one it lacks has vanished there.
    /// A single client, a registration or one page of a longer list cannot tell.
    #[serde(default)]
    pub complete: bool,
}

/// One entry of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportedRow {
    /// The line in the file on which the entry starts, counted from 1, where known.
    pub line: Option<u64>,
    /// What the entry is.
    pub outcome: ImportedOutcome,
}

/// An entry that could be read, one that is left alone, or one that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportedOutcome {
    /// A client to keep.
    Client(Box<ImportedClient>),
    /// Not for the register, with the reason in words.
    Skip { name: String, reason: String },
    /// Cannot be read, with the reason and what to do.
    Error { name: String, reason: String },
}

/// One client as a file describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportedClient {
    /// The client identifier at the issuing system (RFC 6749 section 2.2). A request has none yet.
    pub client_id: Option<String>,
    pub kind: IdentityKind,
    pub name: String,
    pub description: Option<String>,
    /// Only where the file says so; otherwise the import's environment is taken.
    pub environment: Option<Environment>,
    /// Only where the file says so; otherwise the import's system is taken.
    pub system: Option<String>,
    pub vendor: Option<String>,
    pub purpose: Option<String>,
    pub client_type: ClientType,
    /// RFC 7591 names: `authorization_code`, `client_credentials`, `refresh_token`, `implicit`, `password`,
    /// `urn:ietf:params:oauth:grant-type:device_code`, `urn:openid:params:grant-type:ciba`,
    /// `urn:ietf:params:oauth:grant-type:token-exchange`. In the order of this list.
    pub grant_types: Vec<String>,
    /// SMART launch types: `launch-ehr`, `launch-standalone`, `backend`; empty where the file does not tell.
    pub launch_types: Vec<String>,
    /// Exactly as in the file, in its order.
    pub redirect_uris: Vec<String>,
    pub access_token_seconds: Option<i64>,
    pub refresh_tokens: RefreshTokens,
    /// With `RefreshTokens::Limited`.
    pub refresh_token_seconds: Option<i64>,
    /// Whether the issuing system lets it sign in.
    pub enabled: bool,
    /// Ships with the issuing system and is kept by its vendor.
    pub vendor_managed: bool,
    pub state: IdentityState,
    pub cause: StateCause,
    /// The end date of the whole client, where the file has one.
    pub expires_at: Option<Moment>,
    pub created_at: Option<Moment>,
    pub last_used_at: Option<Moment>,
    pub issued_scopes: Vec<ImportedScope>,
    pub requested_scopes: Vec<String>,
    /// Whether the file itself says which scopes are issued, and whether it is enabled. What is taken for granted where
    /// the file is silent proves nothing.
    #[serde(default)]
    pub says_scopes: bool,
    #[serde(default)]
    pub says_enabled: bool,
    pub credentials: Vec<ImportedCredential>,
    /// Addresses of owners that the file names, to be matched with people; a name never makes a person.
    pub business_owner_email: Option<String>,
    pub technical_owner_email: Option<String>,
    /// Everything else worth keeping, by name, without secrets.
    pub notes: BTreeMap<String, String>,
    /// What the reader of the preview should know: "A secret was seen and left out. It is 3 years old",
    /// "claimed, not verified", "the scope x is not defined in this file".
    pub remarks: Vec<String>,
}

/// One scope name that the issuing system gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedScope {
    pub scope: String,
    /// Given only when the client asks for it.
    pub optional: bool,
    /// Whether its name appears in the token's `scope`.
    pub in_token: bool,
    /// Whether the file defines it.
    pub defined: bool,
}

/// What a file said about a credential. Metadata only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedCredential {
    pub kind: CredentialKind,
    /// The identifier of the key or the secret at the issuing system.
    pub key_id: Option<String>,
    /// Thumbprint of a public key or certificate.
    pub thumbprint: Option<String>,
    /// The address of a key set (`jwks_uri`).
    pub location: Option<String>,
    pub created_at: Option<Moment>,
    pub expires_at: Option<Moment>,
    pub never_expires: bool,
    pub strength: Strength,
    /// HMAC-SHA-256 of the secret under the deployment's own key, in hexadecimal: equal secrets have
    /// equal fingerprints, and nothing else can be learnt from one.
    pub fingerprint: Option<String>,
}
