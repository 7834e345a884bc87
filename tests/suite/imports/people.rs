//! Lists of people.

use muster::actions::imports::{self, Upload};
use muster::connectors::imports::ImportFormat;
use muster::domain::imports::{ImportSubject, RowAction as A};
use muster::domain::people::Role;
use muster::store::people::{self, Person};

use super::*;

fn list(text: &str) -> Upload {
    Upload {
        subject: ImportSubject::People,
        format: ImportFormat::Csv,
        file_name: "staff.csv".to_owned(),
        bytes: format!("Name,Email,Staff ID,Title,Department,Manager Email,Deputy Email,Left On,Time Zone\n{text}")
            .into_bytes(),
        system: None,
        environment: None,
        column_map: None,
    }
}

fn person(app: &TestApp, email: &str) -> Person {
    people::find_by_email(&mut app.register.database.read().unwrap(), email).unwrap().unwrap()
}

const TWO: &str = "Ines Moreau,ines@h.example,1001,Head,Ward,,omar@h.example,,Europe/Paris\n\
    Omar Haddad,omar@h.example,1002,Physician,Ward,ines@h.example,boss@h.example,2026-02-28,\n";

#[test]
fn people_who_stand_for_each_other_are_brought_in_one_file() {
    let app = TestApp::start();
    let (id, tally) = bring(&app, list(TWO));
    assert_eq!(tally.create, 2);
    let (ines, omar) = (person(&app, "ines@h.example"), person(&app, "omar@h.example"));
    assert_eq!((ines.deputy_id, omar.manager_id), (Some(omar.id), Some(ines.id)));
    assert_eq!((ines.version, omar.left_on.map(|date| date.to_string())), (1, Some("2026-02-28".to_owned())));
    let reason = rows(&app, id)[1].reason.clone().unwrap();
    assert_eq!(reason, "The deputy boss@h.example is neither in the file nor among the people.");
    let before = (ines, omar);
    let (_, again) = bring(&app, list(TWO));
    assert_eq!(again.unchanged, 2);
    assert_eq!((person(&app, "ines@h.example"), person(&app, "omar@h.example")), before);
}

#[test]
fn a_list_changes_what_it_says_and_removes_nobody() {
    let app = TestApp::start();
    bring(&app, list(TWO));
    let (id, tally) = bring(&app, list("Ines Moreau-Roy,ines.roy@h.example,1001,,,,,,\n"));
    assert_eq!((tally.change, tally.vanished), (1, 0));
    let words: Vec<String> = rows(&app, id)[0].changes.0.fields.iter().map(|change| change.words()).collect();
    assert_eq!(
        words,
        ["Name: Ines Moreau \u{2192} Ines Moreau-Roy", "E-mail address: ines@h.example \u{2192} ines.roy@h.example"]
    );
    let ines = person(&app, "ines.roy@h.example");
    assert_eq!(ines.title.as_deref(), Some("Head"), "an empty cell takes nothing away");
    assert_eq!(person(&app, "omar@h.example").version, 1);
    imports::undo(&app.register, &app.setup(), id).unwrap();
    assert_eq!(person(&app, "ines@h.example").name, "Ines Moreau");
}

#[test]
fn a_line_that_mixes_two_people_or_has_no_address_is_an_error() {
    let app = TestApp::start();
    bring(&app, list(TWO));
    let text = "X,ines@h.example,1002,,,,,,\nY,,1003,,,,,,\nZ,z@h.example,1004,,,z@h.example,,,\n";
    let (id, tally) = bring(&app, list(text));
    assert_eq!((tally.error, tally.create), (2, 1));
    let rows = rows(&app, id);
    assert_eq!(actions(&rows), [(A::Error, "X"), (A::Error, "Y"), (A::Create, "Z")]);
    assert!(rows[0].reason.as_ref().unwrap().contains("two different people"));
    assert_eq!(person(&app, "z@h.example").manager_id, None, "nobody manages themselves");
}

#[test]
fn undo_removes_people_nobody_refers_to_and_is_refused_otherwise() {
    let app = TestApp::start();
    let (id, _) = bring(&app, list(TWO));
    imports::undo(&app.register, &app.setup(), id).unwrap();
    let gone = people::find_by_email(&mut app.register.database.read().unwrap(), "ines@h.example").unwrap();
    assert_eq!(gone, None);
    let (id, _) = bring(&app, list(TWO));
    let ines = person(&app, "ines@h.example").id;
    bring(&app, list("New,new@h.example,,,,ines@h.example,,,\n"));
    let words = refusal(imports::undo(&app.register, &app.setup(), id));
    assert!(words.contains("refers to what this import brought"), "{words}");
    assert_eq!(person(&app, "ines@h.example").id, ines);
}

#[test]
fn a_list_that_says_somebody_left_ends_their_sessions_and_keeps_an_administrator() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let (_, administrator) = app.account(Role::Administrator);
    let email = people::find(&mut app.register.database.read().unwrap(), analyst.person.unwrap()).unwrap().email;
    let gone = |email: &str, day: &str| list(&format!("Gone Now,{email},,,,,,{day},\n"));
    bring(&app, gone(&email, "2026-11-23"));
    let mut db = app.register.database.read().unwrap();
    let open = muster::store::sessions::of(&mut db, analyst.person.unwrap(), app.register.now()).unwrap();
    drop(db);
    assert!(open.is_empty(), "{open:?}");
    let id = imports::preview(&app.register, &app.setup(), gone(&administrator, "2030-01-01")).unwrap();
    let refused = imports::apply(&app.register, &app.setup(), id).unwrap_err().to_string();
    assert!(refused.contains("last administrator"), "{refused}");
    assert_eq!(person(&app, &administrator).left_on, None);
}
