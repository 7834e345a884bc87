//! Vendors: the companies behind identities, and the papers that justify their access.

use super::drafts::{name, optional_date, optional_line, optional_text};
use super::{ActionError, By, FieldError, Register, Work, records};
use crate::domain::ids::{Id, Moment};
use crate::store::registry::{self, Vendor};
use crate::store::{Db, StoreError};

/// What a form says of a vendor, as typed. Dates are `YYYY-MM-DD`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VendorDraft {
    pub name: String,
    pub contact: String,
    pub contract_reference: String,
    pub contract_ends_on: String,
    pub agreement_reference: String,
    pub agreement_ends_on: String,
    pub baa_reference: String,
    pub baa_ends_on: String,
    pub notes: String,
}

/// Adds a vendor.
///
/// # Errors
/// `Invalid` names every field that is wrong at once.
pub fn add(register: &Register, by: &By, draft: &VendorDraft) -> Result<Id, ActionError> {
    records::add(register, by, |work, before| parse(work, draft, before))
}

/// Changes a vendor.
///
/// # Errors
/// `Store(Conflict)` when it was changed since version `seen`; else as [`add`].
pub fn edit(register: &Register, by: &By, id: Id, seen: i64, draft: &VendorDraft) -> Result<(), ActionError> {
    records::edit(register, by, id, seen, |work, before| parse(work, draft, before))
}

impl records::Record for Vendor {
    const ENTITY: &'static str = "vendor";

    fn id(&self) -> Id {
        self.id
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn advance(&mut self, now: Moment) {
        self.updated_at = now;
        self.version += 1;
    }
    fn find(db: &mut Db, id: Id) -> Result<Self, StoreError> {
        registry::find_vendor(db, id)
    }
    fn insert(&self, db: &mut Db) -> Result<(), StoreError> {
        registry::insert_vendor(db, self)
    }
    fn update(&self, db: &mut Db) -> Result<(), StoreError> {
        registry::update_vendor(db, self)
    }
}

/// The vendor as the draft has it: id, version and times of `before`, or new ones.
fn parse(work: &mut Work<'_>, draft: &VendorDraft, before: Option<&Vendor>) -> Result<Vendor, ActionError> {
    let mut errors = Vec::new();
    let line = |field: &'static str, text: &str, errors: &mut Vec<FieldError>| match optional_line(text) {
        Ok(line) => line,
        Err(error) => {
            errors.push(FieldError::new(field, error));
            None
        }
    };
    let date = |field: &'static str, text: &str, errors: &mut Vec<FieldError>| match optional_date(text) {
        Ok(date) => date,
        Err(error) => {
            errors.push(FieldError::new(field, error));
            None
        }
    };
    let name = match name(&draft.name, "the vendor\u{2019}s name") {
        Ok(name) => name,
        Err(error) => {
            errors.push(FieldError::new("name", error));
            String::new()
        }
    };
    let now = work.by.now;
    let vendor = Vendor {
        id: before.map_or_else(Id::new, |vendor| vendor.id),
        name_key: name.to_lowercase(),
        contact: line("contact", &draft.contact, &mut errors),
        contract_reference: line("contract_reference", &draft.contract_reference, &mut errors),
        contract_ends_on: date("contract_ends_on", &draft.contract_ends_on, &mut errors),
        agreement_reference: line("agreement_reference", &draft.agreement_reference, &mut errors),
        agreement_ends_on: date("agreement_ends_on", &draft.agreement_ends_on, &mut errors),
        baa_reference: line("baa_reference", &draft.baa_reference, &mut errors),
        baa_ends_on: date("baa_ends_on", &draft.baa_ends_on, &mut errors),
        notes: optional_text(&draft.notes).unwrap_or_else(|error| {
            errors.push(FieldError::new("notes", error));
            None
        }),
        created_at: before.map_or(now, |vendor| vendor.created_at),
        updated_at: before.map_or(now, |vendor| vendor.updated_at),
        version: before.map_or(1, |vendor| vendor.version),
        name,
    };
    if let Some(other) = registry::find_vendor_by_name(work.db, &vendor.name)?
        && Some(other.id) != before.map(|vendor| vendor.id)
    {
        errors.push(FieldError::new(
            "name",
            format!("There is a vendor called {} already; give this one another name", other.name),
        ));
    }
    if errors.is_empty() { Ok(vendor) } else { Err(ActionError::Invalid(errors)) }
}
