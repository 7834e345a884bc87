//! One-time links: a new account, the way back in.

use muster::actions::links::{self, Found, NewLink, Opened};
use muster::actions::opening::Caller;
use muster::actions::{ActionError, By, accounts, people};
use muster::domain::ids::{Id, Moment};
use muster::domain::listing::{Direction, From};
use muster::domain::people::Role;
use muster::store::audit::{self, AuditFilter};

use crate::app::{Browser, NOW, Page, TestApp, at, on_postgres};

const CHOSEN: &str = "nine tall green doors";

/// The path of the link that a page shows once.
fn shown(page: &Page) -> String {
    let (_, rest) = page.text.split_once("<code>http").expect("the link is shown");
    let url = format!("http{}", rest.split('<').next().unwrap());
    url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap()
}

/// Opens a link and sends the form that it leads to.
fn choose(browser: &Browser, path: &str, password: &str) -> Page {
    let opened = browser.get(path);
    assert_eq!((opened.status, opened.location.as_str()), (303, "/welcome"), "{}", opened.text);
    let form = browser.get("/welcome");
    assert_eq!(form.status, 200, "{}", form.text);
    browser.post_bare("/welcome", &[("csrf", &form.csrf()), ("password", password)], &[])
}

fn token(link: &NewLink) -> &str {
    link.url.rsplit('/').next().unwrap()
}

fn give(app: &TestApp, person: Id) -> NewLink {
    links::give(&app.register, &app.setup(), person, 3600).unwrap()
}

#[test]
fn a_new_account_gets_a_link_and_its_person_chooses_the_password() {
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    let fields = [("name", "Nora New"), ("email", "nora@hospital.example"), ("role", "security_analyst")];
    let answer = administrator.post("/people/new", &fields);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.shows("26 Nov 2026, 09:00 CST") && !answer.text.contains("type=\"password\""));
    let link = shown(&answer);
    let found = administrator.get("/people?q=nora").text;
    let page = found.split("href=\"/people/").find(|part| part.contains(">Nora New<")).unwrap();
    let person = format!("/people/{}", page.split('"').next().unwrap());
    let before = administrator.get(&person);
    assert!(before.shows("Signs in with One-time link, until 26 Nov 2026, 09:00 CST"), "{}", before.readable());
    assert!(before.shows("Last signed in Never"));
    assert!(!before.text.contains(&link) && !found.contains(&link));

    let nora = app.browser();
    let weak = choose(&nora, &link, "nora@hospital.example");
    assert_eq!(weak.status, 422);
    assert!(weak.shows("This password is easy to guess"), "{}", weak.readable());
    let form = nora.get("/welcome");
    assert!(form.text.contains("autocomplete=\"new-password\"") && form.text.contains("autocomplete=\"username\""));
    let done = nora.post_bare("/welcome", &[("csrf", &form.csrf()), ("password", CHOSEN)], &[]);
    assert_eq!((done.status, done.location.as_str()), (303, "/"));
    assert!(nora.get("/account").shows("Signed in by One-time link"));
    let again = app.browser().post("/sign-in", &[("email", "nora@hospital.example"), ("password", CHOSEN)]);
    assert_eq!(again.status, 303);
    let after = administrator.get(&person);
    assert!(after.shows("Signs in with Password") && !after.shows("One-time link, until"), "{}", after.readable());
    assert!(after.shows("Last signed in 23 Nov 2026, 09:00 CST"));

    let token = link.rsplit('/').next().unwrap();
    let mut db = app.register.database.read().unwrap();
    for row in audit::lines(&mut db, &AuditFilter::default(), Direction::Ascending, &From::Start, 1_000).unwrap() {
        let body = String::from_utf8(row.body).unwrap();
        assert!(!body.contains(token) && !body.contains(CHOSEN) && !body.contains("argon2"), "{body}");
    }
}

#[test]
fn a_link_opens_once_and_an_ended_one_does_not_say_whose_it_was() {
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    let (person, email) = app.account(Role::Auditor);
    let link = shown(&administrator.post(&format!("/people/{person}/account/link"), &[]));
    // Looking at it, as a program does that previews messages, uses nothing up.
    let late = app.browser();
    assert_eq!(late.get(&link).status, 303);
    let form = late.get("/welcome");
    assert_eq!(app.browser().head(&link).0, 303);
    assert_eq!(choose(&app.browser(), &link, CHOSEN).status, 303);
    let size = app.audit_size();
    let replay = late.post_bare("/welcome", &[("csrf", &form.csrf()), ("password", "ten other quiet lamps")], &[]);
    let opened = app.browser().get(&link);
    for page in [&replay, &opened, &late.get("/welcome")] {
        assert_eq!(page.status, 410);
        assert!(page.shows("This link opens nothing") && page.shows("Ask an administrator"), "{}", page.readable());
        assert!(!page.text.contains(&email) && !page.text.contains("Person "), "{}", page.text);
    }
    for unknown in ["/welcome/no-such-token", "/welcome", &link.replace("/welcome/", "/welcome/x"), "/welcome/%20"] {
        let page = app.browser().get(unknown);
        assert_eq!(page.status, 404, "{unknown}");
        assert!(page.shows("This link opens nothing"), "{unknown}");
    }
    assert_eq!(app.audit_size(), size, "what opens nothing changes nothing");
    let signed_in = app.browser().post("/sign-in", &[("email", &email), ("password", CHOSEN)]);
    assert_eq!(signed_in.status, 303, "the first choice holds");
}

#[test]
fn the_token_leaves_the_address_at_once() {
    let app = TestApp::start();
    let (person, _) = app.account(Role::Auditor);
    let link = give(&app, person);
    let browser = app.browser();
    let opened = browser.get(&format!("/welcome/{}", token(&link)));
    assert_eq!(opened.location, "/welcome");
    let cookie = opened.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains(token(&link)));
    assert_eq!(opened.header("referrer-policy"), "same-origin");
    assert_eq!(opened.header("cache-control"), "no-store");
    let form = browser.get("/welcome");
    assert!(!form.text.contains(token(&link)), "no page shows it");
    let done = browser.post_bare("/welcome", &[("csrf", &form.csrf()), ("password", CHOSEN)], &[]);
    let gone = done
        .headers
        .iter()
        .any(|(name, value)| name == "set-cookie" && value.starts_with("muster-link=;") && value.contains("Max-Age=0"));
    assert!(gone, "{:?}", done.headers);
}

#[test]
fn a_newer_link_a_new_password_and_disabling_end_the_older_one() {
    let app = TestApp::start();
    let (person, _) = app.account(Role::Auditor);
    let by = app.setup();
    let open = |link: &NewLink| links::look(&app.register, token(link), app.register.now()).unwrap();
    let first = give(&app, person);
    assert!(matches!(open(&first), Found::Person(_)));
    let second = give(&app, person);
    assert_eq!(open(&first), Found::Ended);
    accounts::disable(&app.register, &by, person).unwrap();
    assert_eq!(open(&second), Found::Ended);
    assert!(matches!(links::give(&app.register, &by, person, 3600), Err(ActionError::Refused(_))));
    accounts::enable(&app.register, &by, person).unwrap();
    assert_eq!(open(&second), Found::Ended, "enabling opens no old link");
    let third = give(&app, person);
    accounts::set_password(&app.register, &by, person, CHOSEN).unwrap();
    assert_eq!(open(&third), Found::Ended);
    let fourth = give(&app, person);
    let draft = people::PersonDraft {
        name: "Left".to_owned(),
        email: "left@hospital.example".to_owned(),
        left_on: "2026-11-23".to_owned(),
        ..people::PersonDraft::default()
    };
    people::edit(&app.register, &by, person, 1, &draft).unwrap();
    assert_eq!(open(&fourth), Found::Ended);
    assert!(matches!(links::give(&app.register, &by, person, 3600), Err(ActionError::Refused(_))));
}

#[test]
fn a_link_of_a_new_account_lasts_three_days_and_a_way_back_an_hour() {
    let app = TestApp::start();
    let lasts = |link: &NewLink, hours: i64| {
        let look = |seconds| links::look(&app.register, token(link), at(NOW).plus_seconds(seconds)).unwrap();
        assert!(matches!(look(hours * 3600 - 1), Found::Person(_)));
        assert_eq!(look(hours * 3600), Found::Ended);
        let late: Moment = at(NOW).plus_seconds(hours * 3600);
        let outcome = links::redeem(&app.register, token(link), CHOSEN, vec![1; 32], &Caller::default(), late).unwrap();
        assert_eq!(outcome, Opened::Ended);
    };
    let person = app.person("Nora New", "nora@hospital.example");
    let new = accounts::open(&app.register, &app.setup(), person, Role::Owner).unwrap();
    lasts(&new, 72);
    lasts(&give(&app, person), 72);
    let (known, _) = app.account(Role::Owner);
    lasts(&give(&app, known), 1);
}

#[test]
fn of_two_uses_of_one_link_at_once_one_opens() {
    let app = TestApp::start();
    let replica = app.replica();
    for round in 0..5_u8 {
        let (person, email) = app.account(Role::Auditor);
        let link = give(&app, person);
        let passwords = ["nine tall green doors", "eight low brown gates"];
        let outcomes = std::thread::scope(|scope| {
            [(&app.register, 0_u8), (&replica, 1)]
                .map(|(register, number)| {
                    let (link, email) = (&link, &email);
                    scope.spawn(move || {
                        let _ = email;
                        let digest = vec![round * 2 + number; 32];
                        let caller = Caller::default();
                        let password = passwords[usize::from(number)];
                        links::redeem(register, token(link), password, digest, &caller, register.now()).unwrap()
                    })
                })
                .map(|thread| thread.join().unwrap())
        });
        let winner = outcomes.iter().position(|outcome| *outcome == Opened::SignedIn).expect("one opens");
        assert_eq!(outcomes[1 - winner], Opened::Ended, "{outcomes:?}");
        let browser = app.browser();
        assert_eq!(browser.post("/sign-in", &[("email", &email), ("password", passwords[winner])]).status, 303);
        assert_eq!(
            app.browser().post("/sign-in", &[("email", &email), ("password", passwords[1 - winner])]).status,
            422
        );
    }
}

#[test]
fn a_link_never_stands_for_a_second_factor() {
    let app = TestApp::start();
    let (person, _) = app.account(Role::Auditor);
    let hex = person.to_string().replace('-', "");
    let day = "2026-01-01T00:00:00.000000Z";
    let insert = if on_postgres() {
        format!("INSERT INTO code_generators VALUES ('{person}', '\\x00', '{day}', 0, '{day}')")
    } else {
        format!("INSERT INTO code_generators VALUES (X'{hex}', X'00', '{day}', 0, '{day}')")
    };
    app.register.database.read().unwrap().execute(&insert).unwrap();
    let browser = app.browser();
    let done = choose(&browser, &format!("/welcome/{}", token(&give(&app, person))), CHOSEN);
    assert_eq!((done.status, done.location.as_str()), (303, "/sign-in?done=password"));
    assert_eq!(browser.get("/account").status, 303, "nobody is signed in");
    assert!(browser.get("/sign-in?done=password").shows("asks for more than a password"));
}

#[test]
fn nobody_gives_a_link_to_themselves_or_after_they_stopped_being_administrator() {
    let app = TestApp::start();
    let (one, _) = app.account(Role::Administrator);
    let (other, _) = app.account(Role::Administrator);
    let (person, _) = app.account(Role::Owner);
    // A request that came in while the account was an administrator's.
    let by = By::person(one, Role::Administrator, None, app.register.now());
    assert!(matches!(links::give(&app.register, &by, one, 3600), Err(ActionError::Refused(_))));
    links::give(&app.register, &by, person, 3600).unwrap();
    accounts::change_role(&app.register, &app.setup(), one, Role::Auditor).unwrap();
    assert!(matches!(links::give(&app.register, &by, person, 3600), Err(ActionError::Forbidden)));
    assert!(matches!(accounts::change_role(&app.register, &by, one, Role::Administrator), Err(ActionError::Forbidden)));
    accounts::disable(&app.register, &app.setup(), one).unwrap();
    assert!(matches!(accounts::enable(&app.register, &by, one), Err(ActionError::Forbidden)));
    assert!(matches!(accounts::disable(&app.register, &by, other), Err(ActionError::Forbidden)));
}
