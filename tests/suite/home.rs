//! The start page: every number leads to exactly its rows, and each reader finds what is theirs.

use muster::actions::{pausing, schedules};
use muster::domain::identities::OwnerAnswer;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::jobs::watch::Watch;
use muster::store::identities::Identity;

use crate::app::{Browser, NOW, Page, TestApp, at};
use crate::jobs::{day, identity, owned_by, run};

/// The links of the numbers, each with its number.
fn numbers(page: &Page) -> Vec<(String, usize)> {
    let document = scraper::Html::parse_document(&page.text);
    let link = scraper::Selector::parse(".stats a, #identities a, #identities + p a").unwrap();
    document
        .select(&link)
        .map(|link| {
            let text: String = link.text().collect();
            let number = text.split_whitespace().next().unwrap().parse().unwrap();
            (link.value().attr("href").unwrap().to_owned(), number)
        })
        .collect()
}

fn rows(browser: &Browser, path: &str) -> usize {
    let page = browser.get(path);
    assert_eq!(page.status, 200, "{path}");
    let document = scraper::Html::parse_document(&page.text);
    document.select(&scraper::Selector::parse("main tbody tr").unwrap()).count()
}

/// A register in which each question has an answer of its own.
fn filled(app: &TestApp) {
    let owner = app.person("Ada Owner", "ada.owner@hospital.example");
    let owned = |row: &mut Identity| owned_by(row, owner);
    identity(app, "Owned", owned);
    identity(app, "Expired", |row| {
        owned(row);
        row.expires_at = Some(at("2026-11-01T00:00:00Z"));
    });
    identity(app, "Refused", |row| {
        owned(row);
        row.business_owner_answer = Some(OwnerAnswer::Refused);
    });
    identity(app, "Late", |row| {
        owned(row);
        row.next_review_on = Some(day("2026-10-01"));
    });
    identity(app, "Idle", |row| {
        owned(row);
        row.last_used_at = Some(at("2026-01-01T00:00:00Z"));
        row.last_used_source = Some("the gateway".to_owned());
    });
    for name in ["account-console", "admin-cli"] {
        identity(app, name, |row| row.vendor_managed = true);
    }
}

#[test]
fn every_number_equals_the_rows_of_its_link() {
    let app = TestApp::start();
    filled(&app);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let home = analyst.get("/");
    let numbers = numbers(&home);
    assert_eq!(numbers.len(), 8, "{}", home.text);
    for (link, number) in &numbers {
        assert_eq!(rows(&analyst, link), *number, "{link}");
    }
    let found: Vec<usize> = numbers.iter().map(|(_, number)| *number).collect();
    assert_eq!(found, [5, 2, 1, 1, 4, 1, 1, 5], "{numbers:?}");
}

#[test]
fn the_longest_overdue_task_comes_first_and_leads_to_the_rest() {
    let app = TestApp::start();
    filled(&app);
    run(&app.register, Job::RaiseOffboardings, "2026-11-10T15:00:00Z");
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let home = analyst.get("/");
    assert!(home.shows("1 task is past its day"), "{}", home.readable());
    assert!(home.shows("Stop Expired") && home.shows("Overdue"));
    assert!(home.text.contains("href=\"/tasks?overdue=1\""), "{}", home.text);
    assert_eq!(rows(&analyst, "/tasks?overdue=1"), 1);
    let quiet = TestApp::start();
    identity(&quiet, "Owned", |_| {});
    assert!(quiet.sign_in(Role::Auditor).get("/").shows("No task is past its day"));
}

#[test]
fn tasks_and_reviews_past_their_day_are_told_apart_and_counted_as_their_lists_count_them() {
    let app = TestApp::start();
    filled(&app);
    // Two reviews are asked about, one of them long ago; and an expiry that passed is a task, not a review.
    run(&app.register, Job::RaiseRecertifications, "2026-10-01T15:00:00Z");
    run(&app.register, Job::RaiseOffboardings, "2026-11-10T15:00:00Z");
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let home = analyst.get("/");
    assert!(home.shows("2 tasks are past their day"), "{}", home.readable());
    assert!(home.shows("1 review is past its day and nobody answered it"), "{}", home.readable());
    assert_eq!((rows(&analyst, "/tasks?overdue=1"), rows(&analyst, "/reviews?overdue=1")), (2, 1));
    for link in ["/tasks?overdue=1", "/reviews?overdue=1"] {
        assert!(home.text.contains(&format!("href=\"{link}\"")), "{link}");
    }
    assert!(!home.shows("overdue review"), "{}", home.readable());
}

#[test]
fn whoever_keeps_the_register_is_told_that_a_job_is_paused_and_administrators_that_nothing_runs() {
    let app = TestApp::start();
    filled(&app);
    assert!(!app.sign_in(Role::SecurityAnalyst).get("/").shows("A job is paused"));
    schedules::ensure(&app.register, at(NOW)).unwrap();
    pausing::pause(&app.register, &app.setup(), Job::SendMail, "the mail server is moved").unwrap();
    let home = app.sign_in(Role::SecurityAnalyst).get("/");
    assert!(home.shows("A job is paused: Send mail") && home.text.contains("href=\"/jobs\""), "{}", home.readable());
    assert!(!home.shows("Nothing has run yet"), "{}", home.readable());
    let home = app.sign_in(Role::Administrator).get("/");
    assert!(home.shows("A job is paused: Send mail") && home.shows("Nothing has run yet"), "{}", home.readable());
    Watch::new(at(NOW)).look(&app.register);
    assert!(!app.sign_in(Role::Administrator).get("/").shows("Nothing has run yet"));
    assert!(!app.sign_in(Role::Auditor).get("/").shows("is paused"));
    pausing::pause(&app.register, &app.setup(), Job::LapseGrants, "so is this").unwrap();
    assert!(app.sign_in(Role::Administrator).get("/").shows("2 jobs are paused: Lapse grants, Send mail"));
}

#[test]
fn changes_since_the_last_visit_are_told_in_words() {
    let app = TestApp::start();
    filled(&app);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    assert!(analyst.get("/").shows("The latest changes"));
    let (person, email) = app.account(Role::Auditor);
    let first = app.browser();
    first.post("/sign-in", &[("email", &email), ("password", crate::app::PASSWORD)]);
    assert!(!first.get("/").shows("your last visit"), "the first visit has none before it");
    let later = app.browser();
    later.post("/sign-in", &[("email", &email), ("password", crate::app::PASSWORD)]);
    let home = later.get("/");
    assert!(home.shows("Nothing has changed since your last visit on 23 Nov 2026"), "{}", home.readable());
    assert!(home.text.contains(&format!("/people/{person}")), "{}", home.text);
}

#[test]
fn a_new_register_says_what_it_needs_and_stops_when_somebody_owns_something() {
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    let home = administrator.get("/");
    for step in ["Setting up the register", "Bring in the people", "Import the first clients", "MUSTER_SMTP_HOST"] {
        assert!(home.shows(step), "{step}: {}", home.readable());
    }
    assert!(!home.shows("Of our"), "nothing is counted");
    identity(&app, "Unowned", |_| {});
    // Numbers are remembered until the log grows: signing in is an entry.
    let home = app.sign_in(Role::Administrator).get("/");
    assert!(home.shows("Name the owners") && home.shows("have no business owner"), "{}", home.readable());
    filled(&app);
    assert!(!app.sign_in(Role::Administrator).get("/").shows("Setting up the register"));
    let empty = TestApp::start().sign_in(Role::Auditor).get("/");
    assert!(empty.shows("The register is empty") && !empty.shows("Setting up"), "{}", empty.readable());
}

#[test]
fn an_auditor_finds_what_they_may_take_away_and_an_owner_their_tasks() {
    let app = TestApp::start();
    filled(&app);
    let auditor = app.sign_in(Role::Auditor);
    let home = auditor.get("/");
    assert!(home.shows("For an audit"));
    for file in ["/audit.csv", "/identities.jsonl", "/tasks.csv?state=any", "/owners.csv"] {
        assert!(home.text.contains(&format!("href=\"{file}\"")), "{file}");
        assert_eq!(auditor.get(file).status, 200, "{file}");
    }
    assert!(!app.sign_in(Role::SecurityAnalyst).get("/").shows("For an audit"));
    let owner = app.sign_in(Role::Owner).get("/");
    assert_eq!((owner.status, owner.location.as_str()), (303, "/tasks"));
}

#[test]
fn the_header_has_seven_words_at_most_and_marks_the_page_inside_the_menu() {
    let app = TestApp::start();
    let auditor = app.sign_in(Role::Auditor);
    let page = auditor.get("/vendors");
    let document = scraper::Html::parse_document(&page.text);
    let count = |selector: &str| document.select(&scraper::Selector::parse(selector).unwrap()).count();
    assert_eq!(count("header nav > ul > li"), 7);
    assert_eq!(count("header nav details summary.current"), 1);
    assert_eq!(count("header nav details a[aria-current=page]"), 1);
    assert!(page.shows("More: Vendors"));
    let owner = app.sign_in(Role::Owner).get("/tasks");
    assert!(!owner.text.contains("<summary>More"), "an owner has no rarer links");
}

#[test]
fn an_owner_finds_in_the_header_every_section_that_a_mail_names() {
    let app = TestApp::start();
    let owner = app.sign_in(Role::Owner);
    let links = |path: &str, selector: &str| -> Vec<String> {
        let document = scraper::Html::parse_document(&owner.get(path).text);
        let selector = scraper::Selector::parse(selector).unwrap();
        let found = document.select(&selector);
        found.map(|link| link.text().collect::<String>()).collect()
    };
    assert_eq!(links("/tasks", "header nav a"), ["Tasks", "Reviews", "Identities", "Requests"]);
    assert!(owner.get("/tasks").text.contains("<a href=\"/reviews/mine\">Reviews</a>"));
    for path in ["/reviews/mine", "/reviews"] {
        assert_eq!(links(path, "header nav a[aria-current=page]"), ["Reviews"], "{path}");
    }
}

#[test]
fn a_refusal_says_who_may_and_whom_to_ask() {
    let app = TestApp::start();
    let page = app.sign_in(Role::Owner).get("/people");
    assert_eq!(page.status, 403);
    for text in ["the right to read the whole register", "security analysts and auditors have", "the role “Owner”"]
    {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert!(page.shows("to do it: the help desk, extension 4417"));
}

#[test]
fn the_sign_in_page_of_an_empty_register_gives_the_first_command() {
    let app = TestApp::start();
    let command = "muster people add --name \"Ada Lovelace\" --email ada@hospital.example --role administrator";
    assert!(app.browser().get("/sign-in").shows(command));
    app.account(Role::Administrator);
    let page = app.browser().get("/sign-in");
    assert!(!page.shows(command) && page.shows("An administrator helps: the help desk"));
}
