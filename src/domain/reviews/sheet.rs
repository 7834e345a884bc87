//! What a reviewer reads: the question, what each answer does, what it may do, and what there is to decide by.

use chrono::NaiveDate;

use super::ReviewAnswer;
use super::held::{Beyond, Held};
use super::narrowing::gone;
use super::silence::Silence;
use crate::domain::requests::sheet::{Fact, Sheet, SheetLine, lines, sentence};
use crate::domain::scopes::difference::Change;
use crate::domain::scopes::{Knowledge, ScopeSet};
use crate::domain::task_words::date_words;

/// What a sheet is written from.
#[derive(Debug, Clone)]
pub struct Written<'a> {
    /// What the reader calls the identity.
    pub app: &'a str,
    /// What it held when somebody last decided that it goes on; nothing where nobody did.
    pub before: Option<&'a Held>,
    /// What it may do, by what was approved and by what its system gives.
    pub held: &'a Held,
    pub kept: Kept,
    /// The day of the next review, if it is kept today.
    pub next: NaiveDate,
    pub silence: (Silence, &'a str, NaiveDate),
    /// Whether silence suspends and revokes here, or is only simulated.
    pub silence_counts: bool,
    pub facts: Vec<Fact>,
}

/// What is left where it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Everything that it has: its system gives nothing beyond what was approved, as far as that is known.
    Everything,
    /// What its system gives, because nobody approved anything.
    Unapproved,
    /// What was approved; so many permissions that its system gives beyond that are taken away.
    Approved { beyond: usize },
}

impl Kept {
    /// What keeping leaves to an app.
    fn leaves(self, app: &str) -> String {
        match self {
            Self::Everything => format!("{app} keeps what it has"),
            Self::Unapproved => format!("{app} keeps what its system gives it, which nobody approved on record,"),
            Self::Approved { .. } => format!("{app} keeps what was approved"),
        }
    }

    /// What keeping takes away, as a sentence of its own; empty where it takes nothing.
    pub fn takes(self) -> String {
        match self {
            Self::Approved { beyond } => {
                let what = if beyond == 1 { "one permission".to_owned() } else { format!("{beyond} permissions") };
                format!(
                    "What its system gives beyond that is taken away there: {what}, named under \
                     \u{201c}{BEYOND}\u{201d}."
                )
            }
            Self::Everything | Self::Unapproved => String::new(),
        }
    }
}

/// Over what goes beyond what was approved; in older sheets the fact that names it. Sheets from before keeping took that
/// away have another word for it, so that nobody reads into them what they did not say.
pub const BEYOND: &str = "Beyond what was approved";

/// What keeping is called where it takes away what goes beyond what was approved.
pub const KEEP_APPROVED: &str = "Keep what was approved";

/// Whether its reader was told of permissions beyond what was approved.
pub fn goes_beyond(sheet: &Sheet) -> bool {
    sheet.lines.iter().any(|line| line.beyond) || sheet.facts.iter().any(|fact| fact.label == BEYOND)
}

/// What an answer is called, by what it was about.
pub fn said(answer: ReviewAnswer, sheet: &Sheet) -> &'static str {
    match answer {
        ReviewAnswer::Keep if goes_beyond(sheet) => KEEP_APPROVED,
        answer => answer.label(),
    }
}

/// Writes the sheet.
pub fn write(written: Written<'_>, knowledge: &Knowledge) -> Sheet {
    let Written { app, before, held, kept, next, silence: (silence, because, on), silence_counts, facts } = written;
    let on = date_words(on);
    let nobody = match silence {
        Silence::Escalate => {
            format!("it goes to the administrators after {on}, and a finding stands until somebody decides")
        }
        Silence::Keep => format!("its access stays after {on}, with a finding that nobody answered; that is no yes"),
        Silence::Suspend if silence_counts => format!("it is suspended after {on}"),
        Silence::Revoke if silence_counts => format!("it is revoked after {on}"),
        Silence::Suspend | Silence::Revoke => {
            let what = if silence == Silence::Suspend { "suspended" } else { "revoked" };
            format!(
                "the rules say that it is {what} after {on}. Here that is only simulated at present, so its access would \
                 stay, with a finding"
            )
        }
    };
    Sheet {
        question: format!("Is the access of {app} still needed?"),
        if_yes: format!(
            "If you keep it, {} and is reviewed again by {}. {}",
            kept.leaves(app),
            date_words(next),
            kept.takes()
        )
        .trim_end()
        .to_owned(),
        if_no: format!("If nobody answers, {nobody}. {because}"),
        end: String::new(),
        lines: read(app, before, held, knowledge),
        facts,
        words: knowledge.words.version.clone(),
    }
}

/// What stays where it is kept, with what changed of it since somebody last decided; then what goes beyond it.
fn read(app: &str, before: Option<&Held>, held: &Held, knowledge: &Knowledge) -> Vec<SheetLine> {
    let set = |scopes: &[String]| ScopeSet::of_product(scopes.iter().map(String::as_str));
    let before = before.unwrap_or(held);
    let all = held.all();
    let mut read = lines(&set(&before.left()), &set(&held.left()), app, knowledge);
    // What was taken off the approved list and is still given is not gone: it stands with what goes beyond.
    read.retain(|line| line.change != Change::Removed || !gone([line.scope.as_str()], &all).is_empty());
    let had = before.all();
    read.extend(held.beyond().into_iter().map(|one| line_beyond(one, &had, app, knowledge)));
    read
}

fn line_beyond(one: Beyond, had: &[String], app: &str, knowledge: &Knowledge) -> SheetLine {
    let (mut says, unlimited) = sentence(&one.scope, app, knowledge);
    if !one.compared {
        says = format!("{}; nobody can tell whether what was approved takes it in", says.trim_end_matches('.'));
    }
    let change = if gone([one.scope.as_str()], had).is_empty() { Change::Same } else { Change::New };
    SheetLine { change, sentence: says, was: Vec::new(), unlimited, beyond: true, scope: one.scope }
}
