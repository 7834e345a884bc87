//! The questions of a batch, as they are written.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::domain::scopes::release::Release;
use crate::domain::scopes::scope::Context;
use crate::domain::scopes::tiers::Basis;

/// One line.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Question {
    Parse(Asked<One>),
    ParseSet(Asked<One>),
    Canonical(Asked<Set>),
    Covers(Asked<Granted>),
    Relation(Asked<Granted>),
    Intersection(Asked<Two>),
    Union(Asked<Two>),
    Difference(Asked<Two>),
    Diff(Asked<Change>),
    Decide(Box<Asked<Decide>>),
    Reach(Asked<Reach>),
    Explain(Asked<Explain>),
}

/// A question with the keys beside it that mean nothing in it.
#[derive(Debug, Deserialize)]
pub struct Asked<T> {
    #[serde(flatten)]
    pub question: T,
    #[serde(flatten)]
    pub ignored: Map<String, Value>,
}

impl Question {
    /// The keys that mean nothing in this question, as they stand in it.
    pub fn ignored(&self) -> Vec<&str> {
        let ignored = match self {
            Self::Parse(asked) | Self::ParseSet(asked) => &asked.ignored,
            Self::Canonical(asked) => &asked.ignored,
            Self::Covers(asked) | Self::Relation(asked) => &asked.ignored,
            Self::Intersection(asked) | Self::Union(asked) | Self::Difference(asked) => &asked.ignored,
            Self::Diff(asked) => &asked.ignored,
            Self::Decide(asked) => &asked.ignored,
            Self::Reach(asked) => &asked.ignored,
            Self::Explain(asked) => &asked.ignored,
        };
        ignored.keys().map(String::as_str).collect()
    }
}

/// One scope, or one `scope` string.
#[derive(Debug, Deserialize)]
pub struct One {
    pub scope: String,
}

/// One set.
#[derive(Debug, Deserialize)]
pub struct Set {
    pub scopes: Vec<String>,
}

/// What is granted beside what is wanted.
#[derive(Debug, Deserialize)]
pub struct Granted {
    pub granted: Vec<String>,
    pub wanted: Vec<String>,
}

/// Two sets.
#[derive(Debug, Deserialize)]
pub struct Two {
    pub a: Vec<String>,
    pub b: Vec<String>,
}

/// A set before and after.
#[derive(Debug, Deserialize)]
pub struct Change {
    pub before: Vec<String>,
    pub after: Vec<String>,
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
