//! A review that a keeper ends without an answer: the question comes again, and nobody puts it off alone for ever.

use muster::actions::ActionError;
use muster::actions::reviews::ending::cancel_by_hand;
use muster::domain::identities::IdentityState;
use muster::domain::ids::{Id, Moment};
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reviews::ReviewState;

use super::{Asked, by, change_identity, fields, later, review, reviews_about, run_at};
use crate::app::{NOW, at};
use crate::jobs::day;

const WHY: &str = "it was asked by mistake";

impl Asked {
    fn end(&self, ended: Id, reason: &str, now: Moment) -> Result<(), ActionError> {
        let version = review(&self.app, ended).version;
        let analyst = by(self.analyst.0, Role::SecurityAnalyst, now);
        cancel_by_hand(&self.app.register, &analyst, ended, version, reason)
    }

    fn refused(&self, ended: Id, now: Moment) -> String {
        match self.end(ended, WHY, now) {
            Err(ActionError::Refused(why)) => why,
            other => panic!("not refused: {other:?}"),
        }
    }
}

#[test]
fn a_review_is_ended_by_hand_for_a_reason_in_words() {
    let story = Asked::begin();
    for reason in ["", "x", "not needed", ". . .", "not - needed"] {
        assert_eq!(fields(story.end(story.review, reason, at(NOW))), ["cancel_reason"], "{reason:?}");
    }
    story.end(story.review, WHY, at(NOW)).unwrap();
    let ended = story.review();
    assert_eq!((ended.state, ended.ended_because.as_deref()), (ReviewState::Cancelled, Some(WHY)));
}

#[test]
fn a_question_that_is_ended_by_hand_comes_again_soon_and_is_answered_then() {
    let story = Asked::begin();
    story.end(story.review, WHY, at(NOW)).unwrap();
    assert_eq!(story.now().next_review_on, Some(day("2026-11-24")), "its day had come, so it is the next");
    assert_eq!(run_at(&story.app.register, Job::RaiseRecertifications, later(1))[0], "1 review opened");
    let again = reviews_about(&story.app, story.identity).remove(0);
    assert_eq!(again.state, ReviewState::Open);
    let why = story.refused(again.id, later(2));
    assert!(why.contains("the review before was ended without an answer too"), "{why}");
}

#[test]
fn the_earlier_of_the_day_that_was_set_and_a_month_is_the_next_review() {
    for (set, expected) in [
        (None, "2026-12-23"),
        (Some("2026-12-03"), "2026-12-03"),
        (Some("2026-12-23"), "2026-12-23"),
        (Some("2027-02-20"), "2026-12-23"),
    ] {
        let story = Asked::begin();
        change_identity(&story.app, story.identity, |row| row.next_review_on = set.map(day));
        story.end(story.review, WHY, at(NOW)).unwrap();
        assert_eq!(story.now().next_review_on, Some(day(expected)), "{set:?}");
    }
}

#[test]
fn a_shorter_interval_that_somebody_chose_is_earlier_than_a_month() {
    let story = Asked::with(|row| row.review_interval_days = Some(10));
    change_identity(&story.app, story.identity, |row| row.next_review_on = Some(day("2027-02-20")));
    story.end(story.review, WHY, at(NOW)).unwrap();
    assert_eq!(story.now().next_review_on, Some(day("2026-12-03")));
}

#[test]
fn a_review_whose_day_has_passed_is_answered_unless_its_identity_no_longer_works() {
    let story = Asked::begin();
    assert_eq!(story.review().due_on, day("2026-12-14"));
    let why = story.refused(story.review, later(22));
    assert!(why.contains("so this review is answered"), "{why}");
    change_identity(&story.app, story.identity, |row| row.state = IdentityState::Revoking);
    let clock = story.now().next_review_on;
    story.end(story.review, WHY, later(22)).unwrap();
    assert_eq!(story.now().next_review_on, clock, "nobody is asked about it any more");
}

#[test]
fn whoever_ends_a_review_reads_when_the_question_comes_again() {
    let story = Asked::begin();
    let browser = story.app.later(at(NOW)).sign_in(&story.analyst);
    let path = format!("/reviews/{}", story.review);
    let version = story.review().version.to_string();
    let send =
        |reason: &str| browser.post(&format!("{path}/cancel"), &[("version", &version), ("cancel_reason", reason)]);
    let short = send("x");
    assert_eq!(short.status, 422);
    assert!(short.shows("Write at least three words"), "{}", short.readable());
    let done = send(WHY);
    assert_eq!(done.status, 303, "{}", done.readable());
    let page = browser.get(&done.location);
    assert!(page.shows("Its identity is asked about again on 24 Nov 2026."), "{}", page.readable());
}

#[test]
fn the_page_of_a_review_whose_day_has_passed_offers_no_end_by_hand() {
    let story = Asked::begin();
    let end = format!("/reviews/{}/cancel", story.review);
    let page = |now: Moment| story.app.later(now).sign_in(&story.analyst).get(&format!("/reviews/{}", story.review));
    assert!(page(at(NOW)).text.contains(&end));
    assert!(!page(later(22)).text.contains(&end));
}
