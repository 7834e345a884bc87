//! Generators of one-time codes, and the recovery codes for the day on which one is lost.

use diesel::prelude::*;

use super::schema::{code_generators, recovery_codes};
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::each;

/// A row of `code_generators`.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = code_generators, treat_none_as_default_value = false)]
pub struct CodeGenerator {
    pub person_id: Id,
    pub sealed_secret: Vec<u8>,
    /// When its first code was right; before, it opens nothing.
    pub confirmed_at: Option<Moment>,
    /// The last step whose code was accepted: no code of it or of an earlier one is accepted again.
    pub last_step: i64,
    pub created_at: Moment,
}

impl std::fmt::Debug for CodeGenerator {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "CodeGenerator({}, confirmed {:?})", self.person_id, self.confirmed_at)
    }
}

/// The generator of a person, confirmed or not.
pub fn find(db: &mut Db, person: Id) -> Result<Option<CodeGenerator>, StoreError> {
    each!(db, |c| code_generators::table
        .filter(code_generators::person_id.eq(person))
        .select(CodeGenerator::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// Begins to set up a generator, in place of one that was never confirmed.
///
/// # Errors
/// `Constraint` when a confirmed one exists.
pub fn begin(db: &mut Db, generator: &CodeGenerator) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(
        code_generators::table
            .filter(code_generators::person_id.eq(generator.person_id))
            .filter(code_generators::confirmed_at.is_null()),
    )
    .execute(c))?;
    each!(db, |c| diesel::insert_into(code_generators::table).values(generator).execute(c))?;
    Ok(())
}

/// Accepts the code of a step, once: of two that use it at the same moment, one is told so.
pub fn accept_step(db: &mut Db, person: Id, step: i64) -> Result<bool, StoreError> {
    let changed = each!(db, |c| diesel::update(
        code_generators::table
            .filter(code_generators::person_id.eq(person))
            .filter(code_generators::last_step.lt(step)),
    )
    .set(code_generators::last_step.eq(step))
    .execute(c))?;
    Ok(changed == 1)
}

/// Notes that the first code of a generator was right; answers whether it had not been confirmed before.
pub fn confirm(db: &mut Db, person: Id, now: Moment) -> Result<bool, StoreError> {
    let changed = each!(db, |c| diesel::update(
        code_generators::table
            .filter(code_generators::person_id.eq(person))
            .filter(code_generators::confirmed_at.is_null()),
    )
    .set(code_generators::confirmed_at.eq(now))
    .execute(c))?;
    Ok(changed == 1)
}

/// Removes the generator of a person; answers whether there was one.
pub fn delete(db: &mut Db, person: Id) -> Result<bool, StoreError> {
    let gone =
        each!(db, |c| diesel::delete(code_generators::table.filter(code_generators::person_id.eq(person))).execute(c))?;
    Ok(gone == 1)
}

/// Puts these recovery codes in place of all earlier ones of a person.
pub fn replace_recovery_codes(db: &mut Db, person: Id, digests: &[Vec<u8>], now: Moment) -> Result<(), StoreError> {
    delete_recovery_codes(db, person)?;
    for digest in digests {
        each!(db, |c| diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::digest.eq(digest),
                recovery_codes::person_id.eq(person),
                recovery_codes::created_at.eq(now),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// Uses a recovery code up; answers whether it was one of the person's that nobody had used.
pub fn use_recovery_code(db: &mut Db, person: Id, digest: &[u8], now: Moment) -> Result<bool, StoreError> {
    let changed = each!(db, |c| diesel::update(
        recovery_codes::table
            .filter(recovery_codes::digest.eq(digest))
            .filter(recovery_codes::person_id.eq(person))
            .filter(recovery_codes::used_at.is_null()),
    )
    .set(recovery_codes::used_at.eq(now))
    .execute(c))?;
    Ok(changed == 1)
}

/// How many recovery codes of a person are left.
pub fn recovery_codes_left(db: &mut Db, person: Id) -> Result<i64, StoreError> {
    each!(db, |c| recovery_codes::table
        .filter(recovery_codes::person_id.eq(person))
        .filter(recovery_codes::used_at.is_null())
        .count()
        .get_result(c))
    .map_err(Into::into)
}

/// Removes the recovery codes of a person.
pub fn delete_recovery_codes(db: &mut Db, person: Id) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(recovery_codes::table.filter(recovery_codes::person_id.eq(person))).execute(c))?;
    Ok(())
}
