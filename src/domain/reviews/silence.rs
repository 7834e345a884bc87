//! What happens when nobody answered: by rules that a security team may edit, and three that nobody can.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::identities::{Criticality, Environment};
use crate::domain::ids::Id;
use crate::domain::reaching::IdentityTier;
use crate::domain::scopes::tiers::Basis;
use crate::domain::task_words::days_after;
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
        /// Nothing of what it held back is left.
        Dropped = "dropped", "Dropped";
    }
}

words! {
    /// How far a proposal that silence counts has come.
    ProposalState {
        Proposed = "proposed", "Proposed";
        /// Two administrators said it: silence counts.
        Agreed = "agreed", "Silence counts";
        Withdrawn = "withdrawn", "Withdrawn";
        /// Silence counted by it, and is only simulated since.
        Ended = "ended", "Counted, and only simulated since";
    }
}

/// Days back for which a run counts what silence has cut already: many small runs cut no more than one large one may.
pub const LATELY_DAYS: i64 = 30;

/// What a stopped run holds back: a review, and what silence would do to its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "HeldAsKept")]
pub struct Held {
    pub review: Id,
    /// Nothing where a stop of before did not note it.
    pub does: Option<Silence>,
}

/// Stops of before kept the ids alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum HeldAsKept {
    Id(Id),
    Whole { review: Id, does: Option<Silence> },
}

impl From<HeldAsKept> for Held {
    fn from(kept: HeldAsKept) -> Self {
        match kept {
            HeldAsKept::Id(review) => Self { review, does: None },
            HeldAsKept::Whole { review, does } => Self { review, does },
        }
    }
}

/// Parts what silence would do now by what a stop names: what is left of it, and what it does not name. What would be
/// done to a review has to be the same: who agreed to a suspension did not agree to a revocation.
pub fn part(named: &[Held], now: &[Held]) -> (Vec<Held>, Vec<Held>) {
    let known: HashMap<Id, Option<Silence>> = named.iter().map(|held| (held.review, held.does)).collect();
    now.iter().cloned().partition(|one| match known.get(&one.review) {
        Some(Some(does)) => one.does == Some(*does),
        Some(None) => true,
        None => false,
    })
}

impl Silence {
    /// Whether something stops working.
    pub fn cuts(self) -> bool {
        matches!(self, Self::Suspend | Self::Revoke)
    }

    /// What would be done, of what is not done yet.
    pub fn would(self) -> &'static str {
        match self {
            Self::Escalate => "would go to the administrators",
            Self::Keep => "would keep its access, with a finding",
            Self::Suspend => "would be suspended",
            Self::Revoke => "would be revoked",
        }
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
    /// Why silence never cuts it, whatever a rule says; nothing where it may.
    pub fn protected_because(self) -> Option<&'static str> {
        if self.criticality == Criticality::Clinical {
            return Some("Care depends on it, so silence never stops it.");
        }
        if self.basis == Basis::PatientDirected {
            return Some("The patient directs it, so silence never stops it.");
        }
        let vendor = "Its system's vendor keeps it, and the system may not work without it, so silence never stops it.";
        self.vendor_managed.then_some(vendor)
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

    /// Whether it sends everything that care depends on to the administrators, or everything that a patient directs, and
    /// nothing else.
    pub fn escalates_what_is_protected(&self) -> bool {
        let clinical = self.criticality.as_deref().is_some_and(|only| only == [Criticality::Clinical]);
        let directed = self.access_basis.as_deref().is_some_and(|only| only == [Basis::PatientDirected]);
        let alone = match (clinical, directed) {
            (true, false) => self.access_basis.is_none(),
            (false, true) => self.criticality.is_none(),
            _ => false,
        };
        self.then == Silence::Escalate && alone && self.tier.is_none() && self.environment.is_none()
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

/// What silence does to an identity, and why. What care depends on, what the patient directs and what the vendor of a
/// system keeps is escalated, even where a rule says otherwise.
pub fn then(rules: &[SilenceRule], asked: Asked) -> (Silence, String) {
    let Some(rule) = rules.iter().find(|rule| rule.holds(asked)) else {
        return (Silence::Escalate, "No rule says what silence does.".to_owned());
    };
    match asked.protected_because() {
        Some(because) if rule.then.cuts() => (Silence::Escalate, because.to_owned()),
        _ => (rule.then, rule.because.clone()),
    }
}

/// Whether a run stops first: so many of the `population`, which works or may work in production, would be cut, what
/// was cut lately included.
pub fn stops(cuts: i64, population: i64, percent: i64, least: i64) -> bool {
    cuts > least && cuts.saturating_mul(100) > population.saturating_mul(percent)
}

/// A time in which silence was not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standstill {
    /// The first day that silence would have passed by.
    pub from: NaiveDate,
    /// Until when whoever is asked may answer at least.
    pub until: NaiveDate,
}

impl Standstill {
    /// The days that it leaves a review, which could not be given them on that day.
    pub fn owed_to(self, review: Id, today: NaiveDate) -> Owed {
        let days = self.until.signed_duration_since(today).num_days();
        Owed { review, from: self.from, days: u64::try_from(days).unwrap_or(0) }
    }
}

/// Days that a review is still to be given: its standstill is over, and giving them failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Owed {
    pub review: Id,
    /// The first day of the standstill.
    pub from: NaiveDate,
    /// How many, from the day on which they are given.
    pub days: u64,
}

impl Owed {
    /// The same standstill, given back on a day. Where nothing ran once more and that cost more days, it is as many as
    /// that: whoever was to answer could not then either.
    pub fn on(&self, today: NaiveDate, later: Option<Standstill>) -> Standstill {
        let until = days_after(today, self.days);
        Standstill { from: self.from, until: later.map_or(until, |later| until.max(later.until)) }
    }
}

/// The standstill between a run and the next. A job that runs every day leaves none. As many days as it lasted are
/// given back, and no more than `most`.
pub fn standstill(last_ran_on: NaiveDate, today: NaiveDate, most: u32) -> Option<Standstill> {
    let lost = u64::try_from(today.signed_duration_since(last_ran_on).num_days() - 1).ok().filter(|days| *days > 0)?;
    let until = days_after(today, lost.min(u64::from(most)));
    Some(Standstill { from: last_ran_on, until })
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
                    assert!(why.ends_with("so silence never stops it."), "{why}");
                    assert_eq!(why.starts_with("Its system"), vendor_managed, "{why}");
                }
            }
        }
        assert_eq!(then(&harsh, asked()).0, Silence::Revoke);
    }

    #[test]
    fn a_rule_that_only_sends_what_is_protected_to_the_administrators_is_known() {
        let rules = ReviewTable::read(|_| None).unwrap().rules;
        let known: Vec<bool> = rules.iter().map(SilenceRule::escalates_what_is_protected).collect();
        assert_eq!(known, [true, true, false, false, false, false]);
        let rule = |more: &str| -> SilenceRule {
            toml::from_str(&format!("then = \"escalate\"\nbecause = \"Look.\"\n{more}")).unwrap()
        };
        assert!(rule("criticality = [\"clinical\"]").escalates_what_is_protected());
        for more in ["", "criticality = [\"clinical\"]\ntier = [\"low\"]", "criticality = [\"clinical\", \"low\"]"] {
            assert!(!rule(more).escalates_what_is_protected(), "{more}");
        }
    }

    #[test]
    fn an_agreement_covers_what_it_named_and_nothing_else() {
        let held = |review: Id, does: Silence| Held { review, does: Some(does) };
        let [one, two, three] = [Id::new(), Id::new(), Id::new()];
        let named = [held(one, Silence::Suspend), held(two, Silence::Suspend)];
        let now = [held(one, Silence::Suspend), held(two, Silence::Revoke), held(three, Silence::Suspend)];
        let (left, others) = part(&named, &now);
        assert_eq!(left, [held(one, Silence::Suspend)]);
        assert_eq!(others, now[1..], "revoked is more than suspended, and the third was never named");
        assert!(part(&[], &now).0.is_empty());
    }

    #[test]
    fn a_stop_of_before_is_read_as_it_was_kept() {
        let id = Id::new();
        let old: Vec<Held> = serde_json::from_str(&format!("[\"{id}\"]")).unwrap();
        assert_eq!(old, [Held { review: id, does: None }]);
        assert_eq!(part(&old, &[Held { review: id, does: Some(Silence::Revoke) }]).0.len(), 1);
        let new = vec![Held { review: id, does: Some(Silence::Suspend) }];
        let text = serde_json::to_string(&new).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Held>>(&text).unwrap(), new);
    }

    #[test]
    fn days_on_which_nothing_ran_are_given_back_up_to_those_of_whoever_is_asked_late() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let stood = |last: &str, today: &str| standstill(day(last), day(today), 7);
        assert_eq!(stood("2026-12-01", "2026-12-01"), None, "twice in a day");
        assert_eq!(stood("2026-12-01", "2026-12-02"), None, "every day");
        assert_eq!(stood("2026-12-02", "2026-12-01"), None, "the clock went back");
        let from = day("2026-12-01");
        assert_eq!(stood("2026-12-01", "2026-12-04"), Some(Standstill { from, until: day("2026-12-06") }));
        assert_eq!(stood("2026-12-01", "2027-01-10"), Some(Standstill { from, until: day("2027-01-17") }));
    }

    #[test]
    fn days_that_are_owed_are_as_many_whenever_they_are_given() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (review, from) = (Id::new(), day("2026-12-01"));
        let stood = standstill(from, day("2026-12-04"), 7).unwrap();
        let owed = stood.owed_to(review, day("2026-12-04"));
        assert_eq!(owed, Owed { review, from, days: 2 });
        assert_eq!(owed.on(day("2026-12-04"), None), stood);
        assert_eq!(owed.on(day("2026-12-20"), None), Standstill { from, until: day("2026-12-22") });
    }

    #[test]
    fn what_is_owed_days_gets_those_of_a_later_standstill_where_these_are_more() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (review, from, today) = (Id::new(), day("2026-12-01"), day("2026-12-20"));
        let owed = Owed { review, from, days: 2 };
        let longer = standstill(day("2026-12-04"), today, 7);
        let given = owed.on(today, longer);
        assert_eq!(given, Standstill { from, until: day("2026-12-27") });
        assert_eq!(given.owed_to(review, today), Owed { review, from, days: 7 }, "where that fails again");
        let shorter = standstill(day("2026-12-18"), today, 7);
        assert_eq!(owed.on(today, shorter), Standstill { from, until: day("2026-12-22") });
        assert_eq!(owed.on(today, shorter).owed_to(review, today), owed);
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
