//! Identities by the names that people and systems give them.

use diesel::prelude::*;

use super::schema::identities;
use super::{Db, StoreError};
use crate::domain::identities::{Environment, IdentityState};
use crate::domain::ids::Id;
use crate::each;

/// How another page names an identity.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct IdentityName {
    pub id: Id,
    pub name: String,
    pub client_id: Option<String>,
    pub environment: Environment,
    pub state: IdentityState,
}

/// The names of these identities, by name; unknown ids are left out.
pub fn names_of(db: &mut Db, ids: &[Id]) -> Result<Vec<IdentityName>, StoreError> {
    let mut found: Vec<IdentityName> = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        found.extend(each!(db, |c| identities::table
            .filter(identities::id.eq_any(chunk))
            .select((
                identities::id,
                identities::name,
                identities::client_id,
                identities::environment,
                identities::state
            ))
            .load::<IdentityName>(c))?);
    }
    found.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
    Ok(found)
}

/// The identities of which this one is the parent, by name; at most `limit`.
pub fn children_of(db: &mut Db, parent: Id, limit: i64) -> Result<Vec<IdentityName>, StoreError> {
    each!(db, |c| identities::table
        .filter(identities::parent_id.eq(parent))
        .order((identities::name_key, identities::id))
        .select((identities::id, identities::name, identities::client_id, identities::environment, identities::state))
        .limit(limit)
        .load(c))
    .map_err(StoreError::from)
}

/// The parent of an identity.
pub fn parent_of(db: &mut Db, id: Id) -> Result<Option<Id>, StoreError> {
    each!(db, |c| identities::table.filter(identities::id.eq(id)).select(identities::parent_id).first(c))
        .map_err(StoreError::from)
}

/// The identities that somebody names by an id or a client id: several when a client id is known to
/// more than one system or environment, none when nothing has it.
pub fn named(db: &mut Db, text: &str) -> Result<Vec<Id>, StoreError> {
    let text = text.trim();
    if let Ok(id) = text.parse::<Id>() {
        let found: Vec<Id> =
            each!(db, |c| identities::table.filter(identities::id.eq(id)).select(identities::id).load(c))?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    each!(db, |c| identities::table
        .filter(identities::client_id.eq(text))
        .order(identities::id)
        .select(identities::id)
        .load(c))
    .map_err(StoreError::from)
}

/// The identity with that client id at that system in that environment; it is unique there.
pub fn holder_of(
    db: &mut Db,
    client_id: &str,
    environment: Environment,
    system: Option<Id>,
) -> Result<Option<Id>, StoreError> {
    // Without a system nothing says that two client ids are the same client's.
    let Some(system) = system else { return Ok(None) };
    each!(db, |c| identities::table
        .filter(identities::client_id.eq(client_id))
        .filter(identities::environment.eq(environment))
        .filter(identities::system_id.eq(system))
        .select(identities::id)
        .first(c)
        .optional())
    .map_err(StoreError::from)
}
