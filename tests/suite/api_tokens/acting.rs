//! What a token does, it does on behalf of its creator and says so; what is for people it never does.

use muster::actions::imports::{self, Upload};
use muster::actions::tasks::Reply;
use muster::actions::{ActionError, accounts, ownership, people, tasks};
use muster::connectors::imports::ImportFormat;
use muster::domain::imports::ImportSubject;
use muster::domain::ownership::OwnerRole;
use muster::store::audit_check;

use super::*;

#[test]
fn the_log_names_the_token_and_whom_it_acted_for() {
    let app = TestApp::start();
    let made = make(&app, Role::SecurityAnalyst, &[TokenScope::KeepRegister]);
    let other = crate::jobs::identity(&app, "Lab app", |_| {});
    assert_eq!(made.post(&app, &format!("/identities/{}/suspend", other.id), &[("reason", "Leaked")]).status, 303);
    let body = &entries(&app, "identity.suspend")[0];
    let actor =
        format!("\"actor\":{{\"id\":\"{}\",\"kind\":\"api_token\",\"on_behalf_of\":\"{}\"}}", made.id, made.person);
    assert!(body.contains(&actor), "{body}");
    let mut db = app.register.database.read().unwrap();
    audit_check::verify(&mut db).unwrap();
    let auditor = app.sign_in(Role::Auditor);
    let name = made.line(&app).creator;
    let list = auditor.get("/audit?action=identity.suspend");
    assert!(list.shows(&format!("API token “Nightly export” of {name} suspended Lab app")), "{}", list.readable());
    assert!(list.text.contains(&format!("href=\"/tokens/{}\"", made.id)));
    let by_person = auditor.get(&format!("/audit?action=identity.suspend&actor={}", name.replace(' ', "+")));
    assert!(by_person.shows("suspended Lab app"), "what a token did is found under its creator");
    let seq = auditor.get("/audit.jsonl?action=identity.suspend");
    let seq: serde_json::Value = serde_json::from_str(seq.text.lines().next().unwrap()).unwrap();
    assert_eq!(seq["actor_kind"], "api_token");
    let entry = auditor.get(&format!("/audit/{}", seq["seq"]));
    assert!(entry.shows(&format!("On behalf of {name}")), "{}", entry.readable());
    let page = auditor.get(&format!("/identities/{}", other.id));
    assert!(page.shows(&format!("the API token “Nightly export” of {name} Suspended")), "{}", page.readable());
}

#[test]
fn an_action_that_is_for_people_refuses_a_token_whatever_route_led_to_it() {
    let app = TestApp::start();
    let made = make(&app, Role::Administrator, TokenScope::ALL);
    let (token, register) = (made.acting(&app), &app.register);
    let (other, _) = app.account(Role::Auditor);
    let forbidden = |outcome: Result<(), ActionError>, what: &str| {
        assert!(matches!(outcome, Err(ActionError::Forbidden)), "{what}: {outcome:?}");
    };
    forbidden(accounts::disable(register, &token, other), "disable");
    forbidden(accounts::change_role(register, &token, other, Role::Owner), "role");
    forbidden(people::add(register, &token, "A", "a@h.example", None).map(drop), "add");
    forbidden(actions::create(register, &token, &draft(&[TokenScope::Read])).map(drop), "another token");
    forbidden(actions::revoke(register, &token, made.id, "mine"), "revoke itself");
    let reply = Reply {
        task: Id::new(),
        version: 1,
        identity_version: 1,
        answer: None,
        reason: String::new(),
        until: String::new(),
        somebody: String::new(),
    };
    forbidden(tasks::answer(register, &token, &reply).map(drop), "answer");
    let own = made.identity(&app).id;
    forbidden(ownership::answer(register, &token, own, OwnerRole::Business, ownership::Answer::Accept), "own");
    let list = Upload {
        subject: ImportSubject::People,
        format: ImportFormat::Csv,
        file_name: "staff.csv".to_owned(),
        bytes: b"Name,Email\nA,a@h.example\n".to_vec(),
        system: None,
        environment: None,
        column_map: None,
    };
    forbidden(imports::preview(register, &token, list).map(drop), "people");
    let narrow = by(&app, made.person, made.role).through(ActingToken { id: made.id, keeps_register: false });
    let suspended = muster::actions::identities::suspend(register, &narrow, own, "no scope for it");
    forbidden(suspended, "a scope that is not there");
}

#[test]
fn a_file_is_brought_with_a_token() {
    let app = TestApp::start();
    let made = make(&app, Role::SecurityAnalyst, &[TokenScope::KeepRegister, TokenScope::ReadRegister]);
    let header = made.header();
    let file = crate::imports::realm(&[crate::imports::client("by-token")]);
    let mut body = Vec::new();
    for (name, value) in [("format", "keycloak-realm"), ("environment", "sandbox")] {
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    body.extend(b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"realm.json\"\r\n\r\n");
    body.extend(file);
    body.extend(b"\r\n--b--\r\n");
    let kind = ("content-type", "multipart/form-data; boundary=b");
    let nobody = app.browser().send("POST", "/imports/new", &[kind], &body);
    assert_eq!(nobody.status, 401);
    let answer = app.browser().send("POST", "/imports/new", &[kind, ("authorization", &header)], &body);
    assert_eq!(answer.status, 303, "{}", answer.text);
    let path = answer.location.split('?').next().unwrap().to_owned();
    assert_eq!(made.get(&app, &format!("{path}.jsonl")).status, 200);
    let applied = made.post(&app, &format!("{path}/apply"), &[]);
    assert_eq!(applied.status, 303, "{}", applied.text);
    assert!(entries(&app, "import.apply")[0].contains("\"kind\":\"api_token\""));
}

#[test]
fn a_list_by_token_shows_what_its_creator_sees() {
    let app = TestApp::start();
    let (person, _) = app.account(Role::Owner);
    crate::jobs::identity(&app, "Mine", |identity| crate::jobs::owned_by(identity, person));
    let other = crate::jobs::identity(&app, "Of others", |_| {});
    let made = make_for(&app, person, Role::Owner, &draft(&[TokenScope::Read]));
    let list = made.get(&app, "/identities.csv");
    assert!(list.text.contains("Mine") && !list.text.contains("Of others"), "{}", list.text);
    assert_eq!(made.get(&app, &format!("/identities/{}", other.id)).status, 404);
    assert_eq!(made.get(&app, "/people.csv").status, 403);
}

#[test]
fn use_is_noted_at_most_once_a_minute() {
    let app = TestApp::start();
    let made = make(&app, Role::Auditor, &[TokenScope::Read]);
    let now = app.register.now();
    let noted = |seconds: i64, from: &str| {
        let at = now.plus_seconds(seconds);
        actions::admit::admit(&app.register, &made.secret, from, at).unwrap().unwrap();
        let token = made.line(&app).token;
        assert_eq!(made.identity(&app).last_used_at, token.last_used_at, "the register sees it too");
        (token.last_used_at.unwrap(), token.last_used_from.unwrap())
    };
    assert_eq!(noted(0, "10.0.0.1"), (now, "10.0.0.1".to_owned()));
    assert_eq!(noted(59, "10.0.0.2"), (now, "10.0.0.1".to_owned()));
    assert_eq!(noted(60, "10.0.0.3"), (now.plus_seconds(60), "10.0.0.3".to_owned()));
    assert_eq!(made.identity(&app).version, 1, "use changes no version");
}
