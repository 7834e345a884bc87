//! Measuring the reach of a set of scopes, by the facts of a release and the tables of a deployment.

use super::compiled::CompiledScopes;
use super::decide::{Decision, PatientKnown, Question};
use super::grants::Grants;
use super::interaction::{Interaction, KnownInteraction};
use super::knowledge::Knowledge;
use super::letters::Letters;
use super::reach::{Reach, Whose};
use super::release::{self, Release};
use super::scope::{Context, Meaning, RefreshScope, ResourceType};
use super::set::ScopeSet;

impl Reach {
    /// The reach of these scopes in a release.
    pub fn of(set: &ScopeSet, release: Release, knowledge: &Knowledge) -> Self {
        let mut reach = Self {
            whose: Whose::Nobody,
            others: Vec::new(),
            types: 0,
            compartment_types: 0,
            patient_data_types: 0,
            sensitive_types: Vec::new(),
            unknown_types: Vec::new(),
            read: false,
            write: false,
            delete: false,
            bulk_export: exports(set),
            operation: false,
            outlasts_session: false,
            future_types: false,
            unexplained: set.rejected.iter().map(|each| each.token.clone()).collect(),
        };
        let mut of_patients = false;
        for meaning in set.meanings() {
            match meaning {
                Meaning::Resource(scope) => {
                    reach.whose = reach.whose.max(widest(scope.context));
                    match knowledge.words.category(&scope.resource) {
                        Some(category) => reach.others.push(category),
                        None => of_patients = true,
                    }
                    reach.read |= scope.letters.meets(Letters::LOOK_UP);
                    reach.write |= scope.letters.meets(Letters::CREATE | Letters::UPDATE);
                    reach.delete |= scope.letters.meets(Letters::DELETE);
                    reach.future_types |= scope.resource == ResourceType::Every;
                }
                Meaning::Refresh(RefreshScope::Offline) => reach.outlasts_session = true,
                Meaning::Operation(scope) => {
                    reach.whose = reach.whose.max(widest(scope.context));
                    of_patients = true;
                    reach.operation = true;
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
        if of_patients {
            reach.others.clear();
        }
        reach.others.sort_unstable();
        reach.others.dedup();
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
