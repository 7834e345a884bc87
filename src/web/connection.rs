//! What lies below requests: a connection that waits for nobody for ever, and whose every answer has
//! the fences, also where actix answers by itself because nothing came that is a request.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::fences::{FENCES, NOT_KEPT, ONLY_TLS};
use crate::config::Patience;

/// The longest answer that actix gives by itself.
const LONGEST_BARE: usize = 200;

/// How many requests of a connection are being answered: those for which the handlers or the body of
/// the answer are still at work.
#[derive(Debug, Clone, Default)]
pub struct Answering(Rc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    now: Cell<usize>,
    /// In all.
    begun: Cell<usize>,
}

impl Answering {
    /// One more, until what is returned is dropped.
    pub fn begin(&self) -> Turn {
        self.0.now.set(self.0.now.get() + 1);
        self.0.begun.set(self.0.begun.get().wrapping_add(1));
        Turn(self.0.clone())
    }

    fn is_idle(&self) -> bool {
        self.0.now.get() == 0
    }
}

/// One request that is being answered.
#[derive(Debug)]
pub struct Turn(Rc<Counts>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.now.set(self.0.now.get().saturating_sub(1));
    }
}

/// The body of an answer, which lasts as long as the request is being answered.
pub struct Lasting {
    body: BoxBody,
    _turn: Option<Turn>,
}

impl Lasting {
    pub fn new(body: BoxBody, turn: Option<Turn>) -> Self {
        Self { body, _turn: turn }
    }
}

impl MessageBody for Lasting {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

/// A connection.
pub struct Connection<T> {
    io: T,
    answering: Answering,
    patience: Patience,
    https: bool,
    /// Runs while something was read that is no whole request yet.
    head: Option<Pin<Box<Sleep>>>,
    /// Runs while nothing is read and nothing is answered.
    quiet: Option<Pin<Box<Sleep>>>,
    /// How many requests had begun when these two were last looked at.
    begun: usize,
    /// Runs while the other end takes nothing of an answer.
    reader: Option<Pin<Box<Sleep>>>,
    /// What is left of an answer that was put in place of a bare one, and the length of that one.
    instead: Option<(Vec<u8>, usize, usize)>,
}

impl<T> Connection<T> {
    pub fn new(io: T, patience: Patience, https: bool) -> Self {
        Self {
            io,
            answering: Answering::default(),
            patience,
            https,
            head: None,
            quiet: None,
            begun: 0,
            reader: None,
            instead: None,
        }
    }

    /// What requests of this connection count themselves with.
    pub fn answering(&self) -> Answering {
        self.answering.clone()
    }
}

impl<T: AsyncWrite + Unpin> Connection<T> {
    /// Whether a request is being answered. What waited for it waits no more.
    fn is_busy(&mut self) -> bool {
        let begun = self.answering.0.begun.get();
        let busy = !self.answering.is_idle();
        if busy || begun != self.begun {
            self.begun = begun;
            (self.head, self.quiet) = (None, None);
        }
        busy
    }

    /// Gives up when the other end has taken nothing for long.
    fn paced<R>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if outcome.is_ready() {
            self.reader = None;
            return outcome;
        }
        wait(&mut self.reader, self.patience.reader, cx)
    }

    fn write_instead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        while let Some((bytes, written, replaced)) = &mut self.instead {
            let rest = bytes.get(*written..).unwrap_or_default();
            if rest.is_empty() {
                let replaced = *replaced;
                self.instead = None;
                return Poll::Ready(Ok(replaced));
            }
            match ready!(Pin::new(&mut self.io).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                some => *written += some,
            }
        }
        Poll::Ready(Ok(0))
    }
}

/// Pending until the time is over, then an error.
fn wait<R>(timer: &mut Option<Pin<Box<Sleep>>>, longest: Duration, cx: &mut Context<'_>) -> Poll<io::Result<R>> {
    let timer = timer.get_or_insert_with(|| Box::pin(sleep(longest)));
    ready!(timer.as_mut().poll(cx));
    Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Connection<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut this.io).poll_read(cx, buffer);
        if this.is_busy() {
            return outcome;
        }
        match outcome {
            Poll::Ready(Ok(())) if buffer.filled().len() > before => {
                this.quiet = None;
                if this.head.is_none() {
                    this.head = Some(Box::pin(sleep(longer(this.patience.head))));
                }
                Poll::Ready(Ok(()))
            }
            Poll::Pending if this.head.is_some() => wait(&mut this.head, this.patience.head, cx),
            Poll::Pending => wait(&mut this.quiet, longer(this.patience.idle), cx),
            other => other,
        }
    }
}

/// Actix has limits of its own for the first head of a connection and between two requests, and says
/// something or closes in peace; so ours end a little later, for the cases that it does not see.
fn longer(limit: Duration) -> Duration {
    limit + limit / 5
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Connection<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.instead.is_none() && this.answering.is_idle() {
            match bare(buffer) {
                Some((0, status)) => this.instead = Some((dressed(&status, this.https), 0, buffer.len())),
                Some((start, _)) => {
                    let outcome = Pin::new(&mut this.io).poll_write(cx, buffer.get(..start).unwrap_or_default());
                    return this.paced(cx, outcome);
                }
                None => {}
            }
        }
        let outcome =
            if this.instead.is_some() { this.write_instead(cx) } else { Pin::new(&mut this.io).poll_write(cx, buffer) };
        this.paced(cx, outcome)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let outcome = Pin::new(&mut this.io).poll_flush(cx);
        ready!(this.paced(cx, outcome))?;
        // The last that happens before a connection is quiet: from here on somebody must speak.
        if !this.is_busy()
            && let Poll::Ready(Err(error)) = wait::<()>(&mut this.quiet, longer(this.patience.idle), cx)
        {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// Where an answer begins that has no header but its length and date, and its status line: what actix
/// says by itself, always last on a connection. Only looked for when no answer of ours is under way,
/// so that the text of a file is never taken for one.
fn bare(buffer: &[u8]) -> Option<(usize, String)> {
    if !buffer.ends_with(b"\r\n\r\n") {
        return None;
    }
    let from = buffer.len().saturating_sub(LONGEST_BARE);
    let tail = buffer.get(from..)?;
    let start = tail.windows(9).rposition(|window| window == b"HTTP/1.1 ")?;
    let head = std::str::from_utf8(tail.get(start..)?).ok()?;
    let mut lines = head.split("\r\n").filter(|line| !line.is_empty());
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?;
    let known = ["content-length: 0", "connection: ", "date: "];
    let is_bare = lines.all(|line| {
        let line = line.to_ascii_lowercase();
        known.iter().any(|known| line.starts_with(known))
    });
    (is_bare && status.starts_with(['4', '5'])).then(|| (from + start, status.to_owned()))
}

/// The same answer with the fences and a sentence.
fn dressed(status: &str, https: bool) -> Vec<u8> {
    let text = match status.get(..3) {
        Some("408") => "The request did not arrive in time. Send it again.\n",
        Some("431") => "The request has too many headers, or too long ones.\n",
        Some("400") => "This is not a request that can be read.\n",
        _ => "Something went wrong on our side.\n",
    };
    let request_id = uuid::Uuid::now_v7().simple().to_string();
    tracing::warn!(target: "security", event = "input_validation_fail", request_id, status, "no request");
    let mut out = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n\
         x-request-id: {request_id}\r\n",
        text.len()
    );
    let more = https.then_some(ONLY_TLS);
    for (name, value) in FENCES.iter().copied().chain([NOT_KEPT]).chain(more) {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    out.push_str("\r\n");
    out.push_str(text);
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: Mon, 23 Nov 2026 15:00:00 GMT\r\n\r\n";

    #[test]
    fn an_answer_without_headers_is_found_at_the_end_only() {
        assert_eq!(bare(BARE.as_bytes()), Some((0, "400 Bad Request".to_owned())));
        let after = format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-request-id: 1\r\n\r\nok{BARE}");
        assert_eq!(bare(after.as_bytes()).map(|(start, _)| start), Some(after.len() - BARE.len()));
        for ours in [
            "HTTP/1.1 303 See Other\r\ncontent-length: 0\r\nlocation: /\r\ndate: x\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nx-request-id: 1\r\ndate: x\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            &format!("{BARE}\r\n0\r\n\r\n"),
            &format!("{BARE}x"),
            "",
        ] {
            assert_eq!(bare(ours.as_bytes()), None, "{ours}");
        }
    }

    #[test]
    fn the_answer_in_its_place_has_every_fence() {
        let text = String::from_utf8(dressed("431 Request Header Fields Too Large", true)).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "{head}");
        for (name, value) in FENCES.iter().chain([&NOT_KEPT, &ONLY_TLS]) {
            assert!(head.contains(&format!("\r\n{name}: {value}")), "{name}");
        }
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
        assert!(!String::from_utf8(dressed("400 Bad Request", false)).unwrap().contains("strict-transport"));
    }
}
