//! Passkeys: added, used to sign in and to confirm, and refused wherever a device or a browser promises too little.

use muster::domain::ids::Id;
use muster::domain::people::Role;
use serde_json::{Value, json};

use crate::app::{Browser, NOW, PASSWORD, TestApp};
use crate::authenticator::Authenticator;

/// A register that is reached by name, and what its browsers call it.
pub fn named() -> (TestApp, String) {
    let mut origin = String::new();
    let app = TestApp::start_with(NOW, None, |deployment| {
        deployment.base_url = deployment.base_url.replace("127.0.0.1", "localhost");
        origin.clone_from(&deployment.base_url);
    });
    (app, origin)
}

/// What the page asks the device for.
fn options(page: &crate::app::Page) -> Value {
    let (_, rest) = page.text.split_once("data-options=\"").expect("the page asks for a passkey");
    let text = rest.split('"').next().unwrap().replace("&#34;", "\"").replace("&#38;", "&");
    serde_json::from_str(&text).unwrap()
}

/// Begins to add a passkey; answers what the device is asked for.
fn begin_adding(browser: &Browser, name: &str) -> Value {
    let begun = browser.post("/account/second-factor/passkeys", &[("name", name)]);
    assert_eq!(begun.location, "/account/second-factor/passkeys", "{}", begun.readable());
    options(&browser.get("/account/second-factor/passkeys"))
}

fn finish_adding(browser: &Browser, made: &Value) -> (u16, Value) {
    browser.post_json("/account/second-factor/passkeys/finish", &browser.token("/"), made)
}

/// Somebody with a passkey: who, their address, browser and device.
fn with_passkey(app: &TestApp, origin: &str) -> (Id, String, Browser, Authenticator) {
    with_passkey_as(app, origin, Role::Auditor)
}

/// The same in another role.
pub fn with_passkey_as(app: &TestApp, origin: &str, role: Role) -> (Id, String, Browser, Authenticator) {
    let (person, email) = app.account(role);
    let mut browser = app.browser();
    browser.post("/sign-in", &[("email", &email), ("password", PASSWORD)]);
    browser.person = Some(person);
    let mut device = Authenticator::new(origin);
    add(&browser, &mut device);
    (person, email, browser, device)
}

/// Adds a passkey of that device.
pub fn add(browser: &Browser, device: &mut Authenticator) {
    let made = device.make(&begin_adding(browser, "work laptop"));
    let (status, answer) = finish_adding(browser, &made);
    assert_eq!((status, &answer["next"]), (200, &json!("/account/second-factor?done=passkey")), "{answer}");
}

/// Begins to sign in by passkey in a new browser: the browser, its token, and what the device is asked for.
fn begin(app: &TestApp, next: &str) -> (Browser, String, Value) {
    let browser = app.browser();
    let token = browser.get("/sign-in").csrf();
    let (status, asked) = browser.post_json("/sign-in/passkey/begin", &token, &json!({ "next": next }));
    assert_eq!(status, 200, "{asked}");
    (browser, token, asked)
}

/// Signs in by passkey in a new browser.
pub fn sign_in(app: &TestApp, device: &mut Authenticator) -> (Browser, u16, Value) {
    let (browser, token, asked) = begin(app, "/identities?sort=name");
    let (status, answer) = browser.post_json("/sign-in/passkey/finish", &token, &device.answer(&asked));
    (browser, status, answer)
}

/// Why the newest refusal about an account was recorded.
pub fn refusal(app: &TestApp, id: impl ToString) -> String {
    let about = muster::store::audit::AuditFilter {
        entity_id: Some(id.to_string()),
        outcome: Some(muster::domain::audit::Outcome::Refused),
        ..Default::default()
    };
    let from = muster::domain::listing::From::Start;
    let mut db = app.register.database.read().unwrap();
    muster::store::audit::lines(&mut db, &about, muster::domain::listing::Direction::Descending, &from, 1)
        .unwrap()
        .into_iter()
        .find_map(|row| row.reason)
        .unwrap_or_default()
}

#[test]
fn a_passkey_signs_in_without_address_or_password_and_comes_back_to_the_page() {
    let (app, origin) = named();
    let (_, _, browser, mut device) = with_passkey(&app, &origin);
    assert!(browser.get("/account").shows("Passkey"));
    let page = browser.get("/account/second-factor?done=passkey");
    assert!(
        page.shows("The passkey was added") && page.shows("work laptop") && page.shows("Not yet"),
        "{}",
        page.readable()
    );
    let (browser, status, answer) = sign_in(&app, &mut device);
    assert_eq!((status, &answer), (200, &json!({ "next": "/identities?sort=name" })));
    assert_eq!(browser.get("/identities?sort=name").status, 200);
    let page = browser.get("/account/second-factor");
    assert!(!page.shows("Not yet"), "its last use is shown: {}", page.readable());
    let (_, status, _) = sign_in(&app, &mut device);
    assert_eq!(status, 200, "the counter goes on");
}

#[test]
fn the_device_is_asked_to_keep_the_passkey_to_verify_its_holder_and_not_to_make_a_second() {
    let (app, origin) = named();
    let (_, _, browser, device) = with_passkey(&app, &origin);
    let asked = begin_adding(&browser, "phone");
    let wanted = &asked["publicKey"]["authenticatorSelection"];
    assert_eq!(wanted["residentKey"], "required");
    assert_eq!(wanted["userVerification"], "required");
    assert_eq!(asked["publicKey"]["excludeCredentials"].as_array().unwrap().len(), 1);
    assert_eq!(asked["publicKey"]["rp"]["id"], "localhost");
    let mut same = device.clone();
    assert_eq!(finish_adding(&browser, &same.make(&asked)).0, 422, "the same passkey twice");
    let mut forgetful = Authenticator { keeps: false, ..Authenticator::new(&origin) };
    let (status, said) = finish_adding(&browser, &forgetful.make(&begin_adding(&browser, "key")));
    assert!(status == 422 && said["error"].as_str().unwrap().contains("does not keep passkeys"), "{said}");
    let (_, _, asked) = begin(&app, "/");
    assert_eq!(asked["publicKey"]["userVerification"], "required");
    assert_eq!(asked["publicKey"]["allowCredentials"], json!([]), "nobody is named before they prove themselves");
    assert!(asked.get("mediation").is_none());
}

#[test]
fn a_device_that_asked_for_no_finger_or_pin_is_refused() {
    let (app, origin) = named();
    let (person, _, browser, mut device) = with_passkey(&app, &origin);
    let mut lax = Authenticator { verifies: false, ..Authenticator::new(&origin) };
    assert_eq!(finish_adding(&browser, &lax.make(&begin_adding(&browser, "lax"))).0, 422);
    device.verifies = false;
    let (browser, status, said) = sign_in(&app, &mut device);
    assert!(status == 422 && said["error"].as_str().unwrap().contains("finger, face or PIN"), "{said}");
    assert_eq!(browser.get("/identities").status, 303);
    assert_eq!(refusal(&app, person), "a passkey without finger, face or PIN");
}

#[test]
fn a_counter_that_goes_back_is_refused_and_recorded() {
    let (app, origin) = named();
    let (person, _, _, mut device) = with_passkey(&app, &origin);
    let mut copy = device.clone();
    assert_eq!(sign_in(&app, &mut device).1, 200);
    let (_, status, said) = sign_in(&app, &mut copy);
    assert!(status == 422 && said["error"].as_str().unwrap().contains("may have been copied"), "{said}");
    assert_eq!(refusal(&app, person), "the counter of a passkey went back: there may be a copy of it");
    assert_eq!(sign_in(&app, &mut device).1, 200, "the one that goes on is accepted");
}

#[test]
fn what_was_signed_for_somebody_or_somewhere_else_is_refused() {
    let (app, origin) = named();
    let (person, _, _, device) = with_passkey(&app, &origin);
    let (other, _, _, _) = with_passkey(&app, &origin);
    let wrong = [
        Authenticator { handle: other.0.as_bytes().to_vec(), ..device.clone() },
        Authenticator { handle: Vec::new(), ..device.clone() },
        Authenticator { origin: "https://evil.example".to_owned(), ..device.clone() },
        Authenticator { relying_party: "evil.example".to_owned(), ..device.clone() },
        Authenticator { honest: false, ..device.clone() },
    ];
    for mut device in wrong {
        let (browser, status, said) = sign_in(&app, &mut device);
        assert!(status == 422 && said["error"].as_str().unwrap().contains("was not accepted"), "{device:?} {said}");
        assert_eq!(browser.get("/identities").status, 303, "{device:?}");
        assert!(!refusal(&app, person).is_empty());
    }
    let mut stranger = Authenticator::new(&origin);
    assert_eq!(sign_in(&app, &mut stranger).1, 422);
    assert_eq!(refusal(&app, "unknown"), "a passkey that nobody here has");
}

#[test]
fn a_sign_in_belongs_to_the_browser_that_began_it_and_is_used_once() {
    let (app, origin) = named();
    let (_, _, _, mut device) = with_passkey(&app, &origin);
    let (browser, token, asked) = begin(&app, "/");
    let (other, others_token, _) = begin(&app, "/");
    let answer = device.answer(&asked);
    let (status, said) = other.post_json("/sign-in/passkey/finish", &others_token, &answer);
    assert_eq!(status, 422, "the challenge of another browser: {said}");
    let bare = app.browser();
    let bare_token = bare.get("/sign-in").csrf();
    let (status, said) = bare.post_json("/sign-in/passkey/finish", &bare_token, &answer);
    assert!(status == 422 && said["error"].as_str().unwrap().contains("another browser"), "{said}");
    let wrong = json!({ "id": "x" });
    assert_eq!(browser.post_json("/sign-in/passkey/finish", &token, &wrong).0, 422);
    let (status, said) = browser.post_json("/sign-in/passkey/finish", &token, &answer);
    assert_eq!(status, 422, "it was used up by the try before: {said}");
}

#[test]
fn the_script_is_answered_in_words_and_only_with_the_token() {
    let (app, _) = named();
    let browser = app.browser();
    let token = browser.get("/sign-in").csrf();
    for path in ["/sign-in/passkey/begin", "/sign-in/passkey/finish"] {
        let (status, said) = browser.post_json(path, "not the token", &json!({}));
        assert!(status == 403 && said["error"].as_str().unwrap().contains("Open the page again"), "{path} {said}");
    }
    let page = browser.post_raw("/sign-in/passkey/begin", "application/json", b"{");
    assert_eq!(page.status, 403, "no token at all");
    let (status, said) = browser.post_json("/sign-in/passkey/begin", &token, &json!({ "next": "//evil.example" }));
    assert_eq!(status, 200, "{said}");
}

#[test]
fn whoever_has_a_passkey_is_asked_for_it_after_the_password_too() {
    let (app, origin) = named();
    let (_, email, owner, mut device) = with_passkey(&app, &origin);
    let codes = owner.post("/account/second-factor/recovery-codes", &[]);
    let browser = app.browser();
    let first = browser.post("/sign-in", &[("email", &email), ("password", PASSWORD), ("next", "/tasks")]);
    assert_eq!(first.location, "/sign-in/code");
    let page = browser.get("/sign-in/code");
    assert!(page.shows("also asks for your passkey") && page.text.contains("/static/passkeys.js"), "{}", page.text);
    let token = page.csrf();
    let (_, asked) = browser.post_json("/sign-in/passkey/begin", &token, &json!({ "next": "/tasks" }));
    let (status, said) = browser.post_json("/sign-in/passkey/finish", &token, &device.answer(&asked));
    assert_eq!((status, said), (200, json!({ "next": "/tasks" })));
    assert_eq!(browser.get("/tasks").status, 200);
    let browser = app.browser();
    browser.post("/sign-in", &[("email", &email), ("password", PASSWORD)]);
    let (_, rest) = codes.text.split_once("<li><code>").unwrap();
    let code = rest.split('<').next().unwrap();
    assert_eq!(browser.post("/sign-in/code", &[("code", code)]).status, 303, "or for a recovery code");
}

#[test]
fn a_passkey_is_removed_by_its_owner_only_and_then_opens_nothing() {
    let (app, origin) = named();
    let (ada, _, browser, mut device) = with_passkey(&app, &origin);
    let (_, _, other, _) = with_passkey(&app, &origin);
    let id = muster::store::passkeys::of(&mut app.register.database.read().unwrap(), ada).unwrap()[0].id;
    let path = format!("/account/second-factor/passkeys/{id}/remove");
    assert_eq!(other.post(&path, &[]).status, 404, "somebody else's");
    assert_eq!(browser.post(&path, &[]).location, "/account/second-factor?done=passkey_removed");
    assert_eq!(sign_in(&app, &mut device).1, 422);
    assert!(browser.get("/account/second-factor").shows("removed a passkey from the account of"));
}

#[test]
fn a_disabled_account_cannot_use_its_passkey() {
    let (app, origin) = named();
    let (person, _, _, mut device) = with_passkey(&app, &origin);
    app.account(Role::Administrator);
    muster::actions::accounts::disable(&app.register, &app.setup(), person).unwrap();
    let (browser, status, _) = sign_in(&app, &mut device);
    assert_eq!((status, browser.get("/identities").status), (422, 303));
    assert_eq!(refusal(&app, person), "the account is disabled or its owner has left");
}

#[test]
fn a_register_that_is_reached_by_a_number_offers_no_passkeys_and_says_why() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::Owner);
    let page = browser.get("/account/second-factor");
    assert!(page.shows("A passkey belongs to a name") && !page.shows("Add a passkey"), "{}", page.readable());
    assert!(!app.browser().get("/sign-in").text.contains("passkey"));
    let refused = browser.post("/account/second-factor/passkeys", &[("name", "laptop")]);
    assert!(refused.status == 422 && refused.shows("A passkey belongs to a name"), "{}", refused.readable());
}
