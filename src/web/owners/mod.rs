//! Owners: who is missing, who is overloaded.

pub mod export;
pub mod list;

use crate::store::owners::OwnersFilter;
use crate::web::fields::Fields;

/// Reads what a link asks for.
pub fn filter(fields: &Fields) -> OwnersFilter {
    OwnersFilter { search: fields.text("q"), left_only: fields.get("left") == Some("yes") }
}
