//! Vendors: the list, one vendor, adding and editing.

pub mod export;
pub mod form;
pub mod list;
pub mod papers;
pub mod vendor;

use crate::store::registry_list::VendorFilter;
use crate::web::asked::{Asked, Faults};
use crate::web::fields::Fields;

/// Reads what a link asks for.
pub fn filter(fields: &Fields) -> (VendorFilter, Faults) {
    let mut asked = Asked::of(fields);
    let filter = VendorFilter { search: asked.text("q", "Search"), papers: asked.value("papers", "Papers") };
    (filter, asked.finish())
}
