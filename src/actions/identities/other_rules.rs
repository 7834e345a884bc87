//! A change of a record by which other rules count for its identity: who may make it, and what is said of it.

use super::super::{ActionError, Register, Work, grants};
use super::IdentityRecord;
use crate::domain::identities::IdentityState;
use crate::domain::reaching::{Measuring, basis_of};
use crate::domain::reviews::other_rules::{only_adds, other_rules};
use crate::domain::reviews::silence::Asked;
use crate::store::identities::Identity;
use crate::store::reviews;

/// What is said of a change by which other rules count for what works; nothing where none do. What was written down for
/// the first time counts as none until somebody has decided about the identity: its first review still comes, and on
/// the day that its stricter tier set.
///
/// # Errors
/// `Invalid` for whoever owns it: they would be asked about what they wrote.
pub(super) fn said_of(
    register: &Register,
    work: &mut Work<'_>,
    before: &Identity,
    after: &IdentityRecord,
) -> Result<Option<String>, ActionError> {
    let identity = &after.identity;
    if !matches!(identity.state, IdentityState::Active | IdentityState::Suspended) {
        return Ok(None);
    }
    let mut measuring = Measuring::by(&register.deployment.scopes);
    let mut judged = |record: &Identity| {
        let scopes = after.scopes.iter().map(|row| (row.list, row.scope.as_str()));
        Asked {
            tier: measuring.of(scopes, record.access_basis).tier,
            basis: basis_of(record.access_basis),
            criticality: record.criticality,
            environment: record.environment,
            vendor_managed: record.vendor_managed,
        }
    };
    let (was, is) = (judged(before), judged(identity));
    let Some(says) = other_rules(was, is) else { return Ok(None) };
    if only_adds(was, is) && reviews::last_decided(work.db, &[identity.id])?.is_empty() {
        return Ok(None);
    }
    let owns = |person| grants::owns(before, person) || grants::owns(identity, person);
    if work.by.person.is_some_and(owns) {
        let field = if was.basis == is.basis { "criticality" } else { "access_basis" };
        let why = format!("You own it, so somebody else who keeps the register has to write this. {says}");
        return Err(ActionError::field(field, why));
    }
    Ok(Some(says))
}
