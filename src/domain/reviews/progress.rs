//! How far each person and each group has come with what they were asked, and how far all of it is.
//!
//! Several people may be asked about one review: one after the other, or beside each other. So a review stands with
//! everybody who was asked about it, with what became of it there; the sum counts each review once.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{ReviewOutcome, ReviewState};
use crate::domain::ids::{Id, Moment};
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

words! {
    /// How a review of a campaign stands: each in one of these, so that they add up.
    Ending {
        Kept = "kept", "Kept";
        Narrowed = "narrowed", "Left with less";
        SwitchedOff = "switched_off", "Switched off";
        SilentKeep = "silent_keep", "Kept by silence, with a finding";
        SilentSuspend = "silent_suspend", "Suspended by silence";
        SilentRevoke = "silent_revoke", "Revoked by silence";
        Cancelled = "cancelled", "Cancelled";
        /// Decided by somebody or by silence, and nobody has seen yet that it was done.
        WaitsForProof = "waits_for_proof", "Waiting for proof";
        /// Somebody decided, and may correct it, or the day is yet to come.
        Decided = "decided", "Decided, takes effect later";
        Open = "open", "Open";
    }
}

impl Ending {
    /// How a review of that state and outcome stands.
    pub fn of(state: ReviewState, outcome: Option<ReviewOutcome>) -> Self {
        match (state, outcome) {
            (ReviewState::Open, _) => Self::Open,
            (ReviewState::Decided, _) => Self::Decided,
            (ReviewState::Remediating, _) => Self::WaitsForProof,
            (ReviewState::Cancelled, _) | (ReviewState::Closed, None) => Self::Cancelled,
            (ReviewState::Closed, Some(outcome)) => match outcome {
                ReviewOutcome::Keep => Self::Kept,
                ReviewOutcome::Narrow => Self::Narrowed,
                ReviewOutcome::Revoke => Self::SwitchedOff,
                ReviewOutcome::SilentKeep => Self::SilentKeep,
                ReviewOutcome::SilentSuspend => Self::SilentSuspend,
                ReviewOutcome::SilentRevoke => Self::SilentRevoke,
            },
        }
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

/// How far somebody has come. What is asked is the sum of what became of it; what was answered unasked is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub asked: i64,
    pub answered: i64,
    pub kept: i64,
    pub narrowed: i64,
    pub switched_off: i64,
    pub others: i64,
    pub passed_on: i64,
    pub handed_on: i64,
    pub ended: i64,
    pub open: i64,
    /// Of these, past the day of their task.
    pub overdue: i64,
    /// Of what was asked, what came because others did not answer.
    pub escalated: i64,
}

/// Every review once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    pub reviews: i64,
    pub answered: i64,
    pub kept: i64,
    pub narrowed: i64,
    pub switched_off: i64,
    /// Silence counted.
    pub silent: i64,
    pub cancelled: i64,
    pub open: i64,
    /// Of these, past their own day.
    pub overdue: i64,
    /// Of those that are open, due before a day: the campaign's.
    pub earlier: i64,
}

/// How far everybody is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    pub by: BTreeMap<Who, Tally>,
    pub all: Sum,
    /// How many reviews stand how. They add up to all of them.
    pub endings: BTreeMap<Ending, i64>,
}

impl Progress {
    /// Adds a review. `campaign_due`: the day of the campaign.
    pub fn add(&mut self, review: &Standing, campaign_due: NaiveDate, today: NaiveDate) {
        let is = |outcome| i64::from(review.decided.is_some() && review.outcome == Some(outcome));
        let (kept, narrowed, switched_off) =
            (is(ReviewOutcome::Keep), is(ReviewOutcome::Narrow), is(ReviewOutcome::Revoke));
        for part in review.parts(today) {
            let tally = self.by.entry(part.who).or_default();
            tally.asked += i64::from(part.who != Who::NotAsked);
            tally.escalated += i64::from(part.escalated);
            match part.became {
                Became::Open => {
                    tally.open += 1;
                    tally.overdue += i64::from(part.overdue);
                }
                Became::Answered => {
                    tally.answered += 1;
                    tally.kept += kept;
                    tally.narrowed += narrowed;
                    tally.switched_off += switched_off;
                }
                Became::Others => tally.others += 1,
                Became::PassedOn => tally.passed_on += 1,
                Became::HandedOn => tally.handed_on += 1,
                Became::Ended => tally.ended += 1,
            }
        }
        let open = review.state == ReviewState::Open;
        *self.endings.entry(Ending::of(review.state, review.outcome)).or_default() += 1;
        self.all.reviews += 1;
        self.all.answered += i64::from(review.decided.is_some());
        self.all.kept += kept;
        self.all.narrowed += narrowed;
        self.all.switched_off += switched_off;
        self.all.silent += i64::from(review.outcome.is_some_and(ReviewOutcome::is_silent));
        self.all.cancelled += i64::from(review.state == ReviewState::Cancelled);
        self.all.open += i64::from(open);
        self.all.overdue += i64::from(open && review.due_on < today);
        self.all.earlier += i64::from(open && review.due_on < campaign_due);
    }

    /// Everybody, whoever has most left first.
    pub fn in_order(&self) -> Vec<(Who, Tally)> {
        let mut all: Vec<(Who, Tally)> = self.by.iter().map(|(who, tally)| (*who, *tally)).collect();
        all.sort_by_key(|(who, tally)| (std::cmp::Reverse((tally.overdue, tally.open, tally.asked)), *who));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn asking(who: Who, assigned_as: AssignedAs) -> Asking {
        Asking {
            who,
            assigned_as,
            state: TaskState::Open,
            answer: None,
            due_on: day("2026-12-14"),
            closed_at: None,
            escalated: assigned_as == AssignedAs::Escalated,
        }
    }

    fn closed(task: Asking, answer: TaskAnswer, when: &str) -> Asking {
        Asking { state: TaskState::Cancelled, answer: Some(answer), closed_at: Some(at(when)), ..task }
    }

    fn open(asked: Vec<Asking>) -> Standing {
        Standing {
            state: ReviewState::Open,
            outcome: None,
            decided: None,
            ended_at: None,
            due_on: day("2026-12-14"),
            asked,
        }
    }

    fn decided(by: Id, decided_as: AssignedAs, asked: Vec<Asking>) -> Standing {
        Standing {
            state: ReviewState::Closed,
            outcome: Some(ReviewOutcome::Keep),
            decided: Some((by, decided_as)),
            ended_at: Some(at("2026-12-25T09:00:00Z")),
            ..open(asked)
        }
    }

    const PASSED: &str = "2026-12-20T09:00:00Z";
    const END: &str = "2026-12-25T09:00:00Z";
    const ANALYSTS: Who = Who::Group(AssigneeGroup::SecurityAnalysts);

    fn parts(review: &Standing) -> Vec<(Who, Became)> {
        review.parts(day("2026-12-30")).into_iter().map(|part| (part.who, part.became)).collect()
    }

    #[test]
    fn whoever_was_passed_over_stands_with_it_and_so_does_whoever_answered() {
        let (owner, deputy, analyst) = (Id::new(), Id::new(), Id::new());
        let asked = vec![
            closed(asking(Who::Person(owner), AssignedAs::BusinessOwner), TaskAnswer::Obsolete, PASSED),
            closed(asking(Who::Person(deputy), AssignedAs::Deputy), TaskAnswer::Obsolete, PASSED),
            closed(asking(ANALYSTS, AssignedAs::Escalated), TaskAnswer::Keep, END),
        ];
        let review = decided(analyst, AssignedAs::Escalated, asked);
        assert_eq!(
            parts(&review),
            [
                (Who::Person(owner), Became::PassedOn),
                (Who::Person(deputy), Became::PassedOn),
                (ANALYSTS, Became::Answered)
            ]
        );
        // Silence, in place of an answer.
        let silent = Standing { outcome: Some(ReviewOutcome::SilentKeep), decided: None, ..review.clone() };
        assert_eq!(parts(&silent)[2].1, Became::Ended);
        // A keeper who was not asked.
        let kept = decided(analyst, AssignedAs::Keeper, review.asked[..2].to_vec());
        assert_eq!(parts(&kept)[2], (Who::NotAsked, Became::Answered));
    }

    #[test]
    fn beside_each_other_one_answers_and_the_other_was_spared() {
        let (owner, deputy) = (Id::new(), Id::new());
        let asked = vec![
            closed(asking(Who::Person(owner), AssignedAs::BusinessOwner), TaskAnswer::Keep, END),
            closed(asking(Who::Person(deputy), AssignedAs::Deputy), TaskAnswer::Keep, END),
        ];
        let review = decided(deputy, AssignedAs::Deputy, asked);
        assert_eq!(parts(&review), [(Who::Person(owner), Became::Others), (Who::Person(deputy), Became::Answered)]);
        let handed = vec![
            closed(asking(Who::Person(owner), AssignedAs::BusinessOwner), TaskAnswer::Another, PASSED),
            asking(Who::Person(deputy), AssignedAs::HandedOn),
        ];
        assert_eq!(parts(&open(handed)), [(Who::Person(owner), Became::HandedOn), (Who::Person(deputy), Became::Open)]);
    }

    #[test]
    fn what_waits_for_proof_is_not_settled_however_it_was_decided() {
        let of = Ending::of;
        for outcome in [ReviewOutcome::SilentSuspend, ReviewOutcome::Revoke, ReviewOutcome::Narrow] {
            assert_eq!(of(ReviewState::Remediating, Some(outcome)), Ending::WaitsForProof);
        }
        assert_eq!(of(ReviewState::Closed, Some(ReviewOutcome::SilentSuspend)), Ending::SilentSuspend);
        assert_eq!(of(ReviewState::Cancelled, None), Ending::Cancelled);
        assert_eq!(of(ReviewState::Decided, Some(ReviewOutcome::Keep)), Ending::Decided);
    }

    #[test]
    fn what_somebody_was_asked_is_the_sum_of_what_became_of_it_and_every_review_is_counted_once() {
        let (owner, deputy) = (Id::new(), Id::new());
        let own = || asking(Who::Person(owner), AssignedAs::BusinessOwner);
        let reviews = [
            open(vec![own(), asking(Who::Person(deputy), AssignedAs::Deputy)]),
            open(Vec::new()),
            open(vec![closed(own(), TaskAnswer::Obsolete, PASSED), asking(ANALYSTS, AssignedAs::Escalated)]),
            decided(owner, AssignedAs::BusinessOwner, vec![closed(own(), TaskAnswer::Keep, END)]),
            decided(deputy, AssignedAs::Deputy, vec![closed(own(), TaskAnswer::Keep, END)]),
            Standing {
                state: ReviewState::Cancelled,
                ended_at: Some(at(END)),
                ..open(vec![closed(own(), TaskAnswer::Obsolete, END)])
            },
        ];
        let mut progress = Progress::default();
        for review in &reviews {
            progress.add(review, day("2026-12-31"), day("2026-12-30"));
        }
        for (who, tally) in &progress.by {
            let became = tally.answered + tally.others + tally.passed_on + tally.handed_on + tally.ended + tally.open;
            let unasked = if *who == Who::NotAsked { tally.answered } else { 0 };
            assert_eq!(tally.asked + unasked, became, "{who:?}: {tally:?}");
        }
        let all = progress.all;
        assert_eq!(all.reviews, 6);
        assert_eq!(all.reviews, all.answered + all.silent + all.cancelled + all.open);
        assert_eq!(all.reviews, progress.endings.values().sum::<i64>());
        let ending = |ending: Ending| progress.endings.get(&ending).copied().unwrap_or_default();
        assert_eq!([Ending::Kept, Ending::Cancelled, Ending::Open].map(ending), [2, 1, 3]);
        assert_eq!(all.answered, progress.by.values().map(|tally| tally.answered).sum::<i64>());
        assert_eq!((all.open, all.overdue, all.earlier, all.cancelled), (3, 3, 3, 1));
        let owners = progress.by[&Who::Person(owner)];
        assert_eq!(
            (owners.asked, owners.open, owners.overdue, owners.passed_on, owners.answered, owners.others, owners.ended),
            (5, 1, 1, 1, 1, 1, 1)
        );
        assert_eq!(progress.by[&Who::Nobody].open, 1);
        assert_eq!(progress.by[&ANALYSTS].escalated, 1);
    }
}
