//! Break-glass: an administrator's rights for some hours, with a second person or a sealed code, and a
//! review that its user cannot close.

use muster::actions::break_glass::{self, Wanted};
use muster::actions::{By, Register};
use muster::domain::break_glass::EmergencyState;
use muster::domain::ids::{Id, Moment};
use muster::domain::people::Role;
use muster::domain::tasks::{TaskKind, TaskState};
use muster::store::emergency::{self, EmergencyAccess};
use muster::store::tasks::{self, Task};

use crate::app::{Browser, NOW, Page, TestApp, at};
use crate::command::Command;

pub fn app() -> TestApp {
    TestApp::start_told(|deployment| deployment.access.break_glass = true)
}

pub fn asks(browser: &Browser, hours: &str) -> Page {
    browser.post("/break-glass", &[("reason", "the administrators are on a plane"), ("hours", hours)])
}

/// What somebody last asked for.
pub fn latest(app: &TestApp, person: Id) -> EmergencyAccess {
    emergency::latest(&mut app.register.database.read().unwrap(), Some(person), 1).unwrap().remove(0)
}

fn review(app: &TestApp, access: Id) -> Task {
    tasks::review_of(&mut app.register.database.read().unwrap(), access).unwrap().unwrap()
}

pub fn agree(app: &TestApp, browser: &Browser, person: Id) -> Page {
    let access = latest(app, person);
    browser.post(&format!("/break-glass/{}/approve", access.id), &[("version", &access.version.to_string())])
}

fn by(person: Id, role: Role, now: Moment) -> By {
    By::person(person, role, None, now)
}

fn wanted(hours: &str) -> Wanted {
    Wanted { reason: "nobody else can".to_owned(), hours: hours.to_owned() }
}

fn refusal(outcome: Result<impl std::fmt::Debug, muster::actions::ActionError>) -> String {
    outcome.unwrap_err().to_string()
}

/// An owner who has emergency access, whoever agreed, and the access.
fn started(app: &TestApp, hours: &str) -> (Browser, Browser, EmergencyAccess) {
    let (owner, analyst) = (app.sign_in(Role::Owner), app.sign_in(Role::SecurityAnalyst));
    let page = asks(&owner, hours);
    assert_eq!((page.status, page.location.as_str()), (303, "/break-glass?done=asked"), "{}", page.readable());
    let page = agree(app, &analyst, owner.person.unwrap());
    assert_eq!(page.status, 303, "{}", page.readable());
    let access = latest(app, owner.person.unwrap());
    (owner, analyst, access)
}

#[test]
fn turned_off_there_is_none_of_it() {
    let app = TestApp::start();
    for role in Role::ALL {
        let browser = app.sign_in(*role);
        assert_eq!(browser.get("/break-glass").status, 404, "{role}");
        for path in ["", "/approve", "/refuse", "/open", "/withdraw", "/end"] {
            let path =
                if path.is_empty() { "/break-glass".to_owned() } else { format!("/break-glass/{}{path}", Id::new()) };
            assert_eq!(browser.post(&path, &[("version", "1"), ("reason", "x")]).status, 404, "{role} {path}");
        }
        let page = browser.get("/identities");
        assert!(!page.text.contains("break-glass") && !page.shows("mergency"), "{role}");
    }
    assert_eq!(app.browser().get("/break-glass").status, 404, "nor is a stranger told");
    let (owner, _) = app.account(Role::Owner);
    assert!(break_glass::ask(&app.register, &by(owner, Role::Owner, at(NOW)), &wanted("1")).is_err());
    let told = Command::new(&app).run(&["break-glass", "seal"]);
    assert!(told.code == 1 && told.err.contains("MUSTER_BREAK_GLASS=yes"), "{told:?}");
    let told = Command::new(&app).variable("MUSTER_BREAK_GLASS", "on").run(&["break-glass", "seal"]);
    assert!(told.code == 1 && told.err.contains("write yes or no"), "{told:?}");
}

#[test]
fn a_second_person_agrees_and_every_page_says_so_until_it_ends() {
    let app = app();
    let owner = app.sign_in(Role::Owner);
    assert_eq!(owner.get("/people/new").status, 403);
    let page = asks(&owner, "2");
    assert_eq!(page.status, 303);
    assert_eq!(owner.get("/people/new").status, 403, "asking raises nothing");
    let analyst = app.sign_in(Role::SecurityAnalyst);
    assert!(analyst.get("/break-glass").shows("the administrators are on a plane"));
    assert_eq!(agree(&app, &analyst, owner.person.unwrap()).status, 303);
    for path in ["/", "/identities", "/people/new", "/tasks", "/grants", "/break-glass", "/account", "/no/such/page"] {
        let page = owner.get(path);
        assert!(page.shows("Emergency access until") && page.shows("End it now"), "{path}: {}", page.readable());
        assert!(page.shows("11:00"), "the end in the zone of the reader: {}", page.readable());
    }
    assert!(!analyst.get("/").shows("Emergency access until"), "and nobody else's");
    let added = owner.post("/people/new", &[("name", "Nia Newcomer"), ("email", "nia@hospital.example")]);
    assert_eq!(added.status, 303, "{}", added.readable());
    let access = latest(&app, owner.person.unwrap());
    let page = owner.post(&format!("/break-glass/{}/end", access.id), &[]);
    assert_eq!(page.status, 303);
    assert_eq!(owner.get("/people/new").status, 403);
    assert!(!owner.get("/tasks").shows("Emergency access until"));
    let told = latest(&app, owner.person.unwrap());
    assert_eq!((told.ended_by, told.approver_id), (owner.person, analyst.person));
    // Everything under it says so, and nothing else does.
    let auditor = app.sign_in(Role::Auditor);
    let list = auditor.get(&format!("/audit?emergency={}", access.id));
    assert!(list.shows("added Nia Newcomer under emergency access") || list.shows("under emergency access"));
    let file = auditor.get(&format!("/audit.jsonl?emergency={}", access.id)).text;
    let entries: Vec<serde_json::Value> = file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut actions: Vec<&str> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["emergency_access.end", "person.add"]);
    for entry in &entries {
        let body: serde_json::Value = serde_json::from_str(entry["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["actor"]["emergency"], serde_json::json!(access.id), "in the body that is hashed");
    }
    let page = auditor.get(&format!("/audit/{}", entries[0]["seq"]));
    assert!(page.shows("Under emergency access"));
    let mut db = app.register.database.read().unwrap();
    muster::store::audit_check::verify(&mut db).expect("the log is whole");
}

#[test]
fn nobody_agrees_to_their_own_nor_while_they_are_raised_themselves() {
    let app = app();
    let (one, two) = (app.sign_in(Role::SecurityAnalyst), app.sign_in(Role::SecurityAnalyst));
    asks(&one, "1");
    let own = agree(&app, &one, one.person.unwrap());
    assert!(own.status == 409 && own.shows("You asked for this"), "{}", own.readable());
    assert_eq!(latest(&app, one.person.unwrap()).state, EmergencyState::Asked);
    assert_eq!(agree(&app, &two, one.person.unwrap()).status, 303);
    let again = agree(&app, &one, one.person.unwrap());
    assert_eq!(again.status, 409);
    // Raised, they give it to nobody, whatever their raised role could.
    let owner = app.sign_in(Role::Owner);
    asks(&owner, "1");
    let page = agree(&app, &one, owner.person.unwrap());
    assert!(page.status == 409 && page.shows("you cannot give it to others"), "{}", page.readable());
    assert_eq!(app.sign_in(Role::Owner).post("/break-glass", &[("hours", "1"), ("reason", "x")]).status, 303);
    let stranger = app.sign_in(Role::Owner);
    assert_eq!(agree(&app, &stranger, owner.person.unwrap()).status, 403, "an owner decides about nobody's");
}

#[test]
fn auditors_and_administrators_get_none_and_a_form_keeps_what_was_typed() {
    let app = app();
    assert_eq!(asks(&app.sign_in(Role::Auditor), "1").status, 403);
    let page = asks(&app.sign_in(Role::Administrator), "1");
    assert!(page.status == 409 && page.shows("You are an administrator"), "{}", page.readable());
    let owner = app.sign_in(Role::Owner);
    for hours in ["", "0", "5", "240", "1.5", "four"] {
        let page = asks(&owner, hours);
        assert_eq!(page.status, 422, "{hours}");
        assert!(page.shows("one to four hours") && page.text.contains("on a plane</textarea>"), "{}", page.readable());
    }
    assert!(!owner.get("/break-glass").text.contains("checked"), "nothing is chosen");
    assert_eq!(asks(&owner, "4").status, 303);
    assert_eq!(asks(&owner, "4").status, 409, "one at a time");
}

#[test]
fn it_ends_by_itself_at_its_time_and_is_never_renewed() {
    let app = app();
    let asker = app.account(Role::SecurityAnalyst);
    let (other, _) = app.account(Role::SecurityAnalyst);
    let id = break_glass::ask(&app.register, &by(asker.0, Role::SecurityAnalyst, at(NOW)), &wanted("4")).unwrap();
    break_glass::approve(&app.register, &by(other, Role::SecurityAnalyst, at(NOW)), id, 1).unwrap();
    let end = at(NOW).plus_seconds(4 * 3600);
    assert_eq!(latest(&app, asker.0).ends_at, Some(end));
    let last = app.later(end.plus_seconds(-1));
    let browser = last.sign_in(&asker);
    assert_eq!(browser.get("/people/new").status, 200, "one second before");
    let page = asks(&browser, "4");
    assert!(page.status == 409 && page.shows("never renewed"), "{}", page.readable());
    for later in [0, 1] {
        let browser = app.later(end.plus_seconds(later)).sign_in(&asker);
        assert_eq!(browser.get("/people/new").status, 403, "four hours and {later} seconds");
        assert!(!browser.get("/identities").shows("Emergency access until"));
    }
    let ended = break_glass::end(&app.register, &by(asker.0, Role::SecurityAnalyst, end), id);
    assert!(refusal(ended).contains("has ended already"));
    assert_eq!(asks(&app.later(end).sign_in(&asker), "1").status, 303, "a new one can be asked for");
    // Nor does SQL prolong it.
    let moment = end.plus_seconds(1).to_text();
    for change in [format!("ends_at = '{moment}'"), "hours = 3".to_owned(), format!("started_at = '{moment}'")] {
        let statement = format!("UPDATE emergency_accesses SET {change} WHERE state = 'started'");
        assert!(app.register.database.read().unwrap().execute(&statement).is_err(), "{statement}");
    }
    let statement = format!(
        "UPDATE emergency_accesses SET state = 'started', started_at = asked_at, ends_at = '{}', approver_id = \
         (SELECT person_id FROM accounts WHERE person_id <> emergency_accesses.person_id LIMIT 1) WHERE state = 'asked'",
        end.plus_seconds(3601).to_text()
    );
    assert!(app.register.database.read().unwrap().execute(&statement).is_err(), "an hour and a second");
}

#[test]
fn what_nobody_answered_within_an_hour_starts_nothing() {
    let app = app();
    let (asker, _) = app.account(Role::Owner);
    let (other, _) = app.account(Role::Administrator);
    let id = break_glass::ask(&app.register, &by(asker, Role::Owner, at(NOW)), &wanted("1")).unwrap();
    let late = at(NOW).plus_seconds(3600);
    let refused = refusal(break_glass::approve(&app.at(late), &by(other, Role::Administrator, late), id, 1));
    assert!(refused.contains("more than an hour"), "{refused}");
    break_glass::ask(&app.at(late), &by(asker, Role::Owner, late), &wanted("1")).expect("asked anew");
    assert!(break_glass::approve(&app.at(late), &by(other, Role::Administrator, late), id, 1).is_err());
}

#[test]
fn two_who_agree_at_once_start_it_once_with_one_review() {
    let app = app();
    let (asker, _) = app.account(Role::Owner);
    let others = [app.account(Role::Administrator).0, app.account(Role::SecurityAnalyst).0];
    let id = break_glass::ask(&app.register, &by(asker, Role::Owner, at(NOW)), &wanted("1")).unwrap();
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let threads = others.map(|person| {
            let register: Register = app.replica();
            scope.spawn(move || {
                break_glass::approve(&register, &by(person, Role::Administrator, at(NOW)), id, 1).is_ok()
            })
        });
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|won| **won).count(), 1, "{outcomes:?}");
    assert_eq!(latest(&app, asker).version, 2);
    assert_eq!(review(&app, id).version, 1);
}

#[test]
fn whoever_was_disabled_or_given_another_role_meanwhile_is_raised_to_nothing() {
    let app = app();
    let (disabled, moved) = (app.account(Role::Owner), app.account(Role::SecurityAnalyst));
    let (other, _) = app.account(Role::Administrator);
    let admin = by(other, Role::Administrator, at(NOW));
    for ((person, _), role) in [(&disabled, Role::Owner), (&moved, Role::SecurityAnalyst)] {
        break_glass::ask(&app.register, &by(*person, role, at(NOW)), &wanted("4")).unwrap();
    }
    muster::actions::accounts::disable(&app.register, &admin, disabled.0).unwrap();
    muster::actions::accounts::change_role(&app.register, &admin, moved.0, Role::Auditor).unwrap();
    for person in [disabled.0, moved.0] {
        let id = latest(&app, person).id;
        assert!(break_glass::approve(&app.register, &admin, id, 1).is_err());
        assert_eq!(latest(&app, person).state, EmergencyState::Asked);
    }
    // While it runs: the door is shut at the next request, and the role of an auditor is never raised.
    let (owner, analyst, access) = started(&app, "4");
    assert_eq!(owner.get("/people/new").status, 200);
    muster::actions::accounts::change_role(&app.register, &admin, owner.person.unwrap(), Role::Auditor).unwrap();
    let mut db = app.register.database.read().unwrap();
    let email = muster::store::people::find(&mut db, owner.person.unwrap()).unwrap().email;
    drop(db);
    let again = app.sign_in_as(&(owner.person.unwrap(), email));
    assert!(latest(&app, owner.person.unwrap()).runs(at(NOW)), "it would run");
    assert_eq!(again.get("/people/new").status, 403, "{}", access.id);
    muster::actions::accounts::disable(&app.register, &admin, owner.person.unwrap()).unwrap();
    assert_eq!(again.get("/identities").status, 303, "signed out");
    drop(analyst);
}

#[test]
fn ended_on_one_replica_it_is_ended_on_the_other_at_once() {
    let app = app();
    let (owner, _, access) = started(&app, "4");
    let elsewhere = app.later(at(NOW));
    let there = elsewhere.visited_by(&owner);
    assert_eq!(there.get("/people/new").status, 200);
    let administrator = app.sign_in(Role::Administrator);
    assert!(administrator.get("/break-glass").shows("End it now"));
    let auditor = app.sign_in(Role::Auditor);
    assert_eq!(auditor.post(&format!("/break-glass/{}/end", access.id), &[]).status, 403);
    assert_eq!(app.sign_in(Role::Owner).post(&format!("/break-glass/{}/end", access.id), &[]).status, 404);
    assert_eq!(administrator.post(&format!("/break-glass/{}/end", access.id), &[]).status, 303);
    assert_eq!(there.get("/people/new").status, 403, "no second passes");
    assert_eq!(owner.get("/people/new").status, 403);
}

#[test]
fn turned_off_while_it_runs_it_is_over_and_still_reviewed() {
    let app = app();
    let (owner, analyst, access) = started(&app, "4");
    let mut deployment = (*app.register.deployment).clone();
    deployment.access.break_glass = false;
    let off = Register { deployment: std::sync::Arc::new(deployment), ..app.register.clone() };
    let replica = crate::app::Replica::start(off);
    assert_eq!(replica.visited_by(&owner).get("/people/new").status, 403);
    let reviewer = replica.visited_by(&analyst);
    let task = review(&app, access.id);
    assert_eq!(reviewer.get(&format!("/tasks/{}", task.id)).status, 200, "a task is a task");
}

#[test]
fn a_sealed_code_opens_it_once_even_when_two_type_it_at_once() {
    let app = app();
    let seal = || {
        let told = Command::new(&app).variable("MUSTER_BREAK_GLASS", "yes").run(&["break-glass", "seal"]);
        assert_eq!(told.code, 0, "{told:?}");
        told.out.lines().last().unwrap().to_owned()
    };
    let code = seal();
    assert_eq!(code.len(), 39, "32 letters of 5 bits: {code}");
    let people = [app.account(Role::Owner).0, app.account(Role::Owner).0];
    let asked = people.map(|person| {
        (person, break_glass::ask(&app.register, &by(person, Role::Owner, at(NOW)), &wanted("1")).unwrap())
    });
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let threads = asked.map(|(person, id)| {
            let (register, code): (Register, &str) = (app.replica(), &code);
            scope.spawn(move || break_glass::open(&register, &by(person, Role::Owner, at(NOW)), id, 1, code).is_ok())
        });
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|won| **won).count(), 1, "{outcomes:?}");
    let runs = people.iter().filter(|person| latest(&app, **person).runs(at(NOW))).count();
    assert_eq!(runs, 1);
    // On the page, typed from paper; used, void and made-up codes say the same.
    let owner = app.sign_in(Role::Owner);
    asks(&owner, "1");
    let access = latest(&app, owner.person.unwrap());
    assert!(!owner.get("/break-glass").text.contains("name=\"code\""), "no envelope is left");
    let (voided, fresh) = (seal(), seal());
    assert!(owner.get("/break-glass").text.contains("name=\"code\""));
    let command = Command::new(&app).variable("MUSTER_BREAK_GLASS", "yes");
    let list = command.run(&["break-glass", "list", "--json"]).json();
    assert_eq!(list.as_array().unwrap().len(), 3);
    assert!(!list.to_string().contains(&fresh) && !list.to_string().contains("digest"), "{list}");
    let by_digest = |code: &str| {
        use sha2::Digest;
        let plain = muster::domain::break_glass::read_code(code).unwrap();
        let digest = sha2::Sha256::digest(plain.as_bytes()).to_vec();
        let mut db = app.register.database.read().unwrap();
        emergency::codes(&mut db).unwrap().into_iter().find(|known| known.digest == digest).unwrap().id.to_string()
    };
    assert_eq!(command.run(&["break-glass", "void", &by_digest(&voided)]).code, 0);
    let open =
        |code: &str| owner.post(&format!("/break-glass/{}/open", access.id), &[("version", "1"), ("code", code)]);
    for wrong in [code.as_str(), voided.as_str(), "0000-0000-0000-0000-0000-0000-0000-0000", "open sesame"] {
        let page = open(wrong);
        assert!(page.status == 422 && page.shows("This is no sealed code"), "{wrong}: {}", page.readable());
        assert!(!page.text.contains(wrong), "a code stands in no page");
    }
    let stranger = app.sign_in(Role::Owner);
    let path = format!("/break-glass/{}/open", access.id);
    assert_eq!(stranger.post(&path, &[("version", "1"), ("code", &fresh)]).status, 404, "it is not theirs");
    let page = open(&fresh.to_lowercase().replace('-', " "));
    assert_eq!(page.status, 303, "{}", page.readable());
    assert_eq!(owner.get("/people/new").status, 200);
    let auditor = app.sign_in(Role::Auditor);
    let log = auditor.get("/audit.jsonl").text;
    for action in ["sealed_code.make", "sealed_code.use", "sealed_code.void", "emergency_access.start"] {
        assert!(log.contains(action), "{action}");
    }
    let plain = fresh.replace('-', "");
    assert!(!log.contains(&fresh) && !log.contains(&plain) && !log.contains(&voided), "no code in the log");
    assert_eq!(
        log.lines().filter(|line| line.contains("\"outcome\":\"refused\"") && line.contains("sealed_code.use")).count(),
        5
    );
    assert_eq!(command.run(&["break-glass", "void", &by_digest(&fresh)]).code, 1, "what was used is not made void");
}

#[test]
fn nothing_that_outlasts_it_is_made_under_it() {
    let app = app();
    let (owner, analyst, access) = started(&app, "2");
    let (victim, _) = app.account(Role::Auditor);
    let nobody = app.person("Petra Person", "petra@hospital.example");
    let fields = [("name", "Eve Backdoor"), ("email", "eve@hospital.example"), ("role", "administrator")];
    let account = |person: Id, what: &str| format!("/people/{person}/account/{what}");
    for (path, fields) in [
        ("/people/new".to_owned(), &fields[..]),
        (account(nobody, "open"), &[("role", "administrator")]),
        (account(victim, "role"), &[("role", "administrator")]),
        (account(victim, "link"), &[]),
        (account(victim, "second-factor"), &[]),
    ] {
        let page = owner.post(&path, fields);
        assert!([409, 422].contains(&page.status), "{path}: {} {}", page.status, page.readable());
        assert!(page.shows("that would outlast it, so it takes an administrator"), "{path}: {}", page.readable());
    }
    assert!(!analyst.get("/people").shows("Eve Backdoor"), "nothing of the form was kept");
    assert!(owner.get(&format!("/people/{victim}/account")).shows("the other forms of this page are refused"));
    // What stops something works, and cannot be taken back under it either.
    assert_eq!(owner.post(&account(victim, "end-sessions"), &[]).status, 303);
    assert_eq!(owner.post(&account(victim, "disable"), &[]).status, 303);
    assert_eq!(owner.post(&account(victim, "enable"), &[]).status, 422);
    // Whoever could have agreed ends it.
    assert!(analyst.get("/break-glass").shows("End it now"));
    let page = analyst.post(&format!("/break-glass/{}/end", access.id), &[]);
    assert_eq!(page.status, 303, "{}", page.readable());
    assert_eq!(owner.get("/people/new").status, 403);
}

#[test]
fn whoever_guesses_at_a_sealed_code_must_wait() {
    let app = app();
    let owner = app.sign_in(Role::Owner);
    asks(&owner, "1");
    let path = format!("/break-glass/{}/open", latest(&app, owner.person.unwrap()).id);
    let guess = || owner.post(&path, &[("version", "1"), ("code", "open sesame")]);
    for _ in 0..5 {
        assert_eq!(guess().status, 422);
    }
    let page = guess();
    assert_eq!(page.status, 429, "{}", page.readable());
    assert!(!page.header("retry-after").is_empty() && page.shows("Too many attempts"), "{}", page.readable());
}

#[test]
fn its_user_cannot_close_the_review_nor_can_anybody_who_is_raised() {
    let app = app();
    let (owner, analyst, access) = started(&app, "2");
    let task = review(&app, access.id);
    assert_eq!(
        (task.kind, task.state, task.due_on),
        (TaskKind::EmergencyReview, TaskState::Open, crate::jobs::day("2026-11-26"))
    );
    let path = format!("/tasks/{}", task.id);
    let close = |browser: &Browser, found: &str| browser.post(&path, &[("version", "1"), ("reason", found)]);
    assert!(analyst.get("/tasks").shows("Review the emergency access of"), "{}", analyst.get("/tasks").readable());
    assert!(!owner.get("/tasks").shows("Decide"), "their own review is not theirs to do");
    let early = close(&analyst, "all right");
    assert!(early.status == 409 && early.shows("still runs"), "{}", early.readable());
    let page = owner.get(&path);
    assert!(page.shows("somebody else reviews it") && !page.text.contains("Close the review"));
    let own = close(&owner, "all fine");
    assert!(own.status == 409 && own.shows("cannot review it"), "{}", own.readable());
    // Another who is raised at the same time reviews nobody's.
    let second = app.sign_in(Role::SecurityAnalyst);
    asks(&second, "1");
    assert_eq!(agree(&app, &analyst, second.person.unwrap()).status, 303);
    owner.post("/people/new", &[("name", "Nia Newcomer"), ("email", "nia@hospital.example")]);
    assert_eq!(owner.post(&format!("/break-glass/{}/end", access.id), &[]).status, 303);
    let raised = close(&second, "all fine");
    assert!(raised.status == 409 && raised.shows("reviews nobody"), "{}", raised.readable());
    assert_eq!(close(&owner, "all fine").status, 404, "back to their own role, it is not even there");
    let auditor = app.sign_in(Role::Auditor);
    assert_eq!(close(&auditor, "x").status, 403);
    let page = auditor.get(&path);
    assert!(page.shows("added Nia Newcomer") && page.shows("the administrators are on a plane"), "{}", page.readable());
    assert!(page.text.contains(&format!("/audit?emergency={}", access.id)));
    let empty = close(&analyst, "  ");
    assert!(empty.status == 422 && empty.shows("Write what you found"), "{}", empty.readable());
    assert_eq!(close(&analyst, "one person was added, and that was needed").status, 303);
    let again = close(&app.sign_in(Role::Administrator), "typed for long");
    assert!(again.status == 409 && again.shows("typed for long"), "{}", again.readable());
    assert!(analyst.get(&path).shows("one person was added"));
    // Nor by SQL.
    let other = review(&app, latest(&app, second.person.unwrap()).id);
    let quoted = |id: Id| match crate::app::on_postgres() {
        true => format!("'{id}'"),
        false => format!("x'{}'", id.0.simple()),
    };
    let moment = at(NOW).to_text();
    for closed_by in [quoted(second.person.unwrap()), "NULL".to_owned()] {
        let statement = format!(
            "UPDATE tasks SET state = 'done', note = 'x', closed_at = '{moment}', closed_by = {closed_by} WHERE id = {}",
            quoted(other.id)
        );
        assert!(app.register.database.read().unwrap().execute(&statement).is_err(), "{statement}");
    }
}

#[test]
fn the_review_waits_for_everybody_but_its_user_and_is_told_by_mail() {
    use muster::domain::jobs::Job;
    let app = app();
    let administrator = app.account(Role::Administrator);
    let second = app.sign_in(Role::SecurityAnalyst);
    let first = app.sign_in(Role::SecurityAnalyst);
    asks(&first, "1");
    assert_eq!(agree(&app, &second, first.person.unwrap()).status, 303);
    assert!(app.sign_in_as(&administrator).get("/").shows("1 task waits for you"));
    assert!(!first.get("/").shows("task waits for you") && !first.get("/tasks").shows("You have 1 thing"));
    for (browser, sees) in [(&second, true), (&first, true)] {
        // The list of all tasks hides nothing from whoever keeps the register.
        assert_eq!(browser.get("/tasks?view=all").shows("Review the emergency access of"), sees);
    }
    let line: serde_json::Value = serde_json::from_str(second.get("/tasks.jsonl").text.trim()).unwrap();
    assert_eq!((line["kind"].as_str(), &line["identity_id"]), (Some("emergency_review"), &serde_json::Value::Null));
    let told = Command::new(&app).run(&["tasks", "list"]);
    assert!(told.out.contains("Review the emergency access of") && told.out.contains("Administrators"), "{told:?}");
    crate::jobs::run(&app.register, Job::SendMail, "2026-11-24T14:00:00Z");
    let mails: Vec<String> = std::fs::read_dir(app.folder.path().join("mail"))
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    let to = |email: &str| {
        mails.iter().filter(|mail| mail.contains(email) && mail.contains("Review the emergency access")).count()
    };
    assert_eq!(to(&administrator.1), 1, "{mails:?}");
    let digests = mails.iter().filter(|mail| mail.contains("Review the emergency access")).count();
    assert_eq!(digests, 2, "the user gets none about themselves");
}

#[test]
fn separation_holds_under_emergency_access_too() {
    let app = app();
    let (owner, analyst, access) = started(&app, "4");
    let row = crate::jobs::identity(&app, "Bulk Export", |row| {
        row.state = muster::domain::identities::IdentityState::Suspended;
        row.state_cause = muster::domain::identities::StateCause::Decided;
        crate::jobs::owned_by(row, owner.person.unwrap());
    });
    let asked = owner.post(&format!("/identities/{}/grants", row.id), &[("reason", "it is needed now")]);
    assert_eq!(asked.status, 303);
    let grant: Id = asked.location.trim_start_matches("/grants/").split('?').next().unwrap().parse().unwrap();
    let send = |browser: &Browser, step: &str, version: &str| {
        browser.post(&format!("/grants/{grant}/{step}"), &[("version", version), ("identity_version", "1")])
    };
    let own = send(&owner, "approve", "1");
    assert!(own.status == 409 && own.shows("You asked for this"), "{}", own.readable());
    assert_eq!(send(&analyst, "approve", "1").status, 303);
    assert_eq!(send(&owner, "carry-out", "2").status, 409, "whoever asked does not carry out, raised or not");
    assert_eq!(send(&analyst, "carry-out", "2").status, 409);
    assert_eq!(send(&app.sign_in(Role::SecurityAnalyst), "carry-out", "2").status, 303);
    let file = app.sign_in(Role::Auditor).get(&format!("/audit.jsonl?emergency={}", access.id)).text;
    assert!(file.contains("grant.ask") && !file.contains("grant.approve"), "{file}");
}

#[test]
fn nobody_keeps_what_an_emergency_gave_them() {
    let app = app();
    let (owner, ..) = started(&app, "4");
    let me = owner.person.unwrap();
    let page = owner.post(&format!("/people/{me}/account/role"), &[("role", "administrator")]);
    assert!(page.status == 422 && page.shows("nobody changes their own account"), "{}", page.readable());
    let by = by(me, Role::Administrator, at(NOW)).under(Some(latest(&app, me).id));
    assert!(refusal(break_glass::seal(&app.register, &by)).contains("under emergency access"));
    let mut db = app.register.database.read().unwrap();
    assert_eq!(muster::store::people::account(&mut db, me).unwrap().unwrap().role, Role::Owner);
}
