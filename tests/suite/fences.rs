//! The fences on every answer, whatever is asked and however it ends.

use std::time::Duration;

use muster::domain::people::Role;

use crate::app::{NOW, Page, TestApp};

/// What each answer must carry, word for word.
const FENCES: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Fails unless an answer has every fence, once.
pub fn fenced(page: &Page, what: &str) {
    for (name, value) in FENCES {
        assert_eq!(page.header(name), *value, "{what} answered {} without {name}", page.status);
    }
    for name in ["permissions-policy", "x-request-id", "content-security-policy", "cache-control"] {
        let count = page.headers.iter().filter(|(header, _)| header == name).count();
        assert_eq!(count, 1, "{what} answered {} with {name} {count} times", page.status);
    }
    let policy = page.header("permissions-policy");
    for denied in ["camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()"] {
        assert!(policy.contains(denied), "{what}: {policy}");
    }
}

/// The same, and that nothing of it is kept by a cache.
fn closed(page: &Page, what: &str, status: u16) {
    assert_eq!(page.status, status, "{what}: {}", page.text);
    fenced(page, what);
    assert_eq!(page.header("cache-control"), "no-store", "{what}");
    assert!(page.header("server").is_empty() && page.header("x-powered-by").is_empty(), "{what}");
}

/// A request with these lines after its first, on a connection that ends with it.
pub fn request(app: &TestApp, first: &str, lines: &str, body: &str) -> Vec<u8> {
    let host = app.url.trim_start_matches("http://");
    format!("{first} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}\r\n{body}").into_bytes()
}

#[test]
fn every_status_carries_the_fences() {
    let app = TestApp::start();
    let (stranger, admin) = (app.browser(), app.sign_in(Role::Administrator));
    closed(&admin.get("/identities"), "a page", 200);
    closed(&admin.get("/identities.csv"), "an export", 200);
    closed(&stranger.get("/healthz"), "a probe", 200);
    closed(&stranger.get("/readyz"), "a probe", 200);
    closed(&stranger.get("/identities"), "the way to sign in", 303);
    closed(&stranger.get("/no/such/page"), "no page", 404);
    closed(&admin.get("/no/such/page"), "no page", 404);
    closed(&admin.get("/identities/no-such-id"), "no identity", 404);
    closed(&admin.get("/static/no-such-file"), "no file", 404);
    closed(&admin.get("/identities?environment=bogus"), "a filter that is not understood", 422);
    closed(&stranger.post_bare("/tasks/x", &[], &[]), "a form of a stranger", 401);
    closed(&admin.post_bare("/identities/new", &[], &[]), "a form without its token", 403);
    closed(&app.sign_in(Role::Owner).get("/people"), "a page of others", 403);
    closed(&admin.post_raw("/identities/new", "text/plain", b"x"), "text", 415);
    closed(&admin.post_raw("/imports/new", "application/json", b"{}"), "JSON", 415);
    let long = vec![b'x'; 300 * 1024];
    closed(&admin.post_raw("/identities/new", "application/x-www-form-urlencoded", &long), "a long form", 413);
    closed(&admin.get(&format!("/identities?q={}", "x".repeat(9_000))), "a long address", 414);
    let heavy: Vec<(String, String)> = (0..20).map(|number| (format!("x-{number}"), "y".repeat(2_000))).collect();
    let heavy: Vec<(&str, &str)> = heavy.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    closed(&admin.get_with("/identities", &heavy), "long headers", 431);
    closed(&admin.get_with("/identities", &[("content-encoding", "gzip")]), "a packed request", 415);
    closed(&admin.get_with("/identities", &[("host", "evil.example")]), "another host", 421);
    closed(&admin.get("/identities/%00"), "a control character", 400);
    for method in ["DELETE", "TRACE", "OPTIONS", "PATCH", "BREW"] {
        let answers = app.raw(&request(&app, &format!("{method} /sign-in"), "", ""));
        closed(&answers[0], method, 405);
    }
}

#[test]
fn what_may_be_kept_is_only_what_is_the_same_for_everybody() {
    let app = TestApp::start();
    let browser = app.browser();
    let file = browser.get("/static/app.css");
    assert_eq!((file.status, file.header("cache-control")), (200, "public, max-age=3600"));
    fenced(&file, "a file");
    let again = browser.get_with("/static/app.css", &[("if-none-match", file.header("etag"))]);
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    fenced(&again, "a file that is known");
}

#[test]
fn head_carries_the_fences() {
    use std::io::{Read, Write};
    let app = TestApp::start();
    let mut stream = app.connect();
    stream.write_all(&request(&app, "HEAD /sign-in", "", "")).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200") && text.ends_with("\r\n\r\n"), "{text}");
    for (name, value) in FENCES {
        assert!(text.contains(&format!("\r\n{name}: {value}\r\n")), "{name}: {text}");
    }
}

#[test]
fn what_is_no_request_is_answered_with_the_fences_too() {
    let app = TestApp::start();
    let many: String = (0..200).map(|number| format!("x-{number}: y\r\n")).collect();
    for (what, bytes, status) in [
        ("garbage", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n".to_vec(), 400),
        ("no version", b"GET /\r\n\r\n".to_vec(), 400),
        ("no host", b"GET / HTTP/1.1\r\n\r\n".to_vec(), 400),
        ("a NUL in the target", b"GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(), 400),
        ("many headers", request(&app, "GET /", &many, ""), 431),
        ("a header without an end", request(&app, "GET /", &format!("x: {}", "y".repeat(140_000)), ""), 431),
        ("a target without an end", request(&app, &format!("GET /{}", "y".repeat(70_000)), "", ""), 400),
    ] {
        let answers = app.raw(&bytes);
        assert_eq!(answers.len(), 1, "{what}");
        closed(&answers[0], what, status);
        assert_eq!(answers[0].header("connection"), "close", "{what}");
        assert!(!answers[0].text.is_empty() && !answers[0].text.contains('<'), "{what}: {}", answers[0].text);
    }
    assert_eq!(app.browser().get("/healthz").status, 200);
}

#[test]
fn over_tls_each_answer_says_that_nothing_else_is_spoken() {
    let app = TestApp::start_with(NOW, Some("127.0.0.0/8"), |deployment| {
        "https://muster.hospital.example".clone_into(&mut deployment.base_url);
    });
    let browser = app.browser();
    let page = |path: &str, host: &str| browser.get_with(path, &[("host", host)]);
    for answer in [
        page("/sign-in", "muster.hospital.example"),
        page("/identities", "muster.hospital.example"),
        page("/static/app.css", "muster.hospital.example"),
        page("/no/such/page", "muster.hospital.example"),
        page("/sign-in", "evil.example"),
        app.raw(b"garbage\r\n\r\n").remove(0),
    ] {
        let what = format!("{} {}", answer.status, answer.text.chars().take(40).collect::<String>());
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000; includeSubDomains", "{what}");
        fenced(&answer, &what);
    }
    assert!(TestApp::start().browser().get("/sign-in").header("strict-transport-security").is_empty());
}

#[test]
fn a_database_that_is_away_is_told_with_the_fences() {
    let app = TestApp::start();
    let admin = app.sign_in(Role::Administrator);
    let held: Vec<_> = (0..4).map(|_| app.register.database.read().unwrap()).collect();
    closed(&admin.get("/readyz"), "a probe", 503);
    closed(&admin.get("/identities"), "a page", 503);
    drop(held);
    closed(&admin.get("/identities"), "a page", 200);
}

#[test]
fn a_head_that_never_ends_is_told_so_with_the_fences() {
    let app = TestApp::start_told(|deployment| deployment.access.patience.head = Duration::from_millis(300));
    let answers = app.raw(b"GET /sign-in HTTP/1.1\r\nHost: x\r\nx: ");
    assert_eq!(answers.len(), 1);
    closed(&answers[0], "half a head", 408);
}

#[test]
fn a_stranger_is_not_told_which_muster_this_is() {
    let app = TestApp::start();
    let version = format!("Muster {}", env!("CARGO_PKG_VERSION"));
    assert!(!app.browser().get("/sign-in").shows(&version) && !app.browser().get("/no/such/page").shows(&version));
    assert!(app.sign_in(Role::Auditor).get("/identities").shows(&version));
}
