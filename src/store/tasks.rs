//! Tasks: raised once, answered once.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::fragment::sql;
use super::schema::tasks;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::tasks::*;
use crate::each;

/// A row of `tasks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tasks, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Task {
    pub id: Id,
    pub kind: TaskKind,
    /// The identity that it is about; none for a review of emergency access.
    pub identity_id: Option<Id>,
    /// The emergency access that it reviews.
    pub emergency_id: Option<Id>,
    /// The request that it belongs to.
    pub request_id: Option<Id>,
    /// The review that it belongs to.
    pub review_id: Option<Id>,
    /// What makes it the same work: a due date, or a cause and a date.
    pub period: String,
    pub cause: TaskCause,
    /// Why, in words for its assignee.
    pub reason: String,
    pub assignee_id: Option<Id>,
    pub assignee_group: Option<AssigneeGroup>,
    pub assigned_as: AssignedAs,
    pub due_on: NaiveDate,
    pub state: TaskState,
    pub answer: Option<TaskAnswer>,
    /// The end date that somebody gave or asked for.
    pub wanted_until: Option<NaiveDate>,
    pub note: Option<String>,
    pub created_at: Moment,
    pub closed_at: Option<Moment>,
    pub closed_by: Option<Id>,
    pub version: i64,
}

/// Work to be raised as a task.
#[derive(Debug, Clone)]
pub struct Raised {
    pub kind: TaskKind,
    pub cause: TaskCause,
    pub identity: Id,
    /// The request that it belongs to.
    pub request: Option<Id>,
    /// The review that it belongs to.
    pub review: Option<Id>,
    pub period: String,
    pub reason: String,
    pub assignee: Assignee,
    pub due_on: NaiveDate,
}

impl Task {
    /// A new, open review of an emergency access, for everybody who may review it.
    pub fn review(emergency: Id, reason: String, due_on: NaiveDate, now: Moment) -> Self {
        Self {
            id: Id::new(),
            kind: TaskKind::EmergencyReview,
            identity_id: None,
            emergency_id: Some(emergency),
            request_id: None,
            review_id: None,
            period: emergency.to_string(),
            cause: TaskCause::EmergencyAccess,
            reason,
            assignee_id: None,
            assignee_group: Some(AssigneeGroup::EmergencyReviewers),
            assigned_as: AssignedAs::Fallback,
            due_on,
            state: TaskState::Open,
            answer: None,
            wanted_until: None,
            note: None,
            created_at: now,
            closed_at: None,
            closed_by: None,
            version: 1,
        }
    }

    /// Whether somebody is asked by it at present what they know, because whoever reviews something does not.
    pub fn is_open_question(&self) -> bool {
        self.kind == TaskKind::ReviewQuestion && self.state == TaskState::Open
    }

    /// A new, open task.
    pub fn new(raised: Raised, now: Moment) -> Self {
        let (assignee_id, assignee_group, assigned_as) = match raised.assignee {
            Assignee::Person { person, assigned_as } => (Some(person), None, assigned_as),
            Assignee::Group { group } => (None, Some(group), AssignedAs::Fallback),
        };
        Self {
            id: Id::new(),
            kind: raised.kind,
            identity_id: Some(raised.identity),
            emergency_id: None,
            request_id: raised.request,
            review_id: raised.review,
            period: raised.period,
            cause: raised.cause,
            reason: raised.reason,
            assignee_id,
            assignee_group,
            assigned_as,
            due_on: raised.due_on,
            state: TaskState::Open,
            answer: None,
            wanted_until: None,
            note: None,
            created_at: now,
            closed_at: None,
            closed_by: None,
            version: 1,
        }
    }
}

/// Stores a task that cannot have been raised before.
pub fn insert(db: &mut Db, task: &Task) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(tasks::table).values(task).execute(c))?;
    Ok(())
}

/// The review of an emergency access.
pub fn review_of(db: &mut Db, emergency: Id) -> Result<Option<Task>, StoreError> {
    each!(db, |c| tasks::table.filter(tasks::emergency_id.eq(emergency)).select(Task::as_select()).first(c).optional())
        .map_err(Into::into)
}

/// Stores a task unless the same work was raised before; answers whether it is new.
pub fn insert_if_new(db: &mut Db, task: &Task) -> Result<bool, StoreError> {
    let added = each!(db, |c| diesel::insert_into(tasks::table)
        .values(task)
        .on_conflict((tasks::kind, tasks::identity_id, tasks::period))
        .do_nothing()
        .execute(c))?;
    Ok(added == 1)
}

/// Stores tasks unless the same work was raised before; answers the ids of those that are new.
pub fn insert_new(db: &mut Db, rows: &[Task]) -> Result<Vec<Id>, StoreError> {
    let mut added = Vec::with_capacity(rows.len());
    // SQLite binds at most 32,766 values in a statement, and a row here has 21.
    for chunk in rows.chunks(1_000) {
        let stored = each!(db, |c| diesel::insert_into(tasks::table)
            .values(chunk)
            .on_conflict((tasks::kind, tasks::identity_id, tasks::period))
            .do_nothing()
            .execute(c))?;
        let ids: Vec<Id> = chunk.iter().map(|task| task.id).collect();
        if stored == ids.len() {
            added.extend(ids);
        } else {
            // Another replica was faster with some of them: the ids are ours, so those that stand are new.
            added.extend(each!(db, |c| tasks::table.filter(tasks::id.eq_any(&ids)).select(tasks::id).load::<Id>(c))?);
        }
    }
    Ok(added)
}

/// Open tasks that have to move, by id, at most `limit`: those of people who have left by that day or
/// whose account is disabled. A question about ownership has to when its person has left; a disabled
/// account may be enabled again. No place is given: what was moved is not found again.
pub fn that_have_to_move(db: &mut Db, today: NaiveDate, limit: i64) -> Result<Vec<Task>, StoreError> {
    use diesel::sql_types::{Bool, Date};
    const LEFT: &str = "SELECT id FROM people WHERE left_on <= ";
    // Starts from these people, so that it costs what they have; sorted by id here, because sorted by the
    // database it would rather read every task.
    let cannot_act = || {
        sql::<Bool>("tasks.assignee_id IN (")
            .sql(LEFT)
            .bind::<Date, _>(today)
            .sql(" UNION SELECT person_id FROM accounts WHERE disabled_at IS NOT NULL)")
            // Who decides about a request is found by its own rules.
            .sql(" AND tasks.kind <> 'decision' AND (tasks.kind <> 'ownership' OR tasks.assignee_id IN (")
            .sql(LEFT)
            .bind::<Date, _>(today)
            .sql("))")
    };
    let mut found: Vec<Task> = each!(db, |c| tasks::table
        .filter(tasks::state.eq(TaskState::Open))
        .filter(cannot_act())
        .limit(limit)
        .select(Task::as_select())
        .load(c))?;
    found.sort_unstable_by_key(|task| task.id);
    Ok(found)
}

/// The task of that id.
pub fn find(db: &mut Db, id: Id) -> Result<Task, StoreError> {
    each!(db, |c| tasks::table.filter(tasks::id.eq(id)).select(Task::as_select()).first(c)).map_err(Into::into)
}

/// The tasks about an identity, newest first.
pub fn about(db: &mut Db, identity: Id) -> Result<Vec<Task>, StoreError> {
    each!(db, |c| tasks::table
        .filter(tasks::identity_id.eq(identity))
        .order((tasks::created_at.desc(), tasks::id.desc()))
        .select(Task::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Stores a changed task over the version before it.
pub fn update(db: &mut Db, task: &Task) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        tasks::table.filter(tasks::id.eq(task.id)).filter(tasks::version.eq(task.version - 1)),
    )
    .set(task)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// The tasks that belong to these reviews, the oldest first.
pub fn of_reviews(db: &mut Db, reviews: &[Id]) -> Result<Vec<Task>, StoreError> {
    let mut found = Vec::new();
    for chunk in reviews.chunks(500) {
        found.extend(each!(db, |c| tasks::table
            .filter(tasks::review_id.eq_any(chunk))
            .order((tasks::created_at, tasks::id))
            .select(Task::as_select())
            .load::<Task>(c))?);
    }
    Ok(found)
}

/// The tasks that belong to a request, the oldest first.
pub fn of_request(db: &mut Db, request: Id) -> Result<Vec<Task>, StoreError> {
    each!(db, |c| tasks::table
        .filter(tasks::request_id.eq(request))
        .order((tasks::created_at, tasks::id))
        .select(Task::as_select())
        .load(c))
    .map_err(Into::into)
}
