//! Other rules count for an identity after its record was changed by hand: it is asked about less often, or silence does
//! something else. One person may write that; whoever answers for the identity is asked about it.

use super::silence::Asked;
use crate::domain::identities::Criticality;
use crate::domain::reaching::IdentityTier;
use crate::domain::scopes::tiers::Basis;

/// What is said of a change by which other rules count; nothing where none do. The tiers are those of the same
/// permissions, before and after. A higher tier asks for more, so it is none.
pub fn other_rules(before: Asked, after: Asked) -> Option<String> {
    let mut says = Vec::new();
    if strictness(after.tier) < strictness(before.tier) {
        let word = |tier: IdentityTier| tier.label().to_lowercase();
        says.push(format!(
            "By another access basis its tier is {} instead of {}.",
            word(after.tier),
            word(before.tier)
        ));
    }
    match (before.protected_because(), after.protected_because()) {
        (None, Some(why)) => says.push(format!("Its record says now: \u{201c}{why}\u{201d}")),
        (Some(why), None) => says.push(format!("Its record no longer says: \u{201c}{why}\u{201d}")),
        _ => {}
    }
    (!says.is_empty()).then(|| says.join(" "))
}

/// Whether a change writes down only what nobody had written, and takes the place of nothing.
pub fn only_adds(before: Asked, after: Asked) -> bool {
    let basis = before.basis == after.basis || before.basis == Basis::Unknown;
    let criticality = before.criticality == after.criticality || before.criticality == Criticality::Unknown;
    basis && criticality && before.vendor_managed == after.vendor_managed
}

/// How much a tier asks for. Unknown is never low.
fn strictness(tier: IdentityTier) -> u8 {
    match tier {
        IdentityTier::Critical | IdentityTier::Unknown => 3,
        IdentityTier::High => 2,
        IdentityTier::Moderate => 1,
        IdentityTier::Low => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identities::Environment;

    const PLAIN: Asked = Asked {
        tier: IdentityTier::Moderate,
        basis: Basis::Treatment,
        criticality: Criticality::High,
        environment: Environment::Production,
        vendor_managed: false,
    };

    fn to(after: Asked) -> Option<String> {
        other_rules(PLAIN, after)
    }

    #[test]
    fn a_lower_tier_is_said_with_the_one_before_and_a_higher_one_is_not() {
        let low = Asked { tier: IdentityTier::Low, basis: Basis::Public, ..PLAIN };
        assert_eq!(to(low).as_deref(), Some("By another access basis its tier is low instead of moderate."));
        assert_eq!(to(PLAIN), None);
        for tier in [IdentityTier::High, IdentityTier::Critical, IdentityTier::Unknown] {
            assert_eq!(to(Asked { tier, ..PLAIN }), None, "{tier}");
            assert!(other_rules(Asked { tier, ..PLAIN }, PLAIN).is_some(), "{tier}");
        }
    }

    #[test]
    fn that_silence_never_stops_it_is_said_when_it_begins_and_when_it_ends() {
        let clinical = Asked { criticality: Criticality::Clinical, ..PLAIN };
        assert_eq!(
            to(clinical).as_deref(),
            Some("Its record says now: \u{201c}Care depends on it, so silence never stops it.\u{201d}")
        );
        assert_eq!(
            other_rules(clinical, PLAIN).as_deref(),
            Some("Its record no longer says: \u{201c}Care depends on it, so silence never stops it.\u{201d}")
        );
        assert!(to(Asked { vendor_managed: true, ..PLAIN }).is_some());
        // Protected by something else than before, it is protected all the same.
        assert_eq!(other_rules(clinical, Asked { vendor_managed: true, ..PLAIN }), None);
        let patient = Asked { tier: IdentityTier::Low, basis: Basis::PatientDirected, ..PLAIN };
        assert_eq!(
            to(patient).as_deref(),
            Some(
                "By another access basis its tier is low instead of moderate. Its record says now: \u{201c}The patient \
                 directs it, so silence never stops it.\u{201d}"
            )
        );
    }

    #[test]
    fn what_nobody_had_written_takes_the_place_of_nothing() {
        let blank = Asked { basis: Basis::Unknown, criticality: Criticality::Unknown, ..PLAIN };
        assert!(only_adds(blank, PLAIN) && only_adds(PLAIN, PLAIN));
        assert!(!only_adds(PLAIN, blank), "what was written is gone");
        assert!(!only_adds(PLAIN, Asked { basis: Basis::Public, ..PLAIN }));
        assert!(!only_adds(blank, Asked { vendor_managed: true, ..PLAIN }), "a tick is never unknown");
    }
}
