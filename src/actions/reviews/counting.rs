//! Whether silence suspends and revokes, or is only simulated. A new deployment simulates.
//!
//! More than one identity is stopped by two people, and silence stops many: one administrator proposes that it counts,
//! with a reason, and another one agrees ([`super::agreeing`]). Any administrator takes the proposal back, or has
//! silence simulated again, alone and at once: that stops nothing that works.

use crate::actions::{ActionError, By, Register, Work};
use crate::domain::audit::ActorKind;
use crate::domain::ids::Id;
use crate::domain::jobs::Job;
use crate::domain::life_cycle::parse_reason;
use crate::domain::notices::Notice;
use crate::domain::people::Role;
use crate::domain::reviews::silence::ProposalState;
use crate::domain::reviews::two_people::read_reason;
use crate::store::silence_proposals::{self, SilenceProposal};
use crate::store::{Db, StoreError, job_runs, outbox, people};

const NOT_SIMULATED: &str = "no run has simulated it yet, so nobody can have read what it does: start the job Apply silence by \
                             hand or wait for its next run, and then read who would lose what";

/// Whether silence suspends and revokes, or is only simulated.
pub fn counts(db: &mut Db) -> Result<bool, StoreError> {
    Ok(silence_proposals::in_state(db, ProposalState::Agreed)?.is_some())
}

/// Whether a run was done, by its schedule or by hand: before the first one there is nothing that anybody has read.
pub fn was_simulated(db: &mut Db) -> Result<bool, StoreError> {
    Ok(job_runs::last_done(db, Job::ApplySilence)?.is_some())
}

/// Silence is simulated before it counts.
pub(super) fn require_simulated(db: &mut Db) -> Result<(), ActionError> {
    if was_simulated(db)? { Ok(()) } else { Err(ActionError::Refused(NOT_SIMULATED.to_owned())) }
}

/// Only an administrator, and only a person.
pub(super) fn administrator(by: &By) -> Result<Id, ActionError> {
    by.require(&[Role::Administrator])?;
    match (by.kind, by.person) {
        (ActorKind::Person, Some(person)) => Ok(person),
        _ => Err(ActionError::Forbidden),
    }
}

/// The first administrator proposes that silence counts; answers the id of the proposal.
///
/// # Errors
/// `Forbidden` for anybody else; `Invalid` without a reason of some words; `Refused` before a run has simulated it;
/// `Conflict` when it counts already or somebody else was faster.
pub fn propose(register: &Register, by: &By, reason: &str) -> Result<Id, ActionError> {
    let person = administrator(by)?;
    let reason = read_reason(reason).map_err(|error| ActionError::field("reason", error))?;
    register.change(by, |work| {
        // It outlasts emergency access.
        work.require_administrator()?;
        for state in [ProposalState::Proposed, ProposalState::Agreed] {
            if silence_proposals::in_state(work.db, state)?.is_some() {
                return Err(StoreError::Conflict.into());
            }
        }
        require_simulated(work.db)?;
        let proposal = SilenceProposal {
            id: Id::new(),
            state: ProposalState::Proposed,
            reason: reason.clone(),
            proposed_by_id: person,
            proposed_at: by.now,
            agreed_by_id: None,
            agreed_at: None,
            ended_by_id: None,
            ended_at: None,
            ended_because: None,
            version: 1,
        };
        silence_proposals::insert(work.db, &proposal).map_err(|error| match error {
            // Somebody proposed it at the same moment.
            StoreError::Constraint(_) => StoreError::Conflict,
            other => other,
        })?;
        work.record_because("silence.propose", "silence", proposal.id, Some(&reason), None, Some(&proposal));
        tell_the_others(work, register, &proposal)?;
        Ok(proposal.id)
    })
}

/// An administrator takes a proposal back, their own or that of another.
///
/// # Errors
/// `Conflict` when it changed since it was shown.
pub fn withdraw(register: &Register, by: &By, id: Id, version: i64) -> Result<(), ActionError> {
    let person = administrator(by)?;
    register.change(by, |work| {
        work.require_administrator_to_stop()?;
        let before = waiting(work, id, version)?;
        let after = SilenceProposal {
            state: ProposalState::Withdrawn,
            ended_by_id: Some(person),
            ended_at: Some(by.now),
            version: before.version + 1,
            ..before.clone()
        };
        store(work, "silence.withdraw", None, &before, &after)
    })
}

/// One administrator has silence only simulated again, at once.
///
/// # Errors
/// `Forbidden` for anybody else; `Invalid` without a reason.
pub fn simulate(register: &Register, by: &By, reason: &str) -> Result<(), ActionError> {
    let person = administrator(by)?;
    let reason = parse_reason(reason).map_err(|error| ActionError::field("reason", error.to_string()))?;
    register.change(by, |work| {
        work.require_administrator_to_stop()?;
        let Some(before) = silence_proposals::in_state(work.db, ProposalState::Agreed)? else { return Ok(()) };
        let after = SilenceProposal {
            state: ProposalState::Ended,
            ended_by_id: Some(person),
            ended_at: Some(by.now),
            ended_because: Some(reason.clone()),
            version: before.version + 1,
            ..before.clone()
        };
        store(work, "silence.simulate", Some(&reason), &before, &after)
    })
}

/// The proposal that waits, as it was shown.
pub(super) fn waiting(work: &mut Work<'_>, id: Id, version: i64) -> Result<SilenceProposal, ActionError> {
    let found = silence_proposals::in_state(work.db, ProposalState::Proposed)?;
    let shown = |proposal: &SilenceProposal| proposal.id == id && proposal.version == version;
    Ok(found.filter(shown).ok_or(StoreError::Conflict)?)
}

/// Stores a changed proposal, and records why.
pub(super) fn store(
    work: &mut Work<'_>,
    action: &str,
    reason: Option<&str>,
    before: &SilenceProposal,
    after: &SilenceProposal,
) -> Result<(), ActionError> {
    silence_proposals::update(work.db, after)?;
    work.record_because(action, "silence", after.id, reason, Some(before), Some(after));
    Ok(())
}

/// The other administrators are told that somebody has to agree.
fn tell_the_others(work: &mut Work<'_>, register: &Register, proposal: &SilenceProposal) -> Result<(), ActionError> {
    let notice = Notice {
        subject: "An administrator proposes that silence counts".to_owned(),
        lines: vec![
            "From then on what nobody answers is suspended or revoked, by rules.".to_owned(),
            "You are an administrator: it takes one more than whoever proposed it.".to_owned(),
        ],
        path: "/reviews/silence".to_owned(),
        link_words: "Read who would lose what".to_owned(),
        if_nothing: "Silence is only simulated, as before.".to_owned(),
        gathered: None,
    };
    let rows: Vec<(Id, String, Notice)> = people::accounts_of_roles(work.db, &[Role::Administrator])?
        .into_iter()
        .filter(|account| account.disabled_at.is_none() && account.person_id != proposal.proposed_by_id)
        .map(|account| account.person_id)
        .map(|person| (person, format!("silence_proposal:{}:{person}", proposal.id), notice.clone()))
        .collect();
    outbox::queue_notices(work.db, &rows, work.by.now, register.day(work.by.now))?;
    Ok(())
}
