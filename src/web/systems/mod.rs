//! Systems: the list, one system, adding and editing.

pub mod export;
pub mod form;
pub mod list;
pub mod system;

use crate::store::registry_list::SystemFilter;
use crate::web::fields::Fields;

/// Reads what a link asks for.
pub fn filter(fields: &Fields) -> SystemFilter {
    SystemFilter {
        search: fields.text("q"),
        kind: fields.value("kind"),
        without_owner: fields.get("owner") == Some("missing"),
    }
}
