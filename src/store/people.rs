//! People and their accounts.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::schema::{accounts, people};
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::people::Role;
use crate::each;

/// A row of `people`. What the audit log may know of it is everything but name and address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = people, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Person {
    pub id: Id,
    #[serde(skip)]
    pub name: String,
    #[serde(skip)]
    pub name_key: String,
    #[serde(skip)]
    pub email: String,
    #[serde(skip)]
    pub email_key: String,
    #[serde(skip)]
    pub staff_id: Option<String>,
    pub title: Option<String>,
    pub department: Option<String>,
    pub manager_id: Option<Id>,
    pub deputy_id: Option<Id>,
    pub left_on: Option<NaiveDate>,
    pub time_zone: Option<String>,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub version: i64,
}

impl Person {
    /// A new person of whom name and address are known.
    pub fn new(name: &str, email: &str, now: Moment) -> Self {
        Self {
            id: Id::new(),
            name: name.to_owned(),
            name_key: name.to_lowercase(),
            email: email.to_owned(),
            email_key: email.to_lowercase(),
            staff_id: None,
            title: None,
            department: None,
            manager_id: None,
            deputy_id: None,
            left_on: None,
            time_zone: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}

/// A row of `accounts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = accounts, primary_key(person_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Account {
    pub person_id: Id,
    pub role: Role,
    /// Argon2id, as a PHC string; absent where somebody signs in another way, or not yet.
    #[serde(skip)]
    pub password_hash: Option<String>,
    /// Who this is at the provider of single sign-on: its issuer and subject.
    #[serde(skip)]
    pub single_sign_on_subject: Option<String>,
    pub disabled_at: Option<Moment>,
    #[serde(skip)]
    pub last_sign_in_at: Option<Moment>,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub version: i64,
}

impl Account {
    /// A new account with which nobody can sign in yet.
    pub fn new(person: Id, role: Role, now: Moment) -> Self {
        Self {
            person_id: person,
            role,
            password_hash: None,
            single_sign_on_subject: None,
            disabled_at: None,
            last_sign_in_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}

/// The person of that id.
pub fn find(db: &mut Db, id: Id) -> Result<Person, StoreError> {
    each!(db, |c| people::table.filter(people::id.eq(id)).select(Person::as_select()).first(c)).map_err(Into::into)
}

/// People of these ids, in no order.
pub fn find_many(db: &mut Db, ids: &[Id]) -> Result<Vec<Person>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        found.extend(each!(db, |c| people::table
            .filter(people::id.eq_any(chunk))
            .select(Person::as_select())
            .load::<Person>(c))?);
    }
    Ok(found)
}

/// The person with that address, whatever its case.
pub fn find_by_email(db: &mut Db, email: &str) -> Result<Option<Person>, StoreError> {
    let key = email.trim().to_lowercase();
    // PostgreSQL takes no text with a zero byte, and nobody has such an address.
    if key.contains('\0') {
        return Ok(None);
    }
    each!(db, |c| people::table.filter(people::email_key.eq(&key)).select(Person::as_select()).first(c).optional())
        .map_err(Into::into)
}

/// Everybody, by name.
pub fn all(db: &mut Db) -> Result<Vec<Person>, StoreError> {
    each!(db, |c| people::table.order((people::name_key, people::id)).select(Person::as_select()).load(c))
        .map_err(Into::into)
}

/// The accounts of these roles, disabled or not.
pub fn accounts_of_roles(db: &mut Db, roles: &[Role]) -> Result<Vec<Account>, StoreError> {
    each!(db, |c| accounts::table
        .filter(accounts::role.eq_any(roles.to_vec()))
        .order(accounts::person_id)
        .select(Account::as_select())
        .load(c))
    .map_err(Into::into)
}

/// The accounts of these people, in no order; who has none is not among them.
pub fn accounts_of(db: &mut Db, people: &[Id]) -> Result<Vec<Account>, StoreError> {
    let mut found = Vec::with_capacity(people.len());
    for chunk in people.chunks(500) {
        found.extend(each!(db, |c| accounts::table
            .filter(accounts::person_id.eq_any(chunk))
            .select(Account::as_select())
            .load::<Account>(c))?);
    }
    Ok(found)
}

/// Stores a new person.
pub fn insert(db: &mut Db, person: &Person) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(people::table).values(person).execute(c))?;
    Ok(())
}

/// Stores many new people.
pub fn insert_many(db: &mut Db, rows: &[Person]) -> Result<(), StoreError> {
    for chunk in rows.chunks(1_000) {
        each!(db, |c| diesel::insert_into(people::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Sets who answers for somebody who is being imported, once everybody of the file exists. The
/// version stays: to the outside this is one change.
pub fn set_superiors(db: &mut Db, id: Id, manager: Option<Id>, deputy: Option<Id>) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(people::table.filter(people::id.eq(id)))
        .set((people::manager_id.eq(manager), people::deputy_id.eq(deputy)))
        .execute(c))?;
    Ok(())
}

/// Stores a changed person over the version before it.
pub fn update(db: &mut Db, person: &Person) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        people::table.filter(people::id.eq(person.id)).filter(people::version.eq(person.version - 1)),
    )
    .set(person)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Removes a person. Only an undone import does this, and only for somebody nothing refers to.
pub fn delete(db: &mut Db, id: Id) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(people::table.filter(people::id.eq(id))).execute(c))?;
    Ok(())
}

/// Removes many people. Only an undone import does this.
///
/// # Errors
/// [`StoreError::Constraint`] when something refers to one of them.
pub fn delete_many(db: &mut Db, ids: &[Id]) -> Result<(), StoreError> {
    for chunk in ids.chunks(500) {
        each!(db, |c| diesel::delete(people::table.filter(people::id.eq_any(chunk))).execute(c))?;
    }
    Ok(())
}

/// The account of a person, where they have one.
pub fn account(db: &mut Db, person: Id) -> Result<Option<Account>, StoreError> {
    each!(db, |c| accounts::table
        .filter(accounts::person_id.eq(person))
        .select(Account::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// The account that signs in as that subject of the provider.
pub fn account_of_subject(db: &mut Db, subject: &str) -> Result<Option<Account>, StoreError> {
    each!(db, |c| accounts::table
        .filter(accounts::single_sign_on_subject.eq(subject))
        .select(Account::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// Those of some people whose account is disabled.
pub fn disabled_among(db: &mut Db, people: &[Id]) -> Result<Vec<Id>, StoreError> {
    let mut found = Vec::new();
    for chunk in people.chunks(500) {
        found.extend(each!(db, |c| accounts::table
            .filter(accounts::person_id.eq_any(chunk))
            .filter(accounts::disabled_at.is_not_null())
            .select(accounts::person_id)
            .load::<Id>(c))?);
    }
    Ok(found)
}

/// Every account.
pub fn accounts(db: &mut Db) -> Result<Vec<Account>, StoreError> {
    each!(db, |c| accounts::table.select(Account::as_select()).load(c)).map_err(Into::into)
}

/// Whether anybody has an account yet.
pub fn has_accounts(db: &mut Db) -> Result<bool, StoreError> {
    let found: Vec<i64> = each!(db, |c| accounts::table.select(accounts::version).limit(1).load(c))?;
    Ok(!found.is_empty())
}

/// Stores a new account.
pub fn insert_account(db: &mut Db, account: &Account) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(accounts::table).values(account).execute(c))?;
    Ok(())
}

/// Stores a changed account over the version before it.
pub fn update_account(db: &mut Db, account: &Account) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        accounts::table
            .filter(accounts::person_id.eq(account.person_id))
            .filter(accounts::version.eq(account.version - 1)),
    )
    .set(account)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Notes that somebody signed in. The version stays: nobody decided anything. Answers whether the account
/// is there and not disabled; until the transaction ends nobody else changes it.
pub fn note_sign_in(db: &mut Db, person: Id, now: Moment) -> Result<bool, StoreError> {
    let noted = each!(db, |c| diesel::update(
        accounts::table.filter(accounts::person_id.eq(person)).filter(accounts::disabled_at.is_null()),
    )
    .set(accounts::last_sign_in_at.eq(now))
    .execute(c))?;
    Ok(noted == 1)
}

/// Puts a hash of the same password in place of another. Answers whether the password is still that one;
/// until the transaction ends nobody else changes it.
pub fn exchange_hash(db: &mut Db, person: Id, before: &str, after: &str) -> Result<bool, StoreError> {
    let exchanged = each!(db, |c| diesel::update(
        accounts::table.filter(accounts::person_id.eq(person)).filter(accounts::password_hash.eq(before)),
    )
    .set(accounts::password_hash.eq(after))
    .execute(c))?;
    Ok(exchanged == 1)
}

/// Everybody's id and name, by name.
pub fn names(db: &mut Db) -> Result<Vec<(Id, String)>, StoreError> {
    each!(db, |c| people::table.order((people::name_key, people::id)).select((people::id, people::name)).load(c))
        .map_err(Into::into)
}

/// Id and name of the one with that address, or else of those whose name is or begins with a text; at most `limit`.
pub fn named(db: &mut Db, text: &str, limit: i64) -> Result<Vec<(Id, String)>, StoreError> {
    let key = text.trim().to_lowercase();
    for exactly in [true, false] {
        let found: Vec<(Id, String)> = each!(db, |c| {
            let mut query = people::table.select((people::id, people::name)).into_boxed::<DB>();
            query = if exactly {
                query.filter(people::email_key.eq(&key).or(people::name_key.eq(&key)))
            } else {
                query.filter(people::name_key.ge(&key)).filter(people::name_key.lt(format!("{key}\u{10ffff}")))
            };
            query.order((people::name_key, people::id)).limit(limit).load(c)
        })?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}
