//! Identities as an import needs them: those of one system, with what a file may change, many at a time.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::identities::Identity;
use super::identity_parts::{self as parts, Credential, IdentityScope};
use super::schema::*;
use super::{Db, StoreError};
use crate::domain::identities::ScopeList;
use crate::domain::ids::Id;
use crate::domain::tasks::{TaskKind, TaskState};
use crate::each;

/// How many identities a query takes at once.
const CHUNK: usize = 500;

/// An identity and the lists that a file may change, as they were before an import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityBefore {
    #[serde(flatten)]
    pub identity: Identity,
    pub redirect_uris: Vec<String>,
    /// All lists; a file changes those of issued and requested scopes.
    pub scopes: Vec<IdentityScope>,
    pub credentials: Vec<Credential>,
}

impl IdentityBefore {
    /// Sets what is not written because the identity says it.
    pub fn read_back(mut self) -> Self {
        self.identity.name_key = self.identity.name.to_lowercase();
        for (position, scope) in (0_i64..).zip(&mut self.scopes) {
            scope.identity_id = self.identity.id;
            scope.position = position;
        }
        for credential in &mut self.credentials {
            credential.identity_id = self.identity.id;
        }
        self
    }

    /// The scopes of one list.
    pub fn scopes_on(&self, list: ScopeList) -> Vec<IdentityScope> {
        self.scopes.iter().filter(|scope| scope.list == list).cloned().collect()
    }
}

/// Every identity of a system that a file may speak of: Muster's own tokens are none.
pub fn of_system(db: &mut Db, system: Id) -> Result<Vec<Identity>, StoreError> {
    let mut found: Vec<Identity> = Vec::new();
    loop {
        let place = found.last().map(|identity| identity.id);
        let chunk: Vec<Identity> = each!(db, |c| {
            let mut query = identities::table
                .filter(identities::system_id.eq(system))
                .filter(identities::id.ne_all(api_tokens::table.select(api_tokens::identity_id)))
                .select(Identity::as_select())
                .into_boxed::<DB>();
            if let Some(place) = place {
                query = query.filter(identities::id.gt(place));
            }
            query.order(identities::id).limit(10_000).load(c)
        })?;
        let last = chunk.len() < 10_000;
        found.extend(chunk);
        if last {
            return Ok(found);
        }
    }
}

/// The same identities with their lists.
pub fn with_lists(db: &mut Db, identities: Vec<Identity>) -> Result<Vec<IdentityBefore>, StoreError> {
    let mut found = Vec::with_capacity(identities.len());
    let mut rest = identities.into_iter().peekable();
    while rest.peek().is_some() {
        let chunk: Vec<Identity> = rest.by_ref().take(CHUNK).collect();
        let ids: Vec<Id> = chunk.iter().map(|identity| identity.id).collect();
        let mut uris: HashMap<Id, Vec<String>> = HashMap::new();
        for row in parts::redirect_uris_of(db, &ids)? {
            uris.entry(row.identity_id).or_default().push(row.uri);
        }
        let mut scopes: HashMap<Id, Vec<IdentityScope>> = HashMap::new();
        for row in parts::scopes_of(db, &ids)? {
            scopes.entry(row.identity_id).or_default().push(row);
        }
        let mut credentials: HashMap<Id, Vec<Credential>> = HashMap::new();
        for row in parts::credentials_of(db, &ids)? {
            credentials.entry(row.identity_id).or_default().push(row);
        }
        found.extend(chunk.into_iter().map(|identity| IdentityBefore {
            redirect_uris: uris.remove(&identity.id).unwrap_or_default(),
            scopes: scopes.remove(&identity.id).unwrap_or_default(),
            credentials: credentials.remove(&identity.id).unwrap_or_default(),
            identity,
        }));
    }
    Ok(found)
}

/// Removes identities and what hangs on them. Only an undone import does this.
///
/// # Errors
/// [`StoreError::Constraint`] when something else refers to one of them.
pub fn delete(db: &mut Db, ids: &[Id]) -> Result<(), StoreError> {
    for chunk in ids.chunks(CHUNK) {
        each!(db, |c| {
            diesel::delete(credentials::table.filter(credentials::identity_id.eq_any(chunk))).execute(c)?;
            diesel::delete(identity_scopes::table.filter(identity_scopes::identity_id.eq_any(chunk))).execute(c)?;
            diesel::delete(identity_redirect_uris::table.filter(identity_redirect_uris::identity_id.eq_any(chunk)))
                .execute(c)?;
            diesel::delete(revocation_paths::table.filter(revocation_paths::identity_id.eq_any(chunk))).execute(c)?;
            diesel::delete(tasks::table.filter(tasks::identity_id.eq_any(chunk))).execute(c)?;
            diesel::delete(findings::table.filter(findings::identity_id.eq_any(chunk))).execute(c)?;
            diesel::delete(review_reasons::table.filter(review_reasons::identity_id.eq_any(chunk))).execute(c)?;
            let own = reviews::table.filter(reviews::identity_id.eq_any(chunk)).select(reviews::id);
            diesel::delete(digest_lines::table.filter(digest_lines::review_id.eq_any(own))).execute(c)?;
            let own = reviews::table.filter(reviews::identity_id.eq_any(chunk)).select(reviews::id);
            diesel::delete(review_steps::table.filter(review_steps::review_id.eq_any(own))).execute(c)?;
            diesel::delete(reviews::table.filter(reviews::identity_id.eq_any(chunk))).execute(c)?;
            diesel::delete(identities::table.filter(identities::id.eq_any(chunk))).execute(c)
        })?;
    }
    Ok(())
}

/// Removes the open questions to owners whom an undone import had named.
pub fn cancel_questions(db: &mut Db, identity: Id, owners: &Identity) -> Result<(), StoreError> {
    let asked: Vec<Id> = [owners.business_owner_id, owners.technical_owner_id].into_iter().flatten().collect();
    each!(db, |c| diesel::delete(
        tasks::table
            .filter(tasks::identity_id.eq(identity))
            .filter(tasks::kind.eq(TaskKind::Ownership))
            .filter(tasks::state.eq(TaskState::Open))
            .filter(tasks::assignee_id.ne_all(asked.into_iter().map(Some)))
    )
    .execute(c))?;
    Ok(())
}

/// Which of these identities have something that a person did: a closed task, a twin, a way to stop
/// it, a grant, a note on a review, a place in a set of a bulk change. Their own version need not tell.
pub fn worked_on(db: &mut Db, ids: &[Id]) -> Result<Vec<Id>, StoreError> {
    let mut found: Vec<Id> = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        each!(db, |c| {
            found.extend(
                tasks::table
                    .filter(tasks::identity_id.eq_any(chunk))
                    .filter(tasks::closed_by.is_not_null())
                    .select(tasks::identity_id.assume_not_null())
                    .load::<Id>(c)?,
            );
            found.extend(
                grants::table.filter(grants::identity_id.eq_any(chunk)).select(grants::identity_id).load::<Id>(c)?,
            );
            found.extend(
                identity_twins::table
                    .filter(identity_twins::identity_id.eq_any(chunk))
                    .select(identity_twins::identity_id)
                    .load::<Id>(c)?,
            );
            found.extend(
                identity_twins::table
                    .filter(identity_twins::twin_id.eq_any(chunk))
                    .select(identity_twins::twin_id)
                    .load::<Id>(c)?,
            );
            found.extend(
                revocation_paths::table
                    .filter(revocation_paths::identity_id.eq_any(chunk))
                    .select(revocation_paths::identity_id)
                    .load::<Id>(c)?,
            );
            found.extend(
                review_notes::table
                    .inner_join(reviews::table.on(review_notes::review_id.eq(reviews::id)))
                    .filter(reviews::identity_id.eq_any(chunk))
                    .select(reviews::identity_id)
                    .load::<Id>(c)?,
            );
            found.extend(
                bulk_set_items::table
                    .filter(bulk_set_items::identity_id.eq_any(chunk))
                    .select(bulk_set_items::identity_id)
                    .load::<Id>(c)?,
            );
            found.extend(
                identities::table
                    .filter(identities::parent_id.eq_any(chunk))
                    .select(identities::parent_id.assume_not_null())
                    .load::<Id>(c)?,
            );
            Ok::<_, diesel::result::Error>(())
        })?;
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
