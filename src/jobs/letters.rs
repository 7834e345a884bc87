//! What a mail says: written when it leaves, or looked at before.

use super::{daily_digest, notice, security_notice};
use crate::actions::Register;
use crate::domain::ids::Moment;
use crate::domain::notices::{MailKind, Notice};
use crate::domain::people::has_left;
use crate::mail::{Digest, DigestError, Message, NoticeMail, SecurityMail};
use crate::store::outbox::Mail;
use crate::store::types::Doc;
use crate::store::{Db, StoreError, people};

/// What a mail would say if it left now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preview {
    /// The subject and the text.
    Says { subject: String, text: String },
    /// Nothing would be sent, and why.
    Nothing(&'static str),
    /// What a notice said that has ended, which is kept: its subject, its lines and where its link led.
    Said { subject: String, lines: Vec<String>, path: String },
}

/// Writes a mail as if it left now, and sends nothing.
pub fn preview(db: &mut Db, register: &Register, now: Moment, mail: &Mail) -> Result<Preview, StoreError> {
    Ok(match write(db, register, now, mail)? {
        Err(why) => Preview::Nothing(why),
        Ok(letter) => match letter.text() {
            Ok(text) => Preview::Says { subject: letter.subject(), text },
            Err(_) => Preview::Nothing("it cannot be written"),
        },
    })
}

/// What a mail said that has ended, where that is kept.
pub fn said(mail: &Mail) -> Option<Preview> {
    let Doc(Notice { subject, lines, path, .. }) = mail.notice.clone()?;
    Some(Preview::Said { subject, lines, path })
}

/// Whether mail can be sent in that name; a sentence that says what to do when it cannot.
pub fn check_sender(text: &str) -> Result<(), String> {
    crate::mail::check_sender(text).map_err(|error| error.to_string())
}

/// What is written for a mail.
#[derive(Debug)]
pub enum Letter {
    Digest(Digest),
    Security(SecurityMail),
    Notice(NoticeMail),
}

impl Letter {
    fn subject(&self) -> String {
        match self {
            Self::Digest(digest) => digest.subject(),
            Self::Security(security) => security.subject(),
            Self::Notice(notice) => notice.subject(),
        }
    }

    fn text(&self) -> Result<String, DigestError> {
        match self {
            Self::Digest(digest) => digest.text(),
            Self::Security(security) => security.text(),
            Self::Notice(notice) => notice.text(),
        }
    }

    /// The message as it leaves.
    pub fn message(&self) -> Result<Message, DigestError> {
        match self {
            Self::Digest(digest) => digest.message(),
            Self::Security(security) => security.message(),
            Self::Notice(notice) => notice.message(),
        }
    }
}

/// A mail as it is at this moment, or why there is nothing to say.
pub fn write(
    db: &mut Db,
    register: &Register,
    now: Moment,
    mail: &Mail,
) -> Result<Result<Letter, &'static str>, StoreError> {
    let person = people::find(db, mail.recipient_id)?;
    let today = register.day(now);
    if has_left(person.left_on, today) {
        return Ok(Err("the person has left"));
    }
    let id = &mail.message_id;
    Ok(match mail.kind {
        MailKind::Digest => daily_digest::write(db, register, now, person, mail)?.map(Letter::Digest),
        MailKind::Security => match &mail.told {
            Some(Doc(told)) => Ok(Letter::Security(security_notice::write(db, register, now, person, told, id)?)),
            None => Err("what it told is no longer known"),
        },
        MailKind::Notice => match &mail.notice {
            Some(Doc(said)) => Ok(Letter::Notice(notice::write(register, now, person, said, id))),
            None => Err("what it said is no longer known"),
        },
    })
}
