//! Union, intersection and difference of two sets of scopes.
//!
//! A result is a list of scopes and, for what no finite list can say, a text: "every type but
//! Observation" is no scope.

use super::canonical::canonical;
use super::constraint::Constraint;
use super::covers::uncovered;
use super::grants::{Grants, Place};
use super::letters::Letters;
use super::scope::{Meaning, ResourceScope, ResourceType};
use super::set::ScopeSet;
use super::work::Work;

/// Pairs of constraints that are combined in one question.
const MOST_PAIRS: usize = 20_000;
/// Types and limits that are named in one text; the others are counted.
const MOST_NAMED: usize = 20;

/// Scopes, and in words what scopes cannot say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// In the shortest form.
    pub scopes: Vec<Meaning>,
    /// Each a sentence's part that stands for itself.
    pub open: Vec<String>,
}

/// Everything either set grants.
pub fn union(a: &ScopeSet, b: &ScopeSet) -> Answer {
    Answer { scopes: canonical(a.meanings().chain(b.meanings())), open: rejected(a).chain(rejected(b)).collect() }
}

/// What both sets grant.
pub fn intersection(a: &ScopeSet, b: &ScopeSet) -> Answer {
    let (a_shortest, b_shortest) = (canonical(a.meanings()), canonical(b.meanings()));
    let (a_grants, b_grants) = (Grants::of(&a_shortest), Grants::of(&b_shortest));
    let mut found = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut pairs = 0_usize;
    let mut work = Work::new();
    for meaning in &a_shortest {
        let Meaning::Resource(scope) = meaning else {
            if b_grants.has(meaning) {
                found.push(meaning.clone());
            }
            continue;
        };
        // What the other side holds whole is shared whole, and what it shares with single limits lies within.
        if uncovered(&b_grants, scope, &mut work).is_empty() {
            found.push(meaning.clone());
            continue;
        }
        for (place, _) in b_grants.around(scope) {
            meet(scope, place, &mut found, &mut pairs);
        }
    }
    // Where the other side is the narrower one.
    for meaning in &b_shortest {
        let Meaning::Resource(scope) = meaning else { continue };
        if scope.resource == ResourceType::Every {
            continue;
        }
        if uncovered(&a_grants, scope, &mut work).is_empty() {
            found.push(meaning.clone());
            continue;
        }
        if let Some(place) = a_grants.at(scope.context, &ResourceType::Every) {
            meet(scope, place, &mut found, &mut pairs);
        }
    }
    if pairs > MOST_PAIRS {
        open.push(format!("limits shared beyond the first {MOST_PAIRS} pairs; compare fewer scopes at a time"));
    }
    Answer { scopes: canonical(&found), open }
}

/// What `scope` and the scopes at `place` grant together.
fn meet(scope: &ResourceScope, place: &Place<'_>, found: &mut Vec<Meaning>, pairs: &mut usize) {
    let free = scope.letters & place.free;
    if !free.is_empty() {
        found.push(Meaning::Resource(scope.with_letters(free)));
    }
    for (constraint, letters) in &place.limited {
        let both = scope.letters & *letters;
        if both.is_empty() {
            continue;
        }
        *pairs += 1;
        if *pairs > MOST_PAIRS {
            return;
        }
        found.push(Meaning::Resource(scope.with_letters(both).under(scope.constraint.and(constraint))));
    }
}

/// What `a` grants and `b` does not: the excess of `a` over `b`.
pub fn difference(a: &ScopeSet, b: &ScopeSet) -> Answer {
    let (a_shortest, b_shortest) = (canonical(a.meanings()), canonical(b.meanings()));
    let grants = Grants::of(&b_shortest);
    let mut answer = Answer { scopes: Vec::new(), open: rejected(a).collect() };
    let mut work = Work::new();
    let mut not_compared = 0_usize;
    for meaning in &a_shortest {
        match meaning {
            Meaning::Resource(scope) => {
                let types = if scope.resource == ResourceType::Every { grants.count(scope.context) } else { 0 };
                if work.allows(1 + types) {
                    subtract(scope, &grants, &mut work, &mut answer);
                } else {
                    not_compared += 1;
                }
            }
            other if grants.has(other) => {}
            other => answer.scopes.push(other.clone()),
        }
    }
    answer.scopes = canonical(&answer.scopes);
    if not_compared > 0 {
        answer.open.push(format!("{not_compared} scopes that were not compared; compare fewer at a time"));
    }
    answer
}

/// What of `scope` the grants leave.
fn subtract(scope: &ResourceScope, grants: &Grants<'_>, work: &mut Work, answer: &mut Answer) {
    for left in uncovered(grants, scope, work) {
        let left = match left.resource {
            ResourceType::Every => leave_named_types(left, grants, work, answer),
            ResourceType::Named(_) => left,
        };
        leave_limits(left, grants, work, answer);
    }
}

/// Takes out the resources that a granted constraint already gives, in words.
fn leave_limits(left: ResourceScope, grants: &Grants<'_>, work: &mut Work, answer: &mut Answer) {
    let around = || grants.around(&left).map(|(place, _)| place).filter(|place| place.limits(left.letters));
    let touched = around().fold(Letters::NONE, |touched, place| touched | (place.touched() & left.letters));
    let untouched = left.letters - touched;
    if !untouched.is_empty() {
        answer.scopes.push(Meaning::Resource(left.with_letters(untouched)));
    }
    if touched.is_empty() {
        return;
    }
    let limits: Vec<&Constraint> = if work.allows(around().map(|place| place.limited.len()).sum()) {
        let limited = around().flat_map(|place| &place.limited);
        limited.filter(|(_, letters)| letters.meets(left.letters)).map(|(constraint, _)| *constraint).collect()
    } else {
        Vec::new()
    };
    let except = if limits.is_empty() { "it is granted under a limit".to_owned() } else { listed(&limits, " or ") };
    answer.open.push(format!("{} except where {except}", left.with_letters(touched)));
}

/// Takes the named types out of a wildcard: what is left of them as scopes, the others in words.
/// Returns what no named type touches: all of it, or nothing.
fn leave_named_types(every: ResourceScope, grants: &Grants<'_>, work: &mut Work, answer: &mut Answer) -> ResourceScope {
    let meets = |place: &Place<'_>| place.free.meets(every.letters) || place.limits(every.letters);
    let named: Vec<_> = grants.named(every.context).filter(|(_, place)| meets(place)).collect();
    if named.is_empty() {
        return every;
    }
    for (resource, _) in &named {
        subtract(&ResourceScope { resource: (*resource).clone(), ..every.clone() }, grants, work, answer);
    }
    let names: Vec<&ResourceType> = named.iter().map(|(resource, _)| *resource).collect();
    answer.open.push(format!("{every} on every type except {}", listed(&names, ", ")));
    every.with_letters(Letters::NONE)
}

/// Items in a row; beyond the first twenty their number.
fn listed(items: &[impl ToString], between: &str) -> String {
    let shown = items.iter().take(MOST_NAMED).map(ToString::to_string).collect::<Vec<_>>().join(between);
    match items.len().saturating_sub(MOST_NAMED) {
        0 => shown,
        more => format!("{shown}{between}{more} more"),
    }
}

/// Tokens that are no scopes take part in no arithmetic, and are said.
fn rejected(set: &ScopeSet) -> impl Iterator<Item = String> {
    set.rejected.iter().map(|each| format!("{}: {}", each.token, each.reason))
}
