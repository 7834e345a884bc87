//! What has become of what somebody answered to a review: corrected, to take effect, in effect, proved, or with whom it
//! is. A receipt that stands still tells an untruth after some days.

use chrono_tz::Tz;

use super::decided;
use crate::actions::reviews::load::Loaded;
use crate::actions::reviews::question;
use crate::domain::audit::ActorKind;
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{Direction, From};
use crate::domain::reviews::end_date::EndsFirst;
use crate::domain::reviews::sheet::{GoesOn, goes_beyond};
use crate::domain::reviews::{ReviewAnswer, ReviewProof, ReviewState};
use crate::domain::tasks::{TaskKind, TaskState};
use crate::store::audit::{self, AuditFilter};
use crate::store::review_decisions::ReviewDecision;
use crate::store::reviews::Review;
use crate::store::tasks::Task;
use crate::store::{Db, StoreError};
use crate::web::errors::full_sentence;
use crate::web::requests::facts::Names;
use crate::web::show;

/// Who closes what waits for proof, as the end of a sentence.
const WHO_PROVES: &str = "an import sees that, or somebody who keeps the register, and neither decided it nor answers \
                          for it, attests it";

/// What stays of what was kept: everything, or what was approved where its system gives more.
const WHAT_IT_HAS: &str = "what it has";
const WHAT_WAS_APPROVED: &str = "what was approved";

/// Who reads it, and when.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    pub names: &'a Names,
    pub tz: Tz,
    pub now: Moment,
    /// They may still correct it.
    pub corrects: bool,
    /// How long it goes on where this kept it.
    pub goes_on: GoesOn,
    /// Its end date, where that comes before the day on which this switches it off.
    pub ends: Option<EndsFirst>,
}

/// What has become of an answer, as sentences.
pub fn became(loaded: &Loaded, one: &ReviewDecision, reader: Reader<'_>) -> Vec<String> {
    let Reader { names, tz, .. } = reader;
    let review = &loaded.review;
    if let Some(other) = loaded.decisions.iter().find(|other| other.supersedes_id == Some(one.id)) {
        return vec![format!(
            "It did not take effect. {} decided anew on {}, and that took its place: {}.",
            names.name(&other.decided_by_id),
            show::moment(other.decided_at, tz),
            decided::what(other)
        )];
    }
    if !one.answer.decides() {
        return vec![with_whom(loaded, one, names, tz)];
    }
    if review.decision_id != Some(one.id) {
        return vec![
            "This did not take effect: it reaches further since, so the review was opened again and is asked about anew."
                .to_owned(),
        ];
    }
    match review.state {
        ReviewState::Open | ReviewState::Decided => coming(review, one, reader),
        ReviewState::Remediating => vec![
            took_effect(review, one, reader),
            format!("Its system has not been seen to follow yet. The review closes when {WHO_PROVES}."),
        ],
        ReviewState::Closed => {
            let seen = match proved(review, names, tz) {
                seen if seen.is_empty() => {
                    "Nothing was to be taken away at its system, so the review is closed.".to_owned()
                }
                seen => format!("{seen} The review is closed."),
            };
            vec![took_effect(review, one, reader), seen]
        }
        ReviewState::Cancelled => vec![format!(
            "It did not take effect: the review was ended on {}. {}",
            review.closed_at.map(|at| show::moment(at, tz)).unwrap_or_default(),
            full_sentence(review.ended_because.as_deref().unwrap_or_default())
        )],
    }
}

/// When it takes effect, and what happens then.
fn coming(review: &Review, one: &ReviewDecision, reader: Reader<'_>) -> Vec<String> {
    let mut says: Vec<String> = reader.ends.map(EndsFirst::chosen).into_iter().collect();
    says.push(until(review, reader));
    says.push(then(one, reader.goes_on));
    says
}

/// Until when it can be corrected, and works as before where its end date neither comes first nor has come.
fn until(review: &Review, reader: Reader<'_>) -> String {
    let at = review.takes_effect_at.map(|at| show::moment(at, reader.tz)).unwrap_or_default();
    if review.takes_effect_at.is_some_and(|due| due <= reader.now) {
        return format!("It could be corrected until {at}, and takes effect with the next run.");
    }
    let as_before = reader.ends.is_none_or(EndsFirst::waits_for_the_day) && !reader.goes_on.has_ended();
    match (as_before, reader.corrects) {
        (true, true) => format!("Until {at} it works as before, and you can correct this."),
        (true, false) => format!("Until {at} it works as before, and this can be corrected."),
        (false, true) => format!("Until {at} you can correct this."),
        (false, false) => format!("Until {at} this can be corrected."),
    }
}

/// What happens when it takes effect.
fn then(one: &ReviewDecision, goes_on: GoesOn) -> String {
    match one.answer {
        ReviewAnswer::Keep if goes_beyond(&one.sheet.0) => format!(
            "What its system gives beyond what was approved is not approved by this: when this takes effect, a task to \
             take it away goes to whoever sets up its system. The review closes when {WHO_PROVES}. {}",
            goes_on.once_kept(WHAT_WAS_APPROVED)
        ),
        ReviewAnswer::Keep => goes_on.once_kept(WHAT_IT_HAS),
        ReviewAnswer::Narrow => format!(
            "Then what is not kept leaves the approved list, and a task goes to whoever sets up its system. The review \
             closes when {WHO_PROVES}."
        ),
        _ => format!(
            "Then it is marked as to be revoked here, and whoever answers for it, or the security analysts where nobody \
             can act, get the task to stop it at its system: Muster does not do that itself. The review closes when \
             {WHO_PROVES}."
        ),
    }
}

/// What was done in the register when it took effect.
fn took_effect(review: &Review, one: &ReviewDecision, reader: Reader<'_>) -> String {
    let on = review.applied_at.map(|at| show::moment(at, reader.tz)).unwrap_or_default();
    let waits = review.state == ReviewState::Remediating || review.proof.is_some();
    match one.answer {
        ReviewAnswer::Keep if waits => format!(
            "It took effect on {on}: a task to take away what its system gives beyond what was approved went to whoever \
             sets up its system. {}",
            reader.goes_on.once_kept(WHAT_WAS_APPROVED)
        ),
        ReviewAnswer::Keep => format!("It took effect on {on}. {}", reader.goes_on.once_kept(WHAT_IT_HAS)),
        ReviewAnswer::Narrow => format!(
            "It took effect on {on}: what was not kept left the approved list, and a task to take it away went to \
             whoever sets up its system."
        ),
        _ => format!(
            "It took effect on {on}: it was marked as to be revoked here, and the task to stop it at its system was \
             given out."
        ),
    }
}

/// What showed that it was done, with who and when; empty where nothing was to be seen.
pub fn proved(review: &Review, names: &Names, tz: Tz) -> String {
    let Some(proof) = review.proof else { return String::new() };
    let note = review.proof_note.as_deref().unwrap_or_default();
    let on = review.proved_at.map(|at| show::day(at, tz)).unwrap_or_default();
    match (proof, &review.proved_by_id) {
        (ReviewProof::Attested, Some(person)) => {
            format!("{} attested on {on} what they saw: \u{201c}{note}\u{201d}", names.name(person))
        }
        _ => format!("{} on {on}. {note}", proof.label()),
    }
}

/// What is asked of others after an answer that decides nothing: of whom, and until when.
fn with_whom(loaded: &Loaded, one: &ReviewDecision, names: &Names, tz: Tz) -> String {
    let stays = match loaded.review.state {
        ReviewState::Open => {
            format!(" The review stays open: an answer is due by {}.", show::deadline(loaded.review.due_on))
        }
        _ => String::new(),
    };
    let period = question::period(one.review_id, one.id);
    let kind = if one.answer == ReviewAnswer::DontKnow { TaskKind::ReviewQuestion } else { TaskKind::Recertification };
    let raised = loaded.tasks.iter().find(|task| task.kind == kind && task.period == period);
    match raised {
        Some(task) => format!("{}{stays}", of_task(task, names, tz)),
        None => format!("Nobody has a task by it on record.{stays}"),
    }
}

/// Whom a task asks, and until when, or what they said.
fn of_task(task: &Task, names: &Names, tz: Tz) -> String {
    let who = with(task, names);
    let asked = if task.kind == TaskKind::ReviewQuestion { "what they know" } else { "to decide" };
    let closed = task.closed_at.map(|at| show::moment(at, tz)).unwrap_or_default();
    match (task.state, task.note.as_deref()) {
        (TaskState::Open, _) => format!(
            "Asked {asked}: {who}, on {}, until {}.",
            show::day(task.created_at, tz),
            show::deadline(task.due_on)
        ),
        (TaskState::Done, Some(note)) if task.kind == TaskKind::ReviewQuestion => {
            let by = task.closed_by.as_ref().map_or(who, |person| names.name(person));
            format!("{by} answered on {closed}: \u{201c}{note}\u{201d}")
        }
        _ => format!("Asked {asked}: {who}, until {closed}."),
    }
}

/// Who has a task, and as what.
fn with(task: &Task, names: &Names) -> String {
    match (&task.assignee_id, task.assignee_group) {
        (Some(person), _) => format!("{}, {}", names.name(person), task.assigned_as.label()),
        (None, Some(group)) => format!("{}, {}", group.label(), task.assigned_as.label()),
        (None, None) => "Nobody".to_owned(),
    }
}

/// What others are asked at present who may know, because somebody did not: of the tasks of a review, said to `reader`.
/// `decisions` are those by which somebody was asked, and may be those of other reviews too.
pub fn questions<'a>(
    tasks: impl Iterator<Item = &'a Task>,
    decisions: &[ReviewDecision],
    reader: Option<Id>,
    names: &Names,
    tz: Tz,
) -> Vec<String> {
    let asker = |task: &Task| {
        let raised = |one: &&ReviewDecision| question::period(one.review_id, one.id) == task.period;
        match decisions.iter().find(raised).map(|one| one.decided_by_id) {
            Some(person) if Some(person) == reader => "You".to_owned(),
            Some(person) => names.name(&person),
            None => "Somebody".to_owned(),
        }
    };
    tasks
        .filter(|task| task.is_open_question())
        .map(|task| {
            format!(
                "{} asked {} on {} what they know; no answer yet. They have until {}.",
                asker(task),
                match (&task.assignee_id, task.assignee_group) {
                    (None, Some(group)) => format!("the {}", group.label().to_lowercase()),
                    _ => format!("{},", with(task, names)),
                },
                show::day(task.created_at, tz),
                show::deadline(task.due_on)
            )
        })
        .collect()
}

/// Everybody whom these tasks and decisions name.
pub fn named(tasks: &[Task], decisions: &[ReviewDecision]) -> Vec<Id> {
    let asked = tasks.iter().filter_map(|task| task.assignee_id);
    asked.chain(decisions.iter().map(|one| one.decided_by_id)).collect()
}

/// By whom a review was ended without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    Person(Id),
    Muster,
}

/// Who ended a review without an answer, as the audit log has it.
pub fn ended_by(db: &mut Db, review: &Review) -> Result<Option<EndedBy>, StoreError> {
    if review.state != ReviewState::Cancelled {
        return Ok(None);
    }
    let about = AuditFilter {
        entity: Some("review".to_owned()),
        entity_id: Some(review.id.to_string()),
        action: Some("review.cancel".to_owned()),
        ..AuditFilter::default()
    };
    let rows = audit::page(db, &about, Direction::Descending, &From::Start)?.rows;
    Ok(rows.first().and_then(|row| match (row.actor_kind, row.actor_id.as_deref()) {
        (ActorKind::Person, Some(id)) => id.parse().ok().map(EndedBy::Person),
        (ActorKind::Job, _) => Some(EndedBy::Muster),
        _ => None,
    }))
}
