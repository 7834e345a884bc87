//! People: the list, one person, adding and editing, accounts.

pub mod account;
pub mod export;
pub mod form;
pub mod list;
pub mod person;

use crate::store::people_list::PeopleFilter;
use crate::web::fields::Fields;

/// Reads what a link asks for. What cannot be read is as if it were absent, and its chip is absent too.
pub fn filter(fields: &Fields) -> PeopleFilter {
    PeopleFilter {
        search: fields.text("q"),
        stay: fields.value("stay"),
        account: fields.value("account"),
        role: fields.value("role"),
    }
}

/// With a capital first letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
