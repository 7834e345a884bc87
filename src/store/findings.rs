//! Findings: open until what they say does not hold any more.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::counted::counted;
use super::fragment::sql;
use super::schema::{findings, identities};
use super::{Db, StoreError};
use crate::domain::findings::{FindingRule, Severity};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{COUNT_LIMIT, Count, Cursor, Direction, From};
use crate::each;

/// A row of `findings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = findings, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Finding {
    pub id: Id,
    pub identity_id: Id,
    pub rule: FindingRule,
    pub severity: Severity,
    /// What was found, in words that name no person.
    pub says: String,
    pub opened_at: Moment,
    pub closed_at: Option<Moment>,
    pub closed_because: Option<String>,
    pub version: i64,
}

impl Finding {
    /// A new, open finding.
    pub fn new(identity: Id, rule: FindingRule, says: String, now: Moment) -> Self {
        Self {
            id: Id::new(),
            identity_id: identity,
            rule,
            severity: rule.severity(),
            says,
            opened_at: now,
            closed_at: None,
            closed_because: None,
            version: 1,
        }
    }
}

/// Stores a finding unless the identity has an open one of that rule; answers whether it is new.
pub fn insert_if_new(db: &mut Db, finding: &Finding) -> Result<bool, StoreError> {
    let added =
        each!(db, |c| diesel::insert_into(findings::table).values(finding).on_conflict_do_nothing().execute(c))?;
    Ok(added == 1)
}

/// The open findings about an identity, the oldest first.
pub fn open_about(db: &mut Db, identity: Id) -> Result<Vec<Finding>, StoreError> {
    each!(db, |c| findings::table
        .filter(findings::identity_id.eq(identity))
        .filter(findings::closed_at.is_null())
        .order((findings::opened_at, findings::id))
        .select(Finding::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Stores a changed finding over the version before it.
pub fn update(db: &mut Db, finding: &Finding) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        findings::table.filter(findings::id.eq(finding.id)).filter(findings::version.eq(finding.version - 1)),
    )
    .set(finding)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// A finding and the name of its identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingLine {
    pub finding: Finding,
    pub identity_name: String,
}

impl FindingLine {
    /// The place of this row in the list.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.finding.opened_at.to_text(), id: self.finding.id }
    }

    /// The finding as scripts and files get it.
    pub fn document(&self) -> Value {
        let finding = &self.finding;
        json!({
            "id": finding.id,
            "rule": finding.rule,
            "severity": finding.severity,
            "identity_id": finding.identity_id,
            "identity": self.identity_name,
            "says": finding.says,
            "remedy": finding.rule.remedy(),
            "opened_at": finding.opened_at,
            "version": finding.version,
        })
    }
}

/// Open findings from a place on, newest first, of that rule or any; read backwards from a `Before`.
pub fn lines(db: &mut Db, rule: Option<FindingRule>, from: &From, limit: i64) -> Result<Vec<FindingLine>, StoreError> {
    let (place, direction) = match from {
        From::Start => (None, Direction::Descending),
        From::After(cursor) => (Some(cursor.id), Direction::Descending),
        From::Before(cursor) => (Some(cursor.id), Direction::Ascending),
    };
    // Ids are made in the order of time, so they are the order of this list.
    let rows: Vec<(Finding, String)> = each!(db, |c| {
        let mut query = findings::table
            .inner_join(identities::table)
            .filter(findings::closed_at.is_null())
            .select((Finding::as_select(), identities::name))
            .into_boxed::<DB>();
        if let Some(rule) = rule {
            query = query.filter(findings::rule.eq(rule));
        }
        query = match (place, direction) {
            (None, _) => query.order(findings::id.desc()),
            (Some(id), Direction::Descending) => query.filter(findings::id.lt(id)).order(findings::id.desc()),
            (Some(id), Direction::Ascending) => query.filter(findings::id.gt(id)).order(findings::id.asc()),
        };
        query.limit(limit).load(c)
    })?;
    Ok(rows.into_iter().map(|(finding, identity_name)| FindingLine { finding, identity_name }).collect())
}

/// How many findings are open, of that rule or any, counted no further than the limit.
pub fn count(db: &mut Db, rule: Option<FindingRule>) -> Result<Count, StoreError> {
    let found: i64 = each!(db, |c| {
        let mut query = findings::table
            .filter(findings::closed_at.is_null())
            .select(sql::<diesel::sql_types::Integer>("1"))
            .into_boxed::<DB>();
        if let Some(rule) = rule {
            query = query.filter(findings::rule.eq(rule));
        }
        counted(query.limit(COUNT_LIMIT + 1)).get_result(c)
    })?;
    Ok(Count::of(found))
}
