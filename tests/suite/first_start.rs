//! A register in which nobody has an account: the set-up link and the first administrator.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use muster::actions::first_start::{self, FirstAdministrator};
use muster::actions::links::{NewLink, Opened};
use muster::actions::opening::Caller;
use muster::domain::people::Role;
use muster::store::connection::Address;
use muster::store::people as stored;

use crate::app::{NOW, TestApp, on_postgres};

const CHOSEN: &str = "nine tall green doors";

fn token(link: &NewLink) -> &str {
    link.url.rsplit('/').next().unwrap()
}

fn offer(app: &TestApp) -> NewLink {
    first_start::offer(&app.register).unwrap().expect("nobody has an account")
}

fn first(email: &str) -> FirstAdministrator {
    FirstAdministrator { name: "Ada First".to_owned(), email: email.to_owned(), password: CHOSEN.to_owned() }
}

#[test]
fn the_set_up_link_makes_the_first_administrator_and_then_there_is_nothing_there() {
    let app = TestApp::start();
    let link = offer(&app);
    let browser = app.browser();
    assert!(browser.get("/sign-in").shows("Nobody has an account yet"));
    let path = format!("/set-up/{}", token(&link));
    assert_eq!(browser.get(&path).location, "/set-up");
    let form = browser.get("/set-up");
    assert!(!form.text.contains(token(&link)));
    let wrong = [
        ("csrf", form.csrf()),
        ("name", "Ada First".to_owned()),
        ("email", "ada".to_owned()),
        ("password", "tiny".to_owned()),
    ];
    let fields: Vec<(&str, &str)> = wrong.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refused = browser.post_bare("/set-up", &fields, &[]);
    assert_eq!(refused.status, 422);
    assert!(refused.shows("15 to 128 characters; this one has 4") && refused.shows("Write an e-mail address"));
    assert!(refused.text.contains("value=\"Ada First\"") && !refused.text.contains("tiny"), "{}", refused.text);
    let csrf = refused.csrf();
    let fields =
        [("csrf", csrf.as_str()), ("name", "Ada First"), ("email", "ada@hospital.example"), ("password", CHOSEN)];
    let done = browser.post_bare("/set-up", &fields, &[]);
    assert_eq!((done.status, done.location.as_str()), (303, "/"), "{}", done.text);
    assert!(browser.get("/account").shows("Administrator"));
    let again = app.browser();
    let token = again.get("/sign-in").csrf();
    assert_eq!(again.get(&path).status, 404);
    assert_eq!(again.get("/set-up").status, 404);
    assert_eq!(again.post_bare("/set-up", &[("csrf", &token)], &[]).status, 404);
    assert!(first_start::offer(&app.register).unwrap().is_none(), "nothing is offered any more");
    assert!(!again.get("/sign-in").shows("Nobody has an account yet"));
}

#[test]
fn of_two_first_administrators_at_once_one_is_made() {
    let app = TestApp::start();
    let one = offer(&app);
    // On SQLite nobody else serves the register, so a second start ends the first link.
    let other = if on_postgres() { offer(&app) } else { one.clone() };
    let replica = app.replica();
    let outcomes = std::thread::scope(|scope| {
        [(&app.register, &one, "ada@hospital.example", 1_u8), (&replica, &other, "bea@hospital.example", 2)]
            .map(|(register, link, email, number)| {
                scope.spawn(move || {
                    let now = register.now();
                    let session = vec![number; 32];
                    first_start::make(register, token(link), &first(email), session, &Caller::default(), now).unwrap()
                })
            })
            .map(|thread| thread.join().unwrap())
    });
    assert!(outcomes.contains(&Opened::SignedIn) && outcomes.contains(&Opened::Ended), "{outcomes:?}");
    let mut db = app.register.database.read().unwrap();
    assert_eq!(stored::accounts(&mut db).unwrap().len(), 1);
    assert_eq!(stored::all(&mut db).unwrap().len(), 1);
}

#[test]
fn a_link_ends_with_the_server_that_printed_it_and_after_a_day() {
    let app = TestApp::start();
    let make = |link: &NewLink, seconds: i64| {
        let now = app.register.now().plus_seconds(seconds);
        let outcome = first_start::make(
            &app.register,
            token(link),
            &first("ada@hospital.example"),
            vec![1; 32],
            &Caller::default(),
            now,
        );
        outcome.unwrap()
    };
    let stopped = offer(&app);
    first_start::take_back(&app.register, &stopped).unwrap();
    assert_eq!(make(&stopped, 0), Opened::Ended);
    let page = app.browser().get(&format!("/set-up/{}", token(&stopped)));
    assert_eq!(page.status, 410);
    assert!(page.shows("whenever it is started while nobody has an account"), "{}", page.readable());
    let old = offer(&app);
    assert_eq!(make(&old, 24 * 3600), Opened::Ended);
    let replica = offer(&app);
    if !on_postgres() {
        assert_eq!(make(&old, 0), Opened::Ended, "a new start ends it");
    }
    assert_eq!(make(&replica, 24 * 3600 - 1), Opened::SignedIn);
    assert_eq!(make(&old, 0), Opened::Ended);
}

#[test]
fn somebody_whom_a_staff_list_brought_becomes_the_first_administrator() {
    let app = TestApp::start();
    let person = app.person("Ada Frist", "ada@hospital.example");
    let link = offer(&app);
    let now = app.register.now();
    let typed = first("ADA@hospital.example");
    first_start::make(&app.register, token(&link), &typed, vec![1; 32], &Caller::default(), now).unwrap();
    let mut db = app.register.database.read().unwrap();
    assert_eq!(stored::find(&mut db, person).unwrap().name, "Ada First");
    assert_eq!(stored::account(&mut db, person).unwrap().unwrap().role, Role::Administrator);
}

#[test]
fn the_server_prints_the_link_once_and_its_log_never_shows_a_token() {
    let app = TestApp::start();
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
        command.env_clear().env("MUSTER_DATA", app.folder.path()).env("MUSTER_NOW", NOW);
        command.env("MUSTER_FINGERPRINT_KEY", hex::encode(*app.register.deployment.fingerprint_key));
        if let Address::Postgres(url) = app.register.database.address() {
            command.env("DATABASE_URL", url);
        }
        command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut printed = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            printed.push(line.unwrap());
            if printed.last().is_some_and(|line| line.starts_with("Serving ")) {
                break;
            }
        }
        // It is told to stop only once it answers: before, nobody listens to the signal.
        let base = printed.last().unwrap().trim_start_matches("Serving ").to_owned();
        ureq::get(format!("{base}/healthz")).call().unwrap();
        (child, printed)
    };
    let stop = |mut child: std::process::Child| {
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        let mut log = String::new();
        child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(child.wait().unwrap().success(), "{log}");
        log
    };
    let (child, printed) = start();
    let link = printed.iter().find(|line| line.contains("/set-up/")).expect("a link is printed").clone();
    let base = printed.last().unwrap().trim_start_matches("Serving ").to_owned();
    assert!(link.starts_with(&base), "{printed:?}");
    let token = link.rsplit('/').next().unwrap().to_owned();
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
    let status = |path: &str| agent.get(format!("{base}{path}")).call().unwrap().status().as_u16();
    assert_eq!(status(&format!("/set-up/{token}")), 303);
    for odd in ["/set-up/{}/", "//set-up/{}", "/Set-Up/{}", "/x/welcome/{}", "/%73et-up/{}"] {
        status(&odd.replace("{}", &token));
    }
    let log = stop(child);
    assert!(log.contains("/set-up/{token}"), "{log}");
    assert!(!log.contains(&token), "{log}");
    // The link went with its server; the next one prints another, until somebody has an account.
    assert_eq!(app.browser().get(&format!("/set-up/{token}")).status, 410);
    let (child, printed) = start();
    assert!(printed.iter().any(|line| line.contains("/set-up/") && !line.contains(&token)), "{printed:?}");
    stop(child);
    app.account(Role::Administrator);
    let (child, printed) = start();
    assert_eq!(printed.len(), 1, "{printed:?}");
    stop(child);
}
