//! What is held back leaves a trace: a step on record, a finding that stands, and a question to the administrators.
//!
//! Each of them once, however many runs come to the review. It stays open and is not marked as escalated: that word
//! is for what silence may never cut. As soon as silence counts, or two people let its run go on, silence comes.

use chrono::NaiveDate;

use super::super::apply::store;
use super::super::load::Loaded;
use super::super::sheet::on_silence;
use super::escalating;
use super::planning::stays_suspended;
use crate::actions::{ActionError, Register, Work, findings, notify};
use crate::domain::findings::FindingRule;
use crate::domain::identities::IdentityState;
use crate::domain::ids::Id;
use crate::domain::reviews::silence::Silence;
use crate::domain::reviews::{ReviewState, ReviewStep};
use crate::domain::task_words::date_words;
use crate::store::findings::Finding;
use crate::store::review_steps::{self, StepTaken};
use crate::store::reviews::Review;

/// Why nothing was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    Simulated,
    Stopped,
    /// The job that asks others has not run, or somebody paused it.
    OthersNotAsked,
    /// No owner, no deputy, no manager and no group could be asked.
    NobodyAsked,
    MailStandsStill,
}

impl Why {
    /// In words that stay true when it is so no longer.
    fn words(self) -> &'static str {
        match self {
            Self::Simulated => "because silence was only simulated then: two administrators say when it counts",
            Self::OthersNotAsked => "because nobody else had been asked then: the job that asks others had not run",
            Self::NobodyAsked => "because nobody was asked about it then, so nobody could answer",
            Self::MailStandsStill => "because no mail had left for a day, so whoever was asked might not have known",
            Self::Stopped => {
                "because its run would have cut too much of what works or may work in production and stopped: two \
                 people let it go on"
            }
        }
    }
}

/// Notes once that silence would have cut it, and why it did not.
pub fn note(
    work: &mut Work<'_>,
    register: &Register,
    id: Id,
    yesterday: NaiveDate,
    why: Why,
) -> Result<(), ActionError> {
    let loaded = Loaded::held(work.db, register, id, work.by.now)?;
    let review = &loaded.review;
    let noted = loaded.steps.iter().any(|taken| taken.step == ReviewStep::HeldBack);
    let works = matches!(loaded.identity.state, IdentityState::Active | IdentityState::Suspended);
    if noted || !works || review.state != ReviewState::Open || review.silence_on > yesterday {
        return Ok(());
    }
    // Judged again by what it is now; what silence does not cut any more is done by the next run.
    let (silence, because) = on_silence(register, &loaded.identity);
    let would = match silence {
        Silence::Suspend if stays_suspended(silence, loaded.identity.state) => return Ok(()),
        Silence::Suspend => "suspended",
        Silence::Revoke => "revoked",
        Silence::Keep | Silence::Escalate => return Ok(()),
    };
    let says = format!(
        "Nobody answered by {}. By the rules it would be {would}. {because} On {} that was held back, {}.",
        date_words(review.silence_on),
        date_words(loaded.today),
        why.words()
    );
    let step = StepTaken { review_id: id, step: ReviewStep::HeldBack, says: says.clone(), at: work.by.now };
    if !review_steps::take(work.db, &step)? {
        return Ok(());
    }
    work.record_because("review.hold_back", "review", id, Some(&says), None, Some(&step));
    let finding = Finding::new(loaded.identity.id, FindingRule::SilenceHeldBack, says.clone(), work.by.now);
    findings::open(work, &loaded.identity, finding)?;
    // In their digest, and not by a mail for each: a run that stops holds back many at once, and its own mail leads to
    // the page that lists them.
    let Some(task) = escalating::ask(work, register, &loaded, review, &says)? else { return Ok(()) };
    notify::queue_for_tasks(register, work, &[&task])?;
    // They are the first who are asked, so they have days to answer before silence counts.
    if why == Why::NobodyAsked {
        let after = Review { silence_on: task.due_on, version: review.version + 1, ..review.clone() };
        store(work, "review.give_days", review, &after)?;
    }
    Ok(())
}
