//! An answer that does not come: reminded of, asked of somebody else too, then instead; each step once.

use muster::domain::jobs::Job;
use muster::domain::tasks::{AssignedAs, AssigneeGroup, TaskAnswer, TaskKind, TaskState};

use super::{Asked, later, mails_of, open_tasks, run_at, steps, tasks_of};
use crate::app::{NOW, at};

fn escalate(story: &Asked, days: i64) -> Vec<String> {
    run_at(&story.app.register, Job::EscalateReviews, later(days))
}

#[test]
fn each_step_is_taken_on_its_day_and_once_however_often_the_job_runs() {
    let story = Asked::begin();
    let mut said = Vec::new();
    for days in 0..=40 {
        for _ in 0..2 {
            let lines = escalate(&story, days);
            if lines != ["Reminded of 0 reviews"] {
                said.push(format!("{days}: {}", lines.join("; ")));
            }
        }
    }
    assert_eq!(
        said,
        [
            "7: Reminded of 1 review",
            "14: Reminded of 1 review",
            "20: Reminded of 1 review",
            "22: Reminded of 0 reviews; Somebody else is asked too about 1 review",
            "28: Reminded of 0 reviews; Somebody else is asked instead about 1 review",
        ]
    );
    assert_eq!(
        steps(&story.app, story.review),
        [
            "2026-11-23 opened",
            "2026-11-30 reminder_14",
            "2026-12-07 reminder_7",
            "2026-12-13 reminder_1",
            "2026-12-15 added",
            "2026-12-21 replaced",
        ]
    );
    let size = story.app.audit_size();
    assert_eq!(escalate(&story, 60), ["Reminded of 0 reviews"], "silence is counted by its own job");
    assert_eq!(story.app.audit_size(), size);
}

#[test]
fn somebody_else_is_asked_too_and_then_instead() {
    let story = Asked::begin();
    escalate(&story, 22);
    let asked: Vec<_> = open_tasks(&story.app, story.review, TaskKind::Recertification)
        .into_iter()
        .map(|task| (task.assignee_id, task.assigned_as, task.due_on))
        .collect();
    let due = story.review().due_on;
    assert_eq!(
        asked,
        [(Some(story.owner.0), AssignedAs::BusinessOwner, due), (Some(story.deputy.0), AssignedAs::Deputy, due),],
        "both may answer, and the deadline stays"
    );
    escalate(&story, 28);
    let open = open_tasks(&story.app, story.review, TaskKind::Recertification);
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].assignee_group, open[0].assigned_as),
        (Some(AssigneeGroup::SecurityAnalysts), AssignedAs::Escalated)
    );
    let closed: Vec<_> = tasks_of(&story.app, story.review)
        .into_iter()
        .filter(|task| task.state != TaskState::Open)
        .map(|task| (task.state, task.answer))
        .collect();
    assert_eq!(closed, [(TaskState::Cancelled, Some(TaskAnswer::Obsolete)); 2]);
}

#[test]
fn of_reminders_that_are_late_together_one_is_said_and_all_are_noted() {
    let story = Asked::begin();
    let said = escalate(&story, 29);
    assert_eq!(
        said,
        [
            "Reminded of 1 review",
            "Somebody else is asked too about 1 review",
            "Somebody else is asked instead about 1 review"
        ]
    );
    let taken = steps(&story.app, story.review);
    assert_eq!(taken.len(), 6, "{taken:?}");
    assert!(taken[1..].iter().all(|step| step.starts_with("2026-12-22 ")), "{taken:?}");
    let mut db = story.app.register.database.read().unwrap();
    let said: Vec<String> = muster::store::reviews::steps_of(&mut db, &[story.review])
        .unwrap()
        .into_iter()
        .filter(|taken| matches!(taken.step.word(), "reminder_14" | "reminder_7"))
        .map(|taken| taken.says)
        .collect();
    assert_eq!(said, ["A later reminder was due at the same time."; 2]);
    drop(db);
    assert_eq!(mails_of(&story.app, &format!("review:{}:reminder_1:", story.review)).len(), 1);
}

#[test]
fn each_recipient_gets_each_notice_once() {
    let story = Asked::begin();
    for days in 0..=30 {
        escalate(&story, days);
        escalate(&story, days);
    }
    let keys = |step: &str| {
        let mut keys: Vec<_> = mails_of(&story.app, &format!("review:{}:{step}:", story.review))
            .into_iter()
            .map(|mail| mail.recipient_id)
            .collect();
        keys.sort_unstable();
        keys
    };
    assert_eq!(keys("reminder_1"), [story.owner.0]);
    assert_eq!(keys("added"), [story.deputy.0]);
    let mut analysts = [story.analyst.0, story.second.0];
    analysts.sort_unstable();
    assert_eq!(keys("replaced"), analysts);
    let sent = run_at(&story.app.register, Job::SendMail, later(31));
    assert!(!sent.iter().any(|line| line.contains("could not")), "{sent:?}");
    let text: String = crate::mail::files(&story.app).iter().map(|mail| crate::mail::unfolded(mail)).collect();
    assert!(text.contains(&format!("{}/reviews/{}", story.app.url, story.review)), "{text}");
}

#[test]
fn a_review_that_was_decided_is_not_reminded_of() {
    use muster::domain::reviews::ReviewAnswer;
    let story = Asked::begin();
    story.owner_says(ReviewAnswer::Keep, at(NOW), |_| {}).unwrap();
    assert_eq!(escalate(&story, 30), ["Reminded of 0 reviews"]);
    assert_eq!(steps(&story.app, story.review), ["2026-11-23 opened"]);
}

#[test]
fn two_replicas_at_once_add_nothing_twice() {
    let story = Asked::begin();
    let added: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|_| {
                let register = story.app.replica();
                scope.spawn(move || {
                    let said = run_at(&register, Job::EscalateReviews, later(22));
                    said.iter().filter(|line| line.starts_with("Somebody else is asked too about 1")).count()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    assert_eq!(added, 1);
    assert_eq!(steps(&story.app, story.review).len(), 5);
    assert_eq!(open_tasks(&story.app, story.review, TaskKind::Recertification).len(), 2);
}
