//! Jobs: what they raise, that it is raised once, and that every slot is accounted for.

use chrono::NaiveDate;
use muster::actions::runs::Lease;
use muster::actions::{By, Register, pausing, schedules, slots};
use muster::domain::identities::{Criticality, Environment, IdentityKind, IdentityState, OwnerAnswer, StateCause};
use muster::domain::ids::{Id, Moment};
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::runs::{CatchUp, Overlap, RunState};
use muster::domain::tasks::{AssignedAs, AssigneeGroup, TaskCause, TaskKind};
use muster::jobs::{run_of, scheduler};
use muster::store::identities::{self, Identity};
use muster::store::people;
use muster::store::registry::{self, Vendor};
use muster::store::tasks::{self, Task};

use crate::app::{NOW, TestApp, at};

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Stores an active identity after changes to it.
pub fn identity(app: &TestApp, name: &str, change: impl FnOnce(&mut Identity)) -> Identity {
    let mut identity = Identity::new(IdentityKind::SmartApp, name, Environment::Production, at(NOW).plus_days(-400));
    identity.state = IdentityState::Active;
    change(&mut identity);
    app.register.change(&app.setup(), |work| Ok(identities::insert(work.db, &identity)?)).unwrap();
    identity
}

/// Makes somebody the business owner, who has accepted.
pub fn owned_by(identity: &mut Identity, person: Id) {
    identity.business_owner_id = Some(person);
    identity.business_owner_answer = Some(OwnerAnswer::Accepted);
}

/// Makes somebody the technical owner, who has accepted.
pub fn kept_by(identity: &mut Identity, person: Id) {
    identity.technical_owner_id = Some(person);
    identity.technical_owner_answer = Some(OwnerAnswer::Accepted);
}

/// Changes a person.
pub fn change_person(app: &TestApp, id: Id, change: impl FnOnce(&mut people::Person)) {
    app.register
        .change(&app.setup(), |work| {
            let mut person = people::find(work.db, id)?;
            change(&mut person);
            person.version += 1;
            Ok(people::update(work.db, &person)?)
        })
        .unwrap();
}

/// Runs a job and answers what it said.
pub fn run(register: &Register, job: Job, now: &str) -> Vec<String> {
    run_of(job)(register, &By::job(job.word(), at(now)), &Lease::none()).unwrap().lines
}

/// The tasks about an identity.
pub fn tasks_about(app: &TestApp, identity: Id) -> Vec<Task> {
    tasks::about(&mut app.register.database.read().unwrap(), identity).unwrap()
}

fn read(app: &TestApp, id: Id) -> Identity {
    identities::find(&mut app.register.database.read().unwrap(), id).unwrap()
}

#[test]
fn a_review_is_raised_on_its_day_and_not_before() {
    let app = TestApp::start();
    let owner = app.owner("Dana Okafor", "dana@hospital.example");
    let due = identity(&app, "Discharge Planner", |identity| {
        identity.next_review_on = Some(day("2026-11-23"));
        owned_by(identity, owner);
    });
    assert_eq!(run(&app.register, Job::RaiseRecertifications, "2026-11-23T05:59:00Z"), ["0 reviews opened"]);
    assert_eq!(run(&app.register, Job::RaiseRecertifications, "2026-11-23T06:00:00Z"), ["1 review opened"]);
    let tasks = tasks_about(&app, due.id);
    assert_eq!(tasks.len(), 1);
    let review = tasks[0].review_id.unwrap();
    assert_eq!(
        (tasks[0].kind, tasks[0].period.as_str()),
        (TaskKind::Recertification, format!("review:{review}").as_str())
    );
    assert_eq!(tasks[0].due_on, day("2026-12-14"));
    assert_eq!((tasks[0].assignee_id, tasks[0].assigned_as), (Some(owner), AssignedAs::BusinessOwner));
}

#[test]
fn running_a_job_twice_adds_nothing() {
    let app = TestApp::start();
    let owner = app.owner("Dana Okafor", "dana@hospital.example");
    for number in 0..3 {
        identity(&app, &format!("App {number}"), |identity| {
            identity.next_review_on = Some(day("2026-11-01"));
            identity.expires_at = Some(at("2026-11-02T00:00:00Z"));
            owned_by(identity, owner);
        });
    }
    for job in [Job::RaiseRecertifications, Job::RaiseOffboardings, Job::ExpireIdentities] {
        assert!(run(&app.register, job, NOW)[0].starts_with('3'), "{job}");
        let size = app.audit_size();
        assert!(run(&app.register, job, NOW)[0].starts_with('0'), "{job}");
        assert_eq!(app.audit_size(), size, "{job} wrote entries for nothing");
    }
}

#[test]
fn more_than_a_batch_is_raised_in_one_run() {
    let app = TestApp::start();
    let rows: Vec<Identity> = (0..1_203)
        .map(|number| {
            let mut row = Identity::new(IdentityKind::Token, &format!("T{number}"), Environment::Sandbox, at(NOW));
            row.state = IdentityState::Active;
            row.next_review_on = Some(day("2026-11-20") - chrono::Duration::days(number / 300));
            row.expires_at = Some(at(NOW).plus_seconds(-(number / 300)));
            row
        })
        .collect();
    app.register.change(&app.setup(), |work| Ok(identities::insert_many(work.db, &rows)?)).unwrap();
    let said = run(&app.register, Job::RaiseRecertifications, NOW);
    assert_eq!(said[0], "1,203 reviews opened");
    assert!(said[1].starts_with("About 1,203 identities nobody can be asked"), "{said:?}");
    assert_eq!(run(&app.register, Job::ExpireIdentities, NOW), ["1,203 identities suspended"]);
    let said = run(&app.register, Job::RaiseOffboardings, NOW);
    assert_eq!(said[0], "1,203 offboardings raised");
    assert!(said.iter().any(|line| line.contains("nobody gets mail")), "{said:?}");
}

#[test]
fn three_replicas_at_once_add_nothing_twice() {
    let app = TestApp::start();
    let owner = app.owner("Dana Okafor", "dana@hospital.example");
    let (analyst, _) = app.account(Role::SecurityAnalyst);
    let mut ids = Vec::new();
    for number in 0..60 {
        let row = identity(&app, &format!("App {number}"), |identity| {
            identity.next_review_on = Some(day("2026-11-01"));
            identity.expires_at = Some(at("2026-11-02T00:00:00Z"));
            if number % 2 == 0 {
                owned_by(identity, owner);
            }
        });
        ids.push(row.id);
    }
    let jobs = [Job::RaiseRecertifications, Job::RaiseOffboardings, Job::ExpireIdentities];
    let raised: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..3)
            .map(|turn| {
                let register = app.replica();
                scope.spawn(move || {
                    let mut counted = 0;
                    for step in 0..3 {
                        let said = run(&register, jobs[(turn + step) % 3], NOW);
                        counted += said[0].split(' ').next().unwrap().parse::<usize>().unwrap();
                    }
                    counted
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    assert_eq!(raised, 180, "each of 60 was reviewed, offboarded and expired once");
    for id in &ids {
        assert_eq!(tasks_about(&app, *id).len(), 2);
        assert_eq!((read(&app, *id).state, read(&app, *id).version), (IdentityState::Suspended, 2));
    }
    let mails = muster::store::outbox_list::lines(
        &mut app.register.database.read().unwrap(),
        None,
        &muster::domain::listing::From::Start,
        100,
    )
    .unwrap();
    let mut recipients: Vec<Id> = mails.iter().map(|line| line.mail.recipient_id).collect();
    recipients.sort();
    let mut expected = vec![owner, analyst];
    expected.sort();
    assert_eq!(recipients, expected, "one digest a person and day");
}

#[test]
fn the_task_of_a_leaver_goes_to_the_deputy_then_the_technical_owner_then_the_group() {
    let app = TestApp::start();
    let owner = app.owner("Dana Okafor", "dana@hospital.example");
    let deputy = app.owner("Dev Ruiz", "dev@hospital.example");
    let technical = app.owner("Tess Lin", "tess@hospital.example");
    change_person(&app, owner, |person| {
        person.deputy_id = Some(deputy);
        person.left_on = Some(day("2026-11-23"));
    });
    let mut assigned = Vec::new();
    for (number, left) in [vec![], vec![deputy], vec![deputy, technical]].into_iter().enumerate() {
        for person in left {
            change_person(&app, person, |person| person.left_on = Some(day("2026-11-01")));
        }
        let row = identity(&app, &format!("App {number}"), |identity| {
            identity.expires_at = Some(at("2026-11-20T12:00:00Z"));
            owned_by(identity, owner);
            kept_by(identity, technical);
        });
        run(&app.register, Job::RaiseOffboardings, NOW);
        assigned.push((tasks_about(&app, row.id)[0].assignee_id, tasks_about(&app, row.id)[0].assignee_group));
    }
    assert_eq!(
        assigned,
        [(Some(deputy), None), (Some(technical), None), (None, Some(AssigneeGroup::SecurityAnalysts))]
    );
}

#[test]
fn each_cause_raises_an_offboarding_and_nothing_else_does() {
    let app = TestApp::start();
    let here = app.owner("Dana Okafor", "dana@hospital.example");
    let gone = app.owner("Gus Hale", "gus@hospital.example");
    let gone_later = app.owner("Gia Holt", "gia@hospital.example");
    change_person(&app, gone, |person| person.left_on = Some(day("2026-10-01")));
    change_person(&app, gone_later, |person| person.left_on = Some(day("2026-11-05")));
    let vendor = |name: &str, ends: &str| {
        let vendor = Vendor {
            id: Id::new(),
            name: name.to_owned(),
            name_key: name.to_lowercase(),
            contact: None,
            contract_reference: None,
            contract_ends_on: Some(day(ends)),
            agreement_reference: None,
            agreement_ends_on: None,
            baa_reference: None,
            baa_ends_on: None,
            notes: None,
            created_at: at(NOW),
            updated_at: at(NOW),
            version: 1,
        };
        app.register.change(&app.setup(), |work| Ok(registry::insert_vendor(work.db, &vendor)?)).unwrap();
        vendor.id
    };
    let (ended, last_day) = (vendor("Ended", "2026-11-22"), vendor("Last day", "2026-11-23"));
    let expired = identity(&app, "Expired", |row| row.expires_at = Some(at("2026-11-20T12:00:00Z")));
    let contract = identity(&app, "Contract", |row| row.vendor_id = Some(ended));
    let orphan = identity(&app, "Orphan", |row| {
        owned_by(row, gone);
        kept_by(row, gone_later);
    });
    let lone = identity(&app, "Lone", |row| owned_by(row, gone));
    let refused = identity(&app, "Refused", |row| {
        owned_by(row, gone);
        kept_by(row, here);
        row.technical_owner_answer = Some(OwnerAnswer::Refused);
    });
    let revoking = identity(&app, "Revoking", |row| {
        row.state = IdentityState::Revoking;
        row.state_cause = StateCause::Decided;
        row.state_changed_at = at("2026-11-10T23:30:00Z");
    });
    let quiet = [
        identity(&app, "Expires later", |row| row.expires_at = Some(at("2026-11-23T15:00:01Z"))),
        identity(&app, "Contract holds today", |row| row.vendor_id = Some(last_day)),
        identity(&app, "One owner left", |row| {
            owned_by(row, gone);
            kept_by(row, here);
        }),
        identity(&app, "Nobody named", |_| {}),
        identity(&app, "Both refused", |row| {
            owned_by(row, here);
            row.business_owner_answer = Some(OwnerAnswer::Refused);
        }),
        identity(&app, "Revoked long ago", |row| {
            row.state = IdentityState::Revoked;
            row.expires_at = Some(at("2025-01-01T00:00:00Z"));
            row.vendor_id = Some(ended);
            owned_by(row, gone);
        }),
    ];
    let said = run(&app.register, Job::RaiseOffboardings, NOW);
    assert_eq!(said[0], "6 offboardings raised", "{said:?}");
    for (identity, cause, period) in [
        (&expired, TaskCause::Expired, "expired:2026-11-20"),
        (&contract, TaskCause::ContractEnded, "contract_ended:2026-11-22"),
        (&orphan, TaskCause::OwnersGone, "owners_gone:2026-11-05"),
        (&lone, TaskCause::OwnersGone, "owners_gone:2026-10-01"),
        (&refused, TaskCause::OwnersGone, "owners_gone:2026-10-01"),
        (&revoking, TaskCause::Revoking, "revoking:2026-11-10"),
    ] {
        let tasks = tasks_about(&app, identity.id);
        assert_eq!(tasks.len(), 1, "{}", identity.name);
        assert_eq!((tasks[0].kind, tasks[0].cause), (TaskKind::Offboarding, cause), "{}", identity.name);
        assert_eq!(tasks[0].period, period);
    }
    for identity in quiet {
        assert!(tasks_about(&app, identity.id).is_empty(), "{}", identity.name);
    }
    assert_eq!(run(&app.register, Job::RaiseOffboardings, NOW)[0], "0 offboardings raised");
}

#[test]
fn an_identity_that_care_depends_on_is_never_stopped_by_a_timer() {
    let app = TestApp::start();
    let clinical = identity(&app, "Infusion Pump Gateway", |row| {
        row.criticality = Criticality::Clinical;
        row.expires_at = Some(at("2026-11-20T12:00:00Z"));
    });
    let plain = identity(&app, "Wellness App", |row| row.expires_at = Some(at("2026-11-20T12:00:00Z")));
    let said = run(&app.register, Job::ExpireIdentities, NOW);
    assert_eq!(said, ["1 identity suspended", "1 expired identity was left as it is, because care depends on them"]);
    assert_eq!(read(&app, clinical.id).state, IdentityState::Active);
    let stopped = read(&app, plain.id);
    assert_eq!((stopped.state, stopped.state_cause), (IdentityState::Suspended, StateCause::Expired));
    run(&app.register, Job::RaiseOffboardings, NOW);
    let task = &tasks_about(&app, clinical.id)[0];
    assert!(task.reason.contains("Care depends on it"), "{}", task.reason);
    let browser = app.sign_in(Role::SecurityAnalyst);
    assert!(browser.get(&format!("/identities/{}", clinical.id)).shows("Active, expiry passed"));
    let active = browser.get("/identities?state=active");
    assert!(active.shows("Infusion Pump Gateway") && active.shows("Active, expiry passed"), "{}", active.readable());
    assert!(!browser.get("/identities?state=suspended").shows("Infusion Pump Gateway"));
}

/// The states of the runs of a job, counted.
pub fn counted(app: &TestApp, job: Job, state: RunState) -> usize {
    let runs = muster::store::job_runs::latest(&mut app.register.database.read().unwrap(), job, 100_000).unwrap();
    runs.iter().filter(|run| run.state == state).count()
}

/// What a keeper types who wants that.
pub fn wanted(cron: &str, catch_up: CatchUp, overlap: Overlap) -> schedules::Wanted {
    schedules::Wanted {
        cron: cron.to_owned(),
        time_zone: "UTC".to_owned(),
        catch_up: Some(catch_up),
        catch_up_hours: "720".to_owned(),
        overlap: Some(overlap),
    }
}

/// Lets one job run by that schedule, and every other only by hand.
pub fn schedule(app: &TestApp, job: Job, cron: &str, catch_up: CatchUp, now: Moment) {
    schedules::ensure(&app.register, now).unwrap();
    for one in Job::ALL {
        // What is paused would miss many slots in a year, and each is on record.
        let wanted = wanted(if *one == job { cron } else { "0 0 0 1 1 *" }, catch_up, Overlap::Queue);
        schedules::change(&app.register, &By::setup(now), *one, 1, &wanted).unwrap();
        if *one != job {
            pausing::pause(&app.register, &By::setup(now), *one, "no part of this test").unwrap();
        }
    }
}

#[test]
fn a_slot_runs_once_over_three_schedulers_and_two_hundred_slots() {
    let app = TestApp::start();
    let begin = at("2026-11-23T12:00:00Z");
    schedule(&app, Job::PurgeSessions, "0 * * * * *", CatchUp::All, begin);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let register = app.replica();
            scope.spawn(move || {
                for minute in 1..=200 {
                    let now = begin.plus_seconds(minute * 60 + 3);
                    slots::tick(&register, now).unwrap();
                    while scheduler::run_next(&register, now).unwrap() {}
                }
            });
        }
    });
    // Whoever came late had no turn at the last slots; one more look accounts for them.
    let end = begin.plus_seconds(200 * 60 + 5);
    slots::tick(&app.register, end).unwrap();
    while scheduler::run_next(&app.register, end).unwrap() {}
    assert_eq!(counted(&app, Job::PurgeSessions, RunState::Done), 200);
    for state in [RunState::Due, RunState::Claimed, RunState::Failed, RunState::Missed] {
        assert_eq!(counted(&app, Job::PurgeSessions, state), 0, "{state}");
    }
}

#[test]
fn runs_that_were_missed_are_on_record() {
    let app = TestApp::start();
    let begin = at("2026-11-20T00:00:00Z");
    schedule(&app, Job::PurgeSessions, "0 0 * * * *", CatchUp::Latest, begin);
    let size = app.audit_size();
    let tick = slots::tick(&app.register, begin.plus_days(2)).unwrap();
    assert_eq!((tick.due, tick.coalesced, tick.missed), (1, 47, 0));
    assert_eq!(app.audit_size(), size + 1, "one entry for the stretch");
    assert_eq!(counted(&app, Job::PurgeSessions, RunState::Coalesced), 47);
    let again = slots::tick(&app.register, begin.plus_days(2)).unwrap();
    assert_eq!(again, slots::Tick::default());
    let page = app.sign_in(Role::Auditor).get("/jobs/purge_sessions");
    assert!(page.shows("Made up for"));
    assert!(page.shows("The run for 2026-11-22 00:00:00 +00:00 makes up for it"), "{}", page.readable());
}

#[test]
fn a_worker_that_lost_its_lease_writes_nothing() {
    use muster::actions::runs;
    let app = TestApp::start();
    let now = at(NOW);
    runs::queue(&app.register, &By::setup(now), Job::PurgeSessions).unwrap();
    let slow = runs::claim(&app.register, now).unwrap().unwrap();
    assert!(runs::claim(&app.register, now.plus_seconds(60)).unwrap().is_none());
    let fast = runs::claim(&app.register, now.plus_seconds(601)).unwrap().unwrap();
    assert_eq!(fast.id, slow.id);
    assert!(!runs::finish(&app.register, slow, Err("too late".to_owned()), now).unwrap());
    assert!(runs::finish(&app.register, fast, Ok(runs::JobReport::default()), now).unwrap());
    assert_eq!(counted(&app, Job::PurgeSessions, RunState::Done), 1);
}

#[test]
fn a_schedule_is_changed_in_words_a_person_understands() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::SecurityAnalyst);
    let path = "/jobs/raise_recertifications";
    let size = app.audit_size();
    assert!(browser.get(path).shows("Every day at 05:00, America/Chicago"));
    assert_eq!(app.audit_size(), size, "reading changes nothing");
    let wrong = browser
        .post(path, &[("version", "1"), ("cron", "0 6 * * *"), ("time_zone", "Chicago"), ("catch_up", "latest")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.shows("has five fields; put the second in front"), "{}", wrong.readable());
    assert!(wrong.shows("a whole number of hours from 1 to 8,784"), "{}", wrong.readable());
    assert!(wrong.shows("while the run before is under way"), "{}", wrong.readable());
    assert!(wrong.text.contains("value=\"0 6 * * *\""), "what was typed is kept");
    let right = [
        ("version", "1"),
        ("cron", "0 30 6 * * MON-FRI"),
        ("time_zone", "America/New_York"),
        ("catch_up", "none"),
        ("catch_up_hours", "48"),
        ("overlap", "skip"),
    ];
    assert_eq!(browser.post(path, &right).status, 303);
    assert!(browser.get(path).shows("Monday to Friday at 06:30, America/New_York"));
    let again = browser.post(path, &right);
    assert_eq!(again.status, 409, "the version was seen before the change");
    assert_eq!(browser.post(&format!("{path}/run"), &[]).status, 303);
    assert!(scheduler::run_next(&app.register, at(NOW)).unwrap());
    let page = browser.get(path);
    assert!(page.shows("0 reviews opened") && page.shows("A person"), "{}", page.readable());
    assert_eq!(browser.get("/jobs/no_such_job").status, 404);
}

#[test]
fn a_worker_that_renews_its_lease_keeps_its_run() {
    use muster::actions::runs;
    let app = TestApp::start();
    let now = at(NOW);
    runs::queue(&app.register, &By::setup(now), Job::PurgeSessions).unwrap();
    let run = runs::claim(&app.register, now).unwrap().unwrap();
    let lease = Lease::of(&run);
    let lease_until = |app: &TestApp| {
        let mut db = app.register.database.read().unwrap();
        muster::store::job_runs::latest(&mut db, Job::PurgeSessions, 1).unwrap().remove(0).lease_until
    };
    lease.renew(&app.at(now.plus_seconds(119))).unwrap();
    assert_eq!(lease_until(&app), Some(now.plus_seconds(600)), "it is not written for every batch");
    lease.renew(&app.at(now.plus_seconds(500))).unwrap();
    assert_eq!(lease_until(&app), Some(now.plus_seconds(1_100)));
    assert!(runs::claim(&app.register, now.plus_seconds(1_099)).unwrap().is_none(), "its worker works");
    let other = runs::claim(&app.register, now.plus_seconds(1_100)).unwrap().unwrap();
    assert_eq!(other.id, run.id);
    let refused = lease.renew(&app.at(now.plus_seconds(1_200))).unwrap_err().to_string();
    assert!(refused.contains("another worker took this run over"), "{refused}");
    assert!(!runs::finish(&app.register, run, Ok(runs::JobReport::default()), now).unwrap());
}

#[test]
fn every_job_stops_when_another_worker_took_its_run_over() {
    use muster::actions::runs;
    let app = TestApp::start();
    let owner = app.owner("Dana Okafor", "dana@hospital.example");
    identity(&app, "Due", |row| {
        row.next_review_on = Some(day("2026-11-01"));
        row.expires_at = Some(at("2026-11-02T00:00:00Z"));
        owned_by(row, owner);
    });
    for job in Job::ALL {
        let now = at(NOW);
        runs::queue(&app.register, &By::setup(now), *job).unwrap();
        let lost = runs::claim(&app.register, now).unwrap().unwrap();
        let taken = runs::claim(&app.register, now.plus_seconds(600)).unwrap().unwrap();
        let later = app.at(now.plus_seconds(601));
        let size = app.audit_size();
        let outcome = run_of(*job)(&later, &By::job(job.word(), later.now()), &Lease::of(&lost));
        assert!(outcome.is_err(), "{job}");
        assert_eq!(app.audit_size(), size, "{job} went on");
        run_of(*job)(&later, &By::job(job.word(), later.now()), &Lease::of(&taken)).unwrap();
        runs::finish(&later, taken, Ok(runs::JobReport::default()), later.now()).unwrap();
    }
}

#[test]
fn old_runs_are_removed_but_never_the_last_of_a_job_nor_the_last_done_nor_one_under_way() {
    use muster::actions::runs;
    let app = TestApp::start();
    let old = at(NOW).plus_days(-401);
    for _ in 0..3 {
        let run = runs::begin(&app.register, &By::command("jobs run", old), Job::SendMail, old).unwrap();
        runs::finish(&app.register, run, Ok(runs::JobReport::default()), old).unwrap();
    }
    // By the last that was done it is known how long a job stood still, however often it failed since.
    let failed = runs::begin(&app.register, &By::command("jobs run", old), Job::SendMail, old).unwrap();
    runs::finish(&app.register, failed, Err("the server did not answer".to_owned()), old.plus_seconds(60)).unwrap();
    runs::queue(&app.register, &By::setup(old), Job::ExpireIdentities).unwrap();
    let kept = runs::begin(&app.register, &By::command("jobs run", old.plus_days(2)), Job::ExpireIdentities, old);
    runs::finish(&app.register, kept.unwrap(), Ok(runs::JobReport::default()), old).unwrap();
    let size = app.audit_size();
    assert_eq!(run(&app.register, Job::PurgeJobRuns, NOW), ["2 runs older than 400 days removed"]);
    assert_eq!(app.audit_size(), size + 1, "one entry for what was removed");
    assert_eq!(counted(&app, Job::SendMail, RunState::Failed), 1, "the last run stays");
    assert_eq!(counted(&app, Job::SendMail, RunState::Done), 1, "the last that was done stays");
    assert_eq!(counted(&app, Job::ExpireIdentities, RunState::Due), 1, "a run that waits stays");
    assert_eq!(counted(&app, Job::ExpireIdentities, RunState::Done), 1, "a younger run stays");
    assert_eq!(run(&app.register, Job::PurgeJobRuns, NOW), ["0 runs older than 400 days removed"]);
    assert_eq!(app.audit_size(), size + 1);
    let page = app.sign_in(Role::Auditor).get("/jobs/send_mail");
    assert!(page.shows("The command line"), "{}", page.readable());
}

#[test]
fn the_scheduler_of_a_server_runs_what_is_due() {
    use std::time::{Duration, Instant};
    let app = TestApp::start();
    schedule(&app, Job::PurgeSessions, "0 * * * * *", CatchUp::Latest, at(NOW));
    let scheduler = scheduler::Scheduler::start(app.at(at(NOW).plus_seconds(61))).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while counted(&app, Job::PurgeSessions, RunState::Done) == 0 {
        assert!(Instant::now() < deadline, "the slot of the minute did not run");
        std::thread::yield_now();
    }
    drop(scheduler);
    assert_eq!(counted(&app, Job::PurgeSessions, RunState::Done), 1);
}
