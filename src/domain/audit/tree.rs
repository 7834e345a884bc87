//! The Merkle tree of RFC 6962 section 2.1 (the same in RFC 9162 section 2.1) over stored subtrees.
//!
//! `N(level, index)` is the hash over the `2^level` leaves that start at `index * 2^level`. Only complete
//! subtrees are stored, so a stored node never changes: every tree size ever reached can be proved from them.
//!
//! Functions that need stored nodes take `read(level, index)`. Its errors come back unchanged.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// A complete subtree to store: level (0 is a leaf), index within the level, hash.
pub type Node = (u8, u64, Hash);

/// Why a path cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError<E> {
    /// The entry asked for is not in a log of that size.
    #[error("entry {index} is not in a log of {size} entries; entries count from 0, ask for one below {size}")]
    OutsideTheLog {
        /// The entry asked for, counted from 0.
        index: u64,
        /// The number of entries.
        size: u64,
    },
    /// Consistency is between an earlier size, at least 1, and a later one.
    #[error("a log of {old} entries is not an earlier state of one of {new}; give an earlier size from 1 to {new}")]
    NotEarlier {
        /// The earlier size given.
        old: u64,
        /// The later size given.
        new: u64,
    },
    /// A stored node could not be read.
    #[error("a node of the audit log could not be read: {0}")]
    Unreadable(E),
}

/// The hash of an entry: SHA-256 over a zero byte and the entry's stored bytes.
///
/// The first byte keeps a leaf from being passed off as an inner node (RFC 6962 section 2.1.1).
pub fn leaf_hash(body: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(body).finalize().into()
}

/// The hash of an inner node: SHA-256 over a one byte and the two hashes below it.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a log without entries: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The nodes to store when one leaf is appended to a log of `size` entries, the leaf first.
///
/// # Errors
/// Those of `read`.
pub fn append<E>(size: u64, leaf: Hash, read: impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Vec<Node>, E> {
    append_all(size, &[leaf], read)
}

/// The nodes to store when leaves are appended in order to a log of `size` entries.
///
/// Reads at most one stored node for each level, however many leaves there are.
///
/// # Errors
/// Those of `read`.
pub fn append_all<E>(
    size: u64,
    leaves: &[Hash],
    mut read: impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Vec<Node>, E> {
    let mut nodes = Vec::with_capacity(leaves.len().saturating_mul(2));
    // The newest subtree of each level that still waits for its right neighbour and was made here.
    let mut waiting: BTreeMap<u8, Hash> = BTreeMap::new();
    for (at, leaf) in (size..).zip(leaves) {
        let mut hash = *leaf;
        let mut level = 0;
        nodes.push((level, at, hash));
        // The leaf at 0b0111 completes a pair, a four and an eight: one for each trailing one.
        while level < 63 && (at >> level) & 1 == 1 {
            let left = match waiting.remove(&level) {
                Some(left) => left,
                None => read(level, (at >> level) - 1)?,
            };
            hash = node_hash(&left, &hash);
            level += 1;
            nodes.push((level, at >> level, hash));
        }
        waiting.insert(level, hash);
    }
    Ok(nodes)
}

/// The root of the log's first `size` entries.
///
/// # Errors
/// Those of `read`.
pub fn root<E>(size: u64, mut read: impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    hash_of(0, size, &mut read)
}

/// `PATH(index, D[0:size])` of RFC 6962 section 2.1.1, the hash nearest to the leaf first.
///
/// # Errors
/// `OutsideTheLog` unless `index < size`, and those of `read`.
pub fn inclusion_path<E>(
    index: u64,
    size: u64,
    mut read: impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, PathError<E>> {
    if index >= size {
        return Err(PathError::OutsideTheLog { index, size });
    }
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        let (sibling_start, sibling_end) = if index < middle { (middle, end) } else { (start, middle) };
        path.push(hash_of(sibling_start, sibling_end, &mut read).map_err(PathError::Unreadable)?);
        if index < middle { end = middle } else { start = middle }
    }
    path.reverse();
    Ok(path)
}

/// `PROOF(old, D[0:new])` of RFC 6962 section 2.1.2; empty when the sizes are equal.
///
/// # Errors
/// `NotEarlier` unless `1 <= old <= new`, and those of `read`.
pub fn consistency_path<E>(
    old: u64,
    new: u64,
    mut read: impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, PathError<E>> {
    if old == 0 || old > new {
        return Err(PathError::NotEarlier { old, new });
    }
    let (mut start, mut end) = (0, new);
    let mut path = Vec::new();
    while old < end {
        let middle = start + split(end - start);
        let (sibling_start, sibling_end) = if old <= middle { (middle, end) } else { (start, middle) };
        path.push(hash_of(sibling_start, sibling_end, &mut read).map_err(PathError::Unreadable)?);
        if old <= middle { end = middle } else { start = middle }
    }
    // The verifier holds the old root already; a subtree inside the old tree it does not.
    if start > 0 {
        path.push(hash_of(start, end, &mut read).map_err(PathError::Unreadable)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether the leaf is entry `index` of the log of `size` entries with that root (RFC 9162 section 2.1.3.2).
#[must_use]
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            (at, last) = skip_lone_levels(at, last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether the log of `new` entries starts with the log of `old` entries (RFC 9162 section 2.1.4.2).
///
/// `false` for an old size of 0: everything is consistent with nothing, so it would prove nothing.
#[must_use]
pub fn verify_consistency(old: u64, new: u64, path: &[Hash], old_root: &Hash, new_root: &Hash) -> bool {
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    // An old tree that is one complete subtree is its own first step and is left out of the path.
    let (first, rest) = if old.is_power_of_two() {
        if path.is_empty() {
            return false;
        }
        (old_root, path)
    } else {
        match path.split_first() {
            Some(parts) => parts,
            None => return false,
        }
    };
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            (at, last) = skip_lone_levels(at, last);
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

/// A node at the right edge without a neighbour passes upwards unhashed: skip those levels.
fn skip_lone_levels(mut at: u64, mut last: u64) -> (u64, u64) {
    while at & 1 == 0 && at != 0 {
        at >>= 1;
        last >>= 1;
    }
    (at, last)
}

/// The largest power of two below `size`, where a tree of more than one leaf splits.
fn split(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// `MTH(D[start:end])` from stored subtrees, where `start` is a multiple of a power of two not below
/// `end - start`, as it is wherever the tree splits.
fn hash_of<E>(start: u64, end: u64, read: &mut impl FnMut(u8, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    let size = end - start;
    let mut folded: Option<Hash> = None;
    let mut right = end;
    for level in (0..63_u8).filter(|level| (size >> level) & 1 == 1) {
        right -= 1 << level;
        let subtree = read(level, right >> level)?;
        folded = Some(match folded {
            Some(smaller) => node_hash(&subtree, &smaller),
            None => subtree,
        });
    }
    Ok(folded.unwrap_or_else(empty_root))
}

#[cfg(test)]
mod tests;
