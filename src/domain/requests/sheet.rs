//! What somebody decides about, as they read it: sentences, and a digest that the decision keeps.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::scopes::Knowledge;
use crate::domain::scopes::difference::{Change, Line, difference};
use crate::domain::scopes::scope::Scope;
use crate::domain::scopes::set::{Rejected, ScopeSet};

/// Everything that a decision is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The question, one sentence.
    pub question: String,
    /// What a yes does, and what a no does.
    pub if_yes: String,
    pub if_no: String,
    /// What changes, and what stays: what widens first.
    pub lines: Vec<SheetLine>,
    /// The version of the words.
    pub words: String,
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
    /// The day until which it is asked for, in words.
    pub until: &'a str,
}

impl Sheet {
    /// Writes the sheet.
    pub fn of(written: Written<'_>, knowledge: &Knowledge) -> Self {
        let Written { app, works, approved, asked, until } = written;
        let lines: Vec<SheetLine> =
            difference(approved, asked).into_iter().map(|line| SheetLine::of(line, app, knowledge)).collect();
        let gains = lines.iter().any(|line| matches!(line.change, Change::New | Change::Wider));
        let loses = lines.iter().any(|line| matches!(line.change, Change::Narrower | Change::Removed));
        let (question, if_no) = match (works, gains, loses) {
            (false, ..) => (
                format!("Should {app} get the permissions below, until {until}?"),
                format!("If you say no, {app} cannot start."),
            ),
            (true, true, _) => (
                format!("Should {app} get more than it has, until {until}?"),
                format!("If you say no, {app} keeps what it has, and nothing more."),
            ),
            (true, false, true) => (
                format!("Should {app} get less than it has, until {until}?"),
                format!("If you say no, {app} keeps what it has."),
            ),
            (true, false, false) => (
                format!("Should {app} keep what it has, until {until}?"),
                format!("If you say no, {app} keeps what it has until the end that is on record now."),
            ),
        };
        Self {
            question,
            if_yes: format!(
                "If everybody who is asked says yes, this is the most that {app} may be given, until {until}. Somebody \
                 else then sets it up at the system."
            ),
            if_no,
            lines,
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
        for text in [&self.words, &self.question, &self.if_yes, &self.if_no] {
            add(text);
        }
        for line in &self.lines {
            add(line.change.word());
            add(&line.scope);
            add(&line.sentence);
            line.was.iter().for_each(|was| add(was));
            add(if line.unlimited { "unlimited" } else { "" });
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
        Self { change: line.change, scope: line.scope, sentence, was, unlimited }
    }
}

/// What a permission allows, in words, and whether nobody can say.
pub fn sentence(scope: &str, app: &str, knowledge: &Knowledge) -> (String, bool) {
    let explained = match Scope::parse(scope) {
        Ok(scope) => knowledge.explain(&scope, app),
        Err(reason) => knowledge.explain_rejected(&Rejected { token: scope.to_owned(), reason }, app),
    };
    (explained.short, explained.unlimited)
}

/// What differs between the sheet that somebody read and the one that is written now, a sentence each.
pub fn differs(read: &Sheet, now: &Sheet) -> Vec<String> {
    let mut found = Vec::new();
    if read.question != now.question {
        found.push(format!("The question was: {} It is now: {}", read.question, now.question));
    }
    for line in &now.lines {
        match read.lines.iter().find(|other| other.scope == line.scope) {
            None => found.push(format!("Added: {}", line.sentence)),
            Some(other) if other != line => {
                found.push(format!("Changed: {} ({} before, {} now)", line.sentence, other.change, line.change));
            }
            Some(_) => {}
        }
    }
    for line in &read.lines {
        if !now.lines.iter().any(|other| other.scope == line.scope) {
            found.push(format!("No longer there: {}", line.sentence));
        }
    }
    found
}
