//! People: the list, one person, adding and editing, accounts.

pub mod account;
pub mod export;
pub mod form;
pub mod list;
pub mod person;

use crate::store::people_list::PeopleFilter;
use crate::web::asked::{Asked, Faults};
use crate::web::fields::Fields;

/// Reads what a link asks for.
pub fn filter(fields: &Fields) -> (PeopleFilter, Faults) {
    let mut asked = Asked::of(fields);
    let filter = PeopleFilter {
        search: asked.text("q", "Search"),
        stay: asked.value("stay", "Stay"),
        account: asked.value("account", "Account"),
        role: asked.value("role", "Role"),
    };
    (filter, asked.finish())
}
