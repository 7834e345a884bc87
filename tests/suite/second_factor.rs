//! The second step of signing in: one-time codes and recovery codes, and where one is required.

use muster::actions::confirm::{self, Tried};
use muster::actions::opening::Caller;
use muster::actions::second_step::{self, FirstStep, SecondStep};
use muster::actions::{ActionError, By, Register, ceremonies, factors, signing_in};
use muster::domain::access::SecondFactor;
use muster::domain::ids::{Id, Moment};
use muster::domain::people::Role;
use muster::domain::permissions::Permission;
use muster::store::sessions::Renewal;
use muster::web::routes::{Mark, ROUTES};
use totp_rs::{Builder, Secret, Totp};

use crate::app::{Browser, NOW, PASSWORD, Page, TestApp, at};

/// An app on a phone.
pub struct Phone(Totp);

impl Phone {
    /// An app that was given the secret which the page shows to type.
    fn of(page: &Page) -> Self {
        let (_, rest) = page.text.split_once("<code>").expect("the page shows a secret");
        let groups = rest.split('<').next().unwrap().replace(' ', "");
        Self(Builder::new().with_secret(Secret::try_from_base32(groups).unwrap()).build_noncompliant())
    }

    /// What it shows that many half minutes after the test began.
    pub fn code(&self, steps: i64) -> String {
        let seconds = at(NOW).plus_seconds(steps * 30).utc().timestamp();
        self.0.generate(u64::try_from(seconds).unwrap()).to_string()
    }
}

/// Signs in with the password, in a browser of its own, and answers what came back.
pub fn first_step(app: &TestApp, email: &str, next: &str) -> (Browser, Page) {
    let browser = app.browser();
    let page = browser.post("/sign-in", &[("email", email), ("password", PASSWORD), ("next", next)]);
    (browser, page)
}

/// Somebody of that role who has set up one-time codes: their address, phone, recovery codes and browser.
pub fn with_codes(app: &TestApp, role: Role) -> (Id, String, Phone, Vec<String>, Browser) {
    let (person, email) = app.account(role);
    let (mut browser, page) = first_step(app, &email, "/");
    assert_eq!(page.location, "/");
    browser.person = Some(person);
    let begun = browser.post("/account/second-factor/codes", &[]);
    assert_eq!((begun.status, begun.location.as_str()), (303, "/account/second-factor/codes"));
    let phone = Phone::of(&browser.get("/account/second-factor/codes"));
    let done = browser.post("/account/second-factor/codes/confirm", &[("code", &phone.code(-1))]);
    assert_eq!(done.status, 200, "{}", done.readable());
    let codes = recovery_codes(&done);
    assert_eq!(codes.len(), 10);
    (person, email, phone, codes, browser)
}

fn recovery_codes(page: &Page) -> Vec<String> {
    page.text.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// What was recorded about an account, the newest first.
fn recorded(app: &TestApp, person: Id) -> Vec<(String, String)> {
    let about = muster::store::audit::AuditFilter {
        entity: Some("account".to_owned()),
        entity_id: Some(person.to_string()),
        ..Default::default()
    };
    let mut db = app.register.database.read().unwrap();
    let from = muster::domain::listing::From::Start;
    let rows = muster::store::audit::lines(&mut db, &about, muster::domain::listing::Direction::Descending, &from, 50)
        .unwrap();
    rows.into_iter().map(|row| (row.action, format!("{:?} {}", row.outcome, row.reason.unwrap_or_default()))).collect()
}

#[test]
fn codes_are_set_up_with_a_first_code_and_asked_for_at_the_next_sign_in() {
    let app = TestApp::start();
    let (person, email) = app.account(Role::Auditor);
    let (mut browser, _) = first_step(&app, &email, "/");
    browser.person = Some(person);
    let (mut elsewhere, _) = first_step(&app, &email, "/");
    elsewhere.person = Some(person);
    browser.post("/account/second-factor/codes", &[]);
    let page = browser.get("/account/second-factor/codes");
    assert!(
        page.text.contains("<path fill=\"#000\" d=\"M4 4h7") && page.text.contains("otpauth://totp/"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("style="), "the policy of every page forbids inline style");
    let phone = Phone::of(&page);
    let wrong = browser.post("/account/second-factor/codes/confirm", &[("code", "000000")]);
    assert_eq!(wrong.status, 422);
    assert_eq!(Phone::of(&wrong).code(0), phone.code(0), "the same secret is shown again");
    assert_eq!(first_step(&app, &email, "/").1.location, "/", "an unconfirmed secret is asked for by nobody");
    let cookie_before = browser.token("/");
    let done = browser.post("/account/second-factor/codes/confirm", &[("code", &phone.code(0))]);
    assert_eq!((done.status, recovery_codes(&done).len()), (200, 10), "{}", done.readable());
    assert_ne!(browser.token("/"), cookie_before, "the session has a new cookie");
    assert_eq!(elsewhere.get("/identities").status, 303, "other sessions have ended");
    assert!(browser.get("/account").shows("Password and one-time code"));
    assert_eq!(browser.post("/account/second-factor/codes", &[]).status, 422, "set up already");

    let (browser, first) = first_step(&app, &email, "/identities?environment=production&sort=-expires");
    assert_eq!((first.status, first.location.as_str()), (303, "/sign-in/code"));
    assert_eq!(browser.get("/identities").status, 303, "one step opens nothing");
    let form = browser.get("/sign-in/code");
    assert!(form.shows("six digits"), "{}", form.readable());
    let answer = browser.post("/sign-in/code", &[("code", &phone.code(1))]);
    assert_eq!((answer.status, answer.location.as_str()), (303, "/identities?environment=production&sort=-expires"));
    assert_eq!(browser.get("/identities").status, 200);
    assert!(browser.get("/account").shows("Password and one-time code"));
    let done: Vec<String> = recorded(&app, person).into_iter().map(|(action, _)| action).take(3).collect();
    assert_eq!(done, ["account.sign_in", "account.first_step", "account.set_up_codes"]);
}

#[test]
fn a_code_is_accepted_once_and_never_an_earlier_one() {
    let app = TestApp::start();
    let (person, email, phone, _, _) = with_codes(&app, Role::Owner);
    let (browser, _) = first_step(&app, &email, "/");
    let used = browser.post("/sign-in/code", &[("code", &phone.code(-1))]);
    assert_eq!(used.status, 422, "the code of the set-up");
    assert!(used.shows("you have 4 more tries"), "{}", used.readable());
    assert_eq!(browser.post("/sign-in/code", &[("code", &phone.code(1))]).status, 303);
    for step in [1, 0, -1] {
        let (again, _) = first_step(&app, &email, "/");
        assert_eq!(again.post("/sign-in/code", &[("code", &phone.code(step))]).status, 422, "step {step}");
    }
    let refusals =
        recorded(&app, person).iter().filter(|(_, what)| what == "Refused wrong code at the second step").count();
    assert_eq!(refusals, 4);
}

#[test]
fn of_several_replicas_that_are_given_one_code_at_once_one_accepts_it() {
    let app = TestApp::start();
    let (_, email, phone, _, _) = with_codes(&app, Role::Owner);
    let begin = |digest: Vec<u8>, register: &Register| {
        let now = register.now();
        signing_in::sign_in(register, &email, PASSWORD, digest, &Caller::default(), "/", now).unwrap()
    };
    let replicas: Vec<(Register, Vec<u8>)> = (1..=4)
        .map(|number| {
            let (replica, cookie) = (app.replica(), vec![number; 32]);
            assert_eq!(begin(cookie.clone(), &replica), FirstStep::AnotherStep);
            (replica, cookie)
        })
        .collect();
    let code = phone.code(0);
    let steps: Vec<SecondStep> = std::thread::scope(|scope| {
        let threads: Vec<_> = replicas
            .iter()
            .map(|(replica, cookie)| {
                let new = cookie.iter().map(|byte| byte + 100).collect();
                let code = &code;
                scope.spawn(move || {
                    second_step::finish(replica, cookie, code, new, &Caller::default(), replica.now()).unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let signed_in = steps.iter().filter(|step| matches!(step, SecondStep::SignedIn { .. })).count();
    assert_eq!(signed_in, 1, "{steps:?}");
}

#[test]
fn a_recovery_code_opens_once_and_new_ones_replace_the_old() {
    let app = TestApp::start();
    let (person, email, _, codes, mut owner) = with_codes(&app, Role::SecurityAnalyst);
    let typed = codes[0].to_uppercase().replace('-', " ");
    let (browser, _) = first_step(&app, &email, "/tasks");
    let answer = browser.post("/sign-in/code", &[("code", &typed)]);
    assert_eq!((answer.status, answer.location.as_str()), (303, "/tasks"));
    let (again, _) = first_step(&app, &email, "/");
    assert_eq!(again.post("/sign-in/code", &[("code", &codes[0])]).status, 422, "it was used");
    owner.person = Some(person);
    let page = owner.get("/account/second-factor");
    assert!(page.shows("9 of 10 left") && page.shows("used a recovery code of"), "{}", page.readable());
    let new = recovery_codes(&owner.post("/account/second-factor/recovery-codes", &[]));
    assert_eq!(new.len(), 10);
    assert!(new.iter().all(|code| !codes.contains(code)));
    let (browser, _) = first_step(&app, &email, "/");
    assert_eq!(browser.post("/sign-in/code", &[("code", &codes[1])]).status, 422, "replaced");
    assert_eq!(browser.post("/sign-in/code", &[("code", &new[1])]).status, 303);
}

#[test]
fn a_recovery_code_of_somebody_else_opens_nothing() {
    let app = TestApp::start();
    let (_, email, _, _, _) = with_codes(&app, Role::Owner);
    let (_, _, _, others, _) = with_codes(&app, Role::Owner);
    let (browser, _) = first_step(&app, &email, "/");
    assert_eq!(browser.post("/sign-in/code", &[("code", &others[0])]).status, 422);
}

#[test]
fn after_five_wrong_codes_the_sign_in_ends() {
    let app = TestApp::start();
    let (_, email, phone, _, _) = with_codes(&app, Role::Owner);
    let (browser, _) = first_step(&app, &email, "/tasks?sort=-due");
    for left in ["4 more tries", "3 more tries", "2 more tries", "one more try"] {
        let page = browser.post("/sign-in/code", &[("code", "000000")]);
        assert!(page.status == 422 && page.shows(left), "{}", page.readable());
    }
    let last = browser.post("/sign-in/code", &[("code", "000000")]);
    assert!(last.status == 422 && last.shows("Sign in again"), "{}", last.readable());
    assert!(last.text.contains("value=\"/tasks?sort=-due\""), "where it was going is kept");
    let right = browser.post_bare("/sign-in/code", &[("csrf", &last.csrf()), ("code", &phone.code(0))], &[]);
    assert_eq!(right.status, 422, "the right code comes too late");
}

#[test]
fn wrong_codes_of_many_sign_ins_and_replicas_are_counted_together() {
    let app = TestApp::start();
    let (_, email, phone, _, _) = with_codes(&app, Role::Owner);
    let other = app.beside(app.register.now());
    for number in 0..5 {
        // Each sign-in is begun anew, so that none has used up its own tries.
        let (browser, page) = first_step(if number % 2 == 0 { &app } else { &other }, &email, "/");
        assert_eq!(page.location, "/sign-in/code");
        let wrong = browser.post("/sign-in/code", &[("code", "000000")]);
        assert!(wrong.status == 422 && wrong.shows("4 more tries"), "{}", wrong.readable());
    }
    for app in [&app, &other] {
        let (browser, _) = first_step(app, &email, "/");
        let stopped = browser.post("/sign-in/code", &[("code", &phone.code(1))]);
        assert_eq!((stopped.status, stopped.header("retry-after")), (429, "30"), "even the right one waits");
        assert!(stopped.shows("Too many attempts. Try again in 30 seconds"), "{}", stopped.readable());
        assert_eq!(browser.get("/identities").status, 303);
    }
    let later = app.beside(app.register.now().plus_seconds(30));
    let (browser, _) = first_step(&later, &email, "/");
    assert_eq!(browser.post("/sign-in/code", &[("code", &phone.code(1))]).location, "/");
    let (browser, _) = first_step(&later, &email, "/");
    assert!(browser.post("/sign-in/code", &[("code", "000000")]).shows("4 more tries"), "counted from nothing");
}

#[test]
fn the_second_step_belongs_to_one_browser_and_waits_five_minutes() {
    let app = TestApp::start();
    let (person, email, phone, _, _) = with_codes(&app, Role::Owner);
    let (browser, _) = first_step(&app, &email, "/");
    let other = app.browser();
    let form = other.get("/sign-in");
    let stolen = other.post_bare("/sign-in/code", &[("csrf", &form.csrf()), ("code", &phone.code(0))], &[]);
    assert!(stolen.status == 422 && stolen.shows("Sign in again"), "another browser has no sign-in under way");
    assert_eq!(other.get("/sign-in/code").location, "/sign-in");
    assert_eq!(browser.get("/sign-in/code").status, 200);

    let cookie = vec![5; 32];
    let register = &app.register;
    let now = register.now();
    signing_in::sign_in(register, &email, PASSWORD, cookie.clone(), &Caller::default(), "/", now).unwrap();
    assert!(second_step::under_way(register, &cookie, now.plus_seconds(299)).unwrap().is_some());
    let late = now.plus_seconds(300);
    assert!(second_step::under_way(register, &cookie, late).unwrap().is_none());
    let step = second_step::finish(register, &cookie, &phone.code(10), vec![6; 32], &Caller::default(), late).unwrap();
    assert_eq!(step, SecondStep::Ended { return_to: None });
    assert_eq!(ceremonies::purge(register, &By::job("purge_sessions", late)).unwrap(), 2, "what nobody finished goes");
    assert!(!recorded(&app, person).is_empty());
}

#[test]
fn a_wrong_password_says_nothing_of_a_second_step() {
    let app = TestApp::start();
    let (_, with, _, _, _) = with_codes(&app, Role::Owner);
    let (_, without) = app.account(Role::Owner);
    let said = |email: &str| {
        let page = app.browser().post("/sign-in", &[("email", email), ("password", "not the password at all")]);
        (page.status, page.location.clone(), page.readable())
    };
    assert_eq!(said(&with), said(&without));
}

#[test]
fn a_disabled_account_passes_no_second_step() {
    let app = TestApp::start();
    let (person, email, phone, _, _) = with_codes(&app, Role::Owner);
    app.account(Role::Administrator);
    let (browser, _) = first_step(&app, &email, "/");
    muster::actions::accounts::disable(&app.register, &app.setup(), person).unwrap();
    assert_eq!(browser.post("/sign-in/code", &[("code", &phone.code(0))]).status, 422);
    assert_eq!(browser.get("/identities").status, 303);
}

#[test]
fn a_sealed_secret_opens_in_its_own_row_only_and_stands_nowhere_in_the_clear() {
    let app = TestApp::start();
    let (ada, _, phone, codes, _) = with_codes(&app, Role::Owner);
    let (omar, email, _, _, _) = with_codes(&app, Role::Owner);
    let mut db = app.register.database.read().unwrap();
    let sealed = muster::store::code_generators::find(&mut db, ada).unwrap().unwrap().sealed_secret;
    assert!(!sealed.windows(20).any(|part| part == phone.0.secret().as_bytes()));
    let about = muster::store::audit::AuditFilter::default();
    let from = muster::domain::listing::From::Start;
    let rows = muster::store::audit::lines(&mut db, &about, muster::domain::listing::Direction::Ascending, &from, 500);
    for row in rows.unwrap() {
        let body = String::from_utf8_lossy(&row.body).into_owned();
        assert!(!body.contains(&phone.0.secret().to_base32()) && !body.contains(&codes[0]), "{body}");
    }
    let literal = |id: Id| {
        let hex = id.0.simple();
        if crate::app::on_postgres() { format!("'{id}'") } else { format!("x'{hex}'") }
    };
    db.execute(&format!(
        "UPDATE code_generators SET sealed_secret = (SELECT sealed_secret FROM code_generators WHERE person_id = {}) \
         WHERE person_id = {}",
        literal(ada),
        literal(omar)
    ))
    .unwrap();
    drop(db);
    // With Omar's password and Ada's phone.
    let (browser, _) = first_step(&app, &email, "/");
    let answer = browser.post("/sign-in/code", &[("code", &phone.code(0))]);
    assert_eq!(answer.status, 500, "{}", answer.readable());
    assert_eq!(browser.get("/identities").status, 303);
}

#[test]
fn removing_codes_ends_other_sessions_and_the_recovery_codes() {
    let app = TestApp::start();
    let (person, email, phone, codes, browser) = with_codes(&app, Role::Auditor);
    let (mut elsewhere, _) = first_step(&app, &email, "/");
    elsewhere.post("/sign-in/code", &[("code", &phone.code(0))]);
    elsewhere.person = Some(person);
    assert_eq!(elsewhere.get("/identities").status, 200);
    let gone = browser.post("/account/second-factor/codes/remove", &[]);
    assert_eq!(gone.location, "/account/second-factor?done=codes_removed");
    let page = browser.get(&gone.location);
    assert!(
        page.shows("One-time codes were removed") && page.shows("removed one-time codes from"),
        "{}",
        page.readable()
    );
    assert_eq!(elsewhere.get("/identities").status, 303);
    assert_eq!(first_step(&app, &email, "/").1.location, "/", "the password alone again");
    let mut db = app.register.database.read().unwrap();
    assert_eq!(muster::store::code_generators::recovery_codes_left(&mut db, person).unwrap(), 0);
    drop(db);
    assert_eq!(codes.len(), 10);
    assert_eq!(recorded(&app, person).iter().filter(|(action, _)| action == "account.remove_codes").count(), 1);
}

#[test]
fn where_a_second_step_is_required_nothing_else_opens_without_one() {
    let app = TestApp::start_with(NOW, None, |deployment| {
        deployment.access.second_factor = SecondFactor::Required;
        deployment.access.break_glass = true;
    });
    let (person, email) = app.account(Role::Administrator);
    let (mut browser, page) = first_step(&app, &email, "/identities?sort=name");
    assert_eq!(page.location, "/identities?sort=name");
    let page = browser.get("/identities?sort=name");
    assert_eq!(page.location, "/account/second-factor?next=%2Fidentities%3Fsort%3Dname");
    let page = browser.get(&page.location);
    assert!(page.status == 200 && page.shows("your account has none yet"), "{}", page.readable());
    let token = page.csrf();
    for route in ROUTES.iter().filter(|route| route.permission != Permission::Public) {
        let path = crate::doors::example(route.path);
        let open = route.marks.contains(&Mark::WithoutFactor);
        let page = match route.method.as_str() {
            "GET" => browser.get(&path),
            _ if open => continue,
            _ => browser.post_bare(&path, &[("csrf", &token)], &[]),
        };
        // A program is told, and sent nowhere.
        let told = path.starts_with("/api/") && page.status == 403 && page.text.contains("Set up a second step");
        let sent_away = told || (page.status == 303 && page.location.starts_with("/account/second-factor"));
        let itself = path.starts_with("/account/second-factor");
        assert!(itself || sent_away != open, "{route:?} answered {} {}", page.status, page.location);
    }
    let next = "/identities?sort=name";
    let begun = browser.post_bare("/account/second-factor/codes", &[("csrf", &token), ("next", next)], &[]);
    let page = browser.get(&begun.location);
    let phone = Phone::of(&page);
    let fields = [("csrf", token.as_str()), ("code", &phone.code(0)), ("next", next)];
    let done = browser.post_bare("/account/second-factor/codes/confirm", &fields, &[]);
    assert!(done.text.contains("href=\"/identities?sort=name\""), "and on to where it was going: {}", done.text);
    browser.person = Some(person);
    assert_eq!(browser.get(next).status, 200);
    browser.post("/account/second-factor/codes/remove", &[]);
    assert!(browser.get(next).location.starts_with("/account/second-factor"), "without one it closes again");
}

#[test]
fn an_administrator_removes_a_second_step_that_was_lost() {
    let app = TestApp::start();
    let (person, email, _, _, lost) = with_codes(&app, Role::Owner);
    let administrator = app.sign_in(Role::Administrator);
    let account = format!("/people/{person}/account");
    assert!(administrator.get(&account).shows("Remove the second step"));
    let done = administrator.post(&format!("{account}/second-factor"), &[]);
    assert_eq!(done.location, format!("/people/{person}?done=factors"));
    assert_eq!(lost.get("/tasks").status, 303, "their sessions have ended");
    let (browser, page) = first_step(&app, &email, "/");
    assert_eq!(page.location, "/");
    assert!(browser.get("/account/second-factor").shows("removed every second factor of"));
    let analyst = By::person(Id::new(), Role::SecurityAnalyst, None, app.register.now());
    assert!(matches!(factors::remove_all(&app.register, &analyst, person), Err(ActionError::Forbidden)));
}

#[test]
fn whoever_is_signed_in_confirms_by_code_once() {
    let app = TestApp::start();
    let (person, _, phone, _, browser) = with_codes(&app, Role::Auditor);
    let session_of = |app: &TestApp| {
        let mut db = app.register.database.read().unwrap();
        muster::store::sessions::of(&mut db, person, app.register.now()).unwrap().remove(0)
    };
    let session = session_of(&app);
    let later = app.at(at(NOW).plus_seconds(6 * 60));
    let by = By::person(person, Role::Auditor, None, later.now());
    let cookie = Renewal { from: session.digest.clone(), to: vec![3; 32] };
    let confirm = |code: &str| confirm::by_password(&later, &by, session.id, PASSWORD, code, &cookie);
    assert_eq!(confirm("000000").unwrap(), Tried::Wrong(4));
    assert_eq!(confirm(&phone.code(12)).unwrap(), Tried::Confirmed);
    let confirmed = session_of(&app);
    assert_eq!((confirmed.digest, confirmed.confirmed_at), (vec![3; 32], later.now()));
    assert_eq!(confirm(&phone.code(12)).unwrap(), Tried::Wrong(4), "the same code again");
    assert_eq!(browser.get("/identities").status, 303, "the cookie of before is worth nothing");
    let done: Vec<String> = recorded(&app, person).into_iter().take(3).map(|(_, what)| what).collect();
    assert_eq!(
        done,
        ["Refused wrong password or code", "Done Password and one-time code", "Refused wrong password or code"]
    );
}

#[test]
fn a_set_up_that_nobody_finishes_ends() {
    let app = TestApp::start();
    let (person, _) = app.account(Role::Owner);
    let by = |now: Moment| By::person(person, Role::Owner, None, now);
    let now = app.register.now();
    factors::begin_codes(&app.register, &by(now)).unwrap();
    let first = factors::pending_secret(&app.register, &by(now)).unwrap().unwrap();
    assert!(factors::pending_secret(&app.register, &by(now.plus_seconds(599))).unwrap().is_some());
    assert!(factors::pending_secret(&app.register, &by(now.plus_seconds(600))).unwrap().is_none());
    factors::begin_codes(&app.register, &by(now)).unwrap();
    assert_ne!(factors::pending_secret(&app.register, &by(now)).unwrap().unwrap(), first, "begun anew");
}
