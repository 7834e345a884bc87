//! Whom a provider's word is about, and what its groups give.

use muster::actions::{accounts, people};
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::domain::single_sign_on::Fault;
use muster::store::people::{Account, account, find_by_email};
use serde_json::json;

use crate::app::{PASSWORD, TestApp};
use crate::provider::StubProvider;
use crate::single_sign_on::{back, depart, log, muster_at, refused, sign_in};

fn account_of(app: &TestApp, person: Id) -> Option<Account> {
    account(&mut app.register.database.read().unwrap(), person).unwrap()
}

fn person_at(app: &TestApp, email: &str) -> Id {
    find_by_email(&mut app.register.database.read().unwrap(), email).unwrap().unwrap().id
}

#[test]
fn somebody_in_the_register_is_found_once_by_their_verified_address() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let nora = app.person("Nora Known", "Nora@hospital.example");
    let browser = app.browser();
    assert_eq!(sign_in(&provider, &browser, "nora", &["wards"]).status, 303);
    assert!(browser.get("/account").shows("Nora Known"), "the name stays what the register knows");
    assert_eq!(account_of(&app, nora).unwrap().role, Role::Owner);
    assert_eq!(sign_in(&provider, &app.browser(), "nora", &["wards"]).status, 303, "and by subject afterwards");

    let browser = app.browser();
    let trip = depart(&browser, "/");
    let mut claims = provider.claims("mallory", &["leads"], trip.get("nonce"));
    claims["email"] = json!("NORA@hospital.example");
    let code = provider.code(trip.get("code_challenge"), claims);
    let page = browser.get(&back(&provider, &trip, &code));
    refused(&app, &browser, &page, Fault::OtherSubject);
    assert_eq!(account_of(&app, nora).unwrap().role, Role::Owner, "another subject with the address changes nothing");
}

#[test]
fn the_subject_counts_when_the_address_changes() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    assert_eq!(sign_in(&provider, &app.browser(), "ada", &["readers"]).status, 303);
    let ada = person_at(&app, "ada@hospital.example");
    let other = app.person("Otto Other", "otto@hospital.example");
    let browser = app.browser();
    let trip = depart(&browser, "/");
    let mut claims = provider.claims("ada", &["readers"], trip.get("nonce"));
    claims["email"] = json!("otto@hospital.example");
    let code = provider.code(trip.get("code_challenge"), claims);
    assert_eq!(browser.get(&back(&provider, &trip, &code)).status, 303);
    assert!(browser.get("/account").shows("Person ada"));
    assert!(account_of(&app, other).is_none() && account_of(&app, ada).is_some());
}

#[test]
fn a_local_account_is_joined_and_its_role_follows_the_groups() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    app.account(Role::Administrator);
    let person =
        people::add(&app.register, &app.setup(), "Lea Local", "lea@hospital.example", Some((Role::Auditor, PASSWORD)))
            .unwrap();
    let local = app.browser();
    assert_eq!(local.post("/sign-in", &[("email", "lea@hospital.example"), ("password", PASSWORD)]).status, 303);
    let browser = app.browser();
    assert_eq!(sign_in(&provider, &browser, "lea", &["desk", "readers"]).status, 303);
    let account = account_of(&app, person).unwrap();
    assert_eq!((account.role, account.password_hash.is_some()), (Role::SecurityAnalyst, true));
    assert_eq!(local.get("/identities").status, 303, "what was opened with the old role has ended");
    assert_eq!(browser.get("/identities").status, 200);
    let said = log(&app);
    let told = |text: &str| said.iter().filter(|line| line.starts_with(text)).count();
    assert_eq!(told("account.join_single_sign_on done"), 1);
    assert_eq!(told("account.change_role done the groups of single sign-on"), 1);
    assert_eq!(sign_in(&provider, &app.browser(), "lea", &["desk"]).status, 303);
    assert_eq!(browser.get("/identities").status, 200, "the same role ends nothing");
    assert_eq!(log(&app).len(), said.len() + 1);
}

#[test]
fn without_a_group_that_has_a_role_nobody_comes_in_and_open_sessions_end() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let stranger = app.browser();
    let page = sign_in(&provider, &stranger, "stranger", &["everyone", "Leads"]);
    assert!(page.shows("At Staff login you are in no group that may use Test register"), "{}", page.readable());
    refused(&app, &stranger, &page, Fault::NoRole);
    let found = find_by_email(&mut app.register.database.read().unwrap(), "stranger@hospital.example").unwrap();
    assert!(found.is_none(), "nobody is added for nothing");

    let browser = app.browser();
    assert_eq!(sign_in(&provider, &browser, "ada", &["readers"]).status, 303);
    assert_eq!(browser.get("/identities").status, 200);
    let later = app.browser();
    let page = sign_in(&provider, &later, "ada", &[]);
    refused(&app, &later, &page, Fault::NoRole);
    assert_eq!(browser.get("/identities").status, 303, "the session of before has ended");
    assert!(log(&app).iter().any(|line| line.starts_with("account.end_sessions done")));
    let account = account_of(&app, person_at(&app, "ada@hospital.example")).unwrap();
    assert!(account.disabled_at.is_none(), "an account is disabled by people");
    assert_eq!(sign_in(&provider, &browser, "ada", &["readers"]).status, 303, "back in the group, back in");
}

#[test]
fn who_is_disabled_or_has_left_stays_out() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    app.account(Role::Administrator);
    assert_eq!(sign_in(&provider, &app.browser(), "ada", &["readers"]).status, 303);
    accounts::disable(&app.register, &app.setup(), person_at(&app, "ada@hospital.example")).unwrap();
    let browser = app.browser();
    let page = sign_in(&provider, &browser, "ada", &["leads"]);
    refused(&app, &browser, &page, Fault::Disabled);

    let draft = people::PersonDraft {
        name: "Gone Long".to_owned(),
        email: "gone@hospital.example".to_owned(),
        left_on: "2026-11-01".to_owned(),
        ..people::PersonDraft::default()
    };
    let (gone, _) = people::add_draft(&app.register, &app.setup(), &draft, people::Opening::None).unwrap();
    let page = sign_in(&provider, &browser, "gone", &["leads"]);
    refused(&app, &browser, &page, Fault::Left);
    assert!(account_of(&app, gone).is_none());
}

#[test]
fn groups_cannot_take_the_last_administrator_away() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    assert_eq!(sign_in(&provider, &app.browser(), "ada", &["leads"]).status, 303);
    let ada = person_at(&app, "ada@hospital.example");
    assert_eq!(sign_in(&provider, &app.browser(), "ada", &["readers"]).status, 303, "they come in as before");
    assert_eq!(account_of(&app, ada).unwrap().role, Role::Administrator);
    let refusal = format!("account.change_role refused {}", Fault::LastAdministrator.label());
    assert!(log(&app).contains(&refusal), "{:?}", log(&app));
    app.account(Role::Administrator);
    assert_eq!(sign_in(&provider, &app.browser(), "ada", &["readers"]).status, 303);
    assert_eq!(account_of(&app, ada).unwrap().role, Role::Auditor, "with another administrator they can");
}

#[test]
fn the_same_person_twice_at_once_is_added_once() {
    let provider = StubProvider::start();
    let app = muster_at(&provider);
    let trips: Vec<_> = (0..4)
        .map(|_| {
            let browser = app.browser();
            let trip = depart(&browser, "/");
            let claims = provider.claims("ada", &["readers"], trip.get("nonce"));
            let code = provider.code(trip.get("code_challenge"), claims);
            (browser, back(&provider, &trip, &code))
        })
        .collect();
    let together = std::sync::Barrier::new(trips.len());
    std::thread::scope(|scope| {
        let running: Vec<_> = trips
            .iter()
            .map(|(browser, address)| {
                scope.spawn(|| {
                    together.wait();
                    browser.get(address).status
                })
            })
            .collect();
        for one in running {
            assert_eq!(one.join().unwrap(), 303);
        }
    });
    let said = log(&app);
    assert_eq!(said.iter().filter(|line| line.starts_with("person.add")).count(), 1, "{said:?}");
    assert_eq!(said.iter().filter(|line| line.starts_with("account.sign_in done")).count(), 4);
}
