//! What became of one review with each who was asked about it.

use chrono::NaiveDate;

use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::{ReviewOutcome, ReviewState};
use crate::domain::tasks::{AssignedAs, AssigneeGroup, TaskAnswer, TaskState};
use crate::words;

/// Who was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Person(Id),
    Group(AssigneeGroup),
    /// Decided without having been asked: a deputy, or whoever keeps the register.
    NotAsked,
    /// Nobody could be asked.
    Nobody,
}

words! {
    /// What became of a review with somebody who was asked about it.
    Became {
        Open = "open", "still open";
        Answered = "answered", "answered";
        Others = "others", "answered by somebody else";
        PassedOn = "passed_on", "passed on unanswered";
        HandedOn = "handed_on", "given to somebody else";
        Ended = "ended", "ended without an answer";
    }
}

/// A task by which somebody was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    pub who: Who,
    pub assigned_as: AssignedAs,
    pub state: TaskState,
    pub answer: Option<TaskAnswer>,
    pub due_on: NaiveDate,
    pub closed_at: Option<Moment>,
    /// It was raised because others did not answer.
    pub escalated: bool,
}

/// A review, as far as it says who answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub state: ReviewState,
    pub outcome: Option<ReviewOutcome>,
    /// Who gave the decision that stands, and as what.
    pub decided: Option<(Id, AssignedAs)>,
    /// When it was decided, or silence counted, or it was cancelled.
    pub ended_at: Option<Moment>,
    pub due_on: NaiveDate,
    /// The oldest first.
    pub asked: Vec<Asking>,
}

/// What became of one review with each who was asked, and with whoever answered unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub who: Who,
    pub became: Became,
    pub escalated: bool,
    pub overdue: bool,
}

impl Standing {
    /// Who answered it, of those who were asked; `NotAsked` for anybody else.
    fn answerer(&self) -> Option<Who> {
        let (person, decided_as) = self.decided?;
        let own = self.asked.iter().find(|task| task.who == Who::Person(person));
        // A member answers for the group, as what the group was asked.
        let group = || {
            let is_of = |task: &&Asking| matches!(task.who, Who::Group(_)) && task.assigned_as == decided_as;
            self.asked.iter().rev().filter(is_of).find(|task| task.answer != Some(TaskAnswer::Obsolete))
        };
        Some(own.or_else(group).map_or(Who::NotAsked, |task| task.who))
    }

    /// The parts of it.
    pub fn parts(&self, today: NaiveDate) -> Vec<Part> {
        let answerer = self.answerer();
        let mut parts: Vec<Part> = Vec::new();
        for task in &self.asked {
            if parts.iter().any(|part| part.who == task.who) {
                continue;
            }
            let own: Vec<&Asking> = self.asked.iter().filter(|other| other.who == task.who).collect();
            let open = own.iter().find(|task| task.state == TaskState::Open);
            let became = match (open, own.last()) {
                (Some(_), _) => Became::Open,
                _ if answerer == Some(task.who) => Became::Answered,
                (None, Some(last)) => self.after(last),
                (None, None) => Became::Ended,
            };
            parts.push(Part {
                who: task.who,
                became,
                escalated: own.iter().any(|task| task.escalated),
                overdue: open.is_some_and(|task| task.due_on < today),
            });
        }
        let alone = |who, became| Part { who, became, escalated: false, overdue: false };
        if parts.is_empty() {
            parts.push(match self.state {
                ReviewState::Open => Part { overdue: self.due_on < today, ..alone(Who::Nobody, Became::Open) },
                _ if answerer.is_some() => alone(Who::Nobody, Became::Others),
                _ => alone(Who::Nobody, Became::Ended),
            });
        }
        parts.extend((answerer == Some(Who::NotAsked)).then(|| alone(Who::NotAsked, Became::Answered)));
        parts
    }

    /// What became of it with somebody who did not answer, by the last task they had.
    fn after(&self, last: &Asking) -> Became {
        let before_the_end = self.ended_at.is_none_or(|end| last.closed_at.is_some_and(|at| at < end));
        match last.answer {
            Some(TaskAnswer::Another) => Became::HandedOn,
            Some(TaskAnswer::Obsolete) if before_the_end => Became::PassedOn,
            _ if self.decided.is_some() => Became::Others,
            _ => Became::Ended,
        }
    }
}
