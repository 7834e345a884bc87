//! What an account has that proves who its holder is.

use diesel::dsl::{exists, select};
use diesel::prelude::*;

use super::schema::{code_generators, passkeys};
use super::{Db, StoreError, people};
use crate::domain::access::Proofs;
use crate::domain::ids::Id;
use crate::each;

/// The proofs of a person's account; none for a person without one.
pub fn of(db: &mut Db, person: Id) -> Result<Proofs, StoreError> {
    let Some(account) = people::account(db, person)? else { return Ok(Proofs::default()) };
    // A generator that never showed its first code is not in use yet.
    let code = each!(db, |c| select(exists(
        code_generators::table
            .filter(code_generators::person_id.eq(person))
            .filter(code_generators::confirmed_at.is_not_null())
    ))
    .get_result(c))?;
    let passkey = each!(db, |c| select(exists(passkeys::table.filter(passkeys::person_id.eq(person)))).get_result(c))?;
    Ok(Proofs {
        password: account.password_hash.is_some(),
        code,
        passkey,
        single_sign_on: account.single_sign_on_subject.is_some(),
    })
}
