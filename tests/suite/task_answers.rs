//! An end date and somebody else: the two answers that keep an identity alive, and what they need.

use muster::domain::identities::{IdentityState, StateCause};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::tasks::{AssignedAs, AssigneeGroup, TaskAnswer, TaskState};
use muster::store::identities::Identity;
use muster::store::tasks::Task;

use crate::app::{Browser, NOW, TestApp, at};
use crate::jobs::{change_person, day, identity, owned_by, run, tasks_about};
use crate::tasks::{offboarding, read, send, send_with};

/// An identity whose expiry has passed, suspended for that, its owner signed in, and the task.
fn expired(app: &TestApp) -> (Identity, Browser, Task) {
    let owner = app.sign_in(Role::Owner);
    let row = identity(app, "Bulk Export", |row| {
        row.expires_at = Some(at("2026-11-20T12:00:00Z"));
        owned_by(row, owner.person.unwrap());
    });
    run(&app.register, Job::ExpireIdentities, NOW);
    run(&app.register, Job::RaiseOffboardings, NOW);
    let task = tasks_about(app, row.id).remove(0);
    (row, owner, task)
}

fn until<'a>(date: &'a str, reason: &'a str) -> [(&'a str, &'a str); 3] {
    [("answer", "until"), ("until", date), ("reason", reason)]
}

fn another<'a>(who: &'a str, reason: &'a str) -> [(&'a str, &'a str); 3] {
    [("answer", "another"), ("somebody", who), ("reason", reason)]
}

fn recorded(app: &TestApp, action: &str) -> String {
    let page = app.sign_in(Role::Auditor).get(&format!("/audit?action={action}"));
    page.readable()
}

#[test]
fn an_owners_end_date_goes_to_the_analysts_and_changes_nothing_by_itself() {
    let app = TestApp::start();
    let (row, owner, task) = expired(&app);
    let page = owner.get(&format!("/tasks/{}", task.id));
    assert!(page.shows("Only security analysts may change an end date"), "{}", page.readable());
    assert!(!page.text.contains("checked"), "nothing is chosen for the reader");
    let answer = send_with(&owner, &task, "2", &until("2027-05-01", "the pilot runs until spring"));
    assert_eq!((answer.status, answer.location.as_str()), (303, format!("/tasks/{}?done=asked", task.id).as_str()));
    let page = owner.get(&answer.location);
    assert!(page.shows("Nothing has changed yet") && page.shows("asks that it stays until 1 May 2027"));
    assert!(!page.shows("Record my answer"), "the owner has said what they had to say");
    let moved = tasks_about(&app, row.id).remove(0);
    assert_eq!((moved.state, moved.answer), (TaskState::Open, Some(TaskAnswer::Until)));
    assert_eq!((moved.assignee_id, moved.assignee_group), (None, Some(AssigneeGroup::SecurityAnalysts)));
    assert_eq!((moved.wanted_until, moved.assigned_as), (Some(day("2027-05-01")), AssignedAs::HandedOn));
    assert_eq!(read(&app, row.id).expires_at, row.expires_at, "nothing changed");
    assert!(recorded(&app, "task.ask_for_end_date").contains("the pilot runs until spring"));
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let page = analyst.get(&format!("/tasks/{}", task.id));
    assert!(page.shows("asks that it stays until 1 May 2027") && page.shows("the pilot runs until spring"));
    assert_eq!(send_with(&analyst, &moved, "2", &until("2027-04-01", "agreed, until April")).status, 303);
    let changed = read(&app, row.id);
    assert_eq!(changed.expires_at, Some(at("2027-04-01T05:00:00Z")), "the day begins in Chicago");
    assert_eq!(
        (changed.state, changed.state_cause),
        (IdentityState::Suspended, StateCause::Expired),
        "one does not resume"
    );
    let grant = muster::store::grants::about(&mut app.register.database.read().unwrap(), row.id).unwrap().remove(0);
    assert_eq!((grant.requester_id, grant.reason.as_str()), (analyst.person.unwrap(), "agreed, until April"));
    assert!(recorded(&app, "identity.change_expiry").contains("agreed, until April"));
}

#[test]
fn an_end_date_closes_the_task_and_the_next_one_comes_when_that_date_has_passed() {
    let app = TestApp::start();
    let (row, _, task) = expired(&app);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    assert_eq!(send_with(&analyst, &task, "2", &until("2027-01-15", "needed for the audit")).status, 303);
    let closed = tasks_about(&app, row.id).remove(0);
    assert_eq!((closed.state, closed.answer), (TaskState::Done, Some(TaskAnswer::Until)));
    let receipt = analyst.get(&format!("/tasks/{}", task.id));
    assert!(receipt.shows("Still needed until 15 Jan 2027") && receipt.shows("Its end date now is 15 Jan 2027"));
    for quiet in [NOW, "2026-12-24T00:00:00Z", "2027-01-15T05:59:59Z"] {
        assert_eq!(run(&app.register, Job::ExpireIdentities, quiet)[0], "0 identities suspended", "{quiet}");
        assert_eq!(run(&app.register, Job::RaiseOffboardings, quiet)[0], "0 offboardings raised", "{quiet}");
    }
    let passed = "2027-01-15T06:00:00Z";
    // It was suspended when its first end passed, and stays so until three people let it go on.
    assert_eq!(run(&app.register, Job::ExpireIdentities, passed)[0], "0 identities suspended");
    assert_eq!(run(&app.register, Job::RaiseOffboardings, passed)[0], "1 offboarding raised");
    assert_eq!(run(&app.register, Job::RaiseOffboardings, passed)[0], "0 offboardings raised");
    let periods: Vec<String> = tasks_about(&app, row.id).into_iter().map(|task| task.period).collect();
    assert_eq!(periods, ["expired:2027-01-15", "expired:2026-11-20"]);
}

#[test]
fn an_identity_that_somebody_suspended_stays_suspended_with_a_new_end_date() {
    let app = TestApp::start();
    let owner = app.person("Dana Okafor", "dana@hospital.example");
    let row = identity(&app, "Stopped by hand", |row| {
        row.state = IdentityState::Suspended;
        row.state_cause = StateCause::Decided;
        row.expires_at = Some(at("2026-11-20T12:00:00Z"));
        owned_by(row, owner);
    });
    run(&app.register, Job::RaiseOffboardings, NOW);
    let task = tasks_about(&app, row.id).remove(0);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    assert!(analyst.get(&format!("/tasks/{}", task.id)).shows("It stays suspended, because somebody suspended it"));
    assert_eq!(send_with(&analyst, &task, "1", &until("2027-01-15", "a short while")).status, 303);
    assert_eq!(read(&app, row.id).state, IdentityState::Suspended);
}

#[test]
fn an_end_date_needs_a_day_to_come_and_a_reason_and_keeps_what_was_typed() {
    let app = TestApp::start();
    let (row, owner, task) = expired(&app);
    let size = app.audit_size();
    for (date, reason, message) in [
        ("", "typed already", "Write until which day it is needed"),
        ("2026-11-23", "typed already", "Write a day after today"),
        ("1.5.2027", "typed already", "Write the day as in 2027-03-31"),
        ("2027-05-01", "", "Write why it is still needed"),
    ] {
        let page = send_with(&owner, &task, "2", &until(date, reason));
        assert_eq!(page.status, 422, "{date}");
        assert!(page.shows("There is a problem") && page.shows(message), "{}", page.readable());
        assert!(
            page.text.contains(&format!("value=\"{date}\"")) && page.text.contains(&format!("{reason}</textarea>"))
        );
        assert!(page.text.contains("value=\"until\" id=\"answer-2\" checked"), "the choice is kept");
    }
    let mixed = [("answer", "done"), ("reason", "stopped"), ("until", "2027-05-01"), ("somebody", "Dana")];
    let page = send_with(&owner, &task, "2", &mixed);
    assert!(page.status == 422 && page.shows("Remove the end date") && page.shows("Remove the name"));
    let untouched = send_with(&owner, &task, "2", &[("until", "2027-05-01")]);
    assert!(untouched.status == 422 && untouched.shows("Choose one of the answers"));
    assert!(untouched.text.contains("value=\"2027-05-01\""));
    assert_eq!(app.audit_size(), size);
    assert_eq!(read(&app, row.id).version, 2);
}

#[test]
fn somebody_who_is_named_gets_the_task_and_a_mail() {
    let app = TestApp::start();
    let (row, owner, task) = expired(&app);
    let colleague = app.sign_in(Role::Owner);
    change_person(&app, colleague.person.unwrap(), |person| {
        person.name = "Tess Lin".to_owned();
        person.name_key = "tess lin".to_owned();
    });
    let answer = send_with(&owner, &task, "2", &another("tess lin", "she runs the export"));
    assert_eq!((answer.status, answer.location.as_str()), (303, format!("/tasks/{}?done=passed_on", task.id).as_str()));
    let moved = tasks_about(&app, row.id).remove(0);
    assert_eq!((moved.assignee_id, moved.assigned_as), (colleague.person, AssignedAs::HandedOn));
    let again = send_with(&owner, &task, "2", &another("tess lin", "she runs the export"));
    assert_eq!(again.status, 409, "a second click is told that it was answered: {}", again.readable());
    assert!(!again.shows("You cannot do this"), "{}", again.readable());
    assert_eq!(tasks_about(&app, row.id).remove(0).version, moved.version, "and changes nothing");
    assert!(recorded(&app, "task.hand_on").contains("she runs the export"));
    assert!(app.sign_in(Role::SecurityAnalyst).get("/mail").shows("Tess Lin"), "she is told");
    let page = colleague.get(&format!("/tasks/{}", task.id));
    assert!(page.shows("You. Whoever had it handed it on.") && page.shows("she runs the export"));
    assert!(!page.text.contains(&format!("/identities/{}", row.id)), "she may not open the identity's page");
    let page = owner.get(&format!("/tasks/{}", task.id));
    assert!(page.shows("Tess Lin, handed on by whoever had it") && !page.shows("Record my answer"));
    let back = send_with(&colleague, &moved, "2", &another("Person", "not mine"));
    assert!(back.status == 422 && back.shows("Nobody in the register is called"), "{}", back.readable());
    let email = {
        let mut db = app.register.database.read().unwrap();
        muster::store::people::find(&mut db, owner.person.unwrap()).unwrap().email
    };
    let back = send_with(&colleague, &moved, "2", &another(&email, "it is yours"));
    assert_eq!((back.status, back.location.as_str()), (303, "/tasks?done=passed_on"), "she sees it no more");
    assert!(colleague.get(&back.location).shows("The task is now with the person you named"));
    let again = tasks_about(&app, row.id).remove(0);
    assert_eq!(send(&owner, &again, "2", "done", "client deleted, token refused").status, 303);
}

#[test]
fn nobody_gets_a_task_who_could_not_answer_it() {
    let app = TestApp::start();
    let (row, owner, task) = expired(&app);
    let left = app.person("Gus Hale", "gus@hospital.example");
    change_person(&app, left, |person| person.left_on = Some(day("2026-11-23")));
    app.person("Ana Diaz", "ana.one@hospital.example");
    app.person("Ana Diaz", "ana.two@hospital.example");
    let (disabled, _) = app.account(Role::Owner);
    let (auditor, _) = app.account(Role::Auditor);
    for (id, name) in [(disabled, "Dis Abled"), (auditor, "Audi Tor")] {
        change_person(&app, id, |person| {
            person.name = name.to_owned();
            person.name_key = name.to_lowercase();
        });
    }
    muster::actions::accounts::disable(&app.register, &app.setup(), disabled).unwrap();
    let own = {
        let mut db = app.register.database.read().unwrap();
        muster::store::people::find(&mut db, owner.person.unwrap()).unwrap().email
    };
    for (who, message) in [
        ("", "Write the name or the e-mail address"),
        ("nobody@hospital.example", "Nobody in the register has the address"),
        ("Ana Diaz", "Several people are called"),
        ("Gus Hale", "Gus Hale has left"),
        ("gus@hospital.example", "Gus Hale has left"),
        ("Dis Abled", "The account of Dis Abled is disabled"),
        ("Audi Tor", "Audi Tor is an auditor"),
        (own.as_str(), "has this task already"),
    ] {
        let page = send_with(&owner, &task, "2", &another(who, "they know"));
        assert_eq!(page.status, 422, "{who}");
        assert!(page.shows(message), "{who}: {}", page.readable());
        assert!(page.text.contains("they know</textarea>") && page.text.contains(&format!("value=\"{who}\"")));
    }
    assert_eq!(tasks_about(&app, row.id)[0].version, 1);
}

#[test]
fn a_keeper_gives_a_task_to_somebody_by_hand() {
    let app = TestApp::start();
    let (row, _, task) = expired(&app);
    let colleague = app.sign_in(Role::Owner);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    change_person(&app, colleague.person.unwrap(), |person| {
        person.name = "Tess Lin".to_owned();
        person.name_key = "tess lin".to_owned();
    });
    assert_eq!(send_with(&analyst, &task, "2", &another("Tess Lin", "")).status, 422);
    assert_eq!(send_with(&analyst, &task, "2", &another("Tess Lin", "knows the project")).status, 303);
    assert!(analyst.get("/mail").shows("Waiting"), "the colleague is told");
    assert!(colleague.get("/tasks").shows("You have 1 thing to decide"));
    let moved = tasks_about(&app, row.id).remove(0);
    assert_eq!(moved.assigned_as, AssignedAs::ByHand);
    assert_eq!(send(&colleague, &moved, "2", "done", "client deleted, token refused").status, 303);
}

#[test]
fn an_answer_that_came_too_late_shows_what_changed_and_keeps_the_text() {
    let app = TestApp::start();
    let (row, owner, task) = expired(&app);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    assert_eq!(send_with(&analyst, &task, "2", &until("2027-01-15", "needed for the audit")).status, 303);
    let late = send_with(&owner, &task, "2", &until("2027-05-01", "typed for long"));
    assert_eq!(late.status, 409);
    assert!(late.shows("there is one already") && late.shows("moved the expiry of Bulk Export"), "{}", late.readable());
    let (_, owner, task) = expired(&app);
    let current = tasks_about(&app, task.identity_id.unwrap()).remove(0);
    assert_eq!(send_with(&analyst, &current, "2", &another(&email_of(&app, owner.person.unwrap()), "x")).status, 422);
    let page = send_with(&owner, &task, "1", &until("2027-05-01", "typed for long"));
    assert_eq!(page.status, 409, "the identity was suspended since version 1");
    assert!(page.shows("This changed while you were reading") && page.shows("because its expiry has passed"));
    assert!(page.text.contains("typed for long</textarea>") && page.text.contains("value=\"2027-05-01\""));
    assert_eq!(read(&app, row.id).expires_at, Some(at("2027-01-15T06:00:00Z")));
}

fn email_of(app: &TestApp, person: Id) -> String {
    muster::store::people::find(&mut app.register.database.read().unwrap(), person).unwrap().email
}

#[test]
fn a_revocation_that_was_decided_is_not_answered_with_a_date() {
    let app = TestApp::start();
    let (row, _, raised) = offboarding(&app, |row| {
        row.state = IdentityState::Revoking;
        row.state_cause = StateCause::NoLongerNeeded;
    });
    let analyst = app.sign_in(Role::SecurityAnalyst);
    assert!(!analyst.get(&format!("/tasks/{}", raised.id)).text.contains("name=\"until\""));
    assert_eq!(send_with(&analyst, &raised, "1", &until("2027-05-01", "or is it?")).status, 422);
    assert_eq!(read(&app, row.id).state, IdentityState::Revoking);
}

#[test]
fn an_auditor_sees_the_page_without_a_form_and_why() {
    let app = TestApp::start();
    let (_, _, task) = expired(&app);
    let auditor = app.sign_in(Role::Auditor);
    let page = auditor.get(&format!("/tasks/{}", task.id));
    assert!(page.shows("Auditors read and change nothing") && !page.text.contains("name=\"answer\""));
    assert_eq!(send_with(&auditor, &task, "2", &until("2027-05-01", "x")).status, 403);
}
