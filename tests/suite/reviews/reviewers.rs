//! Who is asked, and the way on which they were found.

use muster::domain::findings::FindingRule;
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reviews::ReviewAnswer;
use muster::domain::tasks::{AssignedAs, AssigneeGroup, TaskKind, TaskState};
use muster::store::identities::Identity;

use super::{Asked, answer, findings, later, open_tasks, review, review_of, run_at, tasks_of, way};
use crate::app::{NOW, TestApp, at};
use crate::jobs::{change_person, day, identity, kept_by, owned_by, run};

/// Who is asked about an identity like this, and the way there.
fn asked(app: &TestApp, change: impl FnOnce(&mut Identity)) -> (Vec<String>, Option<Id>, AssignedAs) {
    let row = identity(app, "Discharge Planner", |row| {
        row.next_review_on = Some(day("2026-11-23"));
        change(row);
    });
    assert_eq!(run(&app.register, Job::RaiseRecertifications, NOW)[0], "1 review opened");
    let review = review_of(app, row.id);
    let tasks = tasks_of(app, review.id);
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    let task = &tasks[0];
    assert_eq!((task.kind, task.review_id), (TaskKind::Recertification, Some(review.id)));
    assert_eq!(task.period, format!("review:{}", review.id));
    assert_eq!(task.due_on, review.due_on);
    (way(&review), task.assignee_id, task.assigned_as)
}

#[test]
fn the_way_is_kept_with_the_review() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let [owner, deputy, technical, manager] = [Role::Owner; 4].map(|role| app.account(role).0);
    change_person(&app, owner, |person| person.deputy_id = Some(deputy));
    change_person(&app, technical, |person| person.manager_id = Some(manager));
    let both = |row: &mut Identity| {
        owned_by(row, owner);
        kept_by(row, technical);
    };
    assert_eq!(asked(&app, both), (vec!["business_owner: asked".to_owned()], Some(owner), AssignedAs::BusinessOwner));
    muster::actions::accounts::disable(&app.register, &app.setup(), owner).unwrap();
    let (way, found, as_what) = asked(&app, both);
    assert_eq!(way, ["business_owner: disabled", "deputy: asked"]);
    assert_eq!((found, as_what), (Some(deputy), AssignedAs::Deputy));
    change_person(&app, deputy, |person| person.left_on = Some(day("2026-11-23")));
    let (way, found, as_what) = asked(&app, both);
    assert_eq!(way, ["business_owner: disabled", "deputy: left", "technical_manager: asked"]);
    assert_eq!((found, as_what), (Some(manager), AssignedAs::TechnicalManager));
    let (way, found, _) = asked(&app, |_| {});
    assert_eq!(
        way,
        ["business_owner: not_named", "deputy: not_named", "technical_manager: not_named", "security_analysts: asked"]
    );
    assert_eq!(found, None);
    // Who refused to own it is not asked, and neither is their deputy.
    let (way, found, _) = asked(&app, |row| {
        owned_by(row, owner);
        kept_by(row, technical);
        row.business_owner_answer = Some(muster::domain::identities::OwnerAnswer::Refused);
    });
    assert_eq!(found, Some(manager), "{way:?}");
}

#[test]
fn whoever_has_no_account_is_not_asked_because_nobody_would_answer() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let (owner, deputy) = (app.person("Nora Noaccount", "nora@hospital.example"), app.account(Role::Owner).0);
    change_person(&app, owner, |person| person.deputy_id = Some(deputy));
    let (way, found, as_what) = asked(&app, |row| owned_by(row, owner));
    assert_eq!(way, ["business_owner: disabled", "deputy: asked"]);
    assert_eq!((found, as_what), (Some(deputy), AssignedAs::Deputy));
}

#[test]
fn the_technical_owner_is_never_asked_under_any_name() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let (technical, owner) = (app.account(Role::Owner).0, app.account(Role::Owner).0);
    let (way, found, _) = asked(&app, |row| {
        owned_by(row, technical);
        kept_by(row, technical);
    });
    assert_eq!(found, None);
    assert_eq!(
        way,
        ["business_owner: benefits", "deputy: not_named", "technical_manager: not_named", "security_analysts: asked"]
    );
    // Nor as the deputy of somebody else.
    change_person(&app, owner, |person| {
        person.deputy_id = Some(technical);
        person.left_on = Some(day("2026-11-01"));
    });
    let (way, found, _) = asked(&app, |row| {
        owned_by(row, owner);
        kept_by(row, technical);
    });
    assert_eq!(found, None, "{way:?}");
    assert!(way.contains(&"deputy: benefits".to_owned()), "{way:?}");
}

#[test]
fn where_nobody_can_be_asked_the_administrators_have_a_task_and_a_finding_stands() {
    let app = TestApp::start();
    let (administrator, _) = app.account(Role::Administrator);
    let row = identity(&app, "Nobody\u{2019}s", |row| row.next_review_on = Some(day("2026-11-23")));
    let said = run(&app.register, Job::RaiseRecertifications, NOW);
    assert_eq!(
        said,
        [
            "1 review opened",
            "About 1 identity nobody can be asked: the administrators have a task, and a finding stands"
        ]
    );
    let opened = review_of(&app, row.id);
    assert_eq!(way(&opened).last().unwrap(), "security_analysts: empty");
    let tasks = tasks_of(&app, opened.id);
    assert_eq!(tasks.len(), 1, "nobody is asked");
    assert_eq!(
        (tasks[0].kind, tasks[0].assignee_group, tasks[0].state),
        (TaskKind::ReviewerMissing, Some(AssigneeGroup::Administrators), TaskState::Open)
    );
    let rules: Vec<FindingRule> = findings(&app, row.id).into_iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [FindingRule::ReviewerMissing]);
    let size = app.audit_size();
    assert_eq!(run(&app.register, Job::RaiseRecertifications, NOW), ["0 reviews opened"]);
    assert_eq!(app.audit_size(), size);
    // One of them decides, and with that nothing is missing any more.
    let who = (administrator, Role::Administrator);
    answer(&app, opened.id, who, ReviewAnswer::Keep, at(NOW), |_| {}).unwrap();
    assert!(findings(&app, row.id).is_empty());
    assert!(open_tasks(&app, opened.id, TaskKind::ReviewerMissing).is_empty());
}

#[test]
fn the_review_of_somebody_who_leaves_moves_by_its_own_rules() {
    let story = Asked::begin();
    let app = &story.app;
    let leaves = |person: Id, on: &str| change_person(app, person, |person| person.left_on = Some(day(on)));
    let holder = || {
        let open = open_tasks(app, story.review, TaskKind::Recertification);
        assert_eq!(open.len(), 1, "{open:?}");
        (open[0].assignee_id, open[0].assignee_group, open[0].due_on)
    };
    let due = review(app, story.review).due_on;
    let moved = |days: i64| run_at(&app.register, Job::MoveTasks, later(days));
    leaves(story.owner.0, "2026-11-24");
    assert_eq!(moved(1)[0], "1 task moved");
    assert_eq!(holder(), (Some(story.deputy.0), None, due), "its deadline stays");
    leaves(story.deputy.0, "2026-11-25");
    assert_eq!(moved(2)[0], "1 task moved");
    assert_eq!(holder(), (Some(story.manager.0), None, due), "not the technical owner, who benefits");
    leaves(story.manager.0, "2026-11-26");
    assert_eq!(moved(3)[0], "1 task moved");
    assert_eq!(holder(), (None, Some(AssigneeGroup::SecurityAnalysts), due));
    let size = app.audit_size();
    assert_eq!(moved(3), ["0 tasks moved"]);
    assert_eq!(app.audit_size(), size);
}
