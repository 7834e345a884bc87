//! People and their accounts.

use super::sessions::hash_password;
use super::{ActionError, By, FieldError, Register};
use crate::domain::ids::Id;
use crate::domain::people::{Role, parse_email, parse_name, parse_password};
use crate::store::people::{self, Account, Person};

/// A password of six groups that nobody has used before: 28 letters and digits, 144 bits.
pub fn make_up_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes: [u8; 30] = rand::random();
    let letters: Vec<char> =
        bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 32)).map(|letter| char::from(*letter))).collect();
    letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Adds a person, with an account when a role and a password are given.
pub fn add(
    register: &Register,
    by: &By,
    name: &str,
    email: &str,
    account: Option<(Role, &str)>,
) -> Result<Id, ActionError> {
    by.require(&[Role::Administrator])?;
    let mut errors = Vec::new();
    let name = parse_name(name).map_err(|error| errors.push(FieldError::new("name", error.to_string()))).ok();
    let email = parse_email(email).map_err(|error| errors.push(FieldError::new("email", error.to_string()))).ok();
    let account = match account {
        None => None,
        Some((role, password)) => match parse_password(password, email.as_deref().unwrap_or_default()) {
            Ok(password) => Some((role, hash_password(&password)?)),
            Err(error) => {
                errors.push(FieldError::new("password", error.to_string()));
                None
            }
        },
    };
    let (Some(name), Some(email), true) = (name, email, errors.is_empty()) else {
        return Err(ActionError::Invalid(errors));
    };
    register.change(by, |work| {
        if people::find_by_email(work.db, &email)?.is_some() {
            return Err(ActionError::field("email", format!("{email} is already in the register")));
        }
        let person = Person::new(&name, &email, by.now);
        people::insert(work.db, &person)?;
        work.record("person.add", "person", person.id, None, Some(&person));
        if let Some((role, password_hash)) = account {
            let account = Account {
                person_id: person.id,
                role,
                password_hash,
                disabled_at: None,
                last_sign_in_at: None,
                created_at: by.now,
                updated_at: by.now,
                version: 1,
            };
            people::insert_account(work.db, &account)?;
            work.record("account.open", "account", person.id, None, Some(&account));
        }
        Ok(person.id)
    })
}
