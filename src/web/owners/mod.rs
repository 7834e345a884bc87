//! Owners: who is missing, who is overloaded.

pub mod export;
pub mod list;

use crate::store::owners::OwnersFilter;
use crate::web::asked::{Asked, Faults};
use crate::web::fields::Fields;

/// Reads what a link asks for.
pub fn filter(fields: &Fields) -> (OwnersFilter, Faults) {
    let mut asked = Asked::of(fields);
    let filter = OwnersFilter {
        search: asked.text("q", "Search"),
        left_only: asked.word("left", "Have left", &[("yes", "Have left")]).is_some(),
    };
    (filter, asked.finish())
}
