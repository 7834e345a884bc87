//! Vendors: the list, one vendor, adding and editing.

pub mod export;
pub mod form;
pub mod list;
pub mod papers;
pub mod vendor;

use crate::store::registry_list::VendorFilter;
use crate::web::fields::Fields;

/// Reads what a link asks for.
pub fn filter(fields: &Fields) -> VendorFilter {
    VendorFilter { search: fields.text("q"), papers: fields.value("papers") }
}
