//! Asking about identities: a review for each, or a reason more for the one that is open.

use std::collections::HashMap;

use super::fields::{Asked, Which, asked};
use super::freezing::{lists_of, taken};
use super::joining::join;
use super::storing::{New, store_new};
use super::wanted::{For, Outcome, Wanted};
use crate::actions::reviews::reopen;
use crate::actions::reviews::reviewers::Around;
use crate::actions::{ActionError, Register, Work};
use crate::domain::identities::IdentityState;
use crate::domain::ids::Id;
use crate::domain::reviews::ReviewState;
use crate::domain::reviews::escalation;
use crate::domain::reviews::reasons::Reason;
use crate::domain::reviews::reviewers::Considered;
use crate::domain::reviews::snapshot::{Snapshot, Taken};
use crate::store::identities::{self, Identity};
use crate::store::identity_parts as parts;
use crate::store::review_reasons::{self, ReviewReason};
use crate::store::reviews::{self, Review};
use crate::store::types::Doc;

/// Asks about identities: opens a review for each, or adds the reason to the one that is open. What works no longer
/// is left out, and its reasons end.
pub fn open(
    work: &mut Work<'_>,
    register: &Register,
    wanted: Vec<Wanted>,
    campaign: Option<For>,
) -> Result<Outcome, ActionError> {
    let today = register.day(work.by.now);
    let mut ids: Vec<Id> = wanted.iter().map(|one| one.identity).collect();
    ids.sort_unstable();
    let about: HashMap<Id, Identity> =
        identities::hold_many(work.db, &ids)?.into_iter().map(|identity| (identity.id, identity)).collect();
    let live: HashMap<Id, Review> =
        reviews::live_of(work.db, &ids)?.into_iter().map(|review| (review.identity_id, review)).collect();
    let around = Around::of(work.db, register, &about.values().cloned().collect::<Vec<_>>(), today)?;
    let lists = lists_of(work.db, &ids)?;
    let proved = parts::stop_proved(work.db, &ids)?;
    let noted: Vec<ReviewReason> = wanted
        .iter()
        .filter(|one| about.contains_key(&one.identity))
        .flat_map(|one| one.reasons.iter().map(|reason| noted_reason(one.identity, reason, work)))
        .collect();
    review_reasons::insert_many(work.db, &noted)?;
    // What was asked about already, by whoever was faster, is no reason any more.
    let mut waiting: HashMap<Id, Vec<Reason>> = HashMap::new();
    for row in review_reasons::waiting_of(work.db, &ids)? {
        let reason = Reason { cause: row.cause, period: row.period, says: row.says };
        waiting.entry(row.identity_id).or_default().push(reason);
    }
    let mut outcome = Outcome::default();
    let mut new: Vec<New> = Vec::new();
    for one in wanted {
        let (Some(identity), Some(reasons)) = (about.get(&one.identity), waiting.remove(&one.identity)) else {
            continue;
        };
        if !matches!(identity.state, IdentityState::Active | IdentityState::Suspended) {
            review_reasons::end(work.db, identity.id, "it is neither active nor suspended")?;
            outcome.opened.ended += 1;
            continue;
        }
        match live.get(&identity.id) {
            // Nobody is asked what they have just decided; the reason waits until that has taken effect, but for one
            // that cannot wait for a far day.
            Some(review) if review.state == ReviewState::Decided => {
                if let Some(review) = reopen::reopen(work, register, review, identity, &around, &reasons)? {
                    join(work, register, &review, identity, &around, &reasons, campaign, &mut outcome)?;
                }
            }
            Some(review) => join(work, register, review, identity, &around, &reasons, campaign, &mut outcome)?,
            None => {
                let own = lists.get(&identity.id).map_or(&[][..], Vec::as_slice);
                let taken = taken(identity, own, proved.get(&identity.id).copied());
                let resolution = around.reviewers(identity).resolve(today);
                let review = new_review(work, register, identity, taken, resolution.way, campaign);
                new.push((review, reasons, resolution.found));
            }
        }
    }
    store_new(work, register, &about, new, &mut outcome)?;
    Ok(outcome)
}

fn new_review(
    work: &Work<'_>,
    register: &Register,
    identity: &Identity,
    taken: Taken,
    way: Vec<Considered>,
    campaign: Option<For>,
) -> Review {
    let today = register.day(work.by.now);
    let clock = register.deployment.reviews.clock(identity.tier, identity.review_interval_days);
    let dates = clock.dates(today, campaign.map(|campaign| campaign.due_on));
    let next_step_on = escalation::next(&register.deployment.reviews.steps(today, dates));
    let which = Which {
        id: Id::new(),
        identity_id: identity.id,
        campaign_id: campaign.map(|campaign| campaign.campaign),
        tier: identity.tier,
        snapshot: Doc(Snapshot::Taken(Box::new(taken))),
        opened_at: work.by.now,
        version: 1,
    };
    asked(which, Asked { way, dates, next_step_on })
}

fn noted_reason(identity: Id, reason: &Reason, work: &Work<'_>) -> ReviewReason {
    ReviewReason {
        identity_id: identity,
        cause: reason.cause,
        period: reason.period.clone(),
        says: reason.says.clone(),
        review_id: None,
        ended: None,
        noted_at: work.by.now,
    }
}
