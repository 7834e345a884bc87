//! What `muster demo` fills holds enough to try everything that a page offers.

use muster::actions::demo;
use muster::actions::reviews::{counting, together};
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::store::people;

use crate::app::{NOW, TestApp, at};
use crate::reviews::{by, let_count, run_at};

#[test]
fn it_prints_a_sign_in_for_each_role_and_two_administrators_who_can_let_silence_count() {
    let app = TestApp::start();
    let sign_ins = demo::fill(&app.register).unwrap();
    let email = |role: Role| -> Vec<String> {
        sign_ins.iter().filter(|known| known.role == role).map(|known| known.email.clone()).collect()
    };
    for role in Role::ALL {
        assert_eq!(email(*role).len(), if *role == Role::Administrator { 2 } else { 1 }, "{role}");
    }
    let person =
        |email: &str| people::find_by_email(&mut app.register.database.read().unwrap(), email).unwrap().unwrap().id;
    let administrators = email(Role::Administrator);
    let_count(&app, [person(&administrators[0]), person(&administrators[1])], at(NOW));
    assert!(counting::counts(&mut app.register.database.read().unwrap()).unwrap());
}

#[test]
fn its_owner_has_a_group_that_is_kept_with_one_answer() {
    let app = TestApp::start();
    let sign_ins = demo::fill(&app.register).unwrap();
    run_at(&app.register, Job::RaiseRecertifications, app.register.now());
    let owner = sign_ins.iter().find(|known| known.role == Role::Owner).unwrap();
    let mut db = app.register.database.read().unwrap();
    let person = people::find_by_email(&mut db, &owner.email).unwrap().unwrap().id;
    let who = by(person, Role::Owner, app.register.now());
    let mine = together::mine(&mut db, &app.register, &who, None).unwrap();
    let mut group: Vec<&str> =
        mine.iter().filter(|one| one.alone.is_none()).map(|one| one.loaded.identity.name.as_str()).collect();
    group.sort_unstable();
    assert_eq!(group, ["Care Team Finder", "Vaccination Card", "Visit Reminder Board"]);
    assert!(mine.len() > group.len(), "and others that are looked at one by one");
}
