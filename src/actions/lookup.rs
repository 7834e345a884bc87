//! Finding the person a reader means: by e-mail address, or by a name that only one person has.
//!
//! A list to choose from would hold everybody of a staff list; typing works at any size.

use super::{ActionError, FieldError};
use crate::domain::ids::Id;
use crate::store::near;
use crate::store::people::{self, Person};
use crate::store::people_list;
use crate::store::{Db, StoreError};

/// The person that a form's field names; `None` when it is empty. What is wrong is added to `errors`.
///
/// Read are an address, a name, both together as forms show them (`Dana Reed <dana@hospital.example>`),
/// and the id that links carry. Where it `offers`, whoever is close is told by name and address, so that
/// nobody is taken for somebody else; a program, for which it does not, learns nobody's address by guessing.
pub fn named_person(
    db: &mut Db,
    offers: bool,
    field: &'static str,
    text: &str,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Person>, ActionError> {
    named_person_near(db, offers, near::people, field, text, errors)
}

/// The same where not everybody can be taken: only those whom `near` finds are offered. Whether the one who is named can
/// is for the caller to say, with the reason.
pub fn named_person_near(
    db: &mut Db,
    offers: bool,
    near: impl FnOnce(&mut Db, &str) -> Result<Vec<Person>, StoreError>,
    field: &'static str,
    text: &str,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Person>, ActionError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let address = text.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(text);
    let mut found = if let Ok(id) = text.parse::<Id>() {
        people::find_many(db, &[id])?
    } else if address.contains('@') {
        people::find_by_email(db, address)?.into_iter().collect()
    } else {
        people_list::of_name(db, text)?
    };
    let why = match found.len() {
        1 => return Ok(found.pop()),
        0 if address.contains('@') => {
            format!("Nobody in the register has the address {address}; whoever keeps the register adds people")
        }
        0 => format!("Nobody in the register is called \u{201c}{text}\u{201d}; write the e-mail address"),
        _ => format!("Several people are called \u{201c}{text}\u{201d}; write the e-mail address"),
    };
    let near = if offers { near(db, text)? } else { Vec::new() };
    let offered: Vec<String> = near.iter().map(|person| people_list::written(&person.name, &person.email)).collect();
    errors.push(FieldError::new(
        field,
        if offered.is_empty() { why } else { format!("{why} (close: {})", offered.join(", ")) },
    ));
    Ok(None)
}
