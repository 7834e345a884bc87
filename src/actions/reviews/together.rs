//! One answer about several: whoever is asked keeps what carries little risk, has not changed and is still used, each
//! named, at most as many as the table allows, and never twice running.

use super::decide::{only_people, record};
use super::load::Loaded;
use super::sheet::sheet;
use crate::actions::{ActionError, By, Register};
use crate::domain::identities::OwnerAnswer;
use crate::domain::ids::Id;
use crate::domain::requests::sheet::Sheet;
use crate::domain::reviews::reasons::ReviewCause;
use crate::domain::reviews::together::{Alone, Item, may_join};
use crate::domain::reviews::{ReviewAnswer, ReviewState};
use crate::domain::scopes::ScopeSet;
use crate::domain::scopes::reach::Reach;
use crate::domain::scopes::release::Release;
use crate::domain::tasks::{TaskKind, TaskState};
use crate::store::review_decisions::{self, ReviewDecision};
use crate::store::reviews;
use crate::store::task_list::{self, AssigneeFilter, TaskFilter};
use crate::store::types::Doc;
use crate::store::{Db, StoreError};

/// Reviews of one person that are looked at: their whole set, and no more than a page.
const LOOKED_AT: i64 = 100;

/// A review that is open for somebody.
#[derive(Debug)]
pub struct Mine {
    pub loaded: Loaded,
    pub sheet: Sheet,
    /// Why it is looked at by itself.
    pub alone: Option<Alone>,
}

/// The open reviews that somebody is asked about, the earliest due first, each with whether it may be kept together
/// with others. `campaign` leaves out those of others.
pub fn mine(db: &mut Db, register: &Register, by: &By, campaign: Option<Id>) -> Result<Vec<Mine>, StoreError> {
    let Some(person) = by.person else { return Ok(Vec::new()) };
    let filter = TaskFilter {
        kind: Some(TaskKind::Recertification),
        state: Some(TaskState::Open),
        assignee: Some(AssigneeFilter::Person(person)),
        ..TaskFilter::default()
    };
    let lines = task_list::lines(db, &filter, &crate::domain::listing::From::Start, LOOKED_AT)?;
    let mut mine = Vec::new();
    for review in lines.iter().filter_map(|line| line.task.review_id) {
        let loaded = Loaded::read(db, register, review, by.now)?;
        if loaded.review.state != ReviewState::Open || campaign.is_some_and(|id| loaded.review.campaign_id != Some(id))
        {
            continue;
        }
        let alone = judge(db, register, &loaded)?;
        let sheet = sheet(db, register, &loaded)?;
        mine.push(Mine { loaded, sheet, alone });
    }
    // At most as many as the table allows, those that are due first.
    let most = register.deployment.reviews.together_most;
    let mut room = most;
    for one in mine.iter_mut().filter(|one| one.alone.is_none()) {
        if room == 0 {
            one.alone = Some(Alone::TooMany);
        } else {
            room -= 1;
        }
    }
    // One by itself is no set.
    if mine.iter().filter(|one| one.alone.is_none()).count() == 1 {
        mine.iter_mut().filter(|one| one.alone.is_none()).for_each(|one| one.alone = Some(Alone::OnlyOne));
    }
    Ok(mine)
}

fn judge(db: &mut Db, register: &Register, loaded: &Loaded) -> Result<Option<Alone>, StoreError> {
    let held = loaded.holds();
    let all = held.all();
    let set = ScopeSet::of_product(all.iter().map(String::as_str));
    let reach = Reach::of(&set, Release::R4, &register.deployment.scopes);
    let identity = &loaded.identity;
    let before = loaded.before.as_ref().and_then(|before| before.snapshot.0.taken());
    let together_before = match loaded.before.as_ref().and_then(|before| before.decision_id) {
        Some(decision) => review_decisions::find(db, decision)?.together_id.is_some(),
        None => false,
    };
    let item = Item {
        tier: identity.tier,
        reach: &reach,
        same_permissions: match before {
            Some(before) => before.held().all() == all,
            None => !held.approved.is_empty(),
        } && held.beyond().is_empty(),
        same_owner: match before {
            Some(before) => before.business_owner_id == identity.business_owner_id,
            None => identity.business_owner_answer == Some(OwnerAnswer::Accepted),
        },
        last_used_on: identity.last_used_at.map(|at| register.day(at)),
        stop_proved: crate::store::identity_parts::stop_proved(db, &[identity.id])?.contains_key(&identity.id),
        together_before,
        asked_early: loaded
            .reasons
            .iter()
            .any(|reason| !matches!(reason.cause, ReviewCause::Clock | ReviewCause::Campaign)),
    };
    Ok(may_join(&item, loaded.today).err())
}

/// One of the reviews that are kept together, as it was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub review: Id,
    pub version: i64,
    pub identity_version: i64,
    pub digest: String,
}

/// Keeps them all, or none; answers how many. `typed` repeats how many: \u{201c}keep 6\u{201d}.
///
/// # Errors
/// `Conflict` when one of them changed since it was shown, or may not be kept together any more; `Invalid` for field
/// `confirm` when it does not say so.
pub fn keep(
    register: &Register,
    by: &By,
    campaign: Option<Id>,
    seen: &[Seen],
    typed: &str,
) -> Result<usize, ActionError> {
    let person = only_people(by)?;
    let wanted = format!("keep {}", seen.len());
    if typed.trim().to_lowercase() != wanted {
        return Err(ActionError::field("confirm", format!("Write \u{201c}{wanted}\u{201d} to keep all of them")));
    }
    register.change(by, |work| {
        let mut ids: Vec<Id> = seen.iter().map(|one| one.review).collect();
        ids.sort_unstable();
        for id in &ids {
            reviews::hold(work.db, *id)?;
        }
        let mine = mine(work.db, register, by, campaign)?;
        let together = Id::new();
        let mut kept = 0;
        for one in mine.iter().filter(|one| one.alone.is_none()) {
            let shown = Seen {
                review: one.loaded.review.id,
                version: one.loaded.review.version,
                identity_version: one.loaded.identity.version,
                digest: one.sheet.digest(),
            };
            if !seen.contains(&shown) {
                return Err(StoreError::Conflict.into());
            }
            let decided_as = one.loaded.may_decide(by).map_err(|why| ActionError::Refused(why.to_string()))?;
            let decision = ReviewDecision {
                id: Id::new(),
                review_id: one.loaded.review.id,
                answer: ReviewAnswer::Keep,
                decided_by_id: person,
                decided_as,
                reason: None,
                kept: None,
                revoke_on: None,
                passed_to_id: None,
                digest: one.sheet.digest(),
                sheet: Doc(one.sheet.clone()),
                identity_version: one.loaded.identity.version,
                together_id: Some(together),
                supersedes_id: None,
                decided_at: by.now,
            };
            record(work, register, &one.loaded, &decision)?;
            kept += 1;
        }
        if kept == seen.len() && kept > 0 { Ok(kept) } else { Err(StoreError::Conflict.into()) }
    })
}
