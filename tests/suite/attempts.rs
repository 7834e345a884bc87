//! Guessing: slowed down at the account and at the network address, over replicas, without telling anything.

use muster::actions::opening::Caller;
use muster::actions::runs::Lease;
use muster::actions::{ActionError, By, Register, accounts, passwords, signing_in};
use muster::domain::ids::Moment;
use muster::domain::jobs::Job;
use muster::domain::listing::{Direction, From};
use muster::domain::people::Role;
use muster::store::audit::{self, AuditFilter};

use crate::app::{Browser, PASSWORD, Page, TestApp};

const WRONG: &str = "not the password at all";

fn caller(address: &str) -> Caller {
    Caller { address: address.to_owned(), ..Caller::default() }
}

fn try_at(register: &Register, email: &str, password: &str, address: &str, now: Moment) -> Result<(), ActionError> {
    let digest = passwords_digest();
    signing_in::sign_in(register, email, password, digest, &caller(address), "/", now).map(drop)
}

/// A digest that no session has.
fn passwords_digest() -> Vec<u8> {
    muster::domain::ids::Id::new().0.as_bytes().repeat(2)
}

/// How many entries of refused sign-ins the log has, and how many of those are of a stop.
fn refusals(app: &TestApp) -> (usize, usize) {
    let mut db = app.register.database.read().unwrap();
    let rows = audit::lines(&mut db, &AuditFilter::default(), Direction::Ascending, &From::Start, 10_000).unwrap();
    let reasons: Vec<String> = rows
        .into_iter()
        .filter(|row| row.action == "account.sign_in" && row.outcome == muster::domain::audit::Outcome::Refused)
        .map(|row| row.reason.unwrap_or_default())
        .collect();
    let stops = reasons.iter().filter(|reason| reason.starts_with("too many")).count();
    (reasons.len(), stops)
}

/// Sends the form of the last page again with other words.
fn send(browser: &Browser, page: &Page, email: &str, password: &str) -> Page {
    browser.post_bare("/sign-in", &[("csrf", &page.csrf()), ("email", email), ("password", password)], &[])
}

#[test]
fn a_thousand_addresses_from_one_network_are_stopped_and_the_service_goes_on() {
    let app = TestApp::start();
    let reader = app.sign_in(Role::Auditor);
    let (_, victim) = app.account(Role::Administrator);
    let browser = app.browser();
    let mut page = browser.get("/sign-in");
    let mut statuses = Vec::new();
    for number in 0..1_000 {
        page = send(&browser, &page, &format!("stuffed{number}@hospital.example"), "Autumn2026!Autumn");
        statuses.push(page.status);
    }
    // The reader's own sign-in came from there too.
    assert!(statuses[..59].iter().all(|status| *status == 422), "{statuses:?}");
    assert!(statuses[59..].iter().all(|status| *status == 429), "{statuses:?}");
    assert_eq!(page.header("retry-after"), "900");
    assert!(page.shows("Too many attempts. Try again in 15 minutes, at 09:15:00"), "{}", page.readable());
    assert!(page.text.contains("stuffed999@hospital.example") && !page.text.contains("Autumn2026"));
    let right = send(&browser, &page, &victim, PASSWORD);
    assert_eq!(right.status, 429, "nothing is compared any more");
    assert_eq!(refusals(&app), (60, 1), "a flood leaves one line");
    // Whoever is signed in works on, and other networks sign in.
    assert_eq!(reader.get("/identities").status, 200);
    assert_eq!(app.browser().get("/healthz").status, 200);
    let now = app.register.now();
    try_at(&app.register, &victim, PASSWORD, "198.51.100.9", now).unwrap();
    let later = now.plus_seconds(901);
    try_at(&app.register, &victim, PASSWORD, "127.0.0.1", later).unwrap();
}

#[test]
fn a_thousand_passwords_at_one_account_are_stopped_and_others_sign_in() {
    let app = TestApp::start();
    let (_, victim) = app.account(Role::Administrator);
    let (_, other) = app.account(Role::Auditor);
    let browser = app.browser();
    let mut page = browser.get("/sign-in");
    let mut statuses = Vec::new();
    for number in 0..1_000 {
        page = send(&browser, &page, &victim.to_uppercase(), &format!("guess number {number} of many"));
        statuses.push(page.status);
    }
    assert!(statuses[..5].iter().all(|status| *status == 422), "{statuses:?}");
    assert!(statuses[5..].iter().all(|status| *status == 429), "{statuses:?}");
    assert_eq!(page.header("retry-after"), "30");
    assert!(page.shows("Try again in 30 seconds, at 09:00:30"), "{}", page.readable());
    assert_eq!(send(&browser, &page, &victim, PASSWORD).status, 429);
    assert_eq!(app.browser().post("/sign-in", &[("email", &other), ("password", PASSWORD)]).status, 303);
    assert_eq!(refusals(&app), (6, 1));
}

#[test]
fn the_wait_grows_and_a_success_begins_anew() {
    let app = TestApp::start();
    let (_, email) = app.account(Role::Auditor);
    let mut now = app.register.now();
    let wait = |now: Moment, password: &str| match try_at(&app.register, &email, password, "", now) {
        Err(ActionError::TooMany(seconds)) => Some(seconds),
        Err(ActionError::Refused(_)) | Ok(()) => None,
        Err(other) => panic!("{other}"),
    };
    for _ in 0..5 {
        assert_eq!(wait(now, WRONG), None);
    }
    for seconds in [30, 60, 120, 240, 480, 900, 900] {
        assert_eq!(wait(now, PASSWORD), Some(seconds), "even the right one waits");
        assert_eq!(wait(now.plus_seconds(seconds - 1), WRONG), Some(1));
        now = now.plus_seconds(seconds);
        assert_eq!(wait(now, WRONG), None);
    }
    now = now.plus_seconds(900);
    try_at(&app.register, &email, PASSWORD, "", now).unwrap();
    for _ in 0..5 {
        assert_eq!(wait(now, WRONG), None, "counted from nothing");
    }
    assert_eq!(wait(now, WRONG), Some(30));
    assert_eq!(wait(now.plus_days(1), WRONG), None, "forgotten after a day");
}

#[test]
fn attempts_at_once_on_two_replicas_do_not_pass_the_limit() {
    let app = TestApp::start();
    let replica = app.replica();
    let (_, email) = app.account(Role::Auditor);
    let outcomes: Vec<Result<(), ActionError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|number| {
                let register = if number % 2 == 0 { &app.register } else { &replica };
                let email = &email;
                scope.spawn(move || try_at(register, email, WRONG, "192.0.2.1", register.now()))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let compared = outcomes.iter().filter(|outcome| matches!(outcome, Err(ActionError::Refused(_)))).count();
    let stopped = outcomes.iter().filter(|outcome| matches!(outcome, Err(ActionError::TooMany(30)))).count();
    assert_eq!((compared, stopped), (5, 11), "{outcomes:?}");
}

#[test]
fn an_unknown_address_is_treated_exactly_as_a_known_one() {
    let app = TestApp::start();
    let (_, known) = app.account(Role::Auditor);
    let (disabled, disabled_email) = app.account(Role::Auditor);
    accounts::disable(&app.register, &app.setup(), disabled).unwrap();
    let told = |email: &str| -> Vec<(u16, String, String)> {
        let browser = app.browser();
        let mut page = browser.get("/sign-in");
        (0..7)
            .map(|_| {
                page = send(&browser, &page, email, WRONG);
                (page.status, page.header("retry-after").to_owned(), page.readable().replace(email, "ADDRESS"))
            })
            .collect()
    };
    let expected = told(&known);
    assert_eq!(told("nobody@hospital.example"), expected);
    assert_eq!(told(&disabled_email), expected);
}

#[test]
fn every_way_through_sign_in_makes_exactly_one_hash() {
    let app = TestApp::start();
    let by = app.setup();
    let (_, known) = app.account(Role::Auditor);
    let (disabled, disabled_email) = app.account(Role::Auditor);
    accounts::disable(&app.register, &by, disabled).unwrap();
    let (left, left_email) = app.account(Role::Auditor);
    let draft = muster::actions::people::PersonDraft {
        name: "Left".to_owned(),
        email: left_email.clone(),
        left_on: "2026-11-01".to_owned(),
        ..Default::default()
    };
    muster::actions::people::edit(&app.register, &by, left, 1, &draft).unwrap();
    app.person("Nora Noaccount", "nora@hospital.example");
    let without = app.person("Wim Without", "wim@hospital.example");
    accounts::open(&app.register, &by, without, Role::Owner).unwrap();
    for (email, password, right) in [
        (known.as_str(), PASSWORD, true),
        (&known, WRONG, false),
        (&disabled_email, PASSWORD, false),
        (&left_email, PASSWORD, false),
        ("nora@hospital.example", PASSWORD, false),
        ("wim@hospital.example", PASSWORD, false),
        ("nobody@hospital.example", PASSWORD, false),
        ("with\0zero@hospital.example", "with\0zero and more", false),
        ("", "", false),
    ] {
        let before = passwords::hashes_made_here();
        let outcome = try_at(&app.register, email, password, "", app.register.now());
        assert_eq!(outcome.is_ok(), right, "{email:?}: {outcome:?}");
        assert_eq!(passwords::hashes_made_here(), before + 1, "{email:?}");
        if let Err(error) = outcome {
            assert_eq!(error.to_string(), "The e-mail address or the password is not right");
        }
    }
}

#[test]
fn a_hash_of_another_cost_is_made_anew_when_its_password_is_known() {
    let app = TestApp::start();
    let (person, email) = app.account(Role::Auditor);
    let stored = || {
        let mut db = app.register.database.read().unwrap();
        muster::store::people::account(&mut db, person).unwrap().unwrap()
    };
    // PASSWORD at 8 MiB and one pass.
    let old = argon2_of_before();
    let mut account = stored();
    account.password_hash = Some(old.clone());
    account.version += 1;
    app.register.database.write(|db| muster::store::people::update_account(db, &account)).unwrap();
    let now = app.register.now();
    try_at(&app.register, &email, WRONG, "", now).unwrap_err();
    assert_eq!(stored().password_hash, Some(old), "a wrong one changes nothing");
    try_at(&app.register, &email, PASSWORD, "", now).unwrap();
    let renewed = stored();
    assert!(renewed.password_hash.as_ref().unwrap().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_eq!((renewed.version, renewed.last_sign_in_at), (account.version, Some(now)));
    try_at(&app.register, &email, PASSWORD, "", now).unwrap();
}

fn argon2_of_before() -> String {
    use argon2::password_hash::PasswordHasher;
    let parameters = argon2::Params::new(8 * 1024, 1, 1, None).unwrap();
    let hasher = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters);
    let hash: argon2::password_hash::phc::PasswordHash = hasher.hash_password(PASSWORD.as_bytes()).unwrap();
    hash.to_string()
}

#[test]
fn old_attempts_and_ended_links_are_purged_and_those_that_count_stay() {
    let app = TestApp::start();
    let (_, email) = app.account(Role::Auditor);
    let start = app.register.now();
    for seconds in [0, 3 * 3600, 3 * 3600, 3 * 3600, 3 * 3600] {
        try_at(&app.register, &email, WRONG, "", start.plus_seconds(seconds)).unwrap_err();
    }
    let run = |now: Moment| {
        let by = By::job("purge_sessions", now);
        muster::jobs::run_of(Job::PurgeSessions)(&app.register, &by, &Lease::none()).unwrap()
    };
    let said = |report: &muster::actions::runs::JobReport| format!("{report:?}");
    assert!(said(&run(start.plus_seconds(25 * 3600))).contains("1 old attempt to sign in forgotten"));
    let again = run(start.plus_seconds(25 * 3600));
    assert!(said(&again).contains("0 old attempts to sign in forgotten"), "{}", said(&again));
}
