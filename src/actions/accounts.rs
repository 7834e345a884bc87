//! Accounts: who may sign in, and as what. Every change ends the person's sessions with it.

use chrono::NaiveDate;

use super::links::{self, NewLink};
use super::{ActionError, By, Register, Work, passwords};
use crate::domain::access::LinkPurpose;
use crate::domain::ids::Id;
use crate::domain::people::{Role, has_left};
use crate::store::people::{self, Account, Person};
use crate::store::{StoreError, account_links, administrators, sessions};

/// Opens an account inside a change; a password is already hashed. Every account that somebody opens for
/// another person is opened here.
pub(super) fn open_in(
    work: &mut Work<'_>,
    person: Id,
    role: Role,
    password_hash: Option<String>,
) -> Result<(), ActionError> {
    work.require_administrator()?;
    let account = Account { password_hash, ..Account::new(person, role, work.by.now) };
    people::insert_account(work.db, &account)?;
    work.record("account.open", "account", person, None, Some(&account));
    Ok(())
}

/// Opens an account inside a change and makes the link with which its person chooses a password.
pub(super) fn open_with_link_in(
    work: &mut Work<'_>,
    register: &Register,
    person: Id,
    role: Role,
) -> Result<NewLink, ActionError> {
    open_in(work, person, role, None)?;
    let purpose = LinkPurpose::NewAccount;
    links::make_in(work, register, Some(person), purpose, purpose.seconds())
}

/// Opens an account for a person who has none; answers the link with which they choose a password.
///
/// # Errors
/// `Refused` when there is one, and for somebody who has left.
pub fn open(register: &Register, by: &By, person: Id, role: Role) -> Result<NewLink, ActionError> {
    by.require(&[Role::Administrator])?;
    register.change(by, |work| {
        work.require_administrator()?;
        let known = people::find(work.db, person)?;
        if has_left(known.left_on, by.now.date()) {
            return Err(ActionError::Refused("this person has left; correct the date of leaving first".to_owned()));
        }
        if people::account(work.db, person)?.is_some() {
            return Err(ActionError::Refused("this person has an account already; look at it again".to_owned()));
        }
        open_with_link_in(work, register, person, role)
    })
}

/// Gives an account another role. Its sessions end: the next one has the new role.
///
/// # Errors
/// `Refused` for the last administrator.
pub fn change_role(register: &Register, by: &By, person: Id, role: Role) -> Result<(), ActionError> {
    alter(
        register,
        by,
        person,
        "account.change_role",
        |work| work.require_administrator(),
        |account| account.role = role,
    )
}

/// Sets another password, for the command line. Sessions opened with the old one end.
///
/// # Errors
/// `Invalid` for field `password`.
pub fn set_password(register: &Register, by: &By, person: Id, password: &str) -> Result<(), ActionError> {
    by.require(&[Role::Administrator])?;
    let password_hash = hashed(register, person, password)?;
    let change = move |account: &mut Account| account.password_hash = Some(password_hash);
    alter(register, by, person, "account.set_password", |work| work.require_administrator(), change)
}

/// Disables an account: its sessions end now and nobody can sign in with it.
///
/// # Errors
/// `Refused` for the last administrator.
pub fn disable(register: &Register, by: &By, person: Id) -> Result<(), ActionError> {
    let now = by.now;
    alter(
        register,
        by,
        person,
        "account.disable",
        |work| work.require_administrator_to_stop(),
        move |account| {
            account.disabled_at = account.disabled_at.or(Some(now));
        },
    )
}

/// Lets somebody sign in again.
pub fn enable(register: &Register, by: &By, person: Id) -> Result<(), ActionError> {
    alter(
        register,
        by,
        person,
        "account.enable",
        |work| work.require_administrator(),
        |account| account.disabled_at = None,
    )
}

fn hashed(register: &Register, person: Id, password: &str) -> Result<String, ActionError> {
    let person = {
        let mut db = register.database.read()?;
        people::find(&mut db, person)?
    };
    passwords::check(register, &person.name, &person.email, password)?;
    passwords::hash(password)
}

/// Changes an account, ends its sessions, records it; does nothing where nothing changes.
fn alter(
    register: &Register,
    by: &By,
    person: Id,
    action: &str,
    require: impl FnOnce(&mut Work<'_>) -> Result<(), ActionError>,
    change: impl FnOnce(&mut Account),
) -> Result<(), ActionError> {
    by.require(&[Role::Administrator])?;
    // Emergency access ends; what somebody gave their own account under it would not.
    if by.emergency.is_some() && by.person == Some(person) {
        return Err(ActionError::Refused(
            "under emergency access nobody changes their own account; an administrator can".to_owned(),
        ));
    }
    register.change(by, |work| {
        require(work)?;
        let Some(before) = people::account(work.db, person)? else {
            return Err(ActionError::Refused("this person has no account; open one first".to_owned()));
        };
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        if after.role != Role::Administrator || after.disabled_at.is_some() {
            keep_an_administrator(work, person, by.now.date())?;
        }
        after.updated_at = by.now;
        after.version += 1;
        people::update_account(work.db, &after)?;
        sessions::delete_of(work.db, person)?;
        if after.disabled_at.is_some() || after.password_hash != before.password_hash {
            account_links::end_of(work.db, person, by.now)?;
        }
        work.record(action, "account", person, Some(&before), Some(&after));
        Ok(())
    })
}

/// Refuses what would leave the register without anybody who can administer it on that day.
///
/// Two administrators who disable each other at the same moment take turns: the accounts are locked
/// before they are counted.
pub(super) fn keep_an_administrator(work: &mut Work<'_>, leaving: Id, on: NaiveDate) -> Result<(), ActionError> {
    administrators::lock(work.db)?;
    let able = administrators::able_on(work.db, on)?;
    let was_able = administrators::able_on(work.db, work.by.now.date())?.contains(&leaving);
    if was_able && able.iter().all(|person| *person == leaving) {
        return Err(ActionError::Refused(
            "this is the last administrator who can sign in; make somebody else administrator first".to_owned(),
        ));
    }
    Ok(())
}

/// The person of an e-mail address, for the command line.
pub fn by_email(register: &Register, email: &str) -> Result<Person, ActionError> {
    let mut db = register.database.read()?;
    people::find_by_email(&mut db, email)?.ok_or_else(|| {
        ActionError::Refused(format!("nobody in the register has the address {email}; see muster people list"))
    })
}

impl ActionError {
    /// Whether somebody else changed the record since it was read.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(StoreError::Conflict))
    }
}
