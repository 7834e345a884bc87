//! Reading the whole audit log to check it.

use diesel::prelude::*;

use super::audit::{self, AuditRow};
use super::schema::{audit_entries, audit_nodes};
use super::{Db, StoreError};
use crate::domain::audit::check::{Checker, Fault, StoredColumns};
use crate::domain::audit::tree::{Hash, Node};
use crate::each;

/// Entries read at a time.
const CHUNK: i64 = 500;

/// A log that was found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    /// How many entries it has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Why a log was not found whole.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the audit log was altered: {0}")]
    Altered(#[from] Fault),
}

/// Reads every entry and every node, computes every hash again and compares.
///
/// The log may grow meanwhile: what was on record when the check began is checked.
///
/// # Errors
/// `Altered` names the first entry that is wrong.
pub fn verify(db: &mut Db) -> Result<Whole, CheckError> {
    let last: Option<i64> = each!(db, |c| audit_entries::table.select(diesel::dsl::max(audit_entries::seq)).first(c))
        .map_err(StoreError::from)?;
    let head = audit::size(db)?.unsigned_abs();
    let mut checker = Checker::default();
    while checker.size() < head {
        let from = i64::try_from(checker.size()).unwrap_or(i64::MAX);
        let rows: Vec<AuditRow> = each!(db, |c| audit_entries::table
            .filter(audit_entries::seq.ge(from))
            .filter(audit_entries::seq.lt(i64::try_from(head).unwrap_or(i64::MAX)))
            .order(audit_entries::seq)
            .limit(CHUNK)
            .select(AuditRow::as_select())
            .load(c))
        .map_err(|error| unreadable(error, checker.size()))?;
        if rows.is_empty() {
            break;
        }
        let mut needed = Vec::with_capacity(rows.len() * 2);
        let mut fault = None;
        for row in &rows {
            match checker.entry(&columns(row)) {
                Ok(nodes) => needed.extend(nodes),
                Err(found) => {
                    fault = Some(found);
                    break;
                }
            }
        }
        // What the entries before the fault needed comes first.
        compare_nodes(db, &needed)?;
        if let Some(fault) = fault {
            return Err(fault.into());
        }
    }
    if let Some(last) = last.filter(|last| last.unsigned_abs() >= head) {
        return Err(Fault::Long { seq: last.unsigned_abs(), size: head }.into());
    }
    // Nodes that entries written meanwhile have added lie beyond the positions of this size.
    let mut nodes = 0;
    for level in 0..63_u32 {
        let within = i64::try_from(head >> level).unwrap_or(i64::MAX);
        if within == 0 {
            break;
        }
        let found: i64 = each!(db, |c| audit_nodes::table
            .filter(audit_nodes::level.eq(i64::from(level)))
            .filter(audit_nodes::position.lt(within))
            .count()
            .get_result(c))
        .map_err(StoreError::from)?;
        nodes += found.unsigned_abs();
    }
    checker.end(head, nodes)?;
    Ok(Whole { size: head, root: checker.root()? })
}

/// A word that no list has, in a column of an entry, is an altered entry and not a fault of the query.
fn unreadable(error: diesel::result::Error, seq: u64) -> CheckError {
    match error {
        diesel::result::Error::DeserializationError(cause) => Fault::Unreadable {
            seq,
            cause: format!("one of the {CHUNK} entries from there on has a column that cannot be read: {cause}"),
        }
        .into(),
        other => StoreError::from(other).into(),
    }
}

fn columns(row: &AuditRow) -> StoredColumns<'_> {
    StoredColumns {
        seq: row.seq,
        at: row.at,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id.as_deref(),
        request_id: row.request_id.as_deref(),
        action: &row.action,
        entity: &row.entity,
        entity_id: &row.entity_id,
        entity_version: row.entity_version,
        outcome: row.outcome,
        reason: row.reason.as_deref(),
        body: &row.body,
        leaf: &row.leaf,
        emergency: row.emergency_id.as_deref(),
    }
}

/// Compares stored nodes with those that must be there, level by level.
fn compare_nodes(db: &mut Db, needed: &[Node]) -> Result<(), CheckError> {
    let highest = needed.iter().map(|(level, _, _)| *level).max().unwrap_or(0);
    let mut first_fault: Option<Fault> = None;
    for level in 0..=highest {
        let at_level: Vec<&Node> = needed.iter().filter(|node| node.0 == level).collect();
        let (Some(first), Some(last)) = (at_level.first(), at_level.last()) else { continue };
        let position = |position: u64| i64::try_from(position).unwrap_or(i64::MAX);
        let stored: Vec<(i64, Vec<u8>)> = each!(db, |c| audit_nodes::table
            .filter(audit_nodes::level.eq(i64::from(level)))
            .filter(audit_nodes::position.between(position(first.1), position(last.1)))
            .order(audit_nodes::position)
            .select((audit_nodes::position, audit_nodes::hash))
            .load(c))
        .map_err(StoreError::from)?;
        let stored: std::collections::HashMap<i64, Vec<u8>> = stored.into_iter().collect();
        for (level, at, hash) in at_level {
            if stored.get(&position(*at)).map(Vec::as_slice) != Some(hash.as_slice()) {
                let fault = Fault::Node { seq: at << level, level: *level, position: *at };
                let earlier = |known: &Fault| matches!(known, Fault::Node { seq, .. } if *seq <= at << level);
                if !first_fault.as_ref().is_some_and(earlier) {
                    first_fault = Some(fault);
                }
                break;
            }
        }
    }
    first_fault.map_or(Ok(()), |fault| Err(fault.into()))
}
