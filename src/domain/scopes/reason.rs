//! Why scopes cover others, do not, or cannot be compared: one sentence's part for the reader.

use std::fmt;

use super::constraint::Constraint;
use super::release::Release;
use super::scope::Meaning;

/// Why the answer is what it is; the first thing that stood in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    NothingWanted,
    AllHeld,
    /// All is held, and part of it rests on a parameter that was compared as text.
    HeldAsWritten(Meaning),
    Missing(Meaning),
    /// Held under a constraint only.
    OnlyUnder(Meaning, Constraint),
    /// Held on named types only, and every type is wanted.
    OnlyNamedTypes(Meaning, Option<Release>),
    Rejected(String),
    SameRejected(String),
    Experimental(Meaning),
    UndefinedOnType(Meaning),
    TooMany,
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingWanted => out.write_str("nothing is wanted"),
            Self::AllHeld => out.write_str("every wanted interaction is granted"),
            Self::HeldAsWritten(part) => write!(
                out,
                "every wanted interaction is granted, but unverifiable: {part} has a modifier, chain or filter, which was compared letter by letter and not understood"
            ),
            Self::Missing(rest) => write!(out, "nothing granted takes in {rest}"),
            Self::OnlyUnder(rest, constraint) => {
                write!(
                    out,
                    "{rest} is granted only where {constraint}; the two may overlap, but one does not take in the other"
                )
            }
            Self::OnlyNamedTypes(rest, None) => {
                write!(out, "{rest} takes in types of later releases, and only named types are granted")
            }
            Self::OnlyNamedTypes(rest, Some(release)) => {
                let release = release.label();
                write!(
                    out,
                    "{rest} takes in types of later releases; what is granted equals every type of {release} today, and no more"
                )
            }
            Self::Rejected(token) => write!(out, "“{token}” is not a scope, so nothing covers it"),
            Self::SameRejected(token) => {
                write!(out, "“{token}” stands on both sides, but it is not a scope and cannot be compared")
            }
            Self::Experimental(rest) => write!(
                out,
                "{rest}: a modifier, chain, filter or range cannot be compared unless both sides are written alike"
            ),
            Self::UndefinedOnType(rest) => write!(
                out,
                "{rest} is granted by a limit on every type, and the guide does not say what that limit means on this one"
            ),
            Self::TooMany => out.write_str("there are too many limits to compare them all; ask for fewer at a time"),
        }
    }
}
