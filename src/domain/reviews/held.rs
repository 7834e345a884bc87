//! What an identity may do, decided in one place: what was approved, what its system gives, and what it gives beyond.
//!
//! What it may do at present is what its system gives, as far as that was seen, else what was approved. A reviewer reads
//! both together. Keeping means what was approved: nobody approves anything by keeping it.

use crate::domain::scopes::covers::Held as Granted;
use crate::domain::scopes::scope::{Meaning, Scope};
use crate::domain::scopes::{ScopeSet, Verdict, algebra};

/// The permissions of an identity on the two lists that count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    pub approved: Vec<String>,
    pub issued: Vec<String>,
}

/// A permission that its system gives and nobody approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    /// As it is written on the wire: where that can be said, only what goes beyond.
    pub scope: String,
    /// Whether a comparison can decide it. What it cannot decide is not taken for approved.
    pub compared: bool,
}

impl Held {
    /// Everything that it may do or was approved to do; what was approved first.
    pub fn all(&self) -> Vec<String> {
        if self.approved.is_empty() {
            return self.issued.clone();
        }
        let mut all = self.approved.clone();
        let beyond = self.beyond().into_iter().map(|one| one.scope);
        let without_records = self.issued.iter().filter(|scope| gives_no_records(scope)).cloned();
        for scope in beyond.chain(without_records) {
            if !all.contains(&scope) {
                all.push(scope);
            }
        }
        all
    }

    /// What stays where it is kept: what was approved, and where nothing was, what its system gives.
    pub fn stays(&self) -> &[String] {
        if self.approved.is_empty() { &self.issued } else { &self.approved }
    }

    /// What stays where it is kept, with what gives no records and is never taken away.
    pub fn left(&self) -> Vec<String> {
        let mut left = self.stays().to_vec();
        for scope in self.issued.iter().filter(|scope| gives_no_records(scope)) {
            if !left.contains(scope) {
                left.push(scope.clone());
            }
        }
        left
    }

    /// What its system gives beyond what was approved. Where nothing was approved there is nothing to go beyond.
    pub fn beyond(&self) -> Vec<Beyond> {
        let mut found: Vec<Beyond> = Vec::new();
        if self.approved.is_empty() {
            return found;
        }
        let approved = ScopeSet::of_product(self.approved.iter().map(String::as_str));
        let mut granted = Granted::of(&approved);
        for scope in &self.issued {
            let one = ScopeSet::of_product([scope.as_str()]);
            let verdict = granted.covers(&one).verdict;
            if verdict == Verdict::Covered || gives_no_records(scope) || self.approved.contains(scope) {
                continue;
            }
            let compared = verdict == Verdict::NotCovered && one.rejected.is_empty();
            let left = algebra::difference(&one, &approved);
            let parts = match compared && left.open.is_empty() && !left.scopes.is_empty() {
                true => left.scopes.iter().map(ToString::to_string).collect(),
                // What no list of permissions says exactly stands as its system gives it.
                false => vec![scope.clone()],
            };
            for scope in parts {
                if !found.iter().any(|known| known.scope == scope) {
                    found.push(Beyond { scope, compared });
                }
            }
        }
        found
    }
}

/// Whether a permission only starts an app or tells who signed in: it reaches no records.
pub fn gives_no_records(scope: &str) -> bool {
    Scope::parse(scope).is_ok_and(|parsed| matches!(parsed.meaning(), Meaning::Launch(_) | Meaning::Identity(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(approved: &[&str], issued: &[&str]) -> Held {
        let own = |scopes: &[&str]| scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Held { approved: own(approved), issued: own(issued) }
    }

    fn beyond(approved: &[&str], issued: &[&str]) -> Vec<String> {
        held(approved, issued).beyond().into_iter().map(|one| one.scope).collect()
    }

    #[test]
    fn what_its_system_gives_beyond_is_exactly_the_part_that_nobody_approved() {
        assert_eq!(beyond(&["patient/Observation.rs"], &["patient/Observation.cruds"]), ["patient/Observation.cud"]);
        assert_eq!(beyond(&["patient/Observation.rs"], &["patient/Observation.read"]), Vec::<String>::new());
        assert_eq!(
            beyond(&["patient/Observation.rs"], &["patient/*.rs"]),
            ["patient/*.rs"],
            "every type but one is no permission"
        );
        assert_eq!(beyond(&["patient/Observation.rs"], &["offline_access"]), ["offline_access"]);
    }

    #[test]
    fn what_gives_no_records_is_read_and_goes_beyond_nothing() {
        let one = held(&["patient/Observation.rs"], &["openid", "launch/patient", "patient/Observation.rs"]);
        assert!(one.beyond().is_empty());
        assert_eq!(one.all(), ["patient/Observation.rs", "openid", "launch/patient"]);
        assert_eq!(one.left(), one.all());
    }

    #[test]
    fn what_is_read_is_both_and_what_stays_is_what_was_approved() {
        let one = held(&["patient/Observation.rs", "patient/Goal.rs"], &["patient/Observation.rs", "system/*.rs"]);
        assert_eq!(one.all(), ["patient/Observation.rs", "patient/Goal.rs", "system/*.rs"]);
        assert_eq!(one.stays(), ["patient/Observation.rs", "patient/Goal.rs"]);
    }

    #[test]
    fn where_nobody_approved_anything_what_its_system_gives_stays_and_goes_beyond_nothing() {
        let one = held(&[], &["patient/*.rs", "offline_access"]);
        assert_eq!((one.stays(), one.all(), one.beyond()), (one.issued.as_slice(), one.issued.clone(), Vec::new()));
        let unseen = held(&["patient/*.rs"], &[]);
        assert_eq!((unseen.all(), unseen.beyond()), (unseen.approved.clone(), Vec::new()));
    }

    #[test]
    fn what_cannot_be_compared_is_not_taken_for_approved() {
        let found =
            held(&["patient/Observation.rs?_filter=a"], &["patient/Observation.rs?_filter=b", "not a scope"]).beyond();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|one| !one.compared), "{found:?}");
        let same = held(&["patient/Observation.rs", "not a scope"], &["not a scope"]);
        assert!(same.beyond().is_empty(), "the same text is the same permission");
    }
}
