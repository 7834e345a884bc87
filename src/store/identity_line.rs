//! A row of the list of identities, read in two steps: the identities alone, then the names around them.
//!
//! Joined to four other tables, PostgreSQL plans for longer than it reads, and sorts joined rows where
//! it could have walked an index.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::identity_filter::IdentitySort;
use super::people_list;
use super::schema::{identities, revocation_paths, systems, vendors};
use super::{Db, StoreError};
use crate::domain::identities::{Criticality, Environment, IdentityKind, IdentityState, OwnerAnswer};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::Cursor;
use crate::each;

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
}

impl IdentityLine {
    /// The place of this row in a list of that order.
    pub fn cursor(&self, sort: IdentitySort) -> Cursor {
        let key = match sort {
            IdentitySort::Name => self.name_key.clone(),
            IdentitySort::Expires => self.expires_key.to_text(),
            IdentitySort::LastUsed => self.last_used_key.to_text(),
            IdentitySort::NextReview => self.next_review_key.to_string(),
            IdentitySort::Registered => self.registered_at.to_text(),
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
}

/// The rows with the names around them.
pub(super) fn lines(db: &mut Db, found: Vec<Found>) -> Result<Vec<IdentityLine>, StoreError> {
    let each_once = |ids: Vec<Option<Id>>| {
        let mut ids: Vec<Id> = ids.into_iter().flatten().collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let owners = each_once(found.iter().map(|row| row.business_owner_id).collect());
    let people = people_list::names_of(db, &owners)?;
    let wanted = each_once(found.iter().map(|row| row.system_id).collect());
    let mut system_names: HashMap<Id, String> = HashMap::new();
    for ids in wanted.chunks(500) {
        let named: Vec<(Id, String)> =
            each!(db, |c| systems::table.filter(systems::id.eq_any(ids)).select((systems::id, systems::name)).load(c))?;
        system_names.extend(named);
    }
    let wanted = each_once(found.iter().map(|row| row.vendor_id).collect());
    let mut vendor_names: HashMap<Id, String> = HashMap::new();
    for ids in wanted.chunks(500) {
        let named: Vec<(Id, String)> =
            each!(db, |c| vendors::table.filter(vendors::id.eq_any(ids)).select((vendors::id, vendors::name)).load(c))?;
        vendor_names.extend(named);
    }
    let own: Vec<Id> = found.iter().map(|row| row.id).collect();
    let mut paths: HashMap<Id, Option<Moment>> = HashMap::new();
    for ids in own.chunks(500) {
        let known: Vec<(Id, Option<Moment>)> = each!(db, |c| revocation_paths::table
            .filter(revocation_paths::identity_id.eq_any(ids))
            .select((revocation_paths::identity_id, revocation_paths::proved_at))
            .load(c))?;
        paths.extend(known);
    }
    let named = |id: Option<Id>, names: &HashMap<Id, String>| id.and_then(|id| names.get(&id).cloned());
    Ok(found
        .into_iter()
        .map(|row| IdentityLine {
            business_owner_name: named(row.business_owner_id, &people),
            system_name: named(row.system_id, &system_names),
            vendor_name: named(row.vendor_id, &vendor_names),
            revocation_steps: paths.contains_key(&row.id).then_some(row.id),
            proved_at: paths.get(&row.id).copied().flatten(),
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
            version: row.version,
        })
        .collect())
}
