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
    pub reach: Reach,
    /// In words, as every line is.
    pub whose: String,
    pub types: String,
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
        let (whose, types) = (reach.whose_words(&knowledge.words), reach.types_words(release));
        Self { whose, types, tier, because: because.to_owned(), sensitive, reach }
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

    /// The size of the bars, 0 to 4: reach is a size, never a traffic light. What is unclear counts as unlimited.
    pub fn bars(&self) -> u8 {
        match self.reach.whose {
            _ if self.reach.unclear().is_some() => 4,
            Whose::Nobody => 0,
            _ if !self.reach.others.is_empty() => 1,
            Whose::OnePatient => 1,
            Whose::UserVisible => 3,
            Whose::EveryPatient => 4,
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
