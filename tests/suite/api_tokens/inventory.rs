//! A token as an identity of the register: owned, ending, provably stoppable, touched by no import.

use muster::actions::imports::Upload;
use muster::actions::{identities as identity_actions, tasks as task_actions};
use muster::connectors::imports::ImportFormat;
use muster::domain::identities::*;
use muster::domain::imports::ImportSubject;
use muster::domain::jobs::Job;
use muster::domain::tasks::{TaskAnswer, TaskState};
use muster::store::{identity_parts, registry, tasks};

use super::*;

#[test]
fn a_new_token_stands_in_the_register_with_all_that_is_asked_of_others() {
    let app = TestApp::start();
    let made = make(&app, Role::SecurityAnalyst, &[TokenScope::Read, TokenScope::KeepRegister]);
    let identity = made.identity(&app);
    let mut db = app.register.database.read().unwrap();
    assert_eq!(
        (identity.kind, identity.environment, identity.state, identity.client_id.as_deref()),
        (IdentityKind::Token, Environment::Production, IdentityState::Active, None)
    );
    assert_eq!(identity.purpose.as_deref(), Some("Copies the register into the warehouse every night"));
    assert_eq!(
        (identity.business_owner_id, identity.business_owner_answer),
        (Some(made.person), Some(OwnerAnswer::Accepted))
    );
    assert_eq!(registry::find_system(&mut db, identity.system_id.unwrap()).unwrap().name, "Muster");
    let credentials = identity_parts::credentials(&mut db, identity.id).unwrap();
    assert_eq!(credentials.len(), 1);
    assert_eq!((credentials[0].expires_at, credentials[0].strength), (identity.expires_at, Strength::Ok));
    let scopes = identity_parts::scopes(&mut db, identity.id).unwrap();
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.scope.as_str()).collect();
    assert_eq!(scopes, ["muster:read", "muster:keep_register"]);
    let path = identity_parts::revocation_path(&mut db, identity.id).unwrap().unwrap();
    assert!(path.steps.contains(&format!("/tokens/{}", made.id)) && path.proved_at.is_none(), "{path:?}");
    make(&app, Role::Auditor, &[TokenScope::Read]);
    assert_eq!(entries(&app, "system.add").len(), 1, "the system is made once");
    let auditor = app.sign_in(Role::Auditor);
    let page = auditor.get(&format!("/identities/{}", identity.id));
    assert!(page.shows("This is an API token of Muster itself"), "{}", page.readable());
    assert!(page.text.contains(&format!("href=\"/tokens/{}\"", made.id)));
}

#[test]
fn first_tokens_made_at_the_same_moment_share_one_system() {
    let app = TestApp::start();
    let people: Vec<Id> = (0..6).map(|_| app.account(Role::Auditor).0).collect();
    std::thread::scope(|scope| {
        for person in &people {
            let (replica, by) = (app.replica(), by(&app, *person, Role::Auditor));
            scope.spawn(move || actions::create(&replica, &by, &draft(&[TokenScope::Read])).unwrap());
        }
    });
    let mut db = app.register.database.read().unwrap();
    assert_eq!(registry::system_names(&mut db).unwrap().len(), 1);
    assert_eq!(entries(&app, "system.add").len(), 1);
    assert_eq!(entries(&app, "identity.register").len(), 6);
}

#[test]
fn its_end_moves_it_on_like_any_other_and_nobody_gives_it_a_later_one() {
    let app = TestApp::start();
    let made = make(&app, Role::SecurityAnalyst, &[TokenScope::Read]);
    let end = made.identity(&app).expires_at.unwrap();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let edit = format!("/identities/{}/edit", made.identity(&app).id);
    let fields = |expires: &'static str| {
        vec![
            ("version", "1"),
            ("kind", "token"),
            ("name", "Nightly export"),
            ("environment", "production"),
            ("client_type", "confidential"),
            ("refresh_tokens", "none"),
            ("criticality", "unknown"),
            ("expires_on", expires),
        ]
    };
    for later in ["2026-12-26", ""] {
        let page = analyst.post(&edit, &fields(later));
        assert_eq!(page.status, 422, "{later}: {}", page.readable());
        assert!(page.shows("cannot outlive the end it was made with"), "{}", page.readable());
    }
    let late = end.plus_days(1).to_text();
    let said = crate::jobs::run(&app.at(end.plus_days(1)), Job::ExpireIdentities, &late);
    assert_eq!(said, ["1 identity suspended"]);
    assert_eq!(made.identity(&app).state_cause, StateCause::Expired);
    crate::jobs::run(&app.at(end.plus_days(1)), Job::RaiseOffboardings, &late);
    let mut db = app.register.database.read().unwrap();
    let open = tasks::about(&mut db, made.identity(&app).id).unwrap();
    assert_eq!(open.len(), 1, "its owner is told like everybody's");
    let reply = task_actions::answer(
        &app.at(end.plus_days(1)),
        &By { now: end.plus_days(1), ..by(&app, made.person, made.role) },
        &task_actions::Reply {
            task: open[0].id,
            version: open[0].version,
            identity_version: made.identity(&app).version,
            answer: Some(TaskAnswer::Until),
            reason: "It still runs".to_owned(),
            until: "2027-03-01".to_owned(),
            somebody: String::new(),
        },
    );
    assert!(reply.unwrap_err().to_string().contains("cannot outlive"), "by an answer neither");
    // Revoked after its end, it goes the rest of the way, and the task has nothing left to ask.
    actions::revoke(&app.register, &by(&app, made.person, made.role), made.id, "").unwrap();
    assert_eq!(made.state(&app), IdentityState::Revoked);
    let closed = tasks::about(&mut db, made.identity(&app).id).unwrap();
    assert_eq!((closed[0].state, closed[0].answer), (TaskState::Done, Some(TaskAnswer::Done)));
}

#[test]
fn an_owner_who_needs_it_no_longer_stops_it_with_that_answer() {
    let app = TestApp::start();
    let made = make(&app, Role::SecurityAnalyst, &[TokenScope::Read]);
    app.register
        .change(&app.setup(), |work| {
            let mut identity = identities::find(work.db, made.identity(&app).id)?;
            identity.next_review_on = Some(app.register.now().date());
            identity.version += 1;
            Ok(identities::update(work.db, &identity)?)
        })
        .unwrap();
    crate::jobs::run(&app.register, Job::RaiseRecertifications, crate::app::NOW);
    let review = crate::reviews::review_of(&app, made.identity(&app).id).id;
    let now = app.register.now();
    let answer = muster::domain::reviews::ReviewAnswer::Revoke;
    crate::reviews::answer(&app, review, (made.person, made.role), answer, now, |reply| {
        reply.reason = "The warehouse is gone".to_owned();
        reply.revoke_on = app.register.day(now).to_string();
    })
    .unwrap();
    crate::reviews::run_at(&app.register, Job::ApplyReviews, now.plus_seconds(31 * 60));
    assert_eq!(made.state(&app), IdentityState::Revoking);
    assert_eq!(made.get(&app, "/identities").status, 401);
}

#[test]
fn no_import_touches_it() {
    let app = TestApp::start();
    let made = make(&app, Role::SecurityAnalyst, &[TokenScope::Read]);
    let (_, undone) = (0, make(&app, Role::Auditor, &[TokenScope::Read]));
    // A list of requests and a whole export that both name its system; the request names the token, too.
    let request = Upload {
        subject: ImportSubject::Clients,
        format: ImportFormat::Dcr,
        file_name: "requests.json".to_owned(),
        bytes: br#"[{"client_name":"Nightly export","grant_types":["client_credentials"],"scope":"system/*.rs"}]"#
            .to_vec(),
        system: Some("muster".to_owned()),
        environment: Some(Environment::Production),
        column_map: None,
    };
    let (_, tally) = crate::imports::bring(&app, request);
    assert_eq!((tally.create, tally.change, tally.unchanged), (1, 0, 0));
    let realm = crate::imports::upload(crate::imports::realm(&[crate::imports::client("other")]));
    let (_, tally) = crate::imports::bring(&app, Upload { system: Some("Muster".to_owned()), ..realm });
    assert_eq!((tally.vanished, tally.change), (0, 0), "{tally:?}");
    for made in [&made, &undone] {
        let identity = made.identity(&app);
        assert_eq!((identity.version, identity.vanished_at, identity.state), (1, None, IdentityState::Active));
        assert_eq!(made.get(&app, "/identities").status, 200);
    }
    let suspended = identity_actions::suspend(&app.register, &app.setup(), made.identity(&app).id, "Looked at");
    suspended.unwrap();
}
