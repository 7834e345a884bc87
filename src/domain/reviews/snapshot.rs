//! What was known when somebody was asked. It is frozen with the review, so that what was decided can be understood
//! after the identity has changed.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::held::Held;
use crate::domain::identities::{AccessBasis, Criticality, Environment, IdentityKind, IdentityState};
use crate::domain::ids::{Id, Moment};
use crate::domain::reaching::IdentityTier;

/// A snapshot. Empty for what was a task before reviews were kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Snapshot {
    Taken(Box<Taken>),
    /// `{}`
    None {},
}

/// What it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    pub name: String,
    pub kind: IdentityKind,
    pub environment: Environment,
    pub state: IdentityState,
    pub tier: IdentityTier,
    pub access_basis: Option<AccessBasis>,
    pub criticality: Criticality,
    pub business_owner_id: Option<Id>,
    pub technical_owner_id: Option<Id>,
    pub approved: Vec<String>,
    pub issued: Vec<String>,
    pub expires_at: Option<Moment>,
    pub last_used_at: Option<Moment>,
    pub stop_proved_at: Option<Moment>,
    pub next_review_on: Option<NaiveDate>,
    pub identity_version: i64,
}

impl Snapshot {
    /// What it holds, where one was taken.
    pub fn taken(&self) -> Option<&Taken> {
        match self {
            Self::Taken(taken) => Some(taken),
            Self::None {} => None,
        }
    }
}

impl Taken {
    /// The permissions that somebody is asked about.
    pub fn held(&self) -> Held {
        Held { approved: self.approved.clone(), issued: self.issued.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_known_of_what_was_a_task_before() {
        assert_eq!(serde_json::from_str::<Snapshot>("{}").unwrap().taken(), None);
        assert_eq!(serde_json::to_string(&Snapshot::None {}).unwrap(), "{}");
    }
}
