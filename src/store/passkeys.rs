//! Passkeys: the public halves of what people's devices hold.

use diesel::prelude::*;
use serde_json::Value;

use super::schema::passkeys;
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::each;

/// A row of `passkeys`.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = passkeys, treat_none_as_default_value = false)]
pub struct PasskeyRow {
    pub id: Id,
    pub person_id: Id,
    /// The authenticator's own id of it, base64url.
    pub credential_id: String,
    /// What its owner calls it.
    pub name: String,
    /// The public key, the counter, and whether it may be copied between devices.
    pub credential: Doc<Value>,
    pub created_at: Moment,
    pub last_used_at: Option<Moment>,
}

/// The passkeys of a person, the oldest first.
pub fn of(db: &mut Db, person: Id) -> Result<Vec<PasskeyRow>, StoreError> {
    each!(db, |c| passkeys::table
        .filter(passkeys::person_id.eq(person))
        .order((passkeys::created_at, passkeys::id))
        .select(PasskeyRow::as_select())
        .load(c))
    .map_err(Into::into)
}

/// How many passkeys a person has.
pub fn count_of(db: &mut Db, person: Id) -> Result<i64, StoreError> {
    each!(db, |c| passkeys::table.filter(passkeys::person_id.eq(person)).count().get_result(c)).map_err(Into::into)
}

/// The passkey with that id of its authenticator.
pub fn by_credential(db: &mut Db, credential_id: &str) -> Result<Option<PasskeyRow>, StoreError> {
    each!(db, |c| passkeys::table
        .filter(passkeys::credential_id.eq(credential_id))
        .select(PasskeyRow::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// The same, locked until the transaction ends, so that uses of one passkey take turns.
pub fn lock(db: &mut Db, credential_id: &str) -> Result<Option<PasskeyRow>, StoreError> {
    each!(db, |c| diesel::update(passkeys::table.filter(passkeys::credential_id.eq(credential_id)))
        .set(passkeys::credential_id.eq(credential_id))
        .execute(c))?;
    by_credential(db, credential_id)
}

/// Stores a new passkey.
///
/// # Errors
/// `Constraint` when the credential is known already.
pub fn insert(db: &mut Db, passkey: &PasskeyRow) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(passkeys::table).values(passkey).execute(c))?;
    Ok(())
}

/// Stores the counter and flags of a passkey after its use.
pub fn used(db: &mut Db, id: Id, credential: &Doc<Value>, now: Moment) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(passkeys::table.filter(passkeys::id.eq(id)))
        .set((passkeys::credential.eq(credential), passkeys::last_used_at.eq(now)))
        .execute(c))?;
    Ok(())
}

/// Removes a passkey of a person; answers whether it was theirs.
pub fn delete(db: &mut Db, person: Id, id: Id) -> Result<bool, StoreError> {
    let gone = each!(db, |c| diesel::delete(
        passkeys::table.filter(passkeys::id.eq(id)).filter(passkeys::person_id.eq(person)),
    )
    .execute(c))?;
    Ok(gone == 1)
}

/// Removes every passkey of a person; answers how many there were.
pub fn delete_of(db: &mut Db, person: Id) -> Result<usize, StoreError> {
    each!(db, |c| diesel::delete(passkeys::table.filter(passkeys::person_id.eq(person))).execute(c)).map_err(Into::into)
}
