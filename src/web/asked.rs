//! What a link asks of a list, with an account of all in it that cannot be followed.
//!
//! A filter that is not understood would leave a list wider than what was asked, and nobody would see
//! it. So each such part becomes a fault: the page says it, answers 422 and shows no row; an export and
//! a change to many are refused. A list reads its filter like this:
//!
//! ```ignore
//! let mut asked = Asked::of(&fields);
//! let filter = PeopleFilter { search: asked.text("q", "Search"), role: asked.value("role", "Role") };
//! let faults = asked.finish();
//! ```

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use chrono::NaiveDate;

use super::errors::WebError;
use super::fields::Fields;
use crate::domain::ids::Id;
use crate::domain::words::Worded;

/// What a link may carry beside the filter: the place in the list, and what was just done.
const BESIDE: [&str; 3] = ["after", "before", "done"];

/// A part of a link that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    field: String,
    /// A sentence.
    text: String,
    /// What can stand there instead: the value, and its words for a reader.
    instead: Vec<(String, String)>,
}

/// Everything in a link that cannot be followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

/// A fault as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultLine {
    pub text: String,
    /// The same list with another value in place of the one that cannot be followed.
    pub instead: Vec<(String, String)>,
    /// The same list without that part of the filter.
    pub without: String,
}

impl Faults {
    /// Adds a fault: the field, a sentence, and the values that can stand there instead.
    pub fn add(&mut self, field: &str, text: impl Into<String>, instead: Vec<(String, String)>) {
        self.0.push(Fault { field: field.to_owned(), text: text.into(), instead });
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The status of the list's page.
    pub fn status(&self) -> StatusCode {
        if self.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
    }

    /// The faults for the page of the list at `path`, whose filter is `bare`.
    pub fn lines(&self, path: &str, bare: &Fields) -> Vec<FaultLine> {
        let link = |field: &str, value: &str| format!("{path}{}", bare.with(field, value).to_query());
        self.0
            .iter()
            .map(|fault| FaultLine {
                text: fault.text.clone(),
                instead: fault
                    .instead
                    .iter()
                    .map(|(value, label)| (label.clone(), link(&fault.field, value)))
                    .collect(),
                without: link(&fault.field, ""),
            })
            .collect()
    }

    /// The answer in place of an export that would hold more than was asked for: 422 and the reasons
    /// as plain text. An export begins with the first row, so a place in the list is a fault too.
    pub fn refuse_export(mut self, fields: &Fields) -> Option<HttpResponse> {
        for name in ["after", "before"].into_iter().filter(|name| fields.is_set(name)) {
            self.add(name, format!("An export holds every row: leave out \u{201c}{name}\u{201d}."), Vec::new());
        }
        if self.is_empty() {
            return None;
        }
        let text = format!("Nothing is exported, because the filter cannot be followed.\n\n{}\n", self.in_plain_text());
        Some(HttpResponse::UnprocessableEntity().content_type(ContentType::plaintext()).body(text))
    }

    /// Refuses what would be done to all that match.
    ///
    /// # Errors
    /// `Unclear` with the reasons when there are faults.
    pub fn refuse(&self) -> Result<(), WebError> {
        if self.is_empty() {
            return Ok(());
        }
        Err(WebError::Unclear(format!("The filter cannot be followed, so nothing was done. {}", self.in_plain_text())))
    }

    /// Each fault with its field, in words for a program.
    pub fn by_field(&self) -> Vec<(String, String)> {
        self.0.iter().map(|fault| (fault.field.clone(), fault.in_plain_text())).collect()
    }

    fn in_plain_text(&self) -> String {
        self.0.iter().map(Fault::in_plain_text).collect::<Vec<_>>().join("\n")
    }
}

impl Fault {
    fn in_plain_text(&self) -> String {
        match self.instead.as_slice() {
            [] => self.text.clone(),
            instead => {
                let values: Vec<String> = instead.iter().map(|(value, label)| format!("{value} ({label})")).collect();
                format!("{} Possible: {}.", self.text, values.join(", "))
            }
        }
    }
}

/// A link's filter while it is read.
pub struct Asked<'a> {
    fields: &'a Fields,
    known: Vec<&'static str>,
    faults: Faults,
}

impl<'a> Asked<'a> {
    /// Begins to read.
    pub fn of(fields: &'a Fields) -> Self {
        Self { fields, known: Vec::new(), faults: Faults::default() }
    }

    /// Free text.
    pub fn text(&mut self, name: &'static str, label: &str) -> Option<String> {
        let text = self.get(name, label)?;
        if text.chars().any(char::is_control) {
            let why = format!("{label}: this text holds a sign that cannot be shown. Type it anew.");
            self.faults.add(name, why, Vec::new());
            return None;
        }
        Some(text.to_owned())
    }

    /// A value of an enumeration.
    pub fn value<T: Worded>(&mut self, name: &'static str, label: &str) -> Option<T> {
        self.word(name, label, &T::pairs()).and_then(|word| word.parse().ok())
    }

    /// One of a few words, each with its label.
    pub fn word(&mut self, name: &'static str, label: &str, options: &[(&'static str, &str)]) -> Option<&'static str> {
        let text = self.get(name, label)?;
        let found = options.iter().find(|(word, _)| *word == text).map(|(word, _)| *word);
        if found.is_none() {
            let instead = options.iter().map(|(word, label)| ((*word).to_owned(), (*label).to_owned())).collect();
            self.faults.add(name, not_one(label, text), instead);
        }
        found
    }

    /// The id of a record.
    pub fn id(&mut self, name: &'static str, label: &str) -> Option<Id> {
        let text = self.get(name, label)?;
        let found = text.parse().ok();
        if found.is_none() {
            self.faults.add(name, format!("{label}: \u{201c}{text}\u{201d} is not the id of a record."), Vec::new());
        }
        found
    }

    /// A day, as `2026-11-23`.
    pub fn date(&mut self, name: &'static str, label: &str) -> Option<NaiveDate> {
        let text = self.get(name, label)?;
        // Ten signs: a longer year has no moment that a database could hold.
        let found = text.parse::<NaiveDate>().ok().filter(|_| text.len() == 10);
        if found.is_none() {
            let why = format!("{label}: \u{201c}{text}\u{201d} is not a day. Write it as 2026-11-23.");
            self.faults.add(name, why, Vec::new());
        }
        found
    }

    /// A field that the list reads by itself.
    pub fn get(&mut self, name: &'static str, label: &str) -> Option<&'a str> {
        self.known.push(name);
        let mut given: Vec<&str> = self.fields.all(name);
        given.retain(|value| !value.trim().is_empty());
        given.dedup();
        if given.len() > 1 {
            let instead = given.iter().map(|value| ((*value).to_owned(), (*value).to_owned())).collect();
            self.faults.add(name, format!("{label} is given more than once. Choose one."), instead);
            return None;
        }
        given.first().map(|value| value.trim())
    }

    /// A fault that the list found by itself.
    pub fn fault(&mut self, name: &'static str, text: impl Into<String>) {
        self.faults.add(name, text, Vec::new());
    }

    /// The same with values that can stand there instead, each with its words.
    pub fn fault_with(&mut self, name: &'static str, text: impl Into<String>, instead: Vec<(String, String)>) {
        self.faults.add(name, text, instead);
    }

    /// The faults, names that the list does not know among them.
    pub fn finish(mut self) -> Faults {
        let mut strangers: Vec<&str> = Vec::new();
        for (name, value) in self.fields.iter() {
            let stranger = !self.known.contains(&name) && !BESIDE.contains(&name) && !value.trim().is_empty();
            if stranger && !strangers.contains(&name) {
                strangers.push(name);
                self.faults.add(name, format!("This list has no filter called \u{201c}{name}\u{201d}."), Vec::new());
            }
        }
        self.faults
    }
}

/// The sentence for a value that is none of the choices.
pub fn not_one(label: &str, text: &str) -> String {
    format!("{label}: \u{201c}{text}\u{201d} is not one of the choices.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people::Role;

    fn told(query: &str) -> Vec<String> {
        let fields = Fields::parse(query.as_bytes());
        let mut asked = Asked::of(&fields);
        asked.text("q", "Search");
        asked.value::<Role>("role", "Role");
        asked.date("since", "Since");
        asked.finish().0.into_iter().map(|fault| fault.text).collect()
    }

    #[test]
    fn what_is_understood_is_no_fault() {
        let empty: [&str; 0] = [];
        assert_eq!(told("q=a&role=auditor&since=2026-11-23&after=x&done=saved&other="), empty);
        assert_eq!(told("role=auditor&role=auditor&role="), empty);
    }

    #[test]
    fn every_part_that_cannot_be_followed_is_told() {
        assert_eq!(told("role=Auditor"), ["Role: \u{201c}Auditor\u{201d} is not one of the choices."]);
        assert_eq!(told("role=auditor&role=owner"), ["Role is given more than once. Choose one."]);
        assert_eq!(told("rolle=auditor"), ["This list has no filter called \u{201c}rolle\u{201d}."]);
        assert_eq!(told("since=0"), ["Since: \u{201c}0\u{201d} is not a day. Write it as 2026-11-23."]);
        assert_eq!(told("since=%2B12026-01-01").len(), 1);
        assert_eq!(told("q=a%00b").len(), 1);
    }

    #[test]
    fn a_fault_links_to_what_can_stand_there_instead() {
        let fields = Fields::parse(b"q=a&role=bogus");
        let mut asked = Asked::of(&fields);
        asked.value::<Role>("role", "Role");
        asked.text("q", "Search");
        let lines = asked.finish().lines("/people", &fields);
        assert_eq!(lines[0].without, "/people?q=a");
        assert!(lines[0].instead.contains(&("Auditor".to_owned(), "/people?q=a&role=auditor".to_owned())));
    }

    #[test]
    fn an_export_is_refused_from_the_middle_of_a_list() {
        let fields = Fields::parse(b"after=x");
        assert!(Asked::of(&fields).finish().refuse_export(&fields).is_some());
        let fields = Fields::parse(b"");
        assert!(Asked::of(&fields).finish().refuse_export(&fields).is_none());
    }
}
