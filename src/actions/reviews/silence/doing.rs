//! What silence does to one review.

use chrono::NaiveDate;

use super::super::apply::{self, cancel, store};
use super::super::counting::counts;
use super::super::decide::close_tasks;
use super::super::load::Loaded;
use super::super::sheet::on_silence;
use super::escalating;
use super::planning::{Planned, stays_suspended};
use super::telling;
use crate::actions::notify::{self, Told};
use crate::actions::{ActionError, Register, Work, findings, ownership, raise};
use crate::domain::findings::FindingRule;
use crate::domain::identities::{IdentityState, StateCause};
use crate::domain::notices::LineKind;
use crate::domain::reviews::cut_words::Cut;
use crate::domain::reviews::silence::Silence;
use crate::domain::reviews::{ReviewOutcome, ReviewState, ReviewStep};
use crate::domain::task_words::date_words;
use crate::domain::tasks::{AssigneeGroup, TaskAnswer, TaskCause, TaskKind, TaskState};
use crate::store::findings::Finding;
use crate::store::identities::Identity;
use crate::store::review_steps::{self, StepTaken};
use crate::store::reviews::Review;
use crate::store::tasks;

/// What is kept with a review by whose silence nothing changed: by it such a review is told from one that cut something.
const STAYED: &str = "it was suspended already and stays so";

/// What was done to a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The identity is being stopped otherwise.
    Cancelled,
    /// It was suspended already, and lost nothing more.
    StaysSuspended,
    By(Silence),
}

/// Does it to one review; nothing when somebody decided meanwhile, or when the next run has to judge it anew.
pub fn perform(
    work: &mut Work<'_>,
    register: &Register,
    planned: &Planned,
    yesterday: NaiveDate,
) -> Result<Option<Done>, ActionError> {
    let id = planned.review.id;
    let loaded = Loaded::held(work.db, register, id, work.by.now)?;
    let review = &loaded.review;
    if review.state != ReviewState::Open || review.silence_on > yesterday || review.escalated_at.is_some() {
        return Ok(None);
    }
    if !matches!(loaded.identity.state, IdentityState::Active | IdentityState::Suspended) {
        let because = format!("it is {}", loaded.identity.state.label().to_lowercase());
        cancel(work, &loaded, &because)?;
        return Ok(Some(Done::Cancelled));
    }
    // Judged again by what it is now. Where that is something else than what was counted against the share, or than
    // what two people agreed to, the next run judges it.
    let (silence, because) = on_silence(register, &loaded.identity);
    let was = &planned.identity;
    if silence != planned.silence
        || loaded.identity.environment != was.environment
        || loaded.identity.state != was.state
    {
        return Ok(None);
    }
    let stays = stays_suspended(silence, loaded.identity.state);
    let cuts = silence.cuts() && !stays;
    // One administrator has it simulated again at once: also for the rest of a run that is under way.
    if cuts && !counts(work.db)? {
        return Ok(None);
    }
    // That nobody was asked is another end than that nobody answered: it is held back by the next run.
    if cuts && loaded.asking().next().is_none() {
        return Ok(None);
    }
    let because = if stays { staying(register, &loaded.identity) } else { because };
    let says = format!("Nobody answered by {}. {because}", date_words(review.silence_on));
    let step = if silence == Silence::Escalate { ReviewStep::Escalated } else { ReviewStep::Silence };
    review_steps::take(work.db, &StepTaken { review_id: id, step, says: says.clone(), at: work.by.now })?;
    let held_back = match silence {
        Silence::Escalate => "silence may not stop it",
        _ if stays => "it is suspended and stays so",
        _ => "silence counted",
    };
    findings::close(work, loaded.identity.id, &[FindingRule::SilenceHeldBack], held_back)?;
    if stays {
        stay_suspended(work, register, &loaded, &says)?;
        return Ok(Some(Done::StaysSuspended));
    }
    match silence {
        Silence::Keep => stay(work, register, &loaded, &says)?,
        Silence::Escalate => escalate(work, register, &loaded, &says)?,
        Silence::Suspend => suspend(work, register, &loaded, &says)?,
        Silence::Revoke => revoke(work, register, &loaded, &says)?,
    }
    Ok(Some(Done::By(silence)))
}

fn ended(work: &Work<'_>, loaded: &Loaded, outcome: ReviewOutcome) -> Review {
    let before = &loaded.review;
    let closed = !outcome.needs_proof();
    Review {
        state: if closed { ReviewState::Closed } else { ReviewState::Remediating },
        outcome: Some(outcome),
        decided_at: Some(work.by.now),
        applied_at: Some(work.by.now),
        closed_at: closed.then_some(work.by.now),
        next_step_on: None,
        version: before.version + 1,
        ..before.clone()
    }
}

/// Access stays, with a finding; it is asked about again soon.
fn stay(work: &mut Work<'_>, register: &Register, loaded: &Loaded, says: &str) -> Result<(), ActionError> {
    store(work, "review.count_silence", &loaded.review, &ended(work, loaded, ReviewOutcome::SilentKeep))?;
    close_tasks(work, loaded, TaskAnswer::Obsolete, says)?;
    let finding = Finding::new(loaded.identity.id, FindingRule::ReviewUnanswered, says.to_owned(), work.by.now);
    findings::open(work, &loaded.identity, finding)?;
    let mut after = loaded.identity.clone();
    after.next_review_on = Some(again(register, loaded));
    ownership::store(work, "identity.not_reviewed", Some(says), &loaded.identity, &mut after)
}

/// Why silence changes nothing about what is suspended.
fn staying(register: &Register, identity: &Identity) -> String {
    let since = date_words(register.day(identity.state_changed_at));
    format!("It is suspended since {since} and stays so: it loses nothing more.")
}

/// What is suspended already stays so: its state and the cause of it are what they were, and nobody is told that silence
/// suspended it. The question ends, and somebody still has to see at the system that it is stopped.
fn stay_suspended(work: &mut Work<'_>, register: &Register, loaded: &Loaded, says: &str) -> Result<(), ActionError> {
    let review = Review { ended_because: Some(STAYED.to_owned()), ..ended(work, loaded, ReviewOutcome::SilentSuspend) };
    store(work, "review.count_silence", &loaded.review, &review)?;
    close_tasks(work, loaded, TaskAnswer::Obsolete, says)?;
    let mut after = loaded.identity.clone();
    after.next_review_on = Some(again(register, loaded));
    ownership::store(work, "identity.stay_suspended", Some(says), &loaded.identity, &mut after)?;
    let is_stopping = |task: &tasks::Task| task.kind == TaskKind::Offboarding && task.state == TaskState::Open;
    if tasks::about(work.db, after.id)?.iter().any(is_stopping) {
        return Ok(());
    }
    // The task says until when nobody answered, which is today, and not since when it is suspended.
    let unanswered = Identity { state_changed_at: work.by.now, ..after };
    raise::raise_stopping(register, work, &unanswered, TaskCause::ReviewUnanswered)?;
    Ok(())
}

/// The administrators are asked; the review stays open until somebody decides.
fn escalate(work: &mut Work<'_>, register: &Register, loaded: &Loaded, says: &str) -> Result<(), ActionError> {
    let before = &loaded.review;
    let after =
        Review { escalated_at: Some(work.by.now), next_step_on: None, version: before.version + 1, ..before.clone() };
    store(work, "review.escalate", before, &after)?;
    let finding =
        Finding::new(loaded.identity.id, FindingRule::ProtectedReviewUnanswered, says.to_owned(), work.by.now);
    findings::open(work, &loaded.identity, finding)?;
    if escalating::ask(work, register, loaded, &after, says)?.is_none() {
        return Ok(());
    }
    let administrators = loaded.around.members(AssigneeGroup::Administrators).iter().copied().collect();
    let told = Told { review: after.id, what: "escalated", kind: LineKind::News, says };
    notify::tell_of_review(register, work, &administrators, told)
}

fn suspend(work: &mut Work<'_>, register: &Register, loaded: &Loaded, says: &str) -> Result<(), ActionError> {
    store(work, "review.count_silence", &loaded.review, &ended(work, loaded, ReviewOutcome::SilentSuspend))?;
    close_tasks(work, loaded, TaskAnswer::Obsolete, says)?;
    let mut after = loaded.identity.clone();
    after.state = IdentityState::Suspended;
    after.state_cause = StateCause::ReviewUnanswered;
    after.state_changed_at = work.by.now;
    after.next_review_on = Some(again(register, loaded));
    ownership::store(work, "identity.suspend", Some(says), &loaded.identity, &mut after)?;
    raise::raise_stopping(register, work, &after, TaskCause::ReviewUnanswered)?;
    telling::tell_owners(work, register, loaded, Cut::Suspended)
}

fn revoke(work: &mut Work<'_>, register: &Register, loaded: &Loaded, says: &str) -> Result<(), ActionError> {
    store(work, "review.count_silence", &loaded.review, &ended(work, loaded, ReviewOutcome::SilentRevoke))?;
    close_tasks(work, loaded, TaskAnswer::Obsolete, says)?;
    apply::revoke(work, register, loaded, StateCause::ReviewUnanswered)?;
    telling::tell_owners(work, register, loaded, Cut::Revoked)
}

/// The day on which what nobody answered is asked about again.
fn again(register: &Register, loaded: &Loaded) -> NaiveDate {
    let (table, identity) = (&register.deployment.reviews, &loaded.identity);
    table.again(table.clock(identity.tier, identity.review_interval_days), loaded.today)
}
