//! What stands beside the question of a review: the answers, who was considered, how far it has come.

use chrono_tz::Tz;

use super::became::EndedBy;
use crate::actions::Register;
use crate::actions::reviews::decide::latest_day;
use crate::actions::reviews::load::Loaded;
use crate::actions::reviews::sheet::{ends_before, goes_on, kept};
use crate::domain::identities::Criticality;
use crate::domain::requests::sheet::sentence;
use crate::domain::reviews::end_date::EndsFirst;
use crate::domain::reviews::narrowing::{Piece, pieces};
use crate::domain::reviews::reviewers::Verdict;
use crate::domain::reviews::sheet::{KEEP_APPROVED, Kept};
use crate::domain::reviews::{ReviewAnswer, ReviewProof, ReviewState};
use crate::domain::scopes::Knowledge;
use crate::domain::task_words::date_words;
use crate::domain::tasks::Assignee;
use crate::web::errors::full_sentence;
use crate::web::requests::facts::Names;
use crate::web::requests::sheet::SheetView;
use crate::web::show;

/// The answers to choose from: word, label, hint. None is chosen for anybody. `knows` is who would be asked by whoever
/// does not know.
pub fn options(
    loaded: &Loaded,
    register: &Register,
    knows: Assignee,
    names: &Names,
) -> Vec<(&'static str, String, String)> {
    let identity = &loaded.identity;
    let next = goes_on(register, loaded).hint();
    let clinical = identity.criticality == Criticality::Clinical;
    let latest = latest_day(register, loaded);
    let until_then = ends_before(register, loaded, latest)
        .and_then(EndsFirst::until_then)
        .unwrap_or_else(|| "Until then it keeps what it has".to_owned());
    let latest = date_words(latest);
    let keeps = kept(&loaded.holds());
    ReviewAnswer::ALL
        .iter()
        .filter(|answer| loaded.review.state == ReviewState::Open || answer.decides())
        // Whoever is asked already would be asked the same again.
        .filter(|answer| **answer != ReviewAnswer::DontKnow || loaded.questions().next().is_none())
        // Of one piece nothing less can stay.
        .filter(|answer| **answer != ReviewAnswer::Narrow || divisible(loaded).len() > 1)
        .map(|answer| {
            let (label, hint) = match answer {
                ReviewAnswer::Keep => match keeps {
                    Kept::Everything => (answer.label().to_owned(), next.clone()),
                    Kept::Unapproved => (
                        answer.label().to_owned(),
                        format!("It keeps what its system gives it, which nobody approved. {next}"),
                    ),
                    Kept::Approved { .. } => (KEEP_APPROVED.to_owned(), format!("{} {next}", keeps.takes())),
                },
                ReviewAnswer::Narrow => (
                    "Keep it, but with less".to_owned(),
                    "Tick below what it still needs; what is not ticked is taken away".to_owned(),
                ),
                ReviewAnswer::Revoke => (
                    "Switch it off on a day".to_owned(),
                    match clinical {
                        true => format!(
                            "Care depends on it: agree on the day with those who use it before you choose one, at the \
                             latest {latest}"
                        ),
                        false => format!("Choose the day below, at the latest {latest}. {until_then}"),
                    },
                ),
                ReviewAnswer::DontKnow => (
                    "I don\u{2019}t know".to_owned(),
                    format!(
                        "{} asked what they know. This is no yes, and your deadline stays",
                        who(loaded, knows, names)
                    ),
                ),
                ReviewAnswer::Reassign => (
                    "Somebody else should decide".to_owned(),
                    "Name them below, and say why. The deadline stays".to_owned(),
                ),
            };
            (answer.word(), label, hint)
        })
        .collect()
}

/// Who is asked what they know, as the beginning of a sentence.
fn who(loaded: &Loaded, knows: Assignee, names: &Names) -> String {
    match (knows, loaded.identity.technical_owner_id) {
        (Assignee::Person { person, .. }, _) => format!("Its technical owner, {}, is", names.name(&person)),
        (Assignee::Group { group }, Some(_)) => {
            format!("Its technical owner cannot answer, so the {} are", group.label().to_lowercase())
        }
        (Assignee::Group { group }, None) => {
            format!("It has no technical owner, so the {} are", group.label().to_lowercase())
        }
    }
}

/// Why \u{201c}I don\u{2019}t know\u{201d} is not among the answers; empty where it is, and where nobody would look for it.
pub fn why_not_asked(loaded: &Loaded) -> String {
    if loaded.review.state != ReviewState::Open || loaded.questions().next().is_none() {
        return String::new();
    }
    "\u{201c}I don\u{2019}t know\u{201d} is no answer to choose while that question waits: asked twice, they would know no \
     more. What you know yourself you can write under \u{201c}What others know\u{201d}."
        .to_owned()
}

/// The pieces that can be kept or left out, each once.
fn divisible(loaded: &Loaded) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    for piece in pieces(loaded.holds().stays()) {
        if !found.iter().any(|known| known.scope == piece.scope) {
            found.push(piece);
        }
    }
    found
}

/// Why it cannot be kept with less; empty where it can.
pub fn why_not_less(loaded: &Loaded) -> String {
    let held = loaded.holds();
    match divisible(loaded).len() {
        0 => "It cannot be kept with less here, because no permission of it is on record.".to_owned(),
        1 if !held.beyond().is_empty() => "It cannot be kept with less than was approved, because that is one \
                                           permission, which cannot be divided. Keeping it takes away what its system \
                                           gives beyond that."
            .to_owned(),
        1 => "It cannot be kept with less, because it has one permission, which cannot be divided. Switch it off, or \
              have a smaller permission asked for."
            .to_owned(),
        _ => String::new(),
    }
}

/// What its system gives beyond what was approved, which no answer keeps: sentence and scope.
pub fn beyond(loaded: &Loaded, knowledge: &Knowledge) -> Vec<(String, String)> {
    loaded
        .holds()
        .beyond()
        .into_iter()
        .map(|one| (sentence(&one.scope, &loaded.identity.name, knowledge).0, one.scope))
        .collect()
}

/// What happens on the day on which it is switched off, from which moment, and what its end date does before it.
pub fn day_hint(loaded: &Loaded, register: &Register) -> String {
    let hold = show::seconds(register.deployment.reviews.hold_minutes * 60);
    let latest = latest_day(register, loaded);
    let ends = ends_before(register, loaded, latest).map(EndsFirst::beside_the_day).unwrap_or_default();
    let says = format!(
        "From the beginning of this day it is marked as to be revoked, and whoever runs it has to stop it at its \
         system. With today that happens in {hold}; until then you can correct it. At the latest {}. {ends}",
        date_words(latest)
    );
    says.trim_end().to_owned()
}

/// The pieces as boxes: as written, sentence, whether ticked. They stand in the order in which their permissions are
/// read beside them, in `sheet`.
pub fn parts(
    loaded: &Loaded,
    sheet: &SheetView,
    knowledge: &Knowledge,
    ticked: &[&str],
    again: bool,
) -> Vec<(String, String, bool)> {
    let read: Vec<&str> =
        [&sheet.gains, &sheet.losses, &sheet.same].into_iter().flatten().map(|line| line.scope.as_str()).collect();
    let mut pieces = divisible(loaded);
    pieces.sort_by_key(|piece| read.iter().position(|scope| *scope == piece.of).unwrap_or(read.len()));
    pieces
        .into_iter()
        .map(|piece| {
            let words = sentence(&piece.scope, &loaded.identity.name, knowledge).0;
            let on = again && ticked.contains(&piece.scope.as_str());
            (piece.scope, words, on)
        })
        .collect()
}

/// Who was considered as a reviewer, and what became of them.
pub fn way(loaded: &Loaded, names: &Names) -> Vec<String> {
    loaded
        .review
        .resolution
        .0
        .iter()
        .map(|step| {
            let role = step.asked_as.label();
            match (step.person, step.verdict) {
                (Some(person), verdict) => format!("The {role}, {}, {}", names.name(&person), verdict.label()),
                (None, Verdict::NotNamed) => format!("No {role} is named"),
                (None, verdict) => format!("The {role}: {}", verdict.label()),
            }
        })
        .collect()
}

/// Who is asked now.
pub fn asked(loaded: &Loaded, names: &Names) -> Vec<String> {
    loaded
        .asking()
        .map(|task| match (task.assignee_id, task.assignee_group) {
            (Some(person), _) => format!("{}, {}", names.name(&person), task.assigned_as.label()),
            (None, Some(group)) => format!("{}, {}", group.label(), task.assigned_as.label()),
            (None, None) => String::new(),
        })
        .collect()
}

/// What was done about an answer that had not come: machine time, shown time, what.
pub fn steps(loaded: &Loaded, tz: Tz) -> Vec<(String, String, String)> {
    loaded
        .steps
        .iter()
        .map(|step| {
            let words = format!("{}. {}", step.step.label(), step.says);
            (step.at.to_text(), show::moment(step.at, tz), words)
        })
        .collect()
}

/// What the state means and what happens next, in a sentence or two.
pub fn stands(loaded: &Loaded, names: &Names, ended_by: Option<EndedBy>, tz: Tz) -> String {
    let review = &loaded.review;
    let outcome = review.outcome.map_or("", |outcome| outcome.label());
    match review.state {
        ReviewState::Open if loaded.decision_before().is_some() => format!(
            "It was to be switched off and reaches further since, so you are asked again: what was decided does not \
             count any more. An answer is due by {}.",
            show::deadline(review.due_on)
        ),
        ReviewState::Open if review.escalated_at.is_some() => {
            "Nobody answered in time, and silence may not end it: the administrators decide, and a finding stands."
                .to_owned()
        }
        ReviewState::Open if review.due_on < loaded.today => {
            format!("An answer was due by {}.", show::deadline(review.due_on))
        }
        ReviewState::Open => format!("An answer is due by {}.", show::deadline(review.due_on)),
        ReviewState::Decided => format!(
            "{outcome}. It takes effect on {}; until then it can be corrected.",
            review.takes_effect_at.map(|at| show::moment(at, tz)).unwrap_or_default()
        ),
        ReviewState::Remediating => format!(
            "{outcome} here, on {}. It is not proved yet that its system follows.",
            review.applied_at.map(|at| show::moment(at, tz)).unwrap_or_default()
        ),
        ReviewState::Closed => {
            let closed = review.closed_at.map(|at| show::moment(at, tz)).unwrap_or_default();
            match (review.proof, &review.proved_by_id) {
                (Some(ReviewProof::Attested), Some(person)) => {
                    format!("{outcome}. Attested by {} on {closed}.", names.name(person))
                }
                (Some(proof), _) => format!("{outcome}. {} on {closed}.", proof.label()),
                (None, _) => format!("{outcome}. Closed on {closed}."),
            }
        }
        ReviewState::Cancelled => {
            let who = match ended_by {
                Some(EndedBy::Person(person)) => format!(" by {}", names.name(&person)),
                Some(EndedBy::Muster) => " by Muster".to_owned(),
                None => String::new(),
            };
            full_sentence(&format!(
                "Ended without an answer{who} on {}: {}",
                review.closed_at.map(|at| show::day(at, tz)).unwrap_or_default(),
                review.ended_because.as_deref().unwrap_or_default()
            ))
        }
    }
}
