//! SMART scopes understood: read, compared, decided, measured and put into words.
//!
//! A library of its own inside the crate: it knows nothing of the register, and its facts stand in
//! `seeds/scopes`. Sources: SMART App Launch 2.2.0, FHIR R4 search, RFC 6749 section 3.3, and the Bulk
//! Data guide. What the guide leaves open is decided in one place each and said there.
//!
//! | question | where |
//! | --- | --- |
//! | is this a scope, and what does it mean? | [`parse`], [`scope`], [`constraint`] |
//! | what is in this `scope` string, and what is wrong with it? | [`set`] |
//! | how is it written shortest? | [`canonical`](mod@canonical) |
//! | do these scopes cover those; what is too much? | [`covers`](mod@covers), [`algebra`], [`relation`](mod@relation) |
//! | may this interaction happen? | [`decide`], [`compiled`] |
//! | whose data, how much, how risky? | [`reach`], [`tiers`], [`release`] |
//! | what does a person read? | [`explain`], [`words`], `others`, `reach_words`, [`difference`] |

pub mod algebra;
pub mod batch;
pub mod canonical;
pub mod compiled;
pub mod constraint;
pub mod covers;
pub mod decide;
mod dialect;
pub mod difference;
pub mod error;
pub mod explain;
pub mod grants;
pub mod interaction;
pub mod knowledge;
pub mod letters;
mod measure;
mod others;
pub mod parse;
pub mod percent;
pub mod reach;
mod reach_words;
pub mod reason;
pub mod relation;
pub mod release;
pub mod scope;
pub mod set;
#[cfg(test)]
mod tests;
pub mod tiers;
pub mod words;
pub mod work;

pub use compiled::CompiledScopes;
pub use error::ScopeError;
pub use knowledge::Knowledge;
pub use letters::Letters;
pub use scope::{Context, Meaning, Scope};
pub use set::ScopeSet;

use crate::words;

words! {
    /// Whether something granted takes in something wanted. The order is from best to worst.
    Verdict {
        Covered = "covered", "covered";
        CannotTell = "cannot_tell", "cannot tell";
        NotCovered = "not_covered", "not covered";
    }
}
