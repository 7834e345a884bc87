//! Secrets planted in every place a realm export can hold one are found nowhere afterwards: not in the
//! data folder, not in the database, not in the logs, not on a page, not in an export.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use muster::domain::people::Role;
use muster::store::Db;
use muster::store::connection::Address;

use super::*;
use crate::logged::{Log, log};

/// Every planted word of a text.
fn planted(text: &str) -> Vec<String> {
    text.match_indices("PLANTED-")
        .map(|(at, _)| text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect())
        .collect()
}

fn muster(app: &TestApp, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command.args(["--data", app.folder.path().to_str().unwrap()]).args(arguments);
    if let Address::Postgres(url) = app.register.database.address() {
        command.args(["--database-url", url]);
    }
    let mut child = command
        .env("MUSTER_FINGERPRINT_KEY", hex::encode(*app.register.deployment.fingerprint_key))
        .env("RUST_LOG", "trace")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A refused command reads no input.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// Runs the search; answers whether it found nothing, and what it said.
fn search(secrets: &Path, folders: &[&Path]) -> (bool, String) {
    let script = format!("{}/tests/no_secret_left.py", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("python3").arg(script).arg("--secrets").arg(secrets).args(folders).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_ne!(output.status.code(), Some(2), "nothing was searched: {text}");
    (output.status.code() == Some(0), text)
}

#[derive(diesel::QueryableByName)]
struct Text {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

/// Every row of every table of PostgreSQL as text; bytes come out as hexadecimal. SQLite is a file.
fn dump(app: &TestApp, file: &Path) {
    use diesel::RunQueryDsl;
    let mut db = app.register.database.read().unwrap();
    let Db::Pg(connection) = &mut *db else { return };
    let names: Vec<Text> = diesel::sql_query(
        "SELECT table_name::text AS value FROM information_schema.tables WHERE table_schema = 'public'",
    )
    .load(connection)
    .unwrap();
    let mut out = std::fs::File::create(file).unwrap();
    let mut count = 0;
    for Text { value: name } in names {
        let rows: Vec<Text> =
            diesel::sql_query(format!("SELECT t::text AS value FROM \"{name}\" t")).load(connection).unwrap();
        count += rows.len();
        for row in rows {
            writeln!(out, "{}", row.value).unwrap();
        }
    }
    assert!(count > 50, "the dump is empty");
}

/// Keeps everything a reader of any role can see.
fn visit(app: &TestApp, seen: &Path) {
    let browser = app.sign_in(Role::Administrator);
    let mut paths: Vec<String> = [
        "/",
        "/identities",
        "/identities.csv",
        "/identities.jsonl",
        "/imports",
        "/imports.csv",
        "/imports.jsonl",
        "/systems",
        "/audit",
        "/audit.csv",
        "/audit.jsonl",
    ]
    .map(str::to_owned)
    .to_vec();
    let all = everything(app);
    paths.extend(all.iter().map(|found| format!("/identities/{}", found.identity.id)));
    paths.extend(all.iter().map(|found| format!("/identities/{}/edit", found.identity.id)));
    let imports =
        muster::store::imports::page(&mut app.register.database.read().unwrap(), &muster::domain::listing::From::Start)
            .unwrap();
    for import in imports.rows {
        for ending in ["", ".csv", ".jsonl"] {
            paths.push(format!("/imports/{}{ending}", import.id));
        }
    }
    for (number, path) in paths.iter().enumerate() {
        std::fs::write(seen.join(format!("page-{number}.txt")), browser.get(path).text).unwrap();
    }
}

fn leaves_nothing(format: &str, bytes: &[u8], secrets: &[String], log: &Log) {
    assert!(!secrets.is_empty(), "{format}: nothing was planted");
    let app = TestApp::start();
    let seen = tempfile::tempdir().unwrap();
    let list = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(list.path(), secrets.join("\n")).unwrap();
    let browser = app.sign_in(Role::SecurityAnalyst);
    let fields = [("format", format), ("environment", "production"), ("system", "Planted")];
    let sent = browser.upload("/imports/new", &fields, ("file", "file.json", bytes));
    assert_eq!(sent.status, 303, "{}", sent.readable());
    std::fs::write(seen.path().join("preview.html"), browser.get(&sent.location).text).unwrap();
    let applied = browser.post(&format!("{}/apply", sent.location), &[]);
    assert_eq!(applied.status, 303, "{}", applied.readable());
    // The same through the command line, from standard input, then with types that do not fit and cut off.
    let text = String::from_utf8_lossy(bytes).into_owned();
    let broken = [
        text.replace("\"secret\": \"", "\"redirectUris\": \""),
        text.replace("\"secret\": \"", "\"secret\": "),
        text[..text.len() * 2 / 3].to_owned(),
    ];
    for (number, input) in std::iter::once(&text).chain(&broken).enumerate() {
        for (place, more) in ["--json", "--dry-run"].iter().enumerate() {
            let arguments = ["import", format, "-", "--environment", "staging", "--system", "Planted", more];
            let output = muster(&app, &arguments, input.as_bytes());
            assert!(number > 0 || output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            std::fs::write(seen.path().join(format!("out-{number}-{place}")), output.stdout).unwrap();
            std::fs::write(seen.path().join(format!("err-{number}-{place}")), output.stderr).unwrap();
        }
        let page = browser.upload("/imports/new", &fields, ("file", "file.json", input.as_bytes()));
        std::fs::write(seen.path().join(format!("answer-{number}.html")), page.text).unwrap();
    }
    visit(&app, seen.path());
    dump(&app, &seen.path().join("dump.txt"));
    let logged = log.bytes();
    assert!(logged.windows(11).any(|text| text == b"imports/new"), "the server logged nothing");
    std::fs::write(seen.path().join("log.jsonl"), logged).unwrap();
    assert!(!everything(&app).is_empty());
    let (clean, said) = search(list.path(), &[app.folder.path(), seen.path()]);
    assert!(clean, "{format}: {said}");
    // The planted fault: the same search finds a secret that does lie there.
    touch(&app.register, everything(&app)[0].identity.id, |found| {
        found.purpose = Some(hex::encode(&secrets[secrets.len() / 2]));
    });
    dump(&app, &seen.path().join("dump.txt"));
    let (clean, said) = search(list.path(), &[app.folder.path(), seen.path()]);
    assert!(!clean, "{format}: a planted fault was not found: {said}");
}

#[test]
fn no_planted_secret_of_a_realm_is_left_anywhere() {
    let bytes = fixture("realm-ward.json");
    let secrets = planted(std::str::from_utf8(&bytes).unwrap());
    assert!(secrets.len() >= 40, "{}", secrets.len());
    leaves_nothing("keycloak-realm", &bytes, &secrets, &log());
}

#[test]
fn no_planted_secret_of_another_format_is_left_anywhere() {
    for (format, name) in [("dcr", "dcr-list.json"), ("entra-apps", "entra-apps.json")] {
        let bytes = fixture(name);
        let secrets = planted(std::str::from_utf8(&bytes).unwrap());
        leaves_nothing(format, &bytes, &secrets, &log());
    }
}

/// Where the real files are at hand, their own secrets: what stands under a name that says so, is long
/// enough not to be found by chance, and stands nowhere else in the file.
#[test]
fn no_secret_of_a_real_file_is_left_anywhere() {
    const NAMES: &[&str] = &[
        "secret",
        "clientSecret",
        "client_secret",
        "password",
        "privateKey",
        "private_key",
        "hashedSaltedValue",
        "salt",
        "registrationAccessToken",
        "registration_access_token",
        "bindCredential",
        "saml.signing.private.key",
        "secretData",
    ];
    fn collect(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    for text in [Some(value), value.get(0)].into_iter().flatten().filter_map(Value::as_str) {
                        if NAMES.contains(&name.as_str()) && text.len() >= 12 && !text.starts_with("**") {
                            out.push(text.to_owned());
                        }
                    }
                    collect(value, out);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
            _ => {}
        }
    }
    let folder = format!("{}/../shared/data/inventories", env!("CARGO_MANIFEST_DIR"));
    let Ok(entries) = std::fs::read_dir(&folder) else { return };
    for entry in entries.map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let format = match name.split('_').next() {
            Some("keycloak") => "keycloak-realm",
            Some("dcr") => "dcr",
            Some("azure") => "entra-apps",
            _ => continue,
        };
        let bytes = std::fs::read(entry.path()).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut secrets = Vec::new();
        collect(&serde_json::from_slice(&bytes).unwrap(), &mut secrets);
        secrets.retain(|secret| !secret.contains('\n') && text.matches(secret.as_str()).count() == 1);
        if secrets.is_empty() {
            let app = TestApp::start();
            let system = Some("Real".to_owned());
            let file = Upload { format: format.parse().unwrap(), system, ..upload(bytes) };
            let (_, first) = bring(&app, file.clone());
            let (_, again) = bring(&app, file);
            assert!(first.create > 0 && again.touched() == 0, "{name}: {first:?} {again:?}");
        } else {
            leaves_nothing(format, &bytes, &secrets, &log());
        }
    }
}
