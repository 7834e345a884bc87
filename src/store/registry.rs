//! Systems and vendors: what issues identities, and who is behind them.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::identity_papers::Paper;
use super::schema::{systems, vendors};
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::requests::PaperKind;
use crate::domain::systems::SystemKind;
use crate::each;

/// A row of `systems`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = systems, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct System {
    pub id: Id,
    pub name: String,
    #[serde(skip)]
    pub name_key: String,
    pub kind: SystemKind,
    pub base_url: Option<String>,
    pub business_owner_id: Option<Id>,
    pub technical_owner_id: Option<Id>,
    pub notes: Option<String>,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub version: i64,
}

/// A row of `vendors`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = vendors, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Vendor {
    pub id: Id,
    pub name: String,
    #[serde(skip)]
    pub name_key: String,
    /// Who is called. A name may stand here, so the audit log does not keep it.
    #[serde(skip)]
    pub contact: Option<String>,
    pub contract_reference: Option<String>,
    pub contract_ends_on: Option<NaiveDate>,
    pub agreement_reference: Option<String>,
    pub agreement_ends_on: Option<NaiveDate>,
    pub baa_reference: Option<String>,
    pub baa_ends_on: Option<NaiveDate>,
    pub notes: Option<String>,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub version: i64,
}

impl Vendor {
    /// Its documents, as they allow the access of one of its identities.
    pub fn papers(&self, identity: Id) -> Vec<Paper> {
        let kinds = [
            (PaperKind::Contract, &self.contract_reference, self.contract_ends_on),
            (PaperKind::Agreement, &self.agreement_reference, self.agreement_ends_on),
            (PaperKind::Baa, &self.baa_reference, self.baa_ends_on),
        ];
        let paper = |(kind, reference, ends_on): (PaperKind, &Option<String>, Option<NaiveDate>)| {
            let reference = reference.clone().or_else(|| ends_on.map(|_| "without a reference".to_owned()))?;
            Some(Paper { identity_id: identity, kind, reference, ends_on })
        };
        kinds.into_iter().filter_map(paper).collect()
    }
}

/// Every system's id and name, by name.
pub fn system_names(db: &mut Db) -> Result<Vec<(Id, String)>, StoreError> {
    each!(db, |c| systems::table.order(systems::name_key).select((systems::id, systems::name)).load(c))
        .map_err(Into::into)
}

/// Every vendor's id and name, by name.
pub fn vendor_names(db: &mut Db) -> Result<Vec<(Id, String)>, StoreError> {
    each!(db, |c| vendors::table.order(vendors::name_key).select((vendors::id, vendors::name)).load(c))
        .map_err(Into::into)
}

/// Every system, by name.
pub fn systems(db: &mut Db) -> Result<Vec<System>, StoreError> {
    each!(db, |c| systems::table.order(systems::name_key).select(System::as_select()).load(c)).map_err(Into::into)
}

/// The system of that id.
pub fn find_system(db: &mut Db, id: Id) -> Result<System, StoreError> {
    each!(db, |c| systems::table.filter(systems::id.eq(id)).select(System::as_select()).first(c)).map_err(Into::into)
}

/// The system of that name, whatever its case.
pub fn find_system_by_name(db: &mut Db, name: &str) -> Result<Option<System>, StoreError> {
    let key = name.trim().to_lowercase();
    each!(db, |c| systems::table.filter(systems::name_key.eq(&key)).select(System::as_select()).first(c).optional())
        .map_err(Into::into)
}

/// Stores a new system.
pub fn insert_system(db: &mut Db, system: &System) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(systems::table).values(system).execute(c))?;
    Ok(())
}

/// Stores a new system unless one of its name is there already; answers whether it was stored.
pub fn insert_system_if_new(db: &mut Db, system: &System) -> Result<bool, StoreError> {
    let stored = each!(db, |c| diesel::insert_into(systems::table)
        .values(system)
        .on_conflict(systems::name_key)
        .do_nothing()
        .execute(c))?;
    Ok(stored == 1)
}

/// Stores a changed system over the version before it.
pub fn update_system(db: &mut Db, system: &System) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        systems::table.filter(systems::id.eq(system.id)).filter(systems::version.eq(system.version - 1)),
    )
    .set(system)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Every vendor, by name.
pub fn vendors(db: &mut Db) -> Result<Vec<Vendor>, StoreError> {
    each!(db, |c| vendors::table.order(vendors::name_key).select(Vendor::as_select()).load(c)).map_err(Into::into)
}

/// The vendor of that id.
pub fn find_vendor(db: &mut Db, id: Id) -> Result<Vendor, StoreError> {
    each!(db, |c| vendors::table.filter(vendors::id.eq(id)).select(Vendor::as_select()).first(c)).map_err(Into::into)
}

/// The vendor of that name, whatever its case.
pub fn find_vendor_by_name(db: &mut Db, name: &str) -> Result<Option<Vendor>, StoreError> {
    let key = name.trim().to_lowercase();
    each!(db, |c| vendors::table.filter(vendors::name_key.eq(&key)).select(Vendor::as_select()).first(c).optional())
        .map_err(Into::into)
}

/// Stores a new vendor.
pub fn insert_vendor(db: &mut Db, vendor: &Vendor) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(vendors::table).values(vendor).execute(c))?;
    Ok(())
}

/// Stores a changed vendor over the version before it.
pub fn update_vendor(db: &mut Db, vendor: &Vendor) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        vendors::table.filter(vendors::id.eq(vendor.id)).filter(vendors::version.eq(vendor.version - 1)),
    )
    .set(vendor)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Id and name of the vendors of these ids.
pub fn find_many_vendors(db: &mut Db, ids: &[Id]) -> Result<Vec<(Id, String)>, StoreError> {
    each!(db, |c| vendors::table.filter(vendors::id.eq_any(ids)).select((vendors::id, vendors::name)).load(c))
        .map_err(Into::into)
}

/// Id and name of the vendor of that name, or else of those whose name begins with it; at most `limit`.
pub fn vendors_named(db: &mut Db, text: &str, limit: i64) -> Result<Vec<(Id, String)>, StoreError> {
    if let Some(vendor) = find_vendor_by_name(db, text)? {
        return Ok(vec![(vendor.id, vendor.name)]);
    }
    let key = text.trim().to_lowercase();
    each!(db, |c| vendors::table
        .filter(vendors::name_key.ge(&key))
        .filter(vendors::name_key.lt(format!("{key}\u{10ffff}")))
        .order(vendors::name_key)
        .limit(limit)
        .select((vendors::id, vendors::name))
        .load(c))
    .map_err(Into::into)
}
