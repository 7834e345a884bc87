//! Noting reasons to ask early, in the transaction of the change that gives them. A job opens the reviews.

use crate::actions::{ActionError, Register, Work};
use crate::domain::identities::{IdentityState, ScopeList};
use crate::domain::reviews::reasons::{Noticed, Reason, noticed};
use crate::store::identities::Identity;
use crate::store::identity_parts::{Credential, IdentityScope};
use crate::store::review_reasons::{self, ReviewReason};

/// What of an identity a change may be a reason by.
pub fn seen<'a>(identity: &Identity, scopes: &'a [IdentityScope], credentials: &[Credential]) -> Noticed<'a> {
    Noticed {
        version: identity.version,
        issued: scopes.iter().filter(|row| row.list == ScopeList::Issued).map(|row| row.scope.as_str()).collect(),
        business_owner: identity.business_owner_id,
        technical_owner: identity.technical_owner_id,
        keys: credentials.iter().map(key).collect(),
        environment: identity.environment,
        last_used_at: identity.last_used_at,
        quiet_since: Some(identity.registered_at),
    }
}

/// What tells a credential from another: its thumbprint or fingerprint, and where it has neither, its key id and its
/// age.
fn key(credential: &Credential) -> String {
    let age = credential.issued_at.map(|at| at.to_text());
    [
        Some(credential.kind.word().to_owned()),
        credential.thumbprint.clone(),
        credential.fingerprint.clone(),
        credential.key_id.clone(),
        age,
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join("/")
}

/// Notes what a change gives as reasons to ask early. What does not work yet, or no longer, is not asked about.
pub fn note_change(
    register: &Register,
    work: &mut Work<'_>,
    identity: &Identity,
    before: &Noticed<'_>,
    after: &Noticed<'_>,
) -> Result<(), ActionError> {
    note(work, identity, noticed(before, after, register.deployment.reviews.dormant_days))
}

/// So many days without use are never seen.
const NEVER: i64 = 100_000;

/// Notes that an identity has other owners.
pub fn note_owners(work: &mut Work<'_>, before: &Identity, after: &Identity) -> Result<(), ActionError> {
    // Use needs its length of a deployment; it changes elsewhere.
    note(work, after, noticed(&seen(before, &[], &[]), &seen(after, &[], &[]), NEVER))
}

/// Notes reasons to ask about an identity.
pub fn note(work: &mut Work<'_>, identity: &Identity, reasons: Vec<Reason>) -> Result<(), ActionError> {
    if reasons.is_empty() || !matches!(identity.state, IdentityState::Active | IdentityState::Suspended) {
        return Ok(());
    }
    let rows: Vec<ReviewReason> = reasons
        .into_iter()
        .map(|reason| ReviewReason {
            identity_id: identity.id,
            cause: reason.cause,
            period: reason.period,
            says: reason.says,
            review_id: None,
            ended: None,
            noted_at: work.by.now,
        })
        .collect();
    review_reasons::insert_many(work.db, &rows)?;
    Ok(())
}
