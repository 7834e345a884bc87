//! Campaigns: drafted, previewed, opened as they were read, watched, cancelled, and taken away as files.

use std::io::{Cursor, Read};

use muster::domain::identities::{Environment, IdentityState, StateCause};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reviews::campaigns::CampaignState;
use muster::store::campaigns::{self, Campaign};
use muster::store::identities::Identity;

use crate::app::{Browser, NOW, Page, TestApp, at};
use crate::jobs::{day, identity, owned_by, run};
use crate::sections::jumps;

/// Drafts a campaign on its page; answers its address. What is given stands in place of the usual.
fn draft(browser: &Browser, fields: &[(&str, &str)]) -> String {
    let page = send(browser, fields);
    assert_eq!(page.status, 303, "{}", page.readable());
    page.location.split('?').next().unwrap().to_owned()
}

fn send(browser: &Browser, fields: &[(&str, &str)]) -> Page {
    let usual = [("name", "Winter"), ("why", "Every quarter."), ("due_on", "2026-12-15")];
    browser.post("/campaigns", &[fields, &usual].concat())
}

fn stored(app: &TestApp, path: &str) -> Campaign {
    let id: Id = path.rsplit('/').next().unwrap().parse().unwrap();
    campaigns::find(&mut app.register.database.read().unwrap(), id).unwrap()
}

/// What the form that opens it carries.
fn asked_on(page: &Page) -> String {
    let (_, rest) = page.text.split_once("name=\"asked\" value=\"").expect("the page has a button that opens it");
    rest.split('"').next().unwrap().to_owned()
}

/// Opens it as its page shows it.
fn open(app: &TestApp, browser: &Browser, path: &str) -> Page {
    let asked = asked_on(&browser.get(path));
    let version = stored(app, path).version.to_string();
    browser.post(&format!("{path}/open"), &[("version", &version), ("asked", &asked)])
}

fn cancel(app: &TestApp, browser: &Browser, path: &str, reason: &str) -> Page {
    let version = stored(app, path).version.to_string();
    browser.post(&format!("{path}/cancel"), &[("version", &version), ("reason", reason)])
}

/// Two in production that somebody owns, one there that ends, and one in the sandbox.
fn some(app: &TestApp) -> [Identity; 4] {
    let owner = app.owner("Dana Okafor", "dana@hospital.example");
    let planner = identity(app, "=Discharge Planner", |row| owned_by(row, owner));
    let export = identity(app, "Bulk Export", |row| owned_by(row, owner));
    let ending = identity(app, "Old Portal", |row| {
        row.state = IdentityState::Revoking;
        row.state_cause = StateCause::Decided;
    });
    let sandbox = identity(app, "Trial", |row| row.environment = Environment::Sandbox);
    [planner, export, ending, sandbox]
}

const PRODUCTION: &[(&str, &str)] = &[("filter", "environment=production")];

#[test]
fn a_campaign_is_drafted_previewed_opened_and_watched() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let rows = some(&app);
    let path = draft(&analyst, PRODUCTION);
    let size = app.audit_size();
    let page = analyst.get(&path);
    for words in [
        "It selects 3 identities: 2 would be asked about, and 1 left out.",
        "Open it: ask about 2",
        "It is neither active nor suspended: 1",
        "Environment: Production",
        "Dana Okafor",
        "Bulk Export",
        "Once it is opened, answers are due by Monday 14 Dec 2026 and not by Tuesday 15 Dec 2026",
        "Answers are due by Monday 14 Dec 2026",
    ] {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
    for words in [
        "Old Portal Environment: production. Tier: unknown. Not asked Left out: it is neither active nor suspended",
        "Bulk Export Environment: production. Tier: unknown. Dana Okafor 14 Dec 2026",
        "Discharge Planner Environment: production. Tier: unknown. Dana Okafor 14 Dec 2026",
    ] {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
    assert!(!page.shows("must be answered earlier"), "nothing is due before the day that it has: {}", page.readable());
    assert!(!page.shows("Trial"), "{}", page.readable());
    assert_eq!(app.audit_size(), size, "a preview changes nothing");

    let opened = open(&app, &analyst, &path);
    assert_eq!((opened.status, opened.location), (303, format!("{path}?done=opened")));
    let late = identity(&app, "Late", |_| {});
    let page = analyst.get(&path);
    assert!(page.shows("Being prepared") && page.shows("0 of 3 looked at"), "{}", page.readable());
    assert!(page.shows("Bulk Export Environment: production. Tier: unknown. Not looked at yet"), "{}", page.readable());
    run(&app.register, Job::AdvanceCampaigns, NOW);
    let page = analyst.get(&path);
    for words in [
        "It selected 3 identities: 2 asked about, 1 left out.",
        "0 of 2 settled.",
        "Answers are due by Monday 14 Dec 2026, in 21 days.",
        "Answers were asked for by 15 Dec 2026. The tiers of everything in it ask earlier, so they are due by 14 Dec 2026.",
        "Left out: it is neither active nor suspended",
        "Not answered yet",
        "Every review once",
        "How they stand",
        "Open 2",
        "Waiting for proof 0",
        "Suspended, nobody answered 0",
        "All that are asked about 2",
        "Who Asked Open Overdue Answered Passed on Other",
        "Due by 14 Dec 2026",
        "Environment: production. Tier: unknown. Business owner: nobody.",
        "Old Portal Not asked",
        "Bulk Export Environment: production. Tier: unknown. Dana Okafor",
    ] {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
    assert!(!page.text.contains(&late.id.to_string()), "what matches later is not asked about");
    assert!(rows[..3].iter().all(|row| page.text.contains(&row.id.to_string())));
    assert!(analyst.get("/campaigns").shows("0 of 2 settled"));
    // A second press shows what the first one did.
    let again = analyst.post(&format!("{path}/open"), &[("version", "1"), ("asked", "2")]);
    assert_eq!((again.status, again.location), (303, path));
}

#[test]
fn the_preview_counts_days_as_the_campaign_does_once_it_is_opened() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let [planner, ..] = some(&app);
    crate::reviews::change_identity(&app, planner.id, |row| row.next_review_on = Some(day("2026-11-16")));
    run(&app.register, Job::RaiseRecertifications, "2026-11-16T15:00:00Z");
    let path = draft(&analyst, PRODUCTION);
    let page = analyst.get(&path);
    for words in [
        "Once it is opened, answers are due by Monday 14 Dec 2026 and not by Tuesday 15 Dec 2026",
        "1 of them must be answered earlier, because of their tier or because somebody is asked already: \
         unknown by 7 Dec 2026 (1).",
        "About 1 of them somebody is asked already",
    ] {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
    assert!(analyst.get("/campaigns").shows("15 Dec 2026 at the latest"), "a list promises no day of a draft");
    assert_eq!(open(&app, &analyst, &path).status, 303);
    run(&app.register, Job::AdvanceCampaigns, NOW);
    assert_eq!(stored(&app, &path).due_on, day("2026-12-14"));
    let list = analyst.get("/campaigns");
    assert!(list.shows("14 Dec 2026") && !list.shows("at the latest"), "{}", list.readable());
    let page = analyst.get(&path);
    assert!(page.shows("1 of those that are open is due before the day of the campaign"), "{}", page.readable());
}

#[test]
fn what_was_just_done_is_said_only_as_long_as_it_is_so() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    some(&app);
    let path = draft(&analyst, PRODUCTION);
    let says = |done: &str, words: &str| analyst.get(&format!("{path}?done={done}")).shows(words);
    let (drafted, opened) =
        ("The draft is stored. Nobody is asked yet", "It is opened, and what it selected is fixed.");
    assert!(says("drafted", drafted) && !says("opened", opened) && !says("cancelled", "It is cancelled."));
    assert_eq!(open(&app, &analyst, &path).status, 303);
    assert!(says("opened", opened) && !says("drafted", drafted) && !says("saved", "The draft is changed."));
    run(&app.register, Job::AdvanceCampaigns, NOW);
    assert!(!says("drafted", drafted) && !says("opened", opened), "it is active by now");
    assert_eq!(cancel(&app, &analyst, &path, "the wrong filter").status, 303);
    assert!(says("cancelled", "It is cancelled.") && !says("opened", opened));
}

#[test]
fn two_of_one_name_are_told_apart_in_the_preview_and_once_it_is_opened() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    some(&app);
    for client in ["pocket-one", "pocket-two"] {
        identity(&app, "Pocket Chart", |row| row.client_id = Some(client.to_owned()));
    }
    let path = draft(&analyst, PRODUCTION);
    let tells = || {
        let page = analyst.get(&path);
        for client in ["pocket-one", "pocket-two"] {
            let words = format!("Pocket Chart System: not known. Client id: {client}. Environment: production.");
            assert!(page.shows(&words), "{words}: {}", page.readable());
        }
        assert!(!page.shows("Bulk Export System"), "one alone needs no more than its name: {}", page.readable());
    };
    tells();
    assert_eq!(open(&app, &analyst, &path).status, 303);
    tells();
    run(&app.register, Job::AdvanceCampaigns, NOW);
    tells();
}

#[test]
fn the_page_of_a_campaign_leads_to_its_sections() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    some(&app);
    let path = draft(&analyst, PRODUCTION);
    assert_eq!(jumps(&analyst.get(&path)), ["preview", "whom", "left-out", "which", "change"]);
    assert_eq!(jumps(&app.sign_in(Role::Auditor).get(&path)), ["preview", "whom", "left-out", "which"]);
    assert_eq!(open(&app, &analyst, &path).status, 303);
    run(&app.register, Job::AdvanceCampaigns, NOW);
    assert_eq!(jumps(&analyst.get(&path)), ["far", "whom", "left-out", "items"]);
}

#[test]
fn what_is_late_is_loud_before_any_job_has_noted_it() {
    let app = TestApp::start();
    let analyst = app.account(Role::SecurityAnalyst);
    let browser = app.sign_in_as(&analyst);
    some(&app);
    let path = draft(&browser, PRODUCTION);
    assert_eq!(open(&app, &browser, &path).status, 303);
    run(&app.register, Job::AdvanceCampaigns, NOW);
    let later = app.later(at("2026-12-20T18:00:00Z")).sign_in(&analyst);
    for address in ["/campaigns", path.as_str()] {
        let page = later.get(address);
        assert!(page.shows("Overdue 6 days"), "{}", page.readable());
    }
    assert_eq!(stored(&app, &path).state, CampaignState::Active);
    // What is open and what is late are one press away, in the list of reviews.
    let id = path.rsplit('/').next().unwrap();
    for (link, words) in [("state=open", "See those that are open"), ("overdue=1", "those past their day")] {
        let page = later.get(&path);
        assert!(page.text.contains(&format!("href=\"/reviews?campaign={id}&amp;{link}\"")), "{link}: {}", page.text);
        assert!(page.shows(words), "{words}: {}", page.readable());
        let list = later.get(&format!("/reviews?campaign={id}&{link}"));
        assert!(list.shows("Bulk Export") && list.shows("Discharge Planner"), "{link}: {}", list.readable());
    }
    // The day that was asked for is later than that of everything in it: it is overdue with them.
    let page = app.later(at("2026-12-15T18:00:00Z")).sign_in(&analyst).get(&path);
    for words in ["Overdue 1 day", "Answers were due by Monday 14 Dec 2026", "Overdue 1 day, was due by 14 Dec 2026"] {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
    let page = app.later(at("2026-12-14T18:00:00Z")).sign_in(&analyst).get(&path);
    assert!(page.shows("Active") && !page.shows("Overdue 1 day"), "{}", page.readable());
    let log = browser.get("/audit?entity=campaign");
    assert!(log.shows("Answers were asked for by 15 Dec 2026"), "{}", log.readable());
}

#[test]
fn the_form_says_until_when_each_tier_answers_whatever_day_is_chosen() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let page = analyst.get("/campaigns/new");
    for words in ["An answer is due no later than its tier allows", "critical by 14 Dec 2026", "low by 23 Dec 2026"] {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
    some(&app);
    let page = analyst.get(&draft(&analyst, &[("filter", "environment=production"), ("due_on", "2026-12-10")]));
    assert!(!page.shows("must be answered earlier"), "{}", page.readable());
}

#[test]
fn what_a_vendor_keeps_is_left_out_of_a_campaign_with_its_reason() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    some(&app);
    let broker = identity(&app, "Login broker", |row| row.vendor_managed = true);
    let path = draft(&analyst, PRODUCTION);
    let why = "Its system\u{2019}s vendor keeps it: nobody here can narrow it or switch it off";
    let page = analyst.get(&path);
    assert!(page.shows(&format!("{why}: 1")), "{}", page.readable());
    assert_eq!(open(&app, &analyst, &path).status, 303);
    run(&app.register, Job::AdvanceCampaigns, NOW);
    let page = analyst.get(&path);
    assert!(page.shows(&format!("{why}: 1")) && page.text.contains(&broker.id.to_string()), "{}", page.readable());
    assert!(analyst.get(&format!("{path}/report.csv")).text.contains(why));
}

#[test]
fn a_group_is_warned_about_when_each_of_its_members_has_too_much() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let owner = app.owner("Dana Okafor", "dana@hospital.example");
    for number in 0..26 {
        identity(&app, &format!("App {number}"), |row| {
            if number < 20 {
                owned_by(row, owner);
            }
        });
    }
    let path = draft(&analyst, PRODUCTION);
    let page = analyst.get(&path);
    let told = "If nobody answers, 26 of these go to the security analysts, for 1 member.";
    assert!(page.shows(told), "{}", page.readable());
    assert!(!page.shows("Too many"), "nobody has too much at the start: {}", page.readable());
    assert_eq!(open(&app, &analyst, &path).status, 303);
    run(&app.register, Job::AdvanceCampaigns, NOW);
    assert!(!analyst.get(&path).shows("came because others did not answer"));
    let after = "2026-12-21T15:00:00Z";
    for moment in ["2026-12-15T15:00:00Z", after] {
        run(&app.register, Job::EscalateReviews, moment);
    }
    let page = analyst.get(&path);
    let told = "Security analysts: 26 open, for 1 member; 20 came because others did not answer.";
    assert!(page.shows(told), "{}", page.readable());
    app.account(Role::SecurityAnalyst);
    assert!(!analyst.get(&path).shows("came because others"), "two can share it");
}

#[test]
fn what_waits_for_somebody_already_counts_too_and_a_draft_names_everything_page_by_page() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let owner = app.owner("Dana Okafor", "dana@hospital.example");
    let many = |name: &str, count: usize, environment: Environment| {
        for number in 0..count {
            identity(&app, &format!("{name} {number:02}"), |row| {
                row.environment = environment;
                owned_by(row, owner);
            });
        }
    };
    many("Sandbox", 6, Environment::Sandbox);
    let first = draft(&analyst, &[("filter", "environment=sandbox")]);
    assert_eq!(open(&app, &analyst, &first).status, 303);
    run(&app.register, Job::AdvanceCampaigns, NOW);
    many("App", 20, Environment::Production);
    many("Stage", 32, Environment::Staging);
    let path = draft(&analyst, PRODUCTION);
    let page = analyst.get(&path);
    for words in ["Dana Okafor: 20 identities, besides 6 that wait already", "Too many", "6 waiting already"] {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
    // What a campaign joins is counted in it, and not besides; another campaign has these.
    let all = draft(&analyst, &[("filter", "all"), ("name", "Everything")]);
    let page = analyst.get(&all);
    let next = format!("{all}?after=50");
    assert!(page.shows("App 00") && !page.shows("Stage 31") && page.text.contains(&next), "{}", page.readable());
    let page = analyst.get(&next);
    assert!(page.shows("Stage 31") && !page.shows("App 00"), "{}", page.readable());
    assert_eq!(analyst.get(&format!("{all}?after=58")).status, 303, "there is nothing after the last");
}

#[test]
fn what_somebody_asks_about_already_leads_to_the_review_that_asks() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let (first, rows) = running(&app, &analyst);
    let second = draft(&analyst, &[("filter", "all"), ("name", "Everything")]);
    assert_eq!(open(&app, &analyst, &second).status, 303);
    run(&app.register, Job::AdvanceCampaigns, NOW);
    let asks = muster::store::reviews::about(&mut app.register.database.read().unwrap(), rows[0].id).unwrap();
    assert_eq!(asks.len(), 1);
    let address = format!("/reviews/{}", asks[0].id);
    let page = analyst.get(&second);
    assert!(page.text.contains(&address) && page.shows("The one that asks already"), "{}", page.readable());
    let file = analyst.get(&format!("{second}/report.csv"));
    let mut reader = csv::Reader::from_reader(file.text.as_bytes());
    let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let place = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let line = lines.iter().find(|line| line[place("identity_id")] == rows[0].id.to_string()).unwrap();
    assert_eq!(line[place("asked_already_by")], format!("{}{address}", app.url));
    assert_eq!(line[place("identity_address")], format!("{}/identities/{}", app.url, rows[0].id));
    assert_eq!(&line[place("business_owner")], "Dana Okafor");
    assert_eq!((&line[place("environment")], &line[place("tier")]), ("Production", "Unknown"));
    assert!(line[place("review_address")].is_empty());
    assert_ne!(first, second);
}

#[test]
fn what_selects_nothing_has_no_button_and_is_not_opened() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    some(&app);
    let path = draft(&analyst, &[("filter", "tier=critical")]);
    let page = analyst.get(&path);
    assert!(page.shows("It selects nothing.") && page.shows("It cannot be opened"), "{}", page.readable());
    assert!(!page.text.contains(&format!("{path}/open")));
    let forced = analyst.post(&format!("{path}/open"), &[("version", "1"), ("asked", "0")]);
    assert!(forced.status == 409 && forced.shows("no campaign is opened about nothing"), "{}", forced.readable());
    assert_eq!(stored(&app, &path).state, CampaignState::Draft);

    // Something is selected, and all of it is left out.
    let path = draft(&analyst, &[("filter", "state=revoking")]);
    let page = analyst.get(&path);
    assert!(page.shows("everything that it selects is left out"), "{}", page.readable());
    assert!(!page.text.contains(&format!("{path}/open")));
}

#[test]
fn a_filter_that_cannot_be_followed_selects_nothing_wider_and_nothing_typed_is_lost() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    some(&app);
    let size = app.audit_size();
    for (filter, words) in [
        ("environment=moon", "Environment: \u{201c}moon\u{201d} is not one of the choices."),
        ("colour=red", "This list has no filter called \u{201c}colour\u{201d}."),
        ("sort=name", "this narrows nothing"),
        ("production", "this narrows nothing"),
        ("business_owner=Nobody Known", "in the register is called"),
        ("", "Choose what it asks about"),
    ] {
        let page = send(&analyst, &[("filter", filter)]);
        assert_eq!(page.status, 422, "{filter}: {}", page.readable());
        assert!(page.shows(words), "{filter}: {}", page.readable());
        assert!(page.text.contains("value=\"Winter\"") && page.shows("Every quarter."), "{}", page.text);
        assert!(page.text.contains("<title>Error: "));
    }
    assert_eq!(app.audit_size(), size);
    assert_eq!(analyst.get("/campaigns/new?filter=environment%3Dmoon").status, 422);
    let everything = draft(&analyst, &[("filter", "all")]);
    let page = analyst.get(&everything);
    assert!(
        page.shows("Every identity of the register") && page.shows("It selects 4 identities"),
        "{}",
        page.readable()
    );
}

#[test]
fn the_list_of_identities_leads_to_a_campaign_with_its_filter() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    some(&app);
    let list = analyst.get("/identities?environment=production");
    let link = "/campaigns/new?filter=environment%3Dproduction";
    assert!(list.text.contains(link) && list.shows("Ask about these in a campaign"), "{}", list.readable());
    let form = analyst.get(link);
    assert!(form.status == 200 && form.shows("Environment: Production"), "{}", form.readable());
    assert!(form.text.contains("value=\"environment=production\""), "{}", form.text);
    assert!(analyst.get("/identities").text.contains("/campaigns/new?filter=all"));
    // A typed name is stored as the id that it stands for.
    let path = draft(&analyst, &[("filter", "business_owner=Dana+Okafor")]);
    assert!(!stored(&app, &path).selection.0.filter.contains("Dana"));
    let page = analyst.get(&path);
    assert!(page.shows("Business owner: Dana Okafor") && page.shows("Open it: ask about 2"), "{}", page.readable());
}

#[test]
fn it_is_opened_as_it_was_read_or_not_at_all() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    some(&app);
    let path = draft(&analyst, PRODUCTION);
    let asked = asked_on(&analyst.get(&path));
    identity(&app, "Late", |_| {});
    let page = analyst.post(&format!("{path}/open"), &[("version", "1"), ("asked", &asked)]);
    assert!(page.status == 409 && page.shows("it would ask about 3 now"), "{}", page.readable());
    assert_eq!(stored(&app, &path).state, CampaignState::Draft);
    assert_eq!(asked_on(&page), "3", "the page shows what it would do now");
    assert_eq!(open(&app, &analyst, &path).status, 303);
}

#[test]
fn two_who_change_a_draft_lose_nothing() {
    let app = TestApp::start();
    let (one, two) = (app.sign_in(Role::SecurityAnalyst), app.sign_in(Role::Administrator));
    some(&app);
    let path = draft(&one, PRODUCTION);
    let change = |browser: &Browser, name: &str, version: &str| {
        let fields = [
            ("version", version),
            ("name", name),
            ("why", "Every quarter."),
            ("due_on", "2026-12-15"),
            ("filter", "environment=production"),
        ];
        browser.post(&path, &fields)
    };
    assert_eq!(change(&one, "Spring", "1").status, 303);
    let size = app.audit_size();
    let late = change(&two, "Summer", "1");
    assert_eq!(late.status, 409, "{}", late.readable());
    assert!(late.shows("Somebody changed this campaign meanwhile"), "{}", late.readable());
    assert!(late.text.contains("value=\"Summer\"") && late.shows("Spring"), "{}", late.readable());
    assert_eq!(app.audit_size(), size);
    let stale = two.post(&format!("{path}/open"), &[("version", "1"), ("asked", "2")]);
    assert!(stale.status == 409 && stale.shows("This changed while you were reading"), "{}", stale.readable());
    assert_eq!(change(&two, "Summer", "2").status, 303);
    assert_eq!(stored(&app, &path).name, "Summer");
    // Once it has begun, what it asks about stays, and what was typed is shown.
    assert_eq!(open(&app, &one, &path).status, 303);
    let version = stored(&app, &path).version.to_string();
    let begun = change(&two, "Autumn", &version);
    assert!(begun.status == 409 && begun.shows("Autumn") && begun.shows("never changes"), "{}", begun.readable());
    assert_eq!(stored(&app, &path).name, "Summer");
}

#[test]
fn cancelling_takes_a_reason_and_asks_nobody_any_more() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let rows = some(&app);
    let path = draft(&analyst, PRODUCTION);
    assert_eq!(open(&app, &analyst, &path).status, 303);
    run(&app.register, Job::AdvanceCampaigns, NOW);
    assert_eq!(cancel(&app, &analyst, &path, " ").status, 422);
    assert_eq!(stored(&app, &path).state, CampaignState::Active);
    assert_eq!(cancel(&app, &analyst, &path, "the wrong filter").status, 303);
    let page = analyst.get(&path);
    assert!(page.shows("It was cancelled: \u{201c}the wrong filter\u{201d}"), "{}", page.readable());
    assert!(page.shows("Cancelled: the campaign that asked was cancelled"), "{}", page.readable());
    assert!(!page.text.contains(&format!("{path}/cancel")), "it has ended");
    let mut db = app.register.database.read().unwrap();
    let name = muster::store::people::find(&mut db, analyst.person.unwrap()).unwrap().name;
    drop(db);
    assert!(page.shows(&format!("By {name}")), "{}", page.readable());
    let file = analyst.get(&format!("{path}/report.csv"));
    let mut reader = csv::Reader::from_reader(file.text.as_bytes());
    let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let place = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let line = lines.iter().find(|line| line[place("identity_id")] == rows[0].id.to_string()).unwrap();
    assert_eq!(line[place("cancelled_by")], name);
    assert_eq!(&line[place("cancelled_because")], "the campaign that asked was cancelled: the wrong filter");
    let open = |task: &muster::store::tasks::Task| task.state == muster::domain::tasks::TaskState::Open;
    assert!(!crate::jobs::tasks_about(&app, rows[0].id).iter().any(open));
    // A draft is dropped, and nothing was ever asked.
    let path = draft(&analyst, PRODUCTION);
    assert_eq!(cancel(&app, &analyst, &path, "not needed").status, 303);
    assert!(analyst.get("/campaigns?state=cancelled").shows("Nobody is asked"));
}

#[test]
fn who_only_reads_sees_it_and_can_change_nothing() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    some(&app);
    let path = draft(&analyst, PRODUCTION);
    let auditor = app.sign_in(Role::Auditor);
    let page = auditor.get(&path);
    assert!(page.status == 200 && page.shows("It selects 3 identities"), "{}", page.readable());
    for form in ["/open", "/cancel"] {
        assert!(!page.text.contains(&format!("{path}{form}")), "{form}");
    }
    assert!(!page.shows("Change the draft"));
    assert_eq!(app.sign_in(Role::Owner).get("/campaigns").status, 403);
}

#[test]
fn an_empty_list_says_what_to_do_and_a_view_without_rows_how_to_leave_it() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let page = analyst.get("/campaigns");
    assert!(page.shows("No campaign yet") && page.shows("Draft one"), "{}", page.readable());
    assert!(page.shows("Quarterly: what reaches every patient first"));
    assert!(app.sign_in(Role::Auditor).get("/campaigns").shows("A security analyst drafts the first."));
    draft(&analyst, PRODUCTION);
    assert!(analyst.get("/campaigns?state=overdue").shows("No campaign matches"));
    assert_eq!(analyst.get("/campaigns?state=late").status, 422);
    assert_eq!(analyst.get("/campaigns?after=x").location, "/campaigns?done=restarted");
    let file = analyst.get("/campaigns.csv");
    assert!(file.text.contains("C-1,") && file.text.contains("environment=production"), "{}", file.text);
    assert_eq!(analyst.get("/campaigns.jsonl").text.lines().count(), 1);
}

/// A campaign that was opened and prepared, with everything that it selected.
fn running(app: &TestApp, analyst: &Browser) -> (String, [Identity; 4]) {
    let rows = some(app);
    let path = draft(analyst, PRODUCTION);
    assert_eq!(open(app, analyst, &path).status, 303);
    run(&app.register, Job::AdvanceCampaigns, NOW);
    (path, rows)
}

#[test]
fn the_report_holds_everything_that_was_selected_once() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let (path, rows) = running(&app, &analyst);
    let number = stored(&app, &path).number;
    let page = analyst.get(&format!("{path}/report.csv"));
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-disposition"),
        format!("attachment; filename=\"campaign-{number}-2026-11-23.csv\"")
    );
    let mut reader = csv::Reader::from_reader(page.text.as_bytes());
    let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let place = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(lines.len(), 3, "{}", page.text);
    for row in &rows[..3] {
        let id = row.id.to_string();
        assert_eq!(lines.iter().filter(|line| line[place("identity_id")] == id).count(), 1, "{}", row.name);
    }
    for (index, line) in lines.iter().enumerate() {
        assert_eq!(line[place("position")], (index + 1).to_string());
        assert!(!line[place("outcome")].is_empty());
    }
    let line = |name: &str| lines.iter().find(|line| &line[place("identity")] == name).unwrap();
    let planner = line("'=Discharge Planner");
    assert_eq!(&planner[place("environment")], "Production");
    assert_eq!(&planner[place("selection")], "Asked about");
    assert_eq!(&planner[place("asked")], "Dana Okafor (business owner)");
    assert_eq!(&planner[place("what_became_of_it")], "Dana Okafor: still open");
    assert_eq!(&planner[place("opened_at")], "2026-11-23T15:00:00Z");
    assert_eq!(&planner[place("due_on")], "2026-12-14", "its own day, and not the campaign\u{2019}s");
    assert!(planner[place("resolution")].starts_with("business owner: Dana Okafor was asked"));
    let ending = line("Old Portal");
    assert_eq!(&ending[place("selection")], "Left out");
    assert_eq!(&ending[place("left_out_because")], "It is neither active nor suspended");
    assert_eq!((&ending[place("environment")], &ending[place("business_owner")]), ("Production", "nobody"));
    assert_eq!(analyst.get(&format!("{path}/report.csv?after=2")).status, 422, "a report holds every row");
}

#[test]
fn the_workbook_opens_holds_every_item_and_no_formula() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let (path, rows) = running(&app, &analyst);
    let head = analyst.get(&format!("{path}/report.xlsx"));
    assert_eq!(head.header("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    assert!(head.header("content-disposition").ends_with("-2026-11-23.xlsx\""));
    let (status, bytes) = analyst.get_bytes(&format!("{path}/report.xlsx"));
    assert_eq!(status, 200);
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let book = part("xl/workbook.xml");
    assert!(book.find("\"Campaign\"").unwrap() < book.find("\"Items\"").unwrap(), "{book}");
    let items = part("xl/worksheets/sheet2.xml");
    for row in &rows[..3] {
        assert_eq!(items.matches(&row.id.to_string()).count(), 2, "the id, and the address of {}", row.name);
    }
    assert!(
        items.contains("=Discharge Planner") && items.contains("frozen") && items.contains("<autoFilter"),
        "{items}"
    );
    let overview = part("xl/worksheets/sheet1.xml");
    let reviewers = part("xl/worksheets/sheet3.xml");
    for sheet in [&items, &overview, &reviewers] {
        assert!(!sheet.contains("<f>") && !sheet.contains("<f "), "a cell is a formula: {sheet}");
    }
    let texts = part("xl/sharedStrings.xml");
    for words in [
        "Selected in all",
        "Left out in all",
        "environment=production",
        "Every quarter.",
        "Passed on unanswered",
        "Every review once",
        "Dana Okafor",
    ] {
        assert!(texts.contains(words), "{words}: {texts}");
    }
}
