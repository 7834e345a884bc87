//! The list of reviews: which are shown to whom, and the section on the page of an identity.

use muster::domain::identities::{Environment, IdentityKind, IdentityState};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reviews::{ReviewOutcome, ReviewState};
use muster::store::identities::{self, Identity};
use muster::store::reviews::{self, Review};

use crate::app::{Browser, NOW, Page, TestApp, at};
use crate::jobs::{day, owned_by, run};
use crate::silence_page::asked_about;

fn rows(page: &Page) -> usize {
    assert_eq!(page.status, 200, "{}", page.readable());
    let document = scraper::Html::parse_document(&page.text);
    document.select(&scraper::Selector::parse("main tbody tr").unwrap()).count()
}

fn listed(browser: &Browser, query: &str) -> usize {
    rows(&browser.get(&format!("/reviews{query}")))
}

fn about(app: &TestApp, identity: Id) -> Review {
    reviews::about(&mut app.register.database.read().unwrap(), identity).unwrap().remove(0)
}

/// Ends a review as silence does that takes nothing away.
fn ended_by_silence(app: &TestApp, before: &Review) {
    let after = Review {
        state: ReviewState::Closed,
        outcome: Some(ReviewOutcome::SilentKeep),
        decided_at: Some(at(NOW)),
        applied_at: Some(at(NOW)),
        closed_at: Some(at(NOW)),
        next_step_on: None,
        version: before.version + 1,
        ..before.clone()
    };
    app.register.change(&app.setup(), |work| Ok(reviews::update(work.db, &after)?)).unwrap();
}

#[test]
fn each_filter_shows_exactly_its_reviews() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    assert!(analyst.get("/reviews").shows("No review is open"));
    let ended = asked_about(&app, "Long Silent", "2026-10-01", |_| {});
    asked_about(&app, "Overdue Planner", "2026-10-02", |_| {});
    asked_about(&app, "Fresh Planner", "2026-11-23", |_| {});
    ended_by_silence(&app, &about(&app, ended.id));
    assert_eq!(listed(&analyst, ""), 2, "open ones are meant");
    assert_eq!(listed(&analyst, "?overdue=1"), 1);
    assert_eq!(listed(&analyst, "?state=any"), 3);
    assert_eq!(listed(&analyst, "?state=closed"), 1);
    assert_eq!(listed(&analyst, "?outcome=silent_keep"), 1);
    assert_eq!(listed(&analyst, "?outcome=keep"), 0);
    assert_eq!(listed(&analyst, &format!("?campaign={}", Id::new())), 0);
    let page = analyst.get("/reviews?outcome=silent_keep");
    assert!(page.shows("Nobody answered: access stays, with a finding"), "{}", page.readable());
    assert!(page.shows("Outcome: Nobody answered: access stays, with a finding"), "the filter is a chip");
    let page = analyst.get("/reviews?overdue=1");
    for text in ["Overdue Planner", "Overdue 31 days", "Its review was due on 2 Oct 2026.", "Security analysts"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert!(analyst.get("/reviews?outcome=keep").shows("No review matches"));
    let file = analyst.get("/reviews.jsonl?state=closed").text;
    let line: serde_json::Value = serde_json::from_str(file.trim()).unwrap();
    assert_eq!((&line["identity"], &line["outcome"]), (&"Long Silent".into(), &"silent_keep".into()));
    assert_eq!(line["reasons"], "Its review was due on 1 Oct 2026.");
    assert_eq!(analyst.get("/reviews.csv").text.lines().count(), 3);
}

#[test]
fn owners_see_what_they_own_or_were_asked_about() {
    let app = TestApp::start();
    app.account(Role::SecurityAnalyst);
    let (owner, stranger) = (app.sign_in(Role::Owner), app.sign_in(Role::Owner));
    asked_about(&app, "Own Planner", "2026-11-22", |row| owned_by(row, owner.person.unwrap()));
    asked_about(&app, "Foreign Planner", "2026-11-23", |_| {});
    let page = owner.get("/reviews");
    assert!(rows(&page) == 1 && page.shows("Own Planner"), "{}", page.readable());
    assert!(!page.text.contains("href=\"/reviews/silence\""));
    assert_eq!(owner.get("/reviews.jsonl").text.lines().count(), 1);
    assert_eq!(listed(&stranger, "?state=any"), 0);
    assert_eq!(listed(&app.sign_in(Role::Auditor), ""), 2);
}

#[test]
fn a_long_list_goes_on_where_the_page_ends() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let made: Vec<Identity> = (0..60)
        .map(|number| {
            let name = format!("App {number}");
            let mut row = Identity::new(IdentityKind::Token, &name, Environment::Sandbox, at(NOW).plus_days(-400));
            row.state = IdentityState::Active;
            row.next_review_on = Some(day("2026-11-20"));
            row
        })
        .collect();
    app.register.change(&app.setup(), |work| Ok(identities::insert_many(work.db, &made)?)).unwrap();
    run(&app.register, Job::RaiseRecertifications, NOW);
    let page = analyst.get("/reviews");
    assert!(rows(&page) == 50 && page.shows("50 of 60 reviews"), "{}", page.readable());
    let document = scraper::Html::parse_document(&page.text);
    let next = scraper::Selector::parse("a[rel=next]").unwrap();
    let next = document.select(&next).next().unwrap().value().attr("href").unwrap().to_owned();
    assert_eq!(rows(&analyst.get(&next)), 10);
    assert_eq!(analyst.get("/reviews.csv").text.lines().count(), 61);
}

#[test]
fn the_number_on_the_start_page_equals_the_rows_of_its_link() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    asked_about(&app, "Overdue Planner", "2026-10-01", |_| {});
    let home = analyst.get("/");
    assert!(home.shows("1 review is overdue and nobody answered it"), "{}", home.readable());
    asked_about(&app, "Overdue Export", "2026-10-02", |_| {});
    asked_about(&app, "Fresh Planner", "2026-11-23", |_| {});
    assert!(analyst.get("/").shows("2 reviews are overdue and nobody answered them"));
    assert_eq!(listed(&analyst, "?overdue=1"), 2);
    assert!(!app.sign_in(Role::Auditor).get("/").text.contains("/reviews?overdue=1"));
}

#[test]
fn the_page_of_an_identity_says_when_it_is_asked_about_and_what_silence_does() {
    let app = TestApp::start();
    let (analyst, owner) = (app.sign_in(Role::SecurityAnalyst), app.sign_in(Role::Owner));
    let row = asked_about(&app, "Ward Planner", "2026-11-23", |row| owned_by(row, owner.person.unwrap()));
    let review = about(&app, row.id);
    let path = format!("/identities/{}", row.id);
    let page = owner.get(&path);
    for text in [
        "Every 90 days, because its tier is unknown",
        "An answer is due 21 days after somebody is asked. When none has come 14 days later, silence counts.",
        "If nobody answers, it is suspended after 28 Dec 2026.",
        "For now that is only simulated.",
        "Asked on 23 Nov 2026",
        "No earlier review is on record.",
    ] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    let link = format!("href=\"/reviews/{}\"", review.id);
    assert_eq!(page.text.matches(&link).count(), 2, "in the section, and from the task: {}", page.text);
    ended_by_silence(&app, &review);
    let page = owner.get(&path);
    assert!(page.shows("By silence, on 23 Nov 2026."), "{}", page.readable());
    assert!(page.shows("Nobody answered: access stays, with a finding"));
    let form = analyst.get(&format!("{path}/edit"));
    assert!(form.shows("longer than its tier (unknown) asks for, it is 90 days"), "{}", form.readable());
}
