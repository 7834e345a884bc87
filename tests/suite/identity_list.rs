//! The list of identities: filters, order, pages, search and exports.

use std::collections::BTreeSet;

use muster::domain::identities::{Environment, IdentityKind};
use muster::domain::people::Role;
use muster::store::identities::{self, Identity};

use crate::app::{Browser, TestApp};

/// Fills the register with identities of these names, odd ones in production and even ones in a sandbox.
fn filled(names: &[String]) -> TestApp {
    let app = TestApp::start();
    let now = app.register.now();
    let rows: Vec<Identity> = (0_i64..)
        .zip(names)
        .map(|(number, name)| {
            let environment = if number % 2 == 0 { Environment::Sandbox } else { Environment::Production };
            let mut identity = Identity::new(IdentityKind::Token, name, environment, now);
            identity.client_id = Some(format!("client-{number}"));
            // Many share a date, so that the order inside a date matters.
            identity.expires_at = (number % 3 != 0).then(|| now.plus_days(number % 5));
            identity
        })
        .collect();
    identities::insert_many(&mut app.register.database.read().unwrap(), &rows).unwrap();
    app
}

fn many() -> Vec<String> {
    // Some names are equal, in two cases.
    (0..130).map(|number| if number % 10 == 0 { "Same".to_owned() } else { format!("App {number:03}") }).collect()
}

/// The ids of the rows of every page, and the pages.
fn walked(browser: &Browser, query: &str) -> (Vec<String>, usize) {
    let (mut ids, mut pages) = (Vec::new(), 0);
    let mut path = format!("/identities{query}");
    let link = scraper::Selector::parse("tbody th a").unwrap();
    let next = scraper::Selector::parse("a[rel=next]").unwrap();
    loop {
        let page = browser.get(&path);
        assert_eq!(page.status, 200, "{path}");
        let document = scraper::Html::parse_document(&page.text);
        ids.extend(document.select(&link).map(|a| a.value().attr("href").unwrap().to_owned()));
        pages += 1;
        match document.select(&next).next() {
            Some(a) => path = a.value().attr("href").unwrap().to_owned(),
            None => return (ids, pages),
        }
    }
}

#[test]
fn walking_the_pages_shows_every_row_once_in_order() {
    let app = filled(&many());
    let analyst = app.sign_in(Role::SecurityAnalyst);
    for sort in ["name", "-name", "expires", "-expires", "last_used", "next_review", "-registered"] {
        let (ids, pages) = walked(&analyst, &format!("?sort={sort}"));
        assert_eq!((ids.len(), pages), (130, 3), "{sort}");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 130, "{sort}");
    }
    let (up, _) = walked(&analyst, "?sort=name");
    let (down, _) = walked(&analyst, "?sort=-name");
    assert_eq!(up, down.into_iter().rev().collect::<Vec<_>>());
    let (sandbox, pages) = walked(&analyst, "?environment=sandbox&sort=-expires");
    assert_eq!((sandbox.len(), pages), (65, 2));
}

#[test]
fn search_finds_parts_of_words_and_takes_every_sign_literally() {
    let names = [
        "Discharge Planner",
        "100% Chart",
        "100 Chart",
        "a_b_c",
        "aXbXc",
        "Quote \"x\" here",
        "O'Neill's",
        "Back\\slash",
    ];
    let app = filled(&names.map(str::to_owned));
    let analyst = app.sign_in(Role::SecurityAnalyst);
    for (search, found) in [
        ("scharg", "Discharge Planner"),
        ("PLANNER", "Discharge Planner"),
        ("100%", "100% Chart"),
        ("a_b", "a_b_c"),
        ("\"x\"", "Quote \"x\" here"),
        ("'Neill", "O'Neill's"),
        ("k\\sl", "Back\\slash"),
        ("client-4", "aXbXc"),
    ] {
        let query: String = url::form_urlencoded::byte_serialize(search.as_bytes()).collect();
        let (ids, _) = walked(&analyst, &format!("?q={query}"));
        assert_eq!(ids.len(), 1, "{search}");
        assert!(analyst.get(&format!("/identities?q={query}")).shows(found), "{search}");
    }
    let nothing = analyst.get("/identities?q=zzzz");
    assert!(nothing.shows("No identity matches"));
    assert!(nothing.shows("Contains \u{201c}zzzz\u{201d}"));
}

#[test]
fn the_state_filter_goes_by_what_is_shown() {
    use muster::domain::identities::{IdentityState, StateCause};
    let app = TestApp::start();
    let now = app.register.now();
    let mut expired = Identity::new(IdentityKind::Token, "Expired", Environment::Production, now);
    expired.state = IdentityState::Active;
    expired.state_cause = StateCause::ImportedEnabled;
    expired.expires_at = Some(now.plus_days(-1));
    identities::insert(&mut app.register.database.read().unwrap(), &expired).unwrap();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    assert_eq!(walked(&analyst, "?state=suspended").0.len(), 1);
    assert_eq!(walked(&analyst, "?state=active").0.len(), 0);
}

#[test]
fn an_export_holds_what_the_list_shows_in_its_order() {
    let app = filled(&many());
    let auditor = app.sign_in(Role::Auditor);
    for query in ["", "?environment=production&sort=-expires", "?q=same"] {
        let (shown, _) = walked(&auditor, query);
        let shown: Vec<&str> = shown.iter().map(|href| href.strip_prefix("/identities/").unwrap()).collect();
        let csv = auditor.get(&format!("/identities.csv{query}"));
        assert!(csv.header("content-disposition").starts_with("attachment; filename=\"identities-2026-11-23.csv\""));
        let mut reader = csv::Reader::from_reader(csv.text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.iter().map(|row| &row[0]).collect::<Vec<_>>(), shown, "{query}");
        let lines = auditor.get(&format!("/identities.jsonl{query}"));
        let ids: Vec<String> = lines
            .text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ids, shown, "{query}");
    }
}

#[test]
fn an_export_is_longer_than_one_chunk_and_holds_no_formula() {
    let mut names: Vec<String> = (0..1_203).map(|number| format!("App {number}")).collect();
    names.push("=cmd|' /C calc'!A0".to_owned());
    let app = filled(&names);
    let page = app.sign_in(Role::Auditor).get("/identities.csv");
    let mut reader = csv::Reader::from_reader(page.text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1_204);
    assert!(rows.iter().any(|row| &row[3] == "'=cmd|' /C calc'!A0"));
    for row in &rows {
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{row:?}");
    }
}

#[test]
fn a_word_that_very_many_hold_is_found_the_same_way_whichever_way_is_read() {
    use muster::domain::listing::{Count, Direction, From};
    use muster::store::identity_list::{self, IdentityFilter, IdentityOrder, IdentitySort};
    // More rows than are looked through in one stretch, first without the word and then with it.
    let names: Vec<String> = (0..2_400)
        .map(|number| match number {
            0..2_100 => format!("App {number:04}"),
            2_200 => "Wor\u{212a} 100% list".to_owned(),
            _ => format!("WORK 100% list {number:04}"),
        })
        .collect();
    let app = filled(&names);
    let mut db = app.register.database.read().unwrap();
    let now = app.register.now();
    for (search, environment) in [("work 100%", None), ("work 100%", Some(Environment::Production)), ("app", None)] {
        let filter = IdentityFilter { search: Some(search.to_owned()), environment, ..IdentityFilter::default() };
        for sort in [IdentitySort::Name, IdentitySort::Expires] {
            for direction in [Direction::Ascending, Direction::Descending] {
                let order = IdentityOrder { sort, direction };
                let (mut from, mut seen) = (From::Start, 0);
                loop {
                    let mut ids = |count| {
                        let page = identity_list::page(&mut db, &filter, order, &from, count, now).unwrap();
                        page.rows.iter().map(|line| line.cursor(order)).collect::<Vec<_>>()
                    };
                    let (stretched, collected) = (ids(Count::MoreThan(10_000)), ids(Count::Exactly(60)));
                    assert_eq!(stretched, collected, "{search} {order:?} {from:?}");
                    seen += stretched.len();
                    match stretched.last() {
                        Some(last) if seen < 200 => from = From::After(last.clone()),
                        _ => break,
                    }
                }
                assert!(seen >= 100, "{search} {order:?}: {seen}");
            }
        }
    }
    let work = IdentityFilter { search: Some("work 100%".to_owned()), ..IdentityFilter::default() };
    assert_eq!(identity_list::count(&mut db, &work, now).unwrap(), Count::Exactly(300));
}

#[test]
fn a_search_does_not_run_from_one_field_into_the_next() {
    let app = filled(&["Alpha".to_owned()]);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    // The name ends where the client id begins.
    assert_eq!(walked(&analyst, "?q=alpha").0.len(), 1);
    assert_eq!(walked(&analyst, "?q=alpha%20client").0.len(), 0);
}

#[test]
fn what_is_absent_is_found_by_its_filter_on_every_order() {
    let app = TestApp::start();
    let now = app.register.now();
    let mut known = Identity::new(IdentityKind::Token, "Known", Environment::Production, now);
    known.expires_at = Some(now.plus_days(3));
    known.next_review_on = Some(now.date());
    known.last_used_at = Some(now.plus_days(-100));
    known.last_used_source = Some("a log".to_owned());
    known.vendor_managed = true;
    let unknown = Identity::new(IdentityKind::Token, "Unknown", Environment::Production, now);
    identities::insert_many(&mut app.register.database.read().unwrap(), &[known.clone(), unknown.clone()]).unwrap();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    for sort in ["name", "-expires", "last_used", "next_review", "registered"] {
        for (query, found) in [
            ("expiry=never", unknown.id),
            ("expiry=within_30_days", known.id),
            ("review=not_planned", unknown.id),
            ("review=within_30_days", known.id),
            ("usage=unknown", unknown.id),
            ("usage=not_for_90_days", known.id),
            ("vendor_managed=yes", known.id),
            ("vendor_managed=no", unknown.id),
        ] {
            assert_eq!(
                walked(&analyst, &format!("?{query}&sort={sort}")).0,
                [format!("/identities/{found}")],
                "{query}"
            );
        }
    }
}
