//! What the door lets in, for every route of the table.

use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::domain::permissions::{Permission, allows};
use muster::web::routes::ROUTES;

use crate::app::TestApp;

/// A path of the table with ids of nothing in place of its parameters.
pub fn example(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap();
        out.push_str(before);
        out.push_str(&match name {
            "file:.*" => "app.css".to_owned(),
            "seq" => "999999".to_owned(),
            "name" => "no_such_job".to_owned(),
            _ => Id::new().to_string(),
        });
        rest = after;
    }
    out + rest
}

#[test]
fn a_stranger_reaches_nothing_but_public_routes() {
    let app = TestApp::start_told(|deployment| deployment.access.break_glass = true);
    let browser = app.browser();
    for route in ROUTES {
        let path = example(route.path);
        let status = match route.method.as_str() {
            "GET" => browser.get(&path).status,
            _ => browser.post_bare(&path, &[], &[]).status,
        };
        match (route.permission, route.method.as_str()) {
            // What belongs to single sign-on does not exist where there is no provider.
            (Permission::Public, "GET") if route.path.starts_with("/sign-in/single-sign-on/") => {
                assert_eq!(status, 404, "{route:?}");
            }
            (Permission::Public, "GET") if route.path == "/sign-in/code" => assert_eq!(status, 303, "no first step"),
            // A one-time link that nobody was given opens nothing.
            (Permission::Public, "GET") if path.starts_with("/welcome") || path.starts_with("/set-up") => {
                assert_eq!(status, 404, "{route:?}");
            }
            (Permission::Public, "GET") => assert_eq!(status, 200, "{route:?}"),
            (Permission::Public, _) => assert_eq!(status, 403, "{route:?} without a form token"),
            (_, "GET") if !path.starts_with("/api/") => assert_eq!(status, 303, "{route:?}"),
            _ => assert_eq!(status, 401, "{route:?}"),
        }
    }
}

#[test]
fn each_role_is_refused_exactly_where_the_table_says_so() {
    let app = TestApp::start_told(|deployment| deployment.access.break_glass = true);
    for role in Role::ALL {
        let browser = app.sign_in(*role);
        for route in ROUTES.iter().filter(|route| route.permission != Permission::Public && route.path != "/sign-out") {
            let path = example(route.path);
            let allowed = allows(Some(*role), route.permission);
            let page = match route.method.as_str() {
                "GET" => browser.get(&path),
                _ => browser.post_bare(&path, &[("csrf", "not the token")], &[]),
            };
            if route.method == actix_web::http::Method::GET {
                assert_eq!(page.status == 403, !allowed, "{role} {route:?} answered {}", page.status);
                assert!(page.status < 500, "{role} {route:?} answered {}: {}", page.status, page.text);
            } else {
                // A form with a file is told apart by its kind before its token is looked for.
                let with_file = allowed && route.path == "/imports/new";
                let refused = if with_file { 415 } else { 403 };
                assert_eq!(page.status, refused, "{role} {route:?}: every change needs the form token");
            }
        }
    }
}

#[test]
fn a_probe_with_head_is_answered_as_get_is_without_the_body() {
    let app = TestApp::start();
    let (stranger, analyst) = (app.browser(), app.sign_in(Role::SecurityAnalyst));
    for path in ["/healthz", "/sign-in", "/static/app.css"] {
        let (status, body) = stranger.head(path);
        assert_eq!((status, body), (200, 0), "{path}");
    }
    assert_eq!(analyst.head("/identities"), (200, 0));
    assert_eq!(stranger.head("/identities").0, 303, "a stranger is sent to sign in");
    assert_eq!(analyst.head("/identities/bulk").0, analyst.get("/identities/bulk").status, "no door that GET lacks");
}

#[test]
fn every_answer_carries_the_fences() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::Administrator);
    for path in ["/identities", "/no/such/page", "/sign-in", "/static/app.css", "/healthz"] {
        let page = browser.get(path);
        assert_eq!(
            page.header("content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
            "{path}"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(!page.header("x-request-id").is_empty(), "{path}");
    }
    let missing = browser.get("/no/such/page");
    assert_eq!(missing.status, 404);
    assert!(missing.shows("There is nothing at this address") && missing.shows("Go to the start page"));
}

#[test]
fn a_form_from_elsewhere_is_refused_even_with_the_right_token() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::Administrator);
    let token = browser.token("/");
    for headers in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://evil.hospital.example")],
    ] {
        let page = browser.post_bare("/sign-out", &[("csrf", &token)], &headers);
        assert_eq!(page.status, 403, "{headers:?}");
    }
    assert_eq!(browser.get("/identities").status, 200, "the session goes on");
    let page = browser.post_bare("/sign-out", &[("csrf", &token)], &[("sec-fetch-site", "same-origin")]);
    assert_eq!(page.status, 303);
}

#[test]
fn the_service_says_that_it_is_alive_and_ready() {
    let app = TestApp::start();
    assert_eq!(app.browser().get("/healthz").text, "alive\n");
    assert_eq!(app.browser().get("/readyz").text, "ready\njobs: not_started\n");
}

#[test]
fn behind_a_proxy_only_its_network_is_answered() {
    let app = TestApp::start_behind(crate::app::NOW, Some("10.0.0.0/8"));
    for path in ["/sign-in", "/healthz", "/static/app.css", "/no/such/page"] {
        let page = app.browser().get_with(path, &[("x-forwarded-for", "10.0.0.7"), ("forwarded", "for=10.0.0.7")]);
        assert_eq!(page.status, 403, "{path}");
        assert!(page.text.contains("answers only the proxy") && !page.text.contains('<'), "{}", page.text);
        assert!(!page.header("content-security-policy").is_empty(), "{path}");
    }
    assert_eq!(app.browser().post_bare("/sign-in", &[], &[]).status, 403);
    let app = TestApp::start_behind(crate::app::NOW, Some("127.0.0.0/8"));
    assert_eq!(app.browser().get("/sign-in").status, 200);
}

#[test]
fn an_address_in_disguise_passes_no_door() {
    let app = TestApp::start();
    let (stranger, auditor) = (app.browser(), app.sign_in(Role::Auditor));
    for path in ["/%61udit.jsonl", "/audit%2ejsonl", "/%70eople.csv", "/i%64entities", "/people/%6eew"] {
        assert_eq!(stranger.get(path).status, 404, "{path}");
        assert_eq!(auditor.get(path).status, 404, "{path}");
    }
}
