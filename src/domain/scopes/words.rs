//! A permission in plain words: who can do what with which data of whom, and how long.
//!
//! The words are data with a version (`seeds/scopes/words.en.toml`). Whose data it is never left out, an
//! unknown part never falls through to a milder text, and the text shown has a digest that a decision keeps.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::constraint::{Constraint, Parameter};
use super::letters::Letters;
use super::others::Others;
use super::release::SecurityCategory;
use super::scope::{LaunchScope, OperationScope, ResourceScope, ResourceType};

/// The table of words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Changes with every word.
    pub version: String,
    pub(super) whose: BTreeMap<String, String>,
    /// A copy of before these words has none: in it every type is worded as patients' data.
    #[serde(default)]
    others: Others,
    pub(super) verbs: BTreeMap<String, String>,
    pub(super) details: BTreeMap<String, String>,
    data: DataWords,
    filters: BTreeMap<String, String>,
    pub(super) other: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DataWords {
    every: String,
    every_long: String,
    unknown: String,
    types: BTreeMap<String, String>,
    categories: BTreeMap<String, String>,
}

/// A permission as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// One sentence.
    pub short: String,
    /// The sentence and what else it means, one sentence each.
    pub long: String,
    /// SHA-256 over the version of the words and both texts, in hexadecimal.
    pub digest: String,
    /// Whether a reader must treat it as unlimited.
    pub unlimited: bool,
}

impl Explanation {
    /// The sentence for a list that names `app` above it: without the name at its beginning.
    pub fn short_under(&self, app: &str) -> String {
        let Some(rest) = self.short.strip_prefix(&visible(app)).and_then(|rest| rest.strip_prefix(' ')) else {
            return self.short.clone();
        };
        capital(rest)
    }
}

const NEEDED: [(&str, &[&str]); 4] = [
    ("whose", &["patient", "user", "system", "system_note"]),
    ("verbs", &["r", "s", "rs", "c", "u", "d", "cu", "cd", "ud", "cud", "cruds"]),
    ("details", &["r", "s", "c", "u", "d", "v1", "every", "limit", "unlimited", "malformed"]),
    (
        "other",
        &[
            "launch",
            "launch_target",
            "openid",
            "fhirUser",
            "profile",
            "offline_access",
            "online_access",
            "operation",
            "product",
            "custom",
            "invalid",
        ],
    ),
];

impl Words {
    /// Whether every sentence can be made and none leaves out whose data it is.
    ///
    /// # Errors
    /// The first word that is missing or says too little.
    pub fn check(&self) -> Result<(), String> {
        let tables = [&self.whose, &self.verbs, &self.details, &self.other];
        for ((table, words), found) in NEEDED.iter().zip(tables) {
            for word in *words {
                if found.get(*word).is_none_or(|text| text.trim().is_empty()) {
                    return Err(format!("[{table}] has no {word}"));
                }
            }
        }
        for (context, part) in [("patient", "one patient"), ("user", "may see"), ("system", "every patient")] {
            if !word(&self.whose, context).contains(part) {
                return Err(format!("[whose] {context} must say “{part}”"));
            }
        }
        self.others.check()?;
        for (name, text) in self.other.iter().filter(|(name, _)| name.starts_with("launch")) {
            if !text.contains("no records") {
                return Err(format!("[other] {name} must say “no records”"));
            }
        }
        Ok(())
    }
}

/// The data of a scope in words.
pub(super) struct Data {
    pub short: String,
    pub long: String,
    /// The limit in words; `None` where it has no plain words, or where there is none.
    pub limit: Option<String>,
}

impl Words {
    pub(super) fn sealed(&self, short: String, long: String, unlimited: bool) -> Explanation {
        let mut hash = Sha256::new();
        for part in [&self.version, &short, &long] {
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        Explanation { digest: hex::encode(hash.finalize()), short, long, unlimited }
    }

    /// What may be done, for any of the 31 sets of letters.
    pub(super) fn verbs(&self, letters: Letters) -> String {
        let spelled = letters.to_string();
        if let Some(whole) = self.verbs.get(&spelled) {
            return whole.clone();
        }
        let looking = letters & Letters::LOOK_UP;
        let writing = letters & Letters::WRITE;
        [looking, writing]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(|part| word(&self.verbs, &part.to_string()).trim_end_matches(',').to_owned())
            .collect::<Vec<_>>()
            .join(", and ")
    }

    /// Whose data a scope reaches.
    pub(super) fn whose_of(&self, scope: &ResourceScope) -> &str {
        let other = self.category(&scope.resource).and_then(|category| self.others.of(category));
        other.map_or_else(|| word(&self.whose, scope.context.word()), |other| other.whose(scope.context))
    }

    /// The category of a type that is worded as no patient's data.
    pub(super) fn category(&self, resource: &ResourceType) -> Option<SecurityCategory> {
        self.others.category(resource)
    }

    /// Whose data a category is that is no patient's.
    pub(super) fn name_of(&self, category: SecurityCategory) -> Option<&str> {
        self.others.of(category).map(|other| other.name.as_str())
    }

    pub(super) fn data_of(&self, scope: &ResourceScope) -> Data {
        let (short, long) = match &scope.resource {
            ResourceType::Every => (self.data.every.clone(), self.data.every_long.clone()),
            ResourceType::Named(name) => {
                let text = self.data.types.get(&**name).cloned();
                let text = text.unwrap_or_else(|| self.data.unknown.replace("{type}", name));
                (text.clone(), text)
            }
        };
        if scope.constraint.is_empty() {
            return Data { short, long, limit: None };
        }
        if let Some(category) = self.named_category(scope) {
            return Data {
                short: category.clone(),
                long: category.clone(),
                limit: Some(format!("that are {category}")),
            };
        }
        match self.filters(&scope.constraint) {
            Some(filter) => {
                Data { short: format!("{short} {filter}"), long: format!("{long} {filter}"), limit: Some(filter) }
            }
            None => Data { short, long, limit: None },
        }
    }

    /// A name of its own for a type under nothing but categories that have one.
    fn named_category(&self, scope: &ResourceScope) -> Option<String> {
        let [Parameter { name, values, experimental: false }] = scope.constraint.parameters() else { return None };
        let ResourceType::Named(resource) = &scope.resource else { return None };
        if name != "category" {
            return None;
        }
        let named = values.iter().map(|value| {
            let code = value.split_once('|').map_or(value.as_str(), |(_, code)| code);
            self.data.categories.get(&format!("{resource} {code}")).cloned()
        });
        named.collect::<Option<Vec<_>>>().map(|all| all.join(" or "))
    }

    /// Every parameter in words, or nothing: a limit half said would read as narrower than it is.
    fn filters(&self, constraint: &Constraint) -> Option<String> {
        let each = |parameter: &Parameter| {
            let template = self.filters.get(&parameter.name).filter(|_| !parameter.experimental)?;
            let codes =
                parameter.values.iter().map(|value| value.rsplit_once('|').map_or(value.as_str(), |(_, code)| code));
            let codes: Vec<String> = codes.map(|code| format!("“{code}”")).collect();
            let said = codes.iter().all(|code| code != "“”");
            said.then(|| template.replace("{values}", &codes.join(" or ")))
        };
        constraint.parameters().iter().map(each).collect::<Option<Vec<_>>>().map(|all| all.join(" and "))
    }

    pub(super) fn launch(&self, launch: &LaunchScope) -> String {
        match &launch.target {
            None => word(&self.other, "launch").to_owned(),
            Some(target) => word(&self.other, "launch_target").replace("{target}", target),
        }
    }

    pub(super) fn operation(&self, scope: &OperationScope) -> String {
        let data = match &scope.resource {
            None | Some(ResourceType::Every) => self.data.every.clone(),
            Some(ResourceType::Named(name)) => {
                self.data.types.get(&**name).cloned().unwrap_or_else(|| self.data.unknown.replace("{type}", name))
            }
        };
        word(&self.other, "operation")
            .replace("{name}", &scope.name)
            .replace("{data}", &data)
            .replace("{whose}", word(&self.whose, scope.context.word()))
    }
}

/// The text with a capital letter at its beginning.
pub(super) fn capital(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// A word that [`Words::check`] has seen.
pub(super) fn word<'a>(table: &'a BTreeMap<String, String>, name: &str) -> &'a str {
    table.get(name).map_or("", String::as_str)
}

/// The first 200 characters of a text of somebody else, with a sign in place of what cannot be shown as it is.
pub(super) fn visible(text: &str) -> String {
    text.chars().take(200).map(|each| if plain(each) { each } else { '\u{FFFD}' }).collect()
}

/// Whether a character may be shown as it is: not a control, not a mark that turns text around.
fn plain(each: char) -> bool {
    !each.is_control()
        && !matches!(each, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}
