//! Proving again who one is by passkey and by single sign-on: to the form that waits, and refusals.

use muster::domain::access::SignInMethod;
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::domain::single_sign_on::Fault;
use muster::store::sessions::{self, Renewal, Session};
use serde_json::{Value, json};

use crate::app::{Browser, Page, TestApp};
use crate::authenticator::Authenticator;
use crate::confirm::press;
use crate::passkeys::{named, refusal, with_passkey_as};
use crate::provider::StubProvider;
use crate::single_sign_on::{Trip, back, depart_from, log, muster_at, sign_in};

const NEW: [(&str, &str); 2] = [("name", "Nina Novak"), ("email", "nina@hospital.example")];

/// The only session of a person.
fn session_of(app: &TestApp, person: Id) -> Session {
    let mut found = sessions::of(&mut app.register.database.read().unwrap(), person, app.register.now()).unwrap();
    assert_eq!(found.len(), 1);
    found.remove(0)
}

/// Whether the person of the form that waited is in the register.
fn was_added(app: &TestApp) -> bool {
    let mut db = app.register.database.read().unwrap();
    muster::store::people::find_by_email(&mut db, NEW[1].1).unwrap().is_some()
}

/// Answers the page at `path` with what a device says.
fn by_passkey(browser: &Browser, path: &str, device: &mut Authenticator) -> (u16, Value) {
    let token = browser.get(path).csrf();
    let (status, asked) = browser.post_json("/confirm/passkey/begin", &token, &json!({ "next": path }));
    assert_eq!(status, 200, "{asked}");
    browser.post_json("/confirm/passkey/finish", &token, &device.answer(&asked))
}

#[test]
fn a_passkey_confirms_and_the_form_that_waited_goes_on() {
    let (app, origin) = named();
    let (person, _, browser, mut device) = with_passkey_as(&app, &origin, Role::Administrator);
    let later = app.beside(app.register.now().plus_seconds(360));
    let browser = browser.at(&later);
    let before = session_of(&app, person);
    let cookie = browser.cookie();
    let held = browser.post("/people/new", &NEW);
    let page = browser.get(&held.location);
    assert!(page.text.contains("data-passkey=\"confirm\"") && page.text.contains("/static/passkeys.js"));
    assert!(page.text.contains(&format!("data-next=\"{}\"", held.location)), "{}", page.text);
    assert!(page.shows("Your password") && page.shows("works here once JavaScript is switched on"), "both ways");
    assert!(!page.shows("the only way"), "{}", page.readable());
    let (status, answer) = by_passkey(&browser, &held.location, &mut device);
    assert_eq!((status, &answer), (200, &json!({ "next": held.location })));
    assert!(!was_added(&app), "nothing is sent by the confirmation");
    let after = session_of(&app, person);
    assert_eq!((after.id, after.confirmed_at), (before.id, later.register.now()));
    assert_ne!(after.digest, before.digest, "the cookie has a new value");
    assert_eq!(later.browser().get_with("/people", &[("cookie", &cookie)]).status, 303, "the old one is worth nothing");
    assert_eq!(log(&app).pop().unwrap(), "account.confirm done Passkey");
    let page = browser.get(&held.location);
    assert_eq!(press(&browser, &page, "Continue: add a person").status, 303);
    assert!(was_added(&app));
}

#[test]
fn the_passkey_of_somebody_else_confirms_nothing_and_is_counted_on_every_replica() {
    let (app, origin) = named();
    let (person, _, browser, mut own) = with_passkey_as(&app, &origin, Role::Administrator);
    let (_, _, _, others) = with_passkey_as(&app, &origin, Role::Administrator);
    let mut posing = Authenticator { handle: person.0.as_bytes().to_vec(), ..others.clone() };
    let mut others = others;
    let now = app.register.now().plus_seconds(360);
    let replicas = [app.beside(now), app.beside(now)];
    let held = browser.at(&replicas[0]).post("/people/new", &NEW);
    let before = session_of(&app, person);
    for number in 0..5 {
        let wrong = if number % 2 == 0 { &mut others } else { &mut posing };
        let (status, said) = by_passkey(&browser.at(&replicas[number % 2]), &held.location, wrong);
        assert!(status == 422 && said["error"].as_str().unwrap().contains("was not accepted"), "{said}");
        assert_eq!(refusal(&app, person), "a passkey of somebody else");
    }
    for replica in &replicas {
        let (status, said) = by_passkey(&browser.at(replica), &held.location, &mut own);
        assert_eq!(status, 429, "even the right one waits: {said}");
    }
    assert_eq!(session_of(&app, person), Session { last_seen_at: now, ..before }, "nothing was renewed");
    assert!(!was_added(&app));
    assert!(browser.at(&replicas[1]).get(&held.location).shows("Confirm that it is you"), "it waits on");
    let after = app.beside(now.plus_seconds(30));
    let after_the_wait = browser.at(&after);
    assert_eq!(by_passkey(&after_the_wait, &held.location, &mut own).0, 200);
    assert_eq!(after_the_wait.get(&held.location).status, 200);
}

#[test]
fn a_confirmation_by_passkey_belongs_to_its_session_and_leads_nowhere_else() {
    let (app, origin) = named();
    let (_, _, browser, mut device) = with_passkey_as(&app, &origin, Role::Administrator);
    let (_, _, other, _) = with_passkey_as(&app, &origin, Role::Administrator);
    let token = browser.get("/account").csrf();
    let (_, asked) = browser.post_json("/confirm/passkey/begin", &token, &json!({ "next": "//evil.example" }));
    let answer = device.answer(&asked);
    let others_token = other.get("/account").csrf();
    assert_eq!(other.post_json("/confirm/passkey/finish", &others_token, &answer).0, 422, "begun by somebody else");
    assert_eq!(browser.post_json("/confirm/passkey/finish", "not the token", &answer).0, 403);
    let (status, said) = browser.post_json("/confirm/passkey/finish", &token, &answer);
    assert_eq!((status, said), (200, json!({ "next": "/" })));
    let token = browser.get("/account").csrf();
    assert_eq!(browser.post_json("/confirm/passkey/finish", &token, &answer).0, 422, "once");
    let stranger = app.browser();
    let token = stranger.get("/sign-in").csrf();
    let (status, _) = stranger.post_json("/confirm/passkey/begin", &token, &json!({ "next": "/" }));
    assert!(matches!(status, 303 | 401 | 403), "{status}");
}

#[test]
fn whoever_has_a_passkey_only_is_told_what_to_do() {
    let (app, origin) = named();
    let (person, _, browser, _) = with_passkey_as(&app, &origin, Role::Administrator);
    let register = &app.register;
    let mut account = muster::store::people::account(&mut register.database.read().unwrap(), person).unwrap().unwrap();
    account.password_hash = None;
    account.version += 1;
    register.database.write(|db| muster::store::people::update_account(db, &account)).unwrap();
    let later = app.beside(register.now().plus_seconds(360));
    let page = browser.at(&later).get("/confirm?next=%2Fpeople");
    for words in ["the only way your account has", "one-time link", "the help desk, extension 4417"] {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
    assert!(!page.shows("Your password") && !page.shows("Sign out and in again"), "{}", page.readable());
    assert!(page.text.contains("data-next=\"/people\""), "{}", page.text);
}

/// Somebody who came by single sign-on as an administrator and whose confirmation is an hour old.
fn stale_by_provider(app: &TestApp, provider: &StubProvider) -> (Browser, Id) {
    let mut browser = app.browser();
    assert_eq!(sign_in(provider, &browser, "ada", &["leads"]).status, 303);
    let person = {
        let mut db = app.register.database.read().unwrap();
        muster::store::people::find_by_email(&mut db, "ada@hospital.example").unwrap().unwrap().id
    };
    browser.person = Some(person);
    let session = session_of(app, person);
    let same = Renewal { from: session.digest.clone(), to: session.digest.clone() };
    let (now, database) = (app.register.now(), &app.register.database);
    let long_ago = now.plus_seconds(-3600);
    database.write(|db| sessions::renew(db, session.id, &same, SignInMethod::SingleSignOn, long_ago)).unwrap();
    database.write(|db| sessions::touch(db, &session.digest, now)).unwrap();
    (browser, person)
}

/// Goes to the provider by the button of the page at `path`.
fn depart(browser: &Browser, path: &str) -> Trip {
    let page = browser.get(path);
    let (_, form) = page.text.split_once("action=\"/confirm/single-sign-on\"").expect("the page offers it");
    let (_, next) = form.split_once("name=\"next\" value=\"").unwrap();
    depart_from(browser, "/confirm/single-sign-on", next.split('"').next().unwrap())
}

fn returned(provider: &StubProvider, browser: &Browser, trip: &Trip, claims: Value) -> Page {
    browser.get(&back(provider, trip, &provider.code(trip.get("code_challenge"), claims)))
}

#[test]
fn single_sign_on_confirms_and_the_form_that_waited_goes_on() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let (browser, person) = stale_by_provider(&app, &provider);
    let before = session_of(&app, person);
    let held = browser.post("/people/new", &NEW);
    assert!(held.location.starts_with("/confirm/"), "{held:?}");
    let page = browser.get(&held.location);
    assert!(page.shows("Confirm with Staff login") && !page.shows("Your password"), "{}", page.readable());
    let trip = depart(&browser, &held.location);
    assert_eq!((trip.get("prompt"), trip.get("max_age")), ("login", "0"));
    let page = returned(&provider, &browser, &trip, provider.claims("ada", &["leads"], trip.get("nonce")));
    assert_eq!((page.status, &page.location), (303, &held.location), "{}", page.readable());
    assert!(!was_added(&app));
    let after = session_of(&app, person);
    assert_eq!((after.id, after.confirmed_at), (before.id, app.register.now()));
    assert_ne!(after.digest, before.digest, "the cookie has a new value");
    assert_eq!(log(&app).pop().unwrap(), "account.confirm done Single sign-on");
    let page = browser.get(&held.location);
    assert_eq!(press(&browser, &page, "Continue: add a person").status, 303);
    assert!(was_added(&app));
}

#[test]
fn another_subject_or_an_old_sign_in_at_the_provider_confirms_nothing_and_is_counted() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let (browser, person) = stale_by_provider(&app, &provider);
    let held = browser.post("/people/new", &NEW);
    let before = session_of(&app, person);
    let now = app.register.now().utc().timestamp();
    for (subject, auth_time, fault) in [
        ("mallory", json!(now - 5), Fault::SomebodyElse),
        ("ada", json!(now - 301), Fault::NotFresh),
        ("ada", Value::Null, Fault::NotFresh),
        ("mallory", json!(now - 5), Fault::SomebodyElse),
        ("ada", json!(now - 3600), Fault::NotFresh),
    ] {
        let trip = depart(&browser, &held.location);
        let mut claims = provider.claims(subject, &["leads"], trip.get("nonce"));
        match auth_time {
            Value::Null => drop(claims.as_object_mut().unwrap().remove("auth_time")),
            time => claims["auth_time"] = time,
        }
        let page = returned(&provider, &browser, &trip, claims);
        assert!(page.status == 403 && page.shows("You were not confirmed"), "{fault:?}: {}", page.readable());
        assert!(page.text.contains(&format!("href=\"{}\"", held.location)), "the way back: {}", page.text);
        assert_eq!(log(&app).pop().unwrap(), format!("account.confirm refused {}", fault.label()));
        assert_eq!(session_of(&app, person), before, "{fault:?}");
    }
    let trip = depart(&browser, &held.location);
    let page = returned(&provider, &browser, &trip, provider.claims("ada", &["leads"], trip.get("nonce")));
    assert_eq!((page.status, page.header("retry-after")), (429, "30"), "even the right one waits");
    assert_eq!(session_of(&app, person), before);
    assert!(!was_added(&app));
}

#[test]
fn a_session_that_came_by_single_sign_on_stays_one_when_a_passkey_confirms() {
    let provider = StubProvider::start();
    let mut origin = String::new();
    let app = TestApp::start_told(|deployment| {
        deployment.base_url = deployment.base_url.replace("127.0.0.1", "localhost");
        origin.clone_from(&deployment.base_url);
        deployment.access.single_sign_on = Some(provider.settings());
    });
    let (person, _, browser, mut device) = with_passkey_as(&app, &origin, Role::Administrator);
    let session = session_of(&app, person);
    let same = Renewal { from: session.digest.clone(), to: session.digest.clone() };
    let (id, now) = (session.id, app.register.now());
    app.register.database.write(|db| sessions::renew(db, id, &same, SignInMethod::SingleSignOn, now)).unwrap();
    assert_eq!(by_passkey(&browser, "/account", &mut device).0, 200);
    assert_eq!(session_of(&app, person).method, SignInMethod::SingleSignOn, "signing out still speaks of the provider");
}
