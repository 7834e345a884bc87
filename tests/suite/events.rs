//! What a security team's machine reads of the log: names it knows, one line each, no secret, no address of a person.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use muster::domain::events::{NOUNS, of_entry};
use muster::domain::people::Role;
use muster::store::connection::Address;
use serde_json::Value;

use crate::app::{Browser, NOW, PASSWORD, TestApp, browser_at};

/// The program serving the register of an app, with its log in a file.
struct Served {
    child: Child,
    log: std::path::PathBuf,
    url: String,
}

impl Served {
    fn start(app: &TestApp, requests_per_minute: &str) -> Self {
        let log = app.folder.path().join("server.log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
        command.env_clear().args(["serve", "--listen", "127.0.0.1:0"]).env("MUSTER_DATA", app.folder.path());
        command
            .env("MUSTER_SECOND_FACTOR", "offered")
            .env("MUSTER_NOW", NOW)
            .env("MUSTER_REQUESTS_PER_MINUTE", requests_per_minute);
        command.env("MUSTER_FINGERPRINT_KEY", hex::encode(*app.register.deployment.fingerprint_key));
        if let Address::Postgres(url) = app.register.database.address() {
            command.env("DATABASE_URL", url);
        }
        let errors = Stdio::from(File::create(&log).unwrap());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("Serving ").expect("it says where it serves").to_owned();
        Self { child, log, url }
    }

    /// Every line that was written, once it is certain that a request's line is.
    fn lines(mut self) -> (String, Vec<Value>) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let text = std::fs::read_to_string(&self.log).unwrap();
        let lines =
            text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
        (text.clone(), lines.collect())
    }
}

fn events<'a>(lines: &'a [Value], name: &str) -> Vec<&'a Value> {
    lines.iter().map(|line| &line["fields"]).filter(|fields| fields["event"] == name).collect()
}

#[test]
fn each_event_of_access_is_a_line_with_its_name_and_without_a_secret() {
    let app = TestApp::start();
    let (owner, email) = app.account(Role::Owner);
    let served = Served::start(&app, "240");
    let browser = browser_at(&served.url);
    let sign_in = |browser: &Browser, email: &str, password: &str| {
        let token = browser.get("/sign-in").csrf();
        browser.post_bare("/sign-in", &[("csrf", &token), ("email", email), ("password", password)], &[]).status
    };
    assert_eq!(sign_in(&browser, &email, "not the password, planted"), 422);
    assert_eq!(sign_in(&browser, "nobody-planted@hospital.example", PASSWORD), 422);
    assert_eq!(sign_in(&browser, &email, PASSWORD), 303);
    let cookie = browser.cookie();
    assert_eq!(browser.get("/people").status, 403);
    let hidden = format!("/identities/{}", muster::domain::ids::Id::new());
    assert_eq!(browser.get(&hidden).status, 404);
    let token = browser.get("/tasks").csrf();
    let planted = [("csrf", token.as_str())];
    assert_eq!(browser.post_bare("/sign-out", &planted, &[("sec-fetch-site", "same-site")]).status, 403);
    assert_eq!(browser.post_raw("/sign-out", "text/plain", b"planted").status, 415);
    assert_eq!(browser.get_with("/tasks", &[("content-encoding", "gzip")]).status, 415);
    assert_eq!(browser.get_with("/tasks", &[("host", "planted.example")]).status, 421);
    assert_eq!(browser.get("/tasks/%0d%0a%7b%22event%22:%22planted%22%7d").status, 400);
    let refused = (0..20).any(|_| browser.get("/tasks.csv").status == 429);
    assert!(refused, "exports are never too many");
    assert_eq!(browser.post_bare("/sign-out", &planted, &[]).status, 303);
    let mut bare = TcpStream::connect(served.url.trim_start_matches("http://")).unwrap();
    bare.write_all(b"planted\r\n\r\n").unwrap();
    assert_eq!(crate::app::answers(&mut bare, 1)[0].status, 400);

    let (text, lines) = served.lines();
    let person = owner.to_string();
    assert!(!events(&lines, "sys_startup").is_empty());
    let failed = events(&lines, "authn_login_fail");
    assert_eq!(
        failed.iter().map(|fields| fields["account"].as_str().unwrap()).collect::<Vec<_>>(),
        [&person, "unknown"]
    );
    assert_eq!(events(&lines, "authn_login_success")[0]["person"], person);
    let refused = events(&lines, "authz_fail");
    let paths: Vec<&str> = refused.iter().map(|fields| fields["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/people", &hidden], "every failed authorisation, also of what is hidden");
    assert!(refused.iter().all(|fields| fields["person"] == person && fields["address"] == "127.0.0.1"));
    assert_eq!(events(&lines, "malicious_cors").len(), 1);
    assert!(events(&lines, "input_validation_fail").len() >= 5);
    assert_eq!(events(&lines, "excess_rate_limit_exceeded")[0]["person"], person);
    assert_eq!(events(&lines, "session_expired")[0]["person"], person);
    for fields in lines.iter().map(|line| &line["fields"]).filter(|fields| fields["event"].is_string()) {
        assert!(fields["request_id"].is_string() || fields["event"].as_str().unwrap().starts_with("sys_"), "{fields}");
    }
    let (_, cookie) = cookie.split_once('=').unwrap();
    for secret in [PASSWORD, "planted", "@hospital.example", cookie, &token] {
        // The path of the refused request stands in its line as it was sent, and ends no line.
        let text = text.replace("%7b%22event%22:%22planted%22%7d", "");
        assert!(!text.contains(secret), "{secret} stands in the log: {text}");
    }
}

/// The actions that the sources write into the audit log about access.
fn actions_of_access() -> BTreeSet<String> {
    fn walk(folder: &std::path::Path, out: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for word in text.split('"') {
                let known = word.split_once('.').is_some_and(|(noun, verb)| {
                    NOUNS.contains(&noun)
                        && !verb.is_empty()
                        && verb.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                });
                if known {
                    out.insert(word.to_owned());
                }
            }
        }
    }
    let mut out = BTreeSet::new();
    for layer in ["src/actions", "src/jobs"] {
        walk(std::path::Path::new(layer), &mut out);
    }
    out
}

#[test]
fn each_action_of_access_is_an_event() {
    let actions = actions_of_access();
    assert!(actions.len() >= 7, "the actions are not found: {actions:?}");
    let missing: Vec<&String> = actions.iter().filter(|action| of_entry(action, true).is_none()).collect();
    assert!(missing.is_empty(), "say in src/domain/events.rs which events these are: {missing:?}");
}
