//! The counts: of each who was asked, and of all reviews together.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::ending::Ending;
use super::standing::{Became, Standing, Who};
use crate::domain::reviews::{ReviewOutcome, ReviewState};

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
