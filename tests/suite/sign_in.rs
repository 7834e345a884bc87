//! Signing in and out.

use muster::actions::people;
use muster::domain::people::Role;

use crate::app::{Browser, PASSWORD, Page, TestApp};

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

/// Sends the sign-in form with these fields.
fn send(browser: &Browser, fields: &[(&str, &str)]) -> Page {
    let form = browser.get("/sign-in");
    let csrf = form.csrf();
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    browser.post_bare("/sign-in", &all, &[])
}

#[test]
fn a_planted_cookie_is_worth_nothing_after_signing_in() {
    let app = TestApp::start();
    let (_, email) = app.account(Role::Auditor);
    // Somebody else got this cookie from the sign-in page and planted it in the victim's browser.
    let form = app.browser().get("/sign-in");
    let planted = form.header("set-cookie").split(';').next().unwrap().to_owned();
    let victim = app.browser();
    let fields = [("csrf", form.csrf()), ("email", email), ("password", PASSWORD.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = victim.post_bare("/sign-in", &fields, &[("cookie", &planted)]);
    assert_eq!(answer.status, 303, "the form belongs to the planted cookie");
    assert_ne!(answer.header("set-cookie").split(';').next().unwrap(), planted);
    assert_eq!(app.browser().get_with("/identities", &[("cookie", &planted)]).status, 303, "it opens nothing");
    for made_up in ["muster=chosen-by-somebody-else", "muster=", "muster=%00"] {
        assert_eq!(app.browser().get_with("/identities", &[("cookie", made_up)]).status, 303, "{made_up}");
    }
}

#[test]
fn the_way_back_after_signing_in_never_leaves_the_register() {
    let app = TestApp::start();
    let (_, email) = app.account(Role::Auditor);
    for foreign in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/a\r\nSet-Cookie: muster=x",
    ] {
        let browser = app.browser();
        let answer = send(&browser, &[("email", &email), ("password", PASSWORD), ("next", foreign)]);
        assert_eq!((answer.status, answer.location.as_str()), (303, "/"), "{foreign:?}");
        let query = url::form_urlencoded::byte_serialize(foreign.as_bytes()).collect::<String>();
        let again = browser.get(&format!("/sign-in?next={query}"));
        assert_eq!((again.status, again.location.as_str()), (303, "/"), "{foreign:?}");
    }
}

#[test]
fn odd_addresses_and_passwords_are_refused_in_the_same_words() {
    let app = TestApp::start();
    let (_, email) = app.account(Role::Auditor);
    let long = "x".repeat(200 * 1024);
    for (address, password) in [
        ("a\0@hospital.example", PASSWORD),
        (&email, "seven quiet lamps at noon\0"),
        (&email, "\u{202e}seven quiet lamps at noon"),
        (&email, &long),
        (&long, PASSWORD),
        (&email, " seven quiet lamps at noon "),
        ("\u{202e}a@hospital.example", PASSWORD),
    ] {
        let answer = send(&app.browser(), &[("email", address), ("password", password)]);
        assert_eq!(answer.status, 422, "{}", answer.readable());
        assert!(answer.shows("The e-mail address or the password is not right"));
    }
    let megabyte = "x".repeat(1024 * 1024);
    let answer = send(&app.browser(), &[("email", &email), ("password", &megabyte)]);
    assert_eq!(answer.status, 413);
    assert_eq!(send(&app.browser(), &[("email", &email), ("password", PASSWORD)]).status, 303);
}

#[test]
fn whoever_is_signed_in_already_tries_nothing() {
    let app = TestApp::start();
    let reader = app.sign_in(Role::Auditor);
    let (_, victim) = app.account(Role::Administrator);
    let size = app.audit_size();
    for number in 0..70 {
        let guess = format!("guess number {number} of many");
        let answer = reader.post("/sign-in", &[("email", &victim), ("password", &guess), ("next", "/identities")]);
        assert_eq!((answer.status, answer.location.as_str()), (303, "/identities"));
    }
    assert_eq!(reader.post("/sign-in", &[("email", &victim), ("password", PASSWORD)]).status, 303);
    assert!(reader.get("/account").shows("Auditor"), "nobody else was signed in");
    assert_eq!(app.audit_size(), size);
    assert_eq!(send(&app.browser(), &[("email", &victim), ("password", PASSWORD)]).status, 303, "nothing was counted");
}

#[test]
fn a_password_manager_can_fill_in_the_form() {
    let app = TestApp::start();
    let page = app.browser().get("/sign-in");
    assert!(page.text.contains("autocomplete=\"username\"") && page.text.contains("autocomplete=\"current-password\""));
    assert!(page.text.contains("type=\"password\""));
    for forbidden in ["onpaste", "maxlength", "pattern="] {
        assert!(!page.text.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn changing_one_s_own_password_asks_the_old_one_and_ends_the_other_sessions() {
    let app = TestApp::start();
    let (person, email) = app.account(Role::Auditor);
    let (here, there) = (app.browser(), app.browser());
    for browser in [&here, &there] {
        assert_eq!(send(browser, &[("email", &email), ("password", PASSWORD)]).status, 303);
    }
    assert!(here.get("/account").text.contains("href=\"/account/password\""));
    let form = here.get("/account/password");
    assert!(
        form.text.contains("autocomplete=\"current-password\"") && form.text.contains("autocomplete=\"new-password\"")
    );
    let change = |old: &str, new: &str| {
        let csrf = here.get("/account/password").csrf();
        here.post_bare("/account/password", &[("csrf", &csrf), ("old_password", old), ("password", new)], &[])
    };
    for (old, new, said) in [
        ("", "nine tall green doors", "Write the password you have now"),
        ("not the password", "nine tall green doors", "This is not your password"),
        (PASSWORD, "short", "15 to 128 characters"),
        (PASSWORD, "passwordpassword", "easy to guess"),
        (PASSWORD, PASSWORD, "another password than the one you had"),
    ] {
        let answer = change(old, new);
        assert_eq!(answer.status, 422, "{said}");
        assert!(answer.shows(said), "{}", answer.readable());
    }
    assert_eq!(there.get("/account").status, 200);
    let before = here.get("/account").header("set-cookie").to_owned();
    assert!(before.is_empty());
    let size = app.audit_size();
    let answer = change(PASSWORD, " nine tall green doors ");
    assert_eq!((answer.status, answer.location.as_str()), (303, "/account?done=password"), "{}", answer.readable());
    assert!(!answer.header("set-cookie").is_empty(), "the session goes on under a new cookie");
    assert_eq!(app.audit_size(), size + 1);
    assert!(here.get("/account?done=password").shows("Your password was changed"));
    assert_eq!(there.get("/account").status, 303, "the other session ended");
    assert_eq!(send(&app.browser(), &[("email", &email), ("password", PASSWORD)]).status, 422);
    assert_eq!(send(&app.browser(), &[("email", &email), ("password", "nine tall green doors")]).status, 422);
    assert_eq!(send(&app.browser(), &[("email", &email), ("password", " nine tall green doors ")]).status, 303);
    let _ = person;
}

#[test]
fn guessing_the_old_password_is_slowed_down_too() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::Auditor);
    let guess = |number: usize| {
        let old = format!("guess number {number}");
        browser.post("/account/password", &[("old_password", &old), ("password", "nine tall green doors")])
    };
    for number in 0..5 {
        assert_eq!(guess(number).status, 422);
    }
    let stopped = guess(5);
    assert_eq!((stopped.status, stopped.header("retry-after")), (429, "30"));
    assert!(stopped.shows("Try again in 30 seconds"), "{}", stopped.readable());
}

#[test]
fn somebody_without_a_password_sees_that_there_is_none_to_change() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::Auditor);
    let person = browser.person.unwrap();
    let mut db = app.register.database.read().unwrap();
    let mut account = muster::store::people::account(&mut db, person).unwrap().unwrap();
    drop(db);
    account.password_hash = None;
    account.single_sign_on_subject = Some("https://sso.hospital.example 1234".to_owned());
    account.version += 1;
    app.register.database.write(|db| muster::store::people::update_account(db, &account)).unwrap();
    let page = browser.get("/account/password");
    assert!(page.shows("sign in through single sign-on") && !page.text.contains("type=\"password\""));
    let fields = [("old_password", PASSWORD), ("password", "nine tall green doors")];
    assert_eq!(browser.post("/account/password", &fields).status, 409);
    let administrator = app.sign_in(Role::Administrator);
    assert!(administrator.get(&format!("/people/{person}")).shows("Signs in with Single sign-on"));
}
