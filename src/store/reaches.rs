//! What is read to measure how far identities reach, and what is stored of it.

use diesel::prelude::*;

use super::schema::{identities, identity_scopes};
use super::{Db, StoreError};
use crate::domain::identities::{AccessBasis, ScopeList};
use crate::domain::ids::Id;
use crate::domain::reaching::{IdentityTier, Measured};
use crate::each;

/// An identity as far as its reach goes: what is stored, and what it is measured by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaching {
    pub id: Id,
    pub stored: Measured,
    pub basis: Option<AccessBasis>,
    pub scopes: Vec<(ScopeList, String)>,
}

/// The identities after a place in the order of ids, at most `limit`, locked until the transaction ends.
pub fn after(db: &mut Db, place: Option<Id>, limit: i64) -> Result<Vec<Reaching>, StoreError> {
    type Row = (Id, IdentityTier, Option<i64>, Option<AccessBasis>);
    let columns = (identities::id, identities::tier, identities::risk, identities::access_basis);
    macro_rules! rows {
        () => {{
            let mut query = identities::table.select(columns).order(identities::id).limit(limit).into_boxed();
            if let Some(place) = place {
                query = query.filter(identities::id.gt(place));
            }
            query
        }};
    }
    // SQLite has one writer at a time. PostgreSQL locks the rows that this transaction may write.
    let rows: Vec<Row> = match db {
        Db::Sqlite(c) => rows!().load(c)?,
        Db::Pg(c) => {
            let ids: Vec<Id> = {
                let mut query =
                    identities::table.select(identities::id).order(identities::id).limit(limit).into_boxed();
                if let Some(place) = place {
                    query = query.filter(identities::id.gt(place));
                }
                query.load(c)?
            };
            identities::table
                .filter(identities::id.eq_any(ids))
                .order(identities::id)
                .select(columns)
                .for_no_key_update()
                .load(c)?
        }
    };
    let ids: Vec<Id> = rows.iter().map(|row| row.0).collect();
    let mut scopes: Vec<(Id, ScopeList, String)> = Vec::new();
    for chunk in ids.chunks(1_000) {
        scopes.extend(each!(db, |c| identity_scopes::table
            .filter(identity_scopes::identity_id.eq_any(chunk))
            .order(identity_scopes::identity_id)
            .select((identity_scopes::identity_id, identity_scopes::list, identity_scopes::scope))
            .load::<(Id, ScopeList, String)>(c))?);
    }
    let mut scopes = scopes.into_iter().peekable();
    let found = rows.into_iter().map(|(id, tier, risk, basis)| {
        let mut own = Vec::new();
        while let Some((_, list, scope)) = scopes.next_if(|(of, _, _)| *of == id) {
            own.push((list, scope));
        }
        Reaching { id, stored: Measured { tier, risk }, basis, scopes: own }
    });
    Ok(found.collect())
}
