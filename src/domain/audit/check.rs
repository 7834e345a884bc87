//! Checking the whole log: every body read again, every hash computed again, nothing taken on trust.
//!
//! The checker is fed the stored entries in order. It knows the tree they must make and compares what
//! is stored beside them. It cannot tell that the whole log was rewritten, body by body and node by
//! node: that takes a root written down elsewhere.

use std::collections::BTreeMap;

use super::tree::{self, Hash, Node};
use super::{ActorKind, Outcome, StoredEntry};
use crate::domain::ids::Moment;

/// An entry as it is stored: its bytes, their hash, and the columns that are an index into them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredColumns<'a> {
    pub seq: i64,
    pub at: Moment,
    pub actor_kind: ActorKind,
    pub actor_id: Option<&'a str>,
    pub request_id: Option<&'a str>,
    pub action: &'a str,
    pub entity: &'a str,
    pub entity_id: &'a str,
    pub entity_version: Option<i64>,
    pub outcome: Outcome,
    pub reason: Option<&'a str>,
    pub body: &'a [u8],
    pub leaf: &'a [u8],
    pub emergency: Option<&'a str>,
}

/// The first thing that is wrong with the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Numbers count from 0 without gaps.
    #[error("entry {expected} is missing: the next stored entry is {found}")]
    Gap { expected: u64, found: i64 },
    #[error("entry {seq}: its body cannot be read: {cause}")]
    Unreadable { seq: u64, cause: String },
    #[error("entry {seq}: its body is not the one its leaf was made of")]
    Leaf { seq: u64 },
    #[error("entry {seq}: the column {column} says something else than the body")]
    Column { seq: u64, column: &'static str },
    #[error("entry {seq}: the tree above it is damaged at level {level}, position {position}")]
    Node { seq: u64, level: u8, position: u64 },
    #[error("entry {seq} is missing: the log says that it holds {size} entries")]
    Short { seq: u64, size: u64 },
    #[error("entry {seq} lies beyond the end: the log says that it holds {size} entries")]
    Long { seq: u64, size: u64 },
    #[error("the tree has {found} stored nodes and {expected} are needed for the {size} entries")]
    Nodes { found: u64, expected: u64, size: u64 },
}

/// Checks a log, entry by entry.
#[derive(Debug, Clone, Default)]
pub struct Checker {
    size: u64,
    /// The newest complete subtree of each level.
    newest: BTreeMap<u8, (u64, Hash)>,
}

impl Checker {
    /// How many entries were found right.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Checks the next entry; answers the nodes that must be stored for it, the leaf first.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn entry(&mut self, row: &StoredColumns<'_>) -> Result<Vec<Node>, Fault> {
        let seq = self.size;
        if i64::try_from(seq) != Ok(row.seq) {
            return Err(Fault::Gap { expected: seq, found: row.seq });
        }
        let leaf = tree::leaf_hash(row.body);
        if leaf.as_slice() != row.leaf {
            return Err(Fault::Leaf { seq });
        }
        let stored =
            StoredEntry::parse(row.body).map_err(|error| Fault::Unreadable { seq, cause: error.to_string() })?;
        if let Some(column) = differing(&stored, row) {
            return Err(Fault::Column { seq, column });
        }
        let newest = &self.newest;
        let nodes = tree::append(seq, leaf, |level, position| match newest.get(&level) {
            Some((at, hash)) if *at == position => Ok(*hash),
            _ => Err(Fault::Node { seq, level, position }),
        })?;
        for (level, position, hash) in &nodes {
            self.newest.insert(*level, (*position, *hash));
        }
        self.size += 1;
        Ok(nodes)
    }

    /// The root over the entries seen so far.
    ///
    /// # Errors
    /// None for a checker that was fed by [`Checker::entry`].
    pub fn root(&self) -> Result<Hash, Fault> {
        tree::root(self.size, |level, position| match self.newest.get(&level) {
            Some((at, hash)) if *at == position => Ok(*hash),
            _ => Err(Fault::Node { seq: position << level, level, position }),
        })
    }

    /// Compares the ends: what the log says of its size, and how many nodes it keeps.
    ///
    /// `head` is the size on record, `nodes` the number of stored nodes of a log of that size.
    ///
    /// # Errors
    /// `Short`, `Long` or `Nodes`.
    pub fn end(&self, head: u64, nodes: u64) -> Result<(), Fault> {
        if self.size < head {
            return Err(Fault::Short { seq: self.size, size: head });
        }
        if self.size > head {
            return Err(Fault::Long { seq: head, size: head });
        }
        let expected = nodes_of(head);
        if nodes == expected { Ok(()) } else { Err(Fault::Nodes { found: nodes, expected, size: head }) }
    }
}

/// How many complete subtrees a log of that size has: one for each leaf and one for each joining of two.
pub fn nodes_of(size: u64) -> u64 {
    size.saturating_mul(2).saturating_sub(u64::from(size.count_ones()))
}

/// The first column that differs from the body.
fn differing(stored: &StoredEntry, row: &StoredColumns<'_>) -> Option<&'static str> {
    let entry = &stored.entry;
    let comparisons = [
        ("seq", i64::try_from(entry.seq) == Ok(row.seq)),
        ("at", entry.at == row.at),
        ("actor_kind", entry.actor.kind == row.actor_kind),
        ("actor_id", entry.actor.id.as_deref() == row.actor_id),
        ("request_id", entry.request_id.as_deref() == row.request_id),
        ("action", entry.action == row.action),
        ("entity", entry.entity == row.entity),
        ("entity_id", entry.entity_id == row.entity_id),
        ("entity_version", entry.entity_version == row.entity_version),
        ("outcome", entry.outcome == row.outcome),
        ("reason", entry.reason.as_deref() == row.reason),
        ("emergency_id", entry.actor.emergency.as_deref() == row.emergency),
    ];
    comparisons.into_iter().find(|(_, equal)| !equal).map(|(column, _)| column)
}

#[cfg(test)]
mod tests {
    use super::super::{Actor, Entry};
    use super::*;

    fn entry(seq: u64) -> Entry {
        Entry {
            seq,
            at: Moment::parse("2026-11-23T15:00:00Z").unwrap(),
            actor: Actor { kind: ActorKind::Setup, id: None, on_behalf_of: None, emergency: None },
            request_id: None,
            action: "person.add".to_owned(),
            entity: "person".to_owned(),
            entity_id: seq.to_string(),
            entity_version: Some(1),
            outcome: Outcome::Done,
            reason: None,
            before: None,
            after: None,
        }
    }

    fn columns<'a>(entry: &'a Entry, body: &'a [u8], leaf: &'a [u8]) -> StoredColumns<'a> {
        StoredColumns {
            seq: i64::try_from(entry.seq).unwrap(),
            at: entry.at,
            actor_kind: entry.actor.kind,
            actor_id: None,
            request_id: None,
            action: &entry.action,
            entity: &entry.entity,
            entity_id: &entry.entity_id,
            entity_version: entry.entity_version,
            outcome: entry.outcome,
            reason: None,
            body,
            leaf,
            emergency: None,
        }
    }

    fn checked(size: u64) -> (Checker, Vec<Node>) {
        let (mut checker, mut nodes) = (Checker::default(), Vec::new());
        for seq in 0..size {
            let entry = entry(seq);
            let body = entry.body().unwrap();
            let leaf = tree::leaf_hash(&body);
            nodes.extend(checker.entry(&columns(&entry, &body, &leaf)).unwrap());
        }
        (checker, nodes)
    }

    #[test]
    fn a_log_of_any_size_has_the_root_and_the_nodes_that_appending_gives() {
        for size in 0..40 {
            let (checker, nodes) = checked(size);
            let count = u64::try_from(nodes.len()).unwrap();
            assert_eq!(count, nodes_of(size), "{size}");
            assert_eq!(checker.end(size, count), Ok(()));
            let root = tree::root(size, |level, position| {
                nodes.iter().find(|node| (node.0, node.1) == (level, position)).map(|node| node.2).ok_or(())
            });
            assert_eq!(checker.root().ok(), root.ok());
        }
    }

    #[test]
    fn a_gap_a_changed_body_and_a_changed_column_are_told_apart() {
        let (mut checker, _) = checked(5);
        let after_a_gap = entry(6);
        let body = after_a_gap.body().unwrap();
        let leaf = tree::leaf_hash(&body);
        let gap = checker.clone().entry(&columns(&after_a_gap, &body, &leaf));
        assert_eq!(gap, Err(Fault::Gap { expected: 5, found: 6 }));

        let next = entry(5);
        let mut body = next.body().unwrap();
        let leaf = tree::leaf_hash(&body);
        let moved = StoredColumns { entity: "identity", ..columns(&next, &body, &leaf) };
        assert_eq!(checker.clone().entry(&moved), Err(Fault::Column { seq: 5, column: "entity" }));
        body[20] ^= 1;
        assert_eq!(checker.entry(&columns(&next, &body, &leaf)), Err(Fault::Leaf { seq: 5 }));
    }

    #[test]
    fn an_end_that_was_cut_off_or_grown_is_told() {
        let (checker, nodes) = checked(5);
        let count = u64::try_from(nodes.len()).unwrap();
        assert_eq!(checker.end(7, 11), Err(Fault::Short { seq: 5, size: 7 }));
        assert_eq!(checker.end(4, 7), Err(Fault::Long { seq: 4, size: 4 }));
        assert_eq!(checker.end(5, count - 1), Err(Fault::Nodes { found: 7, expected: 8, size: 5 }));
    }
}
