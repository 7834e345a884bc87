//! An import saw what a system gives: where that is no more than was approved, it confirms what was issued. A file that
//! does not say which permissions its system gives confirms nothing.

use crate::actions::{ActionError, Work};
use crate::domain::identities::ScopeList;
use crate::domain::ids::Id;
use crate::domain::imports::shown::Shown;
use crate::domain::scopes::covers::covers;
use crate::domain::scopes::{ScopeSet, Verdict};
use crate::store::requests::{self, Request};
use crate::store::{identity_parts as parts, requests as stored};

/// Confirms what was issued for identities, by what an import showed of them and has written by now. Answers how many
/// requests are confirmed.
pub fn confirm(work: &mut Work<'_>, import: Id, shown: &[Shown]) -> Result<usize, ActionError> {
    let seen: Vec<Id> = shown.iter().filter(|one| one.scopes).map(|one| one.identity).collect();
    let mut confirmed = 0;
    for before in stored::unconfirmed(work.db, &seen)? {
        let rows = parts::scopes(work.db, before.identity_id)?;
        let on = |list: ScopeList| rows.iter().filter(move |row| row.list == list).map(|row| row.scope.as_str());
        let approved = ScopeSet::of(on(ScopeList::Approved));
        let issued = ScopeSet::of_product(on(ScopeList::Issued));
        if covers(&approved, &issued).verdict != Verdict::Covered {
            continue;
        }
        let after = Request {
            confirmed_at: Some(work.by.now),
            confirmed_by_id: Some(import),
            moved_at: work.by.now,
            version: before.version + 1,
            ..before.clone()
        };
        requests::update(work.db, &after)?;
        work.record("request.confirm", "request", after.id, Some(&before), Some(&after));
        confirmed += 1;
    }
    Ok(confirmed)
}
