//! Brute force: what a set of scopes allows, asked atom by atom, with rules written a second time.
//!
//! An atom is one interaction letter on one resource of one type in one context; a resource is its
//! type and its category codings. The universe holds a type and a code system that no scope names,
//! so that "every type" and "any system" can be told from all that are named.

use crate::domain::scopes::scope::{Context, Meaning};
use crate::domain::scopes::set::ScopeSet;

pub const TYPES: [&str; 3] = ["Observation", "Condition", "Unheard"];
pub const LETTERS: [char; 5] = ['c', 'r', 'u', 'd', 's'];

pub type Codings = Vec<(Option<&'static str>, &'static str)>;

/// Resources as their category codings.
pub fn resources() -> Vec<Codings> {
    let codings = [
        (Some("s"), "a"),
        (Some("t"), "a"),
        (Some("unheard"), "a"),
        (None, "a"),
        (Some("s"), "b"),
        (None, "b"),
        (Some("s"), "unheard"),
        (Some("unheard"), "b"),
    ];
    let mut all: Vec<Codings> = vec![Vec::new()];
    for (number, first) in codings.iter().enumerate() {
        all.push(vec![*first]);
        all.extend(codings.iter().skip(number + 1).map(|second| vec![*first, *second]));
    }
    all
}

#[derive(Debug, Clone)]
pub struct Atom {
    pub context: Context,
    pub resource: &'static str,
    pub letter: char,
    pub codings: Codings,
}

pub fn every_atom() -> Vec<Atom> {
    let mut atoms = Vec::new();
    for context in Context::ALL {
        for resource in TYPES {
            for letter in LETTERS {
                for codings in resources() {
                    atoms.push(Atom { context: *context, resource, letter, codings });
                }
            }
        }
    }
    atoms
}

/// Whether the set allows the atom, from the text of its scopes alone.
pub fn allows(set: &ScopeSet, atom: &Atom) -> bool {
    set.meanings().any(|meaning| matches!(meaning, Meaning::Resource(_)) && text_allows(&meaning.to_string(), atom))
}

fn text_allows(text: &str, atom: &Atom) -> bool {
    let (place, suffix) = text.split_once('?').map_or((text, ""), |(place, suffix)| (place, suffix));
    let (context, rest) = place.split_once('/').unwrap();
    let (resource, letters) = rest.split_once('.').unwrap();
    context == atom.context.word()
        && (resource == "*" || resource == atom.resource)
        && letters.contains(atom.letter)
        && suffix.split('&').filter(|each| !each.is_empty()).all(|parameter| {
            let (_, values) = parameter.split_once('=').unwrap();
            values.split(',').any(|value| atom.codings.iter().any(|coding| matches(value, *coding)))
        })
}

fn matches(value: &str, (system, code): (Option<&str>, &str)) -> bool {
    if let Some(bare) = value.strip_prefix('|') {
        return system.is_none() && bare == code;
    }
    if let Some(whole) = value.strip_suffix('|') {
        return system == Some(whole);
    }
    match value.split_once('|') {
        Some((wanted, bare)) => system == Some(wanted) && bare == code,
        None => value == code,
    }
}
