//! The questions of a batch, as they are written.

use serde::{Deserialize, Deserializer};

use crate::domain::scopes::release::Release;
use crate::domain::scopes::scope::Context;
use crate::domain::scopes::tiers::Basis;

/// One line.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Question {
    Parse { scope: String },
    ParseSet { scope: String },
    Canonical { scopes: Vec<String> },
    Covers { granted: Vec<String>, wanted: Vec<String> },
    Relation { granted: Vec<String>, wanted: Vec<String> },
    Intersection { a: Vec<String>, b: Vec<String> },
    Union { a: Vec<String>, b: Vec<String> },
    Difference { a: Vec<String>, b: Vec<String> },
    Diff { before: Vec<String>, after: Vec<String> },
    Decide(Box<Decide>),
    Reach(Reach),
    Explain(Explain),
}

/// May these scopes do this?
#[derive(Debug, Deserialize)]
pub struct Decide {
    pub granted: Vec<String>,
    pub interaction: String,
    #[serde(default)]
    pub resource: Option<String>,
    #[serde(default)]
    pub context: Option<Context>,
    /// Absent: not said. `null`: there is no patient in context.
    #[serde(default, deserialize_with = "said")]
    pub launch_patient: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    pub resource_patient: Option<Option<String>>,
    #[serde(default)]
    pub coding: Option<Vec<(Option<String>, String)>>,
}

/// How far do these scopes reach?
#[derive(Debug, Deserialize)]
pub struct Reach {
    pub scopes: Vec<String>,
    #[serde(default)]
    pub release: Option<Release>,
    #[serde(default)]
    pub access_basis: Option<Basis>,
}

/// What does this scope mean in words?
#[derive(Debug, Deserialize)]
pub struct Explain {
    pub scope: String,
    #[serde(default)]
    pub app: Option<String>,
}

/// Tells a member that is `null` from one that is absent.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}
