//! On which ground a request may be refused: by access basis, from a table with sources.
//!
//! A patient chooses their app. A payer may refuse it on one ground, an unacceptable risk to the security
//! of its own systems, judged by objective criteria that apply to every app alike (42 CFR 422.119(e)); a
//! provider needs an exception to information blocking (45 CFR part 171). Other apps have no right to be
//! let in, and are refused for whatever reason somebody gives.

use serde::Deserialize;

use crate::domain::scopes::tiers::Basis;
use crate::words;

words! {
    /// Whose rules the organisation is under.
    Organisation {
        Payer = "payer", "A payer";
        Provider = "provider", "A provider";
    }
}

/// The table of grounds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroundTable {
    /// Changes with every ground.
    pub version: String,
    #[serde(rename = "ground")]
    grounds: Vec<Ground>,
}

/// One ground.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// The stored word.
    pub word: String,
    /// What a reader chooses.
    pub label: String,
    /// What has to hold, the same for every app.
    pub criteria: String,
    /// Where the rule is written; empty where it is the organisation's own.
    #[serde(default)]
    pub source: String,
    /// For which access bases it is a ground; for every one where it is left out.
    access_basis: Option<Vec<Basis>>,
    /// For whom it is one; for both where it is left out.
    organisation: Option<Organisation>,
}

impl GroundTable {
    /// The grounds on which an app with that basis can be refused, in the order of the table. Where nobody
    /// said whose rules the organisation is under, those of both are offered.
    pub fn offered(&self, basis: Basis, organisation: Option<Organisation>) -> Vec<&Ground> {
        self.grounds
            .iter()
            .filter(|ground| ground.access_basis.as_ref().is_none_or(|bases| bases.contains(&basis)))
            .filter(|ground| {
                ground.organisation.is_none_or(|whose| organisation.is_none_or(|organisation| organisation == whose))
            })
            .collect()
    }

    /// The ground of that word, whether it is still offered or not.
    pub fn find(&self, word: &str) -> Option<&Ground> {
        self.grounds.iter().find(|ground| ground.word == word)
    }

    /// Every ground.
    pub fn all(&self) -> &[Ground] {
        &self.grounds
    }

    /// Whether every basis has a ground, and each ground is told apart and says what has to hold.
    ///
    /// # Errors
    /// The first fault, in words.
    pub fn check(&self) -> Result<(), String> {
        for ground in &self.grounds {
            let texts = [&ground.word, &ground.label, &ground.criteria];
            if texts.iter().any(|text| text.trim().is_empty()) {
                return Err(format!("the ground \u{201c}{}\u{201d} lacks its word, label or criteria", ground.word));
            }
            if self.grounds.iter().filter(|other| other.word == ground.word).count() > 1 {
                return Err(format!("the ground {} stands twice", ground.word));
            }
        }
        for basis in Basis::ALL {
            for organisation in Organisation::ALL {
                if self.offered(*basis, Some(*organisation)).is_empty() {
                    return Err(format!(
                        "no ground is left for {} at {}: nobody could refuse",
                        basis.label().to_lowercase(),
                        organisation.label().to_lowercase()
                    ));
                }
            }
        }
        Ok(())
    }
}
