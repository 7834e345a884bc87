//! Requests that no page of ours sends: what is taken, what is refused, and that nothing hides in them.

use muster::domain::people::Role;

use crate::app::{NOW, TestApp};
use crate::fences::{fenced, request};

#[test]
fn a_packed_request_is_refused_and_told_what_is_not_packed() {
    let app = TestApp::start();
    let admin = app.sign_in(Role::Administrator);
    let token = admin.token("/");
    for encoding in ["gzip", "deflate", "br", "identity", "x", "gzip, gzip"] {
        let page = admin.post_bare("/sign-out", &[("csrf", &token)], &[("content-encoding", encoding)]);
        assert_eq!((page.status, page.header("accept-encoding")), (415, "identity"), "{encoding}");
        fenced(&page, encoding);
    }
    assert_eq!(admin.get("/identities").status, 200, "the session goes on");
}

#[test]
fn a_form_is_taken_in_the_form_of_a_form_only() {
    let app = TestApp::start();
    let admin = app.sign_in(Role::Administrator);
    let body = format!("csrf={}", admin.token("/"));
    for kind in ["text/plain", "application/json", "application/xml", "multipart/form-data; boundary=x", "x", "*/*"] {
        let page = admin.post_raw("/sign-out", kind, body.as_bytes());
        assert_eq!(page.status, 415, "{kind}: {}", page.text);
        assert!(page.shows("Open the page"), "{kind}: {}", page.readable());
    }
    for kind in ["application/x-www-form-urlencoded", "text/plain", "application/json", "image/png"] {
        assert_eq!(admin.post_raw("/imports/new", kind, body.as_bytes()).status, 415, "{kind}");
    }
    assert_eq!(admin.get("/identities").status, 200, "the session goes on");
    let kind = "application/x-www-form-urlencoded; charset=UTF-8";
    assert_eq!(admin.post_raw("/sign-out", kind, body.as_bytes()).status, 303);
}

#[test]
fn what_is_longer_than_is_taken_is_refused_and_the_service_goes_on() {
    let app = TestApp::start();
    let admin = app.sign_in(Role::Administrator);
    let token = admin.token("/");
    let longest = "x".repeat(255 * 1024);
    let page = admin.post_bare("/systems/new", &[("csrf", &token), ("name", &longest)], &[]);
    assert_eq!(page.status, 422, "what is taken is looked at");
    let page = admin.post_bare("/systems/new", &[("csrf", &token), ("name", &"x".repeat(257 * 1024))], &[]);
    assert_eq!(page.status, 413, "{}", page.text);
    assert!(page.shows("This form is longer than 256 KiB"), "{}", page.readable());
    // The file of an upload is counted too, and no more than twice as much is even read.
    let file = vec![b'x'; 1024 * 1024 + 1];
    assert_eq!(admin.upload("/imports/new", &[("format", "csv")], ("file", "x.csv", &file)).status, 413);
    let app = TestApp::start_told(|deployment| deployment.longest_upload = 1024);
    let file = vec![b'x'; 3 * 1024 * 1024];
    let page = app.sign_in(Role::Administrator).upload("/imports/new", &[], ("file", "x.csv", &file));
    assert_eq!(page.status, 413, "{}", page.text);
}

#[test]
fn a_path_of_another_method_says_which_are_known() {
    let app = TestApp::start();
    for (path, allowed) in
        [("/healthz", &["GET", "HEAD"][..]), ("/sign-in", &["GET", "HEAD", "POST"]), ("/sign-out", &["POST"])]
    {
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get", "POSTS"] {
            let page = app.raw(&request(&app, &format!("{method} {path}"), "", "")).remove(0);
            assert_eq!(page.status, 405, "{method} {path}");
            let mut known: Vec<&str> = page.header("allow").split(',').map(str::trim).collect();
            known.sort_unstable();
            assert_eq!(known, allowed, "{method} {path}");
        }
    }
    // What a proxy may be told to do is no route either.
    let page = app.raw(&request(&app, "TRACE /no/such/page", "x-secret: mirrored\r\n", "")).remove(0);
    assert!(page.status == 404 && !page.text.contains("mirrored"), "{}", page.status);
    let answers = app.raw(&request(&app, "CONNECT evil.example:443", "", ""));
    assert!(answers[0].status >= 400, "{}", answers[0].status);
}

#[test]
fn a_path_leads_to_nothing_that_it_does_not_name() {
    let app = TestApp::start();
    let admin = app.sign_in(Role::Administrator);
    for path in [
        "/identities/%00",
        "/imports/maps/a%00b",
        "/static/..%2f..%2fCargo.toml",
        "/static/%2e%2e/%2e%2e/Cargo.toml",
        "/static/..\\Cargo.toml",
        "/audit/%0d%0aset-cookie:%20a=b",
        "/%ff",
        "/%",
    ] {
        let page = app.raw(&request(&app, &format!("GET {path}"), "", "")).remove(0);
        assert_eq!(page.status, 400, "{path}: {}", page.text);
        assert!(page.header("set-cookie").is_empty(), "{path}");
    }
    for path in
        ["/static//etc/passwd", "//identities", "/identities/", "/identities;x=1", "/IDENTITIES", "/static/", "/.env"]
    {
        assert_eq!(admin.get(path).status, 404, "{path}");
    }
    let page = app.raw(&request(&app, "GET /static/../../Cargo.toml", "", "")).remove(0);
    assert!(page.status == 400 && !page.text.contains("[package]"), "{}", page.text);
    assert_eq!(admin.get(&format!("/identities/{}", "x".repeat(9_000))).status, 414);
}

#[test]
fn two_requests_never_hide_in_one() {
    let app = TestApp::start();
    let host = app.url.trim_start_matches("http://");
    let hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    for lines in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 4\r\nContent-Length: 40\r\n",
        "Content-Length: 4\r\nContent-Length: 4\r\n",
        "Content-Length: 4, 40\r\n",
        "Content-Length: +4\r\n",
        "Content-Length: -4\r\n",
        "Content-Length: 0x4\r\n",
        "Content-Length: 4 4\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length : 4\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity, chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding:\x0bchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: chunked\r\n folded: yes\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\n",
        "X: a\rTransfer-Encoding: chunked\r\n",
        "X: a\0b\r\n",
        "Host: other\r\n",
    ] {
        let bytes = format!("POST /sign-in HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n0\r\n\r\n{hidden}");
        let answers = app.raw(bytes.as_bytes());
        let statuses: Vec<u16> = answers.iter().map(|page| page.status).collect();
        assert_eq!(statuses, [400], "{lines:?}");
        fenced(&answers[0], lines);
    }
    let old = format!("POST /sign-in HTTP/1.0\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}");
    assert_eq!(app.raw(old.as_bytes()).iter().map(|page| page.status).collect::<Vec<_>>(), [400]);
    for chunk in ["fffffffffffffffff\r\n", "-1\r\n", "0x1\r\nx\r\n", "1;\0\r\nx\r\n", "2\r\nxxx\r\n", " \r\n"] {
        let bytes = format!(
            "POST /sign-in HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n{hidden}"
        );
        let answers = app.raw(bytes.as_bytes());
        assert!(!answers.is_empty() && answers.iter().all(|page| page.status >= 400), "{chunk:?}");
        answers.iter().for_each(|page| fenced(page, chunk));
    }
    assert_eq!(app.browser().get("/healthz").status, 200);
}

#[test]
fn only_our_own_names_are_answered() {
    let app = TestApp::start_told(|deployment| {
        "http://127.0.0.1:8080".clone_into(&mut deployment.base_url);
        deployment.access.hosts = vec!["muster.internal".parse().unwrap(), "other.example:8443".parse().unwrap()];
    });
    let ask = |target: &str, host: &str| {
        let line = if host.is_empty() { String::new() } else { format!("Host: {host}\r\n") };
        let version = if host.is_empty() { "1.0" } else { "1.1" };
        let bytes = format!("GET {target} HTTP/{version}\r\n{line}Connection: close\r\n\r\n");
        app.raw(bytes.as_bytes()).remove(0)
    };
    for host in
        ["127.0.0.1:8080", "localhost", "[::1]:9", "muster.internal", "muster.internal:99", "other.example:8443"]
    {
        assert_eq!(ask("/sign-in", host).status, 200, "{host}");
    }
    for host in [
        "evil.example",
        "127.0.0.1.evil.example",
        "muster.internal.evil.example",
        "muster.internal@evil.example",
        "muster.internal evil.example",
        "other.example",
        "other.example:443",
        "",
    ] {
        let page = ask("/sign-in", host);
        assert_eq!(page.status, 421, "{host}");
        assert!(page.text.contains("MUSTER_HOSTS") && !page.text.contains('<'), "{host}: {}", page.text);
        fenced(&page, host);
        assert_eq!(ask("/static/app.css", host).status, 421, "{host}");
        // Balancers know the server by its number.
        for probe in ["/healthz", "/readyz"] {
            let page = ask(probe, host);
            assert_eq!(page.status, 200, "{host} {probe}");
            fenced(&page, probe);
        }
    }
    // The whole address in the first line counts as well, and neither covers for the other.
    assert_eq!(ask("http://muster.internal/sign-in", "muster.internal").status, 200);
    assert_eq!(ask("http://evil.example/sign-in", "muster.internal").status, 421);
    assert_eq!(ask("http://muster.internal/sign-in", "evil.example").status, 421);
    let twice = "GET /sign-in HTTP/1.1\r\nHost: muster.internal\r\nHost: muster.internal\r\nConnection: close\r\n\r\n";
    assert_eq!(app.raw(twice.as_bytes())[0].status, 400);
}

#[test]
fn no_header_of_a_proxy_is_believed_without_one() {
    let forwarded = [
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=203.0.113.9;host=evil.example;proto=https"),
        ("x-real-ip", "203.0.113.9"),
        ("x-original-url", "/people"),
        ("x-rewrite-url", "/people"),
    ];
    for network in [None, Some("127.0.0.0/8")] {
        let app = TestApp::start_behind(NOW, network);
        let browser = app.sign_in(Role::Auditor);
        let page = browser.get_with("/identities", &forwarded);
        assert!(page.status == 200 && page.text.contains("<h1>Identities"), "{}", page.text);
        assert!(!page.text.contains("evil.example") && page.header("strict-transport-security").is_empty());
        assert_eq!(browser.get_with("/sign-in", &[("x-forwarded-host", "evil.example")]).status, 303);
    }
}

#[test]
fn the_address_of_a_session_is_the_clients_and_only_a_proxy_may_say_it() {
    for (network, headers, address) in [
        (None, &[("x-forwarded-for", "203.0.113.9")][..], "127.0.0.1"),
        (Some("127.0.0.0/8"), &[("x-forwarded-for", "198.51.100.1, 203.0.113.9")], "203.0.113.9"),
        (Some("127.0.0.0/8"), &[("x-forwarded-for", "203.0.113.9, 127.0.0.7")], "203.0.113.9"),
        (Some("127.0.0.0/8"), &[("x-forwarded-for", "2001:db8::7")], "2001:db8::7"),
        (Some("127.0.0.0/8"), &[("x-forwarded-for", "203.0.113.9, unknown")], "127.0.0.1"),
        (Some("127.0.0.0/8"), &[("forwarded", "for=203.0.113.9")], "127.0.0.1"),
    ] {
        let app = TestApp::start_behind(NOW, network);
        let (person, email) = app.account(Role::Auditor);
        let browser = app.browser();
        let form = browser.get("/sign-in");
        let fields = [("csrf", form.csrf()), ("email", email), ("password", crate::app::PASSWORD.to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(browser.post_bare("/sign-in", &fields, headers).status, 303);
        let mut db = app.register.database.read().unwrap();
        let sessions = muster::store::sessions::of(&mut db, person, app.register.now()).unwrap();
        assert_eq!(sessions[0].address, address, "{headers:?}");
    }
}
