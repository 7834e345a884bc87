//! The shortest form of a set of scopes.
//!
//! Duplicates are gone, v1 is written in letters, the letters of one place and one constraint stand
//! in one scope, and a scope is gone when others of its context hold all its letters on a wider type or
//! under a weaker constraint. A scope that is held in part stays whole: `patient/*.r` beside
//! `patient/Observation.rs` changes neither. An enumeration never becomes `*`. The form is sorted by
//! its text; normalising it again changes nothing, and it covers what the set covered.

use std::collections::BTreeMap;

use super::Verdict;
use super::constraint::Constraint;
use super::grants::Grants;
use super::letters::Letters;
use super::scope::{Context, Meaning, ResourceScope, ResourceType};

/// Constraints that may take in one other and are still compared with it. Beyond it they stay side by
/// side: longer than need be, but the same access, in linear time.
const MOST_COMPARED: usize = 200;

/// The shortest form of these scopes.
pub fn canonical<'a>(meanings: impl IntoIterator<Item = &'a Meaning>) -> Vec<Meaning> {
    let mut merged: BTreeMap<(Context, &ResourceType, &Constraint), Letters> = BTreeMap::new();
    let mut shortest: Vec<Meaning> = Vec::new();
    for meaning in meanings {
        match meaning {
            Meaning::Resource(scope) => {
                *merged.entry((scope.context, &scope.resource, &scope.constraint)).or_default() |= scope.letters;
            }
            other => shortest.push(other.clone()),
        }
    }
    let places: Vec<Meaning> = merged
        .into_iter()
        .map(|((context, resource, constraint), letters)| {
            Meaning::Resource(ResourceScope {
                context,
                resource: resource.clone(),
                letters,
                constraint: constraint.clone(),
            })
        })
        .collect();
    shortest.extend(settled(places));
    let mut sorted: Vec<(String, Meaning)> = shortest.into_iter().map(|each| (each.to_string(), each)).collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.into_iter().map(|(_, meaning)| meaning).collect()
}

/// Without the scopes that others hold, until nothing more can go: with fewer left, more can be compared.
fn settled(mut places: Vec<Meaning>) -> Vec<Meaning> {
    loop {
        let grants = Grants::of(&places);
        let stays = |meaning: &Meaning| match meaning {
            Meaning::Resource(scope) => !held_elsewhere(&grants, scope).holds(scope.letters),
            _ => true,
        };
        let left: Vec<Meaning> = places.iter().filter(|meaning| stays(meaning)).cloned().collect();
        if left.len() == places.len() {
            return left;
        }
        places = left;
    }
}

/// The letters of `scope` that another scope of the merged set grants wherever it does.
fn held_elsewhere(grants: &Grants<'_>, scope: &ResourceScope) -> Letters {
    let mut held = Letters::NONE;
    for (place, on_every_type) in grants.around(scope) {
        if on_every_type || !scope.constraint.is_empty() {
            held |= place.free;
        }
        if scope.constraint.is_empty() || !place.limits(scope.letters) {
            continue;
        }
        let Some(candidates) = place.few_taking_in(&scope.constraint, MOST_COMPARED) else { continue };
        super::work::count(candidates.len());
        for (constraint, letters) in candidates.iter() {
            let itself = !on_every_type && **constraint == scope.constraint;
            if itself || (on_every_type && !defined(constraint, &scope.resource)) {
                continue;
            }
            if constraint.takes_in(&scope.constraint) == Verdict::Covered {
                held |= *letters;
            }
        }
    }
    held
}

/// Whether a constraint on every type means something on this one.
pub(super) fn defined(constraint: &Constraint, resource: &ResourceType) -> bool {
    match resource {
        ResourceType::Every => true,
        ResourceType::Named(name) => constraint.is_defined_on(name),
    }
}
