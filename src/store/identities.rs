//! Identities: the record and its change.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::schema::identities;
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::identities::*;
use crate::domain::ids::{Id, Moment};
use crate::domain::reaching::{IdentityTier, Measured};
use crate::each;

/// A row of `identities`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = identities, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Identity {
    pub id: Id,
    pub kind: IdentityKind,
    pub name: String,
    /// The name in lower case: what lists sort by, the same in both databases.
    #[serde(skip)]
    pub name_key: String,
    pub description: Option<String>,
    pub client_id: Option<String>,
    pub system_id: Option<Id>,
    pub environment: Environment,
    pub parent_id: Option<Id>,
    pub vendor_id: Option<Id>,
    pub access_basis: Option<AccessBasis>,
    pub purpose: Option<String>,
    pub client_type: ClientType,
    pub grant_types: Doc<Vec<String>>,
    pub launch_types: Doc<Vec<String>>,
    pub access_token_seconds: Option<i64>,
    pub refresh_tokens: RefreshTokens,
    pub refresh_token_seconds: Option<i64>,
    pub criticality: Criticality,
    pub enabled: bool,
    pub vendor_managed: bool,
    pub state: IdentityState,
    pub state_cause: StateCause,
    pub state_changed_at: Moment,
    pub expires_at: Option<Moment>,
    pub review_interval_days: Option<i64>,
    pub next_review_on: Option<NaiveDate>,
    pub last_used_at: Option<Moment>,
    pub last_used_source: Option<String>,
    pub use_visible_since: Option<Moment>,
    pub business_owner_id: Option<Id>,
    pub business_owner_answer: Option<OwnerAnswer>,
    pub business_owner_answered_at: Option<Moment>,
    pub technical_owner_id: Option<Id>,
    pub technical_owner_answer: Option<OwnerAnswer>,
    pub technical_owner_answered_at: Option<Moment>,
    pub notes: Doc<BTreeMap<String, String>>,
    pub source_format: Option<String>,
    pub source_import_id: Option<Id>,
    pub vanished_at: Option<Moment>,
    pub registered_at: Moment,
    pub updated_at: Moment,
    pub version: i64,
    /// Follows from scopes, access basis and the tables of scopes, so the log does not keep it, and an
    /// update of the record leaves it alone: [`set_measured`] writes it.
    #[serde(skip, default = "unknown_tier")]
    #[diesel(skip_update)]
    pub tier: IdentityTier,
    #[serde(skip)]
    #[diesel(skip_update)]
    pub risk: Option<i64>,
}

fn unknown_tier() -> IdentityTier {
    IdentityTier::Unknown
}

impl Identity {
    /// A new identity of which nothing but kind, name and environment is known.
    pub fn new(kind: IdentityKind, name: &str, environment: Environment, now: Moment) -> Self {
        Self {
            id: Id::new(),
            kind,
            name: name.to_owned(),
            name_key: name.to_lowercase(),
            description: None,
            client_id: None,
            system_id: None,
            environment,
            parent_id: None,
            vendor_id: None,
            access_basis: None,
            purpose: None,
            client_type: ClientType::Unknown,
            grant_types: Doc::default(),
            launch_types: Doc::default(),
            access_token_seconds: None,
            refresh_tokens: RefreshTokens::Unknown,
            refresh_token_seconds: None,
            criticality: Criticality::Unknown,
            enabled: true,
            vendor_managed: false,
            state: IdentityState::Requested,
            state_cause: StateCause::Registered,
            state_changed_at: now,
            expires_at: None,
            review_interval_days: None,
            next_review_on: None,
            last_used_at: None,
            last_used_source: None,
            use_visible_since: None,
            business_owner_id: None,
            business_owner_answer: None,
            business_owner_answered_at: None,
            technical_owner_id: None,
            technical_owner_answer: None,
            technical_owner_answered_at: None,
            notes: Doc::default(),
            source_format: None,
            source_import_id: None,
            vanished_at: None,
            registered_at: now,
            updated_at: now,
            version: 1,
            tier: IdentityTier::Unknown,
            risk: None,
        }
    }

    /// The same with how far it reaches.
    pub fn reaching(self, measured: Measured) -> Self {
        Self { tier: measured.tier, risk: measured.risk, ..self }
    }

    /// How far it reaches, as stored.
    pub fn measured(&self) -> Measured {
        Measured { tier: self.tier, risk: self.risk }
    }

    /// Renames it; the sort key follows.
    pub fn rename(&mut self, name: &str) {
        self.name = name.to_owned();
        self.name_key = name.to_lowercase();
    }

    /// Whether its expiry has passed at `now`, whatever its stored state says: an expired identity
    /// is never shown or decided as valid because a job stood still.
    pub fn has_expired(&self, now: Moment) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// What has expired counts as suspended before a job writes it down: a change that would end its expiry
    /// writes it down first, because letting it go on takes a grant. `before` is the record as it stands.
    pub fn keep_suspended(&mut self, before: &Self, now: Moment) {
        let counts = |identity: &Self| identity.state_at(now) == IdentityState::Suspended;
        if matches!(before.state, IdentityState::Active | IdentityState::Approved) && counts(before) && !counts(self) {
            self.state = IdentityState::Suspended;
            self.state_cause = StateCause::Expired;
            self.state_changed_at = now;
        }
    }

    /// The state at `now`, expiry included.
    pub fn state_at(&self, now: Moment) -> IdentityState {
        state_at(self.state, self.expires_at, self.criticality, now)
    }
}

/// The identity of that id.
pub fn find(db: &mut Db, id: Id) -> Result<Identity, StoreError> {
    each!(db, |c| identities::table.filter(identities::id.eq(id)).select(Identity::as_select()).first(c))
        .map_err(StoreError::from)
}

/// Identities of these ids, in no order; unknown ids are left out.
pub fn find_many(db: &mut Db, ids: &[Id]) -> Result<Vec<Identity>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        found.extend(each!(db, |c| identities::table
            .filter(identities::id.eq_any(chunk))
            .select(Identity::as_select())
            .load::<Identity>(c))?);
    }
    Ok(found)
}

/// The same in the order of ids, held against other writers until the transaction ends.
pub fn hold_many(db: &mut Db, ids: &[Id]) -> Result<Vec<Identity>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        macro_rules! rows {
            () => {
                identities::table
                    .filter(identities::id.eq_any(chunk))
                    .order(identities::id)
                    .select(Identity::as_select())
            };
        }
        found.extend(match db {
            // SQLite has one writer at a time.
            Db::Sqlite(c) => rows!().load::<Identity>(c)?,
            Db::Pg(c) => rows!().for_no_key_update().load::<Identity>(c)?,
        });
    }
    Ok(found)
}

/// Every identity in the order of ids, a chunk at a time: the rows after `after`, at most `limit`.
pub fn chunk_after(db: &mut Db, after: Option<Id>, limit: i64) -> Result<Vec<Identity>, StoreError> {
    each!(db, |c| {
        let mut query = identities::table.select(Identity::as_select()).into_boxed::<DB>();
        if let Some(after) = after {
            query = query.filter(identities::id.gt(after));
        }
        query.order(identities::id).limit(limit).load(c)
    })
    .map_err(StoreError::from)
}

/// Stores a new identity.
pub fn insert(db: &mut Db, identity: &Identity) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(identities::table).values(identity).execute(c))?;
    Ok(())
}

/// Stores many new identities.
pub fn insert_many(db: &mut Db, rows: &[Identity]) -> Result<(), StoreError> {
    // SQLite binds at most 32,766 values in a statement, and a row here has 45.
    for chunk in rows.chunks(500) {
        each!(db, |c| diesel::insert_into(identities::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Stores a changed identity over the version that was read; the new version is `identity.version`,
/// one more than the stored one.
///
/// # Errors
/// [`StoreError::Conflict`] when somebody changed it since.
pub fn update(db: &mut Db, identity: &Identity) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        identities::table.filter(identities::id.eq(identity.id)).filter(identities::version.eq(identity.version - 1)),
    )
    .set(identity)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Stores how far identities reach, without a new version: nothing was decided about them.
pub fn set_measured(db: &mut Db, ids: &[Id], measured: Measured) -> Result<(), StoreError> {
    for chunk in ids.chunks(1_000) {
        each!(db, |c| diesel::update(identities::table.filter(identities::id.eq_any(chunk)))
            .set((identities::tier.eq(measured.tier), identities::risk.eq(measured.risk)))
            .execute(c))?;
    }
    Ok(())
}

/// Removes an identity and everything that hangs on it. Only an undone import does this.
pub fn delete(db: &mut Db, id: Id) -> Result<(), StoreError> {
    use super::schema::{
        credentials, digest_lines, findings, identity_redirect_uris, identity_scopes, identity_twins, review_reasons,
        review_steps, reviews, revocation_paths, tasks,
    };
    each!(db, |c| {
        diesel::delete(credentials::table.filter(credentials::identity_id.eq(id))).execute(c)?;
        diesel::delete(identity_scopes::table.filter(identity_scopes::identity_id.eq(id))).execute(c)?;
        diesel::delete(identity_redirect_uris::table.filter(identity_redirect_uris::identity_id.eq(id))).execute(c)?;
        diesel::delete(
            identity_twins::table.filter(identity_twins::identity_id.eq(id).or(identity_twins::twin_id.eq(id))),
        )
        .execute(c)?;
        diesel::delete(revocation_paths::table.filter(revocation_paths::identity_id.eq(id))).execute(c)?;
        diesel::delete(tasks::table.filter(tasks::identity_id.eq(id))).execute(c)?;
        diesel::delete(findings::table.filter(findings::identity_id.eq(id))).execute(c)?;
        diesel::delete(review_reasons::table.filter(review_reasons::identity_id.eq(id))).execute(c)?;
        let own = reviews::table.filter(reviews::identity_id.eq(id)).select(reviews::id);
        diesel::delete(digest_lines::table.filter(digest_lines::review_id.eq_any(own))).execute(c)?;
        let own = reviews::table.filter(reviews::identity_id.eq(id)).select(reviews::id);
        diesel::delete(review_steps::table.filter(review_steps::review_id.eq_any(own))).execute(c)?;
        diesel::delete(reviews::table.filter(reviews::identity_id.eq(id))).execute(c)?;
        diesel::delete(identities::table.filter(identities::id.eq(id))).execute(c)
    })?;
    Ok(())
}
