//! The lists of an identity as a file has them.

use crate::domain::identities::ScopeList;
use crate::domain::ids::{Id, Moment};
use crate::domain::imported::ImportedCredential;
use crate::domain::imports::facts::ClientFacts;
use crate::store::identity_parts::{Credential, IdentityScope};

/// What the issuing system gives.
pub fn issued(id: Id, facts: &ClientFacts) -> Vec<IdentityScope> {
    (0_i64..)
        .zip(&facts.issued_scopes)
        .map(|(position, said)| IdentityScope {
            identity_id: id,
            list: ScopeList::Issued,
            scope: said.scope.clone(),
            position,
            optional: said.optional,
            in_token: said.in_token,
            defined: said.defined,
        })
        .collect()
}

/// What a request asks for.
pub fn requested(id: Id, facts: &ClientFacts) -> Vec<IdentityScope> {
    (0_i64..)
        .zip(&facts.requested_scopes)
        .map(|(position, scope)| IdentityScope {
            identity_id: id,
            list: ScopeList::Requested,
            scope: scope.clone(),
            position,
            optional: false,
            in_token: true,
            defined: true,
        })
        .collect()
}

/// What a file tells of a credential.
pub fn credential(identity: Id, said: &ImportedCredential, id: Id, first_seen_at: Moment) -> Credential {
    Credential {
        id,
        identity_id: identity,
        kind: said.kind,
        key_id: said.key_id.clone(),
        thumbprint: said.thumbprint.clone(),
        location: said.location.clone(),
        issued_at: said.created_at,
        expires_at: said.expires_at,
        never_expires: said.never_expires,
        strength: said.strength,
        fingerprint: said.fingerprint.clone(),
        first_seen_at,
    }
}
