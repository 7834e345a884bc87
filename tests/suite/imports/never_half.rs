//! An import is whole or it is nothing.

use muster::actions::imports;
use muster::domain::imports::ImportState;
use muster::store::imports as store;
use serde_json::json;

use super::*;
use crate::app::on_postgres;

fn plant_a_fault(app: &TestApp) {
    let fault = if on_postgres() {
        "CREATE FUNCTION fault() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'planted fault'; END $$ LANGUAGE plpgsql; \
         CREATE TRIGGER fault BEFORE INSERT ON audit_entries FOR EACH ROW WHEN (new.action = 'import.apply') \
         EXECUTE FUNCTION fault()"
    } else {
        "CREATE TRIGGER fault BEFORE INSERT ON audit_entries WHEN new.action = 'import.apply' \
         BEGIN SELECT RAISE(ABORT, 'planted fault'); END"
    };
    app.register.database.read().unwrap().execute(fault).unwrap();
}

#[test]
fn a_fault_at_the_very_end_takes_everything_back() {
    let app = TestApp::start();
    bring(&app, upload(realm(&[client("a"), client("b")])));
    let before = everything(&app);
    let mut changed = client("a");
    changed["name"] = json!("Another name");
    let id = imports::preview(&app.register, &app.setup(), upload(realm(&[changed, client("c")]))).unwrap();
    let size = app.audit_size();
    plant_a_fault(&app);
    assert!(imports::apply(&app.register, &app.setup(), id).is_err());
    assert_eq!(everything(&app), before);
    assert_eq!(app.audit_size(), size);
    let import = store::find(&mut app.register.database.read().unwrap(), id).unwrap();
    assert_eq!(import.state, ImportState::Previewed);
    assert!(rows(&app, id).iter().all(|row| row.result.is_none()));
}

#[test]
fn a_change_since_the_preview_applies_nothing_and_shows_what_is_new() {
    let app = TestApp::start();
    bring(&app, upload(realm(&[client("a"), client("b")])));
    let mut changed = client("a");
    changed["name"] = json!("Another name");
    let id =
        imports::preview(&app.register, &app.setup(), upload(realm(&[changed, client("b"), client("c")]))).unwrap();
    touch(&app.register, identity(&app, "a").id, |found| found.rename("Renamed by hand"));
    let before = everything(&app);
    let words = refusal(imports::apply(&app.register, &app.setup(), id));
    assert!(words.contains("one row would do something else now: line") && words.contains("Another name"), "{words}");
    assert_eq!(everything(&app), before, "not even the rows that were as shown");
    let fresh = rows(&app, id);
    assert_eq!(fresh[0].changes.0.fields[0].words(), "Name: Renamed by hand \u{2192} Another name");
    imports::apply(&app.register, &app.setup(), id).unwrap();
    assert_eq!(identity(&app, "a").name, "Another name");
    assert_eq!(everything(&app).len(), 3);
}

#[test]
fn an_identity_made_meanwhile_is_not_made_again() {
    let app = TestApp::start();
    let one = imports::preview(&app.register, &app.setup(), upload(realm(&[client("a")]))).unwrap();
    let other = imports::preview(&app.register, &app.setup(), upload(realm(&[client("a")]))).unwrap();
    imports::apply(&app.register, &app.setup(), one).unwrap();
    refusal(imports::apply(&app.register, &app.setup(), other));
    imports::apply(&app.register, &app.setup(), other).unwrap();
    assert_eq!(everything(&app).len(), 1);
}

#[test]
fn two_presses_of_the_button_apply_once() {
    let app = TestApp::start();
    let id = imports::preview(&app.register, &app.setup(), upload(realm(&[client("a"), client("b")]))).unwrap();
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (register, by) = (app.replica(), app.setup());
                scope.spawn(move || imports::apply(&register, &by, id).is_ok())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|applied| **applied).count(), 1, "{outcomes:?}");
    assert_eq!(everything(&app).len(), 2);
}
