//! What is known of an identity when somebody is asked, frozen with the review.

use std::collections::HashMap;

use crate::domain::identities::ScopeList;
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::snapshot::Taken;
use crate::store::identities::Identity;
use crate::store::identity_parts::{self as parts, IdentityScope};
use crate::store::{Db, StoreError};

/// What is known of an identity now.
pub fn taken(identity: &Identity, lists: &[IdentityScope], stop_proved_at: Option<Moment>) -> Taken {
    let on =
        |list: ScopeList| lists.iter().filter(|row| row.list == list).map(|row| row.scope.clone()).collect::<Vec<_>>();
    Taken {
        name: identity.name.clone(),
        kind: identity.kind,
        environment: identity.environment,
        state: identity.state,
        tier: identity.tier,
        access_basis: identity.access_basis,
        criticality: identity.criticality,
        business_owner_id: identity.business_owner_id,
        technical_owner_id: identity.technical_owner_id,
        approved: on(ScopeList::Approved),
        issued: on(ScopeList::Issued),
        expires_at: identity.expires_at,
        last_used_at: identity.last_used_at,
        stop_proved_at,
        next_review_on: identity.next_review_on,
        identity_version: identity.version,
    }
}

/// The scopes of these identities, by identity.
pub fn lists_of(db: &mut Db, ids: &[Id]) -> Result<HashMap<Id, Vec<IdentityScope>>, StoreError> {
    let mut lists: HashMap<Id, Vec<IdentityScope>> = HashMap::new();
    for chunk in ids.chunks(500) {
        for row in parts::scopes_of(db, chunk)? {
            lists.entry(row.identity_id).or_default().push(row);
        }
    }
    Ok(lists)
}
