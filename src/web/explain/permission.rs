//! One permission as a reader meets it: its sentence, what it is made of, what is odd about it.

use crate::domain::scopes::Knowledge;
use crate::domain::scopes::letters::Letters;
use crate::domain::scopes::release::{self, Release};
use crate::domain::scopes::scope::{Meaning, ResourceScope, ResourceType, Scope};
use crate::domain::scopes::set::Rejected;
use crate::domain::scopes::words::Explanation;
use crate::web::fields::Fields;

/// A permission on the page.
#[derive(Debug)]
pub struct Permission {
    /// As it was written.
    pub written: String,
    pub explanation: Explanation,
    /// Name and value, one for each part.
    pub parts: Vec<(&'static str, String)>,
    /// What a reader should know before believing it, a sentence each.
    pub problems: Vec<String>,
    pub valid: bool,
    /// The list of identities to which exactly this text is issued.
    pub holders_href: String,
    /// How many there are, in words.
    pub holders: String,
}

impl Permission {
    /// A valid scope.
    pub fn of(scope: &Scope, app: &str, release: Release, knowledge: &Knowledge) -> Self {
        let mut parts = vec![("Kind", kind_words(scope.meaning()).to_owned())];
        let mut problems = Vec::new();
        match scope.meaning() {
            Meaning::Resource(resource) => {
                parts.extend(resource_parts(scope, resource));
                problems.extend(resource_problems(resource, release));
            }
            Meaning::Launch(launch) => {
                parts
                    .push(("Context asked for", launch.target.as_deref().unwrap_or("the one that is open").to_owned()));
                if let Some(role) = &launch.role {
                    parts.push(("Role", role.to_string()));
                }
            }
            Meaning::Operation(operation) => {
                parts.push(("Operation", operation.name.to_string()));
                parts.push(("Context", operation.context.label().to_owned()));
                problems.push(
                    "Operations are outside the SMART guide; each server decides what this one reaches.".to_owned(),
                );
            }
            Meaning::Custom(token) if !knowledge.products.contains_key(token) => {
                problems.push(
                    "It is no SMART scope and nobody has explained it; no wildcard covers it, and it counts as unlimited."
                        .to_owned(),
                );
            }
            Meaning::Identity(_) | Meaning::Refresh(_) | Meaning::Custom(_) => {}
        }
        Self::with(scope.written(), knowledge.explain(scope, app), parts, problems, true)
    }

    /// A token that is no scope.
    pub fn rejected(rejected: &Rejected, app: &str, knowledge: &Knowledge) -> Self {
        let problems = vec![format!("It is not a scope: {}.", rejected.reason)];
        Self::with(&rejected.token, knowledge.explain_rejected(rejected, app), Vec::new(), problems, false)
    }

    /// How a problem is marked.
    pub fn problem_kind(&self) -> &'static str {
        if self.valid { "warn" } else { "bad" }
    }

    fn with(
        written: &str,
        explanation: Explanation,
        parts: Vec<(&'static str, String)>,
        problems: Vec<String>,
        valid: bool,
    ) -> Self {
        let holders_href = format!("/identities{}", Fields::default().with("scope", written).to_query());
        Self { written: written.to_owned(), explanation, parts, problems, valid, holders_href, holders: String::new() }
    }
}

fn kind_words(meaning: &Meaning) -> &'static str {
    match meaning {
        Meaning::Resource(_) => "Access to records",
        Meaning::Launch(_) => "How the app is started",
        Meaning::Identity(_) => "Who signed in",
        Meaning::Refresh(_) => "How long access lasts",
        Meaning::Operation(_) => "An operation",
        Meaning::Custom(_) => "Outside SMART",
    }
}

fn resource_parts(scope: &Scope, resource: &ResourceScope) -> Vec<(&'static str, String)> {
    let mut parts = vec![
        ("Context", format!("{}: {}", resource.context.word(), resource.context.label())),
        (
            "Type",
            if resource.resource == ResourceType::Every {
                "*: every type".to_owned()
            } else {
                resource.resource.to_string()
            },
        ),
        ("Letters", format!("{}: {}", resource.letters, letter_words(resource.letters))),
    ];
    for parameter in resource.constraint.parameters() {
        parts.push(("Limit", parameter.to_string()));
    }
    parts.push(("Written in version 2", scope.to_string()));
    let version1 = [(Letters::LOOK_UP, "read"), (Letters::WRITE, "write"), (Letters::ALL, "*")]
        .into_iter()
        .find(|(letters, _)| *letters == resource.letters)
        .map(|(_, word)| format!("{}/{}.{word}", resource.context.word(), resource.resource));
    parts.push((
        "Written in version 1",
        version1.unwrap_or_else(|| "version 1 has no word for these letters".to_owned()),
    ));
    parts
}

fn letter_words(letters: Letters) -> String {
    let words = |letter: Letters| match letter.to_string().as_str() {
        "c" => "create",
        "r" => "read",
        "u" => "update",
        "d" => "delete",
        _ => "search",
    };
    letters.each().map(words).collect::<Vec<_>>().join(", ")
}

fn resource_problems(resource: &ResourceScope, release: Release) -> Vec<String> {
    let mut problems = Vec::new();
    if let ResourceType::Named(name) = &resource.resource {
        let releases = release::releases(name);
        if releases.is_empty() {
            let meant = release::nearest(name).map(|meant| format!(" Was {meant} meant?")).unwrap_or_default();
            problems.push(format!("No release of FHIR has a type {name}, so this may match nothing.{meant}"));
        } else if !releases.contains(&release) {
            let known: Vec<&str> = releases.iter().map(|each| each.label()).collect();
            problems.push(format!("{} has no type {name}; {} has.", release.label(), known.join(" and ")));
        }
    }
    if resource.constraint.is_experimental() {
        problems.push("Its limit is experimental in the SMART guide; a server that cannot evaluate it may ignore it and grant everything.".to_owned());
    }
    if resource.resource == ResourceType::Every && !resource.constraint.is_empty() {
        problems.push("A limit on every type has no agreed meaning on the types that lack its parameter.".to_owned());
    }
    problems
}
