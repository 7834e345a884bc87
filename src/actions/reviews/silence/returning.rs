//! What silence might not cut, and may now: its rules changed while it was with the administrators.
//!
//! It was said that silence never comes to it, so that has to stay true or be taken back, loudly. It gets days of its
//! own, and after them silence does to it what the rules say, as to any other.

use std::collections::BTreeSet;

use super::super::apply::store;
use super::super::load::Loaded;
use super::super::one_by_one::alone;
use super::super::sheet::on_silence;
use super::super::steps::{dates_of, left};
use crate::actions::notify::{Told, tell_of_review};
use crate::actions::reviews::BATCH;
use crate::actions::{ActionError, By, Register, Work, findings};
use crate::domain::findings::FindingRule;
use crate::domain::identities::IdentityState;
use crate::domain::ids::Id;
use crate::domain::notices::LineKind;
use crate::domain::reviews::ReviewState;
use crate::domain::reviews::clock::Dates;
use crate::domain::reviews::escalation;
use crate::domain::reviews::silence::Silence;
use crate::domain::task_words::{date_words, days_after};
use crate::domain::tasks::AssigneeGroup;
use crate::store::identities::{self, Identity};
use crate::store::review_silence;
use crate::store::reviews::Review;

/// What a run gave back, and what failed, so that the next run tries again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GivenBack {
    pub returned: usize,
    pub failed: usize,
}

/// Gives back to silence what is protected no longer.
pub fn run(
    register: &Register,
    by: &By,
    renew: &impl Fn() -> Result<(), ActionError>,
) -> Result<GivenBack, ActionError> {
    let mut ran = GivenBack::default();
    let mut after = None;
    loop {
        renew()?;
        let (last, found) = {
            let mut db = register.database.read()?;
            let waiting = review_silence::escalated(&mut db, after, BATCH)?;
            let ids: Vec<Id> = waiting.iter().map(|review| review.identity_id).collect();
            let free: Vec<Id> = identities::find_many(&mut db, &ids)?
                .into_iter()
                .filter(|identity| !is_protected(register, identity))
                .map(|identity| identity.id)
                .collect();
            let last = waiting.last().map(|review| review.id);
            let found: Vec<Id> =
                waiting.iter().filter(|review| free.contains(&review.identity_id)).map(|review| review.id).collect();
            (last, found)
        };
        for id in found {
            let tried =
                alone("giving a review back to silence", id, || register.change(by, |work| one(work, register, id)))?;
            match tried {
                Some(returned) => ran.returned += usize::from(returned),
                None => ran.failed += 1,
            }
        }
        match last {
            Some(last) => after = Some(last),
            None => return Ok(ran),
        }
    }
}

fn is_protected(register: &Register, identity: &Identity) -> bool {
    let works = matches!(identity.state, IdentityState::Active | IdentityState::Suspended);
    !works || on_silence(register, identity).0 == Silence::Escalate
}

fn one(work: &mut Work<'_>, register: &Register, id: Id) -> Result<bool, ActionError> {
    let loaded = Loaded::held(work.db, register, id, work.by.now)?;
    let before = &loaded.review;
    let waits = before.state == ReviewState::Open && before.escalated_at.is_some();
    if !waits || is_protected(register, &loaded.identity) {
        return Ok(false);
    }
    let days = u64::from(register.deployment.reviews.escalated_days);
    let silence_on = before.silence_on.max(days_after(loaded.today, days));
    let after = Review {
        escalated_at: None,
        silence_on,
        // It may have gone to them before others were asked, because the job that asks others stood still.
        next_step_on: escalation::next(&left(register, &loaded, Dates { silence_on, ..dates_of(before) }, &[])),
        version: before.version + 1,
        ..before.clone()
    };
    store(work, "review.give_back", before, &after)?;
    findings::close(
        work,
        loaded.identity.id,
        &[FindingRule::ProtectedReviewUnanswered],
        "silence may stop it now: its rules changed",
    )?;
    let (silence, because) = on_silence(register, &loaded.identity);
    let says = format!(
        "It was with the administrators, because silence might never stop it. What is known of it changed. When nobody \
         answers by {}: {}. {because}",
        date_words(after.silence_on),
        silence.label().to_lowercase()
    );
    let people: BTreeSet<Id> = loaded.around.members(AssigneeGroup::Administrators).iter().copied().collect();
    let what = format!("given_back:{}", after.version);
    tell_of_review(register, work, &people, Told { review: id, what: &what, kind: LineKind::News, says: &says })?;
    Ok(true)
}
