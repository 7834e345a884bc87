//! Types that hold no patient's data: whose it is instead.
//!
//! Which they are is decided by FHIR's security categories and the patient compartments of all releases
//! ([`super::release`]); a type that is not classified or not known counts as patients' data, here as everywhere.
//! How they are worded is data, like every other word.

use serde::Deserialize;

use super::release::{self, Release, SecurityCategory};
use super::scope::{Context, ResourceType};

/// The words for data that is no patient's.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Others {
    /// Types that are worded as patients' data all the same.
    #[serde(default)]
    patients: Vec<Box<str>>,
    individual: Option<Other>,
    business: Option<Other>,
    anonymous: Option<Other>,
}

/// The words for one category.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Other {
    /// Whose data it is, by itself.
    pub name: String,
    patient: String,
    user: String,
    system: String,
}

impl Other {
    /// Whose data it is, at the end of a sentence.
    pub fn whose(&self, context: Context) -> &str {
        match context {
            Context::Patient => &self.patient,
            Context::User => &self.user,
            Context::System => &self.system,
        }
    }
}

impl Others {
    /// The words of a category, where there are any.
    pub fn of(&self, category: SecurityCategory) -> Option<&Other> {
        match category {
            SecurityCategory::Individual => self.individual.as_ref(),
            SecurityCategory::Business => self.business.as_ref(),
            SecurityCategory::Anonymous => self.anonymous.as_ref(),
            SecurityCategory::Patient
            | SecurityCategory::None
            | SecurityCategory::NotClassified
            | SecurityCategory::Unknown => None,
        }
    }

    /// The category of a type that holds no patient's data in any release and has words of its own.
    pub fn category(&self, resource: &ResourceType) -> Option<SecurityCategory> {
        let ResourceType::Named(name) = resource else { return None };
        let facts = release::facts(name)?;
        let of_patients =
            self.patients.contains(name) || Release::ALL.iter().any(|each| facts.holds_patient_data(*each));
        let category = facts.security();
        (!of_patients && self.of(category).is_some()).then_some(category)
    }

    /// Whether no words leave out whose data it is, or in which context.
    pub fn check(&self) -> Result<(), String> {
        let all = [
            ("individual", &self.individual, "staff"),
            ("business", &self.business, "no patient"),
            ("anonymous", &self.anonymous, "no person"),
        ];
        for (category, other, part) in all {
            let Some(other) = other else { continue };
            let contexts =
                [(Context::Patient, "one patient"), (Context::User, "may see"), (Context::System, "nobody signed in")];
            for (context, when) in contexts {
                for part in [part, when] {
                    if !other.whose(context).contains(part) {
                        return Err(format!("[others.{category}] {} must say “{part}”", context.word()));
                    }
                }
            }
        }
        Ok(())
    }
}
