//! Grants: three people, three steps, and no other door to an active identity.

use muster::actions::grants::{self, Shown};
use muster::actions::{By, Register};
use muster::domain::grants::{GrantKind, GrantState};
use muster::domain::identities::{Criticality, IdentityState, StateCause};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::store::grants::Grant;
use muster::store::identities::{self, Identity};

use crate::app::{Browser, NOW, Page, TestApp, at};
use crate::jobs::{change_person, identity, kept_by, owned_by, run};

/// An identity that somebody suspended, after changes to it.
fn suspended(app: &TestApp, change: impl FnOnce(&mut Identity)) -> Identity {
    identity(app, "Bulk Export", |row| {
        row.state = IdentityState::Suspended;
        row.state_cause = StateCause::Decided;
        change(row);
    })
}

fn read(app: &TestApp, id: Id) -> Identity {
    identities::find(&mut app.register.database.read().unwrap(), id).unwrap()
}

fn stored(app: &TestApp, id: Id) -> Grant {
    muster::store::grants::find(&mut app.register.database.read().unwrap(), id).unwrap()
}

/// Asks on the page of an identity; answers the grant.
pub fn ask(browser: &Browser, identity: Id) -> Id {
    let page = browser.post(&format!("/identities/{identity}/grants"), &[("reason", "the new key is in place")]);
    assert_eq!(page.status, 303, "{}", page.readable());
    page.location.trim_start_matches("/grants/").split('?').next().unwrap().parse().unwrap()
}

/// Sends a step with the versions that are stored.
pub fn step(app: &TestApp, browser: &Browser, grant: Id, step: &str, more: &[(&str, &str)]) -> Page {
    let known = stored(app, grant);
    let (version, identity) = (known.version.to_string(), read(app, known.identity_id).version.to_string());
    let mut fields = vec![("version", version.as_str()), ("identity_version", identity.as_str())];
    fields.extend_from_slice(more);
    browser.post(&format!("/grants/{grant}/{step}"), &fields)
}

fn by(person: Id, role: Role) -> By {
    By::person(person, role, None, at(NOW))
}

/// Three who keep the register.
fn keepers(app: &TestApp) -> [Browser; 3] {
    [app.sign_in(Role::SecurityAnalyst), app.sign_in(Role::SecurityAnalyst), app.sign_in(Role::Administrator)]
}

#[test]
fn an_owner_asks_a_second_person_approves_and_a_third_lets_it_go_on() {
    let app = TestApp::start();
    let owner = app.sign_in(Role::Owner);
    let row = suspended(&app, |row| owned_by(row, owner.person.unwrap()));
    let [one, two, _] = keepers(&app);
    let page = owner.get(&format!("/identities/{}", row.id));
    assert!(page.shows("Ask that it goes on") && page.shows("It takes three people"), "{}", page.readable());
    let empty = owner.post(&format!("/identities/{}/grants", row.id), &[("reason", " ")]);
    assert!(empty.status == 422 && empty.shows("Say why, in a sentence"));
    let grant = ask(&owner, row.id);
    assert_eq!(read(&app, row.id).state, IdentityState::Suspended, "asking changes nothing");
    let page = owner.get(&format!("/grants/{grant}"));
    assert!(page.shows("Another person approves or refuses it") && page.shows("You asked for this"));
    assert!(!page.text.contains("/carry-out"), "no form that is not theirs");
    assert!(one.get("/").shows("1 grant waits for you") && one.get("/tasks").shows("1 grant waits for you"));
    assert!(owner.get("/tasks").shows("1 grant about what you own is not finished"));
    assert_eq!(step(&app, &one, grant, "approve", &[]).status, 303);
    assert_eq!(read(&app, row.id).state, IdentityState::Suspended, "approving changes nothing");
    assert!(!one.get("/").shows("grant waits for you"), "the third step is not theirs");
    assert!(two.get("/grants?waiting=1").shows("Let it go on: Bulk Export"));
    let page = two.get(&format!("/identities/{}", row.id));
    assert!(page.shows("A third person carries it out") && page.shows("Carry it out"), "{}", page.readable());
    let done = step(&app, &two, grant, "carry-out", &[]);
    assert_eq!((done.status, done.location.as_str()), (303, format!("/grants/{grant}?done=carried_out").as_str()));
    let now = read(&app, row.id);
    assert_eq!(
        (now.state, now.state_cause, now.version),
        (IdentityState::Active, StateCause::Decided, row.version + 1)
    );
    let told = stored(&app, grant);
    assert_eq!(told.state, GrantState::Executed);
    assert_eq!(
        (Some(told.requester_id), told.approver_id, told.executor_id, told.executed_version),
        (owner.person, one.person, two.person, Some(now.version))
    );
    let log = app.sign_in(Role::Auditor).get("/audit").readable();
    for words in ["asked for the grant", "approved the grant", "carried out the grant", "resumed"] {
        assert!(log.contains(words), "{words}: {log}");
    }
}

#[test]
fn nobody_takes_two_parts_on_the_page_or_through_the_action() {
    let app = TestApp::start();
    let [one, two, three] = keepers(&app);
    let row = suspended(&app, |_| {});
    let grant = ask(&one, row.id);
    let own = step(&app, &one, grant, "approve", &[]);
    assert!(own.status == 409 && own.shows("You asked for this"), "{}", own.readable());
    assert_eq!(step(&app, &one, grant, "refuse", &[("reason", "no")]).status, 409);
    assert_eq!(step(&app, &two, grant, "carry-out", &[]).status, 409, "nothing was approved");
    assert_eq!(step(&app, &two, grant, "approve", &[]).status, 303);
    for (browser, words) in [(&one, "you asked for this"), (&two, "you approved this")] {
        let page = step(&app, browser, grant, "carry-out", &[]);
        assert!(page.status == 409 && page.readable().to_lowercase().contains(words), "{}", page.readable());
        assert_eq!(read(&app, row.id).state, IdentityState::Suspended);
    }
    assert_eq!(step(&app, &three, grant, "carry-out", &[]).status, 303);
    assert_eq!(step(&app, &three, grant, "carry-out", &[]).status, 409, "it is carried out once");
    assert_eq!(read(&app, row.id).version, row.version + 1);
}

#[test]
fn neither_a_deputy_nor_their_principal_is_a_second_person() {
    let app = TestApp::start();
    let [principal, deputy, third] = keepers(&app);
    let asker = app.sign_in(Role::Owner);
    change_person(&app, principal.person.unwrap(), |person| person.deputy_id = asker.person);
    let row = suspended(&app, |row| owned_by(row, principal.person.unwrap()));
    let grant = ask(&asker, row.id);
    let told = stored(&app, grant);
    assert_eq!((Some(told.requester_id), told.requester_for_id), (asker.person, principal.person));
    assert!(asker.get(&format!("/grants/{grant}")).shows("asked as the deputy of"));
    let page = step(&app, &principal, grant, "approve", &[]);
    assert!(page.status == 409 && page.shows("Your deputy asked for this in your name"), "{}", page.readable());
    assert_eq!(step(&app, &deputy, grant, "approve", &[]).status, 303);
    let page = step(&app, &principal, grant, "carry-out", &[]);
    assert!(page.status == 409 && page.shows("Your deputy asked"), "{}", page.readable());
    assert_eq!(step(&app, &third, grant, "carry-out", &[]).status, 303);
}

#[test]
fn whoever_owns_it_does_not_approve_it_and_may_carry_it_out() {
    let app = TestApp::start();
    let [owning, other, third] = keepers(&app);
    let row = suspended(&app, |row| kept_by(row, owning.person.unwrap()));
    let grant = ask(&third, row.id);
    let page = step(&app, &owning, grant, "approve", &[]);
    assert!(page.status == 409 && page.shows("whoever benefits from a grant does not decide"), "{}", page.readable());
    assert!(!owning.get("/grants?waiting=1").shows("Bulk Export"));
    assert_eq!(step(&app, &other, grant, "approve", &[]).status, 303);
    assert!(owning.get("/grants?waiting=1").shows("Bulk Export"));
    assert_eq!(step(&app, &owning, grant, "carry-out", &[]).status, 303);
}

#[test]
fn no_job_no_command_and_no_auditor_takes_a_part() {
    let app = TestApp::start();
    let row = suspended(&app, |_| {});
    for nobody in [By::job("expire_identities", at(NOW)), By::command("identities", at(NOW)), By::setup(at(NOW))] {
        let refused = grants::ask(&app.register, &nobody, row.id, "because").unwrap_err().to_string();
        assert!(refused.contains("only people take part in a grant"), "{refused}");
    }
    let auditor = app.sign_in(Role::Auditor);
    assert_eq!(auditor.post(&format!("/identities/{}/grants", row.id), &[("reason", "x")]).status, 403);
    let [one, ..] = keepers(&app);
    let grant = ask(&one, row.id);
    for name in ["approve", "refuse", "carry-out", "withdraw"] {
        assert_eq!(step(&app, &auditor, grant, name, &[("reason", "x")]).status, 403, "{name}");
    }
    assert!(!auditor.get(&format!("/grants/{grant}")).text.contains("/approve"), "and sees no form");
}

#[test]
fn a_refusal_says_why_and_ends_it() {
    let app = TestApp::start();
    let [one, two, three] = keepers(&app);
    let row = suspended(&app, |_| {});
    let grant = ask(&one, row.id);
    let empty = step(&app, &two, grant, "refuse", &[("reason", "")]);
    assert!(empty.status == 422 && empty.shows("Say why, in a sentence"), "{}", empty.readable());
    assert_eq!(step(&app, &two, grant, "refuse", &[("reason", "the key is still the old one")]).status, 303);
    assert!(one.get(&format!("/grants/{grant}")).shows("the key is still the old one"));
    assert_eq!(step(&app, &three, grant, "carry-out", &[]).status, 409);
    assert_eq!(step(&app, &three, grant, "approve", &[]).status, 409);
    assert_ne!(ask(&one, row.id), grant, "it can be asked for again");
}

#[test]
fn a_decision_about_an_identity_that_changed_is_refused_with_what_changed_and_the_text_is_kept() {
    let app = TestApp::start();
    let [one, two, three] = keepers(&app);
    let owner = app.sign_in(Role::Owner);
    let row = suspended(&app, |row| {
        row.business_owner_id = owner.person;
        row.business_owner_answer = Some(muster::domain::identities::OwnerAnswer::Waiting);
    });
    let grant = ask(&one, row.id);
    let accepts = [("role", "business_owner"), ("business_owner_answer", "accept")];
    assert_eq!(owner.post(&format!("/identities/{}/ownership", row.id), &accepts).status, 303);
    let late = [("version", "1"), ("identity_version", "1"), ("reason", "typed for long")];
    for name in ["approve", "refuse"] {
        let page = two.post(&format!("/grants/{grant}/{name}"), &late);
        assert_eq!(page.status, 409, "{name}");
        assert!(page.shows("This changed while you were reading") && page.shows("accepted to own Bulk Export"));
        assert!(page.text.contains("typed for long</textarea>"), "{name}: {}", page.text);
    }
    assert_eq!(stored(&app, grant).state, GrantState::Asked);
    assert_eq!(step(&app, &two, grant, "approve", &[]).status, 303, "the new version can be approved");
    // Approved is this version: when it changes again, the approval leads nowhere.
    let accepts = [
        ("role", "business_owner"),
        ("business_owner_answer", "refuse"),
        ("business_owner_reason", "it is not mine after all"),
    ];
    assert_eq!(owner.post(&format!("/identities/{}/ownership", row.id), &accepts).status, 303);
    let page = step(&app, &three, grant, "carry-out", &[]);
    assert!(page.status == 409 && page.shows("This changed while you were reading"), "{}", page.readable());
    assert!(page.shows("take it back and ask again"));
    assert_eq!(read(&app, row.id).state, IdentityState::Suspended);
    assert_ne!(ask(&one, row.id), grant, "asking again puts the old one away");
    assert_eq!(stored(&app, grant).state, GrantState::Lapsed);
}

#[test]
fn two_who_approve_at_once_are_one_approval() {
    let app = TestApp::start();
    let [one, two, three] = keepers(&app);
    let row = suspended(&app, |_| {});
    let grant = ask(&one, row.id);
    let shown = Shown { grant, version: 1, identity_version: 1 };
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let start = |person: Id| {
            let register: Register = app.replica();
            scope.spawn(move || grants::approve(&register, &by(person, Role::SecurityAnalyst), &shown).is_ok())
        };
        let both = [start(two.person.unwrap()), start(three.person.unwrap())];
        both.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|won| **won).count(), 1, "{outcomes:?}");
    assert_eq!(stored(&app, grant).version, 2);
}

#[test]
fn two_who_ask_at_once_are_one_grant() {
    let app = TestApp::start();
    let [one, two, _] = keepers(&app);
    let row = suspended(&app, |_| {});
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let start = |person: Id| {
            let register: Register = app.replica();
            scope.spawn(move || {
                grants::ask(&register, &by(person, Role::SecurityAnalyst), row.id, "needed again").is_ok()
            })
        };
        let both = [start(one.person.unwrap()), start(two.person.unwrap())];
        both.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|won| **won).count(), 1, "{outcomes:?}");
    let page = two.post(&format!("/identities/{}/grants", row.id), &[("reason", "me too")]);
    assert!(page.status == 409 && page.shows("Somebody asked for this already"), "{}", page.readable());
}

#[test]
fn a_grant_lapses_after_fourteen_days_whether_the_job_ran_or_not() {
    let app = TestApp::start();
    let (asker, decider, third) =
        (app.account(Role::SecurityAnalyst), app.account(Role::SecurityAnalyst), app.account(Role::Administrator));
    let row = suspended(&app, |_| {});
    let grant = grants::ask(&app.register, &by(asker.0, Role::SecurityAnalyst), row.id, "needed").unwrap();
    let shown = |version| Shown { grant, version, identity_version: 1 };
    grants::approve(&app.register, &by(decider.0, Role::SecurityAnalyst), &shown(1)).unwrap();
    let end = at("2026-12-07T15:00:00Z");
    let late = By::person(third.0, Role::Administrator, None, end);
    let refused = grants::carry_out(&app.at(end), &late, &shown(2)).unwrap_err().to_string();
    assert!(refused.contains("lapsed already"), "{refused}");
    let browser = app.later(end).sign_in(&third);
    assert!(browser.get("/grants?state=lapsed").shows("Bulk Export"), "shown as lapsed before any job");
    assert!(!browser.get("/grants?state=approved").shows("Bulk Export"));
    assert_eq!(run(&app.register, Job::LapseGrants, "2026-12-07T14:59:59Z")[0], "0 grants lapsed");
    assert_eq!(run(&app.register, Job::LapseGrants, "2026-12-07T15:00:00Z")[0], "1 grant lapsed");
    assert_eq!(run(&app.register, Job::LapseGrants, "2026-12-07T15:00:00Z")[0], "0 grants lapsed");
    assert_eq!(stored(&app, grant).state, GrantState::Lapsed);
    let just = app.at(end.plus_seconds(-1));
    assert!(grants::carry_out(&just, &late, &shown(3)).is_err());
}

#[test]
fn a_part_of_somebody_who_was_disabled_since_does_not_count() {
    let app = TestApp::start();
    let [one, two, three] = keepers(&app);
    let row = suspended(&app, |_| {});
    let grant = ask(&one, row.id);
    assert_eq!(step(&app, &two, grant, "approve", &[]).status, 303);
    muster::actions::accounts::disable(&app.register, &app.setup(), two.person.unwrap()).unwrap();
    let page = step(&app, &three, grant, "carry-out", &[]);
    assert!(page.status == 409 && page.shows("can no longer sign in"), "{}", page.readable());
    assert_eq!(read(&app, row.id).state, IdentityState::Suspended);
    assert_eq!(step(&app, &three, grant, "withdraw", &[]).status, 303);
}

#[test]
fn an_organisation_with_too_few_people_is_told_so_and_what_to_do() {
    let app = TestApp::start();
    let alone = app.sign_in(Role::Administrator);
    let row = suspended(&app, |_| {});
    let page = alone.get(&format!("/identities/{}", row.id));
    assert!(page.shows("Nobody else can approve this") && page.shows("can open an account"), "{}", page.readable());
    let grant = ask(&alone, row.id);
    assert!(alone.get(&format!("/grants/{grant}")).shows("Nobody else can approve this"));
    let second = app.sign_in(Role::SecurityAnalyst);
    assert!(second.get(&format!("/grants/{grant}")).shows("nobody is left to carry it out"));
    app.account(Role::SecurityAnalyst);
    let page = second.get(&format!("/grants/{grant}"));
    assert!(!page.shows("nobody is left") && !page.shows("Nobody else can"), "{}", page.readable());
}

#[test]
fn lists_and_pages_show_only_what_the_reader_may_see() {
    let app = TestApp::start();
    let [one, two, _] = keepers(&app);
    let (owner, stranger) = (app.sign_in(Role::Owner), app.sign_in(Role::Owner));
    let row = suspended(&app, |row| owned_by(row, owner.person.unwrap()));
    let grant = ask(&one, row.id);
    assert!(owner.get("/grants").shows("Bulk Export") && owner.get("/grants.csv").text.contains("Bulk Export"));
    assert_eq!(owner.get(&format!("/grants/{grant}")).status, 200);
    let list = stranger.get("/grants");
    assert!(list.status == 200 && !list.shows("Bulk Export") && list.shows("No grant yet"));
    assert_eq!(stranger.get("/grants.jsonl").text, "");
    assert_eq!(stranger.get(&format!("/grants/{grant}")).status, 404);
    assert_eq!(step(&app, &stranger, grant, "withdraw", &[]).status, 404);
    assert_eq!(owner.post(&format!("/grants/{grant}/approve"), &[]).status, 403, "an owner keeps no register");
    assert_eq!(two.get(&format!("/grants/{}", Id::new())).status, 404);
    assert_eq!(two.post(&format!("/grants/{}/approve", Id::new()), &[("version", "1")]).status, 404);
    let line: serde_json::Value = serde_json::from_str(two.get("/grants.jsonl").text.trim()).unwrap();
    assert_eq!((line["state"].as_str(), line["kind"].as_str()), (Some("asked"), Some("resume")));
    assert_eq!(line["requester_id"], serde_json::json!(one.person.unwrap()));
    assert_eq!(two.get("/grants?state=nonsense").status, 422);
    assert_eq!(step(&app, &one, grant, "withdraw", &[]).status, 303);
    assert_eq!(step(&app, &one, grant, "withdraw", &[]).status, 409);
}

/// Everything that SQL alone could try to make an identity active.
#[test]
fn the_database_lets_no_identity_become_active_without_a_grant() {
    let app = TestApp::start();
    let [one, two, three] = keepers(&app);
    let quoted = |id: Id| match crate::app::on_postgres() {
        true => format!("'{id}'"),
        false => format!("x'{}'", id.0.simple()),
    };
    let refuse = |statement: &str, words: &str| {
        let refused = app.register.database.read().unwrap().execute(statement).unwrap_err().to_string();
        assert!(refused.contains(words), "{statement}: {refused}");
    };
    let door = "only a grant or a request that three people took part in";
    for (state, cause) in [
        (IdentityState::Suspended, StateCause::Decided),
        (IdentityState::Suspended, StateCause::Expired),
        (IdentityState::Requested, StateCause::ImportedRequest),
        (IdentityState::Approved, StateCause::Registered),
        (IdentityState::Revoking, StateCause::NoLongerNeeded),
        (IdentityState::Revoked, StateCause::Decided),
        (IdentityState::Rejected, StateCause::Decided),
    ] {
        let row = identity(&app, "Planted", |row| (row.state, row.state_cause) = (state, cause));
        let id = quoted(row.id);
        refuse(&format!("UPDATE identities SET state = 'active' WHERE id = {id}"), door);
        refuse(&format!("UPDATE identities SET state = 'active', version = version + 1 WHERE id = {id}"), door);
        // A cause that only a file gives excuses nothing that a person decided.
        refuse(
            &format!("UPDATE identities SET state = 'active', state_cause = 'imported_enabled' WHERE id = {id}"),
            door,
        );
        assert_eq!(read(&app, row.id).state, state);
    }
    // An expiry that has passed is a suspension, written down or not: moving it wakes the identity.
    let expired = identity(&app, "Expired", |row| {
        row.expires_at = Some(at("2026-11-20T12:00:00Z"));
        row.updated_at = at(NOW);
    });
    let id = quoted(expired.id);
    refuse(&format!("UPDATE identities SET expires_at = NULL WHERE id = {id}"), door);
    refuse(&format!("UPDATE identities SET criticality = 'clinical' WHERE id = {id}"), door);
    // A file may enable what only a file disabled.
    let observed = identity(&app, "Observed", |row| {
        (row.state, row.state_cause) = (IdentityState::Suspended, StateCause::ImportedDisabled);
    });
    let enabled = "UPDATE identities SET state = 'active', state_cause = 'imported_enabled' WHERE id = ";
    app.register.database.read().unwrap().execute(&format!("{enabled}{}", quoted(observed.id))).unwrap();

    // Nor does SQL make a grant that three people did not make.
    let row = suspended(&app, |_| {});
    let grant = ask(&one, row.id);
    let id = quoted(grant);
    let (asker, approver) = (quoted(one.person.unwrap()), quoted(two.person.unwrap()));
    let moment = if crate::app::on_postgres() { NOW.to_owned() } else { at(NOW).to_text() };
    let approved = format!("state = 'approved', decided_at = '{moment}', identity_version = 1");
    refuse(&format!("UPDATE grants SET {approved}, approver_id = {asker} WHERE id = {id}"), "");
    refuse(&format!("UPDATE grants SET {approved} WHERE id = {id}"), "");
    let executed = format!("state = 'executed', executed_at = '{moment}', executed_version = 2");
    refuse(&format!("UPDATE grants SET {executed}, executor_id = {approver} WHERE id = {id}"), "approved before");
    app.register
        .database
        .read()
        .unwrap()
        .execute(&format!("UPDATE grants SET {approved}, approver_id = {approver} WHERE id = {id}"))
        .unwrap();
    for same in [&asker, &approver] {
        refuse(&format!("UPDATE grants SET {executed}, executor_id = {same} WHERE id = {id}"), "");
    }
    refuse(
        &format!("UPDATE grants SET approver_id = {} WHERE id = {id}", quoted(three.person.unwrap())),
        "never changes",
    );
    refuse(
        &format!("UPDATE grants SET requester_id = {} WHERE id = {id}", quoted(three.person.unwrap())),
        "never changes",
    );
    refuse(&format!("DELETE FROM grants WHERE id = {id}"), "never deleted");
    // An executed grant opens the door for its own version of its own identity, and for nothing else.
    app.register
        .database
        .read()
        .unwrap()
        .execute(&format!(
            "UPDATE grants SET {executed}, executor_id = {} WHERE id = {id}",
            quoted(three.person.unwrap())
        ))
        .unwrap();
    refuse(&format!("UPDATE grants SET state = 'asked' WHERE id = {id}"), "never changes");
    let other = suspended(&app, |_| {});
    let wake = |id: Id, version: i64| {
        format!(
            "UPDATE identities SET state = 'active', version = {version}, updated_at = '{moment}' WHERE id = {}",
            quoted(id)
        )
    };
    refuse(&wake(other.id, 2), door);
    refuse(&wake(row.id, 3), door);
    app.register.database.read().unwrap().execute(&wake(row.id, 2)).unwrap();
    assert_eq!(read(&app, row.id).state, IdentityState::Active);
}

/// Everything that the actions could try.
#[test]
fn no_other_action_lets_an_identity_go_on() {
    use muster::actions::{bulk, expire, identities as actions, ownership, tasks as answers};
    use muster::domain::ownership::OwnerRole;
    use muster::domain::registration::Registration;
    let app = TestApp::start();
    let [one, ..] = keepers(&app);
    let keeper = by(one.person.unwrap(), Role::SecurityAnalyst);
    let stopped = suspended(&app, |row| row.business_owner_id = None);
    let expired = identity(&app, "Expired by now", |row| {
        row.expires_at = Some(at("2026-11-20T12:00:00Z"));
        row.next_review_on = Some(crate::jobs::day("2026-11-01"));
    });
    let states = |app: &TestApp| [stopped.id, expired.id].map(|id| read(app, id).state_at(at(NOW)));
    let still = [IdentityState::Suspended; 2];
    // Editing: a new expiry, none at all, or that care depends on it.
    for typed in [
        Registration { expires_on: Some(crate::jobs::day("2027-05-01")), ..typed("Expired by now") },
        Registration { expires_on: None, criticality: Criticality::Clinical, ..typed("Expired by now") },
    ] {
        let version = read(&app, expired.id).version;
        actions::edit(&app.register, &keeper, expired.id, version, &typed).unwrap();
        assert_eq!(states(&app), still, "{typed:?}");
    }
    assert_eq!(read(&app, expired.id).state_cause, StateCause::Expired, "it is written down what it was");
    // A task answered with a date, before the job has run.
    let again = identity(&app, "Expired too", |row| {
        row.expires_at = Some(at("2026-11-20T12:00:00Z"));
    });
    run(&app.register, Job::RaiseOffboardings, NOW);
    let task = crate::jobs::tasks_about(&app, again.id).remove(0);
    let reply = answers::Reply {
        task: task.id,
        version: task.version,
        identity_version: 1,
        answer: Some(muster::domain::tasks::TaskAnswer::Until),
        reason: "until spring".to_owned(),
        until: "2027-05-01".to_owned(),
        somebody: String::new(),
    };
    answers::answer(&app.register, &keeper, &reply).unwrap();
    let now = read(&app, again.id);
    assert_eq!((now.state, now.state_cause), (IdentityState::Suspended, StateCause::Expired));
    let open = |id| {
        let mut db = app.register.database.read().unwrap();
        muster::store::grants::open_of(&mut db, id, GrantKind::Resume).unwrap()
    };
    assert_eq!(open(again.id).unwrap().requester_id, one.person.unwrap(), "that it goes on is asked, not done");
    // Bulk changes, jobs, owners.
    let owner = app.person("Dana Okafor", "dana@hospital.example");
    let set = bulk::freeze(&app.register, &keeper, bulk::Selection::Picked(vec![stopped.id, expired.id])).unwrap();
    bulk::apply(&app.register, &keeper, set, OwnerRole::Business, owner).unwrap();
    bulk::undo(&app.register, &keeper, set).unwrap();
    expire::batch(&app.register, &By::job("expire_identities", at(NOW)), None).unwrap();
    let version = read(&app, stopped.id).version;
    ownership::name_owners(&app.register, &keeper, stopped.id, version, &[(OwnerRole::Business, Some(owner))]).unwrap();
    assert_eq!(states(&app), still);
    assert!(
        one.post(&format!("/identities/{}/resume", stopped.id), &[("reason", "x"), ("version", "1")]).status == 404
    );
}

/// A registration of that name, as a form with little in it gives it.
fn typed(name: &str) -> muster::domain::registration::Registration {
    use muster::domain::registration::{Known, Registration};
    let form = format!(
        "kind=smart_app&name={}&environment=production&client_type=unknown&refresh_tokens=unknown&criticality=unknown",
        name.replace(' ', "+")
    );
    Registration::parse(&muster::web::fields::Fields::parse(form.as_bytes()), &Known::default()).unwrap()
}

#[test]
fn an_import_wakes_only_what_nobody_but_files_ever_moved_and_its_undoing_puts_back_what_was() {
    use crate::imports::{bring, client, realm, upload};
    let app = TestApp::start();
    let [one, ..] = keepers(&app);
    let keeper = by(one.person.unwrap(), Role::SecurityAnalyst);
    let enabled = |on: bool| {
        ["by-file", "by-hand"].map(|id| {
            let mut client = client(id);
            client["enabled"] = serde_json::json!(on);
            client
        })
    };
    bring(&app, upload(realm(&enabled(true))));
    let all = identities::chunk_after(&mut app.register.database.read().unwrap(), None, 10).unwrap();
    let id = |name: &str| all.iter().find(|row| row.client_id.as_deref() == Some(name)).unwrap().id;
    muster::actions::identities::suspend(&app.register, &keeper, id("by-hand"), "the key leaked").unwrap();
    bring(&app, upload(realm(&enabled(false))));
    assert_eq!(read(&app, id("by-file")).state, IdentityState::Suspended);
    let (back, _) = bring(&app, upload(realm(&enabled(true))));
    assert_eq!(read(&app, id("by-file")).state, IdentityState::Active, "its system enabled it: that is observed");
    assert_eq!(read(&app, id("by-hand")).state, IdentityState::Suspended, "what a person stopped stays so");
    muster::actions::imports::undo(&app.register, &keeper, back).unwrap();
    assert_eq!(read(&app, id("by-file")).state, IdentityState::Suspended, "as before");
}

#[test]
fn an_import_that_moved_an_expiry_is_undone_and_a_later_expiry_wakes_nothing_a_person_decided() {
    use crate::imports::{bring, upload};
    use muster::actions::imports::{self, Upload};
    use muster::connectors::imports::ImportFormat;
    let app = TestApp::start();
    let map = "name = \"ours\"\nsubject = \"clients\"\n\
        [[columns]]\nheading = \"Id\"\nfield = \"client_id\"\n\
        [[columns]]\nheading = \"Ends\"\nfield = \"expires_at\"\n";
    let map = &map.replacen("subject = \"clients\"\n", "subject = \"clients\"\ndate_formats = [\"%Y-%m-%d\"]\n", 1);
    imports::maps::save(&app.register, &app.setup(), map, ("", 0)).unwrap();
    let file = |ends: &str| Upload {
        format: ImportFormat::Csv,
        file_name: "ours.csv".to_owned(),
        column_map: Some("ours".to_owned()),
        ..upload(format!("Id,Ends\nx1,{ends}\n").into_bytes())
    };
    let (first, _) = bring(&app, file("2027-05-01"));
    let told = crate::imports::rows(&app, first);
    assert!(told.iter().all(|row| row.version_after.is_some()), "{told:?}");
    let find = || crate::imports::identity(&app, "x1");
    // A person let it go on once: from then on the file says nothing about its state.
    crate::imports::touch(&app.register, find().id, |found| found.state_cause = StateCause::Decided);
    let (ended, _) = bring(&app, file("2026-11-01"));
    assert_eq!((find().state, find().state_at(at(NOW))), (IdentityState::Active, IdentityState::Suspended));
    imports::undo(&app.register, &app.setup(), ended).unwrap();
    assert_eq!(find().state_at(at(NOW)), IdentityState::Active, "undoing puts back what was");
    bring(&app, file("2026-11-01"));
    bring(&app, file("2027-05-01"));
    let now = find();
    assert_eq!((now.state, now.state_cause), (IdentityState::Suspended, StateCause::Expired), "it takes a grant");
    assert_eq!(now.expires_at, Some(at("2027-05-01T00:00:00Z")));
}

#[test]
fn owners_suspend_what_they_own_at_once_and_nothing_else() {
    let app = TestApp::start();
    let (owner, technical, stranger) = (app.sign_in(Role::Owner), app.sign_in(Role::Owner), app.sign_in(Role::Owner));
    let deputy = app.sign_in(Role::Owner);
    change_person(&app, owner.person.unwrap(), |person| person.deputy_id = deputy.person);
    let new = |name: &str| {
        identity(&app, name, |row| {
            owned_by(row, owner.person.unwrap());
            kept_by(row, technical.person.unwrap());
        })
    };
    let (one, two) = (new("One"), new("Two"));
    let suspend = |id: Id| format!("/identities/{id}/suspend");
    assert!(owner.get(&format!("/identities/{}", one.id)).shows("Suspend it now"));
    assert_eq!(stranger.post(&suspend(one.id), &[("reason", "x")]).status, 404, "a foreign id");
    assert_eq!(deputy.post(&suspend(one.id), &[("reason", "x")]).status, 403, "a deputy does not own it");
    assert!(!deputy.get(&format!("/identities/{}", one.id)).shows("Suspend it now"));
    assert_eq!(owner.post(&suspend(one.id), &[("reason", "it leaked")]).status, 303);
    assert_eq!(technical.post(&suspend(two.id), &[("reason", "it leaked")]).status, 303);
    assert_eq!(
        (read(&app, one.id).state, read(&app, two.id).state),
        (IdentityState::Suspended, IdentityState::Suspended)
    );
    let refused = identity(&app, "Refused", |row| {
        owned_by(row, owner.person.unwrap());
        row.business_owner_answer = Some(muster::domain::identities::OwnerAnswer::Refused);
    });
    assert_eq!(owner.post(&suspend(refused.id), &[("reason", "x")]).status, 403, "who refused owns nothing");
}

#[test]
fn an_owner_reaches_no_foreign_identity_through_any_form() {
    let app = TestApp::start();
    let (owner, stranger) = (app.sign_in(Role::Owner), app.sign_in(Role::Owner));
    let mine = identity(&app, "Mine", |row| {
        owned_by(row, stranger.person.unwrap());
        row.next_review_on = Some(crate::jobs::day("2026-11-23"));
    });
    let foreign = identity(&app, "Foreign", |row| {
        owned_by(row, owner.person.unwrap());
        row.next_review_on = Some(crate::jobs::day("2026-11-23"));
    });
    run(&app.register, Job::RaiseRecertifications, NOW);
    let task = crate::jobs::tasks_about(&app, foreign.id).remove(0);
    let size = app.audit_size();
    let versions = [("version", "1"), ("identity_version", "1"), ("answer", "remove"), ("reason", "x")];
    for (path, fields) in [
        (format!("/tasks/{}", task.id), versions.to_vec()),
        (format!("/identities/{}/suspend", foreign.id), vec![("reason", "x")]),
        (format!("/identities/{}/grants", foreign.id), vec![("reason", "x")]),
        (
            format!("/identities/{}/ownership", foreign.id),
            vec![("role", "business_owner"), ("business_owner_answer", "accept")],
        ),
    ] {
        let page = stranger.post(&path, &fields);
        assert_eq!(page.status, 404, "{path}: {}", page.readable());
        // Ids of another record, of the wrong table, of nothing.
        for forged in [mine.id.to_string(), Id::new().to_string(), "not-an-id".to_owned()] {
            let own = path.starts_with("/identities") && forged == mine.id.to_string();
            if !own {
                let path = path.replace(&task.id.to_string(), &forged).replace(&foreign.id.to_string(), &forged);
                assert_eq!(stranger.post(&path, &fields).status, 404, "{path}");
            }
        }
    }
    // A role that is somebody else's, in the form of an identity that is seen.
    let technical = [("role", "technical_owner"), ("technical_owner_answer", "accept")];
    assert_eq!(stranger.post(&format!("/identities/{}/ownership", mine.id), &technical).status, 403);
    assert_eq!(app.audit_size(), size, "nothing was recorded as done");
    assert_eq!(read(&app, foreign.id).version, 1);
}

#[test]
fn a_deputy_answers_only_while_the_principal_has_the_task() {
    let app = TestApp::start();
    let (owner, deputy) = (app.sign_in(Role::Owner), app.sign_in(Role::Owner));
    change_person(&app, owner.person.unwrap(), |person| person.deputy_id = deputy.person);
    let technical = app.sign_in(Role::Owner);
    let row = identity(&app, "Mine", |row| {
        owned_by(row, owner.person.unwrap());
        kept_by(row, technical.person.unwrap());
        row.expires_at = Some(at("2026-11-20T12:00:00Z"));
    });
    run(&app.register, Job::RaiseOffboardings, NOW);
    let task = crate::jobs::tasks_about(&app, row.id).remove(0);
    let email = {
        let mut db = app.register.database.read().unwrap();
        muster::store::people::find(&mut db, technical.person.unwrap()).unwrap().email
    };
    let passed = [("answer", "another"), ("somebody", email.as_str()), ("reason", "ask the technical owner")];
    assert_eq!(crate::tasks::send_with(&owner, &task, "1", &passed).status, 303);
    let task = crate::jobs::tasks_about(&app, row.id).remove(0);
    assert_eq!(crate::tasks::send(&deputy, &task, "1", "done", "x").status, 403, "the principal has it no more");
    assert_eq!(crate::tasks::send(&technical, &task, "1", "done", "client deleted").status, 303);
}
