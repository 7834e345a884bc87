//! Whether somebody asks a second time for the registration that waits already.

use diesel::prelude::*;

use super::schema::{identities, requests};
use super::{Db, StoreError};
use crate::domain::identities::Environment;
use crate::domain::ids::{Id, Moment};
use crate::domain::requests::{RequestKind, RequestState};
use crate::each;

/// A registration by what makes it the same as another.
#[derive(Debug, Clone, Copy)]
pub struct Likeness<'a> {
    pub requester: Id,
    pub environment: Environment,
    /// The name in lower case, as lists sort it.
    pub name_key: &'a str,
    pub client_id: Option<&'a str>,
}

/// The number of a registration that waits at `now` and is the same: the same client id, or the same name
/// where not both have a client id.
pub fn waiting(db: &mut Db, like: Likeness<'_>, now: Moment) -> Result<Option<i64>, StoreError> {
    let client_id = like.client_id.unwrap_or_default();
    let found: Vec<(i64, Option<String>)> = each!(db, |c| requests::table
        .inner_join(identities::table)
        .filter(requests::requester_id.eq(like.requester))
        .filter(requests::kind.ne(RequestKind::Change))
        .filter(
            requests::state
                .eq(RequestState::Approved)
                .or(requests::state.eq(RequestState::Open).and(requests::ends_at.gt(now))),
        )
        .filter(identities::environment.eq(like.environment))
        .filter(identities::name_key.eq(like.name_key).or(identities::client_id.eq(client_id).assume_not_null()))
        .order(requests::number.desc())
        .select((requests::number, identities::client_id))
        .load(c))?;
    let same = |known: &Option<String>| match (known.as_deref(), like.client_id) {
        (Some(known), Some(client_id)) => known == client_id,
        _ => true,
    };
    Ok(found.into_iter().find(|(_, known)| same(known)).map(|(number, _)| number))
}
