//! What somebody decides about, as they read it: sentences, and a digest that the decision keeps.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::ids::Id;
use crate::domain::scopes::Knowledge;
use crate::domain::scopes::difference::{Change, Line, difference};
use crate::domain::scopes::reach::Reach;
use crate::domain::scopes::scope::{Context, Meaning, Scope};
use crate::domain::scopes::set::{Rejected, ScopeSet};
use crate::domain::task_words::date_words;
use crate::words;

/// Everything that a decision is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The question, one sentence.
    pub question: String,
    /// What a yes does, and what a no does.
    pub if_yes: String,
    pub if_no: String,
    /// What the end that is asked for changes; empty where it is the same, and before the first approval.
    #[serde(default)]
    pub end: String,
    /// What changes, and what stays: what widens first.
    pub lines: Vec<SheetLine>,
    /// What there is to decide by.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// The version of the words.
    pub words: String,
}

/// Something to decide by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub label: String,
    /// A word to be seen first, and how good it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<(Mark, String)>,
    /// In several lines where it is a list. `{person}` stands for the name of the next of `people`.
    pub lines: Vec<String>,
    /// Whom it names: by id, because a decision is kept longer than a name may be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Id>,
}

words! {
    /// How good a fact is.
    Mark {
        Good = "good", "Good";
        Warning = "warning", "Warning";
        Bad = "bad", "Bad";
        Unknown = "unknown", "Unknown";
    }
}

impl Fact {
    /// A fact of one line.
    pub fn new(label: &str, text: impl Into<String>) -> Self {
        Self { label: label.to_owned(), mark: None, lines: vec![text.into()], people: Vec::new() }
    }

    /// The same with a word to be seen first.
    pub fn marked(self, mark: Mark, word: &str) -> Self {
        Self { mark: Some((mark, word.to_owned())), ..self }
    }

    /// The same about people.
    pub fn about(self, people: Vec<Id>) -> Self {
        Self { people, ..self }
    }

    /// What nobody knows.
    pub fn unknown(label: &str, word: &str) -> Self {
        Self { lines: Vec::new(), ..Self::new(label, "") }.marked(Mark::Unknown, word)
    }

    /// The lines with the names of the people in their places.
    pub fn written(&self, name: impl Fn(&Id) -> String) -> Vec<String> {
        let mut people = self.people.iter();
        let mut line = |line: &String| {
            let mut line = line.clone();
            // Texts of others stand in facts that name nobody.
            for person in people.by_ref().take(line.matches("{person}").count()) {
                line = line.replacen("{person}", &name(person), 1);
            }
            line
        };
        self.lines.iter().map(&mut line).collect()
    }
}

/// One permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetLine {
    pub change: Change,
    /// As it is written on the wire; for a removed one, as it was.
    pub scope: String,
    /// What it allows, and whose data it is about.
    pub sentence: String,
    /// What of it was held before, in the same words.
    pub was: Vec<String>,
    /// Nobody can say what it allows: treat it as unlimited.
    pub unlimited: bool,
    /// Its system gives it, and nobody approved it. Only a review knows such lines.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beyond: bool,
}

/// What a sheet is written from.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    /// What the reader calls the identity.
    pub app: &'a str,
    /// Whether it works already.
    pub works: bool,
    pub approved: &'a ScopeSet,
    pub asked: &'a ScopeSet,
    /// The day at whose start it would end.
    pub until: NaiveDate,
    /// The day at whose start it ends now; none where no end is on record.
    pub ends: Option<NaiveDate>,
}

impl Sheet {
    /// Writes the sheet.
    pub fn of(written: Written<'_>, knowledge: &Knowledge) -> Self {
        let Written { app, works, approved, asked, until: day, ends } = written;
        let until = date_words(day);
        let now = ends.filter(|_| works);
        let lines = lines(approved, asked, app, knowledge);
        let gains = lines.iter().any(|line| matches!(line.change, Change::New | Change::Wider));
        let loses = lines.iter().any(|line| matches!(line.change, Change::Narrower | Change::Removed));
        let (question, if_no) = match (works, gains, loses) {
            (false, ..) => (
                format!("Should {app} get the permissions below, until {until}?"),
                format!("If you say no, {app} cannot start."),
            ),
            (true, true, _) => (
                format!("Should {app} get more than it has, until {until}?"),
                format!("If you say no, {app} keeps what it has{}, and nothing more.", until_then(now)),
            ),
            (true, false, true) => (
                match now {
                    Some(now) if now < day => {
                        format!("Should {app} get less than it has, and for longer, until {until}?")
                    }
                    _ => format!("Should {app} get less than it has, until {until}?"),
                },
                format!("If you say no, {app} keeps what it has{}.", until_then(now)),
            ),
            (true, false, false) => (
                match now {
                    Some(now) if day < now => {
                        format!("Should {app} keep what it has, but only until {until} instead of {}?", date_words(now))
                    }
                    _ => format!("Should {app} keep what it has, until {until}?"),
                },
                format!("If you say no, {app} keeps what it has{}.", until_then(now)),
            ),
        };
        Self {
            question,
            if_yes: format!(
                "If everybody who is asked says yes, this is the most that {app} may be given, until {until}. Somebody \
                 else then sets it up at the system."
            ),
            if_no,
            end: if works { end(day, ends) } else { String::new() },
            lines,
            facts: Vec::new(),
            words: knowledge.words.version.clone(),
        }
    }

    /// SHA-256 over every text of the sheet, each with its length, in hexadecimal.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update(text.len().to_be_bytes());
            hash.update(text.as_bytes());
        };
        for text in [&self.words, &self.question, &self.if_yes, &self.if_no, &self.end] {
            add(text);
        }
        for line in &self.lines {
            add(line.change.word());
            add(&line.scope);
            add(&line.sentence);
            line.was.iter().for_each(|was| add(was));
            add(if line.unlimited { "unlimited" } else { "" });
            // Sheets that were kept before there were such lines have the digest that they had.
            if line.beyond {
                add("beyond");
            }
        }
        for fact in &self.facts {
            add(&fact.label);
            if let Some((mark, word)) = &fact.mark {
                add(mark.word());
                add(word);
            }
            fact.lines.iter().for_each(|line| add(line));
            fact.people.iter().for_each(|person| add(&person.to_string()));
        }
        hex::encode(hash.finalize())
    }

    /// The lines of one of these changes.
    pub fn lines_of(&self, changes: &[Change]) -> Vec<&SheetLine> {
        self.lines.iter().filter(|line| changes.contains(&line.change)).collect()
    }

    /// Whether anything is new or wider.
    pub fn gains(&self) -> bool {
        !self.lines_of(&[Change::New, Change::Wider]).is_empty()
    }
}

/// What changes from one set of permissions to another, in words; what reaches furthest is read first within a change.
pub fn lines(before: &ScopeSet, after: &ScopeSet, app: &str, knowledge: &Knowledge) -> Vec<SheetLine> {
    let mut lines: Vec<SheetLine> =
        difference(before, after).into_iter().map(|line| SheetLine::of(line, app, knowledge)).collect();
    lines.sort_by_key(|line| (line.change, reaches(&line.scope)));
    lines
}

/// How far a permission reaches, for the order in which it is read: what nobody can say first, what gives no
/// records last.
fn reaches(scope: &str) -> u8 {
    let Ok(scope) = Scope::parse(scope) else { return 0 };
    match scope.meaning() {
        Meaning::Custom(_) | Meaning::Operation(_) => 0,
        Meaning::Resource(resource) => match resource.context {
            Context::System => 1,
            Context::User => 2,
            Context::Patient => 3,
        },
        Meaning::Refresh(_) => 4,
        Meaning::Launch(_) | Meaning::Identity(_) => 5,
    }
}

fn until_then(now: Option<NaiveDate>) -> String {
    now.map(|now| format!(" until {}", date_words(now))).unwrap_or_default()
}

/// What the end that is asked for changes.
fn end(until: NaiveDate, ends: Option<NaiveDate>) -> String {
    let days = |days: i64| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    match ends {
        None => format!("It would end on {}. No end is on record now.", date_words(until)),
        Some(now) if now == until => String::new(),
        Some(now) => {
            let apart = until.signed_duration_since(now).num_days();
            let how = if apart > 0 { "later" } else { "earlier" };
            format!(
                "It would end on {} instead of {}: {} {how}.",
                date_words(until),
                date_words(now),
                days(apart.abs())
            )
        }
    }
}

impl SheetLine {
    fn of(line: Line, app: &str, knowledge: &Knowledge) -> Self {
        let (sentence, unlimited) = sentence(&line.scope, app, knowledge);
        let was = line
            .was
            .iter()
            // Beyond twenty the last entry counts the others: no scope, and it says so itself.
            .map(|scope| match Scope::parse(scope) {
                Ok(_) => self::sentence(scope, app, knowledge).0,
                Err(_) => scope.clone(),
            })
            .collect();
        Self { change: line.change, scope: line.scope, sentence, was, unlimited, beyond: false }
    }
}

/// Whether nobody can say of some of these permissions what they allow: a permission or a limit without words, or a
/// type of record that the release does not know.
pub fn is_unexplained<'a>(scopes: impl Iterator<Item = &'a str>, reach: &Reach, knowledge: &Knowledge) -> bool {
    let mut scopes = scopes;
    !reach.unexplained.is_empty()
        || !reach.unknown_types.is_empty()
        || scopes.any(|scope| sentence(scope, "", knowledge).1)
}

/// What a permission allows, in words, and whether nobody can say.
pub fn sentence(scope: &str, app: &str, knowledge: &Knowledge) -> (String, bool) {
    let explained = match Scope::parse(scope) {
        Ok(scope) => knowledge.explain(&scope, app),
        Err(reason) => knowledge.explain_rejected(&Rejected { token: scope.to_owned(), reason }, app),
    };
    (explained.short, explained.unlimited)
}
