//! The list of reviews: filtered by index, sorted by the day on which an answer is due, paged by key.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text};
use serde_json::{Value, json};

use super::by_day::{Place, by_day};
use super::counted::counted;
use super::fragment::sql;
use super::identity_narrow::{escaped, phrase};
use super::reviews::Review;
use super::schema::{campaigns, identities, reviews};
use super::types::sql::Uid;
use super::{Db, StoreError, people, review_reasons, tasks};
use crate::domain::ids::Id;
use crate::domain::listing::{COUNT_LIMIT, Count, Cursor, From, PAGE_SIZE, Page};
use crate::domain::reaching::IdentityTier;
use crate::domain::reviews::reasons::ReviewCause;
use crate::domain::reviews::{ReviewOutcome, ReviewState};
use crate::domain::tasks::{AssigneeGroup, TaskKind, TaskState};
use crate::each;

/// Who is asked: of a review that is open those who are asked now, of any other those who were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedFilter {
    Person(Id),
    Group(AssigneeGroup),
    Nobody,
}

/// Which reviews.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewFilter {
    pub state: Option<ReviewState>,
    pub outcome: Option<ReviewOutcome>,
    /// Open and due before this day.
    pub overdue_on: Option<NaiveDate>,
    pub campaign: Option<Id>,
    pub asked: Option<AskedFilter>,
    /// The tier when it was opened.
    pub tier: Option<IdentityTier>,
    /// One of the reasons for which somebody is asked.
    pub cause: Option<ReviewCause>,
    /// Part of the name of the identity; of less than three letters its beginning.
    pub search: Option<String>,
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

/// A task by which somebody is asked about the review of the row: now where it is open, and at any time where it is not.
const ASKING: &str = "SELECT 1 FROM tasks t WHERE t.review_id = reviews.id AND t.kind = 'recertification' \
                      AND (t.state = 'open' OR reviews.state <> 'open')";

/// Narrows a boxed query over `reviews` by what stands in them, in their tasks and in their reasons.
macro_rules! narrowed_alone {
    ($query:expr, $filter:expr) => {{
        let mut query = $query;
        let filter: &ReviewFilter = $filter;
        if let Some(state) = filter.state {
            query = query.filter(reviews::state.eq(state));
        }
        if let Some(outcome) = filter.outcome {
            query = query.filter(reviews::outcome.eq(outcome));
        }
        if let Some(tier) = filter.tier {
            query = query.filter(reviews::tier.eq(tier));
        }
        if let Some(today) = filter.overdue_on {
            query = query.filter(reviews::state.eq(ReviewState::Open)).filter(reviews::due_on.lt(today));
        }
        if let Some(campaign) = filter.campaign {
            query = query.filter(reviews::campaign_id.eq(campaign));
        }
        match filter.asked {
            // What one person is asked, or was, is little: it is read first.
            Some(AskedFilter::Person(person)) => {
                const OF: &str =
                    "SELECT t.review_id FROM tasks t WHERE t.kind = 'recertification' AND t.assignee_id = ";
                query = query.filter(
                    diesel::dsl::sql::<Bool>("(reviews.id IN (")
                        .sql(OF)
                        .bind::<Uid, _>(person)
                        .sql(" AND t.state = 'open') OR (reviews.state <> 'open' AND reviews.id IN (")
                        .sql(OF)
                        .bind::<Uid, _>(person)
                        .sql(")))"),
                );
            }
            Some(AskedFilter::Group(group)) => {
                query = query.filter(
                    diesel::dsl::sql::<Bool>("EXISTS (")
                        .sql(ASKING)
                        .sql(" AND t.assignee_group = ")
                        .bind::<Text, _>(group)
                        .sql(")"),
                );
            }
            Some(AskedFilter::Nobody) => {
                query = query.filter(diesel::dsl::sql::<Bool>("NOT EXISTS (").sql(ASKING).sql(")"));
            }
            None => {}
        }
        if let Some(cause) = filter.cause {
            query = query.filter(
                diesel::dsl::sql::<Bool>(
                    "EXISTS (SELECT 1 FROM review_reasons w WHERE w.review_id = reviews.id AND w.cause = ",
                )
                .bind::<Text, _>(cause)
                .sql(")"),
            );
        }
        query
    }};
}

/// Narrows a boxed query over `reviews` joined with `identities`. `sqlite` says which database it is asked of: each
/// has an index of its own for parts of names.
macro_rules! narrowed {
    ($query:expr, $filter:expr, $sqlite:expr) => {{
        let filter: &ReviewFilter = $filter;
        let mut query = narrowed_alone!($query, filter);
        if let Some(search) = &filter.search {
            let text = search.to_lowercase();
            if search.chars().count() < 3 {
                // Too short for an index of parts.
                query = query.filter(identities::name_key.like(format!("{}%", escaped(&text))).escape('\\'));
            } else if $sqlite {
                query = query.filter(
                    diesel::dsl::sql::<Bool>(
                        "identities.number IN (SELECT rowid FROM identity_search WHERE identity_search MATCH ",
                    )
                    .bind::<Text, _>(format!("name : {}", phrase(search)))
                    .sql(")"),
                );
            } else {
                // The index is that of the search over several texts; the name is one of them.
                let pattern = format!("%{}%", escaped(&text));
                query = query.filter(
                    diesel::dsl::sql::<Bool>("(identities.search_text LIKE ")
                        .bind::<Text, _>(pattern.clone())
                        .sql(" AND identities.name_key LIKE ")
                        .bind::<Text, _>(pattern)
                        .sql(")"),
                );
            }
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
    let place = Place::of(from);
    let sqlite = matches!(db, Db::Sqlite(_));
    let rows: Vec<(Review, String)> = each!(db, |c| {
        let query = narrowed!(
            reviews::table
                .inner_join(identities::table)
                .select((Review::as_select(), identities::name))
                .into_boxed::<DB>(),
            filter,
            sqlite
        );
        by_day!(query, reviews::due_on, reviews::id, &place).limit(limit).load(c)
    })?;
    Ok(rows.into_iter().map(|(review, identity_name)| ReviewLine { review, identity_name }).collect())
}

/// How many reviews match, counted no further than the limit.
pub fn count(db: &mut Db, filter: &ReviewFilter) -> Result<Count, StoreError> {
    const ONE: &str = "1";
    // Without the identities where they are not looked at: ten thousand of them are not read for nothing.
    let found: i64 = if filter.search.is_none() && filter.visible_to.is_none() {
        each!(db, |c| counted(
            narrowed_alone!(reviews::table.select(sql::<Integer>(ONE)).into_boxed::<DB>(), filter)
                .limit(COUNT_LIMIT + 1)
        )
        .get_result(c))
    } else {
        let sqlite = matches!(db, Db::Sqlite(_));
        each!(db, |c| counted(
            narrowed!(
                reviews::table.inner_join(identities::table).select(sql::<Integer>(ONE)).into_boxed::<DB>(),
                filter,
                sqlite
            )
            .limit(COUNT_LIMIT + 1)
        )
        .get_result(c))
    }?;
    Ok(Count::of(found))
}

/// What a list says of a review beside its row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// Why somebody is asked, the first reason first.
    pub reasons: Vec<String>,
    /// The kinds of these reasons, each once.
    pub causes: Vec<ReviewCause>,
    /// The day that the clock named, where the clock asks.
    pub clock: Option<String>,
    /// Who is asked at present, and of a review that is not open who was: the names of people and groups.
    pub asked: Vec<String>,
}

/// What a list says of these reviews beside their rows.
pub fn beside(db: &mut Db, ids: &[Id]) -> Result<HashMap<Id, Beside>, StoreError> {
    let mut found: HashMap<Id, Beside> = HashMap::new();
    for reason in review_reasons::of_reviews(db, ids)? {
        if let Some(review) = reason.review_id {
            let beside = found.entry(review).or_default();
            if !beside.causes.contains(&reason.cause) {
                beside.causes.push(reason.cause);
            }
            if reason.cause == ReviewCause::Clock {
                beside.clock = Some(reason.period);
            }
            beside.reasons.push(reason.says);
        }
    }
    let open = open_among(db, ids)?;
    let mut asking = tasks::of_reviews(db, ids)?;
    asking.retain(|task| {
        let now = task.state == TaskState::Open || task.review_id.is_some_and(|id| !open.contains(&id));
        task.kind == TaskKind::Recertification && now
    });
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

/// Those of these reviews that are open.
fn open_among(db: &mut Db, ids: &[Id]) -> Result<HashSet<Id>, StoreError> {
    let mut open = HashSet::new();
    for chunk in ids.chunks(500) {
        open.extend(each!(db, |c| reviews::table
            .filter(reviews::id.eq_any(chunk))
            .filter(reviews::state.eq(ReviewState::Open))
            .select(reviews::id)
            .load::<Id>(c))?);
    }
    Ok(open)
}

/// What readers call these campaigns: \u{201c}C-7 Spring 2027\u{201d}.
pub fn campaign_names(db: &mut Db, ids: &[Id]) -> Result<HashMap<Id, String>, StoreError> {
    let mut names = HashMap::new();
    for chunk in ids.chunks(500) {
        let found: Vec<(Id, i64, String)> = each!(db, |c| campaigns::table
            .filter(campaigns::id.eq_any(chunk))
            .select((campaigns::id, campaigns::number, campaigns::name))
            .load(c))?;
        names.extend(found.into_iter().map(|(id, number, name)| (id, format!("C-{number} {name}"))));
    }
    Ok(names)
}
