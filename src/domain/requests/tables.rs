//! What a security team may say about approvals: stages, grounds, and what is offered to be ticked.
//!
//! The tables of `seeds/approvals` are built in; a deployment may put its own in their place.

use serde::Deserialize;

use super::choosing::ChoiceTable;
use super::grounds::{GroundTable, Organisation};
use super::stages::StageTable;
use crate::domain::scopes::knowledge::TableError;

/// The name of each table's file.
pub const TABLES: [&str; 3] = ["stages.toml", "grounds.toml", "choices.toml"];

/// The tables together, and whose rules the organisation is under.
#[derive(Debug, Clone)]
pub struct ApprovalTables {
    pub stages: StageTable,
    pub grounds: GroundTable,
    pub choices: ChoiceTable,
    pub organisation: Option<Organisation>,
}

impl ApprovalTables {
    /// The tables with those of a deployment in the place of the built-in ones; `own` gives a table's text
    /// by its file name.
    ///
    /// # Errors
    /// The first table that cannot be used, with the reason.
    pub fn read(own: impl Fn(&'static str) -> Option<String>) -> Result<Self, TableError> {
        let stages: StageTable = table("stages.toml", include_str!("../../../seeds/approvals/stages.toml"), &own)?;
        stages.check().map_err(|why| TableError { file: "stages.toml", why })?;
        let grounds: GroundTable = table("grounds.toml", include_str!("../../../seeds/approvals/grounds.toml"), &own)?;
        grounds.check().map_err(|why| TableError { file: "grounds.toml", why })?;
        let choices: ChoiceTable = table("choices.toml", include_str!("../../../seeds/approvals/choices.toml"), &own)?;
        choices.check().map_err(|why| TableError { file: "choices.toml", why })?;
        Ok(Self { stages, grounds, choices, organisation: None })
    }

    /// The same under the rules of that organisation.
    pub fn of(self, organisation: Option<Organisation>) -> Self {
        Self { organisation, ..self }
    }
}

fn table<T: for<'de> Deserialize<'de>>(
    file: &'static str,
    built_in: &str,
    own: &impl Fn(&'static str) -> Option<String>,
) -> Result<T, TableError> {
    let text = own(file);
    toml::from_str(text.as_deref().unwrap_or(built_in))
        .map_err(|error| TableError { file, why: error.to_string().replace('\n', " ").trim().to_owned() })
}
