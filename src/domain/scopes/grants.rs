//! Scopes arranged by place, so that a question meets only the scopes that could answer it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::constraint::Constraint;
use super::letters::Letters;
use super::scope::{Context, Meaning, ResourceScope, ResourceType};

/// What stands at one place, a context and a type.
#[derive(Debug, Default)]
pub struct Place<'a> {
    /// Letters granted on every resource of the type.
    pub free: Letters,
    /// Letters granted on the resources under a constraint.
    pub limited: Vec<(&'a Constraint, Letters)>,
}

/// A set of scopes arranged for comparison.
#[derive(Debug, Default)]
pub struct Grants<'a> {
    places: HashMap<Context, BTreeMap<&'a ResourceType, Place<'a>>>,
    verbatim: HashSet<&'a Meaning>,
}

impl<'a> Grants<'a> {
    /// Arranges these scopes.
    pub fn of(meanings: impl IntoIterator<Item = &'a Meaning>) -> Self {
        let mut grants = Self::default();
        for meaning in meanings {
            let Meaning::Resource(scope) = meaning else {
                grants.verbatim.insert(meaning);
                continue;
            };
            let place = grants.places.entry(scope.context).or_default().entry(&scope.resource).or_default();
            if scope.constraint.is_empty() {
                place.free |= scope.letters;
            } else {
                place.limited.push((&scope.constraint, scope.letters));
            }
        }
        grants
    }

    /// Whether this very scope is among them: the rule for everything but resource scopes.
    pub fn has(&self, meaning: &Meaning) -> bool {
        self.verbatim.contains(meaning)
    }

    /// The scopes that are no resource scopes.
    pub fn verbatim(&self) -> impl Iterator<Item = &'a Meaning> {
        self.verbatim.iter().copied()
    }

    /// What stands at exactly this place.
    pub fn at(&self, context: Context, resource: &ResourceType) -> Option<&Place<'a>> {
        self.places.get(&context)?.get(resource)
    }

    /// What stands at the place of `scope` and, if it names a type, at the wildcard of its context.
    pub fn around(&self, scope: &ResourceScope) -> impl Iterator<Item = (&Place<'a>, bool)> {
        let here = self.at(scope.context, &scope.resource).map(|place| (place, false));
        let every = match scope.resource {
            ResourceType::Every => None,
            ResourceType::Named(_) => self.at(scope.context, &ResourceType::Every).map(|place| (place, true)),
        };
        here.into_iter().chain(every)
    }

    /// The named types of a context with what stands there, in the order of their names.
    pub fn named(&self, context: Context) -> impl Iterator<Item = (&'a ResourceType, &Place<'a>)> {
        let all = self.places.get(&context).into_iter().flatten();
        all.filter(|(resource, _)| ***resource != ResourceType::Every).map(|(resource, place)| (*resource, place))
    }

    /// How many types a context names.
    pub fn count(&self, context: Context) -> usize {
        self.places.get(&context).map_or(0, BTreeMap::len)
    }
}
