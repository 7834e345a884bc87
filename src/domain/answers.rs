//! Answering a task: which answers it can be given, and what each of them needs.
//!
//! Nothing is chosen for anybody, and nothing that was typed is passed over: a date beside an answer
//! that takes none is a fault, not a text to be dropped.

pub mod counting;

use chrono::{Datelike, NaiveDate};

use super::guard::typed::{HOLDS_A_SECRET, holds_a_secret};
use super::identities::IdentityState;
use super::tasks::{TaskAnswer, TaskCause, TaskKind};

/// The longest reason or note, in characters.
pub const LONGEST_REASON: usize = 2_000;

/// The longest name or address of a person, in characters.
const LONGEST_PERSON: usize = 300;

/// What decides which answers a task can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    pub kind: TaskKind,
    pub cause: TaskCause,
    /// The state of the identity it is about.
    pub state: IdentityState,
    /// Whether the reader keeps the register.
    pub keeper: bool,
}

impl Asked {
    /// The answers, in the order in which they are offered.
    ///
    /// An end date is an answer to an expiry and to the end of a contract. It is none to
    /// the loss of both owners, which new owners answer, nor to a revocation that somebody decided.
    pub fn offered(self) -> Vec<TaskAnswer> {
        let living = !matches!(self.state, IdentityState::Revoking | IdentityState::Revoked | IdentityState::Rejected);
        let mut offered = match self.kind {
            TaskKind::Offboarding => vec![TaskAnswer::Done, TaskAnswer::Until],
            // What somebody knows is written; what is to be narrowed is attested where its review stands.
            TaskKind::ReviewQuestion => vec![TaskAnswer::Done],
            // These are answered where what they are about stands.
            TaskKind::Recertification
            | TaskKind::Narrowing
            | TaskKind::ReviewerMissing
            | TaskKind::Ownership
            | TaskKind::EmergencyReview
            | TaskKind::Decision
            | TaskKind::Issuance
            | TaskKind::ApproverMissing
            | TaskKind::OwnerMissing
            | TaskKind::Reauthorisation => return Vec::new(),
        };
        let dated = matches!(self.cause, TaskCause::ReviewDue | TaskCause::Expired | TaskCause::ContractEnded);
        if !living || !dated {
            offered.retain(|answer| *answer != TaskAnswer::Until);
        }
        offered.push(TaskAnswer::Another);
        if self.keeper {
            offered.push(TaskAnswer::Obsolete);
        }
        offered
    }
}

/// What somebody typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typed<'a> {
    pub answer: Option<TaskAnswer>,
    pub reason: &'a str,
    /// The end date, `YYYY-MM-DD`.
    pub until: &'a str,
    /// The name or the e-mail address of somebody.
    pub somebody: &'a str,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is needed until the start of that day.
    Until(NaiveDate),
    /// Somebody else should do it, named as typed.
    Another(String),
    Done,
    Obsolete,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    #[error("Choose one of the answers; nothing was recorded")]
    NotChosen,
    #[error("Write how it was stopped: where, what was done, and by whom it was seen")]
    HowStopped,
    #[error("Write what has changed, so that nothing is left to do")]
    WhatChanged,
    #[error("Write why it is still needed; it is kept with the new end date")]
    WhyUntil,
    #[error("Write why they should do it; they will read it")]
    WhyThey,
    #[error("Write at most {LONGEST_REASON} characters")]
    TooLong,
    #[error("{HOLDS_A_SECRET}")]
    Secret,
    #[error("Write until which day it is needed, as in 2027-03-31")]
    NoDate,
    #[error("Write the day as in 2027-03-31")]
    UnreadableDate,
    #[error("Write a day after today; an end date that has come already would change nothing")]
    PastDate,
    #[error("Remove the end date, or choose the answer that it belongs to")]
    UnusedDate,
    #[error("Write the name or the e-mail address of whoever should do this")]
    NoPerson,
    #[error("Write a name or an e-mail address on one line, at most {LONGEST_PERSON} characters")]
    UnreadablePerson,
    #[error("Remove the name, or choose the answer that it belongs to")]
    UnusedPerson,
}

impl AnswerFault {
    /// The field of the form that it is about.
    pub fn field(self) -> &'static str {
        match self {
            Self::NotChosen => "answer",
            Self::NoDate | Self::UnreadableDate | Self::PastDate | Self::UnusedDate => "until",
            Self::NoPerson | Self::UnreadablePerson | Self::UnusedPerson => "somebody",
            _ => "reason",
        }
    }
}

/// A decision and its reason.
pub type Answered = (Decision, Option<String>);

/// Reads an answer that has to be one of those offered; an end date lies after `today`.
///
/// # Errors
/// Every fault at once, in the order of the form.
pub fn read(typed: Typed<'_>, offered: &[TaskAnswer], today: NaiveDate) -> Result<Answered, Vec<AnswerFault>> {
    let Some(answer) = typed.answer.filter(|answer| offered.contains(answer)) else {
        return Err(vec![AnswerFault::NotChosen]);
    };
    let mut faults = Vec::new();
    let mut note = |outcome: Result<Option<Decision>, AnswerFault>| match outcome {
        Ok(decision) => decision,
        Err(fault) => {
            faults.push(fault);
            None
        }
    };
    let until = note(read_until(typed.until, answer, today));
    let another = note(read_somebody(typed.somebody, answer));
    let reason = read_reason(typed.reason, answer).map_err(|fault| faults.push(fault));
    let decision = match answer {
        TaskAnswer::Done => Some(Decision::Done),
        TaskAnswer::Obsolete => Some(Decision::Obsolete),
        TaskAnswer::Until => until,
        TaskAnswer::Another => another,
        // Given where what they are about stands.
        TaskAnswer::Keep
        | TaskAnswer::Narrow
        | TaskAnswer::Remove
        | TaskAnswer::DontKnow
        | TaskAnswer::Accept
        | TaskAnswer::Refuse => None,
    };
    match (decision, reason) {
        (Some(decision), Ok(reason)) if faults.is_empty() => Ok((decision, reason)),
        _ => Err(faults),
    }
}

fn read_until(text: &str, answer: TaskAnswer, today: NaiveDate) -> Result<Option<Decision>, AnswerFault> {
    let text = text.trim();
    match (answer, text) {
        (TaskAnswer::Until, "") => return Err(AnswerFault::NoDate),
        (TaskAnswer::Until, _) => {}
        (_, "") => return Ok(None),
        _ => return Err(AnswerFault::UnusedDate),
    }
    let date = text.parse::<NaiveDate>().ok().filter(|date| text.len() == 10 && (1900..=9998).contains(&date.year()));
    match date {
        None => Err(AnswerFault::UnreadableDate),
        Some(date) if date <= today => Err(AnswerFault::PastDate),
        Some(date) => Ok(Some(Decision::Until(date))),
    }
}

fn read_somebody(text: &str, answer: TaskAnswer) -> Result<Option<Decision>, AnswerFault> {
    let text = text.trim();
    match (answer, text) {
        (TaskAnswer::Another, "") => Err(AnswerFault::NoPerson),
        (TaskAnswer::Another, _) if text.chars().count() > LONGEST_PERSON || text.chars().any(char::is_control) => {
            Err(AnswerFault::UnreadablePerson)
        }
        (TaskAnswer::Another, _) => Ok(Some(Decision::Another(text.to_owned()))),
        (_, "") => Ok(None),
        _ => Err(AnswerFault::UnusedPerson),
    }
}

fn read_reason(text: &str, answer: TaskAnswer) -> Result<Option<String>, AnswerFault> {
    let reason = written(text)?;
    let missing = match answer {
        TaskAnswer::Done => AnswerFault::HowStopped,
        TaskAnswer::Obsolete => AnswerFault::WhatChanged,
        TaskAnswer::Until => AnswerFault::WhyUntil,
        TaskAnswer::Another => AnswerFault::WhyThey,
        TaskAnswer::Keep
        | TaskAnswer::Narrow
        | TaskAnswer::Remove
        | TaskAnswer::DontKnow
        | TaskAnswer::Accept
        | TaskAnswer::Refuse => return Ok(reason),
    };
    if reason.is_none() { Err(missing) } else { Ok(reason) }
}

/// A reason as it is kept, without space around it; `None` when nothing is left.
///
/// # Errors
/// `TooLong`, and `Secret` for a text that seems to hold one.
pub fn written(text: &str) -> Result<Option<String>, AnswerFault> {
    let text = text.trim();
    if text.chars().count() > LONGEST_REASON {
        return Err(AnswerFault::TooLong);
    }
    if holds_a_secret(text) {
        return Err(AnswerFault::Secret);
    }
    Ok((!text.is_empty()).then(|| text.replace("\r\n", "\n")))
}

#[cfg(test)]
mod tests;
