//! What silence asks of reviews: to which it comes, which it may not cut, what it cut, and what was held back.

use std::collections::HashMap;
use std::ops::{Bound, RangeBounds};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::fragment::sql;
use super::review_steps::StepTaken;
use super::reviews::Review;
use super::schema::{identities, review_steps, reviews};
use super::{Db, StoreError};
use crate::domain::identities::{Environment, IdentityState};
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::{ReviewOutcome, ReviewStep};
use crate::each;

/// Narrows a boxed query over `reviews` to those to which silence comes on one of these days.
macro_rules! within {
    ($query:expr, $days:expr) => {{
        let mut query = $query;
        query = match $days.start_bound() {
            Bound::Included(first) => query.filter(reviews::silence_on.ge(*first)),
            Bound::Excluded(before) => query.filter(reviews::silence_on.gt(*before)),
            Bound::Unbounded => query,
        };
        match $days.end_bound() {
            Bound::Included(last) => query.filter(reviews::silence_on.le(*last)),
            Bound::Excluded(next) => query.filter(reviews::silence_on.lt(*next)),
            Bound::Unbounded => query,
        }
    }};
}

/// How many open reviews there are to which silence comes on one of these days.
pub fn count_on_days(db: &mut Db, days: impl RangeBounds<NaiveDate>) -> Result<i64, StoreError> {
    each!(db, |c| {
        let open = reviews::table
            .filter(sql::<Bool>("reviews.state = 'open' AND reviews.escalated_at IS NULL"))
            .into_boxed::<DB>();
        within!(open, days).count().get_result(c)
    })
    .map_err(Into::into)
}

/// Open reviews to which silence comes on one of these days, after a place, the earliest first.
pub fn on_days(
    db: &mut Db,
    days: impl RangeBounds<NaiveDate>,
    after: Option<(NaiveDate, Id)>,
    limit: i64,
) -> Result<Vec<Review>, StoreError> {
    each!(db, |c| {
        let open = reviews::table
            // The words of the partial index: with bound values SQLite would not use it.
            .filter(sql::<Bool>("reviews.state = 'open' AND reviews.escalated_at IS NULL"))
            .order((reviews::silence_on, reviews::id))
            .limit(limit)
            .select(Review::as_select())
            .into_boxed::<DB>();
        let mut query = within!(open, days);
        if let Some((day, id)) = after {
            query = query.filter(reviews::silence_on.gt(day).or(reviews::silence_on.eq(day).and(reviews::id.gt(id))));
        }
        query.load(c)
    })
    .map_err(Into::into)
}

/// Open reviews that went to the administrators because silence might not cut them, by id, after a place.
pub fn escalated(db: &mut Db, after: Option<Id>, limit: i64) -> Result<Vec<Review>, StoreError> {
    each!(db, |c| reviews::table
        .filter(sql::<Bool>("reviews.state = 'open' AND reviews.escalated_at IS NOT NULL"))
        .filter(reviews::id.gt(after.unwrap_or(Id(uuid::Uuid::nil()))))
        .order(reviews::id)
        .limit(limit)
        .select(Review::as_select())
        .load(c))
    .map_err(Into::into)
}

/// What stands in the register now about something that silence ended a review of.
struct Now {
    environment: Environment,
    state: IdentityState,
    state_changed_at: Moment,
}

impl Now {
    /// Whether it was suspended before silence came to it, and only stayed so.
    fn stayed_suspended(&self, applied_at: Moment) -> bool {
        self.state == IdentityState::Suspended && self.state_changed_at < applied_at
    }
}

/// The reviews by which silence suspended or revoked something that works or may work in production since a moment, and
/// which of the two. What was suspended already lost nothing, and is left out. Reviews of earlier versions do not say
/// so: there it is left out while it still is suspended since then, and counted where its state has changed.
pub fn cut(db: &mut Db, since: Moment) -> Result<Vec<(Id, ReviewOutcome)>, StoreError> {
    // In two steps: joined, SQLite would begin with every identity that works.
    let cut: Vec<(Id, Id, ReviewOutcome, Moment)> = each!(db, |c| reviews::table
        .filter(sql::<Bool>("reviews.outcome IN ('silent_suspend', 'silent_revoke')"))
        .filter(reviews::applied_at.ge(since))
        // What was suspended already says so, and lost nothing.
        .filter(reviews::ended_because.is_null())
        .select((
            reviews::id,
            reviews::identity_id,
            reviews::outcome.assume_not_null(),
            reviews::applied_at.assume_not_null(),
        ))
        .load(c))?;
    let about: Vec<Id> = cut.iter().map(|(_, identity, _, _)| *identity).collect();
    let mut now: HashMap<Id, Now> = HashMap::with_capacity(about.len());
    for chunk in about.chunks(500) {
        let found: Vec<(Id, Environment, IdentityState, Moment)> = each!(db, |c| identities::table
            .filter(identities::id.eq_any(chunk))
            .select((identities::id, identities::environment, identities::state, identities::state_changed_at))
            .load(c))?;
        now.extend(
            found
                .into_iter()
                .map(|(id, environment, state, state_changed_at)| (id, Now { environment, state, state_changed_at })),
        );
    }
    Ok(cut
        .into_iter()
        .filter(|(_, identity, _, applied_at)| {
            now.get(identity)
                .is_some_and(|one| one.environment.may_be_production() && !one.stayed_suspended(*applied_at))
        })
        .map(|(review, _, outcome, _)| (review, outcome))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_suspended_before_stayed_so_and_what_silence_suspended_did_not() {
        let applied_at = Moment::parse("2026-12-29T15:00:00Z").unwrap();
        let stayed = |state, state_changed_at| {
            Now { environment: Environment::Unknown, state, state_changed_at }.stayed_suspended(applied_at)
        };
        assert!(stayed(IdentityState::Suspended, applied_at.plus_days(-1)));
        assert!(!stayed(IdentityState::Suspended, applied_at), "silence did it");
        assert!(!stayed(IdentityState::Suspended, applied_at.plus_days(1)), "it was something else meanwhile");
        assert!(!stayed(IdentityState::Revoking, applied_at));
        assert!(!stayed(IdentityState::Active, applied_at.plus_days(1)));
    }
}
