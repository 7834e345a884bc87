//! What happens when nobody answered: by rules that a security team may edit, and two that nobody can.

use serde::Deserialize;

use crate::domain::identities::{Criticality, Environment};
use crate::domain::reaching::IdentityTier;
use crate::domain::scopes::tiers::Basis;
use crate::words;

words! {
    /// What silence does.
    Silence {
        /// The administrators are asked and a finding stands; nothing is cut.
        Escalate = "escalate", "Goes to the administrators";
        /// Access stays, with a finding. That is no yes.
        Keep = "keep", "Access stays, with a finding";
        Suspend = "suspend", "Is suspended";
        Revoke = "revoke", "Is revoked";
    }
}

words! {
    /// How far a stopped run has come.
    StopState {
        Stopped = "stopped", "Stopped";
        /// Two people let it go on.
        Agreed = "agreed", "Goes on with the next run";
        Done = "done", "Went on";
        Dropped = "dropped", "Dropped";
    }
}

impl Silence {
    /// Whether something stops working.
    pub fn cuts(self) -> bool {
        matches!(self, Self::Suspend | Self::Revoke)
    }
}

/// One rule: it applies where every condition it states holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilenceRule {
    pub then: Silence,
    /// The reason a reader sees.
    pub because: String,
    tier: Option<Vec<IdentityTier>>,
    access_basis: Option<Vec<Basis>>,
    criticality: Option<Vec<Criticality>>,
    environment: Option<Vec<Environment>>,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    pub tier: IdentityTier,
    pub basis: Basis,
    pub criticality: Criticality,
    pub environment: Environment,
    /// The vendor of its system keeps it: without it the system itself may not work.
    pub vendor_managed: bool,
}

impl Asked {
    /// Whether silence never cuts it: care depends on it, the patient directs it, or it belongs to the system itself.
    pub fn is_protected(self) -> bool {
        self.criticality == Criticality::Clinical || self.basis == Basis::PatientDirected || self.vendor_managed
    }
}

impl Asked {
    /// Why silence never cuts it, for the reader.
    fn protection(self) -> &'static str {
        if self.criticality == Criticality::Clinical {
            "Care depends on it, so silence never stops it."
        } else if self.basis == Basis::PatientDirected {
            "The patient directs it, so silence never stops it."
        } else {
            "Its system's vendor keeps it, and the system may not work without it, so silence never stops it."
        }
    }
}

impl SilenceRule {
    fn holds(&self, asked: Asked) -> bool {
        fn any<T: PartialEq>(wanted: Option<&Vec<T>>, value: &T) -> bool {
            wanted.is_none_or(|any| any.contains(value))
        }
        any(self.tier.as_ref(), &asked.tier)
            && any(self.access_basis.as_ref(), &asked.basis)
            && any(self.criticality.as_ref(), &asked.criticality)
            && any(self.environment.as_ref(), &asked.environment)
    }

    /// Where it applies, in words.
    pub fn applies_to(&self) -> String {
        fn any<T: Copy>(wanted: Option<&Vec<T>>, label: impl Fn(T) -> &'static str) -> Option<String> {
            let labels: Vec<&str> = wanted?.iter().map(|value| label(*value)).collect();
            Some(labels.join(" or ").to_lowercase())
        }
        let conditions: Vec<String> = [
            any(self.criticality.as_ref(), Criticality::label),
            any(self.access_basis.as_ref(), Basis::label),
            any(self.tier.as_ref(), IdentityTier::label).map(|tiers| format!("tier {tiers}")),
            any(self.environment.as_ref(), Environment::label).map(|places| format!("in {places}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        if conditions.is_empty() {
            return "Everything else".to_owned();
        }
        let text = conditions.join(", ");
        let mut letters = text.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    fn is_general(&self) -> bool {
        self.tier.is_none() && self.access_basis.is_none() && self.criticality.is_none() && self.environment.is_none()
    }
}

/// Whether the rules leave no review without an end.
///
/// # Errors
/// The first fault, in words.
pub fn check(rules: &[SilenceRule]) -> Result<(), String> {
    match rules.last() {
        Some(last) if last.is_general() => Ok(()),
        _ => Err(
            "the last rule of silence has a condition, so some review would have no end; end with one that has none"
                .to_owned(),
        ),
    }
}

/// What silence does to an identity, and why. What care depends on and what the patient directs is escalated, even
/// where a rule says otherwise.
pub fn then(rules: &[SilenceRule], asked: Asked) -> (Silence, String) {
    let rule = rules.iter().find(|rule| rule.holds(asked));
    match rule {
        Some(rule) if asked.is_protected() && rule.then.cuts() => (Silence::Escalate, asked.protection().to_owned()),
        Some(rule) => (rule.then, rule.because.clone()),
        None => (Silence::Escalate, "No rule says what silence does.".to_owned()),
    }
}

/// Whether a run that would cut so many of so many identities in production stops first.
pub fn stops(cuts: i64, in_production: i64, percent: i64, least: i64) -> bool {
    cuts > least && cuts.saturating_mul(100) > in_production.saturating_mul(percent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reviews::clock::ReviewTable;

    fn asked() -> Asked {
        Asked {
            tier: IdentityTier::Critical,
            basis: Basis::InternalOperations,
            criticality: Criticality::Low,
            environment: Environment::Production,
            vendor_managed: false,
        }
    }

    fn then_of(asked: Asked) -> Silence {
        then(&ReviewTable::read(|_| None).unwrap().rules, asked).0
    }

    #[test]
    fn silence_keeps_suspends_revokes_or_escalates_by_what_is_at_stake() {
        assert_eq!(then_of(asked()), Silence::Suspend);
        assert_eq!(then_of(Asked { environment: Environment::Sandbox, ..asked() }), Silence::Revoke);
        assert_eq!(then_of(Asked { tier: IdentityTier::Low, ..asked() }), Silence::Keep);
        assert_eq!(then_of(Asked { tier: IdentityTier::Low, basis: Basis::Research, ..asked() }), Silence::Suspend);
    }

    #[test]
    fn no_table_lets_silence_cut_what_the_patient_directs_or_care_depends_on() {
        let harsh: Vec<SilenceRule> = vec![toml::from_str("then = \"revoke\"\nbecause = \"All of it.\"").unwrap()];
        for tier in IdentityTier::ALL {
            for environment in Environment::ALL {
                for (basis, criticality, vendor_managed) in [
                    (Basis::PatientDirected, Criticality::Low, false),
                    (Basis::Treatment, Criticality::Clinical, false),
                    (Basis::PatientDirected, Criticality::Clinical, false),
                    (Basis::InternalOperations, Criticality::Low, true),
                ] {
                    let asked = Asked { tier: *tier, basis, criticality, environment: *environment, vendor_managed };
                    let (silence, why) = then(&harsh, asked);
                    assert_eq!(silence, Silence::Escalate, "{tier} {environment}: {why}");
                }
            }
        }
        assert_eq!(then(&harsh, asked()).0, Silence::Revoke);
    }

    #[test]
    fn a_run_stops_above_its_share_and_not_for_a_handful() {
        assert!(!stops(5, 10, 2, 5), "five may always be cut");
        assert!(stops(6, 10, 2, 5));
        assert!(!stops(20, 1_000, 2, 5), "two in a hundred");
        assert!(stops(21, 1_000, 2, 5));
        assert!(stops(6, 0, 2, 5), "of nothing in production everything is too much");
    }
}
