//! What a narrowing leaves on the approved list.

use crate::actions::{ActionError, Register, Work, reaching};
use crate::domain::identities::ScopeList;
use crate::store::identities::{self, Identity};
use crate::store::identity_parts::{self as parts, IdentityScope};

/// Puts what is kept in place of the approved list, where there is one; answers the identity as stored. What only its
/// system gives is taken away there.
pub fn approved(
    work: &mut Work<'_>,
    register: &Register,
    before: &Identity,
    kept: &[String],
) -> Result<Identity, ActionError> {
    let lists = parts::scopes(work.db, before.id)?;
    let mut after = before.clone();
    after.version += 1;
    after.updated_at = work.by.now;
    if lists.iter().any(|row| row.list == ScopeList::Approved) {
        let rows: Vec<IdentityScope> = (0_i64..)
            .zip(kept)
            .map(|(position, scope)| IdentityScope {
                identity_id: before.id,
                list: ScopeList::Approved,
                scope: scope.clone(),
                position,
                optional: false,
                in_token: true,
                defined: true,
            })
            .collect();
        parts::replace_scopes(work.db, before.id, ScopeList::Approved, &rows)?;
    }
    identities::update(work.db, &after)?;
    let lists = parts::scopes(work.db, before.id)?;
    reaching::store(register, work.db, &after, &lists)?;
    Ok(after)
}
