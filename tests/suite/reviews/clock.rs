//! The clock: everything that works is reviewed, and no later than its tier allows.

use muster::domain::identities::{Environment, IdentityKind, IdentityState};
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reaching::{IdentityTier, Measured};
use muster::domain::reviews::ReviewState;
use muster::domain::reviews::reasons::ReviewCause;
use muster::store::identities::{self, Identity};

use super::{causes, later, now_of, review_of, reviews_about, run_at, tiered};
use crate::app::{NOW, TestApp, at};
use crate::jobs::{change_person, day, identity, owned_by, run};

fn raise(app: &TestApp) -> Vec<String> {
    run(&app.register, Job::RaiseRecertifications, NOW)
}

/// The day that many days after the beginning.
fn on(days: u64) -> Option<chrono::NaiveDate> {
    day("2026-11-23").checked_add_days(chrono::Days::new(days))
}

#[test]
fn everything_that_works_gets_a_day_by_its_tier() {
    let app = TestApp::start();
    let mut rows = Vec::new();
    for (tier, days) in [
        (IdentityTier::Critical, 90),
        (IdentityTier::High, 180),
        (IdentityTier::Moderate, 365),
        (IdentityTier::Low, 730),
        (IdentityTier::Unknown, 90),
    ] {
        for state in [IdentityState::Active, IdentityState::Suspended] {
            let row = identity(&app, &format!("{tier} {state}"), |row| {
                tiered(row, tier);
                row.state = state;
            });
            rows.push((row, days));
        }
    }
    assert_eq!(raise(&app), ["0 reviews opened", "10 clocks set"]);
    for (row, days) in rows {
        let now = now_of(&app, row.id);
        assert_eq!((now.next_review_on, now.version), (on(days), 2), "{}", row.name);
    }
}

#[test]
fn a_longer_interval_that_somebody_chose_does_not_count_and_a_shorter_one_does() {
    let app = TestApp::start();
    let chosen = |name: &str, tier, days| {
        identity(&app, name, |row| {
            tiered(row, tier);
            row.review_interval_days = Some(days);
        })
    };
    let longer = chosen("Longer", IdentityTier::Critical, 365);
    let shorter = chosen("Shorter", IdentityTier::Low, 30);
    let far = identity(&app, "Far", |row| {
        tiered(row, IdentityTier::High);
        row.next_review_on = Some(day("2027-11-23"));
    });
    let near = identity(&app, "Near", |row| {
        tiered(row, IdentityTier::Low);
        row.next_review_on = Some(day("2026-12-24"));
    });
    assert_eq!(raise(&app), ["0 reviews opened", "3 clocks set"]);
    let days = [&longer, &shorter, &far, &near].map(|row| now_of(&app, row.id).next_review_on);
    assert_eq!(days, [on(90), on(30), on(180), Some(day("2026-12-24"))]);
    assert_eq!(now_of(&app, near.id).version, 1, "what is right is not written");
}

#[test]
fn a_tier_that_rises_pulls_the_day_in_with_the_next_run() {
    let app = TestApp::start();
    let row = identity(&app, "Rises", |row| tiered(row, IdentityTier::Low));
    raise(&app);
    assert_eq!(now_of(&app, row.id).next_review_on, on(730));
    let measured = Measured { tier: IdentityTier::Critical, risk: Some(7) };
    app.register.database.write(|db| identities::set_measured(db, &[row.id], measured)).unwrap();
    assert_eq!(run_at(&app.register, Job::RaiseRecertifications, later(10)), ["0 reviews opened", "1 clock set"]);
    assert_eq!(now_of(&app, row.id).next_review_on, on(100));
    // A tier that falls puts nothing off.
    let measured = Measured { tier: IdentityTier::Low, risk: Some(7) };
    app.register.database.write(|db| identities::set_measured(db, &[row.id], measured)).unwrap();
    assert_eq!(run_at(&app.register, Job::RaiseRecertifications, later(11)), ["0 reviews opened"]);
    assert_eq!(now_of(&app, row.id).next_review_on, on(100));
}

#[test]
fn what_is_neither_active_nor_suspended_is_left_alone() {
    let app = TestApp::start();
    let still = [
        IdentityState::Requested,
        IdentityState::Approved,
        IdentityState::Revoking,
        IdentityState::Revoked,
        IdentityState::Rejected,
    ];
    let rows: Vec<Identity> = still
        .into_iter()
        .map(|state| {
            identity(&app, state.word(), |row| {
                row.state = state;
                row.next_review_on = (state == IdentityState::Revoked).then(|| day("2026-11-01"));
            })
        })
        .collect();
    assert_eq!(raise(&app), ["0 reviews opened"]);
    for row in rows {
        assert_eq!(now_of(&app, row.id).version, 1, "{}", row.name);
        assert!(reviews_about(&app, row.id).is_empty(), "{}", row.name);
    }
}

#[test]
fn a_second_run_writes_nothing() {
    let app = TestApp::start();
    let owner = app.owner("Dana Okafor", "dana@hospital.example");
    for number in 0..4 {
        identity(&app, &format!("App {number}"), |row| {
            row.next_review_on = (number % 2 == 0).then(|| day("2026-11-23"));
            owned_by(row, owner);
        });
    }
    assert_eq!(raise(&app), ["2 reviews opened", "2 clocks set"]);
    let size = app.audit_size();
    assert_eq!(raise(&app), ["0 reviews opened"]);
    assert_eq!(app.audit_size(), size);
}

#[test]
fn a_review_that_is_due_is_opened_on_its_day_with_what_was_known() {
    let app = TestApp::start();
    let owner = app.owner("Dana Okafor", "dana@hospital.example");
    let row = identity(&app, "Discharge Planner", |row| {
        tiered(row, IdentityTier::Moderate);
        row.next_review_on = Some(day("2026-11-23"));
        owned_by(row, owner);
    });
    let early = at("2026-11-23T05:59:00Z");
    assert_eq!(run_at(&app.register, Job::RaiseRecertifications, early), ["0 reviews opened"], "it is 22 November");
    assert_eq!(raise(&app), ["1 review opened"]);
    let review = review_of(&app, row.id);
    assert_eq!((review.state, review.tier, review.version), (ReviewState::Open, IdentityTier::Moderate, 1));
    assert_eq!(
        [review.due_on, review.add_on, review.replace_on, review.silence_on],
        ["2026-12-23", "2026-12-26", "2027-01-06", "2027-01-20"].map(day)
    );
    assert_eq!(causes(&app, review.id), [ReviewCause::Clock]);
    let taken = review.snapshot.0.taken().unwrap();
    assert_eq!((taken.name.as_str(), taken.business_owner_id), ("Discharge Planner", Some(owner)));
    assert_eq!((taken.identity_version, taken.next_review_on), (1, Some(day("2026-11-23"))));
}

#[test]
fn more_than_a_batch_is_wound_and_opened_in_one_run() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let rows: Vec<Identity> = (0..2_406)
        .map(|number: i64| {
            let mut row = Identity::new(IdentityKind::Token, &format!("T{number}"), Environment::Sandbox, at(NOW));
            row.state = IdentityState::Active;
            let due = day("2026-11-20") - chrono::Duration::days(number / 300);
            row.next_review_on = (number % 2 == 0).then_some(due);
            row
        })
        .collect();
    app.register.change(&app.setup(), |work| Ok(identities::insert_many(work.db, &rows)?)).unwrap();
    let said = raise(&app);
    assert_eq!(said[..2], ["1,203 reviews opened", "1,203 clocks set"], "{said:?}");
    assert!(said[2].starts_with("1,203 of them go to the security analysts"), "{said:?}");
    assert_eq!(raise(&app), ["0 reviews opened"]);
}

#[test]
fn three_replicas_at_once_open_each_review_once_and_add_no_reason_twice() {
    let app = TestApp::start();
    let owner = app.owner("Dana Okafor", "dana@hospital.example");
    let ids: Vec<_> = (0..40)
        .map(|number| {
            identity(&app, &format!("App {number}"), |row| {
                row.next_review_on = Some(day("2026-11-23"));
                owned_by(row, owner);
            })
            .id
        })
        .collect();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let register = app.replica();
            scope.spawn(move || run(&register, Job::RaiseRecertifications, NOW));
        }
    });
    for id in ids {
        let review = review_of(&app, id);
        assert_eq!(review.version, 1, "whoever reads its page is not disturbed");
        assert_eq!(causes(&app, review.id), [ReviewCause::Clock]);
    }
    let mut db = app.register.database.read().unwrap();
    let actions = crate::approvals::database::texts(&mut db, "SELECT action AS value FROM audit_entries");
    assert_eq!(actions.iter().filter(|action| *action == "review.open").count(), 40);
    assert_eq!(actions.iter().filter(|action| *action == "review.add_reason").count(), 0);
}

#[test]
fn what_a_vendor_keeps_has_a_clock_all_the_same() {
    let app = TestApp::start();
    let owner = app.owner("Dana Okafor", "dana@hospital.example");
    let broker = |name: &str, due: Option<&str>| {
        identity(&app, name, |row| {
            row.vendor_managed = true;
            row.next_review_on = due.map(day);
            owned_by(row, owner);
        })
    };
    let (due, new) = (broker("Login broker", Some("2026-11-23")), broker("Admin console", None));
    assert_eq!(raise(&app), ["1 review opened", "1 clock set"], "somebody answers for the system");
    assert_eq!(review_of(&app, due.id).state, ReviewState::Open);
    assert_eq!(now_of(&app, new.id).next_review_on, on(90));
}

#[test]
fn one_that_cannot_be_handled_holds_up_no_other() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let (owner, gone) = (app.owner("Dana Okafor", "dana@x.example"), app.owner("Tess Lin", "tess@x.example"));
    change_person(&app, gone, |person| person.left_on = Some(day("2026-11-20")));
    for name in ["Broken", "Whole"] {
        identity(&app, &format!("{name}, due"), |row| {
            row.next_review_on = Some(day("2026-11-23"));
            owned_by(row, owner);
        });
        identity(&app, &format!("{name}, without a clock"), |row| owned_by(row, owner));
        identity(&app, &format!("{name}, left"), |row| {
            row.next_review_on = Some(day("2027-01-15"));
            owned_by(row, gone);
        });
    }
    let note = |notes: &str| {
        let text = format!("UPDATE identities SET notes = '{notes}' WHERE name LIKE 'Broken%'");
        app.register.database.read().unwrap().execute(&text).unwrap();
    };
    note("[]");
    let said = raise(&app);
    assert_eq!(said[..2], ["2 reviews opened", "1 clock set"], "{said:?}");
    assert_eq!(said.last().unwrap(), "3 items could not be handled and are tried again; the log says why");
    note("{}");
    let said = raise(&app);
    assert_eq!(said[..2], ["2 reviews opened", "1 clock set"], "the next run has the rest: {said:?}");
    assert!(!said.iter().any(|line| line.contains("could not be handled")), "{said:?}");
}
