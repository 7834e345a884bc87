//! Adding a reason to the review that is open already: nobody is asked twice at once.

use super::wanted::{For, Outcome};
use crate::actions::reviews::moving;
use crate::actions::reviews::reviewers::Around;
use crate::actions::{ActionError, Register, Work};
use crate::domain::reviews::reasons::{Reason, ReviewCause};
use crate::store::identities::Identity;
use crate::store::review_reasons;
use crate::store::reviews::{self, Review};
use crate::store::types::Doc;

/// Adds reasons to a review that is open: whoever reads its page meanwhile is told. Where its owner has changed,
/// whoever owns it now is asked.
#[allow(clippy::too_many_arguments)]
pub fn join(
    work: &mut Work<'_>,
    register: &Register,
    before: &Review,
    identity: &Identity,
    around: &Around,
    reasons: &[Reason],
    campaign: Option<For>,
    outcome: &mut Outcome,
) -> Result<(), ActionError> {
    review_reasons::attach(work.db, before.identity_id, before.id)?;
    let mut after = before.clone();
    after.version += 1;
    if let (Some(campaign), None) = (campaign, before.campaign_id) {
        after.campaign_id = Some(campaign.campaign);
    }
    let other_owner =
        reasons.iter().any(|reason| matches!(reason.cause, ReviewCause::OwnerChange | ReviewCause::OwnerLeft));
    if other_owner {
        after.resolution = Doc(around.reviewers_of(identity, before).resolve(register.day(work.by.now)).way);
    }
    reviews::update(work.db, &after)?;
    let says: Vec<&str> = reasons.iter().map(|reason| reason.says.as_str()).collect();
    work.record_because("review.add_reason", "review", after.id, Some(&says.join(" ")), Some(before), Some(&after));
    if other_owner {
        moving::to_the_owner(work, register, &after, identity, around)?;
    }
    outcome.opened.joined += 1;
    outcome.reviews.insert(after.identity_id, after);
    Ok(())
}
