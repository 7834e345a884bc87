//! Single sign-on: to the provider and back, once, in the browser it was begun in.

use std::collections::HashMap;

use muster::actions::single_sign_on;
use muster::domain::access::SignInMethod;
use muster::domain::ids::Id;
use muster::domain::listing::{Direction, From};
use muster::domain::people::Role;
use muster::domain::single_sign_on::Fault;
use muster::store::audit::{self, AuditFilter};
use muster::store::sessions;

use crate::app::{Browser, PASSWORD, Page, TestApp, readable};
use crate::provider::StubProvider;

/// A Muster whose people sign in at that provider.
pub fn muster_at(provider: &StubProvider) -> TestApp {
    TestApp::start_told(|deployment| deployment.access.single_sign_on = Some(provider.settings()))
}

/// What a sign-in asks the provider for.
#[derive(Debug, Clone)]
pub struct Trip {
    pub asks: HashMap<String, String>,
    pub address: String,
}

impl Trip {
    /// A parameter of the request.
    pub fn get(&self, name: &str) -> &str {
        self.asks.get(name).map_or("", String::as_str)
    }
}

/// Presses the button and follows to the page that leads to the provider.
pub fn depart(browser: &Browser, next: &str) -> Trip {
    depart_from(browser, "/sign-in/single-sign-on", next)
}

/// The same by the form of that address.
pub fn depart_from(browser: &Browser, form: &str, next: &str) -> Trip {
    let answer = browser.post(form, &[("next", next)]);
    assert_eq!((answer.status, answer.location.as_str()), (303, "/sign-in/single-sign-on/go"), "{}", answer.text);
    let page = browser.get("/sign-in/single-sign-on/go");
    assert_eq!(page.status, 200);
    let (_, rest) = page.text.split_once("class=\"button primary\" href=\"").unwrap();
    let address = rest.split('"').next().unwrap().replace("&#38;", "&");
    let url = url::Url::parse(&address).unwrap();
    Trip { asks: url.query_pairs().into_owned().collect(), address }
}

/// The address that the provider sends the browser back to.
pub fn back(provider: &StubProvider, trip: &Trip, code: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("code", code).append_pair("state", trip.get("state")).append_pair("iss", &provider.issuer);
    format!("/sign-in/single-sign-on/return?{}", query.finish())
}

/// Signs somebody of these groups in; answers where that led.
pub fn sign_in(provider: &StubProvider, browser: &Browser, subject: &str, groups: &[&str]) -> Page {
    let trip = depart(browser, "/identities");
    let code = provider.code(trip.get("code_challenge"), provider.claims(subject, groups, trip.get("nonce")));
    browser.get(&back(provider, &trip, &code))
}

/// Every entry of the log: action, outcome and reason, with whom it is about.
pub fn log(app: &TestApp) -> Vec<String> {
    let mut db = app.register.database.read().unwrap();
    let rows = audit::lines(&mut db, &AuditFilter::default(), Direction::Ascending, &From::Start, 1_000).unwrap();
    rows.iter()
        .map(|row| {
            let body: serde_json::Value = serde_json::from_slice(&row.body).unwrap();
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            format!("{} {} {}", text("action"), text("outcome"), text("reason"))
        })
        .collect()
}

/// Nobody was let in: a plain page, the reason in the log, no session.
pub fn refused(app: &TestApp, browser: &Browser, page: &Page, fault: Fault) {
    assert_eq!(page.status, 403, "{fault:?}: {}", page.readable());
    assert!(page.shows("You are not signed in") && page.shows("Back"), "{fault:?}: {}", page.readable());
    let last = log(app).pop().unwrap();
    assert_eq!(last, format!("account.sign_in refused {}", fault.label()));
    assert_eq!(browser.get("/identities").status, 303, "{fault:?}: nobody is signed in");
}

#[test]
fn somebody_signs_in_and_lands_on_the_exact_page() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let browser = app.browser();
    let asked = browser.get("/identities?environment=production&sort=-expires");
    let form = browser.get(&asked.location);
    assert!(form.shows("Sign in with Staff login"), "{}", form.readable());
    let next = "/identities?environment=production&sort=-expires";
    let trip = depart(&browser, next);
    let code = provider.code(trip.get("code_challenge"), provider.claims("ada", &["readers"], trip.get("nonce")));
    let landed = browser.get(&back(&provider, &trip, &code));
    assert_eq!((landed.status, landed.location.as_str()), (303, next), "{}", landed.readable());
    assert_eq!(browser.get(next).status, 200);
    let account = browser.get("/account");
    for text in ["Person ada", "ada@hospital.example", "Auditor", "Single sign-on"] {
        assert!(account.shows(text), "{text}: {}", account.readable());
    }
    assert_eq!(log(&app), ["person.add done ", "account.open done ", "account.sign_in done Single sign-on"]);
}

#[test]
fn what_is_asked_of_the_provider_is_bound_to_this_sign_in() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let (one, other) = (depart(&app.browser(), "/"), depart(&app.browser(), "/"));
    assert!(one.address.starts_with(&format!("{}/authorize?", provider.issuer)), "{}", one.address);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "muster"),
        ("code_challenge_method", "S256"),
        ("scope", "openid email profile groups"),
    ] {
        assert_eq!(one.get(name), value);
    }
    assert_eq!(one.get("redirect_uri"), format!("{}/sign-in/single-sign-on/return", app.url));
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(one.get(name).len(), 43, "{name} has 256 bits");
        assert_ne!(one.get(name), other.get(name), "{name} is new each time");
    }
    assert_ne!(one.get("state"), one.get("nonce"));
}

#[test]
fn a_return_works_once() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let browser = app.browser();
    let trip = depart(&browser, "/");
    let code = provider.code(trip.get("code_challenge"), provider.claims("ada", &["readers"], trip.get("nonce")));
    let address = back(&provider, &trip, &code);
    assert_eq!(browser.get(&address).status, 303);
    let cookie = "muster-single-sign-on=";
    assert!(!browser.get("/account").headers.iter().any(|(_, value)| value.contains(cookie)));
    let again = browser.get(&address);
    assert_eq!(again.status, 403);
    assert!(again.shows("it was used already"), "{}", again.readable());
    assert_eq!(log(&app).pop().unwrap(), format!("account.sign_in refused {}", Fault::Foreign.label()));
}

#[test]
fn of_two_returns_at_the_same_moment_one_gets_in() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let token = "the cookie of this browser";
    let digest = muster::web::session::digest(token);
    let begun = single_sign_on::Begun {
        issuer: provider.issuer.clone(),
        address: String::new(),
        state: "the state".to_owned(),
        nonce: String::new(),
        verifier: String::new(),
        session: None,
    };
    single_sign_on::begin(&app.register, None, &digest, &begun, "/", app.register.now()).unwrap();
    let replica = app.replica();
    let both = std::sync::Barrier::new(2);
    let take = |register: &muster::actions::Register| {
        both.wait();
        single_sign_on::take(register, &digest, "the state", register.now()).unwrap().is_some()
    };
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| take(&app.register));
        let other = scope.spawn(|| take(&replica));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert!(one != other, "{one} and {other}");
}

#[test]
fn a_sign_in_waits_ten_minutes_at_most() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let digest = vec![4; 32];
    let begun = single_sign_on::Begun {
        issuer: provider.issuer.clone(),
        address: "to the provider".to_owned(),
        state: "the state".to_owned(),
        nonce: String::new(),
        verifier: String::new(),
        session: None,
    };
    let now = app.register.now();
    let take = |seconds| single_sign_on::take(&app.register, &digest, "the state", now.plus_seconds(seconds)).unwrap();
    for (seconds, there) in [(599, true), (600, false)] {
        single_sign_on::begin(&app.register, None, &digest, &begun, "/", now).unwrap();
        assert_eq!(take(seconds).is_some(), there, "{seconds}");
    }
}

#[test]
fn nobody_can_finish_a_sign_in_in_somebody_elses_browser() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let (attacker, victim) = (app.browser(), app.browser());
    let trip = depart(&attacker, "/");
    let code = provider.code(trip.get("code_challenge"), provider.claims("mallory", &["desk"], trip.get("nonce")));
    let planted = back(&provider, &trip, &code);
    refused(&app, &victim, &victim.get(&planted), Fault::Foreign);
    depart(&victim, "/");
    refused(&app, &victim, &victim.get(&planted), Fault::Foreign);
    let twice = format!("{planted}&state={}", trip.get("state"));
    refused(&app, &attacker, &attacker.get(&twice), Fault::Foreign);
    assert_eq!(provider.asked("/token"), 0, "no code was spent on a return that belongs nowhere");
    assert_eq!(attacker.head(&planted).0, 200, "HEAD does nothing");
    assert_eq!(attacker.get(&planted).status, 303, "their own goes on");
}

#[test]
fn a_return_from_another_provider_is_refused_before_its_code_is_used() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let browser = app.browser();
    for named in ["&iss=https%3A%2F%2Fevil.example", ""] {
        let trip = depart(&browser, "/");
        let code = provider.code(trip.get("code_challenge"), provider.claims("ada", &["desk"], trip.get("nonce")));
        let page =
            browser.get(&format!("/sign-in/single-sign-on/return?code={code}&state={}{named}", trip.get("state")));
        refused(&app, &browser, &page, Fault::ForeignIssuer);
    }
    assert_eq!(provider.asked("/token"), 0);
}

#[test]
fn errors_of_the_provider_are_told_in_plain_words() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let browser = app.browser();
    for (error, fault, words) in [
        ("access_denied", Fault::Denied, "Staff login did not let you in, or you turned back there"),
        ("login_required", Fault::AtProvider, "Staff login could not complete the sign-in"),
        ("%3Cscript%3Ealert(1)%3C/script%3E", Fault::AtProvider, "Staff login could not complete the sign-in"),
    ] {
        let trip = depart(&browser, "/tasks?a=b");
        let page = browser.get(&format!(
            "/sign-in/single-sign-on/return?error={error}&error_description=Call+%2B1+555+0100&state={}&iss={}",
            trip.get("state"),
            provider.issuer
        ));
        assert!(page.shows(words), "{error}: {}", page.readable());
        // Whole words of it: the number of a request may hold any three digits.
        let told = ["Call +1", "555 0100", "555+0100", "alert(1)"].into_iter().find(|word| page.text.contains(word));
        assert_eq!(told, None, "{}", page.text);
        assert!(page.text.contains("/sign-in?next=%2Ftasks%3Fa%3Db"), "the way back keeps the page: {}", page.text);
        refused(&app, &browser, &page, fault);
    }
}

#[test]
fn signing_out_offers_to_sign_out_of_the_provider_too() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let browser = app.browser();
    assert_eq!(sign_in(&provider, &browser, "ada", &["readers"]).status, 303);
    let token = browser.get("/account").csrf();
    let answer = browser.post_bare("/sign-out", &[("csrf", &token)], &[]);
    assert_eq!(answer.location, "/sign-in/single-sign-on/signed-out");
    let page = browser.get(&answer.location);
    assert!(page.shows("At Staff login you are still signed in"), "{}", page.readable());
    assert!(page.text.contains(&format!("{}/end?client_id=muster", provider.issuer)), "{}", page.text);
    assert_eq!(browser.get("/identities").status, 303, "the session here has ended");
    let local = app.sign_in(Role::Auditor);
    assert_eq!(local.post("/sign-out", &[]).location, "/sign-in", "who came by password hears nothing of it");
}

#[test]
fn passwords_can_be_kept_for_administrators() {
    let provider = StubProvider::start();
    let app = TestApp::start_told(|deployment| {
        let settings = muster::config::SingleSignOn { only: true, ..provider.settings() };
        deployment.access.single_sign_on = Some(settings);
    });
    let (_, administrator) = app.account(Role::Administrator);
    let (_, auditor) = app.account(Role::Auditor);
    let page = app.browser().get("/sign-in");
    assert!(page.shows("For administrators only, for the day on which Staff login cannot be reached"));
    let browser = app.browser();
    assert_eq!(browser.post("/sign-in", &[("email", &auditor), ("password", PASSWORD)]).status, 422);
    assert_eq!(browser.get("/identities").status, 303);
    assert_eq!(browser.post("/sign-in", &[("email", &administrator), ("password", PASSWORD)]).status, 303);
    assert_eq!(browser.get("/identities").status, 200);
}

/// The one session of a person.
fn session_of(app: &TestApp, person: Id) -> sessions::Session {
    let mut found = sessions::of(&mut app.register.database.read().unwrap(), person, app.register.now()).unwrap();
    assert_eq!(found.len(), 1);
    found.pop().unwrap()
}

#[test]
fn somebody_proves_again_who_they_are_at_the_provider() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let mut browser = app.browser();
    assert_eq!(sign_in(&provider, &browser, "ada", &["desk"]).status, 303);
    let person = {
        let mut db = app.register.database.read().unwrap();
        muster::store::people::find_by_email(&mut db, "ada@hospital.example").unwrap().unwrap().id
    };
    browser.person = Some(person);
    let before = session_of(&app, person);
    let long_ago = app.register.now().plus_seconds(-3600);
    let same = sessions::Renewal { from: before.digest.clone(), to: before.digest.clone() };
    app.register
        .database
        .write(|db| sessions::renew(db, before.id, &same, SignInMethod::SingleSignOn, long_ago))
        .unwrap();
    // Their session goes on to be used, so that only its confirmation is old.
    app.register.database.write(|db| sessions::touch(db, &before.digest, app.register.now())).unwrap();

    let now = app.register.now().utc().timestamp();
    for (subject, auth_time, fault) in [
        ("ada", serde_json::json!(now - 301), Fault::NotFresh),
        ("ada", serde_json::Value::Null, Fault::NotFresh),
        ("mallory", serde_json::json!(now - 5), Fault::SomebodyElse),
    ] {
        let trip = depart_from(&browser, "/confirm/single-sign-on", "/jobs");
        assert_eq!((trip.get("prompt"), trip.get("max_age")), ("login", "0"));
        let mut claims = provider.claims(subject, &["desk"], trip.get("nonce"));
        claims["auth_time"] = auth_time;
        if claims["auth_time"].is_null() {
            claims.as_object_mut().unwrap().remove("auth_time");
        }
        let page = browser.get(&back(&provider, &trip, &provider.code(trip.get("code_challenge"), claims)));
        assert_eq!(page.status, 403);
        assert!(page.shows("You were not confirmed") && page.text.contains("href=\"/jobs\""), "{}", page.text);
        assert_eq!(log(&app).pop().unwrap(), format!("account.confirm refused {}", fault.label()));
        assert_eq!(session_of(&app, person).confirmed_at, long_ago);
    }

    let trip = depart_from(&browser, "/confirm/single-sign-on", "/jobs");
    let claims = provider.claims("ada", &["desk"], trip.get("nonce"));
    let code = provider.code(trip.get("code_challenge"), claims);
    let page = browser.get(&back(&provider, &trip, &code));
    assert_eq!((page.status, page.location.as_str()), (303, "/jobs"), "{}", page.readable());
    let after = session_of(&app, person);
    assert_eq!((after.id, after.confirmed_at), (before.id, app.register.now()));
    assert_ne!(after.digest, before.digest, "the cookie has a new value");
    assert_eq!(browser.get("/jobs").status, 200, "and the browser has it");
    assert_eq!(log(&app).pop().unwrap(), "account.confirm done Single sign-on");
}

#[test]
fn a_confirmation_belongs_to_the_session_that_asked_for_it() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let browser = app.browser();
    assert_eq!(sign_in(&provider, &browser, "ada", &["desk"]).status, 303);
    let token = browser.get("/account").csrf();
    let form = browser.post_bare("/confirm/single-sign-on", &[("csrf", &token), ("next", "/jobs")], &[]);
    assert_eq!(form.status, 303);
    let page = browser.get("/sign-in/single-sign-on/go");
    let (_, rest) = page.text.split_once("class=\"button primary\" href=\"").unwrap();
    let address = rest.split('"').next().unwrap().replace("&#38;", "&");
    let asks = url::Url::parse(&address).unwrap().query_pairs().into_owned().collect();
    let trip = Trip { asks, address };
    assert_eq!(browser.post_bare("/sign-out", &[("csrf", &token)], &[]).status, 303);
    let code = provider.code(trip.get("code_challenge"), provider.claims("ada", &["desk"], trip.get("nonce")));
    let page = browser.get(&back(&provider, &trip, &code));
    assert_eq!(page.status, 403);
    assert!(readable(&page.text).contains("You were not confirmed"));
    assert_eq!(browser.get("/identities").status, 303, "a confirmation is no sign-in");
}
