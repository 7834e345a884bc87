//! What the door lets in for a token, for every route of the table, and how it refuses.

use actix_web::http::Method;
use muster::domain::permissions::Permission;
use muster::web::routes::{ROUTES, Route, is_bare};

use super::*;
use crate::app::Browser;
use crate::doors::example;

/// Asks a route with a token and nothing else.
fn ask(app: &TestApp, made: &Made, route: &Route) -> Page {
    let (path, header) = (example(route.path), made.header());
    let stranger: Browser = app.browser();
    match route.method.as_str() {
        "GET" => stranger.get_with(&path, &[("authorization", &header)]),
        _ => stranger.post_bare(&path, &[], &[("authorization", &header)]),
    }
}

#[test]
fn a_token_reaches_exactly_the_routes_of_its_scopes() {
    let app = TestApp::start_told(|deployment| deployment.access.break_glass = true);
    let (person, _) = app.account(Role::Administrator);
    let mut refused = 0;
    let sets: Vec<Vec<TokenScope>> =
        TokenScope::ALL.iter().map(|scope| vec![*scope]).chain([TokenScope::ALL.to_vec()]).collect();
    for scopes in sets {
        let name = format!("{scopes:?}");
        let made = make_for(&app, person, Role::Administrator, &TokenDraft { name: name.clone(), ..draft(&scopes) });
        for route in ROUTES.iter().filter(|route| !is_bare(route.path)) {
            let page = ask(&app, &made, route);
            let needed = TokenScope::for_permission(route.permission).filter(|_| route.marks.is_empty());
            match needed {
                None => {
                    assert_eq!(page.status, 403, "{name} {route:?}");
                    assert!(page.text.contains("No API token may do this"), "{route:?}: {}", page.text);
                    refused += 1;
                }
                Some(scope) if !scopes.contains(&scope) => {
                    assert_eq!(page.status, 403, "{name} {route:?}");
                    let challenge = page.header("www-authenticate");
                    assert!(
                        challenge.contains("error=\"insufficient_scope\"")
                            && challenge.contains(&format!("scope=\"{}\"", scope.word())),
                        "{route:?}: {challenge}"
                    );
                    assert!(page.text.contains("\"error\":\"insufficient_scope\""), "{}", page.text);
                }
                Some(_) => assert!(
                    page.status != 401 && page.status != 403 && page.status < 500,
                    "{name} {route:?} answered {}: {}",
                    page.status,
                    page.text
                ),
            }
        }
    }
    assert!(refused > 5 * 20, "{refused}");
}

#[test]
fn what_is_for_people_is_named_in_the_table() {
    for route in ROUTES {
        let people = matches!(route.permission, Permission::KeepPeople | Permission::AnswerTasks | Permission::Public);
        let own = route.path.starts_with("/account") || route.path.starts_with("/tokens") || route.path == "/sign-out";
        if own {
            assert!(people || !route.marks.is_empty(), "{route:?}");
        }
    }
}

#[test]
fn a_refused_token_is_told_so_in_json_and_is_never_sent_to_sign_in() {
    let app = TestApp::start();
    let made = make(&app, Role::Auditor, &[TokenScope::Read]);
    let unknown = ApiToken::of_random([7; 30]);
    for value in [
        format!("Bearer {}", unknown.text()),
        format!("Bearer {}x", made.secret.text()),
        "Bearer muster_api_".to_owned(),
        "Bearer".to_owned(),
        "bearer eyJhbGciOiJIUzI1NiJ9.e30.x".to_owned(),
    ] {
        for method in [Method::GET, Method::POST] {
            let page = app.browser().send(method.as_str(), "/identities", &[("authorization", &value)], b"");
            assert_eq!((page.status, page.location.as_str()), (401, ""), "{value} {method}");
            let challenge = page.header("www-authenticate");
            assert!(challenge.starts_with("Bearer realm=\"Muster\", error=\"invalid_token\""), "{challenge}");
            assert!(page.header("content-type").starts_with("application/json"), "{}", page.text);
            let answer: serde_json::Value = serde_json::from_str(&page.text).unwrap();
            assert_eq!(answer["error"], "invalid_token");
            assert!(!page.text.contains(unknown.text()) && !page.text.contains(made.secret.text()));
            assert!(!page.header("content-security-policy").is_empty(), "the fences stand here too");
        }
    }
    let missing = made.get(&app, "/identities/01890000-0000-7000-8000-000000000000");
    assert_eq!(missing.status, 404);
    assert!(missing.text.starts_with("{\"error\":\"not_found\""), "{}", missing.text);
    assert_eq!(made.get(&app, "/no/such/page").status, 404);
}

#[test]
fn a_token_beside_a_session_is_refused_in_words() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::Auditor);
    let made = make(&app, Role::Auditor, &[TokenScope::Read]);
    let both = browser.get_with("/identities", &[("authorization", &made.header())]);
    assert_eq!(both.status, 400);
    assert!(both.text.contains("send one of them"), "{}", both.text);
    assert_eq!(browser.get("/identities").status, 200, "the session goes on");
    let twice = app.browser().get_with(
        "/identities",
        &[("authorization", made.header().as_str()), ("authorization", made.header().as_str())],
    );
    assert_eq!(twice.status, 400);
}

#[test]
fn a_token_goes_in_no_other_place_than_its_header() {
    let app = TestApp::start();
    let made = make(&app, Role::Administrator, TokenScope::ALL);
    let text = made.secret.text();
    let page = app.browser().get(&format!("/identities.csv?access_token={text}"));
    assert_eq!(page.status, 400);
    assert!(page.text.contains("never belongs in an address") && !page.text.contains(text), "{}", page.text);
    assert_eq!(page.location, "", "it is handed on in no link");
    let app_browser = app.browser();
    let form = app_browser.post_bare("/identities/new", &[("access_token", text)], &[]);
    assert_eq!(form.status, 401);
    for headers in [("authorization", format!("Basic {text}")), ("x-api-key", text.to_owned())] {
        assert_eq!(app.browser().get_with("/identities", &[(headers.0, &headers.1)]).status, 303, "{}", headers.0);
    }
    let cookie = format!("muster={text}");
    assert_eq!(app.browser().get_with("/identities", &[("cookie", &cookie)]).status, 303);
}

#[test]
fn a_mistyped_token_never_reaches_the_database() {
    let app = TestApp::start();
    let made = make(&app, Role::Auditor, &[TokenScope::Read]);
    let mut db = app.register.database.read().unwrap();
    db.execute("ALTER TABLE api_tokens RENAME TO api_tokens_gone").unwrap();
    let ask =
        |text: &str| app.browser().get_with("/identities", &[("authorization", &format!("Bearer {text}"))]).status;
    let right = made.secret.text().to_owned();
    assert_eq!(ask(&right), 500, "a well-formed one is looked up, and there is nothing to look into");
    for place in 11..right.len() {
        let mut wrong = right.clone().into_bytes();
        wrong[place] = if wrong[place] == b'a' { b'b' } else { b'a' };
        assert_eq!(ask(&String::from_utf8(wrong).unwrap()), 401, "{place}");
    }
}

#[test]
fn a_token_asks_for_a_page_without_the_token_of_a_form_and_from_anywhere() {
    let app = TestApp::start();
    let made = make(&app, Role::SecurityAnalyst, &[TokenScope::KeepRegister]);
    let other = crate::jobs::identity(&app, "Lab app", |_| {});
    let header = made.header();
    let foreign = [("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.example")];
    let path = format!("/identities/{}/suspend", other.id);
    let fields = [("reason", "The key leaked")];
    let with: Vec<(&str, &str)> = foreign.into_iter().chain([("authorization", header.as_str())]).collect();
    assert_eq!(app.browser().post_bare(&path, &fields, &foreign).status, 401, "without the token it is nobody");
    let done = app.browser().post_bare(&path, &fields, &with);
    assert_eq!(done.status, 303, "{}", done.text);
    let mut db = app.register.database.read().unwrap();
    assert_eq!(identities::find(&mut db, other.id).unwrap().state, IdentityState::Suspended);
}

#[test]
fn an_empty_form_token_opens_nothing_for_a_stranger() {
    let app = TestApp::start();
    assert_eq!(
        app.browser().post_bare("/sign-in", &[("csrf", ""), ("email", "a"), ("password", "b")], &[]).status,
        403
    );
}

#[test]
fn wrong_tokens_are_counted_on_every_replica_and_neither_people_nor_right_tokens_wait() {
    let app = TestApp::start();
    let made = make(&app, Role::SecurityAnalyst, &[TokenScope::Read]);
    let gone = make(&app, Role::SecurityAnalyst, &[TokenScope::Read]);
    let by = super::by(&app, gone.person, gone.role);
    muster::actions::api_tokens::revoke(&app.register, &by, gone.id, "no longer used").unwrap();
    let other = app.beside(app.register.now());
    for number in 0..60 {
        let page = gone.get(if number % 2 == 0 { &app } else { &other }, "/identities");
        assert_eq!(page.status, 401, "{number}");
    }
    for app in [&app, &other] {
        let stopped = gone.get(app, "/identities");
        assert_eq!((stopped.status, stopped.header("retry-after")), (429, "900"), "{}", stopped.text);
        assert_eq!(made.get(app, "/identities").status, 200, "a right one is not counted");
        app.sign_in(Role::Auditor);
    }
    let later = app.beside(app.register.now().plus_seconds(15 * 60));
    assert_eq!(gone.get(&later, "/identities").status, 401);
}
