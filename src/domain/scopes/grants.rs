//! Scopes arranged by place, so that a question meets only the scopes that could answer it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::constraint::Constraint;
use super::letters::Letters;
use super::scope::{Context, Meaning, ResourceScope, ResourceType};

/// From so many constraints at one place on, those that could take in another are looked up by its values.
const MANY: usize = 16;

/// What stands at one place, a context and a type.
#[derive(Debug, Default)]
pub struct Place<'a> {
    /// Letters granted on every resource of the type.
    pub free: Letters,
    /// Letters granted on the resources under a constraint.
    pub limited: Vec<(&'a Constraint, Letters)>,
    /// Letters that stand under any constraint.
    touched: Letters,
    /// The first constraint of each letter, in the order of the grammar.
    first: [Option<&'a Constraint>; 5],
    /// Where there are many: the constraints by the values of their first parameter.
    by_value: HashMap<(&'a str, &'a str), Vec<usize>>,
    /// Where there are many: those that can leave a comparison undecided.
    uncertain: Vec<usize>,
}

impl<'a> Place<'a> {
    fn add(&mut self, scope: &'a ResourceScope) {
        if scope.constraint.is_empty() {
            self.free |= scope.letters;
            return;
        }
        for ((_, letter), first) in Letters::IN_ORDER.iter().zip(&mut self.first) {
            if first.is_none() && scope.letters.holds(*letter) {
                *first = Some(&scope.constraint);
            }
        }
        self.touched |= scope.letters;
        self.limited.push((&scope.constraint, scope.letters));
    }

    fn index(&mut self) {
        if self.limited.len() < MANY {
            return;
        }
        for (number, (constraint, _)) in self.limited.iter().enumerate() {
            let Some(first) = constraint.parameters().first() else { continue };
            for value in &first.values {
                self.by_value.entry((&first.name, value)).or_default().push(number);
            }
            if constraint.is_uncertain() {
                self.uncertain.push(number);
            }
        }
    }

    /// The constraints that may take in another one, with their letters. Every one that does is among them:
    /// its first parameter has the other's value, or what that value lies inside.
    pub fn taking_in(&self, other: &Constraint) -> Cow<'_, [(&'a Constraint, Letters)]> {
        if self.limited.len() < MANY {
            return Cow::Borrowed(&self.limited);
        }
        self.at(self.numbers(other, usize::MAX).unwrap_or_default())
    }

    /// The same, where no more than `most` must be looked at.
    pub fn few_taking_in(&self, other: &Constraint, most: usize) -> Option<Cow<'_, [(&'a Constraint, Letters)]>> {
        if self.limited.len() < MANY {
            return Some(Cow::Borrowed(&self.limited));
        }
        self.numbers(other, most).map(|numbers| self.at(numbers))
    }

    /// Whether more must be compared than what may take in another one, because bytes alone do not decide.
    pub fn is_undecided_by_values(&self, other: &Constraint) -> bool {
        self.limited.len() >= MANY && (other.is_experimental() || !self.uncertain.is_empty())
    }

    /// The same, and those whose comparison may be undecided.
    pub fn comparable(&self, other: &Constraint) -> Cow<'_, [(&'a Constraint, Letters)]> {
        if self.limited.len() < MANY || other.is_experimental() {
            return Cow::Borrowed(&self.limited);
        }
        let mut numbers = self.numbers(other, usize::MAX).unwrap_or_default();
        numbers.extend(&self.uncertain);
        self.at(numbers)
    }

    /// The numbers of the constraints at which the values of another stand, or what they lie inside. `None` for
    /// more than `most`, before they are gathered: thousands gathered for each of thousands take their product.
    fn numbers(&self, other: &Constraint, most: usize) -> Option<Vec<usize>> {
        let mut numbers: Vec<usize> = Vec::new();
        let mut look_up = |name: &str, value: &str| {
            let found = self.by_value.get(&(name, value)).map_or(&[][..], Vec::as_slice);
            let few = found.len() <= most.saturating_sub(numbers.len());
            if few {
                numbers.extend(found);
            }
            few.then_some(())
        };
        for parameter in other.parameters() {
            // All values must lie inside, so the first must.
            let Some(value) = parameter.values.first() else { continue };
            look_up(&parameter.name, value)?;
            if let Some((system, code)) = value.split_once('|').filter(|_| !parameter.experimental) {
                look_up(&parameter.name, code)?;
                look_up(&parameter.name, &format!("{system}|"))?;
            }
        }
        Some(numbers)
    }

    fn at(&self, mut numbers: Vec<usize>) -> Cow<'_, [(&'a Constraint, Letters)]> {
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().filter_map(|number| self.limited.get(number).copied()).collect()
    }

    /// The letters that stand under any constraint.
    pub fn touched(&self) -> Letters {
        self.touched
    }

    /// Whether any of these letters stands under a constraint.
    pub fn limits(&self, letters: Letters) -> bool {
        self.touched.meets(letters)
    }

    /// The first constraint under which any of these letters stands.
    pub fn first_limit(&self, letters: Letters) -> Option<&'a Constraint> {
        let shared = self.touched & letters;
        let places = Letters::IN_ORDER.iter().zip(&self.first);
        places.filter(|((_, letter), _)| shared.meets(*letter)).find_map(|(_, first)| *first)
    }
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
            grants.places.entry(scope.context).or_default().entry(&scope.resource).or_default().add(scope);
            super::work::count(1);
        }
        grants.places.values_mut().flat_map(BTreeMap::values_mut).for_each(Place::index);
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
