//! Who asks too often is told when to come back, and takes nothing from anybody else.

use muster::domain::people::Role;
use muster::domain::rates::Rates;

use crate::app::{Browser, NOW, Page, TestApp};
use crate::fences::fenced;

/// The smallest allowance there is: ten pages at once, four forms, one export.
fn small(network: Option<&str>) -> TestApp {
    TestApp::start_with(NOW, network, |deployment| deployment.access.rates = Rates::new(60).unwrap())
}

/// Asks until it is too much; fails when it never is.
fn exhaust(mut ask: impl FnMut() -> Page) -> Page {
    (0..100).map(|_| ask()).find(|page| page.status == 429).expect("100 requests were answered")
}

fn is_refusal(page: &Page, what: &str) {
    assert_eq!(page.status, 429, "{what}");
    fenced(page, what);
    let seconds: u64 = page.header("retry-after").parse().expect("Retry-After is a number");
    assert!((1..=60).contains(&seconds), "{what}: {seconds}");
    assert!(page.shows("Try again in "), "{what}: {}", page.readable());
}

#[test]
fn an_account_that_asks_too_often_is_told_when_to_come_back() {
    let app = small(None);
    let (busy, calm) = (app.sign_in(Role::Auditor), app.sign_in(Role::Auditor));
    is_refusal(&exhaust(|| busy.get("/vendors")), "a page");
    assert_eq!(calm.get("/vendors").status, 200, "another account has its own allowance");
    // The style of the page that says so is not counted, and neither is a probe.
    for _ in 0..50 {
        assert_eq!(busy.get("/static/app.css").status, 200);
        assert_eq!(busy.get("/healthz").status, 200);
    }
}

#[test]
fn a_file_costs_more_than_a_page_and_a_form_is_counted_apart() {
    let app = small(None);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let token = analyst.token("/");
    assert_eq!(analyst.get("/vendors.csv").status, 200);
    let refused = analyst.get("/vendors.jsonl");
    is_refusal(&refused, "an export");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 10);
    assert_eq!(analyst.get("/vendors").status, 200, "pages go on");
    let before = app.audit_size();
    is_refusal(&exhaust(|| analyst.post_bare("/vendors/new", &[("csrf", &token)], &[])), "a form");
    assert_eq!(app.audit_size(), before);
}

#[test]
fn a_stranger_is_counted_by_address_and_an_account_of_the_same_address_goes_on() {
    let app = small(None);
    let known = app.sign_in(Role::Auditor);
    let stranger = app.browser();
    is_refusal(&exhaust(|| stranger.get("/sign-in")), "a stranger");
    is_refusal(&exhaust(|| stranger.get("/identities")), "the way to sign in");
    is_refusal(&exhaust(|| stranger.get("/no/such/page")), "no page");
    // A cookie that opens nothing makes nobody known.
    is_refusal(&exhaust(|| stranger.get_with("/vendors", &[("cookie", "muster=made-up")])), "a made-up cookie");
    assert_eq!(known.get("/vendors").status, 200);
}

#[test]
fn behind_a_proxy_each_client_is_counted_apart_and_cannot_choose_whom_it_counts_as() {
    let app = small(Some("127.0.0.0/8"));
    let browser = app.browser();
    let from = |browser: &Browser, address: &str| browser.get_with("/sign-in", &[("x-forwarded-for", address)]);
    is_refusal(&exhaust(|| from(&browser, "203.0.113.9")), "one client");
    assert_eq!(from(&browser, "203.0.113.10").status, 200, "another client");
    let mut number = 0;
    let refused = exhaust(|| {
        number += 1;
        from(&browser, &format!("198.51.100.{number}, 203.0.113.11"))
    });
    is_refusal(&refused, "a client that writes other addresses before its own");
    let refused = exhaust(|| {
        number += 1;
        from(&browser, &format!("2001:db8:0:1::{number:x}"))
    });
    is_refusal(&refused, "a machine with many addresses of one network");
    assert_eq!(from(&browser, "2001:db8:0:2::1").status, 200);
    // Without a proxy the header is the client's own invention.
    let bare = small(None);
    let refused = exhaust(|| {
        number += 1;
        from(&bare.browser(), &format!("203.0.113.{}", number % 250))
    });
    is_refusal(&refused, "a client that invents addresses");
}
