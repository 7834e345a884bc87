//! What was decided about a review, as its page and its receipt show it: what stays, what goes, and whether its system
//! follows.

use chrono_tz::Tz;

use crate::actions::reviews::load::Loaded;
use crate::actions::reviews::stays::still_given;
use crate::domain::identities::ScopeList;
use crate::domain::requests::sheet::{Sheet, sentence};
use crate::domain::reviews::narrowing::gone;
use crate::domain::reviews::sheet::BEYOND;
use crate::domain::reviews::{ReviewAnswer, ReviewOutcome, ReviewProof, ReviewState};
use crate::domain::scopes::Knowledge;
use crate::domain::scopes::difference::Change;
use crate::domain::task_words::date_words;
use crate::store::reviews::ReviewDecision;
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
        at_system: at_system(loaded, outcome, still.is_empty()),
        stays,
        goes,
        still,
    })
}

/// An answer in words, with its day.
pub fn what(decision: &ReviewDecision) -> String {
    match (decision.answer, decision.revoke_on) {
        (ReviewAnswer::Revoke, Some(day)) => format!("Switch it off on {}", date_words(day)),
        (ReviewAnswer::Keep, _) if !beyond(&decision.sheet.0).is_empty() => "Keep what was approved".to_owned(),
        (answer, _) => answer.label().to_owned(),
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
        (None, ReviewAnswer::Keep) => {
            let goes: Lines = beyond(sheet).iter().map(|line| (line.clone(), String::new())).collect();
            let stays = if goes.is_empty() { "Everything that it has" } else { "Everything that was approved" };
            (vec![(stays.to_owned(), String::new())], goes)
        }
        (None, ReviewAnswer::Revoke) => (Lines::new(), vec![("Everything that it has".to_owned(), String::new())]),
        (None, _) => (Lines::new(), Lines::new()),
    }
}

/// What its giver read of what goes beyond what was approved.
pub fn beyond(sheet: &Sheet) -> &[String] {
    sheet.facts.iter().find(|fact| fact.label == BEYOND).map_or(&[][..], |fact| fact.lines.as_slice())
}

/// Permissions in words; what is no permission stands as it is.
fn in_words(scopes: &[String], app: &str, knowledge: &Knowledge) -> Lines {
    scopes
        .iter()
        .map(|scope| match scope.contains(' ') {
            true => (scope.clone(), String::new()),
            false => (sentence(scope, app, knowledge).0, scope.clone()),
        })
        .collect()
}

/// What its system does, as last seen.
fn at_system(loaded: &Loaded, outcome: ReviewOutcome, follows: bool) -> String {
    if loaded.review.proof == Some(ReviewProof::Attested) {
        return "Somebody who did not decide it wrote that its system follows; what they saw stands below.".to_owned();
    }
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
