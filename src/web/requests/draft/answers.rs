//! What was typed, as a reader reads it.

use super::steps::Step;
use crate::domain::registration::LAUNCH_TYPES;
use crate::domain::requests::asking;
use crate::domain::task_words::date_words;
use crate::web::conflict::Difference;
use crate::web::fields::Fields;
use crate::web::identities::choices::Choices;

/// A page's answers together.
pub struct Group {
    pub title: &'static str,
    pub rows: Vec<Row>,
}

/// An answer.
pub struct Row {
    pub label: &'static str,
    /// In several lines where it is a list; none where nothing was answered.
    pub lines: Vec<String>,
    /// Lines of code, and not of words.
    pub code: bool,
    pub change_href: String,
}

impl Row {
    /// Whether it is one line of words.
    pub fn is_one(&self) -> bool {
        self.lines.len() == 1 && !self.code
    }
}

/// Every answer of a draft, page by page.
pub fn groups(id: crate::domain::ids::Id, fields: &Fields, choices: &Choices) -> Vec<Group> {
    let group = |step: &Step| Group {
        title: step.label(),
        rows: step
            .fields()
            .iter()
            // That an owner is not known yet stands where their name would.
            .filter(|(name, _)| !name.ends_with("_unknown"))
            .map(|(name, label)| Row {
                label,
                lines: lines(name, fields, choices),
                code: matches!(*name, "scopes" | "grant_types" | "redirect_uris"),
                change_href: step.href(id, name),
            })
            .collect(),
    };
    Step::ALL.iter().map(group).collect()
}

fn lines(name: &str, fields: &Fields, choices: &Choices) -> Vec<String> {
    let unknown = fields.is_set(&format!("{name}_unknown"));
    match (fields.all(name).is_empty(), unknown) {
        (true, true) => vec!["I don\u{2019}t know yet".to_owned()],
        _ => spoken(name, fields, choices).lines().map(str::to_owned).filter(|line| !line.trim().is_empty()).collect(),
    }
}

/// The words for what stands in a field; empty where nothing does.
fn spoken(name: &str, fields: &Fields, choices: &Choices) -> String {
    let value = plain(fields, name);
    let label = |pairs: &[(&'static str, &'static str)]| {
        pairs.iter().find(|(word, _)| *word == value).map(|(_, label)| (*label).to_owned())
    };
    let named = |pairs: &[(String, String)]| pairs.iter().find(|(id, _)| *id == value).map(|(_, name)| name.clone());
    let found = match name {
        "kind" => label(&choices.kinds),
        "environment" => label(&choices.environments),
        "client_type" => label(&choices.client_types),
        "access_basis" => label(&choices.bases),
        "criticality" => label(&choices.criticalities),
        "refresh_tokens" => label(&choices.refresh_tokens),
        "method" => label(&choices.methods),
        "system" => named(&choices.systems),
        "vendor" => named(&choices.vendors),
        "launch_types" => Some(launched(&value)),
        "until" | "contract_ends_on" | "agreement_ends_on" | "baa_ends_on" => value.parse().ok().map(date_words),
        "test_data" => Some(if value.is_empty() { "Has to be expected" } else { "None is there" }.to_owned()),
        "urgent" => Some(if value.is_empty() { "No" } else { "Yes" }.to_owned()),
        "business_owner_unknown" | "technical_owner_unknown" => {
            Some(if value.is_empty() { "" } else { "Ticked" }.to_owned())
        }
        _ => None,
    };
    found.unwrap_or(value)
}

fn launched(value: &str) -> String {
    let label = |word: &str| {
        LAUNCH_TYPES.iter().find(|(known, _)| *known == word).map_or(word.to_owned(), |(_, label)| (*label).to_owned())
    };
    value.lines().map(label).collect::<Vec<_>>().join("\n")
}

/// As it would be stored: browsers send line ends as two characters.
fn plain(fields: &Fields, name: &str) -> String {
    fields.all(name).join("\n").replace("\r\n", "\n").trim().to_owned()
}

/// The fields of a page in which what is stored and what was typed differ.
pub fn differences(step: Step, stored: &Fields, typed: &Fields, choices: &Choices) -> Vec<Difference> {
    step.fields()
        .iter()
        .filter(|(name, _)| plain(stored, name) != plain(typed, name))
        .map(|(name, label)| Difference {
            label,
            stored: spoken(name, stored, choices),
            typed: spoken(name, typed, choices),
        })
        .collect()
}

/// A permission in plain words.
pub struct Said {
    pub scope: String,
    pub sentence: String,
    /// Nobody can say what it allows.
    pub unlimited: bool,
    pub explain_href: String,
}

/// The permissions of a text in plain words, and whether there are more than can be asked for at once.
pub fn said(text: &str, app: &str, most: usize, knowledge: &crate::domain::scopes::Knowledge) -> (Vec<Said>, bool) {
    let mut tokens: Vec<&str> = Vec::new();
    for token in text.split_ascii_whitespace() {
        if !tokens.contains(&token) {
            tokens.push(token);
        }
        if tokens.len() > most {
            return (Vec::new(), true);
        }
    }
    let each = |token: &str| {
        let (sentence, unlimited) = crate::domain::requests::sheet::sentence(token, app, knowledge);
        let explain_href = format!("/explain{}", Fields::default().with("s", token).with("app", app).to_query());
        Said { scope: asking::shortened(token), sentence, unlimited, explain_href }
    };
    (tokens.into_iter().map(each).collect(), false)
}
