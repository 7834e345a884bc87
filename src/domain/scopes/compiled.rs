//! A set of scopes arranged once, so that a decision costs two lookups and no allocation.

use super::letters::Letters;
use super::scope::{Context, Meaning, ResourceType, Scope};

/// One scope at a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub letters: Letters,
    /// Its number in the compiled set.
    pub scope: usize,
}

/// What stands at one type of one context.
#[derive(Debug, Clone, Default)]
pub(super) struct Shelf {
    /// Every letter granted without a constraint.
    pub free: Letters,
    pub unlimited: Vec<Entry>,
    pub limited: Vec<Entry>,
}

/// The types of one context.
#[derive(Debug, Clone, Default)]
struct Shelves {
    every: Shelf,
    /// Sorted by name.
    named: Vec<(Box<str>, Shelf)>,
}

/// Scopes ready to decide; see [`super::decide`].
#[derive(Debug, Clone, Default)]
pub struct CompiledScopes {
    scopes: Vec<Scope>,
    contexts: [Shelves; 3],
    /// The numbers of the named operations.
    operations: Vec<usize>,
}

impl CompiledScopes {
    /// Arranges these scopes; what is not a resource or operation scope allows no interaction.
    pub fn of(scopes: impl IntoIterator<Item = Scope>) -> Self {
        let mut compiled = Self { scopes: scopes.into_iter().collect(), ..Self::default() };
        let mut named: [std::collections::BTreeMap<Box<str>, Shelf>; 3] = Default::default();
        for (number, scope) in compiled.scopes.iter().enumerate() {
            let resource_scope = match scope.meaning() {
                Meaning::Resource(resource_scope) => resource_scope,
                Meaning::Operation(_) => {
                    compiled.operations.push(number);
                    continue;
                }
                _ => continue,
            };
            let place = place_of(resource_scope.context);
            let shelf = match &resource_scope.resource {
                ResourceType::Every => compiled.contexts.get_mut(place).map(|shelves| &mut shelves.every),
                ResourceType::Named(name) => named.get_mut(place).map(|all| all.entry(name.clone()).or_default()),
            };
            let Some(shelf) = shelf else { continue };
            let entry = Entry { letters: resource_scope.letters, scope: number };
            if resource_scope.constraint.is_empty() {
                shelf.free |= entry.letters;
                shelf.unlimited.push(entry);
            } else {
                shelf.limited.push(entry);
            }
        }
        for (shelves, all) in compiled.contexts.iter_mut().zip(named) {
            shelves.named = all.into_iter().collect();
        }
        compiled
    }

    /// The scopes it was made of.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// The scope of a number found on a shelf.
    pub(super) fn scope(&self, number: usize) -> Option<&Scope> {
        self.scopes.get(number)
    }

    /// The shelf of the wildcard type.
    pub(super) fn every(&self, context: Context) -> Option<&Shelf> {
        self.contexts.get(place_of(context)).map(|shelves| &shelves.every)
    }

    /// The shelf of one type, if any scope names it.
    pub(super) fn named(&self, context: Context, name: &str) -> Option<&Shelf> {
        let shelves = self.contexts.get(place_of(context))?;
        let found = shelves.named.binary_search_by(|(each, _)| (**each).cmp(name)).ok()?;
        shelves.named.get(found).map(|(_, shelf)| shelf)
    }

    /// Whether any resource scope of this context is held.
    pub(super) fn reaches(&self, context: Context) -> bool {
        self.contexts.get(place_of(context)).is_some_and(|shelves| {
            !shelves.named.is_empty() || !shelves.every.unlimited.is_empty() || !shelves.every.limited.is_empty()
        })
    }

    /// The named operations that are held.
    pub(super) fn operations(&self) -> impl Iterator<Item = &Scope> {
        self.operations.iter().filter_map(|number| self.scopes.get(*number))
    }
}

const fn place_of(context: Context) -> usize {
    match context {
        Context::Patient => 0,
        Context::User => 1,
        Context::System => 2,
    }
}
