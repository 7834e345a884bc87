//! The reach of a set of scopes as a page shows it.

use crate::domain::scopes::reach::{Reach, Whose};
use crate::domain::scopes::release::Release;
use crate::domain::scopes::tiers::{Basis, Tier};
use crate::domain::scopes::{Knowledge, ScopeSet};

/// Names that are listed; of more it is said how many there are.
const MOST_NAMED: usize = 20;

/// Whose data, how much of it, what can be done, and the tier that follows.
#[derive(Debug)]
pub struct ReachView {
    pub release: Release,
    pub reach: Reach,
    pub tier: Tier,
    /// Why it is that tier.
    pub because: String,
    /// The sensitive types with the reason each is one.
    pub sensitive: Vec<(String, String)>,
}

impl ReachView {
    /// Measures a set.
    pub fn of(set: &ScopeSet, release: Release, basis: Basis, knowledge: &Knowledge) -> Self {
        let reach = Reach::of(set, release, knowledge);
        let (tier, because) = knowledge.tiers.tier(&reach, basis);
        let why = |name: &str| knowledge.sensitive.get(name).map(|each| each.why.clone()).unwrap_or_default();
        let sensitive = reach.sensitive_types.iter().map(|name| (name.to_string(), why(name))).collect();
        Self { release, tier, because: because.to_owned(), sensitive, reach }
    }

    /// Names in a row; beyond twenty the others are counted.
    fn listed(names: &[impl AsRef<str>]) -> (Vec<&str>, usize) {
        let first = names.iter().take(MOST_NAMED).map(AsRef::as_ref).collect();
        (first, names.len().saturating_sub(MOST_NAMED))
    }

    /// Types that the release does not know, and how many more.
    pub fn unknown_types(&self) -> (Vec<&str>, usize) {
        Self::listed(&self.reach.unknown_types)
    }

    /// Tokens that nobody has explained, and how many more.
    pub fn unexplained(&self) -> (Vec<&str>, usize) {
        Self::listed(&self.reach.unexplained)
    }

    /// The size of the bars, 0 to 4: reach is a size, never a traffic light.
    pub fn bars(&self) -> u8 {
        match self.reach.whose {
            Whose::Nobody => 0,
            Whose::OnePatient => 1,
            Whose::UserVisible => 3,
            Whose::EveryPatient => 4,
        }
    }

    /// Whose data, in words. What nobody has explained may reach further than the scopes that are understood.
    pub fn whose(&self) -> &'static str {
        match (self.reach.whose, self.reach.unexplained.is_empty()) {
            (whose, true) | (whose @ Whose::EveryPatient, false) => whose.label(),
            (Whose::Nobody, false) => "Cannot tell: not every permission is explained",
            (Whose::OnePatient, false) => "One patient at a time at least; not every permission is explained",
            (Whose::UserVisible, false) => "Every patient the user may see at least; not every permission is explained",
        }
    }

    /// "12 of 146, 9 of them in the patient compartment".
    pub fn types(&self) -> String {
        let all = crate::domain::scopes::release::types(self.release).count();
        let later = if self.reach.future_types { ", and those of later releases" } else { "" };
        match self.reach.types {
            0 => "None".to_owned(),
            types => format!(
                "{types} of the {all} of {}, {} in the patient compartment{later}",
                self.release.label(),
                self.reach.compartment_types
            ),
        }
    }

    /// What can be done to records.
    pub fn can(&self) -> String {
        let done = [(self.reach.read, "Read"), (self.reach.write, "Add or change"), (self.reach.delete, "Delete")];
        let words: Vec<&str> = done.into_iter().filter(|(can, _)| *can).map(|(_, word)| word).collect();
        match (words.is_empty(), self.reach.unexplained.is_empty()) {
            (true, true) => "Nothing".to_owned(),
            (true, false) => "Cannot tell".to_owned(),
            (false, _) => words.join(", "),
        }
    }

    /// Whether records can be copied in bulk.
    pub fn bulk(&self) -> &'static str {
        if self.reach.bulk_export { "Possible" } else { "Not by these scopes" }
    }

    /// Whether access lasts after the person has left.
    pub fn lasts(&self) -> &'static str {
        match (self.reach.whose, self.reach.outlasts_session) {
            (_, true) => "It goes on, until it is revoked or expires",
            (Whose::EveryPatient, false) => "Nobody needs to be signed in",
            (_, false) => "It ends",
        }
    }

    /// The tag of the tier.
    pub fn tier_tag(&self) -> &'static str {
        match self.tier {
            Tier::Low => "plain",
            Tier::Moderate => "info",
            Tier::High => "warn",
            Tier::Critical => "bad",
        }
    }
}
