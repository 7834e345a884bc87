//! Tasks: who may answer, what an answer does, and that silence and haste decide nothing.

use muster::domain::identities::{IdentityState, StateCause};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::tasks::{TaskAnswer, TaskState};
use muster::store::identities::{self, Identity};
use muster::store::tasks::Task;

use crate::app::{Browser, NOW, Page, TestApp, at};
use crate::jobs::{change_person, day, identity, kept_by, owned_by, run, tasks_about};

/// An identity whose end has passed, its owner signed in, and the task to stop it.
pub fn offboarding(app: &TestApp, change: impl FnOnce(&mut Identity)) -> (Identity, Browser, Task) {
    let owner = app.sign_in(Role::Owner);
    let row = identity(app, "Discharge Planner", |row| {
        row.expires_at = Some(at("2026-11-20T12:00:00Z"));
        owned_by(row, owner.person.unwrap());
        change(row);
    });
    run(&app.register, Job::RaiseOffboardings, NOW);
    let task = tasks_about(app, row.id).remove(0);
    (row, owner, task)
}

pub fn send(browser: &Browser, task: &Task, identity_version: &str, answer: &str, reason: &str) -> Page {
    send_with(browser, task, identity_version, &[("answer", answer), ("reason", reason)])
}

/// The form with these fields; empty ones are left out.
pub fn send_with(browser: &Browser, task: &Task, identity_version: &str, typed: &[(&str, &str)]) -> Page {
    let version = task.version.to_string();
    let mut fields = vec![("version", version.as_str()), ("identity_version", identity_version)];
    fields.extend(typed.iter().filter(|(_, text)| !text.is_empty()));
    browser.post(&format!("/tasks/{}", task.id), &fields)
}

pub fn read(app: &TestApp, id: Id) -> Identity {
    identities::find(&mut app.register.database.read().unwrap(), id).unwrap()
}

#[test]
fn an_owner_sees_what_waits_and_answers_it_in_three_clicks() {
    let app = TestApp::start();
    let (_, owner, task) = offboarding(&app, |_| {});
    let list = owner.get("/tasks");
    assert!(list.shows("You have 1 thing to decide"), "{}", list.readable());
    assert!(list.shows("About 10 minutes. First due Monday 30 Nov 2026"), "{}", list.readable());
    assert!(list.shows("Stop Discharge Planner"));
    let page = owner.get(&format!("/tasks/{}", task.id));
    assert!(page.shows("Stop Discharge Planner") && page.shows("We can\u{2019}t see use of it"), "{}", page.readable());
    assert!(!page.text.contains("checked"), "nothing is chosen for the reader");
    let answer = send(&owner, &task, "1", "done", "client deleted in the console");
    assert_eq!((answer.status, answer.location.as_str()), (303, format!("/tasks/{}?done=answered", task.id).as_str()));
    let receipt = owner.get(&answer.location);
    assert!(receipt.shows("client deleted in the console"), "{}", receipt.readable());
    assert!(!receipt.shows("Record my answer"));
    assert!(owner.get("/tasks").shows("Nothing is waiting for you"));
}

#[test]
fn a_review_is_answered_on_a_page_of_its_own() {
    let app = TestApp::start();
    let owner = app.sign_in(Role::Owner);
    let row = identity(&app, "Discharge Planner", |row| {
        row.next_review_on = Some(day("2026-11-23"));
        owned_by(row, owner.person.unwrap());
    });
    run(&app.register, Job::RaiseRecertifications, NOW);
    let task = tasks_about(&app, row.id).remove(0);
    let page = owner.get(&format!("/tasks/{}", task.id));
    let place = format!("/reviews/{}", task.review_id.unwrap());
    assert_eq!((page.status, page.location.as_str()), (303, place.as_str()));
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let size = app.audit_size();
    for answer in ["keep", "until", "remove", "dont_know", "another", "done", "obsolete"] {
        send(&owner, &task, "1", answer, "x");
        send(&analyst, &task, "1", answer, "x");
        assert_eq!(app.audit_size(), size, "{answer}");
    }
    let still = tasks_about(&app, row.id).remove(0);
    assert_eq!((still.state, still.version, read(&app, row.id).version), (TaskState::Open, 1, 1));
}

#[test]
fn a_form_that_is_submitted_untouched_records_nothing() {
    let app = TestApp::start();
    let (row, owner, task) = offboarding(&app, |_| {});
    let size = app.audit_size();
    let page = send(&owner, &task, "1", "", "typed already");
    assert_eq!(page.status, 422);
    assert!(page.shows("There is a problem") && page.text.contains("typed already</textarea>"));
    let no_reason = send(&owner, &task, "1", "done", "  ");
    assert_eq!(no_reason.status, 422);
    assert!(no_reason.shows("Write how it was stopped"));
    for answer in ["obsolete", "keep", "accept", "no_such_answer"] {
        assert_eq!(send(&owner, &task, "1", answer, "x").status, 422, "{answer}");
    }
    assert_eq!(app.audit_size(), size);
    assert_eq!(read(&app, row.id).version, 1);
}

#[test]
fn a_double_submit_records_one_answer_and_shows_it() {
    let app = TestApp::start();
    let (_, owner, task) = offboarding(&app, |_| {});
    assert_eq!(send(&owner, &task, "1", "done", "client deleted in the console").status, 303);
    let size = app.audit_size();
    let second = send(&owner, &task, "1", "done", "in another way");
    assert_eq!(second.status, 409);
    assert!(second.shows("there is one already") && second.shows("Done"), "{}", second.readable());
    assert_eq!(app.audit_size(), size);
}

#[test]
fn an_answer_to_an_identity_that_changed_meanwhile_is_refused_and_what_was_typed_is_kept() {
    let app = TestApp::start();
    let (row, owner, task) = offboarding(&app, |_| {});
    run(&app.register, Job::ExpireIdentities, NOW);
    let page = send(&owner, &task, "1", "done", "the project ended");
    assert_eq!(page.status, 409);
    assert!(page.shows("This changed while you were reading") && page.shows("Suspended"));
    assert!(page.text.contains("the project ended</textarea>"));
    assert_eq!(read(&app, row.id).state, IdentityState::Suspended);
    assert_eq!(send(&owner, &task, "2", "done", "the project ended").status, 303);
}

#[test]
fn a_word_that_it_was_stopped_is_no_proof() {
    let app = TestApp::start();
    let (row, owner, task) = offboarding(&app, |row| {
        row.state = IdentityState::Revoking;
        row.state_cause = StateCause::NoLongerNeeded;
        row.state_changed_at = at("2026-11-22T12:00:00Z");
    });
    assert_eq!(task.period, "revoking:2026-11-22");
    let empty = send(&owner, &task, "1", "done", "");
    assert!(empty.status == 422 && empty.shows("Write how it was stopped"));
    assert_eq!(send(&owner, &task, "1", "done", "client deleted in the console, token refused").status, 303);
    assert_eq!(read(&app, row.id).state, IdentityState::Revoking, "a word is no proof");
    let receipt = owner.get(&format!("/tasks/{}", task.id));
    assert!(receipt.shows("not shown as revoked") && receipt.shows("client deleted in the console"));
}

#[test]
fn only_the_assignee_their_deputy_and_keepers_answer() {
    let app = TestApp::start();
    let (technical, deputy, stranger) = (app.sign_in(Role::Owner), app.sign_in(Role::Owner), app.sign_in(Role::Owner));
    let (row, owner, task) = offboarding(&app, |row| kept_by(row, technical.person.unwrap()));
    change_person(&app, owner.person.unwrap(), |person| person.deputy_id = deputy.person);
    let path = format!("/tasks/{}", task.id);
    let stopped = "client deleted in the console";
    assert_eq!(stranger.get(&path).status, 404);
    assert_eq!(send(&stranger, &task, "1", "done", stopped).status, 404);
    let page = technical.get(&path);
    assert!(page.shows("This is assigned to somebody else") && !page.shows("Record my answer"));
    assert_eq!(send(&technical, &task, "1", "done", stopped).status, 403);
    let auditor = app.sign_in(Role::Auditor);
    let page = auditor.get(&path);
    assert!(page.shows("Auditors read and change nothing") && !page.shows("Record my answer"));
    assert_eq!(send(&auditor, &task, "1", "done", stopped).status, 403);
    assert_eq!(read(&app, row.id).version, 1);
    assert!(deputy.get(&path).shows("Record my answer"));
    assert_eq!(send(&deputy, &task, "1", "done", stopped).status, 303);
    let closed = tasks_about(&app, row.id).remove(0);
    assert_eq!((closed.closed_by, closed.answer), (deputy.person, Some(TaskAnswer::Done)));
}

#[test]
fn what_waits_for_the_reader_is_listed_once_and_nothing_is_said_twice() {
    let app = TestApp::start();
    offboarding(&app, |_| {});
    identity(&app, "Group app", |row| row.expires_at = Some(at("2026-10-20T12:00:00Z")));
    run(&app.register, Job::RaiseOffboardings, NOW);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let mine = analyst.get("/tasks");
    assert!(mine.shows("You have 1 thing to decide"), "{}", mine.readable());
    assert_eq!(mine.text.matches("Stop Group app").count(), 1);
    assert!(!mine.shows("Discharge Planner"), "what waits for others is behind a link");
    let all = analyst.get("/tasks?view=all");
    assert_eq!(all.text.matches("Stop Group app").count(), 1);
    assert!(all.shows("Discharge Planner"));
    let administrator = app.sign_in(Role::Administrator).get("/tasks");
    assert!(administrator.shows("Nothing is waiting for you") && administrator.shows("2 tasks"));
    let nobody = app.sign_in(Role::Owner).get("/tasks");
    assert!(nobody.shows("Nothing is waiting for you") && !nobody.shows("No task is open"));
}

#[test]
fn lists_of_tasks_filter_and_export_what_they_show() {
    let app = TestApp::start();
    let owner = app.sign_in(Role::Owner);
    identity(&app, "Discharge Planner", |row| {
        row.expires_at = Some(at("2026-11-01T12:00:00Z"));
        owned_by(row, owner.person.unwrap());
    });
    run(&app.register, Job::RaiseOffboardings, "2026-11-10T15:00:00Z");
    identity(&app, "=Other app", |row| row.expires_at = Some(at("2026-11-20T12:00:00Z")));
    run(&app.register, Job::RaiseOffboardings, NOW);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let all = analyst.get("/tasks?view=all");
    assert!(all.shows("2 tasks") && all.shows("=Other app"), "{}", all.readable());
    assert!(analyst.get("/tasks?overdue=1").shows("1 task"));
    assert!(analyst.get("/tasks?assignee=security_analysts").shows("With: Security analysts"));
    assert!(analyst.get("/tasks?kind=recertification").shows("No task matches"));
    let csv = analyst.get("/tasks.csv?assignee=security_analysts");
    assert_eq!(csv.text.lines().count(), 2);
    assert!(csv.text.contains(",'=Other app,"), "{}", csv.text);
    let lines = owner.get("/tasks.jsonl");
    assert_eq!(lines.text.lines().count(), 1, "an owner exports what they own");
    assert!(lines.text.contains("\"identity\":\"Discharge Planner\""));
}
