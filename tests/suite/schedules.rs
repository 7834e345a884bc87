//! Schedules: what becomes of every slot, who runs it, who may pause it, and whether anything runs at all.

use std::sync::Barrier;

use muster::actions::runs::{self, Lease};
use muster::actions::{By, Register, looks, pausing, schedules, slots};
use muster::config::{Deployment, SchedulerTimes};
use muster::domain::identities::IdentityState;
use muster::domain::ids::Moment;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::pulse::Pulse;
use muster::domain::runs::{CatchUp, Overlap, RunState};
use muster::jobs::{run_of, scheduler, watch::Watch};
use muster::store::job_runs::JobRun;
use muster::store::schedules::ScheduleRow;
use muster::store::{Database, identities, migrations};

use crate::app::{Browser, NOW, Page, TestApp, at, fresh_database, on_postgres, schema_before};
use crate::jobs::{counted, day, identity, owned_by, schedule, wanted};

const JOB: Job = Job::PurgeSessions;

fn runs_of(app: &TestApp) -> Vec<JobRun> {
    let mut db = app.register.database.read().unwrap();
    muster::store::job_runs::latest(&mut db, JOB, 100_000).unwrap()
}

fn row(app: &TestApp) -> ScheduleRow {
    muster::store::schedules::find(&mut app.register.database.read().unwrap(), JOB).unwrap()
}

/// Changes the schedule of the job, whatever version it has.
fn change(app: &TestApp, now: Moment, cron: &str, catch_up: CatchUp, overlap: Overlap) {
    let version = row(app).version;
    schedules::change(&app.register, &By::setup(now), JOB, version, &wanted(cron, catch_up, overlap)).unwrap();
}

/// The audit entries of an action, newest first.
fn entries(app: &TestApp, action: &str) -> Vec<serde_json::Value> {
    let browser = app.sign_in(Role::Auditor);
    let lines = browser.get(&format!("/audit.jsonl?action={action}")).text;
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A deployment that looks every second, whose schedules may have a slot every second.
fn quick() -> TestApp {
    TestApp::start_told(|deployment: &mut Deployment| {
        deployment.scheduler = SchedulerTimes { tick_seconds: 1, lease_seconds: 600 };
    })
}

#[test]
fn two_runs_of_a_job_are_never_beside_each_other() {
    let app = TestApp::start();
    let begin = at("2026-11-23T12:00:00Z");
    schedule(&app, JOB, "0 * * * * *", CatchUp::All, begin);
    let now = begin.plus_seconds(20 * 60);
    assert_eq!(slots::tick(&app.register, now).unwrap().due, 20);
    // Another job is kept from nothing.
    runs::queue(&app.register, &By::setup(now), Job::LapseGrants).unwrap();
    let together = Barrier::new(8);
    let taken: Vec<JobRun> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8)
            .map(|_| {
                let (register, together) = (app.replica(), &together);
                scope.spawn(move || {
                    together.wait();
                    runs::claim(&register, now).unwrap()
                })
            })
            .collect();
        workers.into_iter().filter_map(|worker| worker.join().unwrap()).collect()
    });
    let of = |job: Job| taken.iter().filter(|run| run.job == job).count();
    assert_eq!(of(JOB), 1, "one of twenty is under way");
    assert!(of(Job::LapseGrants) <= 1 && taken.len() <= 2);
    assert!(counted(&app, JOB, RunState::Claimed) == 1);
    // Once it is done the next one goes.
    let first = taken.into_iter().find(|run| run.job == JOB).unwrap();
    assert!(runs::finish(&app.register, first, Ok(runs::JobReport::default()), now).unwrap());
    while runs::claim(&app.register, now).unwrap().is_some_and(|run| run.job != JOB) {}
    assert_eq!(counted(&app, JOB, RunState::Claimed), 1);
}

#[test]
fn the_database_itself_lets_one_run_of_a_job_be_under_way() {
    let app = TestApp::start();
    let now = at(NOW);
    for _ in 0..2 {
        runs::queue(&app.register, &By::setup(now), JOB).unwrap();
    }
    let mut db = app.register.database.read().unwrap();
    let refused = db.execute("UPDATE job_runs SET state = 'claimed'").unwrap_err().to_string();
    assert!(refused.contains("refused the row") || refused.contains("nique"), "{refused}");
    let refused = db.execute("UPDATE job_runs SET state = 'missed'").unwrap_err().to_string();
    assert!(
        refused.contains("refused the row") || refused.contains("heck"),
        "a slot without a run says why: {refused}"
    );
}

#[test]
fn a_slot_that_comes_while_its_job_runs_waits_or_is_left_out() {
    let app = TestApp::start();
    let begin = at("2026-11-23T12:00:00Z");
    schedule(&app, JOB, "0 * * * * *", CatchUp::All, begin);
    let minute = |minutes: i64| begin.plus_seconds(minutes * 60 + 2);
    for overlap in [Overlap::Queue, Overlap::Skip] {
        change(&app, minute(0), "0 * * * * *", CatchUp::All, overlap);
    }
    assert_eq!(slots::tick(&app.register, minute(1)).unwrap().due, 1);
    let run = runs::claim(&app.register, minute(1)).unwrap().unwrap();
    let size = app.audit_size();
    let found = slots::tick(&app.register, minute(3)).unwrap();
    assert_eq!((found.due, found.skipped), (0, 2));
    assert_eq!(app.audit_size(), size + 1, "one entry for the stretch");
    let left_out = runs_of(&app).into_iter().find(|run| run.state == RunState::Skipped).unwrap();
    assert_eq!(left_out.reason.as_deref(), Some("the run for 2026-11-23 12:01:00 +00:00 was still under way"));
    assert!(runs::finish(&app.register, run, Ok(runs::JobReport::default()), minute(3)).unwrap());
    assert_eq!(slots::tick(&app.register, minute(4)).unwrap().due, 1);
    // The run had ended when the slot came, though nobody had looked.
    let page = app.sign_in(Role::Auditor).get("/jobs/purge_sessions");
    assert!(page.shows("Left out") && page.shows("was still under way"), "{}", page.readable());
}

#[test]
fn a_run_that_was_begun_elsewhere_is_not_begun_again_by_the_command_line() {
    let app = TestApp::start();
    let now = at(NOW);
    let command = |now: Moment| runs::begin(&app.register, &By::command("jobs run", now), JOB, now);
    let first = command(now).unwrap();
    let refused = command(now.plus_seconds(599)).unwrap_err().to_string();
    assert!(refused.contains("a run of this job is under way"), "{refused}");
    assert!(refused.contains("2026-11-23T15:10:00"), "{refused}");
    // Its worker is lost: it waits again, and what the worker does is on no record.
    let second = command(now.plus_seconds(601)).unwrap();
    assert!(!runs::finish(&app.register, first, Ok(runs::JobReport::default()), now).unwrap());
    assert!(runs::finish(&app.register, second, Ok(runs::JobReport::default()), now).unwrap());
    assert_eq!((counted(&app, JOB, RunState::Due), counted(&app, JOB, RunState::Done)), (1, 1));
}

#[test]
fn a_worker_that_stood_still_while_its_run_was_taken_over_changes_nothing() {
    let app = TestApp::start();
    let owner = app.person("Dana Okafor", "dana@hospital.example");
    let due = identity(&app, "Due", |row| {
        row.next_review_on = Some(day("2026-11-01"));
        row.expires_at = Some(at("2026-11-02T00:00:00Z"));
        owned_by(row, owner);
    });
    let signed_in = app.sign_in(Role::Auditor);
    let ended = app.at(at(NOW).plus_days(40));
    for (number, job) in [Job::RaiseRecertifications, Job::ExpireIdentities, JOB].into_iter().enumerate() {
        let now = ended.now().plus_seconds(i64::try_from(number).unwrap() * 3_600);
        runs::queue(&app.register, &By::setup(now), job).unwrap();
        let lost = runs::claim(&app.register, now).unwrap().unwrap();
        let by = By::job(job.word(), now).holding(Lease::of(&lost).hold());
        let taken = runs::claim(&app.register, now.plus_seconds(600)).unwrap().unwrap();
        assert_eq!(taken.id, lost.id);
        let size = app.audit_size();
        // It never asks for its lease: every change asks for it.
        let refused = run_of(job)(&app.at(now), &by, &Lease::none()).unwrap_err().to_string();
        assert_eq!(refused, "another worker took this run over, so this one stopped", "{job}");
        assert_eq!(app.audit_size(), size, "{job}");
        let mut db = app.register.database.read().unwrap();
        let row = identities::find(&mut db, due.id).unwrap();
        assert_eq!((row.state, row.version), (IdentityState::Active, 1), "{job}");
        assert!(!muster::store::sessions::of(&mut db, signed_in.person.unwrap(), at(NOW)).unwrap().is_empty());
        drop(db);
        // The one that has the run does it.
        let later = By::job(job.word(), now).holding(Lease::of(&taken).hold());
        if job != Job::ExpireIdentities {
            run_of(job)(&app.at(now), &later, &Lease::none()).unwrap();
        }
        assert!(runs::finish(&app.register, taken, Ok(runs::JobReport::default()), now).unwrap());
    }
    let mut db = app.register.database.read().unwrap();
    assert!(muster::store::sessions::of(&mut db, signed_in.person.unwrap(), at(NOW)).unwrap().is_empty());
}

#[test]
fn nobody_takes_a_run_over_while_its_worker_writes() {
    let app = TestApp::start();
    let now = at(NOW);
    runs::queue(&app.register, &By::setup(now), JOB).unwrap();
    let run = runs::claim(&app.register, now).unwrap().unwrap();
    let by = By::job(JOB.word(), now).holding(Lease::of(&run).hold());
    let other = app.replica();
    app.register
        .change(&by, |work| {
            // SQLite has one writer at a time, so there the question does not come up.
            if on_postgres() {
                assert!(runs::claim(&other, now.plus_seconds(601)).unwrap().is_none());
            }
            work.record::<()>("job.run", "job", JOB.word(), None, None);
            Ok(())
        })
        .unwrap();
    let taken = runs::claim(&other, now.plus_seconds(601)).unwrap().unwrap();
    assert_eq!((taken.id, taken.fence), (run.id, run.fence + 1));
}

#[test]
fn a_run_that_failed_because_the_database_was_away_waits_again() {
    let app = TestApp::start();
    let now = at(NOW);
    runs::queue(&app.register, &By::setup(now), JOB).unwrap();
    for _ in 0..4 {
        let run = runs::claim(&app.register, now).unwrap().unwrap();
        assert!(runs::release(&app.register, run, "the database is away".to_owned(), now).unwrap());
        assert_eq!(counted(&app, JOB, RunState::Due), 1);
    }
    let run = runs::claim(&app.register, now).unwrap().unwrap();
    assert!(runs::release(&app.register, run, "the database is away".to_owned(), now).unwrap());
    assert_eq!(counted(&app, JOB, RunState::Failed), 1, "not for ever");
}

#[test]
fn the_lease_and_its_renewal_are_what_the_deployment_says() {
    let app = TestApp::start_told(|deployment: &mut Deployment| {
        deployment.scheduler = SchedulerTimes { tick_seconds: 1, lease_seconds: 10 };
    });
    let now = at(NOW);
    runs::queue(&app.register, &By::setup(now), JOB).unwrap();
    let run = runs::claim(&app.register, now).unwrap().unwrap();
    assert_eq!(run.lease_until, Some(now.plus_seconds(10)));
    let lease = Lease::of(&run);
    lease.renew(&app.at(now.plus_seconds(1))).unwrap();
    assert_eq!(runs_of(&app)[0].lease_until, Some(now.plus_seconds(10)));
    lease.renew(&app.at(now.plus_seconds(2))).unwrap();
    assert_eq!(runs_of(&app)[0].lease_until, Some(now.plus_seconds(12)));
}

#[test]
fn a_lease_of_a_clock_that_stood_ahead_keeps_no_job_from_running() {
    let app = TestApp::start();
    let now = at(NOW);
    runs::queue(&app.register, &By::setup(now), JOB).unwrap();
    runs::claim(&app.register, now.plus_days(400)).unwrap().unwrap();
    assert!(runs::claim(&app.register, now).unwrap().is_some());
}

#[test]
fn a_paused_job_says_so_loudly_and_what_it_misses_is_one_stretch() {
    let app = TestApp::start();
    schedule(&app, JOB, "0 0 * * * *", CatchUp::All, at(NOW));
    let path = "/jobs/purge_sessions";
    // Two slots wait when it is paused.
    slots::tick(&app.register, at(NOW).plus_seconds(2 * 3_600)).unwrap();
    assert_eq!(counted(&app, JOB, RunState::Due), 2);
    let keeper = app.later(at(NOW).plus_seconds(2 * 3_600 + 60)).sign_in(&app.account(Role::SecurityAnalyst));
    let refused = keeper.post(&format!("{path}/pause"), &[("reason", "  ")]);
    assert_eq!(refused.status, 422);
    assert!(refused.shows("Write why the job is paused"), "{}", refused.readable());
    assert!(refused.text.contains("value=\"0 0 * * * *\""), "the schedule beside it stays");
    let reason = "the mail server is moved";
    assert_eq!(keeper.post(&format!("{path}/pause"), &[("reason", reason)]).status, 303);
    assert_eq!(keeper.post(&format!("{path}/pause"), &[("reason", reason)]).status, 409, "it is paused already");
    let page = keeper.get(path);
    for text in ["It is paused: it runs only by hand", reason, "Let it run again", "Missed", "The job was paused"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    let list = keeper.get("/jobs");
    let name =
        muster::store::people::find(&mut app.register.database.read().unwrap(), keeper.person.unwrap()).unwrap().name;
    let said = format!(
        "Purge sessions is paused since 23 Nov 2026, 11:01 CST, 0 minutes ago, by {name}: {reason}. It missed 2 slots meanwhile."
    );
    assert!(list.shows("Paused since") && list.shows(&said), "{}", list.readable());
    assert_eq!(counted(&app, JOB, RunState::Due), 0, "what waited does not run");
    let size = app.audit_size();
    for hours in 3..=50 {
        assert_eq!(slots::tick(&app.register, at(NOW).plus_seconds(hours * 3_600)).unwrap().missed, 1);
    }
    assert_eq!(app.audit_size(), size);
    let auditor = app.sign_in(Role::Auditor);
    assert_eq!(auditor.post(&format!("{path}/resume"), &[]).status, 403);
    pausing::resume(&app.register, &By::setup(at(NOW).plus_seconds(50 * 3_600 + 60)), JOB).unwrap();
    let missed = entries(&app, "job.miss");
    assert_eq!(missed.len(), 1, "{missed:?}");
    let body = missed[0]["body"].as_str().unwrap();
    assert!(body.contains("\"slots\":50") && body.contains("\"job\":\"purge_sessions\""), "{body}");
    assert_eq!(counted(&app, JOB, RunState::Missed), 50);
    // By hand it ran all the while, and now it runs by itself again.
    assert_eq!(slots::tick(&app.register, at(NOW).plus_seconds(51 * 3_600)).unwrap().due, 1);
    let resumed = pausing::resume(&app.register, &By::setup(at(NOW).plus_days(3)), JOB).unwrap_err().to_string();
    assert_eq!(resumed, "this job is not paused");
}

#[test]
fn the_last_run_is_the_one_that_ended_last_and_then_the_latest_slot() {
    let app = TestApp::start();
    schedule(&app, JOB, "0 0 * * * *", CatchUp::Latest, at(NOW));
    let last = |app: &TestApp| {
        let mut db = app.register.database.read().unwrap();
        muster::store::job_runs::last(&mut db, JOB).unwrap()
    };
    assert_eq!(last(&app), None);
    // Nothing ran for two days: one slot makes up for the others, and all of them are stored at one moment.
    let now = at(NOW).plus_days(2);
    slots::catch_up(&app.register, now).unwrap();
    assert_eq!(last(&app).unwrap().slot_at, now, "where none began, the latest slot");
    let runs = runs_of(&app);
    assert!(runs.windows(2).all(|pair| pair[0].slot_at > pair[1].slot_at), "the newest slot first");
    while scheduler::run_next(&app.at(now), now).unwrap() {}
    let found = last(&app).unwrap();
    assert_eq!((found.slot_at, found.state), (now, RunState::Done));
    // A run by hand for an earlier time ends later than the slot before.
    let by = By::command("jobs run", now.plus_seconds(60));
    let earlier = runs::begin(&app.register, &by, JOB, at(NOW)).unwrap();
    assert_eq!(last(&app).unwrap().id, earlier.id, "it began last");
    assert!(
        runs::finish(&app.register, earlier.clone(), Ok(runs::JobReport::default()), now.plus_seconds(61)).unwrap()
    );
    // Slots that are missed meanwhile are no run.
    pausing::pause(&app.register, &By::setup(now.plus_seconds(120)), JOB, "a test").unwrap();
    slots::catch_up(&app.register, now.plus_days(1)).unwrap();
    assert_eq!(last(&app).unwrap().id, earlier.id);
    assert_eq!(counted(&app, JOB, RunState::Missed), 24);
    let page = app.sign_in(Role::Auditor).get("/jobs");
    assert!(page.shows("It missed 24 slots meanwhile"), "{}", page.readable());
    // Of several that ended at once, the latest slot.
    let same = format!(
        "UPDATE job_runs SET started_at = {0}, finished_at = {0} WHERE state = 'done'",
        crate::approvals::database::text(now.to_text())
    );
    app.register.database.read().unwrap().execute(&same).unwrap();
    assert_eq!(last(&app).unwrap().slot_at, now);
}

#[test]
fn slots_in_a_row_that_came_to_the_same_end_are_one_line_and_each_can_be_opened() {
    let app = TestApp::start();
    schedule(&app, JOB, "0 0 * * * *", CatchUp::Latest, at(NOW));
    slots::tick(&app.register, at(NOW).plus_seconds(3_600)).unwrap();
    while scheduler::run_next(&app.register, at(NOW).plus_seconds(3_600)).unwrap() {}
    pausing::pause(&app.register, &By::setup(at(NOW).plus_seconds(3_601)), JOB, "a test").unwrap();
    slots::catch_up(&app.register, at(NOW).plus_days(5)).unwrap();
    let auditor = app.sign_in(Role::Auditor);
    let rows = |page: &crate::app::Page| {
        assert_eq!(page.status, 200, "{}", page.readable());
        let document = scraper::Html::parse_document(&page.text);
        document.select(&scraper::Selector::parse("main tbody tr").unwrap()).count()
    };
    let links = |page: &crate::app::Page, words: &str| {
        let document = scraper::Html::parse_document(&page.text);
        let all = scraper::Selector::parse("main a").unwrap();
        let found = document.select(&all).find(|link| link.text().collect::<String>() == words);
        found.map(|link| link.value().attr("href").unwrap().to_owned())
    };
    let page = auditor.get("/jobs/purge_sessions");
    assert_eq!(rows(&page), 2, "{}", page.readable());
    for text in ["119 slots", "23 Nov 2026, 11:00 CST to 28 Nov 2026, 09:00 CST", "The job was paused", "Did not run"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    // Nothing is hidden: each stands by itself, page after page.
    let mut next = links(&page, "Each of them");
    let mut seen = 0;
    while let Some(link) = next {
        let page = auditor.get(&link);
        seen += rows(&page);
        next = links(&page, "Next page");
    }
    assert_eq!(seen, 120);
    let lost = auditor.get("/jobs/purge_sessions?after=zzz");
    assert_eq!((lost.status, lost.location.as_str()), (303, "/jobs/purge_sessions?done=restarted"));
    assert!(auditor.get(&lost.location).shows("This is the first page."));
}

#[test]
fn slots_of_the_schedule_before_are_accounted_for_when_it_changes() {
    let app = TestApp::start();
    schedule(&app, JOB, "0 * * * * *", CatchUp::All, at(NOW));
    // Nobody looked for ten minutes.
    change(&app, at(NOW).plus_seconds(600), "0 0 * * * *", CatchUp::All, Overlap::Queue);
    assert_eq!(counted(&app, JOB, RunState::Due), 10);
    assert_eq!(row(&app).last_slot_at, at(NOW).plus_seconds(600));
}

#[test]
fn more_slots_than_are_handled_at_a_time_are_accounted_for_at_once() {
    let app = quick();
    schedule(&app, JOB, "* * * * * *", CatchUp::Latest, at(NOW));
    let end = at(NOW).plus_seconds(5_000);
    assert!(slots::tick(&app.register, end).unwrap().more);
    slots::catch_up(&app.register, end).unwrap();
    assert_eq!((counted(&app, JOB, RunState::Due), counted(&app, JOB, RunState::Coalesced)), (1, 4_999));
    assert!(!slots::tick(&app.register, end).unwrap().more);
}

#[test]
fn what_is_older_than_the_window_is_missed() {
    let app = TestApp::start();
    schedule(&app, JOB, "0 0 0 * * *", CatchUp::All, at(NOW));
    // Forty days, of which thirty are made up for.
    slots::catch_up(&app.register, at(NOW).plus_days(40)).unwrap();
    assert_eq!((counted(&app, JOB, RunState::Due), counted(&app, JOB, RunState::Missed)), (30, 10));
    let missed = runs_of(&app).into_iter().find(|run| run.state == RunState::Missed).unwrap();
    assert_eq!(missed.reason.as_deref(), Some("nothing ran, and it is made up for within 30 days only"));
}

#[test]
fn after_fifty_three_days_the_latest_run_makes_up_for_thirty_and_the_older_ones_are_missed() {
    let app = TestApp::start();
    schedule(&app, JOB, "0 0 0 * * *", CatchUp::Latest, at(NOW));
    slots::catch_up(&app.register, at(NOW).plus_days(53)).unwrap();
    let states = [RunState::Due, RunState::Coalesced, RunState::Missed].map(|state| counted(&app, JOB, state));
    assert_eq!(states, [1, 29, 23]);
    let runs = runs_of(&app);
    let missed: Vec<&JobRun> = runs.iter().filter(|run| run.state == RunState::Missed).collect();
    let oldest = at(NOW).plus_days(23);
    assert!(missed.iter().all(|run| run.slot_at < oldest), "{missed:?}");
    assert!(
        missed
            .iter()
            .all(|run| { run.reason.as_deref() == Some("nothing ran, and it is made up for within 30 days only") })
    );
    // Two stretches, each with its reason, in the audit log and on the page.
    assert_eq!((entries(&app, "job.miss").len(), entries(&app, "job.coalesce").len()), (1, 1));
    let page = app.sign_in(Role::Auditor).get("/jobs/purge_sessions");
    for text in ["29 slots", "23 slots", "Nothing ran, and it is made up for within 30 days only"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
}

#[test]
fn a_clock_that_stood_ahead_is_said_and_saving_the_schedule_puts_it_right() {
    let app = TestApp::start();
    schedule(&app, JOB, "0 0 * * * *", CatchUp::Latest, at(NOW));
    slots::catch_up(&app.register, at(NOW).plus_days(400)).unwrap();
    while scheduler::run_next(&app.register, at(NOW).plus_days(400)).unwrap() {}
    assert_eq!(slots::tick(&app.register, at(NOW).plus_seconds(7_200)).unwrap(), slots::Tick::default());
    let page = app.sign_in(Role::Auditor).get("/jobs");
    assert!(page.shows("Purge sessions: a clock stood ahead"), "{}", page.readable());
    change(&app, at(NOW).plus_seconds(7_260), "0 0 * * * *", CatchUp::Latest, Overlap::Queue);
    assert_eq!(slots::tick(&app.register, at(NOW).plus_seconds(3 * 3_600)).unwrap().due, 1);
}

/// How the jobs are, at a moment.
fn health(app: &TestApp, now: Moment) -> looks::Health {
    looks::health(&mut app.register.database.read().unwrap(), &app.register, now).unwrap()
}

#[test]
fn whether_anything_runs_is_a_figure_on_the_page_and_a_word_for_programs() {
    let app = TestApp::start();
    schedule(&app, JOB, "0 * * * * *", CatchUp::All, at(NOW));
    let auditor = app.sign_in(Role::Auditor);
    assert!(auditor.get("/jobs").shows("Nothing has run yet"), "{}", auditor.get("/jobs").readable());
    let mut watch = Watch::new(at(NOW).plus_seconds(-12));
    watch.look(&app.at(at(NOW).plus_seconds(-12)));
    // What is paused, or never came to its time, keeps the figure from saying that everything ran.
    let said =
        "Nothing that is not paused is late. 1 job has not run yet: Purge sessions. The last look was 12 seconds ago.";
    assert!(auditor.get("/jobs").shows(said), "{}", auditor.get("/jobs").readable());
    let others: Vec<&str> = Job::ALL.iter().filter(|job| **job != JOB).map(|job| job.word()).collect();
    let paused = format!("paused: {}\n", others.join(", "));
    let not_yet = "has not run yet: purge_sessions\n";
    assert_eq!(auditor.get("/readyz").text, format!("ready\njobs: not_yet\n{not_yet}{paused}"));
    // Ten minutes later: the slots of the last two minutes are no reason to worry.
    let later = at(NOW).plus_seconds(600);
    let found = health(&app, later);
    assert_eq!(
        (found.pulse, found.late_slots(), found.oldest_late()),
        (Pulse::Stopped, 8, Some(at("2026-11-23T15:01:00Z")))
    );
    let visitor = app.later(later).visited_by(&auditor);
    assert!(visitor.get("/jobs").shows("8 slots are late."), "{}", visitor.get("/jobs").readable());
    let first = at("2026-11-23T15:01:00Z").to_text();
    let not_yet = format!("passed by: purge_sessions at {first}\n");
    assert_eq!(visitor.get("/readyz").text, format!("ready\njobs: stopped\n{not_yet}{paused}"));
    // Somebody looks, and nobody works.
    Watch::new(later).look(&app.at(later));
    slots::tick(&app.register, later).unwrap();
    assert_eq!((health(&app, later).pulse, health(&app, later).late_slots()), (Pulse::Late, 8));
    assert!(visitor.get("/jobs").shows("8 slots late"));
    while scheduler::run_next(&app.register, later).unwrap() {}
    assert_eq!((health(&app, later).pulse, health(&app, later).not_yet), (Pulse::Running, Vec::new()));
    assert_eq!(visitor.get("/readyz").text, format!("ready\njobs: running\n{paused}"));
}

#[test]
fn a_job_that_was_passed_by_before_it_ever_ran_is_no_job_that_ran() {
    let app = TestApp::start();
    schedule(&app, JOB, "0 0 * * * *", CatchUp::None, at(NOW));
    // Before its first time that is no fault.
    Watch::new(at(NOW)).look(&app.register);
    let found = health(&app, at(NOW));
    assert_eq!((found.pulse, found.to_come(), found.passed_by()), (Pulse::NotYet, vec![JOB], Vec::new()));
    // Two of its times pass while nothing runs, and its schedule makes up for none: nothing is late any more.
    let later = at(NOW).plus_seconds(9_000);
    slots::catch_up(&app.register, later).unwrap();
    Watch::new(later).look(&app.at(later));
    let found = health(&app, later);
    let first = at(NOW).plus_seconds(3_600);
    assert_eq!((found.pulse, found.late_slots(), found.passed_by()), (Pulse::Late, 0, vec![(JOB, first)]));
    let visitor = app.later(later).sign_in(&app.account(Role::Auditor));
    let said = "Purge sessions has not run yet, and its time passed: 23 Nov 2026, 10:00 CST.";
    assert!(visitor.get("/jobs").shows(said), "{}", visitor.get("/jobs").readable());
    // A schedule that is made anew has a first time of its own.
    change(&app, later, "0 0 * * * *", CatchUp::None, Overlap::Queue);
    assert_eq!(health(&app, later).pulse, Pulse::NotYet);
    // A run that began is one, however it was started.
    runs::queue(&app.register, &By::setup(later), JOB).unwrap();
    while scheduler::run_next(&app.register, later).unwrap() {}
    assert_eq!(health(&app, later).pulse, Pulse::Running);
}

#[test]
fn a_look_is_noted_once_a_minute_and_a_jump_of_the_clock_at_once() {
    let app = TestApp::start();
    schedules::ensure(&app.register, at(NOW)).unwrap();
    let look_at = |watch: &mut Watch, seconds: i64| watch.look(&app.at(at(NOW).plus_seconds(seconds)));
    let mut watch = Watch::new(at(NOW));
    for seconds in [0, 15, 30, 600] {
        look_at(&mut watch, seconds);
    }
    let found = health(&app, at(NOW));
    assert_eq!((found.last_look, found.jumps), (Some(at(NOW)), 0));
    look_at(&mut watch, 86_400);
    look_at(&mut watch, 30);
    let found = health(&app, at(NOW).plus_seconds(30));
    assert_eq!((found.jumps, found.last_look), (2, Some(at(NOW).plus_seconds(30))));
    let (when, by) = found.jump.unwrap();
    assert_eq!(when, at(NOW).plus_seconds(30));
    assert!((-86_400..=-86_300).contains(&by), "{by}");
    let page = app.sign_in(Role::Auditor).get("/jobs");
    assert!(page.shows("clock jumped 2 times"), "{}", page.readable());
}

#[test]
fn a_clock_that_is_not_the_databases_is_a_warning() {
    let app = TestApp::start();
    let skew = looks::skew(&app.register).unwrap();
    assert_eq!(skew.is_some(), on_postgres(), "SQLite has the clock of this process");
    let told = |skew_seconds: i64| {
        let looker = muster::store::schedulers::Looker { skew_seconds: Some(skew_seconds), ..looks::looker(at(NOW)) };
        looks::note(&app.register, &looker).unwrap();
        app.sign_in(Role::Auditor).get("/jobs")
    };
    looks::note(&app.register, &looks::looker(at(NOW).plus_days(400))).unwrap();
    assert!(!told(60).shows("the database\u{2019}s"));
    let page = told(-75);
    assert!(page.shows("clock is 75 seconds behind the database\u{2019}s"), "{}", page.readable());
    assert_eq!(health(&app, at(NOW).plus_seconds(200)).skew_seconds, None, "it looks no more");
    // A look of a clock that stood ahead says nothing of today.
    assert_eq!(health(&app, at(NOW).plus_days(1)).pulse, Pulse::Stopped);
}

#[test]
fn three_replicas_that_look_together_account_for_each_slot_once() {
    let app = quick();
    schedule(&app, JOB, "* * * * * *", CatchUp::All, at(NOW));
    let end = at(NOW).plus_seconds(3_000);
    let found: usize = std::thread::scope(|scope| {
        let looking: Vec<_> = (0..3)
            .map(|_| {
                let register: Register = app.replica();
                scope.spawn(move || {
                    let mut due = 0;
                    for _ in 0..20 {
                        due += slots::tick(&register, end).unwrap().due;
                    }
                    due
                })
            })
            .collect();
        looking.into_iter().map(|one| one.join().unwrap()).sum()
    });
    slots::catch_up(&app.register, end).unwrap();
    assert_eq!(counted(&app, JOB, RunState::Due), 3_000);
    assert!(found <= 3_000);
}

#[test]
fn a_register_from_before_keeps_its_schedules_and_its_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (address, made) = fresh_database(folder.path());
    let database = Database::open_sized(&address, 1).unwrap();
    let mut db = database.read().unwrap();
    schema_before("0015", &mut db);
    let [yes, no] = if on_postgres() { ["TRUE", "FALSE"] } else { ["1", "0"] };
    let id = |number: u8| {
        let digits = format!("{number:032x}");
        if on_postgres() { format!("'{digits}'") } else { format!("x'{digits}'") }
    };
    let early = "'2026-11-01T00:00:00.000000Z'";
    for (job, enabled) in [("send_mail", yes), ("purge_sessions", no)] {
        db.execute(&format!(
            "INSERT INTO schedules (job, cron, time_zone, catch_up, enabled, last_slot_at, updated_at, version) \
             VALUES ('{job}', '0 0 * * * *', 'UTC', 'latest', {enabled}, {early}, {early}, 3)"
        ))
        .unwrap();
    }
    for (number, state) in [(1, "claimed"), (2, "claimed"), (3, "missed"), (4, "done")] {
        db.execute(&format!(
            "INSERT INTO job_runs (id, job, slot_at, started_by, state, attempts, lease_until, fence, created_at) \
             VALUES ({}, 'purge_sessions', '2026-11-01T0{number}:00:00.000000Z', 'schedule', '{state}', 1, \
             {}, 1, {early})",
            id(number),
            if state == "claimed" { early } else { "NULL" }
        ))
        .unwrap();
    }
    migrations::run(&mut db).unwrap();
    let all = muster::store::schedules::all(&mut db).unwrap();
    let [off, on] = [Job::PurgeSessions, Job::SendMail].map(|job| all.iter().find(|row| row.job == job).unwrap());
    assert_eq!((on.paused_at, on.catch_up_seconds, on.overlap, on.version), (None, 2_592_000, Overlap::Queue, 3));
    assert_eq!(off.paused_at, Some(at("2026-11-01T00:00:00Z")));
    assert_eq!(off.pause_reason.as_deref(), Some("It was switched off."));
    let mut runs = muster::store::job_runs::latest(&mut db, JOB, 10).unwrap();
    runs.sort_by_key(|run| run.slot_at);
    use RunState::{Claimed, Done, Due, Missed};
    assert_eq!(runs.iter().map(|run| run.state).collect::<Vec<_>>(), [Claimed, Due, Missed, Done]);
    assert_eq!((runs[0].fence, runs[1].fence), (1, 2), "the worker of the second can note nothing more");
    assert_eq!(runs[2].reason.as_deref(), Some("nothing ran at that time"));
    drop(db);
    drop(database);
    if let Some((admin, name)) = made {
        let server = Database::open_sized(&muster::store::connection::Address::Postgres(admin), 1).unwrap();
        server.read().unwrap().execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    }
}

/// Saves a schedule of a job through its page.
fn save(browser: &Browser, app: &TestApp, job: Job, cron: &str) -> Page {
    let version = {
        let mut db = app.register.database.read().unwrap();
        muster::store::schedules::find(&mut db, job).unwrap().version.to_string()
    };
    browser.post(
        &format!("/jobs/{}", job.word()),
        &[
            ("version", version.as_str()),
            ("cron", cron),
            ("time_zone", "America/Chicago"),
            ("catch_up", "latest"),
            ("catch_up_hours", "720"),
            ("overlap", "queue"),
        ],
    )
}

#[test]
fn a_schedule_that_is_a_pause_by_another_name_is_a_warning_everywhere() {
    let app = TestApp::start();
    schedules::ensure(&app.register, at(NOW)).unwrap();
    Watch::new(at(NOW)).look(&app.register);
    let browser = app.sign_in(Role::SecurityAnalyst);
    let labels = Job::ALL.iter().map(|job| job.label()).collect::<Vec<_>>().join(", ");
    let words = Job::ALL.iter().map(|job| job.word()).collect::<Vec<_>>().join(", ");
    let nothing_late = format!("Nothing is late. {} jobs have not run yet: {labels}.", Job::ALL.len());
    let ready = format!("ready\njobs: not_yet\nhas not run yet: {words}\n");
    assert!(browser.get("/jobs").shows(&nothing_late), "{}", browser.get("/jobs").readable());
    assert_eq!(browser.get("/readyz").text, ready);
    let saved = save(&browser, &app, Job::EscalateReviews, "0 0 0 29 2 *");
    assert_eq!(saved.status, 303, "{}", saved.readable());
    let said = "runs seldom: next on 29 Feb 2028, 00:00 CST. It is meant to run every day at 05:30, America/Chicago.";
    let page = browser.get(&saved.location);
    assert!(page.shows(&format!("It {said}")), "{}", page.readable());
    let list = browser.get("/jobs");
    assert!(list.shows(&format!("Escalate reviews {said}")), "{}", list.readable());
    assert!(!list.shows("Everything ran"), "{}", list.readable());
    assert!(browser.get("/").shows("A job runs seldom: Escalate reviews"), "{}", browser.get("/").readable());
    let told = browser.get("/readyz").text;
    assert!(told.contains("runs seldom: escalate_reviews, not from") && told.contains("to 2028-02-29"), "{told}");
    // What is typed is previewed, too, where something else beside it is wrong.
    let typed = [("version", "1"), ("cron", "0 0 0 1 1 *"), ("time_zone", "UTC")];
    let wrong = browser.post("/jobs/apply_silence", &typed);
    assert_eq!(wrong.status, 422);
    assert!(wrong.shows("It runs seldom: next on 1 Jan 2027, 00:00 UTC"), "{}", wrong.readable());
    // As often as it is meant to, it is green again; and on weekdays alone, as the form's own example has it.
    for cron in ["0 15 4 * * *", "0 0 6 * * MON-FRI"] {
        assert_eq!(save(&browser, &app, Job::EscalateReviews, cron).status, 303);
        assert!(browser.get("/jobs").shows(&nothing_late), "{cron}: {}", browser.get("/jobs").readable());
        assert_eq!(browser.get("/readyz").text, ready, "{cron}");
    }
    // Four days from one run to the next are more than a weekend.
    let saved = save(&browser, &app, Job::EscalateReviews, "0 0 6 * * MON-THU");
    assert_eq!(saved.status, 303, "{}", saved.readable());
    assert!(browser.get(&saved.location).shows("It runs seldom: "), "{}", browser.get(&saved.location).readable());
    // What is meant to run more often is paused by a weekend.
    assert_eq!(save(&browser, &app, Job::SendMail, "0 */5 * * * MON-FRI").status, 303);
    let list = browser.get("/jobs");
    assert!(
        list.shows("Escalate reviews runs seldom: ") && list.shows("Send mail runs seldom: "),
        "{}",
        list.readable()
    );
}

#[test]
fn a_schedule_comes_once_a_minute_at_most() {
    let app = TestApp::start();
    schedules::ensure(&app.register, at(NOW)).unwrap();
    let browser = app.sign_in(Role::SecurityAnalyst);
    for cron in ["* * * * * *", "0,30 * * * * *", "0,20 0 6 * * *"] {
        let page = save(&browser, &app, JOB, cron);
        assert_eq!(page.status, 422, "{cron}");
        assert!(page.shows("every slot gets a row in the record of runs"), "{cron}: {}", page.readable());
        assert!(page.text.contains(&format!("value=\"{cron}\"")), "what was typed is kept");
    }
    assert_eq!(save(&browser, &app, JOB, "17 * * * * *").status, 303);
}

#[test]
fn late_slots_are_counted_or_it_is_said_that_there_are_more() {
    let app = TestApp::start();
    schedule(&app, JOB, "0 * * * * *", CatchUp::Latest, at(NOW));
    Watch::new(at(NOW)).look(&app.register);
    // The slots of the last two minutes are no reason to worry.
    for (minutes, said) in [(1_002, "1,000 slots are late."), (10_080, "more than 1,000 slots are late.")] {
        let visitor = app.later(at(NOW).plus_seconds(minutes * 60)).sign_in(&app.account(Role::Auditor));
        let list = visitor.get("/jobs");
        let whole = format!("Nothing ran since 23 Nov 2026, 09:00 CST: {said}");
        assert!(list.shows(&whole), "{whole}: {}", list.readable());
    }
}

#[test]
fn the_list_of_jobs_shows_the_next_run_with_its_offset_and_a_way_to_pause() {
    let app = TestApp::start();
    schedules::ensure(&app.register, at(NOW)).unwrap();
    let browser = app.sign_in(Role::SecurityAnalyst);
    let list = browser.get("/jobs");
    assert!(list.shows("24 Nov 2026, 05:00:00 -06:00"), "{}", list.readable());
    assert!(!list.shows("25 Nov 2026, 05:00:00 -06:00"), "the others are on the page of the job");
    assert!(list.shows("Run now : Send mail Schedule : Send mail"), "{}", list.readable());
    let page = browser.get("/jobs/raise_recertifications");
    for day in 24..=28 {
        assert!(page.shows(&format!("2026-11-{day} 05:00:00 -06:00")), "{day}: {}", page.readable());
    }
}

#[test]
fn a_result_of_many_lines_is_one_line_in_the_list_of_jobs_that_leads_to_the_rest() {
    let app = TestApp::start();
    schedules::ensure(&app.register, at(NOW)).unwrap();
    let run = runs::begin(&app.register, &By::command("jobs run", at(NOW)), JOB, at(NOW)).unwrap();
    let mut report = runs::JobReport::default();
    for line in ["1 session ended", "2 links ended", "3 forms forgotten"] {
        report.say(line);
    }
    assert!(runs::finish(&app.register, run, Ok(report), at(NOW).plus_seconds(1)).unwrap());
    let auditor = app.sign_in(Role::Auditor);
    let list = auditor.get("/jobs");
    assert!(list.shows("1 session ended, and 2 more about Purge sessions"), "{}", list.readable());
    assert!(
        list.text.contains("href=\"/jobs/purge_sessions#runs\"") && !list.shows("3 forms forgotten"),
        "{}",
        list.text
    );
    let page = auditor.get("/jobs/purge_sessions");
    assert!(page.shows("1 session ended") && page.shows("3 forms forgotten"), "{}", page.readable());
}

#[test]
fn a_wrong_field_of_an_expression_is_named_and_what_was_typed_is_kept() {
    let app = TestApp::start();
    schedules::ensure(&app.register, at(NOW)).unwrap();
    let browser = app.sign_in(Role::SecurityAnalyst);
    let page = save(&browser, &app, JOB, "0 0 24 * * *");
    assert_eq!(page.status, 422);
    let said = "The field for hours holds \u{201c}24\u{201d}, which cannot be read; it takes 0 to 23";
    assert!(page.shows(said), "{}", page.readable());
    assert!(page.text.contains("value=\"0 0 24 * * *\""), "what was typed is kept");
}
