//! The command line as a script meets it: the real program, its answers and its exit codes.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::app::TestApp;
use crate::jobs::{day, identity, owned_by};
use muster::domain::people::Role;

/// The program over the data of an app, in an environment of its own.
fn muster(app: &TestApp, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command.env_clear().arg("--data").arg(app.folder.path()).args(arguments);
    // The key of the fingerprints is the app's; it stands in the environment as it does for replicas.
    command.env("MUSTER_FINGERPRINT_KEY", "07".repeat(32)).env("MUSTER_TIME_ZONE", "America/Chicago");
    let address = app.register.database.address();
    if let muster::store::connection::Address::Postgres(url) = address {
        command.env("DATABASE_URL", url);
    }
    command.envs(environment.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A single line on standard error, exit code 1.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    let said = text(&output.stderr);
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    said
}

#[test]
fn the_demonstration_shows_the_runs_that_raised_its_reviews() {
    let folder = tempfile::tempdir().unwrap();
    let program = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
        command.env_clear().arg("--data").arg(folder.path());
        command
    };
    let mut demo = program()
        .args(["demo", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines().map_while(Result::ok);
    let served = lines.any(|line| line.starts_with("Serving "));
    demo.kill().unwrap();
    demo.wait().unwrap();
    assert!(served, "it was served");
    let listed = json(&program().args(["jobs", "list", "--json"]).output().unwrap());
    for name in ["raise_recertifications", "raise_offboardings"] {
        let job = listed.as_array().unwrap().iter().find(|job| job["name"] == name).unwrap();
        let last = (&job["last"]["state"], &job["last"]["started_by"]);
        assert_eq!(last, (&"done".into(), &"command".into()), "{job}");
        assert_ne!(job["last"]["result"], Value::Null, "{job}");
    }
}

#[test]
fn a_job_run_from_the_command_line_does_its_work_and_says_where_it_was_started() {
    let app = TestApp::start();
    let (owner, _) = app.account(Role::Owner);
    identity(&app, "Discharge Planner", |row| {
        row.next_review_on = Some(day("2026-11-23"));
        owned_by(row, owner);
    });
    let run = ["jobs", "run", "raise_recertifications", "--at", "2026-11-23T15:00:00Z"];
    let first = json(&muster(&app, &[&run[..], &["--json"]].concat(), &[]));
    assert_eq!(first["job"], "raise_recertifications");
    assert_eq!(first["result"], serde_json::json!(["1 review opened"]));
    let again = muster(&app, &run, &[]);
    assert_eq!((again.status.code(), text(&again.stdout).as_str()), (Some(0), "0 reviews opened\n"));
    let page = app.sign_in(Role::Auditor).get("/jobs/raise_recertifications");
    assert!(page.shows("The command line") && !page.shows("A person"), "{}", page.readable());
    let listed = json(&muster(&app, &["jobs", "list", "--json"], &[]));
    let names: Vec<&str> = listed.as_array().unwrap().iter().map(|job| job["name"].as_str().unwrap()).collect();
    let jobs: Vec<&str> = muster::domain::jobs::Job::ALL.iter().map(|job| job.word()).collect();
    assert_eq!(names, jobs);
    let job = &listed[0];
    assert_eq!((&job["last"]["state"], &job["last"]["started_by"]), (&"done".into(), &"command".into()));
    assert_eq!(job["next"].as_array().unwrap().len(), 3);
    assert!(job["schedule"].as_str().unwrap().starts_with("every day at 05:00"));
    assert_eq!((&job["overlap"], &job["catch_up_seconds"]), (&"queue".into(), &2_592_000.into()));
    assert_eq!((&job["paused"], &job["late"]), (&Value::Null, &0.into()));
    assert_eq!(job["scheduler"], serde_json::json!({ "state": "not_started", "last_look": null }));
    // Nothing ran by its schedule; what ran by hand is not said not to have run.
    let said = text(&muster(&app, &["jobs", "list"], &[]).stdout);
    let head = said.lines().last().unwrap();
    assert!(head.starts_with("Nothing has run yet") && !head.contains("raise_recertifications"), "{said}");
    let tasks = json(&muster(&app, &["tasks", "list", "--json"], &[]));
    assert_eq!(tasks.as_array().unwrap().len(), 1);
    assert_eq!((&tasks[0]["identity"], &tasks[0]["state"]), (&"Discharge Planner".into(), &"open".into()));
    assert_eq!(tasks[0]["assignee_id"], owner.to_string());
    assert_eq!(json(&muster(&app, &["tasks", "list", "--state", "done", "--json"], &[])), serde_json::json!([]));
}

#[test]
fn a_wrong_time_and_an_unknown_job_are_refused_with_what_to_do() {
    let app = TestApp::start();
    let wrong = muster(&app, &["jobs", "run", "send_mail", "--at", "yesterday"], &[]);
    let said = text(&wrong.stderr);
    assert_eq!((wrong.status.code(), said.lines().count()), (Some(2), 1), "{said}");
    assert!(said.contains("2026-11-23T12:00:00Z"), "{said}");
    let unknown = muster(&app, &["jobs", "run", "no_such_job"], &[]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("raise_recertifications"));
}

#[test]
fn a_mail_server_without_a_sender_is_refused_at_the_start() {
    let app = TestApp::start();
    let smtp = ("MUSTER_SMTP_HOST", "mail.hospital.example");
    let said = refused(&muster(&app, &["jobs", "list"], &[smtp]));
    assert!(said.contains("MUSTER_MAIL_FROM is not; set it"), "{said}");
    let said = refused(&muster(&app, &["jobs", "list"], &[smtp, ("MUSTER_MAIL_FROM", "Muster")]));
    assert!(said.contains("correct MUSTER_MAIL_FROM"), "{said}");
    let sender = ("MUSTER_MAIL_FROM", "Muster <muster@hospital.example>");
    assert!(muster(&app, &["jobs", "list"], &[smtp, sender]).status.success());
    assert!(muster(&app, &["jobs", "list"], &[]).status.success(), "files keep their default");
}

#[test]
fn a_limit_of_sign_ins_that_is_no_number_is_refused_at_the_start() {
    let app = TestApp::start();
    for wrong in ["0", "many", "-1", "1.5"] {
        let said = refused(&muster(&app, &["jobs", "list"], &[("MUSTER_SIGN_INS_PER_ADDRESS", wrong)]));
        assert!(said.contains("MUSTER_SIGN_INS_PER_ADDRESS") && said.contains("above zero"), "{said}");
    }
    assert!(muster(&app, &["jobs", "list"], &[("MUSTER_SIGN_INS_PER_ADDRESS", "2000")]).status.success());
}

#[test]
fn a_bad_proxy_network_is_refused_at_the_start() {
    let app = TestApp::start();
    for (network, what_to_do) in
        [("10.0.0.0", "such as 10.0.0.0/8"), ("10.0.0.5/8", "write 10.0.0.0/8"), ("::/0", "every address")]
    {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--behind-proxy", network];
        let said = refused(&muster(&app, &arguments, &[]));
        assert!(said.contains("--behind-proxy") && said.contains(what_to_do), "{said}");
    }
}

#[test]
fn an_account_of_the_command_line_comes_with_a_link_or_with_the_password_of_the_environment() {
    let app = TestApp::start();
    let now = ("MUSTER_NOW", crate::app::NOW);
    let add = |email: &str, environment: &[(&str, &str)]| {
        let arguments = ["people", "add", "--name", "Ada", "--email", email, "--role", "administrator"];
        muster(&app, &arguments, &[environment, &[now][..]].concat())
    };
    let base = ("MUSTER_BASE_URL", "https://muster.hospital.example/");
    let added = text(&add("ada@hospital.example", &[base]).stdout);
    assert!(
        added.contains("\nhttps://muster.hospital.example/welcome/") && added.contains("opens once, until"),
        "{added}"
    );
    let given = text(&add("bea@hospital.example", &[("MUSTER_PASSWORD", "nine tall green doors")]).stdout);
    assert_eq!(given, "bea@hospital.example may sign in as administrator.\n");
    let signed_in = |email: &str, password: &str| {
        app.browser().post("/sign-in", &[("email", email), ("password", password)]).status
    };
    assert_eq!(signed_in("bea@hospital.example", "nine tall green doors"), 303);
    let said = refused(&add("cy@hospital.example", &[("MUSTER_PASSWORD", "passwordpassword")]));
    assert!(said.contains("easy to guess"), "{said}");

    let way_back = text(&muster(&app, &["people", "link", "bea@hospital.example"], &[now]).stdout);
    let path = way_back.lines().find_map(|line| line.strip_prefix("http://127.0.0.1:8080")).unwrap().to_owned();
    assert_eq!(app.browser().get(&path).status, 303, "{way_back}");
    let said = refused(&muster(&app, &["people", "set-password", "bea@hospital.example"], &[]));
    assert!(said.contains("MUSTER_PASSWORD is not set") && said.contains("muster people link"), "{said}");
    let set = ("MUSTER_PASSWORD", "eight low brown gates");
    assert!(muster(&app, &["people", "set-password", "bea@hospital.example"], &[set, now]).status.success());
    assert_eq!(signed_in("bea@hospital.example", "eight low brown gates"), 303);
    assert_eq!(app.browser().get(&path).status, 410, "a new password ends the link");
    let said = refused(&muster(&app, &["people", "link", "nobody@hospital.example"], &[]));
    assert!(said.contains("muster people list"), "{said}");
}
