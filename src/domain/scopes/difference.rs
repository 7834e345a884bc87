//! What changes between two sets of scopes, for the person who decides: by coverage, not by text.

use std::collections::{HashMap, HashSet};

use super::canonical::canonical;
use super::constraint::Constraint;
use super::covers::Held;
use super::scope::{Context, Meaning, ResourceType};
use super::set::ScopeSet;
use crate::words;

/// Scopes of before that are named in one line; the others are counted.
const MOST_NAMED: usize = 20;

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
    /// What of it was held before, where that differs; beyond twenty scopes the last entry counts the others.
    pub was: Vec<String>,
}

/// The lines between `before` and `after`, what widens first.
pub fn difference(before: &ScopeSet, after: &ScopeSet) -> Vec<Line> {
    let (was, is) = (canonical(before.meanings()), canonical(after.meanings()));
    let (mut held_before, mut held_after) = (Held::of(before), Held::of(after));
    let known = Places::of(&was, |meaning| held_after.covers_one(meaning));
    let (spelled_before, spelled_after) = (spellings(before), spellings(after));
    let mut lines = Vec::with_capacity(is.len());
    for meaning in &is {
        let touched = known.touching(meaning);
        let held = held_before.covers_one(meaning);
        let spelled = spelled_before.get(&spot(meaning)) == spelled_after.get(&spot(meaning));
        let change = match (held, touched.count == 0, touched.lost == 0) {
            (false, true, _) => Change::New,
            (false, false, _) => Change::Wider,
            (true, _, false) => Change::Narrower,
            (true, _, true) if spelled => Change::Same,
            (true, _, true) => Change::Respelled,
        };
        let was = if change == Change::Same { Vec::new() } else { touched.names() };
        lines.push(Line { change, scope: meaning.to_string(), was });
    }
    let left = Places::of(&is, |_| true);
    for meaning in &was {
        if left.touching(meaning).count == 0 && !held_after.covers_one(meaning) {
            lines.push(Line { change: Change::Removed, scope: meaning.to_string(), was: Vec::new() });
        }
    }
    lines.extend(tokens(before, after));
    lines.sort();
    lines
}

/// The lines of tokens that are no scopes.
fn tokens(before: &ScopeSet, after: &ScopeSet) -> Vec<Line> {
    let all = |set: &ScopeSet| set.rejected.iter().map(|each| each.token.clone()).collect::<HashSet<_>>();
    let (was, is) = (all(before), all(after));
    let line = |change, token: &String| Line { change, scope: token.clone(), was: Vec::new() };
    let stays = is.iter().map(|token| line(if was.contains(token) { Change::Same } else { Change::New }, token));
    stays.chain(was.difference(&is).map(|token| line(Change::Removed, token))).collect()
}

/// Where a meaning stands: resource scopes by context, type and constraint, every other by itself.
#[derive(PartialEq, Eq, Hash)]
enum Spot<'a> {
    Place(Context, &'a ResourceType, &'a Constraint),
    Itself(&'a Meaning),
}

fn spot(meaning: &Meaning) -> Spot<'_> {
    match meaning {
        Meaning::Resource(scope) => Spot::Place(scope.context, &scope.resource, &scope.constraint),
        other => Spot::Itself(other),
    }
}

/// How the scopes of each spot are written.
fn spellings(set: &ScopeSet) -> HashMap<Spot<'_>, HashSet<&str>> {
    let mut spelled: HashMap<Spot<'_>, HashSet<&str>> = HashMap::new();
    for scope in &set.scopes {
        spelled.entry(spot(scope.meaning())).or_default().insert(scope.written());
    }
    spelled
}

/// Scopes that may share an interaction on a record with another one.
#[derive(Default, Clone)]
struct Touched<'a> {
    count: usize,
    /// How many of them are not kept.
    lost: usize,
    first: Vec<&'a Meaning>,
}

impl<'a> Touched<'a> {
    fn add(&mut self, meaning: &'a Meaning, kept: bool) {
        self.count += 1;
        self.lost += usize::from(!kept);
        if self.first.len() < MOST_NAMED {
            self.first.push(meaning);
        }
    }

    fn and(mut self, other: &Self) -> Self {
        self.count += other.count;
        self.lost += other.lost;
        self.first.extend(&other.first);
        self.first.truncate(MOST_NAMED);
        self
    }

    fn names(&self) -> Vec<String> {
        let more = self.count - self.first.len();
        let counted = (more > 0).then(|| format!("{more} more"));
        self.first.iter().map(ToString::to_string).chain(counted).collect()
    }
}

/// Meanings by where they stand, so that those a scope touches are found without looking at each.
#[derive(Default)]
struct Places<'a> {
    /// By context and type; without a type, everything of the context.
    resources: HashMap<(Context, Option<&'a ResourceType>), Touched<'a>>,
    others: HashMap<&'a Meaning, Touched<'a>>,
}

impl<'a> Places<'a> {
    fn of(meanings: &'a [Meaning], mut kept: impl FnMut(&Meaning) -> bool) -> Self {
        let mut places = Self::default();
        for meaning in meanings {
            let kept = kept(meaning);
            match meaning {
                Meaning::Resource(scope) => {
                    for resource in [Some(&scope.resource), None] {
                        places.resources.entry((scope.context, resource)).or_default().add(meaning, kept);
                    }
                }
                other => places.others.entry(other).or_default().add(meaning, kept),
            }
        }
        places
    }

    /// Scopes of the same context that stand on the type, or on every type.
    fn touching(&self, meaning: &Meaning) -> Touched<'a> {
        let Meaning::Resource(scope) = meaning else {
            return self.others.get(meaning).cloned().unwrap_or_default();
        };
        let at = |resource: Option<&'a ResourceType>| self.resources.get(&(scope.context, resource));
        match &scope.resource {
            ResourceType::Every => at(None).cloned().unwrap_or_default(),
            named => {
                let here = self.resources.get(&(scope.context, Some(named))).cloned().unwrap_or_default();
                match at(Some(&ResourceType::Every)) {
                    Some(every) => here.and(every),
                    None => here,
                }
            }
        }
    }
}
