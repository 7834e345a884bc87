use chrono::NaiveDate;

use super::{Asking, Became, Ending, Progress, Standing, Who};
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::{ReviewOutcome, ReviewState};
use crate::domain::tasks::{AssignedAs, AssigneeGroup, TaskAnswer, TaskState};

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
        [(Who::Person(owner), Became::PassedOn), (Who::Person(deputy), Became::PassedOn), (ANALYSTS, Became::Answered)]
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
