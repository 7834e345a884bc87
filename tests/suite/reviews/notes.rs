//! What people know of a review that others decide: passed on, noted, read beside the sheet.

use muster::actions::reviews::decide::decide;
use muster::actions::reviews::note::add;
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reviews::ReviewAnswer;
use muster::store::review_notes::{self, ReviewNote};
use muster::store::{imported_identities, people};

use super::{Asked, by, fields, later, reply, run_at};
use crate::app::{NOW, at};
use crate::approvals::database::{quoted, text};
use crate::imports::refusal;

const KNOWN: &str = "The ward still uses it for discharges";

fn notes(story: &Asked) -> Vec<ReviewNote> {
    review_notes::about(&mut story.app.register.database.read().unwrap(), story.review, 100).unwrap()
}

fn path(story: &Asked) -> String {
    format!("/reviews/{}", story.review)
}

/// The owner is not asked any more: nobody answered for four weeks.
fn replaced() -> Asked {
    let story = Asked::begin();
    for days in [22, 28] {
        run_at(&story.app.register, Job::EscalateReviews, later(days));
    }
    story
}

#[test]
fn whoever_was_replaced_finds_the_review_and_tells_whoever_decides_what_they_know() {
    let story = replaced();
    let replica = story.app.later(later(29));
    let owner = replica.sign_in(&story.owner);
    let mine = owner.get("/reviews/mine");
    assert!(mine.shows("Passed on") && mine.shows("Discharge Planner"), "{}", mine.readable());
    assert!(mine.text.contains(&format!("href=\"{}\"", path(&story))), "{}", mine.text);
    assert!(mine.shows("Since 21 Dec 2026") && mine.shows("Asked now: "), "{}", mine.readable());
    let sent = owner.post(&format!("{}/notes", path(&story)), &[("note", KNOWN)]);
    assert_eq!((sent.status, sent.location), (303, format!("{}?done=noted", path(&story))));
    let page = replica.sign_in(&story.analyst).get(&path(&story));
    let name = people::find(&mut story.app.register.database.read().unwrap(), story.owner.0).unwrap().name;
    assert!(page.shows(KNOWN) && page.shows(&name), "{}", page.readable());
    assert!(page.shows("22 Dec 2026"), "{}", page.readable());
    // Whoever is asked, and whoever never was, has nothing that was passed on.
    assert!(!replica.sign_in(&story.administrator).get("/reviews/mine").shows("Passed on"));
}

#[test]
fn whoever_named_somebody_else_sees_since_when_and_why() {
    let story = Asked::begin();
    let name = people::find(&mut story.app.register.database.read().unwrap(), story.deputy.0).unwrap().name;
    story
        .owner_says(ReviewAnswer::Reassign, at(NOW), |reply| {
            reply.somebody.clone_from(&name);
            reply.reason = "they run the ward now".to_owned();
        })
        .unwrap();
    let mine = story.app.sign_in_as(&story.owner).get("/reviews/mine");
    for text in ["Passed on", "You named somebody else. They run the ward now.", format!("Asked now: {name}.").as_str()]
    {
        assert!(mine.shows(text), "{text}: {}", mine.readable());
    }
    // Once it is decided, nothing is left to tell anybody.
    super::answer(&story.app, story.review, (story.deputy.0, Role::Owner), ReviewAnswer::Keep, at(NOW), |_| {})
        .unwrap();
    assert!(!story.app.sign_in_as(&story.owner).get("/reviews/mine").shows("Passed on"));
}

#[test]
fn notes_are_added_by_whoever_was_asked_owns_it_or_keeps_the_register_and_by_nobody_else() {
    let story = Asked::begin();
    let people = [&story.owner, &story.deputy, &story.technical]
        .map(|one| (one.0, Role::Owner))
        .into_iter()
        .chain([(story.analyst.0, Role::SecurityAnalyst), (story.administrator.0, Role::Administrator)]);
    for (number, (person, role)) in people.enumerate() {
        add(&story.app.register, &by(person, role, at(NOW)), story.review, &format!("Note {number}")).unwrap();
    }
    assert_eq!(notes(&story).len(), 5);
    let stranger = by(story.manager.0, Role::Owner, at(NOW));
    let refused = refusal(add(&story.app.register, &stranger, story.review, KNOWN));
    assert!(refused.starts_with("notes are added by whoever was asked"), "{refused}");
    add(&story.app.register, &muster::actions::By::setup(at(NOW)), story.review, KNOWN).unwrap_err();
    // At the door: one who may not see it, one who only reads.
    let form = format!("{}/notes", path(&story));
    assert_eq!(story.app.sign_in(Role::Owner).post(&form, &[("note", KNOWN)]).status, 404);
    let auditor = story.app.sign_in(Role::Auditor);
    assert_eq!(auditor.post(&form, &[("note", KNOWN)]).status, 403);
    let page = auditor.get(&path(&story));
    assert!(page.shows("Note 4") && !page.shows("Add what you know"), "{}", page.readable());
    assert_eq!(notes(&story).len(), 5);
}

#[test]
fn a_note_that_is_refused_keeps_what_was_typed() {
    let story = Asked::begin();
    let owner = story.app.sign_in_as(&story.owner);
    let form = format!("{}/notes", path(&story));
    let empty = owner.post(&form, &[("note", "  ")]);
    assert_eq!(empty.status, 422);
    assert!(empty.shows("Write what you know or did; whoever decides or looks reads it"), "{}", empty.readable());
    let long = format!("{KNOWN} {}", "x".repeat(2_000));
    let refused = owner.post(&form, &[("note", &long)]);
    assert_eq!(refused.status, 422);
    assert!(refused.shows("Write at most 2000 characters") && refused.text.contains(&long), "{}", refused.readable());
    story.owner_says(ReviewAnswer::Keep, at(NOW), |_| {}).unwrap();
    story.apply(later(1));
    let late = owner.post(&form, &[("note", KNOWN)]);
    assert_eq!(late.status, 409);
    assert!(late.shows("The review has ended") && late.shows(KNOWN), "{}", late.readable());
    assert!(notes(&story).is_empty());
    let wrong = add(&story.app.register, &by(story.owner.0, Role::Owner, at(NOW)), story.review, " ");
    refusal(wrong);
}

#[test]
fn a_decision_that_is_being_written_is_not_refused_for_a_note() {
    let story = Asked::begin();
    let reply = reply(&story.app, story.review, ReviewAnswer::Keep, at(NOW));
    let digest = reply.digest.clone();
    add(&story.app.register, &by(story.technical.0, Role::Owner, at(NOW)), story.review, KNOWN).unwrap();
    let shown = super::reply(&story.app, story.review, ReviewAnswer::Keep, at(NOW));
    assert_eq!((shown.version, shown.digest), (reply.version, digest), "it stands beside the sheet");
    decide(&story.app.register, &by(story.owner.0, Role::Owner, at(NOW)), &reply).unwrap();
}

#[test]
fn the_same_note_sent_twice_is_one_and_the_log_names_its_writer_by_id() {
    let story = Asked::begin();
    let owner = by(story.owner.0, Role::Owner, at(NOW));
    let first = add(&story.app.register, &owner, story.review, KNOWN).unwrap();
    let size = story.app.audit_size();
    assert_eq!(add(&story.app.register, &owner, story.review, &format!(" {KNOWN}\r\n")).unwrap(), first);
    assert_eq!((notes(&story).len(), story.app.audit_size()), (1, size));
    assert_eq!(fields(add(&story.app.register, &owner, story.review, "")), ["note"]);
    let log = story.app.sign_in(Role::Auditor).get("/audit.jsonl?action=review.note").text;
    let name = people::find(&mut story.app.register.database.read().unwrap(), story.owner.0).unwrap().name;
    assert_eq!(log.lines().count(), 1);
    assert!(log.contains(&story.owner.0.to_string()) && !log.contains(&name), "{log}");
    // Whoever would undo the import of the identity learns that somebody worked on it.
    let mut db = story.app.register.database.read().unwrap();
    assert_eq!(imported_identities::worked_on(&mut db, &[story.identity]).unwrap(), [story.identity]);
}

#[test]
fn the_database_itself_keeps_notes_as_they_were_written() {
    let story = Asked::begin();
    add(&story.app.register, &by(story.owner.0, Role::Owner, at(NOW)), story.review, KNOWN).unwrap();
    let insert = |says: &str| {
        format!(
            "INSERT INTO review_notes (id, review_id, by_id, says, at) VALUES ({}, {}, {}, {}, {})",
            quoted(Id::new()),
            quoted(story.review),
            quoted(story.owner.0),
            text(says),
            text(at(NOW).to_text())
        )
    };
    let mut db = story.app.register.database.read().unwrap();
    db.execute(&insert("another one")).unwrap();
    for (statement, words) in [
        ("UPDATE review_notes SET says = 'nothing'", "a note never changes"),
        ("DELETE FROM review_notes", "notes are never deleted"),
    ] {
        let refused = db.execute(statement).unwrap_err().to_string();
        assert!(refused.contains(words), "{statement}: {refused}");
    }
    db.execute(&insert("")).unwrap_err();
    db.execute(&insert(&"x".repeat(2_001))).unwrap_err();
    story.owner_says(ReviewAnswer::Keep, at(NOW), |_| {}).unwrap();
    db.execute(&insert("it was done")).unwrap();
    story.apply(later(1));
    let refused = db.execute(&insert("too late")).unwrap_err().to_string();
    assert!(refused.contains("a note is added to a review until it ends"), "{refused}");
    assert_eq!(notes(&story).len(), 3);
}
