use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use super::*;

fn sender(port: u16) -> Sender {
    Sender::new(&Smtp {
        host: "127.0.0.1".to_owned(),
        port,
        security: SmtpSecurity::Plain,
        root_certificate: None,
        user: None,
        password: None,
        timeout: Duration::from_secs(1),
    })
    .unwrap()
}

fn message() -> Message {
    Message::builder()
        .from("a@hospital.example".parse().unwrap())
        .to("b@hospital.example".parse().unwrap())
        .body("x".to_owned())
        .unwrap()
}

/// A server of one connection that answers each line as the function says; `None` breaks the connection off, and
/// an empty text answers nothing. Joining it answers the lines that it read.
fn server(answer: fn(&str) -> Option<&'static str>) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        serve(stream, answer)
    });
    (port, served)
}

fn serve(mut stream: TcpStream, answer: fn(&str) -> Option<&'static str>) -> Vec<String> {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut read = Vec::new();
    let mut said = answer("CONNECT");
    loop {
        match said {
            None => return read,
            Some("") => {}
            Some(text) => stream.write_all(format!("{text}\r\n").as_bytes()).unwrap(),
        }
        let Some(Ok(line)) = lines.next() else { return read };
        let in_text = read.iter().any(|line: &String| line == "DATA") && !read.iter().any(|line| line == ".");
        said = if in_text && line != "." { Some("") } else { answer(&line) };
        read.push(line);
    }
}

/// What every server says that takes mail.
fn takes(line: &str) -> Option<&'static str> {
    Some(match line.split(' ').next().unwrap() {
        "CONNECT" => "220 here",
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "250 fine",
    })
}

/// How a delivery ends where `answer` stands in place of the answer to one line.
fn delivered(answer: fn(&str) -> Option<&'static str>) -> (Result<(), DeliveryError>, Vec<String>) {
    let (port, served) = server(answer);
    let mut sender = sender(port);
    let outcome = sender.deliver(&message());
    sender.close();
    (outcome, served.join().unwrap())
}

#[test]
fn what_is_taken_is_sent_and_the_server_is_left_politely() {
    let (outcome, read) = delivered(takes);
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(read.last().unwrap(), "QUIT");
}

#[test]
fn a_connection_is_kept_for_the_next_mail() {
    let (port, served) = server(|line| if line == "." { Some("250 taken") } else { takes(line) });
    let mut sender = sender(port);
    sender.deliver(&message()).unwrap();
    assert!(sender.kept.is_some());
    drop(sender);
    served.join().unwrap();
}

#[test]
fn a_server_that_is_not_there_is_tried_again() {
    // Nothing listens on port 1 of this machine.
    let outcome = sender(1).deliver(&message());
    assert!(matches!(outcome, Err(DeliveryError::Failed(_))), "{outcome:?}");
}

#[test]
fn what_breaks_off_before_the_text_has_certainly_sent_nothing() {
    for answer in [
        |line: &str| if line == "CONNECT" { None } else { takes(line) },
        |line: &str| if line.starts_with("MAIL") { None } else { takes(line) },
        |line: &str| if line.starts_with("RCPT") { None } else { takes(line) },
        |line: &str| if line == "DATA" { None } else { takes(line) },
        |line: &str| if line == "DATA" { Some("451 later") } else { takes(line) },
        |line: &str| if line == "." { Some("452 full") } else { takes(line) },
        // The sender is wrong, and no recipient.
        |line: &str| if line.starts_with("MAIL") { Some("553 not yours") } else { takes(line) },
    ] {
        let (outcome, _) = delivered(answer);
        assert!(matches!(outcome, Err(DeliveryError::Failed(_))), "{outcome:?}");
    }
}

#[test]
fn a_recipient_that_is_refused_is_refused() {
    let (outcome, read) = delivered(|line| if line.starts_with("RCPT") { Some("550 no such") } else { takes(line) });
    assert!(matches!(outcome, Err(DeliveryError::Refused(_))), "{outcome:?}");
    assert_eq!(read.last().unwrap(), "QUIT");
}

#[test]
fn what_breaks_off_after_the_text_may_have_arrived() {
    let (outcome, read) = delivered(|line| if line == "." { None } else { takes(line) });
    assert!(matches!(outcome, Err(DeliveryError::Uncertain(_))), "{outcome:?}");
    assert_eq!(read.last().unwrap(), ".");
}

#[test]
fn a_server_that_never_answers_is_left_alone_within_the_bound() {
    let begun = Instant::now();
    let (outcome, _) = delivered(|_| Some(""));
    assert!(matches!(outcome, Err(DeliveryError::Failed(_))), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    let begun = Instant::now();
    let (outcome, _) = delivered(|line| if line == "." { Some("") } else { takes(line) });
    assert!(matches!(outcome, Err(DeliveryError::Uncertain(_))), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(12), "eight seconds at one second an answer: {:?}", begun.elapsed());
}

#[test]
fn a_server_that_answers_a_letter_at_a_time_is_cut_off() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let dripping = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        while stream.write_all(b"2").is_ok() {
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let begun = Instant::now();
    let outcome = sender(port).deliver(&message());
    assert!(matches!(outcome, Err(DeliveryError::Failed(_))), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    dripping.join().unwrap();
}
