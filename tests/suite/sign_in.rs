//! Signing in and out.

use muster::actions::people;
use muster::domain::people::Role;

use crate::app::{PASSWORD, TestApp};

#[test]
fn sign_in_returns_to_the_exact_page_that_was_asked_for() {
    let app = TestApp::start();
    let (_, email) = app.account(Role::Auditor);
    let browser = app.browser();
    let refused = browser.get("/identities?environment=production&sort=-expires");
    assert_eq!(refused.status, 303);
    assert!(refused.location.starts_with("/sign-in?next="), "{}", refused.location);
    let form = browser.get(&refused.location);
    let next = "/identities?environment=production&sort=-expires";
    assert!(form.text.contains("/identities?environment=production&#38;sort=-expires"), "{}", form.text);
    let answer = browser.post_bare(
        "/sign-in",
        &[("csrf", &form.csrf()), ("email", &email), ("password", PASSWORD), ("next", next)],
        &[],
    );
    assert_eq!((answer.status, answer.location.as_str()), (303, next));
    assert_eq!(browser.get(next).status, 200);
}

#[test]
fn a_wrong_password_and_an_unknown_address_get_the_same_words() {
    let app = TestApp::start();
    let (_, email) = app.account(Role::Administrator);
    let browser = app.browser();
    let wrong = browser.post("/sign-in", &[("email", &email), ("password", "not the password at all")]);
    let unknown = browser.post("/sign-in", &[("email", "nobody@hospital.example"), ("password", PASSWORD)]);
    for page in [&wrong, &unknown] {
        assert_eq!(page.status, 422);
        assert!(page.text.contains("<title>Error: Sign in"), "{}", page.text);
        assert!(page.shows("The e-mail address or the password is not right"));
    }
    assert!(wrong.text.contains(&email), "what was typed is kept");
}

#[test]
fn signing_in_gives_a_new_cookie_and_signing_out_ends_the_session() {
    let app = TestApp::start();
    let (_, email) = app.account(Role::SecurityAnalyst);
    let browser = app.browser();
    let form = browser.get("/sign-in");
    let before = form.header("set-cookie").to_owned();
    let answer =
        browser.post_bare("/sign-in", &[("csrf", &form.csrf()), ("email", &email), ("password", PASSWORD)], &[]);
    let after = answer.header("set-cookie").to_owned();
    assert_ne!(before.split(';').next(), after.split(';').next(), "a planted cookie is worth nothing");
    assert!(after.contains("HttpOnly") && after.contains("SameSite=Lax"), "{after}");
    let page = browser.get("/identities");
    assert_eq!(page.status, 200);
    let stolen = after.split(';').next().unwrap().to_owned();
    assert_eq!(browser.post_bare("/sign-out", &[("csrf", &page.csrf())], &[]).status, 303);
    let replay = app.browser().get_with("/identities", &[("cookie", &stolen)]);
    assert_eq!(replay.status, 303, "the old cookie opens nothing");
}

#[test]
fn somebody_without_an_account_cannot_sign_in() {
    let app = TestApp::start();
    people::add(&app.register, &app.setup(), "Nora Noaccount", "nora@hospital.example", None).unwrap();
    let page = app.browser().post("/sign-in", &[("email", "nora@hospital.example"), ("password", PASSWORD)]);
    assert_eq!(page.status, 422);
}

#[test]
fn a_session_ends_after_a_quarter_of_an_hour_without_use() {
    let app = TestApp::start();
    let (person, _) = app.account(Role::Auditor);
    let digest = vec![9; 32];
    let register = &app.register;
    let session = muster::store::sessions::Session {
        id: muster::domain::ids::Id::new(),
        digest: digest.clone(),
        person_id: person,
        created_at: register.now(),
        last_seen_at: register.now(),
        ends_at: register.now().plus_seconds(8 * 3600),
        method: muster::domain::access::SignInMethod::Password,
        confirmed_at: register.now(),
        address: String::new(),
        agent: String::new(),
    };
    register.database.write(|db| muster::store::sessions::insert(db, &session)).unwrap();
    let resume = |seconds| {
        muster::actions::sessions::resume(register, &digest, register.now().plus_seconds(seconds)).unwrap().is_some()
    };
    assert!(!resume(15 * 60), "idle for a quarter of an hour");
    assert!(resume(14 * 60), "used in time");
    assert!(resume(28 * 60), "use counts from the last time");
    assert!(!resume(9 * 3600), "no session outlives eight hours");
}
