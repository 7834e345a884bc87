//! The list of reviews: filtered by index, sorted by the day on which an answer is due, paged by key.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde_json::{Value, json};

use super::reviews::{self as stored, Review};
use super::schema::{identities, reviews};
use super::types::sql::Uid;
use super::{Db, StoreError, people, tasks};
use crate::domain::ids::Id;
use crate::domain::listing::{COUNT_LIMIT, Count, Cursor, Direction, From, PAGE_SIZE, Page};
use crate::domain::reviews::{ReviewOutcome, ReviewState};
use crate::domain::tasks::{TaskKind, TaskState};
use crate::each;

/// Which reviews.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewFilter {
    pub state: Option<ReviewState>,
    pub outcome: Option<ReviewOutcome>,
    /// Open and due before this day.
    pub overdue_on: Option<NaiveDate>,
    pub campaign: Option<Id>,
    /// Only reviews of what this person owns or stands in for, and those that they were asked about or decided.
    pub visible_to: Option<Id>,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewLine {
    pub review: Review,
    pub identity_name: String,
}

impl ReviewLine {
    /// The place of this row in the list.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.review.due_on.to_string(), id: self.review.id }
    }

    /// The review as scripts and files get it.
    pub fn document(&self) -> Value {
        let review = &self.review;
        json!({
            "id": review.id,
            "identity_id": review.identity_id,
            "identity": self.identity_name,
            "campaign_id": review.campaign_id,
            "state": review.state,
            "tier": review.tier,
            "opened_at": review.opened_at,
            "due_on": review.due_on,
            "silence_on": review.silence_on,
            "escalated_at": review.escalated_at,
            "outcome": review.outcome,
            "decision_id": review.decision_id,
            "decided_at": review.decided_at,
            "takes_effect_at": review.takes_effect_at,
            "applied_at": review.applied_at,
            "proof": review.proof,
            "proof_note": review.proof_note,
            "proved_by_id": review.proved_by_id,
            "proved_at": review.proved_at,
            "closed_at": review.closed_at,
            "ended_because": review.ended_because,
            "version": review.version,
        })
    }
}

/// Narrows a boxed query over `reviews` joined with `identities`.
macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        let mut query = $query;
        let filter: &ReviewFilter = $filter;
        if let Some(state) = filter.state {
            query = query.filter(reviews::state.eq(state));
        }
        if let Some(outcome) = filter.outcome {
            query = query.filter(reviews::outcome.eq(outcome));
        }
        if let Some(today) = filter.overdue_on {
            query = query.filter(reviews::state.eq(ReviewState::Open)).filter(reviews::due_on.lt(today));
        }
        if let Some(campaign) = filter.campaign {
            query = query.filter(reviews::campaign_id.eq(campaign));
        }
        if let Some(person) = filter.visible_to {
            // Every part of it holds or does not: none is unknown, or a row would be lost.
            let involved = diesel::dsl::sql::<Bool>(
                "(coalesce(identities.business_owner_id IN (SELECT owner.id FROM people owner WHERE owner.deputy_id = ",
            )
            .bind::<Uid, _>(person)
            .sql("), FALSE) OR EXISTS (SELECT 1 FROM review_decisions d WHERE d.review_id = reviews.id AND d.decided_by_id = ")
            .bind::<Uid, _>(person)
            .sql(") OR EXISTS (SELECT 1 FROM tasks t WHERE t.review_id = reviews.id AND t.assignee_id = ")
            .bind::<Uid, _>(person)
            .sql("))");
            query = query.filter(
                identities::business_owner_id
                    .eq(person)
                    .assume_not_null()
                    .or(identities::technical_owner_id.eq(person).assume_not_null())
                    .or(involved),
            );
        }
        query
    }};
}

/// A page of the list, the earliest due day first.
pub fn page(db: &mut Db, filter: &ReviewFilter, from: &From) -> Result<Page<ReviewLine>, StoreError> {
    lines(db, filter, from, PAGE_SIZE + 1).map(|rows| Page::of(rows, from))
}

/// Rows of the list from a place on, at most `limit`; read backwards from a `Before`.
pub fn lines(db: &mut Db, filter: &ReviewFilter, from: &From, limit: i64) -> Result<Vec<ReviewLine>, StoreError> {
    let (cursor, direction) = match from {
        From::Start => (None, Direction::Ascending),
        From::After(cursor) => (Some(cursor), Direction::Ascending),
        From::Before(cursor) => (Some(cursor), Direction::Descending),
    };
    let place = cursor.and_then(|cursor| cursor.key.parse::<NaiveDate>().ok().map(|day| (day, cursor.id)));
    let rows: Vec<(Review, String)> = each!(db, |c| {
        let mut query = narrowed!(
            reviews::table
                .inner_join(identities::table)
                .select((Review::as_select(), identities::name))
                .into_boxed::<DB>(),
            filter
        );
        if let Some((day, id)) = place {
            query = match direction {
                Direction::Ascending => {
                    query.filter(reviews::due_on.ge(day)).filter(reviews::due_on.gt(day).or(reviews::id.gt(id)))
                }
                Direction::Descending => {
                    query.filter(reviews::due_on.le(day)).filter(reviews::due_on.lt(day).or(reviews::id.lt(id)))
                }
            };
        }
        match direction {
            Direction::Ascending => query.order((reviews::due_on.asc(), reviews::id.asc())),
            Direction::Descending => query.order((reviews::due_on.desc(), reviews::id.desc())),
        }
        .limit(limit)
        .load(c)
    })?;
    Ok(rows.into_iter().map(|(review, identity_name)| ReviewLine { review, identity_name }).collect())
}

/// How many reviews match, counted no further than the limit.
pub fn count(db: &mut Db, filter: &ReviewFilter) -> Result<Count, StoreError> {
    let found: Vec<i32> = each!(db, |c| narrowed!(
        reviews::table
            .inner_join(identities::table)
            .select(diesel::dsl::sql::<diesel::sql_types::Integer>("1"))
            .into_boxed::<DB>(),
        filter
    )
    .limit(COUNT_LIMIT + 1)
    .load(c))?;
    Ok(Count::of(i64::try_from(found.len()).unwrap_or(i64::MAX)))
}

/// What a list says of a review beside its row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// Why somebody is asked, the first reason first.
    pub reasons: Vec<String>,
    /// Who is asked at present: the names of people and groups.
    pub asked: Vec<String>,
}

/// What a list says of these reviews beside their rows.
pub fn beside(db: &mut Db, ids: &[Id]) -> Result<HashMap<Id, Beside>, StoreError> {
    let mut found: HashMap<Id, Beside> = HashMap::new();
    for reason in stored::reasons_of(db, ids)? {
        if let Some(review) = reason.review_id {
            found.entry(review).or_default().reasons.push(reason.says);
        }
    }
    let mut asking = tasks::of_reviews(db, ids)?;
    asking.retain(|task| task.kind == TaskKind::Recertification && task.state == TaskState::Open);
    let mut assignees: Vec<Id> = asking.iter().filter_map(|task| task.assignee_id).collect();
    assignees.sort_unstable();
    assignees.dedup();
    let names: HashMap<Id, String> =
        people::find_many(db, &assignees)?.into_iter().map(|person| (person.id, person.name)).collect();
    for task in asking {
        let name = match (task.assignee_id, task.assignee_group) {
            (Some(person), _) => names.get(&person).cloned(),
            (None, group) => group.map(|group| group.label().to_owned()),
        };
        if let (Some(review), Some(name)) = (task.review_id, name) {
            let asked = &mut found.entry(review).or_default().asked;
            if !asked.contains(&name) {
                asked.push(name);
            }
        }
    }
    Ok(found)
}
