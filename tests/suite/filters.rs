//! Filters of lists: nothing in a link is dropped in silence.

use std::collections::BTreeSet;

use muster::domain::identities::{Environment, IdentityKind};
use muster::domain::people::Role;
use muster::store::identities::{self, Identity};

use crate::app::{Browser, Page, TestApp};

/// Every list that has a page, whether it is an export too, and filters it cannot follow.
const LISTS: &[(&str, bool, &[&str])] = &[
    (
        "/identities",
        true,
        &[
            "state=bogus",
            "kind=bogus",
            "environment=Production",
            "expiry=soon",
            "review=x",
            "usage=x",
            "revocation=x",
            "vendor_managed=1",
            "system=zz",
            "system=0190f5fe-7c00-7a00-8000-000000000001",
            "vendor=Nobody%20knows",
            "business_owner=Nobody%20knows",
            "technical_owner=0190f5fe-7c00-7a00-8000-000000000001",
            "kind=token&kind=smart_app",
            "stat=active",
            "q=a%00b",
        ],
    ),
    ("/people", true, &["stay=x", "account=x", "role=x", "sort=name", "q=a%00b"]),
    ("/owners", true, &["left=no", "role=x"]),
    ("/systems", true, &["kind=x", "owner=x", "x=1"]),
    ("/vendors", true, &["papers=x", "x=1"]),
    ("/tasks", true, &["kind=x", "state=x", "assignee=x", "overdue=no"]),
    (
        "/audit",
        true,
        &["outcome=x", "action=x", "entity=x", "since=x", "until=0", "since=2026-11-23&until=2026-11-22", "x=1"],
    ),
    ("/imports", true, &["state=x"]),
    ("/mail", true, &["state=x"]),
    (
        "/reviews",
        true,
        &[
            "state=x",
            "outcome=x",
            "overdue=no",
            "campaign=zz",
            "asked=Nobody%20knows",
            "asked=0190f5fe-7c00-7a00-8000-000000000001",
            "tier=x",
            "cause=x",
            "q=a%00b",
            "x=1",
        ],
    ),
    ("/findings", true, &["rule=x", "x=1"]),
    ("/jobs", false, &["state=x"]),
];

fn filled() -> (TestApp, Browser) {
    let app = TestApp::start();
    let now = app.register.now();
    let rows: Vec<Identity> = ["One", "Two"]
        .map(|name| Identity::new(IdentityKind::Token, name, Environment::Production, now))
        .into_iter()
        .collect();
    identities::insert_many(&mut app.register.database.read().unwrap(), &rows).unwrap();
    let administrator = app.sign_in(Role::Administrator);
    (app, administrator)
}

fn rows(page: &Page) -> usize {
    let document = scraper::Html::parse_document(&page.text);
    document.select(&scraper::Selector::parse("main .tablewrap tbody tr").unwrap()).count()
}

/// Links of a page, without what leaves it or changes something.
fn links(page: &Page) -> BTreeSet<String> {
    let document = scraper::Html::parse_document(&page.text);
    let links = scraper::Selector::parse("a[href^='/']").unwrap();
    document.select(&links).map(|a| a.value().attr("href").unwrap().to_owned()).collect()
}

#[test]
fn a_filter_that_cannot_be_followed_shows_no_rows_and_says_why() {
    let (_app, administrator) = filled();
    for (path, _, queries) in LISTS {
        for query in *queries {
            let page = administrator.get(&format!("{path}?{query}"));
            assert_eq!(page.status, 422, "{path}?{query}");
            assert!(page.shows("This filter cannot be followed"), "{path}?{query}");
            assert!(page.text.contains("<title>Error: "), "{path}?{query}");
            assert!(page.text.contains("Leave this filter out"), "{path}?{query}");
            assert_eq!(rows(&page), 0, "{path}?{query}");
        }
    }
}

#[test]
fn an_export_is_refused_rather_than_wider_than_its_filter() {
    let (_app, administrator) = filled();
    for (path, exported, queries) in LISTS {
        for query in queries.iter().filter(|_| *exported) {
            for ending in ["csv", "jsonl"] {
                let answer = administrator.get(&format!("{path}.{ending}?{query}"));
                assert_eq!(answer.status, 422, "{path}.{ending}?{query}");
                assert!(answer.header("content-type").starts_with("text/plain"), "{path}.{ending}?{query}");
                assert!(answer.text.starts_with("Nothing is exported"), "{}", answer.text);
            }
        }
    }
    let answer = administrator.get("/identities.csv?state=bogus");
    assert!(answer.text.contains("State: \u{201c}bogus\u{201d} is not one of the choices."), "{}", answer.text);
    assert!(answer.text.contains("active (Active)"), "{}", answer.text);
    assert_eq!(administrator.get("/identities.csv?sort=bogus").status, 422);
    assert_eq!(administrator.get("/identities.csv?after=abc").status, 422);
}

#[test]
fn a_change_to_all_that_match_is_refused_when_the_filter_cannot_be_followed() {
    let (app, administrator) = filled();
    let size = app.audit_size();
    let answer = administrator.post("/identities/bulk", &[("all", "1"), ("filter", "?state=bogus")]);
    assert_eq!(answer.status, 422);
    assert!(answer.shows("is not one of the choices"), "{}", answer.readable());
    assert_eq!(administrator.post("/identities/bulk", &[("id", "zz")]).status, 400);
    let gone = muster::domain::ids::Id::new().to_string();
    assert_eq!(administrator.post("/identities/bulk", &[("id", &gone)]).status, 409);
    assert_eq!(app.audit_size(), size);
}

#[test]
fn an_unknown_order_or_place_leads_to_the_first_page_and_is_said() {
    let (_app, administrator) = filled();
    let sorted = administrator.get("/identities?kind=token&sort=bogus");
    assert_eq!((sorted.status, sorted.location.as_str()), (303, "/identities?kind=token&done=unsorted"));
    let page = administrator.get(&sorted.location);
    assert!(page.shows("cannot be sorted the way your link asks") && rows(&page) == 2, "{}", page.readable());
    for (path, _, _) in LISTS.iter().filter(|(path, _, _)| *path != "/jobs") {
        for query in ["after=zzz", "before=zzz", "after=a&before=b"] {
            let answer = administrator.get(&format!("{path}?{query}"));
            assert_eq!((answer.status, answer.location), (303, format!("{path}?done=restarted")), "{path}?{query}");
        }
        let page = administrator.get(&format!("{path}?done=restarted"));
        assert!(page.shows("This is the first page."), "{path}");
    }
    // A place of another order, and one that PostgreSQL could not take.
    for place in [
        "MDE5MGY1ZmUtN2MwMC03YTAwLTgwMDAtMDAwMDAwMDAwMDAxCkFiYw",
        "MDE5MGY1ZmUtN2MwMC03YTAwLTgwMDAtMDAwMDAwMDAwMDAxCgA",
    ] {
        let answer = administrator.get(&format!("/identities?sort=expires&after={place}"));
        assert_eq!(answer.location, "/identities?sort=expires&done=restarted");
    }
}

#[test]
fn an_owners_name_is_looked_up_and_what_is_close_is_offered() {
    let (app, analyst) = filled();
    let (one, _) = (app.person("Dana Reed", "dana.reed@x.example"), app.person("Dana Rivers", "dana.rivers@x.example"));
    // One person: the list and its export are theirs, in the page's link by id.
    let answer = analyst.get("/identities?business_owner=dana%20reed");
    assert_eq!(answer.location, format!("/identities?business_owner={one}"));
    let export = analyst.get("/identities.jsonl?business_owner=Dana%20Reed");
    assert_eq!((export.status, export.text.as_str()), (200, ""));
    // Several, and nobody: no rows, and links to those who may be meant.
    for (name, why) in
        [("dana", "several are called \u{201c}dana\u{201d}"), ("Dana%20Reedson", "nobody in the register is called")]
    {
        let page = analyst.get(&format!("/identities?business_owner={name}"));
        assert_eq!((page.status, rows(&page)), (422, 0), "{name}");
        assert!(page.shows(why) && page.shows("Dana Reed <dana.reed@x.example>"), "{}", page.readable());
        assert!(links(&page).contains(&format!("/identities?business_owner={one}")), "{name}");
    }
    // Whoever may not see the people of the register is told no names.
    let page = app.sign_in(Role::Owner).get("/identities?business_owner=dana");
    assert!(page.status == 422 && !page.shows("Dana Reed"), "{}", page.readable());
}

#[test]
fn an_actor_whom_too_many_match_is_no_filter() {
    let (app, administrator) = filled();
    for number in 0..201 {
        app.person(&format!("Alex {number}"), &format!("alex{number}@x.example"));
    }
    let page = administrator.get("/audit?actor=alex");
    assert!(page.status == 422 && page.shows("more than 200 people match"), "{}", page.readable());
    assert_eq!(administrator.get("/audit.csv?actor=alex").status, 422);
    assert_eq!(administrator.get("/audit?actor=alex2").status, 200);
}

#[test]
fn every_link_of_the_lists_can_be_followed() {
    let (app, administrator) = filled();
    app.person("Dana Reed", "dana.reed@x.example");
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut waiting: Vec<String> = LISTS.iter().map(|(path, _, _)| (*path).to_owned()).collect();
    waiting.push("/".to_owned());
    for round in 0..2 {
        for path in std::mem::take(&mut waiting) {
            if path.starts_with("/static") || !seen.insert(path.clone()) {
                continue;
            }
            let page = administrator.get(&path);
            assert_eq!(page.status, 200, "{path}");
            if round == 0 {
                waiting.extend(links(&page));
            }
        }
    }
    assert!(seen.len() > 40, "{seen:?}");
}
