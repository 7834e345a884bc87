//! What somebody typed, shown once more where the page of the form is gone: an error, or a form that waits.
//! Nothing typed is lost, and no secret is repeated.

use super::confirm::claim;
use crate::domain::audit::wording;
use crate::domain::ids::Id;
use crate::domain::requests::RequestAnswer;
use crate::domain::task_words::date_words;
use crate::domain::tasks::TaskAnswer;

/// Fields that only a page of ours reads.
const UNSEEN: &[&str] = &["csrf", "version", "identity_version", "digest", "go", "step", "next", "left", claim::FIELD];

/// Names that say more than the field's own.
const NAMES: &[(&str, &str)] = &[
    ("answer", "Your answer"),
    ("keep", "What it may have of what is new"),
    ("somebody", "The right person"),
    ("scopes", "Permissions"),
    ("withdraw_reason", "Reason"),
    ("decision_reason", "Reason"),
];

/// What was typed, as its writer knows it: the name of each field with its text.
#[derive(Debug, Clone, Default)]
pub struct Typed(pub Vec<(String, String)>);

impl Typed {
    /// What is readable of a form; several texts of one field become its lines.
    pub fn of<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let fields: Vec<(&str, &str)> = fields.collect();
        let answer = fields.iter().find(|(name, _)| *name == "answer").map(|(_, text)| *text);
        let mut found: Vec<(String, String)> = Vec::new();
        for (name, text) in fields {
            if is_unseen(name) || text.trim().is_empty() || is_of_another_answer(name, answer) {
                continue;
            }
            // A thing of the register is chosen, not typed.
            if text.parse::<Id>().is_ok() {
                continue;
            }
            let label = NAMES.iter().find(|(known, _)| *known == name);
            let label = label.map_or_else(|| wording::field(name), |(_, label)| (*label).to_owned());
            let text = spoken(name, text);
            match found.iter_mut().find(|(known, _)| *known == label) {
                Some((_, lines)) => {
                    lines.push('\n');
                    lines.push_str(&text);
                }
                None => found.push((label, text)),
            }
        }
        Self(found)
    }
}

/// What a page sends with every answer and belongs to one of them.
fn is_of_another_answer(name: &str, answer: Option<&str>) -> bool {
    let owner = match name {
        "keep" => RequestAnswer::Part,
        "ground" => RequestAnswer::Refuse,
        _ => return false,
    };
    answer.and_then(|answer| answer.parse::<RequestAnswer>().ok()).is_some_and(|answer| answer != owner)
}

fn is_unseen(name: &str) -> bool {
    let secret = name.contains("password") || name == "code" || name == "secret";
    secret || UNSEEN.contains(&name)
}

fn spoken(name: &str, text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    let answer = || {
        let request = text.parse::<RequestAnswer>().map(RequestAnswer::label);
        request.or_else(|_| text.parse::<TaskAnswer>().map(TaskAnswer::label)).ok().map(str::to_owned)
    };
    let found = match name {
        "answer" => answer(),
        "until" => text.parse().ok().map(date_words),
        "ground" => Some(wording::field(text)),
        _ if text == "1" => Some("Ticked".to_owned()),
        _ => None,
    };
    found.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_told_by_its_names_and_no_secret_is() {
        let typed = Typed::of(
            [
                ("csrf", "abc"),
                ("version", "3"),
                ("answer", "part"),
                ("keep", "patient/Patient.rs"),
                ("keep", "patient/Condition.rs"),
                ("ground", "too_wide"),
                ("until", "2027-03-31"),
                ("reason", "Not needed\r\nany more"),
                ("new_password", "correct horse battery"),
            ]
            .into_iter(),
        );
        let expected = [
            ("Your answer", "Approve only part"),
            ("What it may have of what is new", "patient/Patient.rs\npatient/Condition.rs"),
            ("Until", "31 Mar 2027"),
            ("Reason", "Not needed\nany more"),
        ];
        let expected: Vec<(String, String)> =
            expected.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        assert_eq!(typed.0, expected);
    }
}
