//! Opening reviews: a bounded batch in a transaction, with tasks, audit entries and mail.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::one_by_one::each_by_itself;
use super::reviewers::Around;
use super::{BATCH, asking, moving, reopen};
use crate::actions::{ActionError, By, Register, Work, notify};
use crate::domain::identities::{IdentityState, ScopeList};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::Cursor;
use crate::domain::reviews::reasons::{Reason, ReviewCause};
use crate::domain::reviews::reviewers::Considered;
use crate::domain::reviews::snapshot::{Snapshot, Taken};
use crate::domain::reviews::{ReviewState, ReviewStep};
use crate::domain::tasks::{Assignee, TaskCause};
use crate::store::identities::{self, Identity};
use crate::store::identity_parts::{self as parts, IdentityScope};
use crate::store::review_reasons::{self, ReviewReason};
use crate::store::review_steps::{self, StepTaken};
use crate::store::reviews::{self, Review};
use crate::store::tasks::{self, Task};
use crate::store::types::Doc;
use crate::store::{Db, StoreError, due};

/// What somebody is to be asked about.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub identity: Id,
    pub reasons: Vec<Reason>,
}

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    pub opened: usize,
    /// Somebody was asked already, and reads the new reason too.
    pub joined: usize,
    /// Nobody can be asked.
    pub nobody: usize,
    /// Of those that were opened, how many are with a group because nobody who answers for them can act.
    pub to_group: usize,
    /// They work no longer, so nobody is asked.
    pub ended: usize,
    /// They could not be handled; the next run tries again.
    pub failed: usize,
    /// Where the next batch goes on; `None` when nothing is left.
    pub next: Option<Cursor>,
}

impl Opened {
    /// Both together; the place is the other's.
    pub fn and(self, other: Self) -> Self {
        Self {
            opened: self.opened + other.opened,
            joined: self.joined + other.joined,
            nobody: self.nobody + other.nobody,
            to_group: self.to_group + other.to_group,
            ended: self.ended + other.ended,
            failed: self.failed + other.failed,
            next: other.next,
        }
    }
}

/// Opens the reviews that the clock says are due, after a place.
pub fn due_batch(register: &Register, by: &By, after: Option<&Cursor>) -> Result<Opened, ActionError> {
    by.require_keeper()?;
    let today = register.day(by.now);
    // Read before the transaction: a sweep that finds nothing takes no lock.
    let found = due::without_tasks(&mut *register.database.read()?, TaskCause::ReviewDue, by.now, today, after, BATCH)?;
    if found.is_empty() {
        return Ok(Opened::default());
    }
    let next = if i64::try_from(found.len()) == Ok(BATCH) { found.last().map(due::Due::cursor) } else { None };
    let wanted: Vec<Wanted> =
        found.iter().map(|due| Wanted { identity: due.id, reasons: vec![Reason::clock(due.on)] }).collect();
    Ok(Opened { next, ..each(register, by, &wanted)? })
}

/// Opens what is wanted: at once, and each by itself where that fails.
fn each(register: &Register, by: &By, wanted: &[Wanted]) -> Result<Opened, ActionError> {
    let tried = each_by_itself(
        wanted,
        |one| one.identity.to_string(),
        |wanted| register.change(by, |work| Ok(open(work, register, wanted, None)?.opened)),
    )?;
    let failed = Opened { failed: tried.failed, ..Opened::default() };
    Ok(tried.done.into_iter().fold(failed, Opened::and))
}

/// Opens the reviews for which something happened, after an identity; the place of the next batch is the last identity.
pub fn reasons_batch(register: &Register, by: &By, after: Option<Id>) -> Result<(Opened, Option<Id>), ActionError> {
    by.require_keeper()?;
    let mut found = review_reasons::waiting(&mut *register.database.read()?, after, BATCH)?;
    let full = i64::try_from(found.len()) == Ok(BATCH);
    // The reasons of the last identity may go on in the next batch: they are read together then, unless they are all
    // there is.
    if let Some(last) = found.last().map(|row| row.identity_id)
        && full
        && found.first().is_some_and(|first| first.identity_id != last)
    {
        found.retain(|row| row.identity_id != last);
    }
    if found.is_empty() {
        return Ok((Opened::default(), None));
    }
    let place = found.last().map(|row| row.identity_id).filter(|_| full);
    let wanted: Vec<Wanted> = found
        .chunk_by(|one, other| one.identity_id == other.identity_id)
        .filter_map(|rows| rows.first().map(|first| (first.identity_id, rows)))
        .map(|(identity, rows)| Wanted {
            identity,
            reasons: rows
                .iter()
                .map(|row| Reason { cause: row.cause, period: row.period.clone(), says: row.says.clone() })
                .collect(),
        })
        .collect();
    Ok((each(register, by, &wanted)?, place))
}

/// The campaign that asks, and by when.
#[derive(Debug, Clone, Copy)]
pub struct For {
    pub campaign: Id,
    pub due_on: NaiveDate,
}

/// What became of what was wanted.
#[derive(Debug, Default)]
pub struct Outcome {
    pub opened: Opened,
    /// The review by which somebody is asked about each identity.
    pub reviews: HashMap<Id, Review>,
}

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
    let mut new: Vec<(Review, Vec<Reason>, Option<Assignee>)> = Vec::new();
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
    let steps = register.deployment.reviews.steps(today, dates);
    Review {
        id: Id::new(),
        identity_id: identity.id,
        campaign_id: campaign.map(|campaign| campaign.campaign),
        state: ReviewState::Open,
        tier: identity.tier,
        snapshot: Doc(Snapshot::Taken(Box::new(taken))),
        resolution: Doc(way),
        opened_at: work.by.now,
        due_on: dates.due_on,
        add_on: dates.add_on,
        replace_on: dates.replace_on,
        silence_on: dates.silence_on,
        next_step_on: steps.first().map(|(day, _)| *day),
        escalated_at: None,
        outcome: None,
        decision_id: None,
        decided_at: None,
        takes_effect_at: None,
        applied_at: None,
        proof: None,
        proof_note: None,
        proved_by_id: None,
        proved_at: None,
        closed_at: None,
        ended_because: None,
        version: 1,
    }
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

/// Adds reasons to a review that is open: whoever reads its page meanwhile is told. Where its owner has changed,
/// whoever owns it now is asked.
#[allow(clippy::too_many_arguments)]
fn join(
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

fn store_new(
    work: &mut Work<'_>,
    register: &Register,
    about: &HashMap<Id, Identity>,
    new: Vec<(Review, Vec<Reason>, Option<Assignee>)>,
    outcome: &mut Outcome,
) -> Result<(), ActionError> {
    let rows: Vec<Review> = new.iter().map(|(review, _, _)| review.clone()).collect();
    reviews::insert_many(work.db, &rows)?;
    let mut raised: Vec<Task> = Vec::with_capacity(new.len());
    let mut steps: Vec<StepTaken> = Vec::with_capacity(new.len());
    for (review, reasons, found) in &new {
        review_reasons::attach(work.db, review.identity_id, review.id)?;
        let says: Vec<&str> = reasons.iter().map(|reason| reason.says.as_str()).collect();
        let says = says.join(" ");
        work.record_because("review.open", "review", review.id, Some(&says), None, Some(review));
        steps.push(StepTaken { review_id: review.id, step: ReviewStep::Opened, says: says.clone(), at: work.by.now });
        match found {
            Some(assignee) => raised.push(asking::ask(review, &cause_of(reasons), &says, *assignee, "", work)),
            None => {
                outcome.opened.nobody += 1;
                if let Some(identity) = about.get(&review.identity_id) {
                    asking::nobody(work, register, review, identity)?;
                }
            }
        }
        outcome.opened.opened += 1;
    }
    review_steps::insert_many(work.db, &steps)?;
    let added = tasks::insert_new(work.db, &raised)?;
    let raised: Vec<&Task> = raised.iter().filter(|task| added.contains(&task.id)).collect();
    for task in &raised {
        work.record("task.raise", "task", task.id, None, Some(*task));
    }
    outcome.opened.to_group += raised.iter().filter(|task| task.assignee_group.is_some()).count();
    notify::queue_for_tasks(register, work, &raised)?;
    outcome.reviews.extend(rows.into_iter().map(|review| (review.identity_id, review)));
    Ok(())
}

fn cause_of(reasons: &[Reason]) -> TaskCause {
    match reasons.first().map(|reason| reason.cause) {
        Some(ReviewCause::Clock) => TaskCause::ReviewDue,
        _ => TaskCause::ReviewAsked,
    }
}

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

fn lists_of(db: &mut Db, ids: &[Id]) -> Result<HashMap<Id, Vec<IdentityScope>>, StoreError> {
    let mut lists: HashMap<Id, Vec<IdentityScope>> = HashMap::new();
    for chunk in ids.chunks(500) {
        for row in parts::scopes_of(db, chunk)? {
            lists.entry(row.identity_id).or_default().push(row);
        }
    }
    Ok(lists)
}
