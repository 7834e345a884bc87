//! One mail: whom it is for, how far it has come, and what it would say if it left now.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::dead_letters::{self, TWICE};
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::ids::Id;
use crate::domain::notices::{MailFault, MailKind, MailState};
use crate::jobs::letters::{Preview, preview, said};
use crate::store::digest_lines::{self, DigestLine};
use crate::store::outbox_list::{self, MailLine};
use crate::store::people;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::identities::id;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other, show};

#[derive(Template)]
#[template(path = "mail/message.html")]
struct MessagePage {
    frame: Frame,
    line: MailLine,
    /// What it would say now, or what it said where that is kept.
    preview: Option<Preview>,
    /// What a digest tells about reviews, which is kept: link, name, and what is told.
    about_reviews: Vec<(String, String, String)>,
    /// Who last had it tried again; empty when nobody did.
    retried_by: String,
    errors: Errors,
}

const DONE: &[(&str, &str)] = &[("again", "It is tried again within minutes, under the same Message-ID.")];

/// GET /mail/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let done = Fields::of_query(&request);
    render(&register, &viewer, id(&request)?, Vec::new(), done.raw("done")).await
}

/// POST /mail/{id}/retry
pub async fn retry(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by) = (id(&request)?, viewer.by()?);
    let twice = fields.is_set(TWICE);
    match act(&register, move |register| dead_letters::retry(register, &by, id, twice)).await? {
        Ok(()) => see_other(format!("/mail/{id}?done=again")),
        Err(ActionError::Invalid(errors)) => render(&register, &viewer, id, errors, "").await,
        Err(other) => Err(other.into()),
    }
}

async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    errors: Vec<FieldError>,
    done: &str,
) -> Answer {
    let (now, known) = (viewer.now, register.clone());
    let (line, preview, about_reviews, retried_by) = read(register, move |db| {
        let line = outbox_list::find(db, id)?;
        let preview = if line.mail.waits() { Some(preview(db, &known, now, &line.mail)?) } else { said(&line.mail) };
        let retried_by = line.mail.retried_by.map(|person| people::find(db, person)).transpose()?;
        let about_reviews = digest_lines::of_mail(db, id)?.into_iter().map(told).collect();
        Ok((line, preview, about_reviews, retried_by))
    })
    .await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = Frame::new(register, viewer, "/mail", format!("Mail to {}", line.recipient_name))
        .with_error(!errors.is_empty())
        .with_done(if line.mail.waits() { done } else { "" }, DONE);
    page_with(
        status,
        &MessagePage {
            retried_by: retried_by.map(|person| person.name).unwrap_or_default(),
            frame,
            line,
            preview,
            about_reviews,
            errors: Errors(errors),
        },
    )
}

fn told((line, name): (DigestLine, String)) -> (String, String, String) {
    let says = if line.says.is_empty() { String::new() } else { format!(" {}", line.says) };
    (format!("/reviews/{}", line.review_id), name, format!("{}.{says}", line.kind.label()))
}

impl MessagePage {
    fn tag(&self) -> &'static str {
        super::tag(self.line.mail.state)
    }

    fn is_digest(&self) -> bool {
        self.line.mail.kind == MailKind::Digest
    }

    fn is_dead(&self) -> bool {
        self.line.mail.state == MailState::Dead
    }

    /// Whether it was the mail server that failed, and not the address.
    fn failed_at_server(&self) -> bool {
        self.line.mail.fault == Some(MailFault::Server)
    }

    /// Whether it may have arrived and is not sent again by itself.
    fn is_in_doubt(&self) -> bool {
        self.line.mail.state == MailState::Uncertain && !self.line.mail.waits()
    }

    /// "2 times, last on 23 Nov 2026, 09:00 CST by Dana Okafor".
    fn retried(&self) -> String {
        let mail = &self.line.mail;
        let times = if mail.retries == 1 { "Once".to_owned() } else { format!("{} times, last", mail.retries) };
        let at = mail.retried_at.map(|at| show::moment(at, self.frame.tz)).unwrap_or_default();
        format!("{times} on {at} by {}", self.retried_by)
    }

    fn day(&self) -> String {
        show::date(self.line.mail.digest_on)
    }

    fn when(&self) -> String {
        let mail = &self.line.mail;
        match mail.sent_at {
            Some(at) => format!("Sent {}", show::moment(at, self.frame.tz)),
            None if mail.waits() => format!("Leaves {}", show::moment(mail.next_at, self.frame.tz)),
            None if self.is_in_doubt() => "Nobody knows whether it arrived".to_owned(),
            None => "It did not leave".to_owned(),
        }
    }

    fn now(&self) -> String {
        show::moment(self.frame.now, self.frame.tz)
    }
}
