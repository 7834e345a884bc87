//! The lists of systems and of vendors, by name.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::counted::counted;
use super::people_list::{Counts, containing, names_of};
use super::registry::{System, Vendor};
use super::schema::{identities, systems, vendors};
use super::{Db, StoreError};
use crate::domain::ids::Id;
use crate::domain::listing::{COUNT_LIMIT, Count, Cursor, From, PAGE_SIZE, Page};
use crate::domain::systems::SystemKind;
use crate::{each, words};

words! {
    /// Which vendors, by their papers.
    PapersFilter {
        Ended = "ended", "A paper has ended";
        Within90Days = "within_90_days", "A paper ends within 90 days";
        NoContract = "no_contract", "No contract is on file";
    }
}

/// Which systems are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SystemFilter {
    /// Any part of the name.
    pub search: Option<String>,
    pub kind: Option<SystemKind>,
    /// Nobody is business owner or nobody is technical owner.
    pub without_owner: bool,
}

/// A row of the list of systems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemLine {
    pub system: System,
    pub business_owner: Option<(Id, String)>,
    pub technical_owner: Option<(Id, String)>,
    /// Identities it issues.
    pub identities: i64,
}

impl SystemLine {
    /// The place of this row in the list.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.system.name_key.clone(), id: self.system.id }
    }
}

/// Which vendors are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VendorFilter {
    /// Any part of the name.
    pub search: Option<String>,
    pub papers: Option<PapersFilter>,
}

/// A row of the list of vendors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorLine {
    pub vendor: Vendor,
    /// Identities that are theirs.
    pub identities: i64,
}

impl VendorLine {
    /// The place of this row in the list.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.vendor.name_key.clone(), id: self.vendor.id }
    }
}

/// Vendors whose name holds the text, at most `limit`, by name.
pub fn vendors_matching(db: &mut Db, text: &str, limit: i64) -> Result<Vec<(Id, String)>, StoreError> {
    let pattern = containing(text);
    each!(db, |c| vendors::table
        .filter(vendors::name_key.like(pattern.clone()).escape('\\'))
        .order((vendors::name_key, vendors::id))
        .limit(limit)
        .select((vendors::id, vendors::name))
        .load(c))
    .map_err(Into::into)
}

macro_rules! systems_wanted {
    ($query:expr, $filter:expr) => {{
        let mut query = $query;
        if let Some(search) = &$filter.search {
            query = query.filter(systems::name_key.like(containing(search)).escape('\\'));
        }
        if let Some(kind) = $filter.kind {
            query = query.filter(systems::kind.eq(kind));
        }
        if $filter.without_owner {
            query = query.filter(systems::business_owner_id.is_null().or(systems::technical_owner_id.is_null()));
        }
        query
    }};
}

macro_rules! vendors_wanted {
    ($query:expr, $filter:expr, $today:expr) => {{
        let mut query = $query;
        let today: NaiveDate = $today;
        let soon = today + chrono::Days::new(90);
        if let Some(search) = &$filter.search {
            query = query.filter(vendors::name_key.like(containing(search)).escape('\\'));
        }
        query = match $filter.papers {
            Some(PapersFilter::Ended) => query.filter(
                (vendors::contract_ends_on.is_not_null().and(vendors::contract_ends_on.lt(today).assume_not_null()))
                    .or(vendors::agreement_ends_on
                        .is_not_null()
                        .and(vendors::agreement_ends_on.lt(today).assume_not_null()))
                    .or(vendors::baa_ends_on.is_not_null().and(vendors::baa_ends_on.lt(today).assume_not_null())),
            ),
            Some(PapersFilter::Within90Days) => query.filter(
                (vendors::contract_ends_on
                    .is_not_null()
                    .and(vendors::contract_ends_on.between(today, soon).assume_not_null()))
                .or(vendors::agreement_ends_on
                    .is_not_null()
                    .and(vendors::agreement_ends_on.between(today, soon).assume_not_null()))
                .or(vendors::baa_ends_on
                    .is_not_null()
                    .and(vendors::baa_ends_on.between(today, soon).assume_not_null())),
            ),
            Some(PapersFilter::NoContract) => {
                query.filter(vendors::contract_reference.is_null()).filter(vendors::contract_ends_on.is_null())
            }
            None => query,
        };
        query
    }};
}

macro_rules! by_name {
    ($query:expr, $table:ident, $from:expr) => {{
        let query = $query;
        match $from {
            From::Start => query.order(($table::name_key.asc(), $table::id.asc())),
            From::After(cursor) => query
                .filter($table::name_key.ge(&cursor.key))
                .filter($table::name_key.gt(&cursor.key).or($table::id.gt(cursor.id)))
                .order(($table::name_key.asc(), $table::id.asc())),
            From::Before(cursor) => query
                .filter($table::name_key.le(&cursor.key))
                .filter($table::name_key.lt(&cursor.key).or($table::id.lt(cursor.id)))
                .order(($table::name_key.desc(), $table::id.desc())),
        }
    }};
}

/// A page of systems.
pub fn systems_page(db: &mut Db, filter: &SystemFilter, from: &From) -> Result<Page<SystemLine>, StoreError> {
    system_lines(db, filter, from, PAGE_SIZE + 1).map(|rows| Page::of(rows, from))
}

/// Systems from a place on, at most `limit`; read backwards from a `Before`.
pub fn system_lines(
    db: &mut Db,
    filter: &SystemFilter,
    from: &From,
    limit: i64,
) -> Result<Vec<SystemLine>, StoreError> {
    let found: Vec<System> = each!(db, |c| by_name!(
        systems_wanted!(systems::table.select(System::as_select()).into_boxed::<DB>(), filter),
        systems,
        from
    )
    .limit(limit)
    .load(c))?;
    let ids: Vec<Id> = found.iter().map(|system| system.id).collect();
    let counts = issued_by(db, &ids)?;
    let owners: Vec<Id> =
        found.iter().flat_map(|system| [system.business_owner_id, system.technical_owner_id]).flatten().collect();
    let names = names_of(db, &owners)?;
    let named = |id: Option<Id>| id.and_then(|id| names.get(&id).map(|name| (id, name.clone())));
    Ok(found
        .into_iter()
        .map(|system| SystemLine {
            business_owner: named(system.business_owner_id),
            technical_owner: named(system.technical_owner_id),
            identities: counts.get(&system.id).copied().unwrap_or(0),
            system,
        })
        .collect())
}

/// How many systems match.
pub fn systems_count(db: &mut Db, filter: &SystemFilter) -> Result<Count, StoreError> {
    let found: i64 = each!(db, |c| counted(
        systems_wanted!(systems::table.select(systems::version).into_boxed::<DB>(), filter).limit(COUNT_LIMIT + 1)
    )
    .get_result(c))?;
    Ok(Count::of(found))
}

/// How many identities each of these systems issues.
pub fn issued_by(db: &mut Db, ids: &[Id]) -> Result<Counts, StoreError> {
    let mut counts = Counts::new();
    for chunk in ids.chunks(500) {
        let found: Vec<(Option<Id>, i64)> = each!(db, |c| identities::table
            .filter(identities::system_id.eq_any(chunk))
            .group_by(identities::system_id)
            .select((identities::system_id, diesel::dsl::count_star()))
            .load(c))?;
        counts.extend(found.into_iter().filter_map(|(id, count)| id.map(|id| (id, count))));
    }
    Ok(counts)
}

/// A page of vendors.
pub fn vendors_page(
    db: &mut Db,
    filter: &VendorFilter,
    from: &From,
    today: NaiveDate,
) -> Result<Page<VendorLine>, StoreError> {
    vendor_lines(db, filter, from, PAGE_SIZE + 1, today).map(|rows| Page::of(rows, from))
}

/// Vendors from a place on, at most `limit`; read backwards from a `Before`.
pub fn vendor_lines(
    db: &mut Db,
    filter: &VendorFilter,
    from: &From,
    limit: i64,
    today: NaiveDate,
) -> Result<Vec<VendorLine>, StoreError> {
    let found: Vec<Vendor> = each!(db, |c| by_name!(
        vendors_wanted!(vendors::table.select(Vendor::as_select()).into_boxed::<DB>(), filter, today),
        vendors,
        from
    )
    .limit(limit)
    .load(c))?;
    let ids: Vec<Id> = found.iter().map(|vendor| vendor.id).collect();
    let counts = belonging_to(db, &ids)?;
    Ok(found
        .into_iter()
        .map(|vendor| VendorLine { identities: counts.get(&vendor.id).copied().unwrap_or(0), vendor })
        .collect())
}

/// How many vendors match.
pub fn vendors_count(db: &mut Db, filter: &VendorFilter, today: NaiveDate) -> Result<Count, StoreError> {
    let found: i64 = each!(db, |c| counted(
        vendors_wanted!(vendors::table.select(vendors::version).into_boxed::<DB>(), filter, today)
            .limit(COUNT_LIMIT + 1)
    )
    .get_result(c))?;
    Ok(Count::of(found))
}

/// How many identities belong to each of these vendors.
pub fn belonging_to(db: &mut Db, ids: &[Id]) -> Result<Counts, StoreError> {
    let mut counts = Counts::new();
    for chunk in ids.chunks(500) {
        let found: Vec<(Option<Id>, i64)> = each!(db, |c| identities::table
            .filter(identities::vendor_id.eq_any(chunk))
            .group_by(identities::vendor_id)
            .select((identities::vendor_id, diesel::dsl::count_star()))
            .load(c))?;
        counts.extend(found.into_iter().filter_map(|(id, count)| id.map(|id| (id, count))));
    }
    Ok(counts)
}

/// The systems that a person owns, in either way, by name.
pub fn systems_of(db: &mut Db, person: Id) -> Result<Vec<(Id, String)>, StoreError> {
    each!(db, |c| systems::table
        .filter(
            systems::business_owner_id
                .eq(person)
                .assume_not_null()
                .or(systems::technical_owner_id.eq(person).assume_not_null())
        )
        .order(systems::name_key)
        .select((systems::id, systems::name))
        .load(c))
    .map_err(Into::into)
}
