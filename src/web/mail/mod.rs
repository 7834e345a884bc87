//! The outbox: what was sent to whom, and what waits. What a mail says is not kept.

pub mod again;
pub mod message;

use actix_web::{HttpRequest, web};
use askama::Template;
use serde_json::json;

use crate::actions::{Register, dead_letters};
use crate::domain::listing::{From, PAGE_SIZE, Page};
use crate::domain::notices::{MailFault, MailState};
use crate::domain::permissions::Permission;
use crate::store::outbox_list::{self, MailLine};
use crate::store::types::Doc;
use crate::web::asked::{Asked, FaultLine, Faults};
use crate::web::export::{CHUNK, Export, Form};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, paging, read, show};
use again::{DONE, Together};

#[derive(Template)]
#[template(path = "mail/list.html")]
struct MailList {
    frame: Frame,
    /// What in the link cannot be followed; then there are no rows.
    faults: Vec<FaultLine>,
    rows: Vec<Row>,
    views: Vec<(String, &'static str, bool)>,
    first: String,
    previous: String,
    next: String,
    query: String,
    filtered: bool,
    /// Whether the rows are mail that could not be sent: then each says what to do.
    dead: bool,
    /// Whether the rows are mail that may have arrived.
    uncertain: bool,
    /// What is tried again with one press; none where nothing is, or not by this reader.
    together: Option<Together>,
}

struct Row {
    href: String,
    person_href: String,
    /// What a notice is about; empty for other mail.
    subject: String,
    name: String,
    email: String,
    about: &'static str,
    day: String,
    tag: &'static str,
    state: &'static str,
    attempts: String,
    when_machine: String,
    verb: &'static str,
    when: String,
    error: String,
    /// What it failed at, in words; empty where it did not fail.
    fault: &'static str,
    /// Whether another address may help: all that is known does not say that the server was at fault.
    at_address: bool,
}

/// Reads what a link asks for.
fn filter(fields: &Fields) -> (Option<MailState>, Faults) {
    let mut asked = Asked::of(fields);
    let state = asked.value("state", "State");
    (state, asked.finish())
}

/// GET /mail
pub async fn list(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let (state, faults) = filter(&fields);
    let bare = paging::without_place(&fields);
    let Some(from) = paging::from(&fields, |_| true) else { return paging::restart("/mail", &bare) };
    let (asked, follows) = (from.clone(), faults.is_empty());
    let keeps = viewer.may(Permission::KeepRegister) && viewer.token.is_none();
    let (found, given_up) = read(&register, move |db| {
        if !follows {
            return Ok((Page::default(), None));
        }
        let rows = outbox_list::lines(db, state, &asked, PAGE_SIZE + 1)?;
        let offered = keeps && state == Some(MailState::Dead);
        let given_up = if offered { Some(dead_letters::given_up(db)?) } else { None };
        Ok((Page::of(rows, &asked), given_up))
    })
    .await?;
    if follows && paging::is_behind(&found, &from) {
        return paging::restart("/mail", &bare);
    }
    let link = |name: &str, line: Option<&MailLine>, more: bool| match line {
        Some(line) if more => format!("/mail{}", bare.with(name, &line.cursor().to_text()).to_query()),
        _ => String::new(),
    };
    let frame = paging::framed(Frame::new(&register, &viewer, "/mail", "Mail").wide(), &fields)
        .with_error(!faults.is_empty())
        .with_done(fields.raw("done"), DONE);
    let views = std::iter::once(("/mail".to_owned(), "All", follows && state.is_none()))
        .chain(
            MailState::ALL.iter().map(|one| (format!("/mail?state={}", one.word()), one.label(), state == Some(*one))),
        )
        .collect();
    page_with(
        faults.status(),
        &MailList {
            faults: faults.lines("/mail", &bare),
            rows: found.rows.iter().map(|line| row(line, frame.tz)).collect(),
            views,
            first: if found.more_before { format!("/mail{}", bare.to_query()) } else { String::new() },
            previous: link("before", found.rows.first(), found.more_before),
            next: link("after", found.rows.last(), found.more_after),
            query: bare.to_query(),
            filtered: state.is_some(),
            dead: state == Some(MailState::Dead),
            uncertain: state == Some(MailState::Uncertain),
            together: given_up.as_ref().and_then(Together::of),
            frame,
        },
    )
}

fn row(line: &MailLine, tz: chrono_tz::Tz) -> Row {
    let mail = &line.mail;
    let when = mail.sent_at.unwrap_or(mail.next_at);
    Row {
        href: format!("/mail/{}", mail.id),
        person_href: format!("/people/{}", mail.recipient_id),
        subject: mail.notice.as_ref().map(|Doc(notice)| notice.subject.clone()).unwrap_or_default(),
        name: line.recipient_name.clone(),
        email: line.recipient_email.clone(),
        about: mail.kind.label(),
        day: show::date(mail.digest_on),
        tag: tag(mail.state),
        state: mail.state.label(),
        attempts: mail.attempts.to_string(),
        when_machine: when.to_text(),
        verb: if mail.state == MailState::Pending { "Leaves" } else { "" },
        when: show::moment(when, tz),
        error: mail.error.clone().unwrap_or_default(),
        fault: mail.fault.map(MailFault::label).unwrap_or_default(),
        at_address: mail.fault != Some(MailFault::Server),
    }
}

/// The kind of a state's tag.
fn tag(state: MailState) -> &'static str {
    match state {
        MailState::Sent => "ok",
        MailState::Pending | MailState::Sending => "info",
        MailState::Uncertain => "warn",
        MailState::Dead => "bad",
        MailState::Empty => "plain",
    }
}

/// GET /mail.csv
pub async fn csv(register: web::Data<Register>, request: HttpRequest) -> Answer {
    send(&register, &request, Form::Csv).await
}

/// GET /mail.jsonl
pub async fn json_lines(register: web::Data<Register>, request: HttpRequest) -> Answer {
    send(&register, &request, Form::JsonLines).await
}

const COLUMNS: &[&str] = &[
    "id",
    "kind",
    "recipient_id",
    "recipient",
    "email",
    "digest_on",
    "state",
    "attempts",
    "next_at",
    "sent_at",
    "message_id",
    "error",
    "created_at",
    "subject",
    "retries",
    "retried_at",
    "retried_by",
    "failed_at",
];

async fn send(register: &web::Data<Register>, request: &HttpRequest, form: Form) -> Answer {
    let fields = Fields::of_query(request);
    let (state, faults) = filter(&fields);
    if let Some(refusal) = faults.refuse_export(&fields) {
        return Ok(refusal);
    }
    let mut from = Some(From::Start);
    Export { name: "mail", columns: COLUMNS, form }
        .stream(register, move |db| {
            let Some(place) = from.take() else { return Ok(Vec::new()) };
            let lines = outbox_list::lines(db, state, &place, CHUNK)?;
            from = lines.last().map(|line| From::After(line.cursor()));
            Ok(lines
                .iter()
                .map(|line| {
                    let mail = &line.mail;
                    vec![
                        json!(mail.id),
                        json!(mail.kind),
                        json!(mail.recipient_id),
                        json!(line.recipient_name),
                        json!(line.recipient_email),
                        json!(mail.digest_on),
                        json!(mail.state),
                        json!(mail.attempts),
                        json!(mail.next_at),
                        json!(mail.sent_at),
                        json!(mail.message_id),
                        json!(mail.error),
                        json!(mail.created_at),
                        json!(mail.notice.as_ref().map(|Doc(notice)| &notice.subject)),
                        json!(mail.retries),
                        json!(mail.retried_at),
                        json!(mail.retried_by),
                        json!(mail.fault),
                    ]
                })
                .collect())
        })
        .await
}
