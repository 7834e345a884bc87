//! The reach of a set of scopes: whose data, how much of it, what can be done with it, for how long.

use super::compiled::CompiledScopes;
use super::decide::{Decision, PatientKnown, Question};
use super::grants::Grants;
use super::interaction::{Interaction, KnownInteraction};
use super::knowledge::Knowledge;
use super::letters::Letters;
use super::release::{self, Release};
use super::scope::{Context, Meaning, RefreshScope, ResourceType};
use super::set::ScopeSet;
use crate::words;

words! {
    /// Whose data the widest context reaches, from the least to the most.
    Whose {
        /// No resource scope: no records.
        Nobody = "none", "No patient";
        OnePatient = "one_patient", "One patient at a time";
        UserVisible = "user_visible", "Every patient the user may see";
        EveryPatient = "every_patient", "Every patient";
    }
}

/// The blast radius, in numbers. A constraint narrows the records within a type and never the count of types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    pub whose: Whose,
    /// Types of the release.
    pub types: usize,
    /// Of them, those of the patient compartment.
    pub compartment_types: usize,
    /// Of them, those that may hold patients' data, whatever the compartment.
    pub patient_data_types: usize,
    /// Sensitive types of the release, by name.
    pub sensitive_types: Vec<Box<str>>,
    /// Types the release does not know; they are counted nowhere else, and may exist on a server.
    pub unknown_types: Vec<Box<str>>,
    pub read: bool,
    pub write: bool,
    pub delete: bool,
    pub bulk_export: bool,
    /// A refresh token that lives on after the person has left.
    pub outlasts_session: bool,
    /// Types of later releases are included.
    pub future_types: bool,
    /// Tokens nobody has explained or that are not valid: unlimited until explained.
    pub unexplained: Vec<String>,
}

impl Reach {
    /// The reach of these scopes in a release.
    pub fn of(set: &ScopeSet, release: Release, knowledge: &Knowledge) -> Self {
        let mut reach = Self {
            whose: Whose::Nobody,
            types: 0,
            compartment_types: 0,
            patient_data_types: 0,
            sensitive_types: Vec::new(),
            unknown_types: Vec::new(),
            read: false,
            write: false,
            delete: false,
            bulk_export: exports(set),
            outlasts_session: false,
            future_types: false,
            unexplained: set.rejected.iter().map(|each| each.token.clone()).collect(),
        };
        for meaning in set.meanings() {
            match meaning {
                Meaning::Resource(scope) => {
                    reach.whose = reach.whose.max(widest(scope.context));
                    reach.read |= scope.letters.meets(Letters::LOOK_UP);
                    reach.write |= scope.letters.meets(Letters::CREATE | Letters::UPDATE);
                    reach.delete |= scope.letters.meets(Letters::DELETE);
                    reach.future_types |= scope.resource == ResourceType::Every;
                }
                Meaning::Refresh(RefreshScope::Offline) => reach.outlasts_session = true,
                Meaning::Operation(scope) => {
                    reach.whose = reach.whose.max(widest(scope.context));
                    if &*scope.name != "$export" {
                        reach.unexplained.push(meaning.to_string());
                    }
                }
                Meaning::Custom(token) if !knowledge.products.contains_key(token) => {
                    reach.unexplained.push(token.to_string());
                }
                _ => {}
            }
        }
        reach.count_types(set, release, knowledge);
        reach
    }

    fn count_types(&mut self, set: &ScopeSet, release: Release, knowledge: &Knowledge) {
        let grants = Grants::of(set.meanings());
        let named = |name: &str| {
            let resource = ResourceType::Named(name.into());
            Context::ALL.iter().any(|context| grants.at(*context, &resource).is_some())
        };
        for facts in release::types(release) {
            if !self.future_types && !named(&facts.name) {
                continue;
            }
            self.types += 1;
            self.compartment_types += usize::from(facts.is_in_compartment(release));
            self.patient_data_types += usize::from(facts.holds_patient_data(release));
            if knowledge.sensitive.contains_key(&facts.name) {
                self.sensitive_types.push(facts.name.clone());
            }
        }
        for context in Context::ALL {
            for (resource, _) in grants.named(*context) {
                let ResourceType::Named(name) = resource else { continue };
                let known = release::facts(name).is_some_and(|facts| facts.is_in(release));
                if !known {
                    self.unknown_types.push(name.clone());
                }
            }
        }
        self.unknown_types.sort_unstable();
        self.unknown_types.dedup();
        // A type nobody has classified counts as patients' data.
        self.patient_data_types += self.unknown_types.len();
    }

    /// A number that sorts a list by risk: the higher, the more can go wrong. Equal reach, equal number.
    ///
    /// In order of weight: unexplained scopes, whose data, bulk export, types of later releases,
    /// deleting, writing, access that outlasts the session, sensitive types, types.
    pub fn risk(&self) -> i64 {
        let whose = match self.whose {
            Whose::Nobody => 0,
            Whose::OnePatient => 1,
            Whose::UserVisible => 2,
            Whose::EveryPatient => 3,
        };
        let count = |number: usize| i64::try_from(number.min(255)).unwrap_or(255);
        let parts: [(i64, i64); 10] = [
            (i64::from(!self.unexplained.is_empty()), 2),
            (whose, 4),
            (i64::from(self.bulk_export), 2),
            (i64::from(self.future_types), 2),
            (i64::from(self.delete), 2),
            (i64::from(self.write), 2),
            (i64::from(self.outlasts_session), 2),
            (count(self.sensitive_types.len()), 256),
            (count(self.types), 256),
            (i64::from(self.read), 2),
        ];
        parts.iter().fold(0, |risk, (value, size)| risk * size + value)
    }
}

impl PartialOrd for Reach {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// By risk first; what is equally risky is told apart by its fields, so that the order is total.
impl Ord for Reach {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let rest = |reach: &Self| {
            let counts = (reach.types, reach.compartment_types, reach.patient_data_types);
            (counts, reach.sensitive_types.clone(), reach.unknown_types.clone(), reach.unexplained.clone())
        };
        self.risk().cmp(&other.risk()).then_with(|| rest(self).cmp(&rest(other)))
    }
}

const fn widest(context: Context) -> Whose {
    match context {
        Context::Patient => Whose::OnePatient,
        Context::User => Whose::UserVisible,
        Context::System => Whose::EveryPatient,
    }
}

/// Whether any level of bulk export is allowed, or may be.
fn exports(set: &ScopeSet) -> bool {
    let compiled = CompiledScopes::of(set.scopes.iter().cloned());
    let levels = [KnownInteraction::ExportSystem, KnownInteraction::ExportGroup, KnownInteraction::ExportPatient];
    levels.into_iter().any(|level| {
        let interaction = Interaction::Known(level);
        let question = Question {
            interaction: &interaction,
            resource: None,
            context: None,
            launch_patient: PatientKnown::NotSaid,
            resource_patient: PatientKnown::NotSaid,
            categories: None,
        };
        compiled.decide(&question).decision != Decision::Deny
    })
}
