//! How far identities reach: measured when their scopes or their access basis change, and all of them
//! again when the tables of a deployment do.

use std::collections::HashMap;

use super::{ActionError, Register};
use crate::domain::ids::Id;
use crate::domain::reaching::{Measured, Measuring};
use crate::store::identities::{self, Identity};
use crate::store::identity_parts::IdentityScope;
use crate::store::{Db, StoreError, reaches, settings};

/// The setting that keeps the digest of the tables by which the identities were measured.
const SETTING: &str = "measured_by";

/// Identities measured in one transaction.
const CHUNK: i64 = 2_000;

/// Measures an identity with its lists.
pub fn measure(measuring: &mut Measuring<'_>, identity: &Identity, scopes: &[IdentityScope]) -> Measured {
    measuring.of(scopes.iter().map(|row| (row.list, row.scope.as_str())), identity.access_basis)
}

/// Stores how far an identity reaches with these lists, where that differs from what is stored.
pub fn store(
    register: &Register,
    db: &mut Db,
    identity: &Identity,
    scopes: &[IdentityScope],
) -> Result<(), StoreError> {
    let measured = measure(&mut Measuring::by(&register.deployment.scopes), identity, scopes);
    if measured == identity.measured() {
        return Ok(());
    }
    identities::set_measured(db, &[identity.id], measured)
}

/// Measures every identity again when the tables are not those it was measured by: after an upgrade, and
/// after a security team changed its own. Answers how many differ; nothing is recorded, because nothing
/// was decided about them.
///
/// Several processes may do this at once, and one that was stopped is finished by the next start.
pub fn catch_up(register: &Register) -> Result<usize, ActionError> {
    let knowledge = &register.deployment.scopes;
    let known = settings::get(&mut *register.database.read()?, SETTING)?;
    if known.as_deref() == Some(knowledge.digest.as_str()) {
        return Ok(0);
    }
    let mut measuring = Measuring::by(knowledge);
    let (mut place, mut changed) = (None, 0);
    loop {
        let last = register.database.write(|db| chunk(db, place, &mut measuring, &mut changed))?;
        match last {
            Some(last) => place = Some(last),
            None => break,
        }
    }
    register.database.write(|db| settings::set(db, SETTING, &knowledge.digest))?;
    Ok(changed)
}

fn chunk(
    db: &mut Db,
    place: Option<Id>,
    measuring: &mut Measuring<'_>,
    changed: &mut usize,
) -> Result<Option<Id>, StoreError> {
    let found = reaches::after(db, place, CHUNK)?;
    let mut differ: HashMap<Measured, Vec<Id>> = HashMap::new();
    for identity in &found {
        let measured =
            measuring.of(identity.scopes.iter().map(|(list, scope)| (*list, scope.as_str())), identity.basis);
        if measured != identity.stored {
            differ.entry(measured).or_default().push(identity.id);
        }
    }
    for (measured, ids) in differ {
        *changed += ids.len();
        identities::set_measured(db, &ids, measured)?;
    }
    Ok(found.last().map(|identity| identity.id))
}
