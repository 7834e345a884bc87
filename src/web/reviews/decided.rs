//! What was decided about a review, as its page and its receipt show it: what stays, what goes, and whether its system
//! follows.

use chrono_tz::Tz;

use crate::actions::reviews::load::Loaded;
use crate::actions::reviews::stays::still_given;
use crate::domain::identities::ScopeList;
use crate::domain::requests::sheet::{Sheet, sentence};
use crate::domain::reviews::narrowing::gone;
use crate::domain::reviews::sheet::{BEYOND, goes_beyond, said};
use crate::domain::reviews::{ReviewAnswer, ReviewOutcome, ReviewProof, ReviewState};
use crate::domain::scopes::Knowledge;
use crate::domain::scopes::difference::Change;
use crate::domain::task_words::date_words;
use crate::store::review_decisions::ReviewDecision;
use crate::web::requests::facts::Names;
use crate::web::show;

/// Permissions in words, each with its scope; without one where the words say it.
pub type Lines = Vec<(String, String)>;

/// What was decided.
#[derive(Debug)]
pub struct Decided {
    /// As \u{201c}Switch it off on 1 Dec 2026\u{201d}.
    pub what: String,
    /// Who and when, and the address of the receipt; both empty where nobody decided.
    pub who: String,
    pub href: String,
    pub stays: Lines,
    pub goes: Lines,
    /// What its system does, as last seen; empty where that is no question.
    pub at_system: String,
    /// What its system still gives beyond what stays.
    pub still: Lines,
}

/// What was decided about a review, where something was.
pub fn decided(loaded: &Loaded, names: &Names, knowledge: &Knowledge, tz: Tz) -> Option<Decided> {
    let outcome = loaded.review.outcome?;
    let app = &loaded.identity.name;
    let decision = loaded.decision();
    let (stays, goes) = decision.map(|one| parts(one, app, knowledge)).unwrap_or_default();
    let still: Lines = match loaded.review.state {
        ReviewState::Remediating => in_words(&still_given(loaded), app, knowledge),
        _ => Lines::new(),
    };
    Some(Decided {
        what: decision.map_or_else(|| outcome.label().to_owned(), what),
        who: decision
            .map(|one| format!("{}, on {}", names.name(&one.decided_by_id), show::moment(one.decided_at, tz)))
            .unwrap_or_default(),
        href: decision.map(|one| format!("/reviews/decisions/{}", one.id)).unwrap_or_default(),
        at_system: match (loaded.review.proof, &loaded.review.proved_by_id) {
            (Some(ReviewProof::Attested), Some(person)) => format!(
                "{} attested on {} that its system follows; what they saw stands below.",
                names.name(person),
                loaded.review.proved_at.map(|at| show::day(at, tz)).unwrap_or_default()
            ),
            _ => at_system(loaded, outcome, still.is_empty()),
        },
        stays,
        goes,
        still,
    })
}

/// An answer in words, with its day.
pub fn what(decision: &ReviewDecision) -> String {
    match (decision.answer, decision.revoke_on) {
        (ReviewAnswer::Revoke, Some(day)) => format!("Switch it off on {}", date_words(day)),
        (answer, _) => said(answer, &decision.sheet.0).to_owned(),
    }
}

/// What stays and what goes by a decision, from what its giver read.
pub fn parts(decision: &ReviewDecision, app: &str, knowledge: &Knowledge) -> (Lines, Lines) {
    let sheet = &decision.sheet.0;
    match (&decision.kept, decision.answer) {
        (Some(kept), _) => {
            let had = sheet.lines.iter().filter(|line| line.change != Change::Removed);
            let goes = gone(had.map(|line| line.scope.as_str()), &kept.0);
            (in_words(&kept.0, app, knowledge), in_words(&goes, app, knowledge))
        }
        (None, ReviewAnswer::Keep) => (stays(sheet), beyond(sheet)),
        (None, ReviewAnswer::Revoke) => (Lines::new(), vec![("Everything that it has".to_owned(), String::new())]),
        (None, _) => (Lines::new(), Lines::new()),
    }
}

/// What its giver read that stays where it is kept.
fn stays(sheet: &Sheet) -> Lines {
    let own = |words: &str| vec![(words.to_owned(), String::new())];
    let apart = sheet.lines.iter().any(|line| line.beyond);
    if goes_beyond(sheet) && !apart {
        // A sheet from before what goes beyond stood in lines of its own.
        return own("Everything that was approved");
    }
    let stays = sheet.lines.iter().filter(|line| !line.beyond && line.change != Change::Removed);
    let stays: Lines = stays.map(|line| (line.sentence.clone(), line.scope.clone())).collect();
    if stays.is_empty() { own("Everything that it has") } else { stays }
}

/// What its giver read of what goes beyond what was approved.
fn beyond(sheet: &Sheet) -> Lines {
    let lines = sheet.lines.iter().filter(|line| line.beyond);
    let lines: Lines = lines.map(|line| (line.sentence.clone(), line.scope.clone())).collect();
    if !lines.is_empty() {
        return lines;
    }
    let told = sheet.facts.iter().filter(|fact| fact.label == BEYOND).flat_map(|fact| &fact.lines);
    told.map(|line| (line.clone(), String::new())).collect()
}

/// Permissions in words, each with its scope; what is no permission is said around the one that it is about.
fn in_words(scopes: &[String], app: &str, knowledge: &Knowledge) -> Lines {
    scopes
        .iter()
        .map(|scope| match scope.contains(' ') {
            true => part_in_words(scope, app, knowledge),
            false => (sentence(scope, app, knowledge).0, scope.clone()),
        })
        .collect()
}

/// What is left of a permission and is none itself, as \u{201c}system/*.rs on every type except Patient\u{201d}.
fn part_in_words(text: &str, app: &str, knowledge: &Knowledge) -> (String, String) {
    let says = |scope: &str| sentence(scope, app, knowledge).0.trim_end_matches('.').to_owned();
    if let Some((scope, types)) = text.split_once(" on every type except ") {
        let types: Vec<String> = types.split(", ").map(|name| kind_in_words(name, knowledge)).collect();
        return (format!("{}, except for {}.", says(scope), types.join(", ")), text.to_owned());
    }
    match text.split_once(" except where ") {
        Some((scope, _)) => (format!("{}, except within the limit that stays.", says(scope)), text.to_owned()),
        None => (text.to_owned(), String::new()),
    }
}

/// A kind of record in words, within a sentence; a name without words stands as it is.
fn kind_in_words(name: &str, knowledge: &Knowledge) -> String {
    let Some(words) = knowledge.data_words(name) else { return name.to_owned() };
    let mut letters = words.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// What its system does, as last seen.
fn at_system(loaded: &Loaded, outcome: ReviewOutcome, follows: bool) -> String {
    if loaded.review.state != ReviewState::Remediating {
        return String::new();
    }
    let identity = &loaded.identity;
    if identity.vanished_at.is_some() {
        return "Its system did not list it any more when it was last seen.".to_owned();
    }
    let seen = identity.source_import_id.is_some();
    let words = match outcome {
        ReviewOutcome::Keep | ReviewOutcome::Narrow if loaded.on(ScopeList::Issued).is_empty() => {
            "What its system gives it was not seen."
        }
        ReviewOutcome::Keep | ReviewOutcome::Narrow if !follows => {
            "As last seen, its system still gives the following; it is not taken away there."
        }
        ReviewOutcome::Keep | ReviewOutcome::Narrow => {
            "As last seen, its system gives it no more than that; no import has shown it since it was decided."
        }
        ReviewOutcome::Revoke | ReviewOutcome::SilentRevoke | ReviewOutcome::SilentSuspend if !seen => {
            "What its system does was not seen."
        }
        ReviewOutcome::Revoke | ReviewOutcome::SilentRevoke | ReviewOutcome::SilentSuspend if identity.enabled => {
            "As last seen, its system still lets it in."
        }
        ReviewOutcome::Revoke | ReviewOutcome::SilentRevoke | ReviewOutcome::SilentSuspend => {
            "As last seen, its system had switched it off; no import has shown it since it was decided."
        }
        ReviewOutcome::SilentKeep => "",
    };
    words.to_owned()
}
