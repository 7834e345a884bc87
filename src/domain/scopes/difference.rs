//! What changes between two sets of scopes, for the person who decides: by coverage, not by text.

use super::canonical::canonical;
use super::scope::{Meaning, ResourceScope, ResourceType};
use super::set::ScopeSet;
use super::{Verdict, covers::covers};
use crate::words;

words! {
    /// What becomes of a permission. A reader meets what widens first.
    Change {
        /// Nothing of it was held.
        New = "new", "New";
        /// Some of it was held.
        Wider = "wider", "Wider";
        /// More than it was held.
        Narrower = "narrower", "Narrower";
        /// It was held, and nothing of it is any more.
        Removed = "removed", "Removed";
        /// The same access in another spelling.
        Respelled = "respelled", "Respelled";
        Same = "same", "Same";
    }
}

/// One line of the difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub change: Change,
    /// The permission afterwards; for a removed one, as it was. In canonical spelling, or a token that is no scope, verbatim.
    pub scope: String,
    /// What of it was held before, where that differs.
    pub was: Vec<String>,
}

/// The lines between `before` and `after`, what widens first.
pub fn difference(before: &ScopeSet, after: &ScopeSet) -> Vec<Line> {
    let (was, is) = (canonical(before.meanings()), canonical(after.meanings()));
    let mut lines = Vec::new();
    for meaning in &is {
        let one = ScopeSet { scopes: vec![meaning.clone().into()], ..ScopeSet::default() };
        let touched: Vec<&Meaning> = was.iter().filter(|each| touch(each, meaning)).collect();
        let held = covers(before, &one).verdict == Verdict::Covered;
        let all_kept = touched.iter().all(|each| covers_one(after, each));
        let spelled =
            before.scopes.iter().any(|each| each.meaning() == meaning && spelled_alike(after, each.written()));
        let change = match (held, touched.is_empty(), all_kept) {
            (false, true, _) => Change::New,
            (false, false, _) => Change::Wider,
            (true, _, false) => Change::Narrower,
            (true, _, true) if spelled => Change::Same,
            (true, _, true) => Change::Respelled,
        };
        let was = if change == Change::Same { Vec::new() } else { touched.iter().map(ToString::to_string).collect() };
        lines.push(Line { change, scope: meaning.to_string(), was });
    }
    for meaning in &was {
        if !covers_one(after, meaning) && !is.iter().any(|each| touch(meaning, each)) {
            lines.push(Line { change: Change::Removed, scope: meaning.to_string(), was: Vec::new() });
        }
    }
    let rejected = |set: &ScopeSet, token: &str| set.rejected.iter().any(|each| each.token == token);
    for each in &after.rejected {
        let change = if rejected(before, &each.token) { Change::Same } else { Change::New };
        lines.push(Line { change, scope: each.token.clone(), was: Vec::new() });
    }
    for each in before.rejected.iter().filter(|each| !rejected(after, &each.token)) {
        lines.push(Line { change: Change::Removed, scope: each.token.clone(), was: Vec::new() });
    }
    lines.sort();
    lines
}

fn covers_one(set: &ScopeSet, meaning: &Meaning) -> bool {
    let one = ScopeSet { scopes: vec![meaning.clone().into()], ..ScopeSet::default() };
    covers(set, &one).verdict == Verdict::Covered
}

fn spelled_alike(after: &ScopeSet, written: &str) -> bool {
    after.scopes.iter().any(|each| each.written() == written)
}

/// Whether two scopes may share an interaction on a record.
fn touch(one: &Meaning, other: &Meaning) -> bool {
    match (one, other) {
        (Meaning::Resource(a), Meaning::Resource(b)) => touch_resources(a, b),
        (a, b) => a == b,
    }
}

fn touch_resources(a: &ResourceScope, b: &ResourceScope) -> bool {
    let types = a.resource == ResourceType::Every || b.resource == ResourceType::Every || a.resource == b.resource;
    a.context == b.context && types
}
