//! Stopping a token: at once, on every replica, whoever does it and however many at a time.

use muster::actions::{ActionError, Register, accounts};
use muster::domain::jobs::Job;

use super::*;
use crate::jobs::change_person;

fn good(register: &Register, made: &Made) -> bool {
    actions::admit::admit(register, &made.secret, "10.1.2.3", register.now()).unwrap().is_some()
}

#[test]
fn a_revoked_token_is_replayed_in_vain_on_another_replica() {
    let app = TestApp::start();
    let replica = app.replica();
    let made = make(&app, Role::Auditor, &[TokenScope::Read]);
    assert!(good(&replica, &made), "it is good before");
    actions::revoke(&app.register, &by(&app, made.person, made.role), made.id, "").unwrap();
    assert!(!good(&replica, &made));
    assert_eq!(made.get(&app, "/identities").status, 401);
}

#[test]
fn a_token_stops_with_what_its_creator_may_do_and_never_gains() {
    let app = TestApp::start();
    let (other, _) = app.account(Role::Administrator);
    let administrator = by(&app, other, Role::Administrator);
    let made = make(&app, Role::SecurityAnalyst, &[TokenScope::Read, TokenScope::ReadRegister]);
    let status = || made.get(&app, "/identities").status;
    assert_eq!(status(), 200);
    for role in [Role::Owner, Role::Auditor, Role::Administrator] {
        accounts::change_role(&app.register, &administrator, made.person, role).unwrap();
        assert_eq!(status(), 401, "{role}");
    }
    accounts::change_role(&app.register, &administrator, made.person, Role::SecurityAnalyst).unwrap();
    assert_eq!(status(), 200);
    accounts::disable(&app.register, &administrator, made.person).unwrap();
    assert_eq!(status(), 401);
    accounts::enable(&app.register, &administrator, made.person).unwrap();
    assert_eq!(status(), 200);
    change_person(&app, made.person, |person| person.left_on = Some(app.register.now().date()));
    assert_eq!(status(), 401);
}

#[test]
fn what_the_register_suspends_the_door_refuses_until_it_is_resumed() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let made = make(&app, Role::Auditor, &[TokenScope::Read]);
    let path = format!("/identities/{}", made.identity(&app).id);
    let page = analyst.post(&format!("{path}/suspend"), &[("reason", "Seen in a chat")]);
    assert_eq!(page.status, 303);
    assert_eq!(made.get(&app, "/identities").status, 401);
    let page = analyst.get(&page.location);
    assert!(page.shows("The token is refused from now on") && !page.shows("still lets it in"), "{}", page.readable());
    let grant = crate::grants::ask(&analyst, made.identity(&app).id);
    for (browser, step) in
        [(app.sign_in(Role::SecurityAnalyst), "approve"), (app.sign_in(Role::Administrator), "carry-out")]
    {
        let page = crate::grants::step(&app, &browser, grant, step, &[]);
        assert_eq!(page.status, 303, "{step}: {}", page.text);
    }
    assert_eq!(made.get(&app, "/identities").status, 200);
    // An end brought forward in the register counts, too.
    let mut db = app.register.database.read().unwrap();
    let mut identity = made.identity(&app);
    identity.expires_at = Some(app.register.now());
    identity.version += 1;
    identities::update(&mut db, &identity).unwrap();
    assert_eq!(made.get(&app, "/identities").status, 401);
}

#[test]
fn its_creator_revokes_it_on_a_page_and_the_refusal_is_kept_as_proof() {
    let app = TestApp::start();
    let owner = app.sign_in(Role::Owner);
    let made = make_for(&app, owner.person.unwrap(), Role::Owner, &draft(&[TokenScope::Read]));
    let page = owner.get(&format!("/tokens/{}", made.id));
    assert!(page.shows("Revoke this token") && page.shows("nobody can bring it back"), "{}", page.readable());
    let done = owner.post(&format!("/account/tokens/{}/revoke", made.id), &[]);
    assert_eq!((done.status, done.location), (303, format!("/tokens/{}?done=revoked", made.id)));
    let page = owner.get(&format!("/tokens/{}?done=revoked", made.id));
    assert!(page.shows("It was tried, and it is refused"), "{}", page.readable());
    assert!(page.shows("Revoked 2026-11-23 at 15:00:00 UTC. Asked with the digest"), "{}", page.readable());
    let identity = made.identity(&app);
    assert_eq!((identity.state, identity.enabled), (IdentityState::Revoked, false));
    let page = owner.get(&format!("/identities/{}", identity.id));
    assert!(page.shows("Revoked") && page.shows("the door of Muster refused it"), "{}", page.readable());
    for (action, count) in [
        ("api_token.revoke", 1),
        ("identity.start_revocation", 1),
        ("identity.prove_revocation", 1),
        ("identity.revoke", 1),
    ] {
        assert_eq!(entries(&app, action).len(), count, "{action}");
    }
    let (analyst, _) = app.account(Role::SecurityAnalyst);
    let by = muster::actions::By::person(analyst, Role::SecurityAnalyst, None, app.register.now());
    let asked = muster::actions::grants::ask(&app.register, &by, identity.id, "Again");
    assert!(matches!(asked, Err(ActionError::Refused(_))), "nobody can bring it back: {asked:?}");
}

#[test]
fn nothing_is_shown_as_revoked_before_the_door_was_seen_to_refuse() {
    let app = TestApp::start();
    let made = make(&app, Role::Auditor, &[TokenScope::Read]);
    let refused = actions::prove(&app.register, &app.setup(), made.id).unwrap_err();
    assert!(refused.to_string().contains("still lets this token in"), "{refused}");
    assert_eq!(made.state(&app), IdentityState::Active);
    // A revocation cut off between its two halves.
    app.register
        .change(&app.setup(), |work| {
            let mut token = api_tokens::line(work.db, made.id)?.token;
            token.revoked_at = Some(work.by.now);
            token.version += 1;
            api_tokens::revoke(work.db, &token)?;
            let mut identity = identities::find(work.db, token.identity_id)?;
            identity.state = IdentityState::Revoking;
            identity.version += 1;
            Ok(identities::update(work.db, &identity)?)
        })
        .unwrap();
    let page = app.sign_in(Role::Auditor).get(&format!("/identities/{}", made.identity(&app).id));
    assert!(page.shows("Revoking") && page.shows("Not proved"), "{}", page.readable());
    let said = crate::jobs::run(&app.register, Job::ExpireIdentities, crate::app::NOW);
    assert!(said.contains(&"1 revocation of an API token proved".to_owned()), "{said:?}");
    assert_eq!(made.state(&app), IdentityState::Revoked);
    let said = crate::jobs::run(&app.register, Job::ExpireIdentities, crate::app::NOW);
    assert_eq!(said, ["0 identities suspended"], "once is enough");
}

#[test]
fn many_who_revoke_at_once_all_succeed_and_one_is_on_record() {
    let app = TestApp::start();
    let made = make(&app, Role::Auditor, &[TokenScope::Read]);
    let (administrator, _) = app.account(Role::Administrator);
    let who = [by(&app, made.person, made.role), by(&app, administrator, Role::Administrator)];
    std::thread::scope(|scope| {
        for number in 0..6 {
            let (replica, by, id) = (app.replica(), who[number % 2].clone(), made.id);
            scope.spawn(move || actions::revoke(&replica, &by, id, "Leaked").unwrap());
        }
    });
    assert_eq!(made.state(&app), IdentityState::Revoked);
    for action in ["api_token.revoke", "identity.start_revocation", "identity.revoke", "identity.prove_revocation"] {
        assert_eq!(entries(&app, action).len(), 1, "{action}");
    }
}

#[test]
fn an_administrator_alone_stops_what_others_made_with_a_reason() {
    let app = TestApp::start();
    let made = make(&app, Role::Auditor, &[TokenScope::Read]);
    let (analyst, owner) = (app.sign_in(Role::SecurityAnalyst), app.sign_in(Role::Owner));
    let (own, all) = (format!("/account/tokens/{}/revoke", made.id), format!("/tokens/{}/revoke", made.id));
    assert_eq!(owner.get(&format!("/tokens/{}", made.id)).status, 404, "it is not there for others");
    assert_eq!(owner.post(&own, &[]).status, 404);
    assert_eq!(analyst.post(&own, &[]).status, 404);
    assert_eq!(analyst.post(&all, &[("reason", "x")]).status, 403);
    assert_eq!(analyst.get("/tokens").status, 403);
    let seen = analyst.get(&format!("/tokens/{}", made.id));
    assert!(seen.shows("every administrator can revoke it") && !seen.text.contains("/revoke\""), "{}", seen.text);
    assert_eq!(made.get(&app, "/identities").status, 200);
    let administrator = app.sign_in(Role::Administrator);
    let list = administrator.get("/tokens");
    assert!(list.shows("Nightly export") && list.shows("Read identities and tasks"), "{}", list.readable());
    let without = administrator.post(&all, &[]);
    assert_eq!(without.status, 422, "{}", without.text);
    assert!(without.shows("Say why"), "{}", without.readable());
    assert_eq!(made.get(&app, "/identities").status, 200);
    assert_eq!(administrator.post(&all, &[("reason", "Found in a repository")]).status, 303);
    assert_eq!(made.get(&app, "/identities").status, 401);
    assert!(entries(&app, "api_token.revoke")[0].contains("Found in a repository"));
}

#[test]
fn the_command_line_lists_and_revokes() {
    let app = TestApp::start();
    let command = crate::command::Command::new(&app);
    assert!(command.run(&["tokens", "list"]).out.contains("/account/tokens"));
    let made = make(&app, Role::Auditor, &[TokenScope::Read, TokenScope::ReadAudit]);
    let listed = command.run(&["tokens", "list", "--json"]).json();
    assert_eq!((&listed[0]["state"], &listed[0]["scopes"][1]), (&"good".into(), &"read_audit".into()), "{listed}");
    let told = command.run(&["tokens", "revoke", &made.id.to_string()]);
    assert_eq!((told.code, told.err.as_str()), (0, ""));
    assert_eq!(made.get(&app, "/identities").status, 401);
    assert_eq!(made.state(&app), IdentityState::Revoked);
    assert!(command.run(&["tokens", "list"]).out.ends_with("revoked\n"));
}
