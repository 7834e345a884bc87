//! One mail: whom it is for, how far it has come, and what it would say if it left now.

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::Register;
use crate::domain::notices::MailKind;
use crate::jobs::letters::{Preview, preview, said};
use crate::store::outbox::{self, MailLine};
use crate::web::frame::Frame;
use crate::web::identities::id;
use crate::web::session::Viewer;
use crate::web::{Answer, page, read, show};

#[derive(Template)]
#[template(path = "mail/message.html")]
struct MessagePage {
    frame: Frame,
    line: MailLine,
    /// What it would say now, or what it said where that is kept.
    preview: Option<Preview>,
}

/// GET /mail/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let (id, now, known) = (id(&request)?, viewer.now, register.clone());
    let (line, preview) = read(&register, move |db| {
        let line = outbox::find(db, id)?;
        let preview = if line.mail.waits() { Some(preview(db, &known, now, &line.mail)?) } else { said(&line.mail) };
        Ok((line, preview))
    })
    .await?;
    let frame = Frame::new(&register, &viewer, "/jobs", format!("Mail to {}", line.recipient_name));
    page(&MessagePage { frame, line, preview })
}

impl MessagePage {
    fn tag(&self) -> &'static str {
        super::tag(self.line.mail.state)
    }

    fn is_digest(&self) -> bool {
        self.line.mail.kind == MailKind::Digest
    }

    fn day(&self) -> String {
        show::date(self.line.mail.digest_on)
    }

    fn when(&self) -> String {
        let mail = &self.line.mail;
        match mail.sent_at {
            Some(at) => format!("Sent {}", show::moment(at, self.frame.tz)),
            None if mail.waits() => format!("Leaves {}", show::moment(mail.next_at, self.frame.tz)),
            None => "It did not leave".to_owned(),
        }
    }

    fn now(&self) -> String {
        show::moment(self.frame.now, self.frame.tz)
    }
}
