//! Which system a file's clients belong to, and how long a preview waits.

use muster::domain::imports::ImportState;
use muster::domain::people::Role;
use muster::store::imports as store;
use muster::store::registry;

use super::*;
use crate::app::at;
use crate::command::Command;

fn registration() -> Vec<u8> {
    serde_json::to_vec(
        &json!([{"client_id": "g1", "client_name": "Growth chart", "grant_types": ["authorization_code"]}]),
    )
    .unwrap()
}

fn apps() -> Vec<u8> {
    serde_json::to_vec(&json!([{"appId": "7d1c0c4e-0000-4000-8000-0000000000a1", "displayName": "Dashboard"}])).unwrap()
}

fn systems(app: &TestApp) -> Vec<String> {
    let names = registry::system_names(&mut app.register.database.read().unwrap()).unwrap();
    names.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn a_file_that_does_not_say_where_its_clients_belong_is_filed_under_an_unnamed_system_and_says_so() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::SecurityAnalyst);
    let single = serde_json::to_vec(&client("alone")).unwrap();
    for (format, bytes, unnamed) in [
        ("dcr", registration(), "Unnamed authorization server"),
        ("entra-apps", apps(), "Unnamed Entra tenant"),
        ("keycloak-realm", single, "Unnamed Keycloak realm"),
    ] {
        let fields = [("format", format), ("environment", "production")];
        let sent = browser.upload("/imports/new", &fields, ("file", "file.json", &bytes));
        let page = browser.get(&sent.location);
        assert!(page.shows("The file does not say which system issued its clients"), "{format}: {}", page.readable());
        let command = Command::new(&app).file("file.json", &bytes);
        assert_eq!(command.run(&["import", format, "file.json"]).code, 0, "{format}");
        assert!(systems(&app).iter().any(|name| name == unnamed), "{format}: {:?}", systems(&app));
        let told = command.run(&["import", format, "file.json", "--system", "Ward server"]);
        assert_eq!(told.code, 0, "{format}: {}", told.err);
    }
    assert!(systems(&app).iter().any(|name| name == "Ward server"));
}

#[test]
fn a_new_system_with_almost_a_known_name_is_warned_of_and_another_case_is_the_known_one() {
    let app = TestApp::start();
    bring(&app, Upload { system: Some("Main EHR".to_owned()), ..upload(realm(&[client("a")])) });
    let browser = app.sign_in(Role::SecurityAnalyst);
    let page = |system: &str| {
        let fields = [("format", "keycloak-realm"), ("environment", "production"), ("system", system)];
        let sent = browser.upload("/imports/new", &fields, ("file", "realm.json", &realm(&[client("a")])));
        browser.get(&sent.location)
    };
    let near = page("Main-EHR");
    assert!(near.shows("The system “Main-EHR” is new, and almost the name of “Main EHR”"), "{}", near.readable());
    assert!(near.shows("New systems, added when applied"), "{}", near.readable());
    let same = page("MAIN ehr");
    assert!(same.shows("Main EHR") && !same.shows("MAIN ehr") && !same.shows("is new"), "{}", same.readable());
    assert!(same.shows("The register has all of this already"), "{}", same.readable());
    let form = browser.get("/imports/new").text;
    assert!(form.contains("<option value=\"Main EHR\">"), "the known systems are offered");
    assert!(form.find("name=\"file\"") < form.find("name=\"format\""), "the file comes first");
    let told = Command::new(&app).file("r.json", &realm(&[client("b")])).run(&[
        "import",
        "keycloak-realm",
        "r.json",
        "--system",
        "MainEHR",
        "--dry-run",
    ]);
    assert!(told.out.contains("note: The system “MainEHR” is new"), "{}", told.out);
}

#[test]
fn a_preview_expires_by_itself_and_its_rows_go_with_the_next_one() {
    let app = TestApp::start();
    let id = imports::preview(&app.register, &app.setup(), upload(realm(&[client("a")]))).unwrap();
    let later = muster::actions::By::setup(at("2026-11-30T15:00:00Z"));
    let words = refusal(imports::apply(&app.register, &later, id));
    assert!(words.contains("this preview is older than 7 days; bring the file again"), "{words}");
    refusal(imports::discard(&app.register, &later, id));
    assert_eq!(rows(&app, id).len(), 1);
    let other = imports::preview(&app.register, &later, upload(realm(&[client("b")]))).unwrap();
    let state = |id| store::find(&mut app.register.database.read().unwrap(), id).unwrap().state;
    assert_eq!((state(id), state(other)), (ImportState::Expired, ImportState::Previewed));
    assert!(rows(&app, id).is_empty());
    let page = app.sign_in(Role::SecurityAnalyst).get(&format!("/imports/{id}"));
    for text in ["Expired, upload again", "older than 7 days", "Upload the file again", "rows of an expired preview"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert!(!page.text.contains("/apply"), "{}", page.text);
    let waiting = app.sign_in(Role::SecurityAnalyst).get(&format!("/imports/{other}"));
    assert!(waiting.shows("Can be applied until"), "{}", waiting.readable());
}

#[test]
fn a_preview_that_nobody_purged_is_shown_as_expired_all_the_same() {
    let app = TestApp::start();
    let earlier = muster::actions::By::setup(at("2026-11-16T15:00:00Z"));
    let id = imports::preview(&app.register, &earlier, upload(realm(&[client("a")]))).unwrap();
    let browser = app.sign_in(Role::SecurityAnalyst);
    assert!(browser.get("/imports").shows("Expired, upload again"));
    let page = browser.get(&format!("/imports/{id}"));
    assert!(page.shows("Expired, upload again") && !page.text.contains("/apply"), "{}", page.readable());
    assert!(browser.get("/imports.csv").text.contains(",expired,"));
}

#[test]
fn a_file_over_the_limit_gets_a_page_that_says_what_to_do() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::SecurityAnalyst);
    let fields = [("format", "keycloak-realm"), ("environment", "production")];
    let limit = usize::try_from(app.register.deployment.longest_upload).unwrap();
    let mut bytes = realm(&[client("a")]);
    bytes.resize(limit, b' ');
    let taken = browser.upload("/imports/new", &fields, ("file", "realm.json", &bytes));
    assert_eq!(taken.status, 303, "{}", taken.readable());
    bytes.push(b' ');
    let page = browser.upload("/imports/new", &fields, ("file", "realm.json", &bytes));
    assert_eq!(page.status, 413);
    for text in ["This is too long", "longer than 1 MiB", "muster import FORMAT FILE"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert!(browser.get("/imports/new").shows("Up to 1 MiB"));
    let told = Command::new(&app).file("r.json", &bytes).run(&["import", "keycloak-realm", "r.json"]);
    assert_eq!(told.code, 0, "the command has no such limit: {}", told.err);
}
