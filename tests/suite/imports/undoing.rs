//! Undoing, while nobody touched what an import brought.

use muster::actions::imports;
use muster::domain::ids::Id;
use muster::store::imported_identities::IdentityBefore;
use serde_json::json;

use super::*;

/// Records without what every write moves.
fn still(mut all: Vec<IdentityBefore>) -> Vec<IdentityBefore> {
    for found in &mut all {
        found.identity.version = 0;
        found.identity.updated_at = found.identity.registered_at;
    }
    all
}

fn second_file() -> Vec<u8> {
    let mut changed = client("a");
    changed["name"] = json!("Another name");
    changed["redirectUris"] = json!([]);
    changed["publicClient"] = json!(false);
    changed["secret"] = json!("a-secret-of-this-test-only");
    changed["optionalClientScopes"] = json!(["launch"]);
    realm(&[changed, client("c")])
}

#[test]
fn undo_restores_exactly_what_there_was() {
    let app = TestApp::start();
    bring(&app, upload(realm(&[client("a"), client("b")])));
    let before = everything(&app);
    let (id, tally) = bring(&app, upload(second_file()));
    assert_eq!((tally.create, tally.change, tally.vanished), (1, 1, 1));
    assert_ne!(still(everything(&app)), still(before.clone()));
    imports::undo(&app.register, &app.setup(), id).unwrap();
    assert_eq!(still(everything(&app)), still(before));
    refusal(imports::undo(&app.register, &app.setup(), id));
    assert_eq!(rows(&app, id)[1].result.as_deref(), Some("created, then removed again"));
    let (_, again) = bring(&app, upload(second_file()));
    assert_eq!((again.create, again.change, again.vanished), (1, 1, 1), "it can be brought again");
}

#[test]
fn undo_is_refused_after_an_edit_and_names_it() {
    let app = TestApp::start();
    let (id, _) = bring(&app, upload(realm(&[client("a"), client("b")])));
    touch(&app.register, identity(&app, "b").id, |found| found.purpose = Some("Bed planning".to_owned()));
    let before = everything(&app);
    let words = refusal(imports::undo(&app.register, &app.setup(), id));
    assert!(words.contains("somebody changed App b since"), "{words}");
    assert_eq!(everything(&app), before);
}

#[test]
fn undo_is_refused_when_something_refers_to_what_was_brought() {
    let app = TestApp::start();
    let (id, _) = bring(&app, upload(realm(&[client("a"), client("b")])));
    let (a, b) = (identity(&app, "a").id, identity(&app, "b").id);
    app.register.database.write(|db| muster::store::identity_parts::replace_twins(db, a, &[b])).unwrap();
    assert!(refusal(imports::undo(&app.register, &app.setup(), id)).contains("App a"));
    assert_eq!(everything(&app).len(), 2);
}

#[test]
fn a_discarded_preview_cannot_be_applied() {
    let app = TestApp::start();
    let id: Id = imports::preview(&app.register, &app.setup(), upload(realm(&[client("a")]))).unwrap();
    imports::discard(&app.register, &app.setup(), id).unwrap();
    refusal(imports::apply(&app.register, &app.setup(), id));
    assert!(everything(&app).is_empty());
}
