//! What every answer has in common, whatever page it is about.

use muster::domain::people::Role;
use muster::web::routes::ROUTES;

use crate::app::TestApp;

/// The addresses that somebody can look at.
fn addresses() -> Vec<String> {
    let looked_at = |route: &&muster::web::routes::Route| route.method == actix_web::http::Method::GET;
    ROUTES.iter().filter(looked_at).map(|route| crate::doors::example(route.path)).collect()
}

#[test]
fn looking_changes_nothing_and_every_answer_says_what_it_is() {
    let app = TestApp::start_told(|deployment| deployment.access.break_glass = true);
    let browser = app.sign_in(Role::Administrator);
    let before = app.audit_size();
    for path in addresses() {
        let page = browser.get_with(&path, &[("origin", "https://elsewhere.example")]);
        let kind = page.header("content-type");
        let text = kind.starts_with("text/");
        assert!(page.text.is_empty() || !text || kind.contains("charset=utf-8"), "{path}: {kind}");
        assert!(page.text.is_empty() || !kind.is_empty(), "{path} says nothing of its content");
        assert_eq!(page.header("access-control-allow-origin"), "", "{path} lets no other origin read it");
        if !path.starts_with("/static/") {
            assert_eq!(page.header("cache-control"), "no-store", "{path}");
        }
    }
    assert_eq!(app.audit_size(), before, "reading is no change");
}

#[test]
fn over_https_every_answer_asks_for_https_from_then_on() {
    let app = TestApp::start_told(|deployment| deployment.base_url = "https://muster.hospital.example".to_owned());
    for path in ["/sign-in", "/no/such/page", "/identities", "/static/app.css", "/healthz"] {
        let header = app.browser().get(path).header("strict-transport-security").to_owned();
        assert_eq!(header, "max-age=31536000; includeSubDomains", "{path}");
    }
}

#[test]
fn a_fault_tells_the_reader_a_number_and_nothing_of_the_inside() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::Administrator);
    app.register.database.read().unwrap().execute("ALTER TABLE outbox RENAME TO gone").unwrap();
    let page = browser.get("/mail");
    assert_eq!(page.status, 500);
    assert!(page.shows("Something went wrong on our side. Nothing was changed"), "{}", page.readable());
    for inside in ["outbox", "SQL", "sqlite", "relation", "no such table", "src/"] {
        assert!(!page.text.contains(inside), "{inside}");
    }
    assert_eq!(browser.get("/vendors").status, 200, "the rest goes on");
}
