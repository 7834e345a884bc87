//! Finding the person a reader means: by e-mail address, or by a name that only one person has.
//!
//! A list to choose from would hold everybody of a staff list; typing works at any size.

use super::{ActionError, FieldError};
use crate::store::Db;
use crate::store::people::{self, Person};
use crate::store::people_list;

/// The person that a form's field names; `None` when it is empty. What is wrong is added to `errors`.
///
/// Read are an address, a name, and both together as forms show them: `Dana Reed <dana@hospital.example>`.
pub fn named_person(
    db: &mut Db,
    field: &'static str,
    text: &str,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Person>, ActionError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let address = text.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(text);
    if address.contains('@') {
        let found = people::find_by_email(db, address)?;
        if found.is_none() {
            errors.push(FieldError::new(
                field,
                format!("Nobody in the register has the address {address}; add the person first"),
            ));
        }
        return Ok(found);
    }
    let mut found = people_list::of_name(db, text)?;
    match found.len() {
        1 => Ok(found.pop()),
        0 => {
            errors.push(FieldError::new(
                field,
                format!("Nobody in the register is called \u{201c}{text}\u{201d}; write the e-mail address"),
            ));
            Ok(None)
        }
        _ => {
            errors.push(FieldError::new(
                field,
                format!("Several people are called \u{201c}{text}\u{201d}; write the e-mail address"),
            ));
            Ok(None)
        }
    }
}
