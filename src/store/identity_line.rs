//! A row of the list of identities: what stands in its own table, and the names around it.
//!
//! SQLite joins the names while it walks the order. PostgreSQL would plan five tables for longer than it
//! reads one, and join thousands of rows before it sorts and cuts them: it reads the names afterwards.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::StoreError;
use super::identity_filter::{IdentityOrder, IdentitySort};
use super::opening::PgConn;
use super::schema::{identities, people, revocation_paths, systems, vendors};
use crate::domain::identities::{Criticality, Environment, IdentityKind, IdentityState, OwnerAnswer};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::Cursor;
use crate::domain::reaching::IdentityTier;

/// A row of the list: what is shown and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityLine {
    pub id: Id,
    pub name: String,
    pub name_key: String,
    pub kind: IdentityKind,
    pub client_id: Option<String>,
    pub environment: Environment,
    pub state: IdentityState,
    pub criticality: Criticality,
    pub vendor_managed: bool,
    pub expires_at: Option<Moment>,
    pub expires_key: Moment,
    pub last_used_at: Option<Moment>,
    pub last_used_key: Moment,
    pub use_visible_since: Option<Moment>,
    pub next_review_on: Option<NaiveDate>,
    pub next_review_key: NaiveDate,
    pub registered_at: Moment,
    pub business_owner_id: Option<Id>,
    pub business_owner_answer: Option<OwnerAnswer>,
    pub business_owner_name: Option<String>,
    pub system_name: Option<String>,
    pub vendor_name: Option<String>,
    pub revocation_steps: Option<Id>,
    pub proved_at: Option<Moment>,
    pub version: i64,
    pub tier: IdentityTier,
    pub risk: Option<i64>,
}

impl IdentityLine {
    /// The place of this row in a list of that order.
    pub fn cursor(&self, order: IdentityOrder) -> Cursor {
        let key = match order.sort {
            IdentitySort::Name => self.name_key.clone(),
            IdentitySort::Expires => self.expires_key.to_text(),
            IdentitySort::LastUsed => self.last_used_key.to_text(),
            IdentitySort::NextReview => self.next_review_key.to_string(),
            IdentitySort::Registered => self.registered_at.to_text(),
            IdentitySort::Risk => self.risk.unwrap_or(order.unknown_risk()).to_string(),
        };
        Cursor { key, id: self.id }
    }
}

/// What a row takes from its own table.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = identities)]
pub(super) struct Found {
    id: Id,
    name: String,
    name_key: String,
    kind: IdentityKind,
    client_id: Option<String>,
    environment: Environment,
    state: IdentityState,
    criticality: Criticality,
    vendor_managed: bool,
    expires_at: Option<Moment>,
    expires_key: Moment,
    last_used_at: Option<Moment>,
    last_used_key: Moment,
    use_visible_since: Option<Moment>,
    next_review_on: Option<NaiveDate>,
    next_review_key: NaiveDate,
    registered_at: Moment,
    business_owner_id: Option<Id>,
    business_owner_answer: Option<OwnerAnswer>,
    system_id: Option<Id>,
    vendor_id: Option<Id>,
    version: i64,
    tier: IdentityTier,
    risk: Option<i64>,
}

/// What a row takes from other tables: the names of owner, system and vendor, and its way to stop it.
pub(super) type Around = (Option<String>, Option<String>, Option<String>, Option<Id>, Option<Moment>);

/// The rows with what is around them read afterwards.
pub(super) fn looked_up(c: &mut PgConn, found: Vec<Found>) -> Result<Vec<IdentityLine>, StoreError> {
    let mut ids: Vec<Id> =
        found.iter().flat_map(|row| [row.business_owner_id, row.system_id, row.vendor_id]).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    // No two records of any tables share an id, so one look-up serves all three.
    let named: Vec<(Id, String)> = people::table
        .filter(people::id.eq_any(&ids))
        .select((people::id, people::name))
        .union_all(systems::table.filter(systems::id.eq_any(&ids)).select((systems::id, systems::name)))
        .union_all(vendors::table.filter(vendors::id.eq_any(&ids)).select((vendors::id, vendors::name)))
        .load(c)?;
    let names: HashMap<Id, String> = named.into_iter().collect();
    let own: Vec<Id> = found.iter().map(|row| row.id).collect();
    let known: Vec<(Id, Option<Moment>)> = revocation_paths::table
        .filter(revocation_paths::identity_id.eq_any(&own))
        .select((revocation_paths::identity_id, revocation_paths::proved_at))
        .load(c)?;
    let paths: HashMap<Id, Option<Moment>> = known.into_iter().collect();
    let named = |id: Option<Id>| id.and_then(|id| names.get(&id).cloned());
    let around = |row: &Found| {
        let path = paths.get(&row.id);
        let names = (named(row.business_owner_id), named(row.system_id), named(row.vendor_id));
        (names.0, names.1, names.2, path.map(|_| row.id), path.copied().flatten())
    };
    Ok(found
        .into_iter()
        .map(|row| {
            let around = around(&row);
            line((row, around))
        })
        .collect())
}

/// The row with what is around it.
pub(super) fn line((row, around): (Found, Around)) -> IdentityLine {
    IdentityLine {
        id: row.id,
        name: row.name,
        name_key: row.name_key,
        kind: row.kind,
        client_id: row.client_id,
        environment: row.environment,
        state: row.state,
        criticality: row.criticality,
        vendor_managed: row.vendor_managed,
        expires_at: row.expires_at,
        expires_key: row.expires_key,
        last_used_at: row.last_used_at,
        last_used_key: row.last_used_key,
        use_visible_since: row.use_visible_since,
        next_review_on: row.next_review_on,
        next_review_key: row.next_review_key,
        registered_at: row.registered_at,
        business_owner_id: row.business_owner_id,
        business_owner_answer: row.business_owner_answer,
        business_owner_name: around.0,
        system_name: around.1,
        vendor_name: around.2,
        revocation_steps: around.3,
        proved_at: around.4,
        version: row.version,
        tier: row.tier,
        risk: row.risk,
    }
}
