//! Proving again who one is, before what has consequences.

use actix_web::http::Method;
use muster::actions::confirm::{self, Tried};
use muster::actions::{ActionError, By};
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::store::sessions::{self, Renewal, Session};
use muster::store::{StoreError, held_forms};
use muster::web::routes::{Mark, ROUTES};

use crate::app::{Browser, PASSWORD, Page, TestApp};

/// Somebody who signed in six minutes ago, and the replica that knows what time it is.
fn stale(app: &TestApp, role: Role) -> (Browser, TestApp) {
    let later = app.beside(app.register.now().plus_seconds(6 * 60));
    let browser = app.sign_in(role);
    (browser.at(&later), later)
}

/// The only session of whoever is signed in.
fn session(app: &TestApp, browser: &Browser) -> Session {
    let mut db = app.register.database.read().unwrap();
    sessions::of(&mut db, browser.person.unwrap(), app.register.now()).unwrap().remove(0)
}

/// How many forms wait for them.
fn waiting(app: &TestApp, browser: &Browser) -> i64 {
    let session = session(app, browser).id;
    held_forms::count(&mut app.register.database.read().unwrap(), session, app.register.now()).unwrap()
}

/// Sends the form of a page as a browser does: to where it says, with everything it holds.
pub fn press(browser: &Browser, page: &Page, button: &str) -> Page {
    let document = scraper::Html::parse_document(&page.text);
    let select = |text: &str| scraper::Selector::parse(text).unwrap();
    let form = document
        .select(&select("main form"))
        .find(|form| form.text().collect::<String>().contains(button))
        .unwrap_or_else(|| panic!("no button {button}: {}", page.readable()));
    let fields: Vec<(String, String)> = form
        .select(&select("input"))
        .map(|input| {
            let value = |name| input.value().attr(name).unwrap_or_default().to_owned();
            // A browser sends the lines of a text with CR LF (HTML, form submission).
            (value("name"), value("value").replace("\r\n", "\n").replace('\n', "\r\n"))
        })
        .collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    browser.post_bare(form.value().attr("action").unwrap(), &fields, &[])
}

/// Answers the page that asks, with the password.
fn confirm_at(browser: &Browser, path: &str, password: &str) -> Page {
    let page = browser.get(path);
    browser.post_bare(path, &[("csrf", &page.csrf()), ("password", password)], &[])
}

#[test]
fn every_route_that_is_marked_asks_before_it_answers() {
    let app = TestApp::start_told(|deployment| deployment.access.break_glass = true);
    let (browser, _later) = stale(&app, Role::Administrator);
    let before = app.audit_size();
    let token = browser.token("/");
    let marked: Vec<_> = ROUTES.iter().filter(|route| route.marks.contains(&Mark::Recent)).collect();
    assert!(marked.len() >= 12, "{marked:?}");
    for route in marked {
        // A session has a limited number of forms that wait.
        app.register.database.read().unwrap().execute("DELETE FROM held_forms").unwrap();
        let path = route.path.replace("{id}", &Id::new().to_string()).replace("{name}", "x").replace("{seq}", "1");
        if route.method == Method::GET {
            let answer = browser.get(&format!("{path}?q=a%26b"));
            let next = url::form_urlencoded::byte_serialize(format!("{path}?q=a%26b").as_bytes()).collect::<String>();
            assert_eq!((answer.status, answer.location), (303, format!("/confirm?next={next}")), "{route:?}");
            continue;
        }
        let answer = browser.post_bare(&path, &[("csrf", &token), ("role", "owner")], &[]);
        assert_eq!(answer.status, 303, "{route:?}: {}", answer.text);
        assert!(answer.location.starts_with("/confirm/"), "{route:?}: {}", answer.location);
        assert_eq!(browser.get(&answer.location).status, 200, "{route:?}");
        // Without the token, from elsewhere, or unreadable, nothing is even kept.
        let kept = waiting(&app, &browser);
        assert_eq!(browser.post_bare(&path, &[("csrf", "x")], &[]).status, 403, "{route:?}");
        let foreign = [("sec-fetch-site", "cross-site")];
        assert_eq!(browser.post_bare(&path, &[("csrf", &token)], &foreign).status, 403, "{route:?}");
        assert_eq!(browser.post_raw(&path, "application/json", b"{}").status, 415, "{route:?}");
        assert_eq!(waiting(&app, &browser), kept, "{route:?}");
    }
    assert_eq!(app.audit_size(), before, "nothing was done");
}

#[test]
fn granting_asks_again_and_stopping_does_not() {
    let marks = |method: Method, path: &str| {
        ROUTES.iter().find(|route| route.method == method && route.path == path).unwrap().marks.contains(&Mark::Recent)
    };
    for path in [
        "/grants/{id}/approve",
        "/grants/{id}/carry-out",
        "/people/new",
        "/people/{id}/edit",
        "/people/{id}/account/role",
    ] {
        assert!(marks(Method::POST, path), "{path}");
    }
    assert!(marks(Method::GET, "/audit.csv") && marks(Method::GET, "/audit.jsonl"));
    for path in ["/identities/{id}/suspend", "/sign-out"] {
        assert!(!marks(Method::POST, path), "{path}");
    }
}

#[test]
fn what_was_typed_waits_and_is_sent_on_with_one_button() {
    let app = TestApp::start();
    let (browser, later) = stale(&app, Role::Administrator);
    let fields = [
        ("name", "Nina \"N\" <Novak>"),
        ("email", "nina@hospital.example"),
        ("title", "Head of \"imaging\" & x"),
        ("department", "Zoë 🩻"),
        ("role", "auditor"),
    ];
    let before = app.audit_size();
    let held = browser.post("/people/new", &fields);
    assert!(held.location.starts_with("/confirm/"), "{held:?}");
    let page = browser.get(&held.location);
    assert!(page.shows("You asked to add a person.") && page.shows("Nothing was done yet"), "{}", page.readable());
    assert!(page.shows("is kept until 23 Nov 2026, 09:16 CST"), "{}", page.readable());
    assert!(!page.text.contains("nina@hospital.example"), "what waits is shown to whoever has confirmed");
    let answer = confirm_at(&browser, &held.location, PASSWORD);
    assert_eq!((answer.status, &answer.location), (303, &held.location), "{}", answer.text);
    let page = browser.get(&held.location);
    assert_eq!(page.status, 200);
    for (_, text) in &fields[..2] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert_eq!(app.audit_size(), before + 1, "the confirmation, and nothing else yet");
    let answer = press(&browser, &page, "Continue: add a person");
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut db = later.register.database.read().unwrap();
    let person = muster::store::people::find_by_email(&mut db, "nina@hospital.example").unwrap().unwrap();
    drop(db);
    assert_eq!(person.name, "Nina \"N\" <Novak>");
    assert_eq!(person.department.as_deref(), Some("Zoë 🩻"));
    assert_eq!(waiting(&app, &browser), 0, "it is forgotten when it was done");
    // Sent once more from the page that is still open: nothing is done, and it is said.
    let entries = app.audit_size();
    let again = press(&browser, &page, "Continue: add a person");
    assert_eq!(again.status, 409);
    assert!(again.shows("was sent already"), "{}", again.readable());
    let gone = browser.get(&held.location);
    assert!(gone.status == 404 && gone.shows("Nothing waits here"));
    assert_eq!(app.audit_size(), entries);
    // Five minutes are not over: the next change is not asked about.
    assert_eq!(browser.post("/people/new", &[("name", "Other"), ("email", "o@hospital.example")]).status, 303);
}

#[test]
fn what_was_refused_waits_on() {
    let app = TestApp::start();
    let (browser, _later) = stale(&app, Role::Administrator);
    let typed = "  two\r\nlines \t and <b>\"more\"</b> ";
    let held = browser.post("/people/new", &[("name", ""), ("email", "nobody"), ("title", typed), ("title", "twice")]);
    let id = held.location.rsplit('/').next().unwrap().parse().unwrap();
    let mut db = app.register.database.read().unwrap();
    let kept = held_forms::find(&mut db, session(&app, &browser).id, id, app.register.now()).unwrap().unwrap();
    drop(db);
    let kept: Vec<(&str, &str)> = kept.fields.0.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(kept, [("name", ""), ("email", "nobody"), ("title", typed), ("title", "twice")], "and no token");
    confirm_at(&browser, &held.location, PASSWORD);
    let page = browser.get(&held.location);
    for _ in 0..2 {
        let refused = press(&browser, &page, "Continue");
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains("&#60;b&#62;&#34;more&#34;"), "{}", refused.text);
        assert_eq!(waiting(&app, &browser), 1);
    }
}

#[test]
fn confirming_gives_a_new_cookie_and_the_old_one_is_dead_at_once() {
    let app = TestApp::start();
    let (person, email) = app.account(Role::Administrator);
    let later = app.beside(app.register.now().plus_seconds(360));
    let mut browser = app.browser();
    let answer = browser.post("/sign-in", &[("email", &email), ("password", PASSWORD)]);
    browser.person = Some(person);
    let browser = browser.at(&later);
    let value = |page: &Page| page.header("set-cookie").split(';').next().unwrap().to_owned();
    let old = value(&answer);
    let token = browser.get("/account").csrf();
    let known = session(&app, &browser);
    let answer = confirm_at(&browser, "/confirm", PASSWORD);
    assert_eq!((answer.status, answer.location.as_str()), (303, "/confirm?next=%2F"));
    let new = value(&answer);
    assert_ne!(old, new);
    assert!(answer.header("set-cookie").contains("HttpOnly"), "{answer:?}");
    for replica in [&app, &later] {
        assert_eq!(replica.browser().get_with("/people", &[("cookie", &old)]).status, 303, "replayed");
        assert_eq!(replica.browser().get_with("/people", &[("cookie", &new)]).status, 200);
    }
    let renewed = session(&app, &browser);
    assert_eq!(renewed.id, known.id, "the same session");
    assert_eq!(renewed.ends_at, known.ends_at, "which lasts no longer than before");
    assert_eq!(renewed.confirmed_at, later.register.now());
    assert_eq!(browser.post_bare("/sign-out", &[("csrf", &token)], &[]).status, 403, "the old form token is dead too");
    assert!(browser.get("/confirm").shows("You confirmed that it is you"));
    let log = browser.get("/audit?action=account.confirm").readable();
    assert!(log.contains("proved again to be"), "{log}");
}

#[test]
fn five_wrong_tries_end_the_session_and_what_waited() {
    let app = TestApp::start();
    let (browser, later) = stale(&app, Role::Administrator);
    let held = browser.post("/people/new", &[("name", "N"), ("email", "n@hospital.example")]);
    let before = app.audit_size();
    let empty = confirm_at(&browser, &held.location, "");
    assert!(empty.status == 422 && empty.shows("Write your password"), "and that is no try");
    // The tries of all pages count together.
    for (path, words) in [
        (held.location.as_str(), "4 tries are left"),
        ("/confirm", "3 tries are left"),
        (&held.location, "2 tries are left"),
        ("/confirm", "One more try is left"),
    ] {
        let answer = confirm_at(&browser, path, "not the password at all");
        assert_eq!(answer.status, 422);
        assert!(answer.shows(words), "{}", answer.readable());
        assert!(answer.text.contains("<title>Error: "), "{}", answer.text);
        assert_eq!(browser.get("/account").status, 200, "signed in still");
    }
    let answer = confirm_at(&browser, &held.location, "wrong again");
    assert_eq!(answer.status, 403);
    assert!(answer.shows("You were signed out") && answer.shows("Nothing of what waited was done"));
    assert!(answer.header("set-cookie").contains("Max-Age=0"), "{answer:?}");
    assert_eq!(browser.get("/account").status, 303);
    assert_eq!(app.audit_size(), before + 6, "five refusals and the end");
    assert_eq!(later.sign_in(Role::Auditor).get(&held.location).status, 404);
}

#[test]
fn right_after_four_wrong_tries_starts_the_count_again() {
    let app = TestApp::start();
    let (browser, _later) = stale(&app, Role::Owner);
    for _ in 0..4 {
        assert_eq!(confirm_at(&browser, "/confirm", "not the password").status, 422);
    }
    assert_eq!(confirm_at(&browser, "/confirm", PASSWORD).status, 303);
    let later = app.beside(app.register.now().plus_seconds(12 * 60));
    let answer = confirm_at(&browser.at(&later), "/confirm", "not the password");
    assert!(answer.shows("4 tries are left"), "{}", answer.readable());
}

#[test]
fn a_password_tried_here_counts_as_one_tried_at_the_sign_in_page() {
    let app = TestApp::start();
    let account = app.account(Role::Administrator);
    let browser = app.sign_in_as(&account);
    let later = app.beside(app.register.now().plus_seconds(360));
    let wrong = |count: usize, at: &TestApp| {
        for _ in 0..count {
            let page = at.browser().post("/sign-in", &[("email", &account.1), ("password", "not the password")]);
            assert_eq!(page.status, 422, "{}", page.readable());
        }
    };
    wrong(4, &app);
    let browser = browser.at(&later);
    assert!(confirm_at(&browser, "/confirm", "not the password").shows("4 tries are left"));
    let stopped = confirm_at(&browser, "/confirm", PASSWORD);
    assert_eq!((stopped.status, stopped.header("retry-after")), (429, "30"), "{}", stopped.readable());
    assert!(stopped.shows("Too many attempts. Try again in 30 seconds"), "{}", stopped.readable());
    assert_eq!(browser.get("/account").status, 200, "guesses of others end no session");
    assert_eq!(later.browser().post("/sign-in", &[("email", &account.1), ("password", PASSWORD)]).status, 429);
    let after = app.beside(later.register.now().plus_seconds(30));
    let browser = browser.at(&after);
    assert_eq!(confirm_at(&browser, "/confirm", PASSWORD).status, 303);
    wrong(4, &later);
}

#[test]
fn tries_at_the_same_moment_are_all_counted() {
    let app = TestApp::start();
    let (browser, later) = stale(&app, Role::Auditor);
    let session = session(&app, &browser);
    let by = By::person(session.person_id, Role::Auditor, None, later.register.now());
    let cookie = Renewal { from: session.digest.clone(), to: vec![1; 32] };
    let tried: Vec<_> = std::thread::scope(|scope| {
        let one = || confirm::by_password(&later.register, &by, session.id, "wrong", "", &cookie);
        let all: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(tried.iter().filter(|tried| matches!(tried, Ok(Tried::Wrong(_)))).count(), 4, "{tried:?}");
    assert_eq!(tried.iter().filter(|tried| matches!(tried, Ok(Tried::Ended))).count(), 1, "{tried:?}");
    assert_eq!(browser.get("/account").status, 303);
}

#[test]
fn two_tabs_that_confirm_at_once_leave_one_session_that_goes_on() {
    let app = TestApp::start();
    let (browser, later) = stale(&app, Role::Administrator);
    let held: Vec<Page> =
        ["a", "b"].iter().map(|name| browser.post("/people/new", &[("name", name), ("email", name)])).collect();
    let (first, second) = (browser.get(&held[0].location), browser.get(&held[1].location));
    let answer = |page: &Page, at: &Page| {
        browser.post_bare(&at.location, &[("csrf", &page.csrf()), ("password", PASSWORD)], &[])
    };
    assert_eq!(answer(&first, &held[0]).status, 303);
    let late = answer(&second, &held[1]);
    assert_eq!(late.status, 403, "its token belonged to the cookie before");
    assert!(late.text.contains(&format!("href=\"{}\"", held[1].location)), "and the way on is shown: {}", late.text);
    assert!(browser.get(&held[1].location).shows("Continue: add a person"), "nothing typed is lost");
    // The same with both under way in the server: one wins, the other changes nothing.
    let session = session(&app, &browser);
    let by = By::person(session.person_id, Role::Administrator, None, later.register.now());
    let tried: Vec<_> = std::thread::scope(|scope| {
        let one = |value: u8| {
            let cookie = Renewal { from: session.digest.clone(), to: vec![value; 32] };
            let (by, later) = (&by, &later);
            scope.spawn(move || confirm::by_password(&later.register, by, session.id, PASSWORD, "", &cookie))
        };
        [one(1), one(2)].into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(tried.iter().filter(|tried| matches!(tried, Ok(Tried::Confirmed))).count(), 1, "{tried:?}");
    let conflict = |tried: &Result<_, ActionError>| matches!(tried, Err(ActionError::Store(StoreError::Conflict)));
    assert_eq!(tried.iter().filter(|tried| conflict(tried)).count(), 1, "{tried:?}");
}

#[test]
fn a_form_of_another_session_is_not_found() {
    let app = TestApp::start();
    let (browser, later) = stale(&app, Role::Administrator);
    let held = browser.post("/people/new", &[("name", "Secret Surname"), ("email", "s@hospital.example")]);
    let id = held.location.rsplit('/').next().unwrap();
    let other = later.sign_in(Role::Administrator);
    for path in [held.location.as_str(), &format!("/confirm/{}", Id::new()), "/confirm/0", "/confirm/%20"] {
        let page = other.get(path);
        assert!(page.status == 404 && !page.text.contains("Secret"), "{path}: {}", page.status);
        assert_eq!(other.post(path, &[("password", PASSWORD)]).status, 404, "{path}");
    }
    // Another session cannot use it up either.
    let answer = other.post("/people/new", &[("name", "X"), ("email", "x@hospital.example"), ("held_form", id)]);
    assert_eq!(answer.status, 409);
    let again = later.browser();
    let email = muster::store::people::find(&mut app.register.database.read().unwrap(), browser.person.unwrap());
    again.post("/sign-in", &[("email", &email.unwrap().email), ("password", PASSWORD)]);
    assert_eq!(again.get(&held.location).status, 404, "nor another session of the same person");
    confirm_at(&browser, &held.location, PASSWORD);
    assert!(browser.get(&held.location).text.contains("Secret Surname"), "it waits for its own");
}

#[test]
fn a_form_goes_only_where_the_database_says_and_only_to_a_route_that_asks() {
    let app = TestApp::start();
    let (browser, _later) = stale(&app, Role::Administrator);
    let other = app.person("Otto Other", "otto@hospital.example");
    let held = browser.post("/people/new", &[("name", "N"), ("email", "n@hospital.example"), ("target", "/sign-out")]);
    let id = held.location.rsplit('/').next().unwrap().to_owned();
    let page = browser.get(&held.location);
    let fields = [("csrf", &page.csrf() as &str), ("password", PASSWORD), ("target", "https://evil.example/")];
    browser.post_bare(&held.location, &fields, &[]);
    let page = browser.get(&held.location);
    assert!(page.text.contains("action=\"/people/new\"") && !page.text.contains("evil"), "{}", page.text);
    // Its id does not go with another form.
    let path = format!("/people/{other}/account/open");
    assert_eq!(browser.post(&path, &[("role", "owner"), ("held_form", &id)]).status, 409);
    for target in ["/sign-out", "https://evil.example/people/new", "//evil.example/people/new", "/tasks", "", "/people"]
    {
        let mut db = app.register.database.read().unwrap();
        db.execute(&format!("UPDATE held_forms SET target = '{target}'")).unwrap();
        drop(db);
        let page = browser.get(&held.location);
        assert_eq!(page.status, 404, "{target}");
        assert_eq!(browser.post(&held.location, &[("password", PASSWORD)]).status, 404, "{target}");
    }
}

#[test]
fn a_form_waits_for_ten_minutes() {
    let app = TestApp::start();
    let (browser, _later) = stale(&app, Role::Administrator);
    let held = browser.post("/people/new", &[("name", "N"), ("email", "n@hospital.example")]);
    let minutes = |minutes: i64| app.beside(app.register.now().plus_seconds(minutes * 60 - 1));
    let (before, after) = (minutes(16), minutes(17));
    assert_eq!(browser.at(&before).get(&held.location).status, 200);
    assert_eq!(browser.at(&after).get(&held.location).status, 404);
    // Whoever confirmed in time and reads its page for a while loses nothing.
    confirm_at(&browser.at(&before), &held.location, PASSWORD);
    let page = browser.at(&before).get(&held.location);
    assert_eq!(press(&browser.at(&after), &page, "Continue: add a person").status, 303);
    // And whoever reads it for too long is asked again, with everything that is on it.
    let held = browser.at(&minutes(21)).post("/people/new", &[("name", "M"), ("email", "m@hospital.example")]);
    confirm_at(&browser.at(&minutes(21)), &held.location, PASSWORD);
    let page = browser.at(&minutes(21)).get(&held.location);
    let again = press(&browser.at(&minutes(34)), &page, "Continue: add a person");
    assert!(again.location.starts_with("/confirm/") && again.location != held.location, "{again:?}");
    confirm_at(&browser.at(&minutes(34)), &again.location, PASSWORD);
    let page = browser.at(&minutes(34)).get(&again.location);
    assert!(page.shows("m@hospital.example"), "{}", page.readable());
    assert_eq!(waiting(&minutes(34), &browser), 1, "in place of the one before");
}

#[test]
fn what_is_too_long_or_too_much_or_secret_does_not_wait() {
    let app = TestApp::start();
    let (browser, _later) = stale(&app, Role::Administrator);
    let token = browser.token("/");
    let send = |more: &[(&str, &str)]| {
        let mut fields = vec![("csrf", token.as_str()), ("name", "N")];
        fields.extend_from_slice(more);
        browser.post_bare("/people/new", &fields, &[])
    };
    let body = vec![b'a'; 10 * 1024 * 1024];
    let sent = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        browser.post_raw("/people/new", "application/x-www-form-urlencoded", &body).status
    }));
    // The server may hang up on what it does not read.
    assert!(sent.as_ref().map_or(true, |status| (400..500).contains(status)), "{sent:?}");
    let long = "a".repeat(64 * 1024);
    let answer = send(&[("title", &long)]);
    assert!(answer.status == 409 && answer.shows("longer than the 64 KiB"), "{}", answer.readable());
    for name in ["password", "new_password", "current_password", "code"] {
        let answer = send(&[(name, "a canary that must not be kept")]);
        assert!(answer.status == 409 && answer.shows("is not kept while you prove again"), "{}", answer.readable());
    }
    let answer = send(&[("title", "a\0b")]);
    assert!(answer.status == 400 && answer.shows("(NUL)"), "{}", answer.readable());
    assert_eq!(waiting(&app, &browser), 0);
    for _ in 0..20 {
        assert_eq!(send(&[]).status, 303);
    }
    let answer = send(&[]);
    assert!(answer.status == 409 && answer.shows("20 forms wait already"), "{}", answer.readable());
    assert_eq!(waiting(&app, &browser), 20);
    assert_eq!(browser.get("/people").status, 200, "and the service still answers");
}

/// Pages whose form still takes a password that an administrator types.
const TYPED_BY_AN_ADMINISTRATOR: &[&str] = &["people/account.html", "people/form.html"];

#[test]
fn no_form_that_can_wait_asks_for_a_password() {
    let mut folders = vec![std::path::PathBuf::from("templates")];
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix("templates").unwrap().to_str().unwrap().to_owned();
            for form in text.split("<form ").skip(1) {
                let Some((form, _)) = form.split_once("</form>") else { continue };
                let Some((_, rest)) = form.split_once("action=\"") else { continue };
                let action = rest.split('"').next().unwrap();
                let mut parts = Vec::new();
                for part in action.split('/') {
                    parts.push(if part.starts_with("{{") { "00000000-0000-0000-0000-000000000000" } else { part });
                }
                let waits = muster::web::routes::awaiting(&parts.join("/")).is_some();
                let asks = form.contains("kind=\"password\"") || form.contains("type=\"password\"");
                assert!(!waits || !asks || TYPED_BY_AN_ADMINISTRATOR.contains(&path.as_str()), "{path}: {action}");
            }
        }
    }
}

#[test]
fn a_file_of_evidence_is_reached_through_the_page_and_its_filter_is_kept() {
    let app = TestApp::start();
    let (browser, _later) = stale(&app, Role::Auditor);
    let asked = "/audit.csv?action=person.add&actor=";
    let answer = browser.get(asked);
    assert_eq!(answer.status, 303);
    assert_eq!(browser.head("/audit.jsonl").0, 303, "HEAD asks as GET does");
    let page = browser.get(&answer.location);
    assert!(page.shows("You asked for /audit.csv?action=person.add&actor="), "{}", page.readable());
    let fields = [("csrf", page.csrf()), ("next", asked.to_owned()), ("password", PASSWORD.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let answer = browser.post_bare("/confirm", &fields, &[]);
    assert_eq!(answer.status, 303);
    let page = browser.get(&answer.location);
    assert!(page.shows("Download the file"), "{}", page.readable());
    assert!(page.text.contains("href=\"/audit.csv?action=person.add&#38;actor=\""), "{}", page.text);
    assert_eq!(browser.get(asked).status, 200);
}

#[test]
fn confirming_leads_to_no_other_site() {
    let app = TestApp::start();
    let (browser, _later) = stale(&app, Role::Owner);
    for foreign in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb: c"] {
        let link = url::form_urlencoded::byte_serialize(foreign.as_bytes()).collect::<String>();
        let page = browser.get(&format!("/confirm?next={link}"));
        assert!(page.status == 200 && !page.text.contains("evil") && !page.text.contains("alert("), "{foreign:?}");
        let fields = [("csrf", &page.csrf() as &str), ("next", foreign), ("password", "wrong")];
        let again = browser.post_bare("/confirm", &fields, &[]);
        assert!(!again.text.contains("evil") && !again.text.contains("alert("), "{foreign:?}");
        if again.status != 422 {
            break; // The fifth: signed out.
        }
    }
    let (browser, _later) = stale(&app, Role::Owner);
    let page = browser.get("/confirm");
    let fields = [("csrf", &page.csrf() as &str), ("next", "//evil.example"), ("password", PASSWORD)];
    assert_eq!(browser.post_bare("/confirm", &fields, &[]).location, "/confirm?next=%2F");
    let page = browser.get("/confirm?next=%2F%2Fevil.example");
    assert!(page.status == 200 && page.text.contains("href=\"/\"") && !page.text.contains("evil"));
}

#[test]
fn a_password_alone_does_not_confirm_an_account_with_a_code_generator() {
    let app = TestApp::start();
    let (browser, _later) = stale(&app, Role::Administrator);
    let mut db = app.register.database.read().unwrap();
    db.execute(
        "INSERT INTO code_generators (person_id, sealed_secret, confirmed_at, last_step, created_at) \
         SELECT person_id, digest, created_at, 0, created_at FROM sessions",
    )
    .unwrap();
    drop(db);
    assert!(browser.get("/confirm").shows("One-time code"));
    assert_eq!(confirm_at(&browser, "/confirm", PASSWORD).status, 422);
}
