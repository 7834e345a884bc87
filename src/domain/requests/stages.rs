//! Which stages a request passes, by a table of rules that a security team may edit.

use serde::Deserialize;

use super::{PaperKind, StageKind};
use crate::domain::identities::Environment;
use crate::domain::scopes::reach::{Reach, Whose};
use crate::domain::scopes::tiers::{Basis, Tier};

/// The rules in their order; the first whose every condition holds decides.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageTable {
    /// Changes with every rule.
    pub version: String,
    /// So long may somebody change their mind before what they decided takes effect.
    pub undo_minutes: i64,
    /// A request that nobody decides expires after so many days.
    pub open_days: i64,
    /// So many days has whoever is asked, for an urgent request and for any other.
    pub answer_days: i64,
    pub urgent_answer_days: i64,
    /// Most permissions of one request.
    pub most_scopes: usize,
    #[serde(rename = "rule")]
    rules: Vec<StageRule>,
}

/// One rule: it applies where every condition it states holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct StageRule {
    name: String,
    /// The reason a reader sees.
    because: String,
    stages: Vec<StageKind>,
    /// What is approved lasts at most so many days.
    longest_days: i64,
    environment: Option<Vec<Environment>>,
    /// The requester says that no data of real patients is there.
    test_data: Option<bool>,
    access_basis: Option<Vec<Basis>>,
    tier: Option<Vec<Tier>>,
    whose: Option<Vec<Whose>>,
    /// Something new or wider, or a later end than now.
    adds: Option<bool>,
    /// It belongs to a vendor.
    outside: Option<bool>,
    /// None of these documents is on record and runs.
    lacks: Option<Vec<PaperKind>>,
    unexplained: Option<bool>,
    every_type: Option<bool>,
    bulk_export: Option<bool>,
    write: Option<bool>,
    delete: Option<bool>,
    sensitive_types: Option<usize>,
}

/// What a rule looks at.
#[derive(Debug, Clone)]
pub struct Considered<'a> {
    pub environment: Environment,
    pub test_data: bool,
    pub basis: Basis,
    pub tier: Tier,
    pub reach: &'a Reach,
    pub adds: bool,
    pub outside: bool,
    /// Nobody can say of some part of it what it allows: a permission or a limit without words, or a type of
    /// record that FHIR does not know.
    pub unexplained: bool,
    /// The documents on record that have not ended.
    pub papers: Vec<PaperKind>,
}

/// The way of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The name of the rule, and its reason.
    pub rule: String,
    pub because: String,
    pub stages: Vec<StageKind>,
    pub longest_days: i64,
}

impl StageRule {
    fn holds(&self, asked: &Considered<'_>) -> bool {
        let is = |wanted: Option<bool>, value: bool| wanted.is_none_or(|wanted| wanted == value);
        self.environment.as_ref().is_none_or(|any| any.contains(&asked.environment))
            && self.access_basis.as_ref().is_none_or(|any| any.contains(&asked.basis))
            && self.tier.as_ref().is_none_or(|any| any.contains(&asked.tier))
            && self.whose.as_ref().is_none_or(|any| any.contains(&asked.reach.whose))
            && self.lacks.as_ref().is_none_or(|any| !any.iter().any(|kind| asked.papers.contains(kind)))
            && is(self.test_data, asked.test_data)
            && is(self.adds, asked.adds)
            && is(self.outside, asked.outside)
            && is(self.unexplained, asked.unexplained)
            && is(self.every_type, asked.reach.future_types)
            && is(self.bulk_export, asked.reach.bulk_export)
            && is(self.write, asked.reach.write)
            && is(self.delete, asked.reach.delete)
            && self.sensitive_types.is_none_or(|least| asked.reach.sensitive_types.len() >= least)
    }
}

impl StageTable {
    /// The way of a request by the first rule that holds; the last rule of a table always does.
    pub fn way(&self, asked: &Considered<'_>) -> Option<Way> {
        self.rules.iter().find(|rule| rule.holds(asked)).map(|rule| Way {
            rule: rule.name.clone(),
            because: rule.because.clone(),
            stages: rule.stages.clone(),
            longest_days: rule.longest_days,
        })
    }

    /// Whether the table leaves no request without a way and asks nothing impossible.
    ///
    /// # Errors
    /// The first fault, in words.
    pub fn check(&self) -> Result<(), String> {
        let within = |name: &str, value: i64, least: i64, most: i64| {
            let fits = (least..=most).contains(&value);
            if fits { Ok(()) } else { Err(format!("{name} is {value}; write a whole number from {least} to {most}")) }
        };
        within("undo_minutes", self.undo_minutes, 0, 24 * 60)?;
        within("open_days", self.open_days, 1, 90)?;
        within("answer_days", self.answer_days, 1, self.open_days)?;
        within("urgent_answer_days", self.urgent_answer_days, 0, self.answer_days)?;
        within("most_scopes", i64::try_from(self.most_scopes).unwrap_or(i64::MAX), 1, 1_000)?;
        for rule in &self.rules {
            if rule.stages.is_empty() {
                return Err(format!("the rule {} has no stage: nothing is approved by nobody", rule.name));
            }
            let mut once = rule.stages.clone();
            once.dedup();
            if once.len() != rule.stages.len() {
                return Err(format!("the rule {} names a stage twice in a row", rule.name));
            }
            within(&format!("longest_days of the rule {}", rule.name), rule.longest_days, 1, 3_650)?;
        }
        match self.rules.last() {
            Some(last) if last.is_general() => Ok(()),
            _ => Err("the last rule has a condition, so some request would have no way; end with one that has none"
                .to_owned()),
        }
    }
}

impl StageRule {
    fn is_general(&self) -> bool {
        let flags = [
            self.test_data,
            self.adds,
            self.outside,
            self.unexplained,
            self.every_type,
            self.bulk_export,
            self.write,
            self.delete,
        ];
        self.environment.is_none()
            && self.access_basis.is_none()
            && self.tier.is_none()
            && self.whose.is_none()
            && self.lacks.is_none()
            && self.sensitive_types.is_none()
            && flags.iter().all(Option::is_none)
    }
}
