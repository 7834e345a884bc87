//! The audit log: appended to, read, never changed.

use std::collections::HashMap;

use diesel::prelude::*;

use super::counted::counted;
use super::schema::{audit_entries, audit_head, audit_nodes};
use super::{Db, StoreError};
use crate::domain::audit::tree::{self, Hash};
use crate::domain::audit::{ActorKind, AuditError, Entry, Outcome};
use crate::domain::ids::Moment;
use crate::domain::listing::{self, COUNT_LIMIT, Count, Direction, PAGE_SIZE, Page};
use crate::each;

/// A row of `audit_entries`. `body` is the truth; the other columns are an index into it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
pub struct AuditRow {
    pub seq: i64,
    pub at: Moment,
    pub actor_kind: ActorKind,
    pub actor_id: Option<String>,
    pub request_id: Option<String>,
    pub action: String,
    pub entity: String,
    pub entity_id: String,
    pub entity_version: Option<i64>,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub body: Vec<u8>,
    pub leaf: Vec<u8>,
    /// The emergency access under which it was written.
    pub emergency_id: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = audit_nodes)]
struct NodeRow {
    level: i64,
    position: i64,
    hash: Vec<u8>,
}

/// Why an entry could not be appended. The change it belongs to fails with it.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A stored hash has not 32 bytes: the log was altered.
    #[error("the stored audit tree is damaged at level {level}, position {position}; verify the log before going on")]
    Damaged { level: u8, position: u64 },
}

/// Appends entries in their order, inside the transaction of the change they tell of. Their `seq` is
/// set here: the row of `audit_head` is locked, so that numbers have no gaps.
pub fn append(db: &mut Db, mut entries: Vec<Entry>) -> Result<(), AppendError> {
    if entries.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let grown: i64 = each!(db, |c| diesel::update(audit_head::table.filter(audit_head::id.eq(1)))
        .set(audit_head::size.eq(audit_head::size + count))
        .returning(audit_head::size)
        .get_result(c))
    .map_err(StoreError::from)?;
    let first = grown - count;

    let mut rows = Vec::with_capacity(entries.len());
    let mut leaves: Vec<Hash> = Vec::with_capacity(entries.len());
    for (seq, entry) in (first..).zip(entries.iter_mut()) {
        entry.seq = seq.unsigned_abs();
        let body = entry.body()?;
        let leaf = tree::leaf_hash(&body);
        leaves.push(leaf);
        rows.push(AuditRow {
            seq,
            at: entry.at,
            actor_kind: entry.actor.kind,
            actor_id: entry.actor.id.clone(),
            request_id: entry.request_id.clone(),
            action: entry.action.clone(),
            entity: entry.entity.clone(),
            entity_id: entry.entity_id.clone(),
            entity_version: entry.entity_version,
            outcome: entry.outcome,
            reason: entry.reason.clone(),
            body,
            leaf: leaf.to_vec(),
            emergency_id: entry.actor.emergency.clone(),
        });
    }
    let nodes = tree::append_all(first.unsigned_abs(), &leaves, |level, position| node(db, level, position))?;
    let nodes: Vec<NodeRow> = nodes
        .into_iter()
        .map(|(level, position, hash)| NodeRow {
            level: i64::from(level),
            position: i64::try_from(position).unwrap_or(i64::MAX),
            hash: hash.to_vec(),
        })
        .collect();
    for chunk in rows.chunks(1_000) {
        each!(db, |c| diesel::insert_into(audit_entries::table).values(chunk).execute(c)).map_err(StoreError::from)?;
    }
    for chunk in nodes.chunks(5_000) {
        each!(db, |c| diesel::insert_into(audit_nodes::table).values(chunk).execute(c)).map_err(StoreError::from)?;
    }
    Ok(())
}

/// A stored node of the tree.
pub fn node(db: &mut Db, level: u8, position: u64) -> Result<Hash, AppendError> {
    let stored: Vec<u8> = each!(db, |c| audit_nodes::table
        .filter(audit_nodes::level.eq(i64::from(level)))
        .filter(audit_nodes::position.eq(i64::try_from(position).unwrap_or(i64::MAX)))
        .select(audit_nodes::hash)
        .first(c))
    .map_err(StoreError::from)?;
    Hash::try_from(stored.as_slice()).map_err(|_| AppendError::Damaged { level, position })
}

/// How many entries there are.
pub fn size(db: &mut Db) -> Result<i64, StoreError> {
    each!(db, |c| audit_head::table.filter(audit_head::id.eq(1)).select(audit_head::size).first(c)).map_err(Into::into)
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub entity: Option<String>,
    pub entity_id: Option<String>,
    /// Any of these actors: ids of people, names of jobs and commands.
    pub actors: Option<Vec<String>>,
    pub action: Option<String>,
    pub outcome: Option<Outcome>,
    /// Written under this emergency access.
    pub emergency: Option<String>,
    pub since: Option<Moment>,
    pub until: Option<Moment>,
}

/// Narrows a boxed query to what a filter asks for.
macro_rules! wanted {
    ($query:expr, $filter:expr) => {{
        let mut query = $query;
        let filter: &AuditFilter = $filter;
        if let Some(entity) = &filter.entity {
            query = query.filter(audit_entries::entity.eq(entity));
        }
        if let Some(entity_id) = &filter.entity_id {
            query = query.filter(audit_entries::entity_id.eq(entity_id));
        }
        if let Some(actors) = &filter.actors {
            query = query.filter(audit_entries::actor_id.eq_any(actors));
        }
        if let Some(action) = &filter.action {
            query = query.filter(audit_entries::action.eq(action));
        }
        if let Some(outcome) = filter.outcome {
            query = query.filter(audit_entries::outcome.eq(outcome));
        }
        if let Some(emergency) = &filter.emergency {
            query = query.filter(audit_entries::emergency_id.eq(emergency));
        }
        if let Some(since) = filter.since {
            query = query.filter(audit_entries::at.ge(since));
        }
        if let Some(until) = filter.until {
            query = query.filter(audit_entries::at.lt(until));
        }
        query
    }};
}

/// A page of entries by number, newest first or oldest first.
pub fn page(
    db: &mut Db,
    filter: &AuditFilter,
    direction: Direction,
    from: &listing::From,
) -> Result<Page<AuditRow>, StoreError> {
    lines(db, filter, direction, from, PAGE_SIZE + 1).map(|rows| Page::of(rows, from))
}

/// Entries from a place on, at most `limit`; read backwards from a `Before`.
pub fn lines(
    db: &mut Db,
    filter: &AuditFilter,
    direction: Direction,
    from: &listing::From,
    limit: i64,
) -> Result<Vec<AuditRow>, StoreError> {
    let (after, reading) = match from {
        listing::From::Start => (None, direction),
        listing::From::After(cursor) => (cursor.key.parse::<i64>().ok(), direction),
        listing::From::Before(cursor) => (cursor.key.parse::<i64>().ok(), direction.reversed()),
    };
    each!(db, |c| {
        let mut query = wanted!(audit_entries::table.select(AuditRow::as_select()).into_boxed::<DB>(), filter);
        query = match (reading, after) {
            (Direction::Ascending, Some(seq)) => query.filter(audit_entries::seq.gt(seq)),
            (Direction::Descending, Some(seq)) => query.filter(audit_entries::seq.lt(seq)),
            (_, None) => query,
        };
        query = match reading {
            Direction::Ascending => query.order(audit_entries::seq.asc()),
            Direction::Descending => query.order(audit_entries::seq.desc()),
        };
        query.limit(limit).load(c)
    })
    .map_err(StoreError::from)
}

/// How many entries match, counted no further than the limit.
pub fn count(db: &mut Db, filter: &AuditFilter) -> Result<Count, StoreError> {
    let found: i64 = each!(db, |c| {
        counted(
            wanted!(audit_entries::table.select(audit_entries::seq).into_boxed::<DB>(), filter).limit(COUNT_LIMIT + 1),
        )
        .get_result(c)
    })?;
    Ok(Count::of(found))
}

/// Something that was done: when, by which action, and by whom, as the log names them.
pub type Done = (Moment, String, Option<String>);

/// What was done about an entity by these actions, the oldest first. What was refused is not among them.
pub fn done_about(db: &mut Db, entity: &str, entity_id: &str, actions: &[&str]) -> Result<Vec<Done>, StoreError> {
    let actions: Vec<String> = actions.iter().map(|action| (*action).to_owned()).collect();
    each!(db, |c| audit_entries::table
        .filter(audit_entries::entity.eq(entity))
        .filter(audit_entries::entity_id.eq(entity_id))
        .filter(audit_entries::action.eq_any(&actions))
        .filter(audit_entries::outcome.eq(Outcome::Done))
        .order(audit_entries::seq)
        .select((audit_entries::at, audit_entries::action, audit_entries::actor_id))
        .load(c))
    .map_err(Into::into)
}

/// By whom an action was done about each of these entities, as the log names them; the latest stands.
pub fn doers(
    db: &mut Db,
    entity: &str,
    entity_ids: &[String],
    action: &str,
) -> Result<HashMap<String, Option<String>>, StoreError> {
    let mut found = HashMap::new();
    for chunk in entity_ids.chunks(500) {
        let rows: Vec<(String, Option<String>)> = each!(db, |c| audit_entries::table
            .filter(audit_entries::entity.eq(entity))
            .filter(audit_entries::entity_id.eq_any(chunk))
            .filter(audit_entries::action.eq(action))
            .filter(audit_entries::outcome.eq(Outcome::Done))
            .order(audit_entries::seq)
            .select((audit_entries::entity_id, audit_entries::actor_id))
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// The reason of the latest entry about an entity by an action, where it has one.
pub fn reason_of(db: &mut Db, entity: &str, entity_id: &str, action: &str) -> Result<Option<String>, StoreError> {
    let found: Option<Option<String>> = each!(db, |c| audit_entries::table
        .filter(audit_entries::entity.eq(entity))
        .filter(audit_entries::entity_id.eq(entity_id))
        .filter(audit_entries::action.eq(action))
        .filter(audit_entries::outcome.eq(Outcome::Done))
        .order(audit_entries::seq.desc())
        .select(audit_entries::reason)
        .first(c)
        .optional())?;
    Ok(found.flatten())
}

/// One entry.
pub fn find(db: &mut Db, seq: i64) -> Result<AuditRow, StoreError> {
    each!(db, |c| audit_entries::table.filter(audit_entries::seq.eq(seq)).select(AuditRow::as_select()).first(c))
        .map_err(Into::into)
}
