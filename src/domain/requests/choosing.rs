//! Permissions that are ticked instead of written: whose data, of which kind, and what may be done with it.
//!
//! Nothing is ticked for anybody. What is ticked becomes permissions in the spelling of SMART App Launch 2.2,
//! one for each kind, in the order of the table.

use serde::Deserialize;

use crate::domain::scopes::scope::{Context, Scope};

/// What is offered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceTable {
    /// Changes with every choice.
    pub version: String,
    #[serde(rename = "group")]
    pub groups: Vec<ChoiceGroup>,
    pub start: Start,
}

/// Kinds of record under one heading.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceGroup {
    pub name: String,
    /// A type of record, with a limit to some of them: `Observation?category=SYSTEM|CODE`.
    pub of: Vec<String>,
}

/// Permissions that give no records by themselves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    pub of: Vec<String>,
}

/// What can be done with records: the letters of SMART App Launch 2.2, and words for them.
pub const DOING: &[(&str, &str)] = &[("rs", "Look up and read"), ("c", "Add new"), ("u", "Change"), ("d", "Delete")];

/// What somebody ticked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ticked<'a> {
    /// The word of a context.
    pub whose: &'a str,
    pub of: Vec<&'a str>,
    pub doing: Vec<&'a str>,
    pub start: Vec<&'a str>,
}

/// What is missing beside a tick.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceFault {
    #[error("Choose whose records, or take the ticks below away")]
    NoContext,
    #[error("Tick at least one kind of record, or take the other ticks away")]
    NoKind,
    #[error("Tick what it may do with them, or take the other ticks away")]
    NoDoing,
    #[error("This is not offered: {0}; open the page again")]
    NotOffered(String),
}

impl ChoiceFault {
    /// The field of the form that it is about.
    pub fn field(&self) -> &'static str {
        match self {
            Self::NoContext => "tick_whose",
            Self::NoKind | Self::NotOffered(_) => "tick_of",
            Self::NoDoing => "tick_doing",
        }
    }
}

impl Ticked<'_> {
    /// Whether nothing is ticked at all.
    pub fn is_empty(&self) -> bool {
        self.whose.is_empty() && self.of.is_empty() && self.doing.is_empty() && self.start.is_empty()
    }
}

impl ChoiceTable {
    /// The permissions for what is ticked.
    ///
    /// # Errors
    /// Every fault at once, in the order of the form.
    pub fn chosen(&self, ticked: &Ticked<'_>) -> Result<Vec<String>, Vec<ChoiceFault>> {
        let mut faults = Vec::new();
        let records = !(ticked.whose.is_empty() && ticked.of.is_empty() && ticked.doing.is_empty());
        let context = ticked.whose.parse::<Context>().ok();
        if records && context.is_none() {
            faults.push(ChoiceFault::NoContext);
        }
        if records && ticked.of.is_empty() {
            faults.push(ChoiceFault::NoKind);
        }
        if records && !DOING.iter().any(|(letters, _)| ticked.doing.contains(letters)) {
            faults.push(ChoiceFault::NoDoing);
        }
        let offered: Vec<&String> = self.groups.iter().flat_map(|group| &group.of).collect();
        let unknown = ticked.of.iter().find(|of| !offered.iter().any(|known| known == *of));
        let unknown =
            unknown.or_else(|| ticked.start.iter().find(|of| !self.start.of.iter().any(|known| known == *of)));
        faults.extend(unknown.map(|of| ChoiceFault::NotOffered((*of).to_owned())));
        if !faults.is_empty() {
            return Err(faults);
        }
        let start = self.start.of.iter().filter(|of| ticked.start.contains(&of.as_str())).cloned();
        let Some(context) = context else { return Ok(start.collect()) };
        let letters = letters(&ticked.doing);
        let kinds = offered.into_iter().filter(|of| ticked.of.contains(&of.as_str()));
        Ok(start.chain(kinds.map(|of| written(context, of, &letters))).collect())
    }

    /// Whether every choice becomes a permission.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self) -> Result<(), String> {
        let kinds = self.groups.iter().flat_map(|group| &group.of).map(|of| written(Context::Patient, of, "rs"));
        for scope in kinds.chain(self.start.of.iter().cloned()) {
            Scope::parse(&scope).map_err(|why| format!("{scope} is no permission: {why}"))?;
        }
        Ok(())
    }
}

/// The letters in the order that the grammar wants.
fn letters(doing: &[&str]) -> String {
    "cruds".chars().filter(|letter| doing.iter().any(|each| each.contains(*letter))).collect()
}

/// `Observation?category=x` with its context and its letters: `patient/Observation.rs?category=x`.
pub fn written(context: Context, of: &str, letters: &str) -> String {
    let context = context.word();
    match of.split_once('?') {
        Some((kind, limit)) => format!("{context}/{kind}.{letters}?{limit}"),
        None => format!("{context}/{of}.{letters}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> ChoiceTable {
        let table: ChoiceTable = toml::from_str(include_str!("../../../seeds/approvals/choices.toml")).unwrap();
        table.check().unwrap();
        table
    }

    #[test]
    fn ticks_become_permissions_in_the_order_of_the_table() {
        let lab = "Observation?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory";
        let ticked = Ticked {
            whose: "patient",
            of: vec![lab, "Patient"],
            doing: vec!["d", "rs", "c"],
            start: vec!["launch/patient"],
        };
        assert_eq!(
            table().chosen(&ticked).unwrap(),
            [
                "launch/patient",
                "patient/Patient.crds",
                "patient/Observation.crds?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory",
            ]
        );
    }

    #[test]
    fn half_a_choice_is_a_fault_and_none_is_not() {
        assert_eq!(table().chosen(&Ticked::default()), Ok(Vec::new()));
        let only_kind = Ticked { of: vec!["Patient"], ..Ticked::default() };
        assert_eq!(table().chosen(&only_kind), Err(vec![ChoiceFault::NoContext, ChoiceFault::NoDoing]));
        let only_whose = Ticked { whose: "system", ..Ticked::default() };
        assert_eq!(table().chosen(&only_whose), Err(vec![ChoiceFault::NoKind, ChoiceFault::NoDoing]));
        let made_up = Ticked { whose: "user", of: vec!["*"], doing: vec!["rs"], ..Ticked::default() };
        assert_eq!(table().chosen(&made_up), Err(vec![ChoiceFault::NotOffered("*".to_owned())]));
        let start = Ticked { start: vec!["openid"], ..Ticked::default() };
        assert_eq!(table().chosen(&start), Ok(vec!["openid".to_owned()]));
    }

    #[test]
    fn every_kind_that_is_offered_has_words_of_its_own() {
        let knowledge = crate::domain::scopes::Knowledge::built_in().unwrap();
        for of in table().groups.iter().flat_map(|group| &group.of) {
            let words = knowledge.data_words(of).unwrap();
            assert!(!words.contains("no plain words"), "{of}: {words}");
            assert!(!of.contains('?') || !words.contains("category"), "{of}: {words}");
        }
    }
}
