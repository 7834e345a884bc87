//! The reach of a set of scopes: whose data, how much of it, what can be done with it, for how long.

use super::release::SecurityCategory;
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
    /// Whose data it is where none of it is a patient's, by the classification and the table of words. Empty where
    /// patients' data may be reached, or no records are.
    pub others: Vec<SecurityCategory>,
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
    /// An operation is among the scopes; the guide does not say what types it reaches, nor what it does to them.
    pub operation: bool,
    /// A refresh token that lives on after the person has left.
    pub outlasts_session: bool,
    /// Types of later releases are included.
    pub future_types: bool,
    /// Tokens nobody has explained or that are not valid: unlimited until explained.
    pub unexplained: Vec<String>,
}

impl Reach {
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
            let names = (reach.sensitive_types.clone(), reach.unknown_types.clone(), reach.unexplained.clone());
            (counts, names, reach.others.clone())
        };
        self.risk().cmp(&other.risk()).then_with(|| rest(self).cmp(&rest(other)))
    }
}
