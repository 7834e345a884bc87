//! Ticking permissions instead of writing them: what is ticked is written into the field of permissions, which
//! stays the only thing that counts.

use crate::actions::FieldError;
use crate::config::Deployment;
use crate::domain::requests::choosing::{DOING, Ticked};
use crate::domain::requests::sheet::sentence;
use crate::domain::scopes::scope::{Context, Scope};
use crate::web::fields::Fields;

/// The fields of the ticks, and of the permissions that are to be left out.
const NAMES: [&str; 5] = ["tick_whose", "tick_of", "tick_doing", "tick_start", "leave_out"];

/// What can be ticked: value, words, a hint, whether it is ticked.
pub type Box = (String, String, String, bool);

/// The lists of what can be ticked.
#[derive(Debug)]
pub struct Ticks {
    pub whose: Vec<(&'static str, &'static str, &'static str)>,
    pub whose_ticked: String,
    /// Kinds of record under their headings.
    pub groups: Vec<(String, Vec<Box>)>,
    pub doing: Vec<Box>,
    pub start: Vec<Box>,
    /// The lists stand open: something in them is ticked, or nothing is written yet.
    pub open: bool,
}

impl Ticks {
    /// What is offered, with what is ticked.
    pub fn of(fields: &Fields, app: &str, deployment: &Deployment) -> Self {
        let table = &deployment.approvals.choices;
        let knowledge = &deployment.scopes;
        let on = |name: &str, value: &str| fields.all(name).contains(&value);
        let kind = |of: &String| {
            let words = knowledge.data_words(of).unwrap_or_else(|| of.clone());
            (of.clone(), words, caption(of), on("tick_of", of))
        };
        let start = |of: &String| {
            let words = match Scope::parse(of) {
                Ok(scope) => knowledge.explain(&scope, app).short_under(app),
                Err(_) => of.clone(),
            };
            (of.clone(), words, of.clone(), on("tick_start", of))
        };
        Self {
            whose: vec![
                (Context::Patient.word(), "One patient\u{2019}s, who is open in the app", ""),
                (Context::User.word(), "Those of every patient whom the person who is signed in may see", ""),
                (Context::System.word(), "Those of every patient, at any hour, with nobody signed in", ""),
            ],
            whose_ticked: fields.raw("tick_whose").to_owned(),
            groups: table
                .groups
                .iter()
                .map(|group| (group.name.clone(), group.of.iter().map(kind).collect()))
                .collect(),
            doing: DOING
                .iter()
                .map(|(letters, words)| {
                    ((*letters).to_owned(), (*words).to_owned(), String::new(), on("tick_doing", letters))
                })
                .collect(),
            start: table.start.of.iter().map(start).collect(),
            open: fields.get("scopes").is_none() || NAMES.iter().any(|name| fields.get(name).is_some()),
        }
    }
}

/// "Observation, laboratory": the type, and the code of its limit.
fn caption(of: &str) -> String {
    match of.split_once('?') {
        Some((kind, limit)) => format!("{kind}, {}", limit.rsplit(['|', '=']).next().unwrap_or_default()),
        None => of.to_owned(),
    }
}

/// The permissions that are written, as boxes for leaving them out.
pub fn written(fields: &Fields, app: &str, deployment: &Deployment) -> Vec<Box> {
    let mut found: Vec<Box> = Vec::new();
    for token in fields.raw("scopes").split_ascii_whitespace().take(deployment.approvals.stages.most_scopes) {
        if !found.iter().any(|(known, ..)| known == token) {
            let (words, _) = sentence(token, app, &deployment.scopes);
            found.push((token.to_owned(), words, token.to_owned(), false));
        }
    }
    found
}

/// The fields with what is ticked written into the permissions, and with nothing ticked any more. What is
/// half ticked stays as it is, with what is missing.
pub fn applied(fields: Fields, deployment: &Deployment) -> (Fields, Vec<FieldError>) {
    let ticked = Ticked {
        whose: fields.raw("tick_whose"),
        of: fields.all("tick_of"),
        doing: fields.all("tick_doing"),
        start: fields.all("tick_start"),
    };
    let added = match deployment.approvals.choices.chosen(&ticked) {
        Ok(added) => added,
        Err(faults) => {
            let faults = faults.iter().map(|fault| FieldError::new(fault.field(), fault.to_string())).collect();
            return (fields, faults);
        }
    };
    let left_out = fields.all("leave_out");
    if added.is_empty() && left_out.is_empty() {
        return (fields, Vec::new());
    }
    let kept: Vec<&str> = fields.raw("scopes").split_ascii_whitespace().filter(|one| !left_out.contains(one)).collect();
    let new = added.iter().map(String::as_str).filter(|one| !kept.contains(one));
    let text = kept.iter().copied().chain(new).collect::<Vec<_>>().join("\n");
    let mut fields = fields.with("scopes", &text);
    for name in NAMES {
        fields = fields.with(name, "");
    }
    (fields, Vec::new())
}
