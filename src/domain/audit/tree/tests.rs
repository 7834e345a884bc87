//! Every tree up to 128 leaves against the recursive definition of RFC 6962, and published hashes.

use std::cell::Cell;
use std::collections::HashMap;

use super::*;

const MOST: u64 = 128;

#[derive(Debug, PartialEq)]
struct Missing(u8, u64);

/// Stored nodes, as the database would keep them.
#[derive(Default, Clone)]
struct Stored(HashMap<(u8, u64), Hash>);

impl Stored {
    fn of(leaves: &[Hash]) -> Self {
        let mut stored = Self::default();
        for (size, leaf) in (0..).zip(leaves) {
            let nodes = append(size, *leaf, |level, index| stored.read(level, index)).unwrap();
            stored.keep(nodes);
        }
        stored
    }

    fn keep(&mut self, nodes: Vec<Node>) {
        for (level, index, hash) in nodes {
            assert_eq!(self.0.insert((level, index), hash), None, "a stored node was written twice");
        }
    }

    fn read(&self, level: u8, index: u64) -> Result<Hash, Missing> {
        self.0.get(&(level, index)).copied().ok_or(Missing(level, index))
    }
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
}

/// MTH as RFC 6962 section 2.1 defines it.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(naive_split(leaves.len()));
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

fn naive_split(size: usize) -> usize {
    let mut power = 1;
    while power * 2 < size {
        power *= 2;
    }
    power
}

/// PATH as RFC 6962 section 2.1.1 defines it.
fn naive_inclusion(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let middle = naive_split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    let (mut path, sibling) = if index < middle {
        (naive_inclusion(index, left), naive_root(right))
    } else {
        (naive_inclusion(index - middle, right), naive_root(left))
    };
    path.push(sibling);
    path
}

/// SUBPROOF as RFC 6962 section 2.1.2 defines it.
fn naive_consistency(old: usize, leaves: &[Hash], known: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if known { Vec::new() } else { vec![naive_root(leaves)] };
    }
    let middle = naive_split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    let (mut path, sibling) = if old <= middle {
        (naive_consistency(old, left, known), naive_root(right))
    } else {
        (naive_consistency(old - middle, right, false), naive_root(left))
    };
    path.push(sibling);
    path
}

fn hexadecimal(text: &str) -> Hash {
    hex::decode(text).unwrap().try_into().unwrap()
}

#[test]
fn an_empty_log_has_the_root_of_rfc_6962() {
    let expected = hexadecimal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(root(0, |level, index| Err(Missing(level, index))), Ok(expected));
}

#[test]
fn the_eight_leaves_of_certificate_transparency_have_their_published_roots() {
    let bodies = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let leaves: Vec<Hash> = bodies.iter().map(|body| leaf_hash(&hex::decode(body).unwrap())).collect();
    let stored = Stored::of(&leaves);
    for (size, expected) in (1..).zip(roots) {
        assert_eq!(root(size, |level, index| stored.read(level, index)), Ok(hexadecimal(expected)), "{size} leaves");
    }
}

#[test]
fn every_root_equals_the_recursive_definition_at_every_later_size() {
    let leaves = leaves(MOST);
    let stored = Stored::of(&leaves);
    for size in 0..=MOST {
        let expected = naive_root(&leaves[..size as usize]);
        assert_eq!(root(size, |level, index| stored.read(level, index)), Ok(expected), "{size} leaves");
    }
}

#[test]
fn a_batch_stores_what_single_appends_store_and_reads_only_the_right_edge() {
    let leaves = leaves(MOST);
    let whole = Stored::of(&leaves);
    for size in 0..=MOST {
        let (before, added) = leaves.split_at(size as usize);
        let mut stored = Stored::of(before);
        let reads = Cell::new(0);
        let nodes = append_all(size, added, |level, index| {
            reads.set(reads.get() + 1);
            stored.read(level, index)
        })
        .unwrap();
        stored.keep(nodes);
        assert_eq!(stored.0, whole.0, "from {size}");
        assert!(reads.get() <= size.count_ones(), "from {size}: {} reads", reads.get());
    }
}

#[test]
fn every_inclusion_path_equals_the_recursive_definition_and_verifies() {
    let leaves = leaves(MOST);
    let stored = Stored::of(&leaves);
    for size in 1..=MOST {
        let tree = &leaves[..size as usize];
        let head = naive_root(tree);
        for index in 0..size {
            let path = inclusion_path(index, size, |level, at| stored.read(level, at)).unwrap();
            assert_eq!(path, naive_inclusion(index as usize, tree), "{index} in {size}");
            assert!(verify_inclusion(&tree[index as usize], index, size, &path, &head), "{index} in {size}");
        }
    }
}

#[test]
fn every_consistency_path_equals_the_recursive_definition_and_verifies() {
    let leaves = leaves(MOST);
    let stored = Stored::of(&leaves);
    let roots: Vec<Hash> = (0..=MOST as usize).map(|size| naive_root(&leaves[..size])).collect();
    for new in 1..=MOST {
        for old in 1..=new {
            let path = consistency_path(old, new, |level, at| stored.read(level, at)).unwrap();
            let expected = naive_consistency(old as usize, &leaves[..new as usize], true);
            assert_eq!(path, expected, "{old} to {new}");
            assert!(verify_consistency(old, new, &path, &roots[old as usize], &roots[new as usize]), "{old} to {new}");
        }
    }
}

/// Every way to spoil a path: each hash with a bit turned, left out, doubled, and two swapped.
fn spoiled(path: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = Vec::new();
    for at in 0..path.len() {
        let mut turned = path.to_vec();
        turned[at][at % 32] ^= 1;
        let mut shorter = path.to_vec();
        let hash = shorter.remove(at);
        let mut longer = path.to_vec();
        longer.insert(at, hash);
        all.extend([turned, shorter, longer]);
        if at > 0 {
            let mut swapped = path.to_vec();
            swapped.swap(at - 1, at);
            all.push(swapped);
        }
    }
    let mut longer = path.to_vec();
    longer.push([7; 32]);
    all.push(longer);
    all
}

#[test]
fn no_spoiled_inclusion_path_leaf_index_or_root_is_believed() {
    let leaves = leaves(21);
    let stored = Stored::of(&leaves);
    for size in 1..=21_u64 {
        let head = root(size, |level, at| stored.read(level, at)).unwrap();
        for index in 0..size {
            let leaf = leaves[index as usize];
            let path = inclusion_path(index, size, |level, at| stored.read(level, at)).unwrap();
            for wrong in spoiled(&path) {
                assert!(!verify_inclusion(&leaf, index, size, &wrong, &head), "{index} in {size}: {wrong:?}");
            }
            assert!(!verify_inclusion(&[1; 32], index, size, &path, &head));
            assert!(!verify_inclusion(&leaf, index, size, &path, &[1; 32]));
            assert!(
                (0..=size)
                    .filter(|other| *other != index)
                    .all(|other| { !verify_inclusion(&leaf, other, size, &path, &head) })
            );
        }
    }
}

#[test]
fn no_spoiled_consistency_path_or_root_is_believed() {
    let leaves = leaves(21);
    let stored = Stored::of(&leaves);
    let roots: Vec<Hash> = (0..=21).map(|size| naive_root(&leaves[..size])).collect();
    for new in 1..=21_u64 {
        for old in 1..=new {
            let (old_root, new_root) = (&roots[old as usize], &roots[new as usize]);
            let path = consistency_path(old, new, |level, at| stored.read(level, at)).unwrap();
            for wrong in spoiled(&path) {
                assert!(!verify_consistency(old, new, &wrong, old_root, new_root), "{old} to {new}: {wrong:?}");
            }
            assert!(!verify_consistency(old, new, &path, &[1; 32], new_root), "{old} to {new}");
            assert!(!verify_consistency(old, new, &path, old_root, &[1; 32]), "{old} to {new}");
        }
    }
}

#[test]
fn nothing_is_proved_about_an_empty_log() {
    let nothing = |level, index| Err(Missing(level, index));
    assert!(!verify_inclusion(&empty_root(), 0, 0, &[], &empty_root()));
    assert!(!verify_consistency(0, 0, &[], &empty_root(), &empty_root()));
    assert!(!verify_consistency(0, 5, &[], &empty_root(), &[1; 32]));
    assert_eq!(inclusion_path(0, 0, nothing), Err(PathError::OutsideTheLog { index: 0, size: 0 }));
    assert_eq!(consistency_path(0, 5, nothing), Err(PathError::NotEarlier { old: 0, new: 5 }));
    assert_eq!(consistency_path(6, 5, nothing), Err(PathError::NotEarlier { old: 6, new: 5 }));
}

#[test]
fn a_later_size_does_not_verify_as_an_earlier_one_and_a_shorter_log_is_no_successor() {
    let leaves = leaves(9);
    let stored = Stored::of(&leaves);
    let head = root(9, |level, at| stored.read(level, at)).unwrap();
    let path = consistency_path(6, 9, |level, at| stored.read(level, at)).unwrap();
    let old = naive_root(&leaves[..6]);
    assert!(verify_consistency(6, 9, &path, &old, &head));
    assert!(!verify_consistency(9, 6, &path, &head, &old));
    assert!(!verify_consistency(5, 9, &path, &old, &head));
}

#[test]
fn an_error_of_the_store_comes_back() {
    let missing = |level, index| Err(Missing(level, index));
    assert_eq!(append(1, [0; 32], missing), Err(Missing(0, 0)));
    assert_eq!(inclusion_path(0, 3, missing), Err(PathError::Unreadable(Missing(0, 2))));
}

/// The planted fault: one bit of one stored node turned, for every node of a log of 40. The harness
/// that compares roots and paths with the definition must notice each of them.
#[test]
fn a_single_turned_bit_in_any_stored_node_is_noticed() {
    let leaves = leaves(40);
    let sound = Stored::of(&leaves);
    let head = naive_root(&leaves);
    for place in sound.0.keys() {
        let mut rotten = sound.clone();
        rotten.0.get_mut(place).unwrap()[31] ^= 0x80;
        let noticed = (0..40_u64).any(|index| {
            let path = inclusion_path(index, 40, |level, at| rotten.read(level, at)).unwrap();
            let leaf = rotten.read(0, index).unwrap();
            !verify_inclusion(&leaf, index, 40, &path, &head)
        });
        assert!(noticed, "{place:?}");
    }
}

/// The planted fault in the hash itself: without the first byte a tree of two leaves could be
/// presented as one leaf whose body is the two hashes.
#[test]
fn an_inner_node_cannot_be_presented_as_a_leaf() {
    let [left, right] = [leaf_hash(b"left"), leaf_hash(b"right")];
    let body = [left, right].concat();
    assert_ne!(leaf_hash(&body), node_hash(&left, &right));
}
