//! How one set of scopes stands to another.

use super::Verdict;
use super::algebra::intersection;
use super::covers::covers;
use super::scope::Meaning;
use super::set::ScopeSet;
use crate::words;

words! {
    /// How the scopes granted stand to the scopes wanted.
    Relation {
        /// Each covers the other.
        Equal = "equal", "the same access";
        /// The wanted scopes cover the granted ones.
        Narrower = "narrower", "narrower";
        /// The granted scopes cover the wanted ones.
        Broader = "broader", "broader";
        /// Less here and more there.
        Overlapping = "overlapping", "less here, more there";
        /// Nothing in common.
        Disjoint = "disjoint", "nothing in common";
        CannotTell = "cannot_tell", "cannot tell";
    }
}

/// How `granted` stands to `wanted`. Nothing granted is narrower than anything wanted.
pub fn relation(granted: &ScopeSet, wanted: &ScopeSet) -> Relation {
    let onwards = covers(granted, wanted).verdict;
    let back = covers(wanted, granted).verdict;
    match (onwards, back) {
        (Verdict::Covered, Verdict::Covered) => Relation::Equal,
        (Verdict::Covered, Verdict::NotCovered) => Relation::Broader,
        (Verdict::NotCovered, Verdict::Covered) => Relation::Narrower,
        (Verdict::NotCovered, Verdict::NotCovered) => apart(granted, wanted),
        _ => Relation::CannotTell,
    }
}

/// Neither covers the other: do they meet?
fn apart(granted: &ScopeSet, wanted: &ScopeSet) -> Relation {
    let shared = intersection(granted, wanted);
    if shared.scopes.iter().any(is_certain) {
        return Relation::Overlapping;
    }
    if shared.scopes.is_empty() && shared.open.is_empty() { Relation::Disjoint } else { Relation::CannotTell }
}

/// Whether there can be a resource under a shared scope. Two values of `category` may stand side by
/// side on one resource; two values of another parameter need not.
fn is_certain(meaning: &Meaning) -> bool {
    let Meaning::Resource(scope) = meaning else { return true };
    let parameters = scope.constraint.parameters();
    let repeated = |name: &str| parameters.iter().filter(|each| each.name == name).count() > 1;
    parameters.iter().all(|each| !each.experimental && (each.name == "category" || !repeated(&each.name)))
}
