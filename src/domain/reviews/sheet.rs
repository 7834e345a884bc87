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
    pub goes_on: GoesOn,
    pub silence: (Silence, &'a str, NaiveDate),
    /// Whether silence suspends and revokes here, or is only simulated.
    pub silence_counts: bool,
    pub facts: Vec<Fact>,
}

/// How long what is kept goes on: until it is asked about again, or until its end date where that comes first. Keeping
/// moves no end date, and what care depends on is stopped by none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoesOn {
    /// It is asked about again by that day.
    Reviewed(NaiveDate),
    /// It ends on that day, before it would be asked about again.
    Ends(NaiveDate),
    /// Its end date, that day, has come already and stopped it.
    Ended(NaiveDate),
    /// Its end date has come, and care depends on it: it goes on until it is asked about again.
    PastItsEnd { ended: NaiveDate, next: NaiveDate },
}

impl GoesOn {
    /// What comes first: `next` is the day of the next review if it is kept today, `ends` its end date, which stops
    /// nothing `clinical`.
    pub fn of(next: NaiveDate, ends: Option<NaiveDate>, today: NaiveDate, clinical: bool) -> Self {
        match ends {
            Some(ended) if clinical && ended <= today => Self::PastItsEnd { ended, next },
            Some(day) if !clinical && day <= today => Self::Ended(day),
            Some(day) if !clinical && day <= next => Self::Ends(day),
            _ => Self::Reviewed(next),
        }
    }

    /// What follows what stays, as the end of a sentence: \u{201c}{app} keeps what it has\u{201d} and so on.
    fn after(self, stays: &str) -> String {
        match self {
            Self::Reviewed(next) => format!("{stays} and is reviewed again by {}.", date_words(next)),
            Self::Ends(day) => {
                format!("{stays} until its end date, {}; keeping does not extend it.", date_words(day))
            }
            Self::Ended(day) => format!(
                "{}, but its end date, {}, has come; keeping does not extend it.",
                stays.trim_end_matches(','),
                date_words(day)
            ),
            Self::PastItsEnd { .. } => format!("{}. {}.", stays.trim_end_matches(','), self.hint()),
        }
    }

    /// The same beside the answer, as a sentence without its full stop.
    pub fn hint(self) -> String {
        match self {
            Self::Reviewed(next) => format!("You are asked again by {}", date_words(next)),
            Self::Ends(day) => {
                format!("It has that until its end date, {}; keeping does not extend it", date_words(day))
            }
            Self::Ended(day) => {
                format!("Its end date, {}, has come; keeping does not extend it", date_words(day))
            }
            Self::PastItsEnd { ended, next } => format!(
                "Its end date, {}, has come. Care depends on it, so nothing stops it by itself; it is reviewed again by \
                 {}",
                date_words(ended),
                date_words(next)
            ),
        }
    }

    /// What is said of it once somebody kept it, in whole sentences: where it has ended it keeps nothing. `what` is what
    /// it keeps, as the end of a sentence.
    pub fn once_kept(self, what: &str) -> String {
        match self {
            Self::Reviewed(_) => {
                format!("It keeps {what}. Whoever answers for it is asked again when its clock runs out.")
            }
            Self::Ends(day) => format!(
                "It keeps {what}. Its end date, {}, comes before its next review is due; keeping does not extend \
                 it.",
                date_words(day)
            ),
            Self::Ended(day) => {
                format!("It was kept, but its end date, {}, has come; keeping does not extend it.", date_words(day))
            }
            Self::PastItsEnd { .. } => format!("It keeps {what}. {}.", self.hint()),
        }
    }

    /// Whether its end date has stopped it.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Ended(_))
    }
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
    let Written { app, before, held, kept, goes_on, silence: (silence, because, on), silence_counts, facts } = written;
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
        if_yes: format!("If you keep it, {} {}", goes_on.after(&kept.leaves(app)), kept.takes()).trim_end().to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// How long it goes on, as it is read on 27 Nov 2026; the next review would be by 25 Feb 2027.
    fn goes_on(ends: Option<&str>, clinical: bool) -> GoesOn {
        GoesOn::of(day("2027-02-25"), ends.map(day), day("2026-11-27"), clinical)
    }

    /// What keeping does.
    fn keeping(kept: Kept, ends: Option<&str>) -> String {
        goes_on(ends, false).after(&kept.leaves("Ward Planner"))
    }

    #[test]
    fn what_is_kept_is_reviewed_again_where_nothing_ends_before() {
        let says = "Ward Planner keeps what it has and is reviewed again by 25 Feb 2027.";
        assert_eq!(keeping(Kept::Everything, None), says);
        assert_eq!(keeping(Kept::Everything, Some("2027-02-26")), says);
    }

    #[test]
    fn where_the_end_date_comes_first_that_is_said_and_no_next_review() {
        for ends in ["2027-01-17", "2026-11-28", "2027-02-25"] {
            let says = format!(
                "Ward Planner keeps what it has until its end date, {}; keeping does not extend it.",
                date_words(day(ends))
            );
            assert_eq!(keeping(Kept::Everything, Some(ends)), says);
        }
        let approved = keeping(Kept::Approved { beyond: 2 }, Some("2027-01-17"));
        assert!(approved.starts_with("Ward Planner keeps what was approved until its end date"), "{approved}");
        let hint = goes_on(Some("2027-01-17"), false).hint();
        assert_eq!(hint, "It has that until its end date, 17 Jan 2027; keeping does not extend it");
    }

    #[test]
    fn once_it_is_kept_the_end_date_is_said_where_that_comes_first_and_what_has_ended_keeps_nothing() {
        let kept = |ends: Option<&str>| goes_on(ends, false).once_kept("what it has");
        let again = "It keeps what it has. Whoever answers for it is asked again when its clock runs out.";
        assert_eq!([kept(None), kept(Some("2027-02-26"))], [again, again]);
        assert_eq!(
            kept(Some("2027-01-17")),
            "It keeps what it has. Its end date, 17 Jan 2027, comes before its next review is due; keeping does not \
             extend it."
        );
        let ended = "It was kept, but its end date, 20 Nov 2026, has come; keeping does not extend it.";
        assert_eq!(kept(Some("2026-11-20")), ended);
        assert_eq!(goes_on(Some("2026-11-20"), false).once_kept("what was approved"), ended);
        let ends = [None, Some("2026-11-28"), Some("2026-11-27"), Some("2026-11-20")];
        assert_eq!(ends.map(|on| goes_on(on, false).has_ended()), [false, false, true, true]);
    }

    #[test]
    fn what_care_depends_on_is_stopped_by_no_end_date() {
        for ends in [None, Some("2026-11-28"), Some("2027-02-26")] {
            assert_eq!(goes_on(ends, true), GoesOn::Reviewed(day("2027-02-25")), "{ends:?}");
        }
        let past = goes_on(Some("2026-11-27"), true);
        let hint = "Its end date, 27 Nov 2026, has come. Care depends on it, so nothing stops it by itself; it is \
                    reviewed again by 25 Feb 2027";
        assert_eq!((past.hint().as_str(), past.has_ended()), (hint, false));
        assert_eq!(past.once_kept("what it has"), format!("It keeps what it has. {hint}."));
        assert_eq!(
            past.after(&Kept::Unapproved.leaves("Ward Planner")),
            format!("Ward Planner keeps what its system gives it, which nobody approved on record. {hint}.")
        );
    }

    #[test]
    fn an_end_date_that_has_come_is_not_extended_by_keeping() {
        for ends in ["2026-11-01", "2026-11-27"] {
            let says = keeping(Kept::Unapproved, Some(ends));
            let end = format!("on record, but its end date, {}, has come; keeping", date_words(day(ends)));
            assert!(says.contains(&end) && !says.contains("reviewed again"), "{says}");
        }
    }
}
