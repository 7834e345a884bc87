//! Reviews: opened, decided, applied, seen; with their reasons, their steps and their decisions.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;

use super::schema::{review_decisions, review_reasons, review_steps, reviews};
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::reaching::IdentityTier;
use crate::domain::requests::sheet::Sheet;
use crate::domain::reviews::reasons::ReviewCause;
use crate::domain::reviews::reviewers::Considered;
use crate::domain::reviews::snapshot::Snapshot;
use crate::domain::reviews::{ReviewAnswer, ReviewOutcome, ReviewProof, ReviewState, ReviewStep};
use crate::domain::tasks::AssignedAs;
use crate::each;

/// A row of `reviews`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = reviews, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Review {
    pub id: Id,
    pub identity_id: Id,
    pub campaign_id: Option<Id>,
    pub state: ReviewState,
    /// The tier when it was opened: its days follow from it.
    pub tier: IdentityTier,
    pub snapshot: Doc<Snapshot>,
    /// Who was considered, and what became of them.
    pub resolution: Doc<Vec<Considered>>,
    pub opened_at: Moment,
    pub due_on: NaiveDate,
    pub add_on: NaiveDate,
    pub replace_on: NaiveDate,
    pub silence_on: NaiveDate,
    /// The day of the next step, while it is open.
    pub next_step_on: Option<NaiveDate>,
    /// When it went to the administrators because silence may not cut it.
    pub escalated_at: Option<Moment>,
    pub outcome: Option<ReviewOutcome>,
    /// The decision that stands.
    pub decision_id: Option<Id>,
    pub decided_at: Option<Moment>,
    pub takes_effect_at: Option<Moment>,
    pub applied_at: Option<Moment>,
    pub proof: Option<ReviewProof>,
    pub proof_note: Option<String>,
    pub proved_by_id: Option<Id>,
    pub proved_at: Option<Moment>,
    pub closed_at: Option<Moment>,
    pub ended_because: Option<String>,
    pub version: i64,
}

/// A row of `review_reasons`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = review_reasons, treat_none_as_default_value = false)]
pub struct ReviewReason {
    pub identity_id: Id,
    pub cause: ReviewCause,
    pub period: String,
    pub says: String,
    pub review_id: Option<Id>,
    /// Why nobody is asked by it.
    pub ended: Option<String>,
    pub noted_at: Moment,
}

/// A row of `review_decisions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = review_decisions, treat_none_as_default_value = false)]
pub struct ReviewDecision {
    pub id: Id,
    pub review_id: Id,
    pub answer: ReviewAnswer,
    pub decided_by_id: Id,
    pub decided_as: AssignedAs,
    pub reason: Option<String>,
    /// The permissions that stay, of one that leaves less.
    pub kept: Option<Doc<Vec<String>>>,
    pub revoke_on: Option<NaiveDate>,
    pub passed_to_id: Option<Id>,
    /// What its giver read, word for word.
    pub sheet: Doc<Sheet>,
    pub digest: String,
    pub identity_version: i64,
    /// The same for all that were answered at once.
    pub together_id: Option<Id>,
    /// The decision that this one corrects.
    pub supersedes_id: Option<Id>,
    pub decided_at: Moment,
}

/// A row of `review_steps`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = review_steps)]
pub struct StepTaken {
    pub review_id: Id,
    pub step: ReviewStep,
    pub says: String,
    pub at: Moment,
}

/// The review of that id.
pub fn find(db: &mut Db, id: Id) -> Result<Review, StoreError> {
    each!(db, |c| reviews::table.filter(reviews::id.eq(id)).select(Review::as_select()).first(c)).map_err(Into::into)
}

/// Reviews of these ids, in no order.
pub fn find_many(db: &mut Db, ids: &[Id]) -> Result<Vec<Review>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        found.extend(each!(db, |c| reviews::table
            .filter(reviews::id.eq_any(chunk))
            .select(Review::as_select())
            .load::<Review>(c))?);
    }
    Ok(found)
}

/// Holds the identity of a review, and then the review, against other writers until the transaction ends: in this
/// order everywhere, so that nobody waits in a circle.
pub fn hold(db: &mut Db, id: Id) -> Result<(), StoreError> {
    use super::schema::identities;
    let review = find(db, id)?;
    // SQLite has one writer at a time.
    if let Db::Pg(c) = db {
        identities::table
            .filter(identities::id.eq(review.identity_id))
            .select(identities::id)
            .for_no_key_update()
            .first::<Id>(c)?;
        reviews::table.filter(reviews::id.eq(id)).select(reviews::id).for_no_key_update().first::<Id>(c)?;
    }
    Ok(())
}

/// Stores new reviews.
///
/// # Errors
/// `Constraint` when somebody is asked about one of the identities already.
pub fn insert_many(db: &mut Db, rows: &[Review]) -> Result<(), StoreError> {
    // SQLite binds at most 32,766 values in a statement, and a row here has 26.
    for chunk in rows.chunks(500) {
        each!(db, |c| diesel::insert_into(reviews::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Stores a changed review over the version before it.
pub fn update(db: &mut Db, review: &Review) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        reviews::table.filter(reviews::id.eq(review.id)).filter(reviews::version.eq(review.version - 1)),
    )
    .set(review)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// What somebody is asked about these identities at present, or has decided and may correct: one each at most.
pub fn live_of(db: &mut Db, identities: &[Id]) -> Result<Vec<Review>, StoreError> {
    let mut found = Vec::new();
    for chunk in identities.chunks(500) {
        found.extend(each!(db, |c| reviews::table
            .filter(reviews::identity_id.eq_any(chunk))
            // The words of the partial index: with bound values SQLite would not use it.
            .filter(diesel::dsl::sql::<Bool>("reviews.state IN ('open', 'decided')"))
            .select(Review::as_select())
            .load::<Review>(c))?);
    }
    Ok(found)
}

/// What somebody was asked about these identities at a moment, or had decided and could correct: the latest of each.
pub fn live_at(db: &mut Db, identities: &[Id], moment: Moment) -> Result<Vec<Review>, StoreError> {
    let mut found = Vec::new();
    for chunk in identities.chunks(500) {
        found.extend(each!(db, |c| reviews::table
            .filter(reviews::identity_id.eq_any(chunk))
            .filter(reviews::opened_at.le(moment))
            .filter(reviews::closed_at.is_null().or(reviews::closed_at.ge(moment)))
            .filter(reviews::applied_at.is_null().or(reviews::applied_at.ge(moment)))
            .order((reviews::identity_id, reviews::opened_at.desc()))
            .select(Review::as_select())
            .load::<Review>(c))?);
    }
    found.dedup_by_key(|review| review.identity_id);
    Ok(found)
}

/// The reviews of an identity, newest first.
pub fn about(db: &mut Db, identity: Id) -> Result<Vec<Review>, StoreError> {
    each!(db, |c| reviews::table
        .filter(reviews::identity_id.eq(identity))
        .order((reviews::opened_at.desc(), reviews::id.desc()))
        .select(Review::as_select())
        .load(c))
    .map_err(Into::into)
}

/// The last review of each of these identities that somebody decided and that took effect.
pub fn last_decided(db: &mut Db, identities: &[Id]) -> Result<Vec<Review>, StoreError> {
    let mut found: Vec<Review> = Vec::new();
    for chunk in identities.chunks(500) {
        found.extend(each!(db, |c| reviews::table
            .filter(reviews::identity_id.eq_any(chunk))
            .filter(reviews::decision_id.is_not_null())
            .filter(reviews::applied_at.is_not_null())
            .order((reviews::identity_id, reviews::decided_at.desc()))
            .select(Review::as_select())
            .load::<Review>(c))?);
    }
    found.dedup_by_key(|review| review.identity_id);
    Ok(found)
}

/// The last review of an identity that somebody decided before a moment, and that took effect.
pub fn decided_before(db: &mut Db, identity: Id, moment: Moment) -> Result<Option<Review>, StoreError> {
    each!(db, |c| reviews::table
        .filter(reviews::identity_id.eq(identity))
        .filter(reviews::decision_id.is_not_null())
        .filter(reviews::applied_at.is_not_null())
        .filter(reviews::decided_at.le(moment))
        .order((reviews::decided_at.desc(), reviews::id.desc()))
        .select(Review::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// Reviews that somebody decided since a moment, of one campaign or any.
pub fn decided_by(db: &mut Db, person: Id, campaign: Option<Id>, since: Moment) -> Result<Vec<Review>, StoreError> {
    let decisions: Vec<Id> = each!(db, |c| review_decisions::table
        .filter(review_decisions::decided_by_id.eq(person))
        .filter(review_decisions::decided_at.ge(since))
        .select(review_decisions::id)
        .load(c))?;
    let mut found = Vec::new();
    for chunk in decisions.chunks(500) {
        found.extend(each!(db, |c| reviews::table
            .filter(reviews::decision_id.eq_any(chunk))
            .select(Review::as_select())
            .load::<Review>(c))?);
    }
    found.retain(|review| campaign.is_none() || review.campaign_id == campaign);
    Ok(found)
}

/// What waits for proof about these identities.
pub fn remediating(db: &mut Db, identities: &[Id]) -> Result<Vec<Review>, StoreError> {
    let mut found = Vec::new();
    for chunk in identities.chunks(500) {
        found.extend(each!(db, |c| reviews::table
            .filter(reviews::identity_id.eq_any(chunk))
            .filter(diesel::dsl::sql::<Bool>("reviews.state = 'remediating'"))
            .order(reviews::decided_at)
            .select(Review::as_select())
            .load::<Review>(c))?);
    }
    Ok(found)
}

/// Open reviews whose next step has come, the longest waiting first, after a place.
pub fn with_a_step(
    db: &mut Db,
    today: NaiveDate,
    after: Option<(NaiveDate, Id)>,
    limit: i64,
) -> Result<Vec<Review>, StoreError> {
    let (day, id) = after.unwrap_or((NaiveDate::MIN, Id(uuid::Uuid::nil())));
    let first = after.is_none();
    each!(db, |c| {
        let mut query = reviews::table
            .filter(diesel::dsl::sql::<Bool>("reviews.state = 'open' AND reviews.next_step_on IS NOT NULL"))
            .filter(reviews::next_step_on.le(today))
            .order((reviews::next_step_on, reviews::id))
            .limit(limit)
            .select(Review::as_select())
            .into_boxed::<DB>();
        if !first {
            query =
                query.filter(reviews::next_step_on.gt(day).or(reviews::next_step_on.eq(day).and(reviews::id.gt(id))));
        }
        query.load(c)
    })
    .map_err(Into::into)
}

/// Decided reviews that take effect by now, by id, after a place, at most `limit`.
pub fn to_apply(db: &mut Db, now: Moment, after: Option<Id>, limit: i64) -> Result<Vec<Review>, StoreError> {
    each!(db, |c| reviews::table
        .filter(diesel::dsl::sql::<Bool>("reviews.state = 'decided'"))
        .filter(reviews::takes_effect_at.le(now))
        .filter(reviews::id.gt(after.unwrap_or(Id(uuid::Uuid::nil()))))
        .order(reviews::id)
        .limit(limit)
        .select(Review::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Reviews that nobody answered until silence counts, on or before a day, the earliest first.
pub fn silent_by(db: &mut Db, day: NaiveDate, limit: i64) -> Result<Vec<Review>, StoreError> {
    each!(db, |c| reviews::table
        // The words of the partial index: with bound values SQLite would not use it.
        .filter(diesel::dsl::sql::<Bool>("reviews.state = 'open' AND reviews.escalated_at IS NULL"))
        .filter(reviews::silence_on.le(day))
        .order((reviews::silence_on, reviews::id))
        .limit(limit)
        .select(Review::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Open reviews to which silence would come on a day from one on and before another, after a place, the earliest first.
pub fn silent_between(
    db: &mut Db,
    from: NaiveDate,
    before: NaiveDate,
    after: Option<(NaiveDate, Id)>,
    limit: i64,
) -> Result<Vec<Review>, StoreError> {
    let (day, id) = after.unwrap_or((from, Id(uuid::Uuid::nil())));
    each!(db, |c| reviews::table
        .filter(diesel::dsl::sql::<Bool>("reviews.state = 'open' AND reviews.escalated_at IS NULL"))
        .filter(reviews::silence_on.ge(from))
        .filter(reviews::silence_on.lt(before))
        .filter(reviews::silence_on.gt(day).or(reviews::silence_on.eq(day).and(reviews::id.gt(id))))
        .order((reviews::silence_on, reviews::id))
        .limit(limit)
        .select(Review::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Open reviews that went to the administrators because silence might not cut them, by id, after a place.
pub fn escalated(db: &mut Db, after: Option<Id>, limit: i64) -> Result<Vec<Review>, StoreError> {
    each!(db, |c| reviews::table
        .filter(diesel::dsl::sql::<Bool>("reviews.state = 'open' AND reviews.escalated_at IS NOT NULL"))
        .filter(reviews::id.gt(after.unwrap_or(Id(uuid::Uuid::nil()))))
        .order(reviews::id)
        .limit(limit)
        .select(Review::as_select())
        .load(c))
    .map_err(Into::into)
}

/// The reviews by which silence suspended or revoked something in production since a moment, and which of the two.
pub fn cut_by_silence(db: &mut Db, since: Moment) -> Result<Vec<(Id, ReviewOutcome)>, StoreError> {
    use super::schema::identities;
    use crate::domain::identities::Environment;
    // In two steps: joined, SQLite would begin with every identity in production.
    let cut: Vec<(Id, Id, ReviewOutcome)> = each!(db, |c| reviews::table
        .filter(diesel::dsl::sql::<Bool>("reviews.outcome IN ('silent_suspend', 'silent_revoke')"))
        .filter(reviews::applied_at.ge(since))
        .select((reviews::id, reviews::identity_id, reviews::outcome.assume_not_null()))
        .load(c))?;
    let about: Vec<Id> = cut.iter().map(|(_, identity, _)| *identity).collect();
    let mut in_production: HashSet<Id> = HashSet::with_capacity(about.len());
    for chunk in about.chunks(500) {
        in_production.extend(each!(db, |c| identities::table
            .filter(identities::id.eq_any(chunk))
            .filter(identities::environment.eq(Environment::Production))
            .select(identities::id)
            .load::<Id>(c))?);
    }
    Ok(cut
        .into_iter()
        .filter(|(_, identity, _)| in_production.contains(identity))
        .map(|(review, _, outcome)| (review, outcome))
        .collect())
}

/// When silence was held back about these reviews, and why, for those where it was.
pub fn held_back(db: &mut Db, reviews: &[Id]) -> Result<Vec<StepTaken>, StoreError> {
    let mut found = Vec::new();
    for chunk in reviews.chunks(500) {
        found.extend(each!(db, |c| review_steps::table
            .filter(review_steps::review_id.eq_any(chunk))
            .filter(review_steps::step.eq(ReviewStep::HeldBack))
            .select(StepTaken::as_select())
            .load::<StepTaken>(c))?);
    }
    Ok(found)
}

/// Stores reasons, leaving out those that are known; answers how many are new.
pub fn insert_reasons(db: &mut Db, rows: &[ReviewReason]) -> Result<usize, StoreError> {
    let mut new = 0;
    for chunk in rows.chunks(1_000) {
        new += each!(db, |c| diesel::insert_into(review_reasons::table)
            .values(chunk)
            .on_conflict((review_reasons::identity_id, review_reasons::cause, review_reasons::period))
            .do_nothing()
            .execute(c))?;
    }
    Ok(new)
}

/// Reasons by which nobody was asked yet, by identity, after a place; those of one identity stand together.
pub fn waiting_reasons(db: &mut Db, after: Option<Id>, limit: i64) -> Result<Vec<ReviewReason>, StoreError> {
    each!(db, |c| {
        let mut query = review_reasons::table
            .filter(diesel::dsl::sql::<Bool>("review_reasons.review_id IS NULL AND review_reasons.ended IS NULL"))
            .order((review_reasons::identity_id, review_reasons::noted_at))
            .limit(limit)
            .select(ReviewReason::as_select())
            .into_boxed::<DB>();
        if let Some(after) = after {
            query = query.filter(review_reasons::identity_id.gt(after));
        }
        query.load(c)
    })
    .map_err(Into::into)
}

/// Notes by which review somebody is asked for the waiting reasons of an identity.
pub fn attach(db: &mut Db, identity: Id, review: Id) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(
        review_reasons::table
            .filter(review_reasons::identity_id.eq(identity))
            .filter(diesel::dsl::sql::<Bool>("review_reasons.review_id IS NULL AND review_reasons.ended IS NULL")),
    )
    .set(review_reasons::review_id.eq(Some(review)))
    .execute(c))?;
    Ok(())
}

/// Reasons of these identities by which nobody was asked yet, the earliest first.
pub fn waiting_of(db: &mut Db, identities: &[Id]) -> Result<Vec<ReviewReason>, StoreError> {
    let mut found = Vec::new();
    for chunk in identities.chunks(500) {
        found.extend(each!(db, |c| review_reasons::table
            .filter(review_reasons::identity_id.eq_any(chunk))
            .filter(diesel::dsl::sql::<Bool>("review_reasons.review_id IS NULL AND review_reasons.ended IS NULL"))
            .order((review_reasons::noted_at, review_reasons::cause))
            .select(ReviewReason::as_select())
            .load::<ReviewReason>(c))?);
    }
    Ok(found)
}

/// Notes why nobody is asked for the waiting reasons of an identity.
pub fn end_reasons(db: &mut Db, identity: Id, why: &str) -> Result<usize, StoreError> {
    each!(db, |c| diesel::update(
        review_reasons::table
            .filter(review_reasons::identity_id.eq(identity))
            .filter(diesel::dsl::sql::<Bool>("review_reasons.review_id IS NULL AND review_reasons.ended IS NULL")),
    )
    .set(review_reasons::ended.eq(Some(why)))
    .execute(c))
    .map_err(Into::into)
}

/// Why somebody is asked by these reviews, the earliest first.
pub fn reasons_of(db: &mut Db, reviews: &[Id]) -> Result<Vec<ReviewReason>, StoreError> {
    let mut found = Vec::new();
    for chunk in reviews.chunks(500) {
        found.extend(each!(db, |c| review_reasons::table
            .filter(review_reasons::review_id.eq_any(chunk))
            .order((review_reasons::noted_at, review_reasons::cause))
            .select(ReviewReason::as_select())
            .load::<ReviewReason>(c))?);
    }
    Ok(found)
}

/// Stores a decision.
///
/// # Errors
/// `Constraint` when the review is not to be decided any more, or somebody corrected the same decision.
pub fn decide(db: &mut Db, decision: &ReviewDecision) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(review_decisions::table).values(decision).execute(c))?;
    Ok(())
}

/// The decision of that id.
pub fn decision(db: &mut Db, id: Id) -> Result<ReviewDecision, StoreError> {
    each!(db, |c| review_decisions::table
        .filter(review_decisions::id.eq(id))
        .select(ReviewDecision::as_select())
        .first(c))
    .map_err(Into::into)
}

/// Every decision about these reviews, the oldest first.
pub fn decisions_of(db: &mut Db, reviews: &[Id]) -> Result<Vec<ReviewDecision>, StoreError> {
    let mut found = Vec::new();
    for chunk in reviews.chunks(500) {
        found.extend(each!(db, |c| review_decisions::table
            .filter(review_decisions::review_id.eq_any(chunk))
            .order((review_decisions::decided_at, review_decisions::id))
            .select(ReviewDecision::as_select())
            .load::<ReviewDecision>(c))?);
    }
    Ok(found)
}

/// Stores a step unless it was taken before; answers whether it is new.
pub fn take_step(db: &mut Db, step: &StepTaken) -> Result<bool, StoreError> {
    let added =
        each!(db, |c| diesel::insert_into(review_steps::table).values(step).on_conflict_do_nothing().execute(c))?;
    Ok(added == 1)
}

/// Stores the first step of many new reviews.
pub fn insert_steps(db: &mut Db, rows: &[StepTaken]) -> Result<(), StoreError> {
    for chunk in rows.chunks(1_000) {
        each!(db, |c| diesel::insert_into(review_steps::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// The steps that were taken about these reviews, the earliest first.
pub fn steps_of(db: &mut Db, reviews: &[Id]) -> Result<Vec<StepTaken>, StoreError> {
    let mut found = Vec::new();
    for chunk in reviews.chunks(500) {
        found.extend(each!(db, |c| review_steps::table
            .filter(review_steps::review_id.eq_any(chunk))
            .order((review_steps::at, review_steps::step))
            .select(StepTaken::as_select())
            .load::<StepTaken>(c))?);
    }
    Ok(found)
}

/// Open reviews of identities that work no longer, so that nobody has anything to decide: by id, after a place, at
/// most `limit`.
pub fn without_question(db: &mut Db, after: Option<Id>, limit: i64) -> Result<Vec<Review>, StoreError> {
    use super::schema::identities;
    use crate::domain::identities::IdentityState;
    each!(db, |c| reviews::table
        .inner_join(identities::table)
        .filter(reviews::state.eq(ReviewState::Open))
        .filter(identities::state.eq_any([IdentityState::Revoking, IdentityState::Revoked, IdentityState::Rejected]))
        .filter(reviews::id.gt(after.unwrap_or(Id(uuid::Uuid::nil()))))
        .order(reviews::id)
        .limit(limit)
        .select(Review::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Reviews that wait for proof of a suspension, and whose identity works again: by id, after a place, at most `limit`.
pub fn overtaken(db: &mut Db, after: Option<Id>, limit: i64) -> Result<Vec<Review>, StoreError> {
    use super::schema::identities;
    use crate::domain::identities::IdentityState;
    each!(db, |c| reviews::table
        .inner_join(identities::table)
        .filter(reviews::state.eq(ReviewState::Remediating))
        .filter(reviews::outcome.eq(ReviewOutcome::SilentSuspend))
        .filter(identities::state.eq(IdentityState::Active))
        .filter(reviews::id.gt(after.unwrap_or(Id(uuid::Uuid::nil()))))
        .order(reviews::id)
        .limit(limit)
        .select(Review::as_select())
        .load(c))
    .map_err(Into::into)
}
