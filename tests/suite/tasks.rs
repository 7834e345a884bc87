//! Tasks: who may answer, what an answer does, and that silence, haste and "I don't know" decide nothing.

use muster::domain::identities::IdentityState;
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::tasks::{AssigneeGroup, TaskAnswer, TaskKind, TaskState};
use muster::store::identities::{self, Identity};
use muster::store::tasks::Task;

use crate::app::{Browser, NOW, Page, TestApp, at};
use crate::jobs::{change_person, day, identity, kept_by, owned_by, run, tasks_about};

/// An identity whose review is due, its owner signed in, and the task.
pub fn review(app: &TestApp, change: impl FnOnce(&mut Identity)) -> (Identity, Browser, Task) {
    let owner = app.sign_in(Role::Owner);
    let row = identity(app, "Discharge Planner", |row| {
        row.next_review_on = Some(day("2026-11-23"));
        owned_by(row, owner.person.unwrap());
        change(row);
    });
    run(&app.register, Job::RaiseRecertifications, NOW);
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
fn an_owner_sees_what_waits_and_keeps_it_in_three_clicks() {
    let app = TestApp::start();
    let (row, owner, task) = review(&app, |row| row.review_interval_days = Some(90));
    let list = owner.get("/tasks");
    assert!(list.shows("You have 1 thing to decide"), "{}", list.readable());
    assert!(list.shows("About 2 minutes. First due Monday 7 Dec 2026"), "{}", list.readable());
    assert!(list.shows("Decide whether Discharge Planner is still needed"));
    let page = owner.get(&format!("/tasks/{}", task.id));
    assert!(page.shows("Is Discharge Planner still needed?") && page.shows("We can\u{2019}t see use of it"));
    assert!(!page.text.contains("checked"), "nothing is chosen for the reader");
    let answer = send(&owner, &task, "1", "keep", "");
    assert_eq!((answer.status, answer.location.as_str()), (303, format!("/tasks/{}?done=answered", task.id).as_str()));
    let receipt = owner.get(&answer.location);
    assert!(receipt.shows("Its next review is on 21 Feb 2027"), "{}", receipt.readable());
    assert!(!receipt.shows("Record my answer"));
    assert_eq!(read(&app, row.id).next_review_on, Some(day("2027-02-21")));
    assert!(owner.get("/tasks").shows("Nothing is waiting for you"));
}

#[test]
fn keeping_without_an_interval_takes_a_year_and_says_so() {
    let app = TestApp::start();
    let (row, owner, task) = review(&app, |_| {});
    assert!(owner.get(&format!("/tasks/{}", task.id)).shows("no interval is set for it, so a year is taken"));
    assert_eq!(send(&owner, &task, "1", "keep", "").status, 303);
    assert_eq!(read(&app, row.id).next_review_on, Some(day("2027-11-23")));
}

#[test]
fn a_form_that_is_submitted_untouched_records_nothing() {
    let app = TestApp::start();
    let (row, owner, task) = review(&app, |_| {});
    let size = app.audit_size();
    let page = send(&owner, &task, "1", "", "typed already");
    assert_eq!(page.status, 422);
    assert!(page.shows("There is a problem") && page.text.contains("typed already</textarea>"));
    let no_reason = send(&owner, &task, "1", "remove", "  ");
    assert_eq!(no_reason.status, 422);
    assert!(no_reason.shows("Write why it is no longer needed"));
    for answer in ["obsolete", "done", "accept", "no_such_answer"] {
        assert_eq!(send(&owner, &task, "1", answer, "x").status, 422, "{answer}");
    }
    assert_eq!(app.audit_size(), size);
    assert_eq!(read(&app, row.id).version, 1);
}

#[test]
fn a_double_submit_records_one_answer_and_shows_it() {
    let app = TestApp::start();
    let (_, owner, task) = review(&app, |_| {});
    assert_eq!(send(&owner, &task, "1", "keep", "").status, 303);
    let size = app.audit_size();
    let second = send(&owner, &task, "1", "remove", "changed my mind");
    assert_eq!(second.status, 409);
    assert!(second.shows("there is one already") && second.shows("Still needed"), "{}", second.readable());
    assert_eq!(app.audit_size(), size);
}

#[test]
fn an_answer_to_an_identity_that_changed_meanwhile_is_refused_and_what_was_typed_is_kept() {
    let app = TestApp::start();
    let (row, owner, task) = review(&app, |row| row.expires_at = Some(at("2026-11-23T14:00:00Z")));
    run(&app.register, Job::ExpireIdentities, NOW);
    let page = send(&owner, &task, "1", "remove", "the project ended");
    assert_eq!(page.status, 409);
    assert!(page.shows("This changed while you were reading") && page.shows("Suspended"));
    assert!(page.text.contains("the project ended</textarea>"));
    assert_eq!(read(&app, row.id).state, IdentityState::Suspended);
    assert_eq!(send(&owner, &task, "2", "remove", "the project ended").status, 303);
}

#[test]
fn removing_raises_the_offboarding_and_shows_nothing_as_revoked() {
    let app = TestApp::start();
    let (row, owner, task) = review(&app, |_| {});
    assert_eq!(send(&owner, &task, "1", "remove", "the project ended").status, 303);
    assert_eq!(read(&app, row.id).state, IdentityState::Revoking);
    let raised: Vec<Task> =
        tasks_about(&app, row.id).into_iter().filter(|task| task.kind == TaskKind::Offboarding).collect();
    assert_eq!(raised.len(), 1);
    assert_eq!(raised[0].period, "revoking:2026-11-23");
    assert_eq!(run(&app.register, Job::RaiseOffboardings, NOW)[0], "0 offboardings raised", "it has its task");
    let empty = send(&owner, &raised[0], "2", "done", "");
    assert!(empty.status == 422 && empty.shows("Write how it was stopped"));
    assert_eq!(send(&owner, &raised[0], "2", "done", "client deleted in the console, token refused").status, 303);
    assert_eq!(read(&app, row.id).state, IdentityState::Revoking, "a word is no proof");
    let receipt = owner.get(&format!("/tasks/{}", raised[0].id));
    assert!(receipt.shows("not shown as revoked") && receipt.shows("client deleted in the console"));
}

#[test]
fn i_dont_know_is_no_yes_and_goes_to_whoever_may_know() {
    let app = TestApp::start();
    let technical = app.sign_in(Role::Owner);
    let (row, owner, task) = review(&app, |row| kept_by(row, technical.person.unwrap()));
    assert_eq!(send(&owner, &task, "1", "dont_know", "ask the integration team").status, 303);
    let task = tasks_about(&app, row.id).remove(0);
    assert_eq!((task.state, task.assignee_id), (TaskState::Open, technical.person));
    assert_eq!(read(&app, row.id).next_review_on, Some(day("2026-11-23")), "it does not count as keep");
    let page = technical.get(&format!("/tasks/{}", task.id));
    assert!(page.shows("ask the integration team"), "{}", page.readable());
    assert_eq!(send(&technical, &task, "1", "dont_know", "nor do I").status, 303);
    let task = tasks_about(&app, row.id).remove(0);
    assert_eq!(task.assignee_group, Some(AssigneeGroup::SecurityAnalysts));
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let page = analyst.get(&format!("/tasks/{}", task.id));
    assert!(page.shows("ask the integration team") && page.shows("nor do I"));
    assert_eq!(send(&analyst, &task, "1", "dont_know", "nobody knows").status, 422, "it has nowhere to go");
    assert_eq!(send(&analyst, &task, "1", "obsolete", "whatever").status, 409, "a review that is due stays due");
    assert_eq!(tasks_about(&app, row.id)[0].state, TaskState::Open);
}

#[test]
fn only_the_assignee_their_deputy_and_keepers_answer() {
    let app = TestApp::start();
    let (technical, deputy, stranger) = (app.sign_in(Role::Owner), app.sign_in(Role::Owner), app.sign_in(Role::Owner));
    let (row, owner, task) = review(&app, |row| kept_by(row, technical.person.unwrap()));
    change_person(&app, owner.person.unwrap(), |person| person.deputy_id = deputy.person);
    let path = format!("/tasks/{}", task.id);
    assert_eq!(stranger.get(&path).status, 404);
    assert_eq!(send(&stranger, &task, "1", "keep", "").status, 404);
    let page = technical.get(&path);
    assert!(page.shows("This is assigned to somebody else") && !page.shows("Record my answer"));
    assert_eq!(send(&technical, &task, "1", "keep", "").status, 403);
    let auditor = app.sign_in(Role::Auditor);
    let page = auditor.get(&path);
    assert!(page.shows("Auditors read and change nothing") && !page.shows("Record my answer"));
    assert_eq!(send(&auditor, &task, "1", "keep", "").status, 403);
    assert_eq!(read(&app, row.id).version, 1);
    assert!(deputy.get(&path).shows("Record my answer"));
    assert_eq!(send(&deputy, &task, "1", "keep", "").status, 303);
    let closed = tasks_about(&app, row.id).remove(0);
    assert_eq!((closed.closed_by, closed.answer), (deputy.person, Some(TaskAnswer::Keep)));
}

#[test]
fn what_waits_for_the_reader_is_listed_once_and_nothing_is_said_twice() {
    let app = TestApp::start();
    review(&app, |row| row.next_review_on = Some(day("2026-11-01")));
    identity(&app, "Group app", |row| row.next_review_on = Some(day("2026-10-20")));
    run(&app.register, Job::RaiseRecertifications, NOW);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let mine = analyst.get("/tasks");
    assert!(mine.shows("You have 1 thing to decide"), "{}", mine.readable());
    assert_eq!(mine.text.matches("Decide whether Group app is still needed").count(), 1);
    assert!(!mine.shows("Discharge Planner"), "what waits for others is behind a link");
    let all = analyst.get("/tasks?view=all");
    assert_eq!(all.text.matches("Decide whether Group app is still needed").count(), 1);
    assert!(all.shows("Discharge Planner"));
    let administrator = app.sign_in(Role::Administrator).get("/tasks");
    assert!(administrator.shows("Nothing is waiting for you") && administrator.shows("2 tasks"));
    let nobody = app.sign_in(Role::Owner).get("/tasks");
    assert!(nobody.shows("Nothing is waiting for you") && !nobody.shows("No task is open"));
}

#[test]
fn lists_of_tasks_filter_and_export_what_they_show() {
    let app = TestApp::start();
    let (_, owner, _) = review(&app, |row| row.next_review_on = Some(day("2026-11-01")));
    identity(&app, "=Other app", |row| row.next_review_on = Some(day("2026-11-20")));
    run(&app.register, Job::RaiseRecertifications, NOW);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let all = analyst.get("/tasks?view=all");
    assert!(all.shows("2 tasks") && all.shows("=Other app"), "{}", all.readable());
    assert!(analyst.get("/tasks?overdue=1").shows("1 task"));
    assert!(analyst.get("/tasks?assignee=security_analysts").shows("With: Security analysts"));
    assert!(analyst.get("/tasks?kind=offboarding").shows("No task matches"));
    let csv = analyst.get("/tasks.csv?assignee=security_analysts");
    assert_eq!(csv.text.lines().count(), 2);
    assert!(csv.text.contains(",'=Other app,"), "{}", csv.text);
    let lines = owner.get("/tasks.jsonl");
    assert_eq!(lines.text.lines().count(), 1, "an owner exports what they own");
    assert!(lines.text.contains("\"identity\":\"Discharge Planner\""));
}
