//! The list of tasks: filtered by index, sorted by due date, paged by key.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Nullable, Text};
use serde_json::{Value, json};

use super::by_day::{Place, by_day};
use super::counted::counted;
use super::fragment::sql;
use super::schema::{identities, people, tasks};
use super::tasks::Task;
use super::types::sql::Uid;
use super::{Db, StoreError};
use crate::domain::identities::{Environment, IdentityKind};
use crate::domain::ids::Id;
use crate::domain::listing::{COUNT_LIMIT, Count, Cursor, From, PAGE_SIZE, Page};
use crate::domain::tasks::{AssigneeGroup, TaskKind, TaskState};
use crate::each;

/// Who has the tasks that are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssigneeFilter {
    Person(Id),
    Group(AssigneeGroup),
}

/// Which tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    pub kind: Option<TaskKind>,
    pub state: Option<TaskState>,
    pub assignee: Option<AssigneeFilter>,
    /// Open and due before this day.
    pub overdue_on: Option<NaiveDate>,
    /// Nothing that reviews what this person did under emergency access, and nothing that a group decides which
    /// they asked for or approved.
    pub not_reviewing: Option<Id>,
    /// Only tasks that this person has, or that are about identities they own or answer for.
    pub visible_to: Option<Id>,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskLine {
    pub task: Task,
    /// The name of the identity, or of the person whose emergency access is reviewed.
    pub subject: String,
    /// What the identity is and where it works; none for a review of emergency access.
    pub identity: Option<(IdentityKind, Environment)>,
    pub assignee_name: Option<String>,
}

impl TaskLine {
    /// The place of this row in the list.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.task.due_on.to_string(), id: self.task.id }
    }

    /// The task as scripts and files get it.
    pub fn document(&self) -> Value {
        let task = &self.task;
        json!({
            "id": task.id,
            "kind": task.kind,
            "identity_id": task.identity_id,
            "identity": task.identity_id.map(|_| &self.subject),
            "emergency_id": task.emergency_id,
            "request_id": task.request_id,
            "review_id": task.review_id,
            "period": task.period,
            "cause": task.cause,
            "reason": task.reason,
            "assignee_id": task.assignee_id,
            "assignee": self.assignee_name,
            "assignee_group": task.assignee_group,
            "assigned_as": task.assigned_as,
            "due_on": task.due_on,
            "state": task.state,
            "answer": task.answer,
            "wanted_until": task.wanted_until,
            "note": task.note,
            "created_at": task.created_at,
            "closed_at": task.closed_at,
            "version": task.version,
        })
    }
}

/// What waits for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The earliest due date first.
    pub lines: Vec<TaskLine>,
    /// How many there are in all.
    pub total: i64,
    /// How long all of them take, judged by those that are listed.
    pub minutes: i64,
}

/// What waits for a person and for the groups they belong to: at most `limit` are listed, and all are counted.
pub fn waiting_for(db: &mut Db, person: Id, groups: &[AssigneeGroup], limit: i64) -> Result<Waiting, StoreError> {
    let listed = first_for(db, person, groups, limit)?;
    let total = count_waiting(db, person, groups, None, None)?;
    let minutes: i64 = listed.iter().map(|line| line.task.kind.minutes()).sum();
    let shown = i64::try_from(listed.len()).unwrap_or(i64::MAX);
    Ok(Waiting { minutes: if shown == 0 { 0 } else { minutes * total / shown }, lines: listed, total })
}

/// The first of what waits for a person and for the groups they belong to, at most `limit`, the earliest due date first.
pub fn first_for(db: &mut Db, person: Id, groups: &[AssigneeGroup], limit: i64) -> Result<Vec<TaskLine>, StoreError> {
    let mut listed = Vec::new();
    for filter in filters(person, groups) {
        listed.extend(lines(db, &filter, &From::Start, limit)?);
    }
    listed.sort_by_key(|line| (line.task.due_on, line.task.id));
    listed.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(listed)
}

/// How much of what waits for a person and for their groups is of a kind or past its day: all of it, since they are told
/// how much they have to do.
pub fn count_waiting(
    db: &mut Db,
    person: Id,
    groups: &[AssigneeGroup],
    kind: Option<TaskKind>,
    overdue_on: Option<NaiveDate>,
) -> Result<i64, StoreError> {
    let mut total = 0;
    for filter in filters(person, groups) {
        total += count_to(db, &TaskFilter { kind, overdue_on, ..filter }, i64::MAX)?;
    }
    Ok(total)
}

/// What waits for a person, and for each of the groups they belong to.
fn filters(person: Id, groups: &[AssigneeGroup]) -> Vec<TaskFilter> {
    std::iter::once(AssigneeFilter::Person(person))
        .chain(groups.iter().copied().map(AssigneeFilter::Group))
        .map(|assignee| TaskFilter {
            state: Some(TaskState::Open),
            assignee: Some(assignee),
            not_reviewing: Some(person),
            ..TaskFilter::default()
        })
        .collect()
}

/// Narrows a boxed query over `tasks` by what stands in them.
macro_rules! narrowed_alone {
    ($query:expr, $filter:expr) => {{
        let mut query = $query;
        let filter: &TaskFilter = $filter;
        if let Some(kind) = filter.kind {
            query = query.filter(tasks::kind.eq(kind));
        }
        match filter.state {
            // The word of the partial index: with a bound value SQLite would not use it.
            Some(TaskState::Open) => query = query.filter(sql::<Bool>("tasks.state = 'open'")),
            Some(state) => query = query.filter(tasks::state.eq(state)),
            None => {}
        }
        match filter.assignee {
            Some(AssigneeFilter::Person(person)) => query = query.filter(tasks::assignee_id.eq(person)),
            Some(AssigneeFilter::Group(group)) => query = query.filter(tasks::assignee_group.eq(group)),
            None => {}
        }
        if let Some(today) = filter.overdue_on {
            query = query.filter(sql::<Bool>("tasks.state = 'open'")).filter(tasks::due_on.lt(today));
        }
        if let (Some(person), true) =
            (filter.not_reviewing, filter.assignee == Some(AssigneeFilter::Group(AssigneeGroup::EmergencyReviewers)))
        {
            query = query.filter(
                sql::<Bool>(
                    "tasks.emergency_id NOT IN (SELECT used.id FROM emergency_accesses used WHERE used.person_id = ",
                )
                .bind::<Uid, _>(person)
                .sql(")"),
            );
        }
        if let Some(person) = filter.not_reviewing {
            // What a group has to decide is not shown to whoever asked for it or said yes already.
            query = query.filter(
                sql::<Bool>(
                    "(tasks.request_id IS NULL OR tasks.assignee_group IS NULL OR tasks.request_id NOT IN (\
                     SELECT asked.id FROM requests asked WHERE asked.requester_id = ",
                )
                .bind::<Uid, _>(person)
                .sql(
                    " UNION SELECT said.request_id FROM request_decisions said WHERE said.undone_at IS NULL \
                     AND said.answer IN ('approve', 'part') AND said.decided_by_id = ",
                )
                .bind::<Uid, _>(person)
                .sql("))"),
            );
        }
        query
    }};
}

/// Narrows a boxed query over `tasks` joined with `identities`.
macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        let filter: &TaskFilter = $filter;
        let mut query = narrowed_alone!($query, filter);
        if let Some(person) = filter.visible_to {
            let deputised = sql::<Bool>(
                "identities.business_owner_id IN (SELECT owner.id FROM people owner WHERE owner.deputy_id = ",
            )
            .bind::<Uid, _>(person)
            .sql(")");
            query = query.filter(
                tasks::assignee_id
                    .eq(person)
                    .assume_not_null()
                    .or(identities::business_owner_id.eq(person).assume_not_null())
                    .or(identities::technical_owner_id.eq(person).assume_not_null())
                    .or(deputised),
            );
        }
        query
    }};
}

/// A page of the list, the earliest due date first.
pub fn page(db: &mut Db, filter: &TaskFilter, from: &From) -> Result<Page<TaskLine>, StoreError> {
    lines(db, filter, from, PAGE_SIZE + 1).map(|rows| Page::of(rows, from))
}

/// Rows of the list from a place on, at most `limit`; read backwards from a `Before`.
pub fn lines(db: &mut Db, filter: &TaskFilter, from: &From, limit: i64) -> Result<Vec<TaskLine>, StoreError> {
    let place = Place::of(from);
    type Found = (Task, Option<String>, Option<IdentityKind>, Option<Environment>, Option<String>, Option<String>);
    const USER: &str = "(SELECT person.name FROM emergency_accesses used JOIN people person ON person.id = used.person_id \
                        WHERE used.id = tasks.emergency_id)";
    let rows: Vec<Found> = each!(db, |c| {
        let query = narrowed!(
            tasks::table
                .left_join(identities::table)
                .left_join(people::table.on(tasks::assignee_id.eq(people::id.nullable())))
                .select((
                    Task::as_select(),
                    identities::name.nullable(),
                    identities::kind.nullable(),
                    identities::environment.nullable(),
                    people::name.nullable(),
                    sql::<Nullable<Text>>(USER),
                ))
                .into_boxed::<DB>(),
            filter
        );
        by_day!(query, tasks::due_on, tasks::id, &place).limit(limit).load(c)
    })?;
    Ok(rows
        .into_iter()
        .map(|(task, name, kind, environment, assignee_name, user)| TaskLine {
            task,
            subject: name.or(user).unwrap_or_default(),
            identity: kind.zip(environment),
            assignee_name,
        })
        .collect())
}

/// How many tasks match, counted no further than the limit.
pub fn count(db: &mut Db, filter: &TaskFilter) -> Result<Count, StoreError> {
    count_to(db, filter, COUNT_LIMIT + 1).map(Count::of)
}

/// How many tasks match, at most `limit`.
fn count_to(db: &mut Db, filter: &TaskFilter, limit: i64) -> Result<i64, StoreError> {
    const ONE: &str = "1";
    // Without the identities where they are not looked at: ten thousand of them are not read for nothing.
    let found = if filter.visible_to.is_none() {
        each!(db, |c| counted(
            narrowed_alone!(tasks::table.select(sql::<Integer>(ONE)).into_boxed::<DB>(), filter).limit(limit)
        )
        .get_result(c))
    } else {
        each!(db, |c| counted(
            narrowed!(tasks::table.left_join(identities::table).select(sql::<Integer>(ONE)).into_boxed::<DB>(), filter)
                .limit(limit)
        )
        .get_result(c))
    }?;
    Ok(found)
}

/// Whether a filter matches one task: what an owner may see of a single page.
pub fn matches(db: &mut Db, filter: &TaskFilter, id: Id) -> Result<bool, StoreError> {
    let found: Vec<i64> = each!(db, |c| narrowed!(
        tasks::table.left_join(identities::table).select(tasks::version).into_boxed::<DB>(),
        filter
    )
    .filter(tasks::id.eq(id))
    .limit(1)
    .load(c))?;
    Ok(!found.is_empty())
}
