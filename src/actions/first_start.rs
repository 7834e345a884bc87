//! The first administrator of a register in which nobody has an account yet.
//!
//! There is no account of before, and no password that came with the program (OWASP ASVS 5.0 6.3.2): the
//! server prints a link once, and whoever can read what it prints becomes the first administrator.

use super::links::{self, Found, NewLink, Opened};
use super::opening::{Caller, open_in, stranger};
use super::{ActionError, By, FieldError, Register, passwords};
use crate::domain::access::{LinkPurpose, SignInMethod};
use crate::domain::audit::ActorKind;
use crate::domain::ids::Moment;
use crate::domain::people::{Role, has_left, parse_email, parse_name};
use crate::store::connection::Address;
use crate::store::people::{self, Account, Person};
use crate::store::{account_links, locks};

/// On what those who would be first take turns.
const TURN: &str = "muster first administrator";

/// Offers a set-up link while nobody has an account; `None` once somebody has.
///
/// Each replica offers its own and the first that is used ends the others. On SQLite nobody else serves the
/// register, so the links of earlier starts end here.
pub fn offer(register: &Register) -> Result<Option<NewLink>, ActionError> {
    let by = By::command("serve", register.now());
    register.change(&by, |work| {
        if people::has_accounts(work.db)? {
            return Ok(None);
        }
        if matches!(register.database.address(), Address::Sqlite(_)) {
            account_links::end_for(work.db, LinkPurpose::FirstAdministrator, by.now)?;
        }
        let purpose = LinkPurpose::FirstAdministrator;
        let link = links::make_in(work, register, None, purpose, purpose.seconds())?;
        work.record_because::<()>("register.offer_set_up", "register", "register", None, None, None);
        Ok(Some(link))
    })
}

/// Ends a link that was offered and not used: the server that printed it stops.
pub fn take_back(register: &Register, link: &NewLink) -> Result<(), ActionError> {
    let token = link.url.rsplit('/').next().unwrap_or_default();
    register.database.write(|db| account_links::end(db, &links::digest(token), register.now()))?;
    Ok(())
}

/// What the first administrator types.
#[derive(Clone, Default)]
pub struct FirstAdministrator {
    pub name: String,
    pub email: String,
    pub password: String,
}

impl std::fmt::Debug for FirstAdministrator {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("FirstAdministrator(..)")
    }
}

/// Makes the first administrator and signs them in. Somebody whom a staff list brought already gets the
/// account; the name becomes what was typed.
///
/// # Errors
/// `TooMany` when too much was tried from the network address; `Invalid` names every wrong field.
pub fn make(
    register: &Register,
    token: &str,
    typed: &FirstAdministrator,
    session: Vec<u8>,
    caller: &Caller,
    now: Moment,
) -> Result<Opened, ActionError> {
    links::count(register, caller, now)?;
    if links::look(register, token, now)? != Found::FirstAdministrator {
        return Ok(Opened::Ended);
    }
    let (name, email) = parse(register, typed)?;
    let known = people::find_by_email(&mut *register.database.read()?, &email)?;
    if known.as_ref().is_some_and(|person| has_left(person.left_on, now.date())) {
        return Err(ActionError::field("email", "This person has left; write the address of somebody who is here"));
    }
    let hash = passwords::hash(&typed.password)?;
    let person = known.clone().unwrap_or_else(|| Person::new(&name, &email, now));
    let by = By { person: Some(person.id), kind: ActorKind::Person, ..stranger(caller, now) };
    register.change(&by, |work| {
        locks::take_turn(work.db, TURN)?;
        if people::has_accounts(work.db)? || !account_links::use_up(work.db, &links::digest(token), now)? {
            return Ok(Opened::Ended);
        }
        account_links::end_for(work.db, LinkPurpose::FirstAdministrator, now)?;
        match &known {
            None => {
                people::insert(work.db, &person)?;
                work.record("person.add", "person", person.id, None, Some(&person));
            }
            Some(before) if before.name != name => {
                let mut after = before.clone();
                after.name_key = name.to_lowercase();
                after.name = name;
                after.updated_at = now;
                after.version += 1;
                people::update(work.db, &after)?;
                work.record("person.edit", "person", after.id, Some(before), Some(&after));
            }
            Some(_) => {}
        }
        let account = Account { password_hash: Some(hash), ..Account::new(person.id, Role::Administrator, now) };
        people::insert_account(work.db, &account)?;
        work.record("account.open", "account", person.id, None, Some(&account));
        open_in(work, register, person.id, SignInMethod::Link, session, caller)?;
        Ok(Opened::SignedIn)
    })
}

/// Name and address, when all that was typed is right.
fn parse(register: &Register, typed: &FirstAdministrator) -> Result<(String, String), ActionError> {
    let mut errors = Vec::new();
    let name = parse_name(&typed.name).map_err(|error| errors.push(FieldError::new("name", error.to_string()))).ok();
    let email =
        parse_email(&typed.email).map_err(|error| errors.push(FieldError::new("email", error.to_string()))).ok();
    match passwords::check(register, &typed.name, &typed.email, &typed.password) {
        Err(ActionError::Invalid(wrong)) => errors.extend(wrong),
        Err(other) => return Err(other),
        Ok(()) => {}
    }
    match (name, email) {
        (Some(name), Some(email)) if errors.is_empty() => Ok((name, email)),
        _ => Err(ActionError::Invalid(errors)),
    }
}
