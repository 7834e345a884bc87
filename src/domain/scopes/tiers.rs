//! The tier of an identity: low, moderate, high or critical, by a table of rules.

use serde::Deserialize;

use super::reach::{Reach, Whose};
use crate::words;

words! {
    /// How much harm the scopes could do; it sets how often access is reviewed and rehearsed to stop.
    Tier {
        Low = "low", "Low";
        Moderate = "moderate", "Moderate";
        High = "high", "High";
        Critical = "critical", "Critical";
    }
}

words! {
    /// Why an identity may see patient data, as the table of tiers names it.
    Basis {
        PatientDirected = "patient_directed", "Patient-directed";
        Treatment = "treatment", "Treatment";
        BusinessAssociate = "business_associate", "Business associate";
        Research = "research", "Research";
        InternalOperations = "internal_operations", "Internal operations";
        Public = "public", "Public, no patient data";
        /// Nobody has said.
        Unknown = "unknown", "Unknown";
    }
}

/// The rules in their order.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierTable {
    #[serde(rename = "rule", default)]
    rules: Vec<TierRule>,
}

/// One rule: it applies where every condition it states holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierRule {
    pub tier: Tier,
    /// The reason a reader sees.
    pub because: String,
    whose: Option<Vec<Whose>>,
    access_basis: Option<Vec<Basis>>,
    unexplained: Option<bool>,
    patient_data: Option<bool>,
    bulk_export: Option<bool>,
    write: Option<bool>,
    delete: Option<bool>,
    future_types: Option<bool>,
    outlasts_session: Option<bool>,
    sensitive_types: Option<usize>,
    unknown_types: Option<bool>,
    types: Option<usize>,
}

impl TierRule {
    fn holds(&self, reach: &Reach, basis: Basis) -> bool {
        let is = |wanted: Option<bool>, value: bool| wanted.is_none_or(|wanted| wanted == value);
        self.whose.as_ref().is_none_or(|any| any.contains(&reach.whose))
            && self.access_basis.as_ref().is_none_or(|any| any.contains(&basis))
            && is(self.unexplained, !reach.unexplained.is_empty())
            && is(self.patient_data, reach.patient_data_types > 0)
            && is(self.bulk_export, reach.bulk_export)
            && is(self.write, reach.write)
            && is(self.delete, reach.delete)
            && is(self.future_types, reach.future_types)
            && is(self.outlasts_session, reach.outlasts_session)
            && is(self.unknown_types, !reach.unknown_types.is_empty())
            && self.sensitive_types.is_none_or(|least| reach.sensitive_types.len() >= least)
            && self.types.is_none_or(|least| reach.types >= least)
    }
}

impl TierTable {
    /// The tier and the reason for it; low where no rule applies.
    pub fn tier(&self, reach: &Reach, basis: Basis) -> (Tier, &str) {
        self.rules
            .iter()
            .find(|rule| rule.holds(reach, basis))
            .map_or((Tier::Low, "No rule of the table applies."), |rule| (rule.tier, &rule.because))
    }
}
