//! The list of findings: what breaks which rule, since when, and what to do.

use muster::domain::findings::FindingRule;
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::store::findings::{self, Finding};

use crate::app::{Browser, NOW, Page, TestApp, at};
use crate::command::Command;
use crate::jobs::{identity, owned_by};
use crate::silence_page::asked_about;

/// Stores an open finding.
fn found(app: &TestApp, identity: Id, rule: FindingRule, says: &str) -> Finding {
    let finding = Finding::new(identity, rule, says.to_owned(), at(NOW));
    app.register.change(&app.setup(), |work| Ok(findings::insert_if_new(work.db, &finding)?)).unwrap();
    finding
}

/// How many findings a page lists: every row but those that head the rows of a rule.
fn rows(browser: &Browser, path: &str) -> usize {
    let page = browser.get(path);
    assert_eq!(page.status, 200, "{path}: {}", page.readable());
    parts(&page, "main tbody tr:not(.rule)").len()
}

/// What a reader reads of each part of a page that a selector finds, in the order of the page.
fn parts(page: &Page, selector: &str) -> Vec<String> {
    let document = scraper::Html::parse_document(&page.text);
    let selector = scraper::Selector::parse(selector).unwrap();
    document.select(&selector).map(|part| part.text().collect::<Vec<_>>().join(" ").trim().to_owned()).collect()
}

#[test]
fn what_holds_of_findings_one_under_another_is_said_once_and_their_order_stays() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let ids: Vec<Id> = (1..=7).map(|number| identity(&app, &format!("App {number}"), |_| {}).id).collect();
    let same = "On 29 Dec 2026 that was held back, because silence was only simulated then.";
    for id in &ids[..3] {
        found(&app, *id, FindingRule::SilenceHeldBack, same);
    }
    found(&app, ids[3], FindingRule::ReviewerMissing, "There is nobody who could be asked.");
    for (id, on) in [(ids[4], "20 Nov"), (ids[5], "21 Nov")] {
        found(&app, id, FindingRule::SilenceHeldBack, &format!("On {on} 2026 that was held back."));
    }
    found(&app, ids[6], FindingRule::ReviewerMissing, "There is nobody who could be asked.");
    let page = analyst.get("/findings");
    let names: Vec<String> = (1..=7).rev().map(|number| format!("App {number}")).collect();
    assert_eq!(parts(&page, "main tbody tr:not(.rule) > th"), names, "the newest first");
    // Only several have a head: its cell of the head names the rule alone, because it is read with each cell below it.
    let held = FindingRule::SilenceHeldBack;
    assert_eq!(parts(&page, "main tbody tr.rule > th[scope=rowgroup]"), [held.label(), held.label()]);
    let heads = parts(&page, "main tbody tr.rule > td");
    let advice = format!("What to do: {}", held.remedy());
    assert_eq!(heads[0], advice);
    assert!(heads[1].starts_with(same) && heads[1].ends_with(&advice), "{heads:?}");
    assert_eq!((heads.len(), page.text.matches(same).count()), (2, 1), "{}", page.readable());
    let cells = parts(&page, "main td[data-th='What was found']");
    let missing = FindingRule::ReviewerMissing;
    let alone = cells.iter().filter(|cell| cell.starts_with(missing.label()) && cell.ends_with("could be asked."));
    assert_eq!((cells.len(), alone.count()), (4, 2), "one alone says its rule itself: {cells:?}");
    for own in ["On 20 Nov 2026 that was held back.", "On 21 Nov 2026 that was held back."] {
        assert!(cells.iter().any(|cell| cell == own), "each its own: {cells:?}");
    }
    let to_do = parts(&page, "main td[data-th='What to do']");
    assert_eq!(to_do, [missing.remedy(), missing.remedy()]);
    assert_full(&page);
}

/// No cell of the list is empty, and each row fills its five columns.
fn assert_full(page: &Page) {
    assert!(parts(page, "main tbody th, main tbody td").iter().all(|cell| !cell.is_empty()), "{}", page.text);
    let document = scraper::Html::parse_document(&page.text);
    let [rows, cells] = ["main tbody tr", "th, td"].map(|selector| scraper::Selector::parse(selector).unwrap());
    for row in document.select(&rows) {
        let spans = row.select(&cells).map(|cell| cell.value().attr("colspan").unwrap_or("1"));
        assert_eq!(spans.map(|span| span.parse::<usize>().unwrap()).sum::<usize>(), 5, "{}", row.html());
    }
}

#[test]
fn where_several_share_what_was_found_the_way_to_decide_stands_beside_those_whose_review_is_open() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let asked = asked_about(&app, "Ward Planner", "2026-11-20", |_| {});
    let unasked = identity(&app, "Bulk Export", |_| {});
    let says = "On 20 Nov 2026 that was held back.";
    found(&app, asked.id, FindingRule::SilenceHeldBack, says);
    // One alone says all of it in its row.
    let page = analyst.get("/findings?rule=silence_held_back");
    assert!(parts(&page, "main tr.rule").is_empty(), "{}", page.text);
    let review = crate::reviews::review_of(&app, asked.id).id;
    let link = format!("<a href=\"/reviews/{review}\">Decide its review</a>");
    assert!(page.text.contains(&format!("{link}. Silence still comes")), "{}", page.text);
    assert!(page.shows(FindingRule::SilenceHeldBack.label()) && page.shows(says), "{}", page.readable());
    assert_full(&page);
    found(&app, unasked.id, FindingRule::SilenceHeldBack, says);
    let page = analyst.get("/findings?rule=silence_held_back");
    assert_eq!(parts(&page, "main tbody td[data-th='What to do']"), ["Decide its review"]);
    assert!(parts(&page, "main tbody td[data-th='What was found']").is_empty(), "its head says it: {}", page.text);
    assert_full(&page);
}

#[test]
fn an_empty_list_says_what_was_checked() {
    let app = TestApp::start();
    let auditor = app.sign_in(Role::Auditor);
    let page = auditor.get("/findings");
    assert!(page.shows("Nothing breaks a rule that is checked"), "{}", page.readable());
    for rule in FindingRule::ALL {
        assert!(page.shows(&rule.label().to_lowercase()), "{rule}: {}", page.readable());
    }
    assert!(page.shows("found by the import that brings it"), "{}", page.readable());
    assert_eq!(auditor.get("/findings.jsonl").text, "");
    assert_eq!(app.sign_in(Role::Owner).get("/findings").status, 403);
}

#[test]
fn a_finding_says_what_was_found_and_what_to_do() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let (one, other) = (identity(&app, "Ward Planner", |_| {}), identity(&app, "Bulk Export", |_| {}));
    found(&app, one.id, FindingRule::ReviewUnanswered, "Nobody answered by 20 Nov 2026.");
    found(&app, other.id, FindingRule::ReviewUnanswered, "Nobody answered by 21 Nov 2026.");
    found(&app, other.id, FindingRule::ReviewerMissing, "There is nobody who could be asked.");
    let page = analyst.get("/findings");
    for text in ["Ward Planner", "Nobody answered by 20 Nov 2026.", "Moderate", FindingRule::ReviewerMissing.remedy()] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert!(page.text.contains(&format!("href=\"/identities/{}\"", one.id)));
    assert_eq!(rows(&analyst, "/findings"), 3);
    assert_eq!(rows(&analyst, "/findings?rule=review_unanswered"), 2);
    assert_eq!(rows(&analyst, "/findings?rule=secret_shared"), 0);
    assert!(analyst.get("/findings?rule=secret_shared").shows("Nothing breaks this rule"));
    let file = analyst.get("/findings.jsonl?rule=reviewer_missing").text;
    let line: serde_json::Value = serde_json::from_str(file.trim()).unwrap();
    assert_eq!((&line["rule"], &line["severity"]), (&"reviewer_missing".into(), &"high".into()));
    assert_eq!(line["identity"], "Bulk Export");
    assert_eq!(analyst.get("/findings.csv").text.lines().count(), 4);
    let told = Command::new(&app).run(&["findings", "list", "--json"]);
    assert_eq!(told.json().as_array().map(Vec::len), Some(3), "{}", told.err);
}

#[test]
fn what_says_to_decide_a_review_leads_to_it_and_every_rule_says_how_many_break_it() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let asked = asked_about(&app, "Ward Planner", "2026-11-20", |_| {});
    let unasked = identity(&app, "Bulk Export", |_| {});
    for row in [&asked, &unasked] {
        found(&app, row.id, FindingRule::SilenceHeldBack, "On 20 Nov 2026 that was held back.");
    }
    found(&app, asked.id, FindingRule::SecretShared, "It shares its secret.");
    let review = crate::reviews::review_of(&app, asked.id).id;
    let page = analyst.get("/findings");
    let link = format!("<a href=\"/reviews/{review}\">Decide its review</a>");
    assert_eq!(page.text.matches(&link).count(), 1, "{}", page.text);
    assert_eq!(page.text.matches("Decide its review").count(), 2, "without a review it is words alone");
    assert_eq!(page.text.matches("Decide its review. Silence still comes").count(), 1, "once for both");
    let about = analyst.get(&format!("/identities/{}", asked.id)).text;
    assert!(about.contains(&format!("{link}. Silence still comes")), "{about}");
    for (rule, count) in
        [(FindingRule::SilenceHeldBack, 2), (FindingRule::SecretShared, 1), (FindingRule::ReviewerMissing, 0)]
    {
        assert!(page.shows(&format!("{} ({count})", rule.label())), "{rule}: {}", page.readable());
    }
}

#[test]
fn the_number_on_the_start_page_equals_the_rows_of_its_link() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    identity(&app, "Quiet", |_| {});
    assert!(!analyst.get("/").shows("finding is open"));
    let row = identity(&app, "Ward Planner", |_| {});
    found(&app, row.id, FindingRule::ReviewUnanswered, "Nobody answered by 20 Nov 2026.");
    assert!(analyst.get("/").shows("1 finding is open"));
    found(&app, row.id, FindingRule::ReviewerMissing, "There is nobody who could be asked.");
    assert!(analyst.get("/").shows("2 findings are open"));
    assert_eq!(rows(&analyst, "/findings"), 2);
}

#[test]
fn a_finding_stands_at_the_top_of_the_page_of_its_identity() {
    let app = TestApp::start();
    let owner = app.sign_in(Role::Owner);
    let row = identity(&app, "Ward Planner", |row| owned_by(row, owner.person.unwrap()));
    found(&app, row.id, FindingRule::ReviewUnanswered, "Nobody answered by 20 Nov 2026.");
    found(&app, row.id, FindingRule::SecretShared, "It shares its secret with Foreign Planner.");
    let path = format!("/identities/{}", row.id);
    let page = owner.get(&path);
    assert!(page.shows("Nobody answered by 20 Nov 2026."), "{}", page.readable());
    assert!(page.shows(FindingRule::ReviewUnanswered.remedy()));
    assert!(!page.shows("Foreign Planner"), "an owner reads nothing about what is not theirs");
    assert!(app.sign_in(Role::Auditor).get(&path).shows("Foreign Planner"));
}
