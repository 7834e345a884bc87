//! What hangs on an identity: scopes, credentials, redirect URIs, twins and the revocation path.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::schema::{
    credentials, identities, identity_redirect_uris, identity_scopes, identity_twins, revocation_paths,
};
use super::{Db, StoreError};
use crate::domain::identities::{CredentialKind, IdentityState, RevocationMethod, ScopeList, Strength};
use crate::domain::ids::{Id, Moment};
use crate::domain::registration::WayToStop;
use crate::each;

/// A row of `identity_scopes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = identity_scopes)]
pub struct IdentityScope {
    #[serde(skip)]
    pub identity_id: Id,
    pub list: ScopeList,
    pub scope: String,
    #[serde(skip)]
    pub position: i64,
    /// Given only when the client asks for it.
    pub optional: bool,
    /// Whether its name appears in the token's `scope`.
    pub in_token: bool,
    /// Whether the issuing system defines it.
    pub defined: bool,
}

/// A row of `credentials`: metadata only, never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = credentials, treat_none_as_default_value = false)]
pub struct Credential {
    pub id: Id,
    #[serde(skip)]
    pub identity_id: Id,
    pub kind: CredentialKind,
    pub key_id: Option<String>,
    pub thumbprint: Option<String>,
    pub location: Option<String>,
    pub issued_at: Option<Moment>,
    pub expires_at: Option<Moment>,
    pub never_expires: bool,
    pub strength: Strength,
    /// HMAC-SHA-256 of the secret under the deployment's key: equal for equal secrets.
    pub fingerprint: Option<String>,
    pub first_seen_at: Moment,
}

/// A row of `revocation_paths`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = revocation_paths, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RevocationPath {
    pub identity_id: Id,
    pub method: RevocationMethod,
    pub steps: String,
    /// Who is called. A name may stand here, so the audit log keeps only whether it changed.
    #[serde(skip)]
    pub contact: String,
    pub proved_at: Option<Moment>,
    pub proof: Option<String>,
    pub updated_at: Moment,
    pub version: i64,
}

impl RevocationPath {
    /// A way to stop that nobody has tried, as somebody wrote it.
    pub fn of(identity: Id, way: &WayToStop, now: Moment) -> Self {
        Self {
            identity_id: identity,
            method: way.method,
            steps: way.steps.clone(),
            contact: way.contact.clone(),
            proved_at: None,
            proof: None,
            updated_at: now,
            version: 1,
        }
    }
}

/// A row of `identity_redirect_uris`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = identity_redirect_uris)]
pub struct RedirectUri {
    pub identity_id: Id,
    pub position: i64,
    pub uri: String,
}

/// The scopes on all lists, by list and place.
pub fn scopes(db: &mut Db, identity: Id) -> Result<Vec<IdentityScope>, StoreError> {
    each!(db, |c| identity_scopes::table
        .filter(identity_scopes::identity_id.eq(identity))
        .order((identity_scopes::list, identity_scopes::position))
        .select(IdentityScope::as_select())
        .load(c))
    .map_err(StoreError::from)
}

/// The scopes of many identities, by identity, list and place.
pub fn scopes_of(db: &mut Db, identities: &[Id]) -> Result<Vec<IdentityScope>, StoreError> {
    each!(db, |c| identity_scopes::table
        .filter(identity_scopes::identity_id.eq_any(identities))
        .order((identity_scopes::identity_id, identity_scopes::list, identity_scopes::position))
        .select(IdentityScope::as_select())
        .load(c))
    .map_err(StoreError::from)
}

/// When it was proved that these identities can be stopped; those of which it was not are left out.
pub fn stop_proved(db: &mut Db, identities: &[Id]) -> Result<std::collections::HashMap<Id, Moment>, StoreError> {
    let mut found = std::collections::HashMap::new();
    for chunk in identities.chunks(500) {
        found.extend(each!(db, |c| revocation_paths::table
            .filter(revocation_paths::identity_id.eq_any(chunk))
            .filter(revocation_paths::proved_at.is_not_null())
            .select((revocation_paths::identity_id, revocation_paths::proved_at.assume_not_null()))
            .load::<(Id, Moment)>(c))?);
    }
    Ok(found)
}

/// Puts one list of scopes in place of the one there was.
pub fn replace_scopes(db: &mut Db, identity: Id, list: ScopeList, scopes: &[IdentityScope]) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(
        identity_scopes::table.filter(identity_scopes::identity_id.eq(identity)).filter(identity_scopes::list.eq(list)),
    )
    .execute(c))?;
    insert_scopes(db, scopes)
}

/// Stores new scopes.
pub fn insert_scopes(db: &mut Db, scopes: &[IdentityScope]) -> Result<(), StoreError> {
    for chunk in scopes.chunks(1_000) {
        each!(db, |c| diesel::insert_into(identity_scopes::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// The credentials of an identity, oldest knowledge first.
pub fn credentials(db: &mut Db, identity: Id) -> Result<Vec<Credential>, StoreError> {
    credentials_of(db, &[identity])
}

/// The credentials of many identities.
pub fn credentials_of(db: &mut Db, identities: &[Id]) -> Result<Vec<Credential>, StoreError> {
    each!(db, |c| credentials::table
        .filter(credentials::identity_id.eq_any(identities))
        .order((credentials::identity_id, credentials::first_seen_at, credentials::id))
        .select(Credential::as_select())
        .load(c))
    .map_err(StoreError::from)
}

/// Stores new credentials.
pub fn insert_credentials(db: &mut Db, rows: &[Credential]) -> Result<(), StoreError> {
    for chunk in rows.chunks(1_000) {
        each!(db, |c| diesel::insert_into(credentials::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Puts credentials in place of those there were.
pub fn replace_credentials(db: &mut Db, identity: Id, rows: &[Credential]) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(credentials::table.filter(credentials::identity_id.eq(identity))).execute(c))?;
    insert_credentials(db, rows)
}

/// Ids of other identities that hold a secret with one of these fingerprints: the same secret twice.
pub fn sharing_a_secret(db: &mut Db, identity: Id, fingerprints: &[String]) -> Result<Vec<Id>, StoreError> {
    if fingerprints.is_empty() {
        return Ok(Vec::new());
    }
    each!(db, |c| credentials::table
        .filter(credentials::fingerprint.eq_any(fingerprints))
        .filter(credentials::identity_id.ne(identity))
        .select(credentials::identity_id)
        .distinct()
        .load(c))
    .map_err(StoreError::from)
}

/// The fingerprints of the secrets of these identities.
pub fn fingerprints_of(db: &mut Db, identities: &[Id]) -> Result<Vec<String>, StoreError> {
    each!(db, |c| credentials::table
        .filter(credentials::identity_id.eq_any(identities))
        .filter(credentials::fingerprint.is_not_null())
        .select(credentials::fingerprint.assume_not_null())
        .distinct()
        .load(c))
    .map_err(StoreError::from)
}

/// Who holds a secret of these fingerprints: fingerprint and identity, of those that are not gone.
pub fn holders_of(db: &mut Db, fingerprints: &[String]) -> Result<Vec<(String, Id)>, StoreError> {
    let mut found = Vec::new();
    for chunk in fingerprints.chunks(500) {
        found.extend(each!(db, |c| credentials::table
            .inner_join(identities::table)
            .filter(credentials::fingerprint.eq_any(chunk))
            .filter(identities::state.ne_all([IdentityState::Revoked, IdentityState::Rejected]))
            .select((credentials::fingerprint.assume_not_null(), credentials::identity_id))
            .load::<(String, Id)>(c))?);
    }
    Ok(found)
}

/// The redirect URIs, in their order.
pub fn redirect_uris(db: &mut Db, identity: Id) -> Result<Vec<String>, StoreError> {
    each!(db, |c| identity_redirect_uris::table
        .filter(identity_redirect_uris::identity_id.eq(identity))
        .order(identity_redirect_uris::position)
        .select(identity_redirect_uris::uri)
        .load(c))
    .map_err(StoreError::from)
}

/// The redirect URIs of many identities, by identity and place.
pub fn redirect_uris_of(db: &mut Db, identities: &[Id]) -> Result<Vec<RedirectUri>, StoreError> {
    each!(db, |c| identity_redirect_uris::table
        .filter(identity_redirect_uris::identity_id.eq_any(identities))
        .order((identity_redirect_uris::identity_id, identity_redirect_uris::position))
        .select(RedirectUri::as_select())
        .load(c))
    .map_err(StoreError::from)
}

/// Stores new redirect URIs.
pub fn insert_redirect_uris(db: &mut Db, rows: &[RedirectUri]) -> Result<(), StoreError> {
    for chunk in rows.chunks(1_000) {
        each!(db, |c| diesel::insert_into(identity_redirect_uris::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Puts redirect URIs in place of those there were.
pub fn replace_redirect_uris(db: &mut Db, identity: Id, uris: &[String]) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(
        identity_redirect_uris::table.filter(identity_redirect_uris::identity_id.eq(identity)),
    )
    .execute(c))?;
    let rows: Vec<RedirectUri> = (0_i64..)
        .zip(uris)
        .map(|(position, uri)| RedirectUri { identity_id: identity, position, uri: uri.clone() })
        .collect();
    insert_redirect_uris(db, &rows)
}

/// The ids of the same client in other environments.
pub fn twins(db: &mut Db, identity: Id) -> Result<Vec<Id>, StoreError> {
    let pairs: Vec<(Id, Id)> = each!(db, |c| identity_twins::table
        .filter(identity_twins::identity_id.eq(identity).or(identity_twins::twin_id.eq(identity)))
        .select((identity_twins::identity_id, identity_twins::twin_id))
        .load(c))?;
    Ok(pairs.into_iter().map(|(one, other)| if one == identity { other } else { one }).collect())
}

/// Puts twins in place of those there were.
pub fn replace_twins(db: &mut Db, identity: Id, twins: &[Id]) -> Result<(), StoreError> {
    let pairs: Vec<_> = twins
        .iter()
        .map(|twin| {
            let (smaller, larger) = if *twin < identity { (*twin, identity) } else { (identity, *twin) };
            (identity_twins::identity_id.eq(smaller), identity_twins::twin_id.eq(larger))
        })
        .collect();
    each!(db, |c| {
        diesel::delete(
            identity_twins::table
                .filter(identity_twins::identity_id.eq(identity).or(identity_twins::twin_id.eq(identity))),
        )
        .execute(c)?;
        diesel::insert_into(identity_twins::table).values(pairs).execute(c)
    })?;
    Ok(())
}

/// How the identity is stopped, where that is known.
pub fn revocation_path(db: &mut Db, identity: Id) -> Result<Option<RevocationPath>, StoreError> {
    each!(db, |c| revocation_paths::table
        .filter(revocation_paths::identity_id.eq(identity))
        .select(RevocationPath::as_select())
        .first(c)
        .optional())
    .map_err(StoreError::from)
}

/// The revocation paths of many identities.
pub fn revocation_paths_of(db: &mut Db, identities: &[Id]) -> Result<Vec<RevocationPath>, StoreError> {
    each!(db, |c| revocation_paths::table
        .filter(revocation_paths::identity_id.eq_any(identities))
        .select(RevocationPath::as_select())
        .load(c))
    .map_err(StoreError::from)
}

/// Stores a new revocation path.
pub fn insert_revocation_path(db: &mut Db, path: &RevocationPath) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(revocation_paths::table).values(path).execute(c))?;
    Ok(())
}

/// Stores a changed revocation path over the version before it.
pub fn update_revocation_path(db: &mut Db, path: &RevocationPath) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        revocation_paths::table
            .filter(revocation_paths::identity_id.eq(path.identity_id))
            .filter(revocation_paths::version.eq(path.version - 1)),
    )
    .set(path)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Removes a revocation path that was written by mistake.
pub fn delete_revocation_path(db: &mut Db, identity: Id) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(revocation_paths::table.filter(revocation_paths::identity_id.eq(identity)))
        .execute(c))?;
    Ok(())
}
