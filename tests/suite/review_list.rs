//! The list of reviews: which are shown to whom, and the section on the page of an identity.

use muster::actions::campaigns::select::Chosen;
use muster::actions::campaigns::{make, open};
use muster::domain::identities::{CredentialKind, Environment, IdentityKind, IdentityState, Strength};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reaching::IdentityTier;
use muster::domain::reviews::campaigns::Typed;
use muster::domain::reviews::reasons::ReviewCause;
use muster::domain::reviews::{ReviewAnswer, ReviewOutcome, ReviewState};
use muster::store::identities::{self, Identity};
use muster::store::identity_parts::{Credential, insert_credentials};
use muster::store::reviews::{self, Review};

use crate::app::{Browser, NOW, Page, TestApp, at};
use crate::jobs::{day, identity, owned_by, run};
use crate::reviews::{answer, by, review_of, run_at, tiered};
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
    for text in ["Overdue Planner", "Overdue 31 days", "Its review came up on 2 Oct 2026.", "Security analysts"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert!(analyst.get("/reviews?outcome=keep").shows("No review matches"));
    let file = analyst.get("/reviews.jsonl?state=closed").text;
    let line: serde_json::Value = serde_json::from_str(file.trim()).unwrap();
    assert_eq!((&line["identity"], &line["outcome"]), (&"Long Silent".into(), &"silent_keep".into()));
    assert_eq!(line["reasons"], "Its review came up on 1 Oct 2026.");
    assert_eq!(analyst.get("/reviews.csv").text.lines().count(), 3);
}

#[test]
fn the_view_whose_reviews_are_shown_is_marked_whatever_else_is_filtered() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    for (query, label) in [
        ("", "Open"),
        ("?tier=high&q=ward", "Open"),
        ("?overdue=1&tier=low", "Past their day"),
        ("?state=decided&cause=clock", "Decided"),
        ("?state=closed", "Closed"),
        ("?outcome=keep", "All"),
    ] {
        let page = analyst.get(&format!("/reviews{query}"));
        let document = scraper::Html::parse_document(&page.text);
        let marked: Vec<String> = document
            .select(&scraper::Selector::parse("ul.views a[aria-current=page]").unwrap())
            .map(|link| link.text().collect())
            .collect();
        assert_eq!(marked, [label], "{query}");
    }
}

/// Three reviews: of an owner and high, of the analysts and low, and one that the owner decided.
fn asked(app: &TestApp) -> (Browser, Id) {
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let owner = app.account(Role::Owner).0;
    asked_about(app, "Ward 100% Planner", "2026-11-20", |row| {
        owned_by(row, owner);
        tiered(row, IdentityTier::High);
    });
    asked_about(app, "Registry Export", "2026-11-21", |row| tiered(row, IdentityTier::Low));
    let decided = asked_about(app, "Lab Feed", "2026-11-22", |row| {
        owned_by(row, owner);
        tiered(row, IdentityTier::Low);
    });
    answer(app, about(app, decided.id).id, (owner, Role::Owner), ReviewAnswer::Keep, at(NOW), |_| {}).unwrap();
    (analyst, owner)
}

#[test]
fn the_list_is_narrowed_by_who_is_asked_tier_reason_and_name() {
    let app = TestApp::start();
    let (analyst, owner) = asked(&app);
    for (query, expected) in [
        (format!("?asked={owner}"), vec!["Ward 100% Planner"]),
        (format!("?asked={owner}&state=any"), vec!["Ward 100% Planner", "Lab Feed"]),
        (format!("?asked={owner}&state=decided"), vec!["Lab Feed"]),
        ("?asked=security_analysts".to_owned(), vec!["Registry Export"]),
        ("?asked=administrators&state=any".to_owned(), vec![]),
        ("?asked=nobody".to_owned(), vec![]),
        ("?tier=high".to_owned(), vec!["Ward 100% Planner"]),
        ("?tier=low&state=any".to_owned(), vec!["Registry Export", "Lab Feed"]),
        ("?cause=clock&state=any".to_owned(), vec!["Ward 100% Planner", "Registry Export", "Lab Feed"]),
        ("?cause=new_key".to_owned(), vec![]),
        ("?q=REGISTRY".to_owned(), vec!["Registry Export"]),
        ("?q=100%25".to_owned(), vec!["Ward 100% Planner"]),
        ("?q=re".to_owned(), vec!["Registry Export"]),
        ("?q=xp".to_owned(), vec![]),
        (format!("?q=ward&tier=high&cause=clock&asked={owner}"), vec!["Ward 100% Planner"]),
    ] {
        let page = analyst.get(&format!("/reviews{query}"));
        assert_eq!(rows(&page), expected.len(), "{query}: {}", page.readable());
        for name in &expected {
            assert!(page.shows(name), "{query}: {name}");
        }
        let file = analyst.get(&format!("/reviews.jsonl{query}")).text;
        let mut names: Vec<String> = file
            .lines()
            .map(|line| {
                serde_json::from_str::<serde_json::Value>(line).unwrap()["identity"].as_str().unwrap().to_owned()
            })
            .collect();
        let mut wanted: Vec<String> = expected.iter().map(|name| (*name).to_owned()).collect();
        names.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(names, wanted, "{query}");
    }
}

#[test]
fn what_is_on_is_a_word_that_can_be_removed_and_a_name_becomes_an_id() {
    let app = TestApp::start();
    let (analyst, owner) = asked(&app);
    let name = muster::store::people::find(&mut app.register.database.read().unwrap(), owner).unwrap().name;
    let typed = analyst.get(&format!("/reviews?tier=high&asked={}", name.replace(' ', "%20")));
    assert_eq!((typed.status, typed.location), (303, format!("/reviews?tier=high&asked={owner}")));
    let typed = analyst.get("/reviews?asked=security%20analysts");
    assert_eq!((typed.status, typed.location.as_str()), (303, "/reviews?asked=security_analysts"));
    let page = analyst.get(&format!("/reviews?tier=high&asked={owner}&cause=clock&q=Ward"));
    for chip in [
        format!("Who is asked: {name}").as_str(),
        "Tier: High",
        "Reason: Its review is due",
        "Name contains \u{201c}Ward\u{201d}",
    ] {
        assert!(page.shows(chip), "{chip}: {}", page.readable());
    }
    assert!(page.text.contains("href=\"/reviews?tier=high"), "each chip leads to the rest: {}", page.text);
    let wrong = analyst.get("/reviews?asked=Nobody%20knows");
    assert_eq!(wrong.status, 422);
    assert!(wrong.shows("nobody in the register is called \u{201c}Nobody knows\u{201d}"), "{}", wrong.readable());
    let empty = analyst.get("/reviews?tier=critical");
    assert!(empty.shows("There is none that fits every filter above"), "{}", empty.readable());
    // Whoever owns one thing finds in the filters no more than they see.
    let stranger = app.sign_in(Role::Owner);
    assert_eq!(listed(&stranger, &format!("?asked={owner}&state=any")), 0);
    let told = stranger.get("/reviews?asked=perso");
    assert!(told.status == 422 && !told.text.contains(&owner.to_string()), "names are not told: {}", told.readable());
}

#[test]
fn a_campaign_is_named_in_the_filter_in_its_chip_and_in_the_file() {
    let app = TestApp::start();
    let analyst = app.account(Role::SecurityAnalyst).0;
    let row = identity(&app, "Ward Planner", |row| row.next_review_on = Some(day("2027-02-01")));
    identity(&app, "Other Planner", |row| row.next_review_on = Some(day("2026-11-23")));
    run(&app.register, Job::RaiseRecertifications, NOW);
    let keeper = by(analyst, Role::SecurityAnalyst, at(NOW));
    let typed = Typed { name: "Winter", why: "Every quarter we ask.", due_on: "2026-12-14", due_by: "", filter: "all" };
    let wanted = make::wanted(&app.register, &keeper, typed).unwrap();
    let campaign = make::make(&app.register, &keeper, &wanted).unwrap();
    let version = muster::store::campaigns::find(&mut app.register.database.read().unwrap(), campaign).unwrap().version;
    open::open(&app.register, &keeper, campaign, version, &Chosen::default()).unwrap();
    run_at(&app.register, Job::AdvanceCampaigns, at(NOW));
    assert_eq!(review_of(&app, row.id).campaign_id, Some(campaign));
    let browser = app.sign_in(Role::SecurityAnalyst);
    let page = browser.get(&format!("/reviews?campaign={campaign}"));
    assert!(page.shows("Campaign: C-1 Winter"), "{}", page.readable());
    // The name stands even where another filter cannot be followed.
    assert!(browser.get(&format!("/reviews?campaign={campaign}&tier=x")).shows("Campaign: C-1 Winter"));
    assert!(browser.get("/reviews").text.contains(&format!("<option value=\"{campaign}\">C-1 Winter</option>")));
    let file = browser.get(&format!("/reviews.jsonl?campaign={campaign}&q=Ward")).text;
    let line: serde_json::Value = serde_json::from_str(file.trim()).unwrap();
    assert_eq!((&line["campaign"], &line["tier"]), (&"C-1 Winter".into(), &"unknown".into()));
    assert_eq!((&line["causes"], &line["asked"]), (&ReviewCause::Campaign.word().into(), &"Security analysts".into()));
}

#[test]
fn what_waits_for_a_group_stands_apart_from_what_is_asked_of_oneself() {
    let app = TestApp::start();
    let (analyst, _) = asked(&app);
    let page = analyst.get("/reviews/mine");
    assert!(page.shows("Nothing is asked of you in person"), "{}", page.readable());
    assert!(page.shows("Asked of security analysts: 1") && page.shows("Registry Export"), "{}", page.readable());
    assert!(!page.shows("Ward 100% Planner") && !page.shows("Passed on"), "{}", page.readable());
    let owner = app.sign_in(Role::Owner).get("/reviews/mine");
    assert!(!owner.shows("Asked of"), "{}", owner.readable());
    for number in 0..25 {
        asked_about(&app, &format!("App {number}"), "2026-11-23", |_| {});
    }
    let page = analyst.get("/reviews/mine");
    assert!(page.shows("Asked of security analysts: 26") && page.shows("All of them"), "{}", page.readable());
    assert_eq!(listed(&analyst, "?state=open&asked=security_analysts"), 26);
}

#[test]
fn my_reviews_say_what_matters_since_when_they_were_due_and_what_was_answered() {
    let app = TestApp::start();
    let owner = app.account(Role::Owner);
    let late = identity(&app, "Ward Planner", |row| {
        row.next_review_on = Some(day("2026-10-03"));
        row.last_used_at = Some(at("2026-07-26T15:00:00Z"));
        row.last_used_source = Some("token log".to_owned());
        owned_by(row, owner.0);
    });
    let secret = Credential {
        id: Id::new(),
        identity_id: late.id,
        kind: CredentialKind::ClientSecret,
        key_id: None,
        thumbprint: None,
        location: None,
        issued_at: None,
        expires_at: None,
        never_expires: true,
        strength: Strength::Unknown,
        fingerprint: None,
        first_seen_at: at(NOW),
    };
    app.register.change(&app.setup(), |work| Ok(insert_credentials(work.db, &[secret])?)).unwrap();
    let known = identity(&app, "Lab Feed", |row| {
        row.next_review_on = Some(day("2026-11-23"));
        tiered(row, IdentityTier::Low);
        owned_by(row, owner.0);
    });
    run_at(&app.register, Job::RaiseRecertifications, at(NOW));
    let browser = app.sign_in_as(&owner);
    let page = browser.get("/reviews/mine");
    for text in [
        "2 wait for you.",
        "Unused 120 days. A secret never expires.",
        "It should have been asked about by 3 Oct 2026.",
        "Answer by Monday 14 Dec 2026",
    ] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert_eq!(page.text.matches("should have been asked").count(), 1, "one that was opened on its day is not late");
    assert!(!page.text.contains("class=\"jump\""), "one section needs no jumps");
    let list = app.sign_in(Role::SecurityAnalyst).get("/reviews");
    let late = "hould have been asked about by 3 Oct 2026";
    assert_eq!(list.text.matches(late).count(), 1, "{}", list.readable());
    assert!(!list.shows("asked about by 23 Nov 2026"), "{}", list.readable());
    // What is late is not due in some days: its answer is.
    let tasks = browser.get("/tasks");
    for page in [&list, &tasks] {
        assert!(page.shows("Answer by 14 Dec 2026") && !page.shows("Due in"), "{}", page.readable());
    }
    assert!(tasks.shows("It should have been asked about by 3 Oct 2026."), "{}", tasks.readable());
    let decision = answer(&app, about(&app, known.id).id, (owner.0, Role::Owner), ReviewAnswer::Keep, at(NOW), |_| {});
    let page = browser.get("/reviews/mine");
    for text in ["1 waits for you, and you answered 1 in the last 90 days.", "One by one: 1", "Answered: 1"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    for href in [format!("/reviews/decisions/{}", decision.unwrap()), "#answered".to_owned()] {
        assert!(page.text.contains(&format!("href=\"{href}\"")), "{href}");
    }
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
    let page = analyst.get("/reviews?asked=security_analysts&tier=unknown&cause=clock&q=App");
    assert!(rows(&page) == 50 && page.shows("50 of 60 reviews"), "{}", page.readable());
    let document = scraper::Html::parse_document(&page.text);
    let next = scraper::Selector::parse("a[rel=next]").unwrap();
    let next = document.select(&next).next().unwrap().value().attr("href").unwrap().to_owned();
    assert!(next.contains("asked=security_analysts&tier=unknown&cause=clock&q=App"), "{next}");
    let second = analyst.get(&next);
    assert_eq!(rows(&second), 10);
    let previous = scraper::Html::parse_document(&second.text);
    let link = scraper::Selector::parse("a[rel=prev]").unwrap();
    let previous = previous.select(&link).next().unwrap().value().attr("href").unwrap().to_owned();
    let back = analyst.get(&previous);
    assert!(rows(&back) == 50 && back.shows("Tier: Unknown"), "{}", back.readable());
    assert_eq!(analyst.get("/reviews.csv").text.lines().count(), 61);
}

#[test]
fn the_number_on_the_start_page_equals_the_rows_of_its_link() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    asked_about(&app, "Overdue Planner", "2026-10-01", |_| {});
    let home = analyst.get("/");
    assert!(home.shows("1 review is past its day and nobody answered it"), "{}", home.readable());
    asked_about(&app, "Overdue Export", "2026-10-02", |_| {});
    asked_about(&app, "Fresh Planner", "2026-11-23", |_| {});
    assert!(analyst.get("/").shows("2 reviews are past their day and nobody answered them"));
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
