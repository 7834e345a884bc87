//! Systems: the list, one system, adding and editing.

pub mod export;
pub mod form;
pub mod list;
pub mod system;

use crate::store::registry_list::SystemFilter;
use crate::web::asked::{Asked, Faults};
use crate::web::fields::Fields;

/// Reads what a link asks for.
pub fn filter(fields: &Fields) -> (SystemFilter, Faults) {
    let mut asked = Asked::of(fields);
    let filter = SystemFilter {
        search: asked.text("q", "Search"),
        kind: asked.value("kind", "Kind"),
        without_owner: asked.word("owner", "Owner", &[("missing", "An owner is missing")]).is_some(),
    };
    (filter, asked.finish())
}
