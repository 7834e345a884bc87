//! SMART scopes on pages and on the command line.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use muster::domain::people::Role;
use serde_json::Value;

use crate::app::TestApp;

fn muster(arguments: &[&str], input: &[u8]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command.env_clear().arg("--data").arg(folder.path()).arg("scopes").args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_explainer_names_whose_data_and_who_holds_it() {
    let app = TestApp::start();
    let page = app.sign_in(Role::SecurityAnalyst).get("/explain?s=system/*.rs&app=Registry+Export");
    assert_eq!(page.status, 200);
    assert!(
        page.shows("Registry Export can look up and read every kind of record of every patient"),
        "{}",
        page.readable()
    );
    assert!(page.shows("146 of the 146 of FHIR R4, 66 in the patient compartment"), "{}", page.readable());
    assert!(page.shows("Identities that are issued exactly this: 0"));
    assert!(page.shows("Critical"));
    let page = app.sign_in(Role::Owner).get("/explain?s=system/*.rs");
    assert!(page.status == 200 && !page.shows("Identities that are issued"), "an owner sees what they own, elsewhere");
    let page = app.sign_in(Role::Auditor).get("/explain");
    assert!(page.shows("Try one") && page.text.contains("/explain?s="), "{}", page.readable());
    assert_eq!(app.browser().get("/explain?s=openid").status, 303, "no page is open before sign-in");
}

#[test]
fn beside_a_scope_nobody_explained_no_page_reads_as_if_there_were_no_more() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let why = "not every permission is explained";
    let page = analyst.get("/explain?s=roles");
    for line in ["Whose data", "Types of record", "Sensitive types", "Can", "Copying in bulk", "When the person leaves"]
    {
        assert!(page.shows(&format!("{line} Cannot tell: {why}")), "{line}: {}", page.readable());
    }
    let page = analyst.get("/explain?s=patient/Observation.r+patient/Binary.r+patient/Condition.sr");
    for said in [
        "At least one patient at a time",
        "At least 2 of the 146 of FHIR R4, 1 in the patient compartment",
        "Sensitive types At least 1",
        "Can At least read",
        "Copying in bulk Cannot tell",
    ] {
        assert!(page.shows(said), "{said}: {}", page.readable());
    }
    let page = analyst.get("/explain?s=system/Practitioner.rs");
    assert!(page.shows("Whose data No patient: data of the organisation's staff"), "{}", page.readable());
    assert!(!page.shows("every patient") && !page.shows("Every patient"), "{}", page.readable());

    let said = text(&muster(&["explain", "roles"], b"").stdout);
    let reach = said.split("Reach: ").nth(1).unwrap();
    assert!(reach.starts_with("Cannot tell: "), "{said}");
    assert!(reach.contains("Types of record: Cannot tell") && reach.contains("Not explained: roles"), "{said}");
    let said = text(&muster(&["explain", "user/Observation.r roles"], b"").stdout);
    assert!(said.contains("Reach: At least every patient the user may see; not every"), "{said}");
    assert!(said.contains("Types of record: At least 1 of the 146 of FHIR R4"), "{said}");
    let said = text(&muster(&["explain", "system/Practitioner.rs"], b"").stdout);
    assert!(said.contains("Reach: No patient: data of the organisation's staff"), "{said}");
}

#[test]
fn the_explainer_says_what_is_wrong_and_shows_it_as_text() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let page = analyst.get("/explain?s=patient/Observation.sr++patient/Observaton.rs+patient/Media.rs&release=R5");
    assert!(page.shows("write .rs") && page.shows("unlimited"), "{}", page.readable());
    assert!(page.shows("Was Observation meant?") && page.shows("FHIR R5 has no type Media"), "{}", page.readable());
    assert!(page.shows("white space other than one space"));
    let page = analyst.get("/explain?s=%3Cscript%3Ealert(1)%3C/script%3E&app=%3Cb%3E");
    assert!(page.status == 200 && !page.text.contains("<script>alert") && !page.text.contains("<b>"));
    let many: Vec<String> = (0..80).map(|number| format!("scope{number}")).collect();
    let page = analyst.get(&format!("/explain?s={}", many.join("+")));
    assert!(page.shows("30 more are not explained on this page"), "nothing is left out in silence");
    let page = analyst.get("/explain?s=patient/Observation.rs%E2%80%AE&release=R9");
    assert!(page.shows("U+202E") && page.shows("That release of FHIR is not known here"), "{}", page.readable());
}

#[test]
fn an_identitys_scopes_are_compared_by_what_they_mean() {
    use crate::jobs::identity;
    use muster::domain::identities::ScopeList;
    use muster::store::identity_parts::{IdentityScope, insert_scopes};
    let app = TestApp::start();
    let id = identity(&app, "Discharge Planner", |_| {}).id;
    let lists = [
        (ScopeList::Issued, "patient/Observation.rs"),
        (ScopeList::Issued, "patient/Condition.rs"),
        (ScopeList::Issued, "patient.Patient.read"),
    ];
    let rows: Vec<IdentityScope> = lists
        .iter()
        .zip(0..)
        .map(|((list, scope), position)| IdentityScope {
            identity_id: id,
            list: *list,
            scope: (*scope).to_owned(),
            position,
            optional: false,
            defined: true,
            in_token: true,
        })
        .collect();
    app.register.database.write(|db| insert_scopes(db, &rows)).unwrap();
    crate::approvals::approved(&app, id, &["patient/Observation.read", "patient/Condition.r"]);
    let page = app.sign_in(Role::SecurityAnalyst).get(&format!("/identities/{id}"));
    assert!(
        page.shows("Issued beyond what is approved: patient/Condition.s patient/Patient.rs"),
        "{}",
        page.readable()
    );
    assert!(page.shows("Beyond the other list: patient/Condition.s"));
    assert!(page.shows("patient.Patient.read was read as patient/Patient.rs"));
    assert!(page.shows("2 of them not approved"), "the older spelling is the same access: {}", page.readable());
    assert!(page.shows("One patient at a time"));
    assert!(page.shows("What Discharge Planner can do"), "{}", page.readable());
    assert!(page.shows("Can look up and read measurements and results"), "{}", page.readable());
    assert!(!page.shows("Discharge Planner can look up"), "the name stands over the lists: {}", page.readable());
}

#[test]
fn an_identity_with_a_scope_nobody_explained_does_not_read_as_if_it_reached_nothing() {
    use crate::jobs::identity;
    use muster::domain::identities::ScopeList;
    use muster::store::identity_parts::{IdentityScope, insert_scopes};
    let app = TestApp::start();
    let id = identity(&app, "Ward Robot", |_| {}).id;
    let row = IdentityScope {
        identity_id: id,
        list: ScopeList::Issued,
        scope: "roles".to_owned(),
        position: 0,
        optional: false,
        defined: true,
        in_token: true,
    };
    app.register.database.write(|db| insert_scopes(db, &[row])).unwrap();
    let page = app.sign_in(Role::SecurityAnalyst).get(&format!("/identities/{id}"));
    assert!(page.shows("Types of record Cannot tell: not every permission is explained"), "{}", page.readable());
    assert!(page.shows("Holds “roles”, which we don't recognise"), "{}", page.readable());
}

#[test]
fn scopes_are_explained_compared_and_decided_on_the_command_line() {
    let answer = muster(&["explain", "system/*.rs", "--app", "Registry Export"], b"");
    assert!(text(&answer.stdout).contains("every patient"), "{}", text(&answer.stdout));
    let answer = muster(&["explain", "--json", "openid patient/X.sr"], b"");
    let objects: Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!((objects[0]["valid"].clone(), objects[1]["valid"].clone()), (true.into(), false.into()));

    let answer =
        muster(&["compare", "--granted", "patient/*.cruds", "--wanted", "patient/Observation.rs", "--json"], b"");
    let object: Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!((&object["relation"], &object["verdict"]), (&"broader".into(), &"covered".into()));
    assert_eq!(object["excess"]["open"][0], "patient/*.cruds on every type except Observation");

    let granted = ["decide", "--granted", "patient/Observation.rs"];
    let allowed = muster(&[&granted[..], &["read", "Observation"]].concat(), b"");
    assert_eq!(allowed.status.code(), Some(0), "{}", text(&allowed.stderr));
    let refused = muster(&[&granted[..], &["read", "Observation", "--launch-patient", ""]].concat(), b"");
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(text(&refused.stderr).lines().count(), 1);
    assert_eq!(muster(&[&granted[..], &["peek", "Observation"]].concat(), b"").status.code(), Some(2));
}

#[test]
fn a_batch_answers_every_line_in_its_place() {
    let mut input = Vec::new();
    input.extend(b"{\"op\":\"parse\",\"scope\":\"launch/patient\"}\n");
    input.extend(b"\n\xff\xfe\n{\"op\":\n");
    input.extend(b"{\"op\":\"canonical\",\"scopes\":[\"patient/X.s\",\"patient/X.r\"]}");
    let answer = muster(&["batch"], &input);
    let lines: Vec<Value> = text(&answer.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 5);
    assert_eq!((&lines[0]["kind"], &lines[0]["target"]), (&"launch".into(), &"patient".into()));
    assert!(lines[1..4].iter().all(|line| line["error"].is_string()), "{lines:?}");
    assert_eq!(lines[4]["scopes"], serde_json::json!(["patient/X.rs"]));
    assert_eq!(answer.status.code(), Some(0));
}

#[test]
fn a_table_that_cannot_be_read_stops_the_command_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("scopes")).unwrap();
    std::fs::write(folder.path().join("scopes/tiers.toml"), "[[rule]]\ntier = \"dire\"\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    let answer =
        command.env_clear().arg("--data").arg(folder.path()).args(["scopes", "explain", "openid"]).output().unwrap();
    let said = text(&answer.stderr);
    assert_eq!((answer.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("tiers.toml") && said.contains("dire"), "{said}");
}
