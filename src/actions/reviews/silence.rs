//! When nobody answered: what the rules say happens, simulated before it is ever done, and stopped before it cuts too
//! much at once.
//!
//! A new deployment simulates: nothing is suspended or revoked by silence until an administrator has read who would
//! lose what and has said that silence counts. Access that stays with a finding, and what goes to the administrators,
//! needs no such word.

use chrono::NaiveDate;

use super::apply::{cancel, store};
use super::counting::SETTING;
pub use super::counting::counts;
use super::decide::close_tasks;
use super::load::Loaded;
use super::sheet::on_silence;
use super::{BATCH, asking};
use crate::actions::{ActionError, By, Register, Work, findings, ownership, raise};
use crate::domain::findings::FindingRule;
use crate::domain::identities::{Environment, IdentityState, StateCause};
use crate::domain::ids::Id;
use crate::domain::life_cycle::parse_reason;
use crate::domain::notices::Notice;
use crate::domain::people::Role;
use crate::domain::reviews::silence::{Silence, StopState, stops};
use crate::domain::reviews::{ReviewOutcome, ReviewState, ReviewStep};
use crate::domain::task_words::{date_words, days_after};
use crate::domain::tasks::{AssignedAs, Assignee, AssigneeGroup, TaskAnswer, TaskCause};
use crate::store::findings::Finding;
use crate::store::identities::{self, Identity};
use crate::store::reviews::{self, Review, StepTaken};
use crate::store::silence_stops::{self, SilenceStop};
use crate::store::types::Doc;
use crate::store::{Db, StoreError, outbox, people, settings, tasks};

/// What silence does to one review.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    pub review: Review,
    pub identity: Identity,
    pub silence: Silence,
    pub because: String,
}

impl Planned {
    /// Whether something in production stops working.
    pub fn cuts_production(&self) -> bool {
        self.silence.cuts()
            && self.identity.environment == Environment::Production
            && self.identity.state == IdentityState::Active
    }
}

/// What silence would do to open reviews by the end of a day, the earliest first; at most `limit` are read.
pub fn plan(db: &mut Db, register: &Register, by_day: NaiveDate, limit: i64) -> Result<Vec<Planned>, StoreError> {
    let found = reviews::silent_by(db, by_day, limit)?;
    let ids: Vec<Id> = found.iter().map(|review| review.identity_id).collect();
    let mut about: std::collections::HashMap<Id, Identity> =
        identities::find_many(db, &ids)?.into_iter().map(|identity| (identity.id, identity)).collect();
    Ok(found
        .into_iter()
        .filter_map(|review| {
            let identity = about.remove(&review.identity_id)?;
            let (silence, because) = on_silence(register, &identity);
            Some(Planned { review, identity, silence, because })
        })
        .collect())
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ran {
    pub stayed: usize,
    pub escalated: usize,
    pub suspended: usize,
    pub revoked: usize,
    /// They would have been cut, and silence does not count yet.
    pub simulated: usize,
    /// They would have been cut, and the run stopped before.
    pub held_back: usize,
    /// They were stopped otherwise meanwhile.
    pub cancelled: usize,
    /// They could not be counted; the next run tries again.
    pub failed: usize,
}

/// Does what silence does to every review whose day has passed. `renew` is called between reviews.
pub fn run(register: &Register, by: &By, renew: impl Fn() -> Result<(), ActionError>) -> Result<Ran, ActionError> {
    by.require_keeper()?;
    renew()?;
    let Some(yesterday) = register.day(by.now).pred_opt() else { return Ok(Ran::default()) };
    let (planned, counts, production, stopped, agreed_stop) = {
        let mut db = register.database.read()?;
        let planned = plan(&mut db, register, yesterday, i64::MAX)?;
        let in_production = if planned.is_empty() { 0 } else { silence_stops::in_production(&mut db)? };
        let stopped = silence_stops::in_state(&mut db, StopState::Stopped)?;
        (planned, counts(&mut db)?, in_production, stopped, silence_stops::in_state(&mut db, StopState::Agreed)?)
    };
    let table = &register.deployment.reviews;
    // What two people agreed to is that set and no other; what came to it since is judged by itself.
    let agreed: Vec<Id> = agreed_stop.as_ref().map(|stop| stop.reviews.0.clone()).unwrap_or_default();
    let cutting: Vec<Id> = planned
        .iter()
        .filter(|one| one.cuts_production() && !agreed.contains(&one.review.id))
        .map(|one| one.review.id)
        .collect();
    let cuts = i64::try_from(cutting.len()).unwrap_or(i64::MAX);
    let too_many = counts && stops(cuts, production, table.breaker_percent, table.breaker_least);
    let mut ran = Ran::default();
    if too_many {
        hold_back(register, by, stopped.as_ref(), &cutting, production)?;
    }
    for one in planned {
        renew()?;
        let cuts = one.silence.cuts();
        if cuts && !counts {
            ran.simulated += 1;
            continue;
        }
        if too_many && cuts && !agreed.contains(&one.review.id) {
            ran.held_back += 1;
            continue;
        }
        match register.change(by, |work| perform(work, register, one.review.id, yesterday)) {
            Ok(Some(Some(Silence::Keep))) => ran.stayed += 1,
            Ok(Some(Some(Silence::Escalate))) => ran.escalated += 1,
            Ok(Some(Some(Silence::Suspend))) => ran.suspended += 1,
            Ok(Some(Some(Silence::Revoke))) => ran.revoked += 1,
            Ok(Some(None)) => ran.cancelled += 1,
            Ok(None) => {}
            Err(ActionError::TakenOver) => return Err(ActionError::TakenOver),
            // One that fails holds up no other; the next run tries again.
            Err(error) => {
                tracing::error!(review = %one.review.id, %error, "silence about a review could not be counted");
                ran.failed += 1;
            }
        }
    }
    // While silence is only simulated, nothing of what was agreed has been done.
    if let Some(before) = agreed_stop.filter(|_| counts) {
        end_stop(register, by, &before)?;
    }
    Ok(ran)
}

/// Does it to one review; nothing when somebody decided meanwhile, `Some(None)` when the identity is being stopped.
fn perform(
    work: &mut Work<'_>,
    register: &Register,
    id: Id,
    yesterday: NaiveDate,
) -> Result<Option<Option<Silence>>, ActionError> {
    let loaded = Loaded::held(work.db, register, id, work.by.now)?;
    let review = &loaded.review;
    if review.state != ReviewState::Open || review.silence_on > yesterday || review.escalated_at.is_some() {
        return Ok(None);
    }
    if !matches!(loaded.identity.state, IdentityState::Active | IdentityState::Suspended) {
        let because = format!("it is {}", loaded.identity.state.label().to_lowercase());
        cancel(work, &loaded, &because)?;
        return Ok(Some(None));
    }
    // Judged again by what it is now.
    let (silence, because) = on_silence(register, &loaded.identity);
    let says = format!("Nobody answered by {}. {because}", date_words(review.silence_on));
    let step = if silence == Silence::Escalate { ReviewStep::Escalated } else { ReviewStep::Silence };
    reviews::take_step(work.db, &StepTaken { review_id: id, step, says: says.clone(), at: work.by.now })?;
    match silence {
        Silence::Keep => stay(work, register, &loaded, &says)?,
        Silence::Escalate => escalate(work, register, &loaded, &says)?,
        Silence::Suspend => suspend(work, register, &loaded, &says)?,
        Silence::Revoke => revoke(work, register, &loaded, &says)?,
    }
    Ok(Some(Some(silence)))
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
    after.next_review_on = Some(days_after(loaded.today, u64::from(register.deployment.reviews.again_days)));
    ownership::store(work, "identity.not_reviewed", Some(says), &loaded.identity, &mut after)
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
    let asked_already = loaded.asking().any(|task| task.assignee_group == Some(AssigneeGroup::Administrators));
    if asked_already {
        return Ok(());
    }
    if loaded.around.members(AssigneeGroup::Administrators).is_empty() {
        return asking::nobody(work, register, &after, &loaded.identity);
    }
    let assignee = Assignee::Group { group: AssigneeGroup::Administrators };
    let mut task = asking::ask(&after, &TaskCause::ReviewAsked, says, assignee, ":escalated", work);
    task.assigned_as = AssignedAs::Escalated;
    tasks::insert(work.db, &task)?;
    work.record("task.raise", "task", task.id, None, Some(&task));
    let notice = Notice {
        subject: "Nobody answered a review that silence may not end".to_owned(),
        lines: vec![says.to_owned(), "It was raised to the administrators, and a finding stands.".to_owned()],
        path: format!("/reviews/{}", after.id),
        link_words: "Decide the review".to_owned(),
        if_nothing: "Its access stays, and the finding with it.".to_owned(),
    };
    tell(work, register, loaded.around.members(AssigneeGroup::Administrators), &after, "escalated", &notice)
}

fn suspend(work: &mut Work<'_>, register: &Register, loaded: &Loaded, says: &str) -> Result<(), ActionError> {
    store(work, "review.count_silence", &loaded.review, &ended(work, loaded, ReviewOutcome::SilentSuspend))?;
    close_tasks(work, loaded, TaskAnswer::Obsolete, says)?;
    let mut after = loaded.identity.clone();
    if after.state == IdentityState::Active {
        after.state = IdentityState::Suspended;
        after.state_cause = StateCause::ReviewUnanswered;
        after.state_changed_at = work.by.now;
    }
    after.next_review_on = Some(days_after(loaded.today, u64::from(register.deployment.reviews.again_days)));
    ownership::store(work, "identity.suspend", Some(says), &loaded.identity, &mut after)?;
    raise::raise_stopping(register, work, &after, TaskCause::ReviewUnanswered)?;
    tell_owners(work, register, loaded, "was suspended")
}

fn revoke(work: &mut Work<'_>, register: &Register, loaded: &Loaded, says: &str) -> Result<(), ActionError> {
    store(work, "review.count_silence", &loaded.review, &ended(work, loaded, ReviewOutcome::SilentRevoke))?;
    close_tasks(work, loaded, TaskAnswer::Obsolete, says)?;
    super::apply::revoke(work, register, loaded, StateCause::ReviewUnanswered)?;
    tell_owners(work, register, loaded, "is being revoked")
}

/// Whoever answers for it is told what happened, and how to get it back.
fn tell_owners(work: &mut Work<'_>, register: &Register, loaded: &Loaded, what: &str) -> Result<(), ActionError> {
    let identity = &loaded.identity;
    let mut owners: Vec<Id> = [identity.business_owner_id, identity.technical_owner_id].into_iter().flatten().collect();
    owners.sort_unstable();
    owners.dedup();
    let notice = Notice {
        subject: format!("An app of yours {what}"),
        lines: vec![
            format!(
                "{} {what}, because nobody answered its review by {}.",
                identity.name,
                date_words(loaded.review.silence_on)
            ),
            "You are one of its owners. If it is still needed, ask that it goes on; others decide about that."
                .to_owned(),
        ],
        path: format!("/identities/{}", identity.id),
        link_words: "Look at it".to_owned(),
        if_nothing: "It stays as it is.".to_owned(),
    };
    tell(work, register, &owners, &loaded.review, "silence", &notice)
}

fn tell(
    work: &mut Work<'_>,
    register: &Register,
    people: &[Id],
    review: &Review,
    step: &str,
    notice: &Notice,
) -> Result<(), ActionError> {
    let rows: Vec<(Id, String, Notice)> = people
        .iter()
        .map(|person| (*person, format!("review:{}:{step}:{person}", review.id), notice.clone()))
        .collect();
    outbox::queue_notices(work.db, &rows, work.by.now, register.day(work.by.now))?;
    Ok(())
}

/// Writes down that a run stopped, and tells the administrators; one that waits already is brought up to date.
fn hold_back(
    register: &Register,
    by: &By,
    waiting: Option<&SilenceStop>,
    cutting: &[Id],
    population: i64,
) -> Result<(), ActionError> {
    let cuts = i64::try_from(cutting.len()).unwrap_or(i64::MAX);
    register.change(by, |work| {
        let stop = SilenceStop {
            id: Id::new(),
            state: StopState::Stopped,
            cuts,
            population: population.max(1),
            reviews: Doc(cutting.to_vec()),
            stopped_at: by.now,
            first_by_id: None,
            second_by_id: None,
            reason: None,
            ended_at: None,
            version: 1,
        };
        match waiting {
            Some(before) if before.reviews.0 == cutting => return Ok(()),
            // What somebody agreed to is another set; they are asked anew.
            Some(before) => drop_in(work, before)?,
            None => {}
        }
        silence_stops::insert(work.db, &stop)?;
        work.record("silence.stop", "silence_stop", stop.id, None, Some(&stop));
        let administrators: Vec<Id> =
            people::accounts_of_roles(work.db, &[Role::Administrator, Role::SecurityAnalyst])?
                .into_iter()
                .filter(|account| account.disabled_at.is_none())
                .map(|account| account.person_id)
                .collect();
        let notice = Notice {
            subject: "Silence would stop too much at once".to_owned(),
            lines: vec![
                format!(
                    "Nobody answered the reviews of {cuts} identities in production, of {population} that work there. \
                     Nothing was cut."
                ),
                "Two people who keep the register can let it go on, after reading who would lose what.".to_owned(),
            ],
            path: "/reviews/silence".to_owned(),
            link_words: "Read who would lose what".to_owned(),
            if_nothing: "Nothing is cut, and every run asks again.".to_owned(),
        };
        let rows: Vec<(Id, String, Notice)> = administrators
            .into_iter()
            .map(|person| (person, format!("silence:{}:{person}", stop.id), notice.clone()))
            .collect();
        outbox::queue_notices(work.db, &rows, by.now, register.day(by.now))?;
        Ok(())
    })
}

fn drop_in(work: &mut Work<'_>, before: &SilenceStop) -> Result<(), ActionError> {
    let after = SilenceStop {
        state: StopState::Dropped,
        ended_at: Some(work.by.now),
        version: before.version + 1,
        ..before.clone()
    };
    silence_stops::update(work.db, &after)?;
    work.record("silence.drop", "silence_stop", after.id, Some(before), Some(&after));
    Ok(())
}

fn end_stop(register: &Register, by: &By, before: &SilenceStop) -> Result<(), ActionError> {
    register.change(by, |work| {
        let after = SilenceStop {
            state: StopState::Done,
            ended_at: Some(by.now),
            version: before.version + 1,
            ..before.clone()
        };
        silence_stops::update(work.db, &after)?;
        work.record("silence.go_on", "silence_stop", after.id, Some(before), Some(&after));
        Ok(())
    })
}

/// One of two people lets a stopped run go on; with the second it does at the next run.
///
/// # Errors
/// `Refused` for whoever agreed already; `Conflict` when it changed since it was shown.
pub fn agree(register: &Register, by: &By, id: Id, version: i64, reason: &str) -> Result<(), ActionError> {
    by.require_keeper()?;
    let person = super::decide::only_people(by)?;
    let reason = parse_reason(reason).map_err(|error| ActionError::field("reason", error.to_string()))?;
    register.change(by, |work| {
        let waiting = silence_stops::in_state(work.db, StopState::Stopped)?;
        let before = waiting.filter(|stop| stop.id == id).ok_or(StoreError::Conflict)?;
        if before.version != version || before.state != StopState::Stopped {
            return Err(StoreError::Conflict.into());
        }
        let mut after = SilenceStop { version: before.version + 1, ..before.clone() };
        match before.first_by_id {
            None => {
                after.first_by_id = Some(person);
                after.reason = Some(reason.clone());
            }
            Some(first) if first == person => {
                return Err(ActionError::Refused(
                    "you agreed already; more than one identity is stopped by two people".to_owned(),
                ));
            }
            Some(_) => {
                after.second_by_id = Some(person);
                after.state = StopState::Agreed;
            }
        }
        silence_stops::update(work.db, &after)?;
        work.record_because("silence.agree", "silence_stop", id, Some(&reason), Some(&before), Some(&after));
        Ok(())
    })
}

/// Whether silence counts, as the audit log keeps it.
#[derive(Debug, serde::Serialize)]
struct Counting {
    counts: bool,
}

/// An administrator says that silence counts from now on, or that it is only simulated again.
///
/// # Errors
/// `Forbidden` for anybody else; `Invalid` without a reason.
pub fn set_counts(register: &Register, by: &By, wanted: bool, reason: &str) -> Result<(), ActionError> {
    by.require(&[Role::Administrator])?;
    super::decide::only_people(by)?;
    let reason = parse_reason(reason).map_err(|error| ActionError::field("reason", error.to_string()))?;
    register.change(by, |work| {
        // It outlasts emergency access.
        work.require_administrator()?;
        let known = counts(work.db)?;
        if known == wanted {
            return Ok(());
        }
        settings::set(work.db, SETTING, if wanted { "yes" } else { "no" })?;
        let action = if wanted { "silence.count" } else { "silence.simulate" };
        let (before, after) = (Counting { counts: known }, Counting { counts: wanted });
        work.record_because(action, "silence", "silence", Some(&reason), Some(&before), Some(&after));
        Ok(())
    })
}

/// Reviews read for the page of the simulation.
pub const SHOWN: i64 = BATCH;
