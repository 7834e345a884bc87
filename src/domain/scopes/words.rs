//! A permission in plain words: who can do what with which data of whom, and how long.
//!
//! The words are data with a version (`seeds/scopes/words.en.toml`). Whose data it is never left out, an
//! unknown part never falls through to a milder text, and the text shown has a digest that a decision keeps.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::constraint::{Constraint, Parameter};
use super::knowledge::Knowledge;
use super::letters::Letters;
use super::scope::{Context, LaunchScope, Meaning, OperationScope, ResourceScope, ResourceType, Scope};
use super::set::Rejected;

/// The table of words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Changes with every word.
    pub version: String,
    whose: BTreeMap<String, String>,
    verbs: BTreeMap<String, String>,
    details: BTreeMap<String, String>,
    data: DataWords,
    filters: BTreeMap<String, String>,
    other: BTreeMap<String, String>,
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

/// The misspelled code system of US Core's published table of scopes, 7.0.0 and later.
const MISSPELLED_SYSTEM: &str = "http://terminology.hl7.org//CodeSystem-observation-category";

const NEEDED: [(&str, &[&str]); 4] = [
    ("whose", &["patient", "user", "system", "system_note"]),
    ("verbs", &["r", "s", "rs", "c", "u", "d", "cu", "cd", "ud", "cud", "cruds"]),
    ("details", &["r", "s", "c", "u", "d", "v1", "every", "limit", "unlimited", "malformed"]),
    (
        "other",
        &[
            "launch", "launch_target", "openid", "fhirUser", "profile", "offline_access", "online_access", "operation",
            "product", "custom", "invalid",
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
        for (name, text) in self.other.iter().filter(|(name, _)| name.starts_with("launch")) {
            if !text.contains("no records") {
                return Err(format!("[other] {name} must say “no records”"));
            }
        }
        Ok(())
    }
}

impl Knowledge {
    /// A valid scope in words, as held by `app`.
    pub fn explain(&self, scope: &Scope, app: &str) -> Explanation {
        let words = &self.words;
        match scope.meaning() {
            Meaning::Resource(resource) => self.resource(scope, resource, app),
            Meaning::Launch(launch) => self.plain(&words.launch(launch), app),
            Meaning::Identity(identity) => self.plain(word(&words.other, identity.word()), app),
            Meaning::Refresh(refresh) => self.plain(word(&words.other, refresh.word()), app),
            Meaning::Operation(operation) => {
                let text = words.operation(operation);
                Explanation { unlimited: true, ..self.plain(&text, app) }
            }
            Meaning::Custom(token) => match self.products.get(token) {
                Some(known) => self.plain(&word(&words.other, "product").replace("{words}", &known.words), app),
                None => {
                    let text = word(&words.other, "custom").replace("{token}", token);
                    Explanation { unlimited: true, ..self.plain(&text, app) }
                }
            },
        }
    }

    /// A token that is no scope, in words.
    pub fn explain_rejected(&self, rejected: &Rejected, app: &str) -> Explanation {
        let visible: String = rejected.token.chars().take(200).map(|each| if plain(each) { each } else { '\u{FFFD}' }).collect();
        let text = word(&self.words.other, "invalid")
            .replace("{reason}", &rejected.reason.to_string())
            .replace("{token}", &visible);
        Explanation { unlimited: true, ..self.plain(&text, app) }
    }

    fn plain(&self, text: &str, app: &str) -> Explanation {
        let text = text.replace("{app}", app);
        self.words.sealed(text.clone(), text, false)
    }

    fn resource(&self, scope: &Scope, resource: &ResourceScope, app: &str) -> Explanation {
        let words = &self.words;
        let data = words.data_of(resource);
        let mut short = format!(
            "{app} can {} {} {}.",
            words.verbs(resource.letters),
            data.short,
            word(&words.whose, resource.context.word())
        );
        if resource.context == Context::System && resource.constraint.is_empty() {
            short.push(' ');
            short.push_str(word(&words.whose, "system_note"));
        }
        let mut long = short.clone();
        if data.short != data.long {
            long = long.replacen(&data.short, &data.long, 1);
        }
        let mut add = |text: &str| {
            long.push(' ');
            long.push_str(text);
        };
        for letter in resource.letters.each() {
            add(word(&words.details, &letter.to_string()));
        }
        if resource.resource == ResourceType::Every {
            add(word(&words.details, "every"));
        }
        match (&data.limit, resource.constraint.is_empty()) {
            (_, true) => {}
            (Some(filter), false) => add(&word(&words.details, "limit").replace("{filter}", filter)),
            (None, false) => {
                let unlimited = word(&words.details, "unlimited").replace("{limit}", &resource.constraint.to_string());
                short.push(' ');
                short.push_str(&unlimited);
                add(&unlimited);
            }
        }
        if resource.constraint.parameters().iter().flat_map(|each| &each.values).any(|each| each.starts_with(MISSPELLED_SYSTEM)) {
            add(&word(&words.details, "malformed").replace("{system}", MISSPELLED_SYSTEM));
        }
        if let Some(version1) = scope.version1() {
            let text = word(&words.details, "v1").replace("{word}", version1.word());
            add(&text.replace("{letters}", &words.verbs(resource.letters)));
        }
        let unlimited = !resource.constraint.is_empty() && data.limit.is_none();
        words.sealed(short, long, unlimited)
    }
}

/// The data of a scope in words.
struct Data {
    short: String,
    long: String,
    /// The limit in words; `None` where it has no plain words, or where there is none.
    limit: Option<String>,
}

impl Words {
    fn sealed(&self, short: String, long: String, unlimited: bool) -> Explanation {
        let mut hash = Sha256::new();
        for part in [&self.version, &short, &long] {
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        Explanation { digest: hex::encode(hash.finalize()), short, long, unlimited }
    }

    /// What may be done, for any of the 31 sets of letters.
    fn verbs(&self, letters: Letters) -> String {
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

    fn data_of(&self, scope: &ResourceScope) -> Data {
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
        if let Some(category) = self.category(scope) {
            return Data { short: category.clone(), long: category.clone(), limit: Some(format!("that are {category}")) };
        }
        match self.filters(&scope.constraint) {
            Some(filter) => {
                Data { short: format!("{short} {filter}"), long: format!("{long} {filter}"), limit: Some(filter) }
            }
            None => Data { short, long, limit: None },
        }
    }

    /// A name of its own for a type under nothing but categories that have one.
    fn category(&self, scope: &ResourceScope) -> Option<String> {
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
            let codes = parameter.values.iter().map(|value| value.rsplit_once('|').map_or(value.as_str(), |(_, code)| code));
            let codes: Vec<String> = codes.map(|code| format!("“{code}”")).collect();
            let said = codes.iter().all(|code| code != "“”");
            said.then(|| template.replace("{values}", &codes.join(" or ")))
        };
        constraint.parameters().iter().map(each).collect::<Option<Vec<_>>>().map(|all| all.join(" and "))
    }

    fn launch(&self, launch: &LaunchScope) -> String {
        match &launch.target {
            None => word(&self.other, "launch").to_owned(),
            Some(target) => word(&self.other, "launch_target").replace("{target}", target),
        }
    }

    fn operation(&self, scope: &OperationScope) -> String {
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

/// A word that [`Words::check`] has seen.
fn word<'a>(table: &'a BTreeMap<String, String>, name: &str) -> &'a str {
    table.get(name).map_or("", String::as_str)
}

/// Whether a character may be shown as it is: not a control, not a mark that turns text around.
fn plain(each: char) -> bool {
    !each.is_control() && !matches!(each, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}
