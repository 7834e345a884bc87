//! The command line: exit codes, one line for every error, one array for every listing.

use crate::app::TestApp;
use crate::command::Command;

/// Arguments, the exit code, and words of the one line on standard error.
const REFUSED: &[(&[&str], i32, &[&str])] = &[
    (&[], 2, &["name a command: ", "serve", "see `muster --help`"]),
    (&["serv"], 2, &["serve", "see `muster --help`"]),
    (&["people"], 2, &["name a command: ", "disable", "see `muster people --help`"]),
    (&["audit"], 2, &["verify", "see `muster audit --help`"]),
    (&["import"], 2, &["<FORMAT> <FILE>", "see `muster import --help`"]),
    (&["import", "ldap", "r.json"], 2, &["keycloak-realm", "see `muster import --help`"]),
    (&["import", "keycloak-realm", "r.json", "--enviroment", "staging"], 2, &["--environment"]),
    (&["import", "keycloak-realm", "r.json", "--environment", "moon"], 2, &["production", "sandbox"]),
    (&["import", "keycloak-realm", "r.json", "--map", "staff-list"], 2, &["--map is for csv files"]),
    (&["import", "csv", "r.json"], 2, &["a csv file needs --map NAME"]),
    (&["import", "dcr", "r.json"], 1, &["Import it as keycloak-realm"]),
    (&["import", "keycloak-realm", "gone.json"], 1, &["gone.json cannot be read"]),
    (&["import", "keycloak-realm", "empty.json"], 1, &["The file is empty. Export it again"]),
    (&["import", "keycloak-realm", "broken.json"], 1, &["Line 2: A trailing comma"]),
    (&["import", "csv", "r.json", "--map", "nobody"], 1, &["There is no such column map for clients", "--map NAME"]),
    (&["people", "import", "gone.csv"], 1, &["gone.csv cannot be read"]),
    (&["people", "import", "r.json", "--map", "epic-clients"], 1, &["no such column map for people", "--map NAME"]),
    (&["people", "add", "--name", "Ada"], 2, &["--email", "see `muster people add --help`"]),
    (&["people", "add", "--name", "Ada", "--email", "nobody"], 1, &["address"]),
    (&["people", "disable", "nobody@h.example"], 1, &["nobody@h.example"]),
    (&["identities", "show"], 2, &["<IDENTITY>", "see `muster identities show --help`"]),
    (&["identities", "show", "nobody"], 1, &["see `muster identities list`"]),
    (&["identities", "list", "--state", "asleep"], 2, &["suspended"]),
    (&["tokens", "revoke", "abc"], 2, &["<ID>", "see `muster tokens revoke --help`"]),
    (&["tokens", "revoke", "01890000-0000-7000-8000-000000000000"], 1, &["see `muster tokens list`"]),
    (&["tasks", "list", "--kind", "chore"], 2, &["offboarding"]),
    (&["findings", "list", "--rule", "ugly"], 2, &["secret_shared"]),
    (&["jobs", "run", "sweep"], 2, &["send_mail", "see `muster jobs run --help`"]),
    (&["jobs", "run", "send_mail", "--at", "noon"], 2, &["2026-11-23T12:00:00Z"]),
    (&["--now", "noon", "migrate"], 2, &["2026-11-23T12:00:00Z"]),
    (&["migrate", "now"], 2, &["see `muster migrate --help`"]),
    (&["serve", "--listen", "here"], 2, &["--listen"]),
    (&["serve", "--tls-cert", "a.pem"], 2, &["--tls-key"]),
    (&["serve", "--listen", "0.0.0.0:1"], 1, &["without TLS"]),
];

#[test]
fn every_error_is_one_line_that_says_what_to_do_with_the_right_exit_code() {
    let app = TestApp::start();
    let command = Command::new(&app)
        .file("r.json", br#"{"realm":"r","clients":[]}"#)
        .file("empty.json", b"")
        .file("broken.json", b"{\"realm\":\"r\",\n\"clients\":[],}");
    for (arguments, code, words) in REFUSED {
        let told = command.run(arguments);
        assert_eq!((told.code, told.out.as_str()), (*code, ""), "{arguments:?}: {}", told.err);
        assert_eq!(told.err.lines().count(), 1, "{arguments:?}: {}", told.err);
        assert!(told.err.starts_with("muster: "), "{arguments:?}: {}", told.err);
        assert!(!told.err.contains("Choose"), "a word of the pages: {}", told.err);
        assert_eq!(told.err.contains(" --help`"), *code == 2, "{arguments:?}: {}", told.err);
        for word in *words {
            assert!(told.err.contains(word), "{arguments:?}: {word}: {}", told.err);
        }
    }
}

#[test]
fn help_and_the_version_are_answers() {
    let app = TestApp::start();
    for (arguments, words) in
        [(&["--help"][..], "Usage: muster"), (&["import", "--help"], "--dry-run"), (&["--version"], "muster ")]
    {
        let told = Command::new(&app).run(arguments);
        assert_eq!((told.code, told.err.as_str()), (0, ""), "{arguments:?}");
        assert!(told.out.contains(words), "{}", told.out);
    }
}

#[test]
fn every_listing_prints_one_array_also_when_there_is_nothing() {
    let app = TestApp::start();
    let list = b"Name,Email,Staff ID,Title,Department,Manager Email,Deputy Email,Left On,Time Zone\nAda,ada@h.example,,,,,,,\n";
    let command =
        Command::new(&app).file("r.json", br#"{"realm":"r","clients":[{"clientId":"a"}]}"#).file("p.csv", list);
    let listings: [&[&str]; 5] = [
        &["identities", "list", "--json"],
        &["tasks", "list", "--json"],
        &["people", "list", "--json"],
        &["jobs", "list", "--json"],
        &["findings", "list", "--json"],
    ];
    let lengths = || {
        listings.map(|arguments| {
            let told = command.run(arguments);
            assert_eq!((told.code, told.err.as_str()), (0, ""), "{arguments:?}");
            told.json().as_array().unwrap_or_else(|| panic!("{arguments:?}: {}", told.out)).len()
        })
    };
    assert_eq!(lengths()[..3], [0, 0, 0]);
    for arguments in [&["import", "keycloak-realm", "r.json", "--json"][..], &["people", "import", "p.csv", "--json"]] {
        let told = command.run(arguments);
        assert_eq!(told.code, 0, "{}", told.err);
        assert_eq!(told.json().as_array().map(Vec::len), Some(1), "{}", told.out);
        assert_eq!(told.err, "1 created\n");
    }
    let now = lengths();
    assert_eq!((now[0], now[2], now[4]), (1, 1, 0));
    assert!(now[3] > 4, "{now:?}");
}

#[test]
fn a_variable_that_cannot_be_read_is_named() {
    let app = TestApp::start();
    for wrong in ["many", "0", "-1"] {
        let told = Command::new(&app).variable("MUSTER_UPLOAD_MIB", wrong).run(&["migrate"]);
        assert_eq!((told.code, told.out.as_str()), (1, ""), "{wrong}");
        assert!(told.err.contains("MUSTER_UPLOAD_MIB") && told.err.contains("MiB above zero"), "{}", told.err);
    }
    assert_eq!(Command::new(&app).variable("MUSTER_UPLOAD_MIB", "64").run(&["migrate"]).code, 0);
}
