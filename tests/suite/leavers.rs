//! Tasks of people who leave later: they move on by themselves, in order, once.

use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::tasks::{AssignedAs, AssigneeGroup, TaskAnswer, TaskKind, TaskState};
use muster::store::tasks::Task;

use crate::app::{NOW, TestApp, at};
use crate::jobs::{change_person, day, identity, kept_by, owned_by, run, tasks_about};

const LEFT: &str = "2026-12-01T06:00:00Z";

/// The offboarding of an identity with three who could answer; all of them are here.
fn offboarding(app: &TestApp) -> (Id, [Id; 3]) {
    let people = [Role::Owner; 3].map(|role| app.account(role).0);
    let [owner, deputy, technical] = people;
    change_person(app, owner, |person| person.deputy_id = Some(deputy));
    let row = identity(app, "Discharge Planner", |row| {
        row.expires_at = Some(at("2026-11-20T12:00:00Z"));
        owned_by(row, owner);
        kept_by(row, technical);
    });
    run(&app.register, Job::RaiseOffboardings, NOW);
    (row.id, people)
}

fn leaves(app: &TestApp, person: Id, on: &str) {
    change_person(app, person, |person| person.left_on = Some(day(on)));
}

fn task(app: &TestApp, identity: Id) -> Task {
    tasks_about(app, identity).remove(0)
}

/// Who will get mail on the next day.
fn told(app: &TestApp) -> Vec<Id> {
    let from = muster::domain::listing::From::Start;
    let mut db = app.register.database.read().unwrap();
    let lines = muster::store::outbox_list::lines(&mut db, None, &from, 100).unwrap();
    lines.into_iter().map(|line| line.mail.recipient_id).collect()
}

#[test]
fn an_open_task_moves_on_the_day_its_assignee_leaves_and_moves_once() {
    let app = TestApp::start();
    let (row, [owner, deputy, technical]) = offboarding(&app);
    let (analyst, _) = app.account(Role::SecurityAnalyst);
    leaves(&app, owner, "2026-12-01");
    assert_eq!(run(&app.register, Job::MoveTasks, "2026-12-01T05:59:59Z"), ["0 tasks moved"], "it is 30 November");
    assert_eq!(run(&app.register, Job::MoveTasks, LEFT), ["1 task moved"]);
    let moved = task(&app, row);
    assert_eq!((moved.assignee_id, moved.assigned_as), (Some(deputy), AssignedAs::Deputy));
    assert_eq!((moved.state, moved.due_on), (TaskState::Open, day("2026-11-30")), "its due date stays");
    assert!(told(&app).contains(&deputy));
    let size = app.audit_size();
    assert_eq!(run(&app.register, Job::MoveTasks, LEFT), ["0 tasks moved"]);
    assert_eq!(app.audit_size(), size);
    leaves(&app, deputy, "2026-12-02");
    assert_eq!(run(&app.register, Job::MoveTasks, "2026-12-02T12:00:00Z"), ["1 task moved"]);
    assert_eq!(task(&app, row).assignee_id, Some(technical));
    leaves(&app, technical, "2026-12-03");
    let said = run(&app.register, Job::MoveTasks, "2026-12-03T12:00:00Z");
    assert_eq!(said, ["1 task moved", "1 of them goes to the security analysts, because no owner can act"]);
    let moved = task(&app, row);
    assert_eq!((moved.assignee_id, moved.assignee_group), (None, Some(AssigneeGroup::SecurityAnalysts)));
    assert_eq!(moved.assigned_as, AssignedAs::Fallback);
    assert!(told(&app).contains(&analyst));
    let page = app.sign_in(Role::Auditor).get(&format!("/tasks/{}", moved.id));
    assert!(page.shows("Security analysts, because nobody else could be reached"), "{}", page.readable());
    assert!(page.shows("it went to the deputy of the business owner") && page.shows("so it went to the security"));
    let log = app.sign_in(Role::Auditor).get("/audit?action=task.move");
    assert!(log.shows("because whoever had it cannot act any more"), "{}", log.readable());
}

#[test]
fn the_task_of_a_disabled_account_moves_and_new_ones_pass_it_by() {
    let app = TestApp::start();
    let (row, [owner, deputy, technical]) = offboarding(&app);
    muster::actions::accounts::disable(&app.register, &app.setup(), owner).unwrap();
    muster::actions::accounts::disable(&app.register, &app.setup(), deputy).unwrap();
    assert_eq!(run(&app.register, Job::MoveTasks, NOW), ["1 task moved"]);
    assert_eq!(task(&app, row).assignee_id, Some(technical));
    let other = identity(&app, "Other", |row| {
        row.expires_at = Some(at("2026-11-20T12:00:00Z"));
        owned_by(row, owner);
        kept_by(row, technical);
    });
    run(&app.register, Job::RaiseOffboardings, NOW);
    assert_eq!(task(&app, other.id).assignee_id, Some(technical));
}

#[test]
fn three_replicas_at_once_move_a_task_once() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    let rows: Vec<Id> = (0..40)
        .map(|number| {
            identity(&app, &format!("App {number}"), |row| {
                row.expires_at = Some(at("2026-11-20T12:00:00Z"));
                owned_by(row, owner);
            })
            .id
        })
        .collect();
    run(&app.register, Job::RaiseOffboardings, NOW);
    leaves(&app, owner, "2026-12-01");
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let register = app.replica();
            scope.spawn(move || run(&register, Job::MoveTasks, LEFT));
        }
    });
    for row in rows {
        let moved = task(&app, row);
        assert_eq!((moved.version, moved.assignee_group), (2, Some(AssigneeGroup::SecurityAnalysts)));
    }
}

#[test]
fn nobody_else_is_asked_whether_they_own_what_a_leaver_was_named_for() {
    let app = TestApp::start();
    let (named, _) = app.account(Role::Owner);
    let row = identity(&app, "Discharge Planner", |_| {});
    let roles = [(muster::domain::ownership::OwnerRole::Business, Some(named))];
    muster::actions::ownership::name_owners(&app.register, &app.setup(), row.id, 1, &roles).unwrap();
    assert_eq!(task(&app, row.id).kind, TaskKind::Ownership);
    muster::actions::accounts::disable(&app.register, &app.setup(), named).unwrap();
    assert_eq!(run(&app.register, Job::MoveTasks, NOW), ["0 tasks moved"], "the account may be enabled again");
    leaves(&app, named, "2026-12-01");
    let said = run(&app.register, Job::MoveTasks, LEFT);
    assert_eq!(said[1], "1 question about ownership closed, because whoever was named has left");
    let closed = task(&app, row.id);
    assert_eq!((closed.state, closed.answer), (TaskState::Cancelled, Some(TaskAnswer::Obsolete)));
    assert_eq!(closed.closed_at, Some(at(LEFT)));
}

#[test]
fn more_than_a_batch_moves_in_one_run() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    for number in 0..503 {
        identity(&app, &format!("App {number}"), |row| {
            row.expires_at = Some(at("2026-11-20T12:00:00Z"));
            owned_by(row, owner);
        });
    }
    run(&app.register, Job::RaiseOffboardings, NOW);
    leaves(&app, owner, "2026-12-01");
    assert_eq!(run(&app.register, Job::MoveTasks, LEFT)[0], "503 tasks moved");
}
