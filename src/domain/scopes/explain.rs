//! One scope, or a token that is none, in the words of a deployment.

use super::knowledge::Knowledge;
use super::scope::{Context, Meaning, ResourceScope, ResourceType, Scope};
use super::set::Rejected;
use super::words::{Explanation, capital, visible, word};

/// The misspelled code system of US Core's published table of scopes, 7.0.0 and later.
const MISSPELLED_SYSTEM: &str = "http://terminology.hl7.org//CodeSystem-observation-category";

impl Knowledge {
    /// A valid scope in words, as held by `app`.
    pub fn explain(&self, scope: &Scope, app: &str) -> Explanation {
        let (words, app) = (&self.words, &visible(app));
        match scope.meaning() {
            Meaning::Resource(resource) => self.resource(scope, resource, app),
            Meaning::Launch(launch) => self.plain_words(&words.launch(launch), app),
            Meaning::Identity(identity) => self.plain_words(word(&words.other, identity.word()), app),
            Meaning::Refresh(refresh) => self.plain_words(word(&words.other, refresh.word()), app),
            Meaning::Operation(operation) => {
                let text = words.operation(operation);
                Explanation { unlimited: true, ..self.plain_words(&text, app) }
            }
            Meaning::Custom(token) => match self.products.get(token) {
                Some(known) => self.plain_words(&word(&words.other, "product").replace("{words}", &known.words), app),
                None => {
                    let text = word(&words.other, "custom").replace("{token}", token);
                    Explanation { unlimited: true, ..self.plain_words(&text, app) }
                }
            },
        }
    }

    /// The words for a kind of record, with its limit: `Observation?category=SYSTEM|CODE`. `None` for what is no kind
    /// of record. It begins with a capital letter.
    pub fn data_words(&self, of: &str) -> Option<String> {
        let (kind, limit) = of.split_once('?').map_or((of, String::new()), |(kind, limit)| (kind, format!("?{limit}")));
        let scope = Scope::parse(&format!("patient/{kind}.rs{limit}")).ok()?;
        match scope.meaning() {
            Meaning::Resource(resource) => Some(capital(&self.words.data_of(resource).short)),
            _ => None,
        }
    }

    /// A token that is no scope, in words.
    pub fn explain_rejected(&self, rejected: &Rejected, app: &str) -> Explanation {
        let text = word(&self.words.other, "invalid")
            .replace("{reason}", &rejected.reason.to_string())
            .replace("{token}", &visible(&rejected.token));
        Explanation { unlimited: true, ..self.plain_words(&text, &visible(app)) }
    }

    fn plain_words(&self, text: &str, app: &str) -> Explanation {
        let text = text.replace("{app}", app);
        self.words.sealed(text.clone(), text, false)
    }

    fn resource(&self, scope: &Scope, resource: &ResourceScope, app: &str) -> Explanation {
        let words = &self.words;
        let data = words.data_of(resource);
        let mut short =
            format!("{app} can {} {} {}.", words.verbs(resource.letters), data.short, words.whose_of(resource));
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
        if resource
            .constraint
            .parameters()
            .iter()
            .flat_map(|each| &each.values)
            .any(|each| each.starts_with(MISSPELLED_SYSTEM))
        {
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
