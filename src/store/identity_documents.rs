//! Whole identities as scripts read them: `muster identities list --json` and the exports.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::schema::{people, systems, vendors};
use super::{Db, StoreError, identities, identity_parts as parts};
use crate::domain::identities::*;
use crate::domain::ids::{Id, Moment};
use crate::domain::reaching::IdentityTier;
use crate::each;

/// One identity with everything that hangs on it. Field names and order are those of the command
/// line's JSON; scripts depend on them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdentityDocument {
    pub id: Id,
    pub client_id: Option<String>,
    pub kind: IdentityKind,
    pub name: String,
    pub enabled: bool,
    pub vendor_managed: bool,
    pub environment: Environment,
    pub client_type: ClientType,
    pub grant_types: Vec<String>,
    pub redirect_uris: Vec<String>,
    /// Every default and optional scope.
    pub issued_scopes: Vec<String>,
    /// Those of them that must be asked for.
    pub optional_scopes: Vec<String>,
    pub approved_scopes: Vec<String>,
    pub credentials: Vec<CredentialDocument>,
    pub access_token_seconds: Option<i64>,
    pub expires_at: Option<Moment>,
    /// The e-mail address.
    pub business_owner: Option<String>,
    /// The e-mail address.
    pub technical_owner: Option<String>,
    pub purpose: Option<String>,
    pub access_basis: Option<AccessBasis>,
    pub revocation: RevocationDocument,
    /// The state, expiry included.
    pub status: IdentityState,
    pub system: Option<String>,
    /// How far it reaches.
    pub tier: IdentityTier,
    /// Sorts by risk, the highest worst; absent where the tier is unknown.
    pub risk: Option<i64>,
}

/// What the exports tell beyond [`IdentityDocument`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdentityDetails {
    pub status_cause: StateCause,
    pub description: Option<String>,
    pub vendor: Option<String>,
    pub criticality: Criticality,
    pub requested_scopes: Vec<String>,
    pub refresh_tokens: RefreshTokens,
    pub refresh_token_seconds: Option<i64>,
    pub review_interval_days: Option<i64>,
    pub next_review_on: Option<NaiveDate>,
    pub last_used_at: Option<Moment>,
    pub use_visible_since: Option<Moment>,
    pub business_owner_answer: Option<OwnerAnswer>,
    pub technical_owner_answer: Option<OwnerAnswer>,
    pub registered_at: Moment,
    pub version: i64,
}

/// A credential, without anything secret.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CredentialDocument {
    pub kind: CredentialKind,
    pub created_at: Option<Moment>,
    pub expires_at: Option<Moment>,
    pub never_expires: bool,
    pub strength: Strength,
}

/// How the identity is stopped, as far as that is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RevocationDocument {
    pub method: Option<RevocationMethod>,
    pub proved_at: Option<Moment>,
}

/// The documents of these identities, in the order of `ids`; ids that are gone are left out.
/// At most a few hundred ids: they are bound in one statement.
pub fn documents(db: &mut Db, ids: &[Id], now: Moment) -> Result<Vec<(IdentityDocument, IdentityDetails)>, StoreError> {
    let mut found: HashMap<Id, identities::Identity> =
        identities::find_many(db, ids)?.into_iter().map(|record| (record.id, record)).collect();
    let mut scopes = grouped(parts::scopes_of(db, ids)?, |row| row.identity_id);
    let mut uris = grouped(parts::redirect_uris_of(db, ids)?, |row| row.identity_id);
    let mut credentials = grouped(parts::credentials_of(db, ids)?, |row| row.identity_id);
    let mut paths: HashMap<Id, parts::RevocationPath> =
        parts::revocation_paths_of(db, ids)?.into_iter().map(|path| (path.identity_id, path)).collect();
    let emails = emails(db, &found)?;
    let names = names(db)?;
    let documents = ids.iter().filter_map(|id| {
        let record = found.remove(id)?;
        let scopes = scopes.remove(id).unwrap_or_default();
        let path = paths.remove(id);
        let on = |list: ScopeList| -> Vec<String> {
            scopes.iter().filter(|row| row.list == list).map(|row| row.scope.clone()).collect()
        };
        let details = IdentityDetails {
            status_cause: match record.state_at(now) {
                state if state == record.state => record.state_cause,
                _ => StateCause::Expired,
            },
            description: record.description.clone(),
            vendor: record.vendor_id.and_then(|id| names.get(&id).cloned()),
            criticality: record.criticality,
            requested_scopes: on(ScopeList::Requested),
            refresh_tokens: record.refresh_tokens,
            refresh_token_seconds: record.refresh_token_seconds,
            review_interval_days: record.review_interval_days,
            next_review_on: record.next_review_on,
            last_used_at: record.last_used_at,
            use_visible_since: record.use_visible_since,
            business_owner_answer: record.business_owner_answer,
            technical_owner_answer: record.technical_owner_answer,
            registered_at: record.registered_at,
            version: record.version,
        };
        let document = IdentityDocument {
            id: record.id,
            kind: record.kind,
            enabled: record.enabled,
            vendor_managed: record.vendor_managed,
            environment: record.environment,
            client_type: record.client_type,
            redirect_uris: uris.remove(id).unwrap_or_default().into_iter().map(|row| row.uri).collect(),
            issued_scopes: on(ScopeList::Issued),
            optional_scopes: scopes
                .iter()
                .filter(|row| row.list == ScopeList::Issued && row.optional)
                .map(|row| row.scope.clone())
                .collect(),
            approved_scopes: on(ScopeList::Approved),
            credentials: credentials.remove(id).unwrap_or_default().into_iter().map(credential).collect(),
            access_token_seconds: record.access_token_seconds,
            expires_at: record.expires_at,
            business_owner: record.business_owner_id.and_then(|id| emails.get(&id).cloned()),
            technical_owner: record.technical_owner_id.and_then(|id| emails.get(&id).cloned()),
            access_basis: record.access_basis,
            revocation: RevocationDocument {
                method: path.as_ref().map(|path| path.method),
                proved_at: path.and_then(|path| path.proved_at),
            },
            status: record.state_at(now),
            system: record.system_id.and_then(|id| names.get(&id).cloned()),
            tier: record.tier,
            risk: record.risk,
            client_id: record.client_id,
            name: record.name,
            grant_types: record.grant_types.0,
            purpose: record.purpose,
        };
        Some((document, details))
    });
    Ok(documents.collect())
}

fn credential(row: parts::Credential) -> CredentialDocument {
    CredentialDocument {
        kind: row.kind,
        created_at: row.issued_at,
        expires_at: row.expires_at,
        never_expires: row.never_expires,
        strength: row.strength,
    }
}

fn grouped<T>(rows: Vec<T>, key: impl Fn(&T) -> Id) -> HashMap<Id, Vec<T>> {
    let mut groups: HashMap<Id, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

/// The addresses of the owners of these identities.
fn emails(db: &mut Db, found: &HashMap<Id, identities::Identity>) -> Result<HashMap<Id, String>, StoreError> {
    let mut owners: Vec<Id> =
        found.values().flat_map(|record| [record.business_owner_id, record.technical_owner_id]).flatten().collect();
    owners.sort_unstable();
    owners.dedup();
    let rows: Vec<(Id, String)> =
        each!(db, |c| people::table.filter(people::id.eq_any(&owners)).select((people::id, people::email)).load(c))?;
    Ok(rows.into_iter().collect())
}

/// The names of systems and vendors, of which there are few.
fn names(db: &mut Db) -> Result<HashMap<Id, String>, StoreError> {
    let mut rows: Vec<(Id, String)> = each!(db, |c| systems::table.select((systems::id, systems::name)).load(c))?;
    let more: Vec<(Id, String)> = each!(db, |c| vendors::table.select((vendors::id, vendors::name)).load(c))?;
    rows.extend(more);
    Ok(rows.into_iter().collect())
}
