//! An answer that does not come: reminded of, asked of somebody else too, then instead; each step once, and late ones
//! not all at once.

use std::collections::BTreeSet;

use muster::actions::notify::{Told, tell_of_review};
use muster::actions::outbox::{self, Delivered};
use muster::actions::{By, dead_letters};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::notices::LineKind;
use muster::domain::people::Role;
use muster::domain::reviews::{ReviewOutcome, ReviewState};
use muster::domain::tasks::{AssignedAs, AssigneeGroup, TaskAnswer, TaskKind, TaskState};
use muster::store::identities;
use muster::store::outbox::Mail;

use super::{
    Asked, by, findings, later, let_count, mail_has_left, mails_of, open_tasks, others_were_asked, ran, review_of,
    run_at, steps, tasks_of, told,
};
use crate::app::{NOW, at};
use crate::jobs::{change_person, day, identity, owned_by};

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
    let before = story.review();
    assert_eq!(
        asked,
        [
            (Some(story.owner.0), AssignedAs::BusinessOwner, before.due_on),
            (Some(story.deputy.0), AssignedAs::Deputy, day("2026-12-20")),
        ],
        "both may answer, and whoever came later has days of their own"
    );
    escalate(&story, 28);
    let open = open_tasks(&story.app, story.review, TaskKind::Recertification);
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].assignee_group, open[0].assigned_as, open[0].due_on),
        (Some(AssigneeGroup::SecurityAnalysts), AssignedAs::Escalated, day("2026-12-28"))
    );
    let after = story.review();
    assert_eq!((after.due_on, after.silence_on), (before.due_on, before.silence_on), "on time nothing moves");
    assert_eq!(after.next_step_on, None, "silence is found by its own day");
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
    assert_eq!(said, ["Reminded of 1 review", "Somebody else is asked too about 1 review"]);
    let taken = steps(&story.app, story.review);
    assert_eq!(taken.len(), 5, "{taken:?}");
    assert!(taken[1..].iter().all(|step| step.starts_with("2026-12-22 ")), "{taken:?}");
    let mut db = story.app.register.database.read().unwrap();
    let said: Vec<String> = muster::store::review_steps::of_reviews(&mut db, &[story.review])
        .unwrap()
        .into_iter()
        .filter(|taken| matches!(taken.step.word(), "reminder_14" | "reminder_7"))
        .map(|taken| taken.says)
        .collect();
    assert_eq!(said, ["A later reminder was due at the same time."; 2]);
    drop(db);
    let told = recipients(&story, "reminder_1");
    assert_eq!(told, [story.owner.0], "whoever was asked before is reminded, and not whoever is asked since today");
    assert_eq!(recipients(&story, "beside"), Vec::<Id>::new(), "it stands in the same mail");
    assert!(letters(&story, 29).contains("Somebody else is asked too"));
}

/// Who is told that in their digest, each as often as they are.
fn recipients(story: &Asked, what: &str) -> Vec<Id> {
    let told = told(&story.app, &format!("review:{}:{what}:", story.review));
    let mut people: Vec<Id> = told.into_iter().map(|(_, mail)| mail.recipient_id).collect();
    people.sort_unstable();
    people
}

/// Every mail that has left by a day, as text.
fn letters(story: &Asked, days: i64) -> String {
    let sent = run_at(&story.app.register, Job::SendMail, later(days));
    assert!(!sent.iter().any(|line| line.contains("could not")), "{sent:?}");
    crate::mail::files(&story.app).iter().map(|mail| crate::mail::unfolded(mail)).collect()
}

#[test]
fn a_job_that_stood_still_replaces_nobody_on_the_day_on_which_it_adds_and_silence_waits() {
    let story = Asked::begin();
    let other = story.app.account(Role::Administrator).0;
    let_count(&story.app, [story.administrator.0, other], at(NOW));
    let silence = |days| {
        mail_has_left(&story.app);
        run_at(&story.app.register, Job::ApplySilence, later(days))[0].clone()
    };
    // Silence would have counted after day 35.
    assert_eq!(story.review().silence_on, day("2026-12-28"));
    escalate(&story, 50);
    let added = story.review();
    assert_eq!((added.replace_on, added.silence_on), (day("2027-01-18"), day("2027-01-25")));
    assert_eq!(added.due_on, day("2026-12-14"), "what was due was due");
    let deputy = open_tasks(&story.app, story.review, TaskKind::Recertification).remove(1);
    assert_eq!((deputy.assignee_id, deputy.due_on), (Some(story.deputy.0), day("2027-01-17")));
    assert_eq!(silence(50), "0 identities suspended, 0 revoked");
    assert_eq!(escalate(&story, 55), ["Reminded of 0 reviews"]);
    // Late again.
    assert_eq!(escalate(&story, 60)[1], "Somebody else is asked instead about 1 review");
    assert_eq!(story.review().silence_on, day("2027-01-29"));
    let mut db = story.app.register.database.read().unwrap();
    let noted = muster::store::review_steps::of_reviews(&mut db, &[story.review]).unwrap();
    drop(db);
    let says = noted.iter().find(|taken| taken.step.word() == "replaced").map(|taken| taken.says.clone()).unwrap();
    assert!(says.contains("silence counts after 29 Jan 2027 and not after 25 Jan 2027"), "{says}");
    assert_eq!(silence(67), "0 identities suspended, 0 revoked", "it may be answered today");
    assert_eq!(silence(68), "1 identity suspended, 0 revoked");
    assert_eq!(story.review().outcome, Some(ReviewOutcome::SilentSuspend));
}

#[test]
fn silence_waits_as_long_as_others_are_not_asked_even_where_nobody_asks_them() {
    let story = Asked::begin();
    let other = story.app.account(Role::Administrator).0;
    let_count(&story.app, [story.administrator.0, other], at(NOW));
    // The job that asks others never runs: somebody paused it.
    for days in [36, 50, 200] {
        mail_has_left(&story.app);
        let said = run_at(&story.app.register, Job::ApplySilence, later(days));
        let waits = "1 identity was not cut, because others are to be asked about it first";
        assert_eq!(said, ["0 identities suspended, 0 revoked", waits]);
        assert_eq!(story.review().state, ReviewState::Open);
    }
    let held: Vec<String> = findings(&story.app, story.identity).into_iter().map(|finding| finding.says).collect();
    assert!(held.len() == 1 && held[0].contains("nobody else had been asked then"), "{held:?}");
    assert_eq!(steps(&story.app, story.review).last().unwrap(), "2026-12-29 held_back", "once");
}

#[test]
fn silence_cuts_nothing_while_no_mail_leaves() {
    let story = Asked::begin();
    let other = story.app.account(Role::Administrator).0;
    let_count(&story.app, [story.administrator.0, other], at(NOW));
    for days in 0..=36 {
        escalate(&story, days);
    }
    let said = run_at(&story.app.register, Job::ApplySilence, later(36));
    let untold = "1 identity was not cut, because no mail has left for a day: whoever is asked may not know";
    assert_eq!(said, ["0 identities suspended, 0 revoked", untold]);
    mail_has_left(&story.app);
    assert_eq!(run_at(&story.app.register, Job::ApplySilence, later(37))[0], "1 identity suspended, 0 revoked");
}

#[test]
fn days_on_which_nothing_ran_are_given_back_once() {
    let story = Asked::begin();
    let other = story.app.account(Role::Administrator).0;
    let_count(&story.app, [story.administrator.0, other], at(NOW));
    for days in 0..=30 {
        escalate(&story, days);
    }
    let silence = |days| {
        mail_has_left(&story.app);
        run_at(&story.app.register, Job::ApplySilence, later(days))
    };
    assert_eq!(story.review().silence_on, day("2026-12-28"), "day 35");
    ran(&story.app, Job::ApplySilence, later(32));
    let said = silence(40);
    let more = "1 identity got more days to be answered, because silence was not counted for a while";
    assert_eq!(said, ["0 identities suspended, 0 revoked", more]);
    // Seven days were lost, the 33rd to the 39th, and as many are given back.
    assert_eq!(story.review().silence_on, day("2027-01-09"));
    ran(&story.app, Job::ApplySilence, later(40));
    assert_eq!(silence(47), ["0 identities suspended, 0 revoked"], "it may be answered today");
    // Once: where it runs seldom, silence comes all the same.
    assert_eq!(silence(48)[0], "1 identity suspended, 0 revoked");
    assert_eq!(steps(&story.app, story.review).last().unwrap(), "2027-01-10 silence");
}

#[test]
fn whoever_is_asked_because_somebody_left_has_days_of_their_own_before_silence_counts() {
    let story = Asked::begin();
    let other = story.app.account(Role::Administrator).0;
    let_count(&story.app, [story.administrator.0, other], at(NOW));
    others_were_asked(&story.app);
    // On the last day.
    assert_eq!(story.review().silence_on, day("2026-12-28"));
    change_person(&story.app, story.owner.0, |person| person.left_on = Some(day("2026-12-28")));
    assert_eq!(run_at(&story.app.register, Job::MoveTasks, later(35))[0], "1 task moved");
    let open = open_tasks(&story.app, story.review, TaskKind::Recertification);
    assert_eq!((open.len(), open[0].assignee_id, open[0].due_on), (1, Some(story.deputy.0), day("2027-01-04")));
    assert_eq!(story.review().silence_on, day("2027-01-04"));
    let silence = |days| {
        others_were_asked(&story.app);
        run_at(&story.app.register, Job::ApplySilence, later(days))
    };
    assert_eq!(silence(36), ["0 identities suspended, 0 revoked"]);
    assert_eq!(silence(42), ["0 identities suspended, 0 revoked"], "they may answer today");
    assert_eq!(silence(43), ["1 identity suspended, 0 revoked"]);
}

#[test]
fn one_that_cannot_be_handled_holds_up_no_other() {
    let story = Asked::begin();
    let broken = identity(&story.app, "Broken", |row| {
        row.next_review_on = Some(day("2026-11-23"));
        owned_by(row, story.owner.0);
    });
    run_at(&story.app.register, Job::RaiseRecertifications, at(NOW));
    let database = &story.app.register.database;
    let break_it = format!("UPDATE identities SET notes = '[]' WHERE name = '{}'", broken.name);
    database.read().unwrap().execute(&break_it).unwrap();
    let said = escalate(&story, 7);
    assert_eq!(
        said,
        ["Reminded of 1 review", "1 review could not be handled and is tried again; the log says why"],
        "whichever comes first"
    );
    database.read().unwrap().execute(&break_it.replace("'[]'", "'{}'")).unwrap();
    assert_eq!(escalate(&story, 7), ["Reminded of 1 review"], "the next run takes its step");
    assert_eq!(review_of(&story.app, broken.id).state, ReviewState::Open);
}

#[test]
fn each_recipient_gets_each_notice_once() {
    let story = Asked::begin();
    for days in 0..=30 {
        escalate(&story, days);
        escalate(&story, days);
    }
    assert_eq!(recipients(&story, "reminder_1"), [story.owner.0]);
    assert_eq!(recipients(&story, "added"), [story.deputy.0]);
    assert_eq!(recipients(&story, "beside"), [story.owner.0], "whoever is asked still knows that others are too");
    let mut passed_on = [story.owner.0, story.deputy.0];
    passed_on.sort_unstable();
    assert_eq!(recipients(&story, "passed_on"), passed_on);
    let mut analysts = [story.analyst.0, story.second.0];
    analysts.sort_unstable();
    assert_eq!(recipients(&story, "replaced"), analysts);
    let text = letters(&story, 31);
    let passed =
        "- Discharge Planner: Somebody else was asked, because the day passed: an answer was due by 14 Dec 2026.";
    assert!(text.contains(passed), "{text}");
    assert!(text.contains("You may still add what you know."), "{text}");
    assert!(text.contains(&format!("{}/reviews/{}", story.app.url, story.review)), "{text}");
}

/// The mails that somebody got, by the day on which they left.
fn sent_to(story: &Asked, person: Id, day: chrono::NaiveDate) -> Vec<Mail> {
    let sent = |mail: &Mail| mail.sent_at.is_some_and(|at| story.app.register.day(at) == day);
    mails_of(&story.app, "").into_iter().filter(|mail| mail.recipient_id == person && sent(mail)).collect()
}

#[test]
fn however_many_reviews_there_are_nobody_gets_more_than_one_mail_a_day_and_it_names_each() {
    let story = Asked::begin();
    for name in ["Care Gap Outreach", "Bed Board"] {
        identity(&story.app, name, |row| {
            row.next_review_on = Some(day("2026-11-23"));
            owned_by(row, story.owner.0);
        });
    }
    run_at(&story.app.register, Job::RaiseRecertifications, at(NOW));
    for days in 0..=30 {
        escalate(&story, days);
        letters(&story, days);
        for person in [story.owner.0, story.deputy.0, story.analyst.0, story.second.0] {
            let today = story.app.register.day(later(days));
            assert!(sent_to(&story, person, today).len() <= 1, "{days}: {:?}", sent_to(&story, person, today));
        }
    }
    let mail = sent_to(&story, story.owner.0, day("2026-12-13")).remove(0);
    let files: Vec<String> = crate::mail::files(&story.app).iter().map(|mail| crate::mail::unfolded(mail)).collect();
    let text = files.iter().find(|text| text.contains(&mail.message_id)).unwrap();
    assert!(text.contains("Subject: 3 reviews need your answer by tomorrow, Mon 14 Dec"), "{text}");
    for name in ["Bed Board", "Care Gap Outreach", "Discharge Planner"] {
        let line = format!("- {name}: Your answer is due tomorrow, Mon 14 Dec 2026.");
        assert!(text.contains(&line), "{line}: {text}");
        assert!(!text.contains(&format!(". Decide whether {name}")), "and none of them twice: {text}");
    }
    let mail = sent_to(&story, story.owner.0, day("2026-12-21")).remove(0);
    let text = files.iter().find(|text| text.contains(&mail.message_id)).unwrap();
    assert!(text.contains("Subject: Bed Board and 2 more: reviews were passed on"), "{text}");
}

#[test]
fn what_is_told_about_a_review_is_not_lost_with_a_mail_that_could_not_be_sent() {
    let story = Asked::begin();
    letters(&story, 0);
    escalate(&story, 7);
    let (_, carries) = told(&story.app, &format!("review:{}:reminder_14:", story.review)).remove(0);
    let sender = By::job("send_mail", later(7));
    let claimed = outbox::claim(&story.app.register, &sender).unwrap().unwrap();
    assert_eq!(claimed.id, carries.id);
    // It is on its way: what comes now stands in tomorrow's.
    let more = Told { review: story.review, what: "more", kind: LineKind::News, says: "More is known." };
    let owner = BTreeSet::from([story.owner.0]);
    let register = &story.app.register;
    register.change(&sender, |work| tell_of_review(register, work, &owner, more)).unwrap();
    let (_, tomorrow) = told(&story.app, &format!("review:{}:more:", story.review)).remove(0);
    assert_eq!((tomorrow.recipient_id, tomorrow.digest_on), (story.owner.0, day("2026-12-01")));
    outbox::settle(register, &sender, &claimed, Delivered::Refused("550 no".to_owned())).unwrap();
    assert!(letters(&story, 8).contains("- Discharge Planner: More is known."));
    let keeper = by(story.analyst.0, Role::SecurityAnalyst, later(8));
    dead_letters::retry(register, &keeper, claimed.id, false).unwrap();
    assert_eq!(run_at(register, Job::SendMail, later(8)), ["1 mail sent"], "a later one did not tell it");
    let text = letters(&story, 8);
    assert!(text.contains("- Discharge Planner: Your answer is due by Mon 14 Dec 2026."), "{text}");
    assert!(text.contains(&claimed.message_id), "under the same Message-ID: {text}");
    let page = story.app.sign_in(Role::Auditor).get(&format!("/mail/{}", claimed.id));
    assert!(page.shows("What it tells about reviews") && page.shows("Reminded."), "{}", page.readable());
}

#[test]
fn a_digest_leads_to_the_page_of_a_review_and_not_to_that_of_its_task() {
    let story = Asked::begin();
    let text = letters(&story, 0);
    assert!(text.contains("Decide whether Discharge Planner is still needed"), "{text}");
    assert!(text.contains(&format!("{}/reviews/{}", story.app.url, story.review)), "{text}");
    assert!(!text.contains("/tasks/"), "{text}");
}

#[test]
fn what_was_told_goes_with_an_identity_whose_import_is_undone() {
    let story = Asked::begin();
    escalate(&story, 7);
    assert_eq!(told(&story.app, "review:").len(), 1);
    let setup = story.app.setup();
    story.app.register.change(&setup, |work| Ok(identities::delete(work.db, story.identity)?)).unwrap();
    assert!(told(&story.app, "review:").is_empty());
}

#[test]
fn a_digest_that_waits_since_yesterday_carries_what_is_told_today() {
    let story = Asked::begin();
    escalate(&story, 7);
    escalate(&story, 14);
    let mails: Vec<Mail> = told(&story.app, "review:").into_iter().map(|(_, mail)| mail).collect();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].id, mails[1].id);
    let text = letters(&story, 14);
    assert_eq!(text.matches("- Discharge Planner: Your answer is due by").count(), 1, "once and no more: {text}");
    assert_eq!(sent_to(&story, story.owner.0, day("2026-12-07")).len(), 1);
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
