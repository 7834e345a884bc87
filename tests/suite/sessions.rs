//! Where somebody is signed in, for how long, and what ends it.

use muster::actions::{By, accounts, end_sessions, sessions as actions};
use muster::domain::access::SessionLimits;
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::store::sessions::{self, Session};

use crate::app::{Browser, NOW, PASSWORD, TestApp, at};
use crate::command::Command;
use crate::logged::log;

/// The sessions of a person, as they are stored.
fn stored(app: &TestApp, person: Id) -> Vec<Session> {
    sessions::of(&mut app.register.database.read().unwrap(), person, app.register.now()).unwrap()
}

/// Signs somebody in from a browser that calls itself so; answers the cookie.
fn sign_in(browser: &Browser, email: &str, headers: &[(&str, &str)]) -> String {
    let form = browser.get_with("/sign-in", headers);
    let fields = [("csrf", form.csrf()), ("email", email.to_owned()), ("password", PASSWORD.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let answer = browser.post_bare("/sign-in", &fields, headers);
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.header("set-cookie").to_owned()
}

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

#[test]
fn somebody_sees_where_they_are_signed_in_and_ends_one_of_it() {
    let app = TestApp::start();
    let (person, email) = app.account(Role::Owner);
    let (here, mut there) = (app.browser(), app.browser());
    sign_in(&here, &email, &[("user-agent", FIREFOX)]);
    sign_in(&there, &email, &[("user-agent", "<script>alert(1)</script>")]);
    there.person = Some(person);
    let page = here.get("/account/sessions");
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(here.get("/account").text.contains("href=\"/account/sessions\""));
    let text = page.readable();
    for words in [
        "Firefox on Windows This one",
        FIREFOX,
        "A program or a browser that is not known",
        "<script>alert(1)</script>",
        "127.0.0.1",
        "23 Nov 2026, 09:00 CST Password",
        "23 Nov 2026, 09:15 CST",
        "15 minutes after it was last used, and in any case after 8 hours",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(text.matches("This one").count(), 1);
    let other = stored(&app, person).into_iter().find(|session| session.agent != FIREFOX).unwrap();
    let before = app.audit_size();
    let answer = here.post_bare(&format!("/account/sessions/{}/end", other.id), &[("csrf", &page.csrf())], &[]);
    assert_eq!((answer.status, answer.location.as_str()), (303, "/account/sessions?done=ended"));
    assert_eq!(app.audit_size(), before + 1);
    assert_eq!(there.get("/tasks").status, 303, "signed out");
    assert_eq!(here.get("/tasks").status, 200);
    let page = here.get("/account/sessions?done=ended");
    assert!(page.shows("The session was ended") && !page.shows("End all others"), "{}", page.readable());
}

#[test]
fn a_session_of_somebody_else_is_not_found_and_goes_on() {
    let app = TestApp::start();
    let (administrator, auditor) = (app.sign_in(Role::Administrator), app.sign_in(Role::Auditor));
    let theirs = stored(&app, auditor.person.unwrap())[0].id.to_string();
    let before = app.audit_size();
    for id in [theirs.as_str(), &Id::new().to_string(), "0", "...", "%20"] {
        let answer = administrator.post(&format!("/account/sessions/{id}/end"), &[]);
        assert_eq!(answer.status, 404, "{id}");
    }
    assert_eq!(auditor.get("/people").status, 200);
    assert_eq!(app.audit_size(), before);
}

#[test]
fn all_other_sessions_end_at_once_and_nobody_elses() {
    let app = TestApp::start();
    let (person, email) = app.account(Role::SecurityAnalyst);
    let elsewhere: Vec<Browser> = (0..3).map(|_| app.browser()).collect();
    for browser in &elsewhere {
        sign_in(browser, &email, &[]);
    }
    let here = app.browser();
    sign_in(&here, &email, &[]);
    let colleague = app.sign_in(Role::SecurityAnalyst);
    let token = here.get("/account/sessions").csrf();
    let answer = here.post_bare("/account/sessions/end-others", &[("csrf", &token)], &[]);
    assert_eq!((answer.status, answer.location.as_str()), (303, "/account/sessions?done=others"));
    assert!(elsewhere.iter().all(|browser| browser.get("/people").status == 303));
    assert_eq!((here.get("/people").status, colleague.get("/people").status), (200, 200));
    assert_eq!(stored(&app, person).len(), 1);
    let history = here.get("/audit?action=account.end_other_sessions").readable();
    assert!(history.contains("ended every other session of") && history.contains("3 sessions"), "{history}");
}

#[test]
fn only_an_administrator_ends_the_sessions_of_a_person() {
    let app = TestApp::start();
    let (administrator, owner) = (app.sign_in(Role::Administrator), app.sign_in(Role::Owner));
    let person = owner.person.unwrap();
    let path = format!("/people/{person}/account/end-sessions");
    for role in [Role::SecurityAnalyst, Role::Auditor, Role::Owner] {
        assert_eq!(app.sign_in(role).post(&path, &[]).status, 403, "{role}");
        let by = By::person(person, role, None, app.register.now());
        assert!(end_sessions::all_of(&app.register, &by, person).is_err(), "{role}");
    }
    assert_eq!(owner.get("/tasks").status, 200);
    let page = administrator.get(&format!("/people/{person}"));
    assert!(page.shows("Signed in at 1 place") && page.shows("End every session"), "{}", page.readable());
    let before = app.audit_size();
    let answer = administrator.post(&path, &[]);
    assert_eq!((answer.status, answer.location), (303, format!("/people/{person}?done=ended")));
    assert_eq!(app.audit_size(), before + 1);
    assert_eq!(owner.get("/tasks").status, 303);
    let page = administrator.get(&format!("/people/{person}?done=ended"));
    assert!(page.shows("Every open session has ended") && page.shows("Signed in at Nowhere"), "{}", page.readable());
    assert_eq!(administrator.post(&format!("/people/{}/account/end-sessions", Id::new()), &[]).status, 404);
    let auditor = app.sign_in(Role::Auditor);
    assert!(!auditor.get(&format!("/people/{person}")).shows("Signed in at"));
}

#[test]
fn what_ends_a_session_ends_it_on_every_replica_at_the_next_request() {
    let app = TestApp::start();
    let replica = app.beside(app.register.now());
    let administrator = app.sign_in(Role::Administrator);
    let people = |person: Id, path: &str, fields: &[(&str, &str)]| {
        let answer = administrator.post(&format!("/people/{person}/{path}"), fields);
        assert_eq!(answer.status, 303, "{path}: {}", answer.text);
    };
    type End<'a> = Box<dyn Fn(&Browser, Id) + 'a>;
    let ends: Vec<(&str, End)> = vec![
        ("disabling", Box::new(|_, person| people(person, "account/disable", &[]))),
        ("another role", Box::new(|_, person| people(person, "account/role", &[("role", "auditor")]))),
        (
            "a password",
            Box::new(|_, person| {
                accounts::set_password(&app.register, &app.setup(), person, "eleven slow rivers at dusk").unwrap();
            }),
        ),
        ("ending", Box::new(|_, person| people(person, "account/end-sessions", &[]))),
        (
            "leaving",
            Box::new(|_, person| {
                let email = format!("{person}@hospital.example");
                let fields = [("name", "L"), ("email", &email), ("left_on", "2026-11-23"), ("version", "1")];
                people(person, "edit", &fields);
            }),
        ),
        ("signing out", Box::new(|browser, _| assert_eq!(browser.post("/sign-out", &[]).status, 303))),
    ];
    for (what, end) in ends {
        let (person, email) = app.account(Role::SecurityAnalyst);
        let mut browser = app.browser();
        let cookie = sign_in(&browser, &email, &[]).split(';').next().unwrap().to_owned();
        browser.person = Some(person);
        let elsewhere = browser.at(&replica);
        assert_eq!((browser.get("/people").status, elsewhere.get("/people").status), (200, 200), "{what}");
        end(&browser, person);
        // The cookie itself, not the browser that may have been told to forget it.
        for url in [&app, &replica] {
            let answer = url.browser().get_with("/people", &[("cookie", &cookie)]);
            assert_eq!(answer.status, 303, "{what}, at {}", url.url);
        }
    }
}

#[test]
fn under_https_the_cookie_has_every_guard_and_leaves_the_same_way() {
    let app = TestApp::start_with(NOW, None, |deployment| {
        deployment.base_url = "https://muster.hospital.example".to_owned();
    });
    let (_, email) = app.account(Role::Auditor);
    let browser = app.browser();
    let host = ("host", "muster.hospital.example");
    let guards = |cookie: &str| {
        let mut parts: Vec<&str> = cookie.split("; ").collect();
        let value = parts.remove(0).strip_prefix("__Host-muster=").expect(cookie).to_owned();
        for guard in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(parts.contains(&guard), "{guard}: {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        value
    };
    let first = guards(browser.get_with("/sign-in", &[host]).header("set-cookie"));
    let cookie = sign_in(&browser, &email, &[host]);
    let second = guards(&cookie);
    assert_ne!(first, second, "a new value at sign-in");
    assert_eq!(second.len(), 43, "256 bits");
    let cookie = format!("__Host-muster={second}");
    let page = app.browser().get_with("/people", &[host, ("cookie", &cookie)]);
    assert_eq!(page.status, 200);
    let bare = format!("muster={second}");
    assert_eq!(app.browser().get_with("/people", &[host, ("cookie", &bare)]).status, 303, "by its guarded name only");
    let out = app.browser().post_bare("/sign-out", &[("csrf", &page.csrf())], &[host, ("cookie", &cookie)]);
    assert_eq!(out.status, 303);
    assert_eq!(guards(out.header("set-cookie")), "", "a browser takes no other removal of such a cookie");
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{}", out.header("set-cookie"));
    assert_eq!(out.header("clear-site-data"), "\"cache\", \"storage\"");
    assert_eq!(
        app.browser().get_with("/people", &[host, ("cookie", &cookie)]).status,
        303,
        "ended, not only forgotten"
    );
}

#[test]
fn a_planted_cookie_never_becomes_a_session_and_signing_in_again_ends_the_one_before() {
    let app = TestApp::start();
    let (person, email) = app.account(Role::Auditor);
    let browser = app.browser();
    // A value that an attacker chose and planted in the victim's browser.
    let planted = ("cookie", "muster=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let token = muster::web::session::csrf("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let fields = [("csrf", token.as_str()), ("email", email.as_str()), ("password", PASSWORD)];
    assert_eq!(app.browser().post_bare("/sign-in", &fields, &[planted]).status, 303);
    assert_eq!(app.browser().get_with("/people", &[planted]).status, 303, "worth nothing after the victim signed in");
    let first = sign_in(&browser, &email, &[]).split(';').next().unwrap().to_owned();
    let caller = muster::actions::opening::Caller { session: Some(stored(&app, person)[0].id), ..Default::default() };
    let ids: Vec<Id> = stored(&app, person).iter().map(|session| session.id).collect();
    muster::actions::signing_in::sign_in(
        &app.register,
        &email,
        PASSWORD,
        vec![5; 32],
        &caller,
        "/",
        app.register.now(),
    )
    .unwrap();
    let after: Vec<Id> = stored(&app, person).iter().map(|session| session.id).collect();
    assert_eq!(ids.iter().filter(|id| after.contains(id)).count(), ids.len() - 1, "the one before has ended");
    assert!(!first.is_empty());
    assert_eq!(stored(&app, person).len(), 2, "the attacker's victim and this browser");
}

#[test]
fn what_opens_a_session_stands_in_no_address_no_page_and_no_log() {
    let log = log();
    let app = TestApp::start();
    let (person, email) = app.account(Role::Administrator);
    let browser = app.browser();
    let cookie = sign_in(&browser, &email, &[]);
    let token = cookie.split(';').next().unwrap().strip_prefix("muster=").unwrap().to_owned();
    let digest = muster::web::session::digest(&token);
    let secrets = [token.clone(), hex::encode(&digest)];
    let later = app.beside(app.register.now().plus_seconds(360));
    let stale = browser.at(&later);
    let held = stale.post_bare("/people/new", &[("csrf", &browser.get("/account").csrf()), ("name", "N")], &[]);
    let pages = ["/", "/account", "/account/sessions", &format!("/people/{person}"), "/audit", &held.location];
    for path in pages {
        let page = stale.get(path);
        assert_eq!(page.status, 200, "{path}");
        for secret in &secrets {
            assert!(!page.text.contains(secret) && !page.location.contains(secret), "{path}");
        }
    }
    assert!(!secrets.iter().any(|secret| held.location.contains(secret)));
    assert_eq!(browser.get(&format!("/no/such/{}", held.location.len())).status, 404);
    let log = String::from_utf8_lossy(&log.bytes()).into_owned();
    assert!(log.contains("/account/sessions"), "the log is heard");
    assert!(!secrets.iter().any(|secret| log.contains(secret)));
}

#[test]
fn a_deployment_sets_how_long_sessions_last() {
    let app = TestApp::start_with(NOW, None, |deployment| {
        deployment.access.sessions = SessionLimits { idle_seconds: 60, longest_seconds: 3600 };
    });
    let browser = app.sign_in(Role::Auditor);
    let page = browser.get("/account/sessions");
    assert!(page.shows("1 minute after it was last used, and in any case after 1 hour"), "{}", page.readable());
    let status = |seconds| browser.at(&app.beside(app.register.now().plus_seconds(seconds))).get("/people").status;
    assert_eq!(status(60), 303, "idle for a minute");
    assert_eq!(status(59), 200);
    for minute in 2..60 {
        // Used all the while, by the same road that a request takes.
        let digest = stored(&app, browser.person.unwrap())[0].digest.clone();
        let now = app.register.now().plus_seconds(minute * 59);
        assert!(actions::resume(&app.register, &digest, now).unwrap().is_some(), "{minute}");
    }
    assert_eq!(status(3599), 303, "idle since 58 minutes");
    let digest = stored(&app, browser.person.unwrap())[0].digest.clone();
    assert!(actions::resume(&app.register, &digest, at("2026-11-23T15:59:00Z")).unwrap().is_some());
    assert!(actions::resume(&app.register, &digest, at("2026-11-23T16:00:00Z")).unwrap().is_none(), "an hour in all");
}

#[test]
fn limits_that_make_no_sense_are_refused_at_the_start() {
    let app = TestApp::start();
    for (name, value, words) in [
        ("MUSTER_SESSION_IDLE_MINUTES", "0", "write a whole number of minutes from 1 to 720"),
        ("MUSTER_SESSION_IDLE_MINUTES", "600", "write at most 480, or raise MUSTER_SESSION_HOURS"),
        ("MUSTER_SESSION_HOURS", "forever", "write a whole number of hours from 1 to 24"),
    ] {
        let told = Command::new(&app).variable(name, value).run(&["people", "list"]);
        assert_eq!(told.code, 1, "{told:?}");
        assert!(told.err.contains(name) && told.err.contains(words), "{told:?}");
    }
    let told = Command::new(&app).variable("MUSTER_SESSION_HOURS", "12").run(&["people", "list"]);
    assert_eq!(told.code, 0, "{told:?}");
}

#[test]
fn what_has_ended_is_removed_and_what_goes_on_stays() {
    let app = TestApp::start();
    let (idle, busy) = (app.sign_in(Role::Administrator), app.sign_in(Role::Administrator));
    let later = app.beside(app.register.now().plus_seconds(6 * 60));
    for browser in [&idle, &busy] {
        let answer = browser.at(&later).post("/people/new", &[("name", "W")]);
        assert!(answer.location.starts_with("/confirm/"), "{answer:?}");
    }
    let write = |sql: &str| app.register.database.read().unwrap().execute(sql).unwrap();
    write(
        "INSERT INTO ceremonies (digest, kind, person_id, state, return_to, created_at, ends_at) \
         SELECT digest, 'second_factor', person_id, '{}', '/', created_at, confirmed_at FROM sessions",
    );
    let purge = |minutes: i64| {
        let now = app.register.now().plus_seconds(minutes * 60);
        actions::purge(&app.register, &By::job("purge_sessions", now)).unwrap()
    };
    let purged = purge(7);
    assert_eq!((purged.sessions, purged.held_forms, purged.ceremonies), (0, 0, 2));
    let digest = stored(&app, busy.person.unwrap())[0].digest.clone();
    let now = app.register.now().plus_seconds(17 * 60);
    assert!(actions::resume(&app.register, &digest, now).unwrap().is_some());
    let purged = purge(22);
    assert_eq!((purged.sessions, purged.held_forms, purged.ceremonies), (1, 2, 0), "one was used meanwhile");
    assert_eq!(stored(&app, busy.person.unwrap()).len(), 1);
}
