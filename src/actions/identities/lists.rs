//! What belongs to an identity and is written with it: scopes, redirect URIs, twins, the way to stop it.

use serde::Serialize;

use super::super::{ActionError, Work};
use crate::domain::identities::{IdentityState, RevocationMethod, ScopeList};
use crate::domain::ids::{Id, Moment};
use crate::domain::registration::{Registration, WayToStop};
use crate::store::identities::Identity;
use crate::store::identity_parts::{self as parts, IdentityScope, RevocationPath};

/// A way to stop it, as the audit log keeps it: of the contact only whether it changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct WayToStopRecord<'a> {
    method: RevocationMethod,
    steps: &'a str,
    contact_changed: bool,
    proved_at: Option<Moment>,
}

/// Writes redirect URIs, twins and the list of scopes that the state lets people write.
pub(super) fn write_lists(
    work: &mut Work<'_>,
    identity: &Identity,
    typed: &Registration,
    twins: &[Id],
    known: &[IdentityScope],
) -> Result<(), ActionError> {
    let list = written_list(identity.state);
    let scopes: Vec<IdentityScope> = (0_i64..)
        .zip(&typed.scopes)
        .map(|(position, scope)| {
            let before = known.iter().find(|row| row.list == list && row.scope == *scope);
            IdentityScope {
                identity_id: identity.id,
                list,
                scope: scope.clone(),
                position,
                optional: before.is_some_and(|row| row.optional),
                in_token: before.is_none_or(|row| row.in_token),
                defined: before.is_none_or(|row| row.defined),
            }
        })
        .collect();
    parts::replace_scopes(work.db, identity.id, list, &scopes)?;
    parts::replace_redirect_uris(work.db, identity.id, &typed.redirect_uris)?;
    parts::replace_twins(work.db, identity.id, twins)?;
    Ok(())
}

/// Which list of scopes the form writes: requests are asked for, everything else is observed. The
/// approved list is never written by one person.
pub fn written_list(state: IdentityState) -> ScopeList {
    match state {
        IdentityState::Requested | IdentityState::Approved | IdentityState::Rejected => ScopeList::Requested,
        _ => ScopeList::Issued,
    }
}

/// Writes how it is stopped; answers whether that changed. Other steps are not proved by the proof
/// of those before.
pub(in crate::actions) fn set_way_to_stop(
    work: &mut Work<'_>,
    id: Id,
    typed: Option<&WayToStop>,
) -> Result<bool, ActionError> {
    let before = parts::revocation_path(work.db, id)?;
    let after = match (&before, typed) {
        (None, None) => return Ok(false),
        (Some(_), None) => {
            parts::delete_revocation_path(work.db, id)?;
            None
        }
        (Some(path), Some(typed))
            if (path.method, &path.steps, &path.contact) == (typed.method, &typed.steps, &typed.contact) =>
        {
            return Ok(false);
        }
        (before, Some(typed)) => {
            let same = before.as_ref().filter(|path| (path.method, &path.steps) == (typed.method, &typed.steps));
            let path = RevocationPath {
                identity_id: id,
                method: typed.method,
                steps: typed.steps.clone(),
                contact: typed.contact.clone(),
                proved_at: same.and_then(|path| path.proved_at),
                proof: same.and_then(|path| path.proof.clone()),
                updated_at: work.by.now,
                version: before.as_ref().map_or(1, |path| path.version + 1),
            };
            match before {
                Some(_) => parts::update_revocation_path(work.db, &path)?,
                None => parts::insert_revocation_path(work.db, &path)?,
            }
            Some(path)
        }
    };
    let contact_changed = before.as_ref().map(|path| &path.contact) != after.as_ref().map(|path| &path.contact);
    let kept = |path: &RevocationPath, contact_changed| {
        serde_json::to_value(WayToStopRecord {
            method: path.method,
            steps: &path.steps,
            contact_changed,
            proved_at: path.proved_at,
        })
        .unwrap_or_default()
    };
    let (old, new) =
        (before.as_ref().map(|path| kept(path, false)), after.as_ref().map(|path| kept(path, contact_changed)));
    work.record("identity.set_way_to_stop", "identity", id, old.as_ref(), new.as_ref());
    Ok(true)
}
