//! How one set of scopes stands to another.

use super::algebra::intersection;
use super::covers::covers;
use super::scope::Meaning;
use super::set::ScopeSet;
use super::{Knowledge, Verdict};
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
///
/// What nobody has explained is held or not held by its text, as [`covers`] has it; that it has nothing in common
/// with something else is never said, because it may reach anything.
pub fn relation(granted: &ScopeSet, wanted: &ScopeSet, knowledge: &Knowledge) -> Relation {
    let onwards = covers(granted, wanted).verdict;
    let back = covers(wanted, granted).verdict;
    match (onwards, back) {
        (Verdict::Covered, Verdict::Covered) => Relation::Equal,
        (Verdict::Covered, Verdict::NotCovered) => Relation::Broader,
        (Verdict::NotCovered, Verdict::Covered) => Relation::Narrower,
        (Verdict::NotCovered, Verdict::NotCovered) => apart(granted, wanted, knowledge),
        _ => Relation::CannotTell,
    }
}

/// Neither covers the other: do they meet?
fn apart(granted: &ScopeSet, wanted: &ScopeSet, knowledge: &Knowledge) -> Relation {
    let shared = intersection(granted, wanted);
    if shared.scopes.iter().any(is_certain) {
        return Relation::Overlapping;
    }
    let unclear = [granted, wanted].into_iter().any(|set| has_unclear(set, knowledge));
    if shared.scopes.is_empty() && shared.open.is_empty() && !unclear {
        Relation::Disjoint
    } else {
        Relation::CannotTell
    }
}

/// Whether something in the set may reach anything: a token that is no scope, an operation, or a scope of a product
/// that nobody has explained.
fn has_unclear(set: &ScopeSet, knowledge: &Knowledge) -> bool {
    let unclear = |meaning: &Meaning| match meaning {
        Meaning::Operation(_) => true,
        Meaning::Custom(token) => !knowledge.products.contains_key(token),
        Meaning::Resource(_) | Meaning::Launch(_) | Meaning::Identity(_) | Meaning::Refresh(_) => false,
    };
    !set.rejected.is_empty() || set.meanings().any(unclear)
}

/// Whether there can be a resource under a shared scope. Two values of `category` may stand side by
/// side on one resource; two values of another parameter need not.
fn is_certain(meaning: &Meaning) -> bool {
    let Meaning::Resource(scope) = meaning else { return true };
    let parameters = scope.constraint.parameters();
    let repeated = |name: &str| parameters.iter().filter(|each| each.name == name).count() > 1;
    parameters.iter().all(|each| !each.experimental && (each.name == "category" || !repeated(&each.name)))
}
