//! What another site can make a browser do: nothing here.

use std::collections::BTreeMap;

use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::store::Db;

use crate::app::{Browser, NOW, PASSWORD, TestApp};
use crate::estate::Estate;
use crate::fences::request;
use crate::jobs::{day, identity, owned_by, run};

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    value: String,
}

/// Every row of every table, as text.
pub fn contents(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    let mut db = app.register.database.read().unwrap();
    let mut ask = |sql: &str| -> Vec<String> {
        let rows: Vec<Row> = match &mut *db {
            Db::Pg(connection) => diesel::sql_query(sql).load(connection).unwrap(),
            Db::Sqlite(connection) => diesel::sql_query(sql).load(connection).unwrap(),
        };
        rows.into_iter().map(|row| row.value).collect()
    };
    if crate::app::on_postgres() {
        let names =
            ask("SELECT table_name::text AS value FROM information_schema.tables WHERE table_schema = 'public'");
        let rows = |name: &String| format!("SELECT t::text AS value FROM \"{name}\" t ORDER BY 1");
        names.iter().map(|name| (name.clone(), ask(&rows(name)))).collect()
    } else {
        let names = ask("SELECT name AS value FROM sqlite_master WHERE type = 'table'");
        let mut out = BTreeMap::new();
        for name in names {
            let columns = ask(&format!("SELECT 'quote(\"' || name || '\")' AS value FROM pragma_table_info('{name}')"));
            let sql = format!("SELECT {} AS value FROM \"{name}\" ORDER BY 1", columns.join(" || '|' || "));
            out.insert(name, ask(&sql));
        }
        out
    }
}

/// The tables that differ.
fn differing(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    assert!(before.len() > 20 && before.values().map(Vec::len).sum::<usize>() > 20, "nothing was looked at");
    after.iter().filter(|(name, rows)| before.get(*name) != Some(*rows)).map(|(name, _)| name.clone()).collect()
}

#[test]
fn reading_changes_nothing() {
    let estate = Estate::new();
    let admin = estate.app.sign_in(Role::Administrator);
    let stranger = estate.app.browser();
    let before = contents(&estate.app);
    for route in muster::web::routes::ROUTES.iter().filter(|route| route.method == "GET") {
        for (_, path) in estate.places(route.path) {
            for browser in [&admin, &estate.business_owner, &estate.technical_owner, &stranger] {
                for _ in 0..2 {
                    let page = browser.get(&path);
                    assert!(page.status < 500, "{path}: {}", page.text);
                    browser.head(&path);
                }
            }
            let differ = differing(&before, &contents(&estate.app));
            assert!(differ.is_empty(), "GET {path} changed {differ:?}");
        }
    }
    // The comparison would see a change.
    assert_eq!(admin.post("/vendors/new", &[("name", "Another Company")]).status, 303);
    let differ = differing(&before, &contents(&estate.app));
    assert!(differ.contains(&"vendors".to_owned()) && differ.contains(&"audit_entries".to_owned()), "{differ:?}");
}

#[test]
fn no_other_site_can_send_a_form() {
    let app = TestApp::start();
    let admin = app.sign_in(Role::Administrator);
    let token = admin.token("/");
    let own = app.url.clone();
    let port = own.rsplit(':').next().unwrap().to_owned();
    let other = app.sign_in(Role::Administrator).token("/");
    let before = contents(&app);
    for headers in [
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "SAME-ORIGIN")],
        vec![("sec-fetch-site", "")],
        vec![("sec-fetch-site", "same-origin, cross-site")],
        vec![("sec-fetch-site", "cross-site"), ("origin", own.as_str())],
        vec![("origin", "null")],
        vec![("origin", "")],
        vec![("origin", "https://evil.hospital.example")],
        vec![("origin", &format!("https://127.0.0.1:{port}"))],
        vec![("origin", &format!("http://127.0.0.1:{port}.evil.example"))],
        vec![("origin", &format!("http://evil.example@127.0.0.1:{port}"))],
        vec![("origin", "http://127.0.0.1")],
        vec![("origin", "http://127.0.0.2")],
        vec![("origin", &format!("{own}/"))],
    ] {
        let page = admin.post_bare("/vendors/new", &[("csrf", &token), ("name", "Planted")], &headers);
        assert_eq!(page.status, 403, "{headers:?}");
        assert!(page.shows("was not sent from a page of Muster"), "{headers:?}: {}", page.readable());
    }
    let bodies = [format!("csrf={token}&name=Planted"), format!("{{\"csrf\":\"{token}\",\"name\":\"Planted\"}}")];
    for kind in
        ["text/plain", "application/json", "text/plain; application/x-www-form-urlencoded", "multipart/form-data"]
    {
        for body in &bodies {
            assert_eq!(admin.post_raw("/vendors/new", kind, body.as_bytes()).status, 415, "{kind}");
        }
    }
    // A token of another session, of nobody, or none.
    let stranger = app.browser().get("/sign-in").csrf();
    for wrong in [other.as_str(), &stranger, "", &token[..token.len() - 1], &token.to_uppercase()] {
        assert_eq!(
            admin.post_bare("/vendors/new", &[("csrf", wrong), ("name", "Planted")], &[]).status,
            403,
            "{wrong}"
        );
    }
    let in_query = format!("/vendors/new?csrf={token}");
    assert_eq!(admin.post_bare(&in_query, &[("name", "Planted")], &[]).status, 403, "a token in an address");
    assert_eq!(differing(&before, &contents(&app)), Vec::<String>::new());
    let page = admin.post_bare("/vendors/new", &[("csrf", &token), ("name", "Own")], &[("origin", &own)]);
    assert_eq!(page.status, 303, "{}", page.text);
}

#[test]
fn a_method_is_what_the_first_line_says() {
    let app = TestApp::start();
    let admin = app.sign_in(Role::Administrator);
    let token = admin.token("/");
    let before = contents(&app);
    for header in ["x-http-method-override", "x-http-method", "x-method-override"] {
        let path = format!("/vendors/new?csrf={token}&name=Planted&_method=POST");
        assert_eq!(admin.get_with(&path, &[(header, "POST")]).status, 200, "{header}");
        let deleted = admin.post_bare("/sign-in?_method=DELETE", &[("_method", "DELETE")], &[(header, "DELETE")]);
        assert_eq!(deleted.status, 403, "{header}");
    }
    let cookie = admin.cookie();
    let lines =
        format!("Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60\r\n");
    for method in ["GET", "PUT", "PATCH", "post"] {
        let body = format!("csrf={token}&name=Planted");
        let page = app.raw(&request(&app, &format!("{method} /vendors/new"), &lines, &body)).remove(0);
        assert!([200, 405].contains(&page.status), "{method}: {}", page.status);
    }
    assert_eq!(differing(&before, &contents(&app)), Vec::<String>::new());
}

#[test]
fn a_cookie_of_a_sibling_is_not_ours() {
    let app = TestApp::start_with(NOW, Some("127.0.0.0/8"), |deployment| {
        "https://muster.hospital.example".clone_into(&mut deployment.base_url);
    });
    let (_, email) = app.account(Role::Auditor);
    let browser = app.browser();
    let host = ("host", "muster.hospital.example");
    let form = browser.get_with("/sign-in", &[host]);
    let given = form.header("set-cookie").to_owned();
    // RFC 6265bis section 4.1.3.2: the prefix holds only with Secure, with Path=/ and without Domain.
    assert!(given.starts_with("__Host-muster="), "{given}");
    for part in ["; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax"] {
        assert!(given.contains(part), "{part}: {given}");
    }
    assert!(!given.to_lowercase().contains("domain"), "{given}");
    let cookie = |page_cookie: &str| page_cookie.split(';').next().unwrap().to_owned();
    let fields = [("csrf", form.csrf()), ("email", email), ("password", PASSWORD.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = browser.post_bare("/sign-in", &fields, &[host, ("cookie", &cookie(&given))]);
    assert_eq!(page.status, 303, "{}", page.text);
    let session = cookie(page.header("set-cookie"));
    assert_eq!(app.browser().get_with("/identities", &[host, ("cookie", &session)]).status, 200);
    // What a sibling domain can set has another name, and opens nothing.
    let (_, value) = session.split_once('=').unwrap();
    for name in ["muster", "__host-muster", "__Secure-muster", "__Host-muster2", " __Host-musteR"] {
        let page = app.browser().get_with("/identities", &[host, ("cookie", &format!("{name}={value}"))]);
        assert_eq!(page.status, 303, "{name}");
    }
}

#[test]
fn the_way_back_leads_nowhere_else() {
    let app = TestApp::start();
    let (_, email) = app.account(Role::Auditor);
    let inside =
        ["/", "/identities?q=a&sort=name", "/tasks/0197?done=x#part", "/a%2f%2fevil.example", "/%5cevil.example"];
    let outside = [
        "",
        "https://evil.example/",
        "http://evil.example",
        "HTTPS://evil.example",
        "https:evil.example",
        "https:/evil.example",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r/evil.example",
        "\t//evil.example",
        " //evil.example",
        "\u{a0}//evil.example",
        "evil.example",
        "./evil",
        "?next=x",
        "#x",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "@evil.example",
        ":80@evil.example",
        "/x\r\nLocation: https://evil.example",
        "/x\r\n\r\n<script>",
        "/x\0",
        "/\u{ff0f}evil.example",
        "/caf\u{e9}",
        "/a b",
        "/<script>",
        "/\"onload=x",
    ];
    for (next, there) in inside.iter().map(|next| (*next, *next)).chain(outside.iter().map(|next| (*next, "/"))) {
        let browser = app.browser();
        let token = browser.get("/sign-in").csrf();
        let fields = [("csrf", token.as_str()), ("email", &email), ("password", PASSWORD), ("next", next)];
        let page = browser.post_bare("/sign-in", &fields, &[]);
        assert_eq!((page.status, page.location.as_str()), (303, there), "{next:?}");
        // Whoever is signed in already is sent on in the same way.
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        let page = browser.get(&format!("/sign-in?{query}"));
        assert_eq!((page.status, page.location.as_str()), (303, there), "{next:?}");
    }
}

/// What tries to add a header.
const SPLITS: [&str; 6] = [
    "x\r\nset-cookie: planted=1",
    "x\nset-cookie: planted=1",
    "x\rset-cookie: planted=1",
    "x%0d%0aset-cookie: planted=1",
    "x\u{560a}set-cookie: planted=1",
    "x\"; filename=\"planted.exe",
];

/// Sends a text in each field of a form; answers how often it was taken.
fn plant(browser: &Browser, path: &str, fields: &[&str], text: &str) -> usize {
    let token = browser.token("/");
    let mut taken = 0;
    for field in fields {
        let mut all: Vec<(&str, &str)> = vec![("csrf", &token)];
        all.extend(fields.iter().map(|name| (*name, if name == field { text } else { "Plain" })));
        let page = browser.post_bare(path, &all, &[]);
        assert!(page.status < 500, "{path} {field}: {}", page.text);
        let whole = format!("{:?}", page.headers);
        assert!(!whole.contains("planted"), "{path} {field}: {whole}");
        taken += usize::from(page.status == 303);
    }
    taken
}

#[test]
fn no_text_becomes_a_header_of_an_answer() {
    let estate = Estate::new();
    let admin = estate.app.sign_in(Role::Administrator);
    for text in SPLITS {
        plant(&admin, "/vendors/new", &["name", "contact", "contract_reference"], text);
        plant(&admin, "/systems/new", &["name", "kind", "environment"], text);
        plant(&admin, "/people/new", &["name", "email", "department"], text);
        plant(&admin, "/identities/new", &["name", "client_id", "purpose"], text);
        plant(&admin, "/imports/maps", &["body", "name", "version"], text);
        plant(&admin, "/identities/bulk", &["all", "filter"], text);
        let page = admin.upload(
            "/imports/new",
            &[("format", "csv"), ("environment", "staging")],
            ("file", "x", text.as_bytes()),
        );
        assert!(page.status < 500 && !format!("{:?}", page.headers).contains("planted"));
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("q", text)
            .append_pair("next", text)
            .finish();
        for route in muster::web::routes::ROUTES.iter().filter(|route| route.method == "GET") {
            for (_, path) in estate.places(route.path) {
                let page = admin.get(&format!("{path}?{query}"));
                let whole = format!("{:?}", page.headers);
                assert!(page.status < 500, "{path}: {}", page.text);
                assert!(!whole.contains("planted"), "{path}: {whole}");
            }
        }
    }
    let lists = ["identities", "tasks", "people", "systems", "vendors", "imports", "audit", "owners", "mail"];
    for list in lists.into_iter().chain(["reviews", "findings"]) {
        let page = admin.get(&format!("/{list}.csv"));
        assert_eq!(page.header("content-disposition"), format!("attachment; filename=\"{list}-2026-11-23.csv\""));
    }
}

#[test]
fn no_name_becomes_a_header_of_a_mail() {
    let app = TestApp::start_told(|deployment| {
        "Register\r\nBcc: planted@evil.example".clone_into(&mut deployment.register_name);
        "the desk\r\nBcc: planted@evil.example".clone_into(&mut deployment.help);
    });
    let admin = app.sign_in(Role::Administrator);
    let splits =
        ["Eve\r\nBcc: planted@evil.example", "Eve\nBcc: planted@evil.example", "Eve\rBcc: planted@evil.example"];
    for text in splits {
        assert_eq!(plant(&admin, "/people/new", &["name", "email"], text), 0, "{text:?}");
    }
    // Signs that a mail's own grammar knows are text in a name.
    let odd = "Eve <planted@evil.example>, \"Bcc\": ;\\";
    let eve = app.owner(odd, "eve@hospital.example");
    for (number, text) in splits.iter().enumerate() {
        identity(&app, &format!("{text} {number}"), |row| {
            row.next_review_on = Some(day("2026-11-23"));
            owned_by(row, eve);
        });
    }
    run(&app.register, Job::RaiseRecertifications, NOW);
    run(&app.register, Job::SendMail, "2026-11-24T18:00:00Z");
    let folder = app.folder.path().join("mail");
    let mails: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    assert_eq!(mails.len(), 1);
    let (head, _) = mails[0].split_once("\r\n\r\n").unwrap();
    let names: Vec<&str> = head
        .split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split_once(':').expect(line).0)
        .collect();
    let known = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];
    assert!(names.iter().all(|name| known.contains(name)) && names.len() == known.len(), "{names:?}");
    let to: Vec<&str> = head.split("\r\n").filter(|line| line.starts_with("To:")).collect();
    assert_eq!(to.len(), 1);
    assert!(head.contains("<eve@hospital.example>") && !head.contains("<planted@evil.example>,"), "{head}");
}
