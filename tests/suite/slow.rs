//! Clients that send or read a byte now and then: they are let go, and everybody else is served.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use muster::domain::people::Role;

use crate::app::{PASSWORD, TestApp, answers};
use crate::fences::{fenced, request};

const HALF_A_HEAD: &[u8] = b"GET /sign-in HTTP/1.1\r\nHost: x\r\nx: ";

/// A register that waits for nobody longer than half a second.
fn impatient() -> TestApp {
    TestApp::start_told(|deployment| {
        let patience = &mut deployment.access.patience;
        patience.head = Duration::from_millis(500);
        patience.body = Duration::from_millis(500);
        patience.reader = Duration::from_millis(500);
        patience.idle = Duration::from_secs(2);
    })
}

/// A form of which the rest never comes.
fn half_a_form(app: &TestApp) -> Vec<u8> {
    let lines = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n";
    request(app, "POST /sign-in", lines, "csrf=")
}

/// Whether the other end closed the connection, with or without a word.
fn is_closed(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

#[test]
fn a_form_that_does_not_come_is_told_so_and_its_connection_ends() {
    let app = impatient();
    let mut stream = app.connect();
    stream.write_all(&half_a_form(&app)).unwrap();
    let page = answers(&mut stream, 1).remove(0);
    assert_eq!(page.status, 408, "{}", page.text);
    fenced(&page, "half a form");
    assert!(page.shows("did not arrive in time"), "{}", page.readable());
    assert!(is_closed(&mut stream));
}

#[test]
fn a_form_that_comes_a_byte_at_a_time_gains_nothing_by_it() {
    let app = impatient();
    let mut stream = app.connect();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    stream.write_all(&half_a_form(&app)).unwrap();
    let begun = Instant::now();
    let mut first = [0_u8; 12];
    while begun.elapsed() < Duration::from_secs(30) {
        let _ = stream.write_all(b"x");
        if stream.peek(&mut first).is_ok_and(|length| length == first.len()) {
            break;
        }
    }
    assert_eq!(&first, b"HTTP/1.1 408");
}

#[test]
fn an_upload_that_stands_still_is_told_so() {
    let app = impatient();
    let admin = app.sign_in(Role::Administrator);
    let token = admin.token("/");
    let cookie = admin.cookie();
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--b\r\nContent-Disposition: form-data; \
         name=\"file\"; filename=\"x\"\r\n\r\nhalf"
    );
    let lines =
        format!("Cookie: {cookie}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n");
    let mut stream = app.connect();
    stream.write_all(&request(&app, "POST /imports/new", &lines, &body)).unwrap();
    let page = answers(&mut stream, 1).remove(0);
    assert_eq!(page.status, 408, "{}", page.text);
    assert!(is_closed(&mut stream));
}

#[test]
fn the_second_head_of_a_connection_must_come_in_time_too() {
    let app = impatient();
    let host = app.url.trim_start_matches("http://").to_owned();
    let mut stream = app.connect();
    for _ in 0..2 {
        stream.write_all(format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).unwrap();
        assert_eq!(answers(&mut stream, 1)[0].status, 200);
    }
    stream.write_all(HALF_A_HEAD).unwrap();
    assert!(is_closed(&mut stream));
}

#[test]
fn a_body_that_nobody_asked_for_holds_no_connection() {
    let app = impatient();
    let host = app.url.trim_start_matches("http://").to_owned();
    let paths = ["/healthz", "/sign-in", "/static/app.css"];
    for (path, kind) in
        paths.iter().flat_map(|path| [(path, "Content-Length: 100000"), (path, "Transfer-Encoding: chunked")])
    {
        let mut stream = app.connect();
        let bytes = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{kind}\r\n\r\n5\r\nx");
        stream.write_all(bytes.as_bytes()).unwrap();
        assert!(is_closed(&mut stream), "{path} {kind}");
    }
}

#[test]
fn whoever_does_not_read_is_let_go() {
    let app = impatient();
    let host = app.url.trim_start_matches("http://").to_owned();
    // Asked before the crowd: afterwards the answer may be that there is one.
    let style = app.browser().get("/static/app.css");
    assert_eq!(style.status, 200, "{}", style.text);
    let size = style.text.len();
    let mut stream = app.connect();
    // More than the buffers between the two ends hold.
    let one = format!("GET /static/app.css HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let asked = 1_000;
    let _ = stream.write_all(one.repeat(asked).as_bytes());
    // Others that wait for as long, one after the other, tell when the time is over.
    for _ in 0..4 {
        let mut clock = app.connect();
        clock.write_all(HALF_A_HEAD).unwrap();
        assert!(is_closed(&mut clock));
    }
    let mut read = Vec::new();
    let _ = stream.read_to_end(&mut read);
    assert!(
        read.len() < asked * size / 2,
        "{} bytes of {} were sent to somebody who read none",
        read.len(),
        asked * size
    );
}

#[test]
fn five_hundred_slow_clients_keep_nobody_waiting() {
    let app = TestApp::start_told(|deployment| {
        deployment.access.patience.head = Duration::from_secs(10);
        deployment.access.patience.body = Duration::from_secs(10);
    });
    let (_, email) = app.account(Role::Auditor);
    let form = half_a_form(&app);
    let mut slow: Vec<TcpStream> = (0..500)
        .map(|number| {
            let mut stream = app.connect();
            stream.write_all(if number % 2 == 0 { HALF_A_HEAD } else { &form }).unwrap();
            stream
        })
        .collect();
    let browser = app.browser();
    assert_eq!(browser.post("/sign-in", &[("email", &email), ("password", PASSWORD)]).status, 303);
    for stream in &mut slow {
        stream.write_all(b"x").unwrap();
        assert_eq!(browser.get("/identities").status, 200);
    }
    for stream in &mut slow {
        assert!(is_closed(stream));
    }
    assert_eq!(browser.get("/readyz").status, 200);
}
