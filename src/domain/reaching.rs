//! How far an identity reaches: its tier, and a number that sorts a list by risk.

use std::collections::HashMap;

use super::identities::{AccessBasis, ScopeList};
use super::scopes::reach::Reach;
use super::scopes::release::Release;
use super::scopes::tiers::{Basis, Tier};
use super::scopes::{Knowledge, ScopeSet};
use crate::words;

words! {
    /// The tier of an identity, from its scopes and its access basis. It sets how often access is reviewed,
    /// how many approve it and how often its stop is rehearsed. Expiry, suspension and revocation leave it as it was.
    IdentityTier {
        Critical = "critical", "Critical";
        High = "high", "High";
        Moderate = "moderate", "Moderate";
        Low = "low", "Low";
        /// No scope is on record: it may reach anything or nothing. Never low.
        Unknown = "unknown", "Unknown";
    }
}

impl From<Tier> for IdentityTier {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Critical => Self::Critical,
            Tier::High => Self::High,
            Tier::Moderate => Self::Moderate,
            Tier::Low => Self::Low,
        }
    }
}

impl IdentityTier {
    /// The tag that shows it; the word stands in it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Critical => "bad",
            Self::High => "warn",
            Self::Moderate => "info",
            Self::Low => "plain",
            Self::Unknown => "unknown",
        }
    }
}

/// What is stored with an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Measured {
    pub tier: IdentityTier,
    /// The higher, the more can go wrong: by tier first, by [`Reach::risk`] within it. Absent where the tier is unknown.
    pub risk: Option<i64>,
}

impl Default for Measured {
    fn default() -> Self {
        Self { tier: IdentityTier::Unknown, risk: None }
    }
}

/// Which list says how far an identity reaches: what is issued; where nothing is, what is approved; where
/// nothing is either, what is asked for. `None` where no scope is on record.
pub fn reaching_list(holds: impl Fn(ScopeList) -> bool) -> Option<ScopeList> {
    [ScopeList::Issued, ScopeList::Approved, ScopeList::Requested].into_iter().find(|list| holds(*list))
}

/// The access basis as the table of tiers names it.
pub fn basis_of(basis: Option<AccessBasis>) -> Basis {
    match basis {
        None => Basis::Unknown,
        Some(AccessBasis::PatientDirected) => Basis::PatientDirected,
        Some(AccessBasis::Treatment) => Basis::Treatment,
        Some(AccessBasis::BusinessAssociate) => Basis::BusinessAssociate,
        Some(AccessBasis::Research) => Basis::Research,
        Some(AccessBasis::InternalOperations) => Basis::InternalOperations,
        Some(AccessBasis::Public) => Basis::Public,
    }
}

/// So many answers are remembered at once: clients of one product often hold the same scopes.
const MOST_KNOWN: usize = 4_096;

/// Measures identities by the tables of a deployment, and remembers what it measured.
#[derive(Debug)]
pub struct Measuring<'a> {
    knowledge: &'a Knowledge,
    known: HashMap<(Vec<String>, Option<AccessBasis>), Measured>,
}

impl<'a> Measuring<'a> {
    pub fn by(knowledge: &'a Knowledge) -> Self {
        Self { knowledge, known: HashMap::new() }
    }

    /// Measures an identity by the scopes on its lists, as its system spells them.
    pub fn of<'s>(
        &mut self,
        scopes: impl IntoIterator<Item = (ScopeList, &'s str)>,
        basis: Option<AccessBasis>,
    ) -> Measured {
        let scopes: Vec<(ScopeList, &str)> = scopes.into_iter().collect();
        let Some(list) = reaching_list(|list| scopes.iter().any(|(on, _)| *on == list)) else {
            return Measured::default();
        };
        let mut reaching: Vec<String> =
            scopes.iter().filter(|(on, _)| *on == list).map(|(_, scope)| (*scope).to_owned()).collect();
        reaching.sort_unstable();
        let key = (reaching, basis);
        if let Some(measured) = self.known.get(&key) {
            return *measured;
        }
        let set = ScopeSet::of_product(key.0.iter().map(String::as_str));
        let reach = Reach::of(&set, Release::R4, self.knowledge);
        let (tier, _) = self.knowledge.tiers.tier(&reach, basis_of(basis));
        let measured = Measured { tier: tier.into(), risk: Some(risk(tier, &reach)) };
        if self.known.len() >= MOST_KNOWN {
            self.known.clear();
        }
        self.known.insert(key, measured);
        measured
    }
}

/// The tier in the high bits, so that no order by risk contradicts it; the reach in the low ones.
fn risk(tier: Tier, reach: &Reach) -> i64 {
    const WITHIN: i64 = 1 << 32;
    let rank = match tier {
        Tier::Low => 0,
        Tier::Moderate => 1,
        Tier::High => 2,
        Tier::Critical => 3,
    };
    rank * WITHIN + reach.risk().clamp(0, WITHIN - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(scopes: &[(ScopeList, &str)], basis: Option<AccessBasis>) -> Measured {
        Measuring::by(Knowledge::built_in().unwrap()).of(scopes.iter().copied(), basis)
    }

    #[test]
    fn what_is_issued_counts_then_what_is_approved_then_what_is_asked_for() {
        use ScopeList::{Approved, Issued, Requested};
        let (wide, narrow) = ("system/*.cruds", "patient/Observation.r");
        for (scopes, expected) in [
            (vec![(Issued, narrow), (Approved, wide), (Requested, wide)], IdentityTier::Low),
            (vec![(Approved, wide), (Requested, narrow)], IdentityTier::Critical),
            (vec![(Requested, wide)], IdentityTier::Critical),
            (vec![], IdentityTier::Unknown),
        ] {
            assert_eq!(measured(&scopes, None).tier, expected, "{scopes:?}");
            assert_eq!(measured(&scopes, None).risk.is_none(), expected == IdentityTier::Unknown);
        }
    }

    #[test]
    fn no_order_by_risk_contradicts_the_tier() {
        use ScopeList::Issued;
        // By reach alone a list of codes for everybody would stand above a signed-in user's deletions.
        let codes = measured(&[(Issued, "system/ValueSet.rs")], None);
        let deletes = measured(&[(Issued, "user/Observation.cruds")], None);
        assert_eq!((codes.tier, deletes.tier), (IdentityTier::Low, IdentityTier::High));
        assert!(codes.risk < deletes.risk);
        let all = measured(&[(Issued, "system/*.rs")], None);
        let more = measured(&[(Issued, "system/*.cruds")], None);
        assert_eq!((all.tier, more.tier), (IdentityTier::Critical, IdentityTier::Critical));
        assert!(deletes.risk < all.risk && all.risk < more.risk);
    }

    #[test]
    fn the_access_basis_takes_part_and_the_spelling_of_a_product_is_read() {
        use ScopeList::Issued;
        let stays = [(Issued, "patient/*.rs"), (Issued, "offline_access")];
        assert_eq!(measured(&stays, Some(AccessBasis::PatientDirected)).tier, IdentityTier::Low);
        assert_eq!(measured(&stays, Some(AccessBasis::Treatment)).tier, IdentityTier::Moderate);
        assert_eq!(
            measured(&[(Issued, "system.Patient.read")], None),
            measured(&[(Issued, "system/Patient.rs")], None)
        );
        assert_eq!(measured(&[(Issued, "roles")], None).tier, IdentityTier::Critical, "nobody has explained it");
    }
}
