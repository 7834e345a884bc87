//! The `scope` string of a token or of a client: a list of tokens, with what is wrong with it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::dialect;
use super::error::ScopeError;
use super::scope::{Meaning, Scope};

/// The scopes of a string, each meaning once, with everything that was not taken as it stood.
#[derive(Debug, Clone, Default)]
pub struct ScopeSet {
    /// The valid scopes in the order in which they were first met.
    pub scopes: Vec<Scope>,
    /// The tokens that are none, as they were given.
    pub rejected: Vec<Rejected>,
    /// What was overlooked or read otherwise than written.
    pub repairs: Vec<Repair>,
}

/// A token that is not a scope. It grants nothing, and it is never dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    pub token: String,
    pub reason: ScopeError,
}

/// Something read otherwise than written, recorded so that nothing changes silently.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Repair {
    #[error("white space other than one space between scopes was read as one space")]
    WhiteSpace,
    #[error("{token} stands {times} times and counts once")]
    Duplicate { token: String, times: usize },
    #[error("{written} means the same as {kept} and counts once")]
    SameMeaning { written: String, kept: String },
    #[error("the long form {written} is the scope {read}")]
    LongForm { written: String, read: String },
    #[error("{written} was read as {read}")]
    Dialect { written: String, read: String },
}

/// Whether a token of a product's dialect is read or rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialects {
    Rejected,
    Read,
}

impl ScopeSet {
    /// Reads a `scope` string (RFC 6749 section 3.3). Other white space than single spaces is repaired and reported.
    pub fn parse(text: &str) -> Self {
        let blank = |each: char| matches!(each, ' ' | '\t' | '\n' | '\r');
        let mut set = Self::read(text.split(blank).filter(|token| !token.is_empty()), Dialects::Rejected);
        let untidy = text.starts_with(blank)
            || text.ends_with(blank)
            || text.contains("  ")
            || text.contains(|each: char| blank(each) && each != ' ');
        if untidy {
            set.repairs.insert(0, Repair::WhiteSpace);
        }
        set
    }

    /// Reads tokens that stand apart already, as in a list of JSON.
    pub fn of<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Self {
        Self::read(tokens, Dialects::Rejected)
    }

    /// Reads what a product is configured to give, in whatever spelling it can write ([`super::dialect`]).
    pub fn of_product<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Self {
        Self::read(tokens, Dialects::Read)
    }

    fn read<'a>(tokens: impl IntoIterator<Item = &'a str>, dialects: Dialects) -> Self {
        let mut set = Self::default();
        let mut seen: HashMap<Meaning, usize> = HashMap::new();
        let mut repeated: Vec<&str> = Vec::new();
        let mut times: HashMap<&str, usize> = HashMap::new();
        for token in tokens {
            let number = times.entry(token).or_default();
            *number += 1;
            if *number > 1 {
                if *number == 2 {
                    repeated.push(token);
                }
                continue;
            }
            let scope = match (Scope::parse(token), dialects) {
                (Ok(scope), _) => scope,
                (Err(reason), Dialects::Rejected) => {
                    set.rejected.push(Rejected { token: token.to_owned(), reason });
                    continue;
                }
                (Err(reason), Dialects::Read) => {
                    match dialect::meant(token).and_then(|read| Scope::parse(&read).ok()) {
                        Some(scope) => {
                            set.repairs.push(Repair::Dialect { written: token.to_owned(), read: scope.to_string() });
                            scope
                        }
                        None => {
                            set.rejected.push(Rejected { token: token.to_owned(), reason });
                            continue;
                        }
                    }
                }
            };
            if token.starts_with("http:") && scope.to_string() != token {
                set.repairs.push(Repair::LongForm { written: token.to_owned(), read: scope.to_string() });
            }
            match seen.entry(scope.meaning().clone()) {
                Entry::Vacant(place) => {
                    place.insert(set.scopes.len());
                    set.scopes.push(scope);
                }
                Entry::Occupied(place) => {
                    let kept = set.scopes.get(*place.get()).map(|each| each.written().to_owned()).unwrap_or_default();
                    set.repairs.push(Repair::SameMeaning { written: token.to_owned(), kept });
                }
            }
        }
        for token in repeated {
            let times = times.get(token).copied().unwrap_or_default();
            set.repairs.push(Repair::Duplicate { token: token.to_owned(), times });
        }
        set
    }

    /// What its scopes mean.
    pub fn meanings(&self) -> impl Iterator<Item = &Meaning> {
        self.scopes.iter().map(Scope::meaning)
    }
}
