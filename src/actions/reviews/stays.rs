//! What may stay by the decision that stands, and what its system still gives beyond that.

use super::load::Loaded;
use crate::domain::identities::ScopeList;
use crate::domain::reviews::ReviewOutcome;
use crate::domain::reviews::held::gives_no_records;
use crate::domain::reviews::narrowing::gone;
use crate::domain::scopes::scope::{Meaning, Scope};

/// The permissions that may stay by what was decided; nothing where it leaves none, or where nobody decided.
pub fn may_stay(loaded: &Loaded) -> Option<Vec<String>> {
    match loaded.review.outcome? {
        ReviewOutcome::Narrow => loaded.decision()?.kept.as_ref().map(|kept| kept.0.clone()),
        ReviewOutcome::Keep => Some(loaded.holds().stays().to_vec()),
        _ => None,
    }
}

/// What its system gives beyond what may stay, as last seen: by meaning, and in words what no permission says.
pub fn still_given(loaded: &Loaded) -> Vec<String> {
    let Some(stays) = may_stay(loaded) else { return Vec::new() };
    let read = loaded.decision().map_or(&[][..], |decision| decision.sheet.0.lines.as_slice());
    let keeps = loaded.review.outcome == Some(ReviewOutcome::Keep);
    let decided_about = |scope: &str| keeps || read.iter().any(|line| line.scope == scope);
    let issued = loaded.on(ScopeList::Issued);
    gone(issued.iter().map(String::as_str).filter(|scope| counts(scope, decided_about)), &stays)
}

/// Whether a scope that a system gives speaks about what was taken away: what gives no records does not, and neither
/// does staying signed in, where that was never decided about.
fn counts(scope: &str, decided_about: impl Fn(&str) -> bool) -> bool {
    match Scope::parse(scope) {
        Ok(parsed) if matches!(parsed.meaning(), Meaning::Refresh(_)) => decided_about(&parsed.to_string()),
        _ => !gives_no_records(scope),
    }
}
