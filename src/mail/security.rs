//! A notice of one change to somebody's ways to sign in: what changed, when, by whom, from where, and what to
//! do if it was not they. Nothing in it decides anything, and it has one address only: that of the register.

use askama::Template;
use lettre::Message;

use super::digest::{DigestError, compose};
use crate::domain::ids::Moment;

/// A notice, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityMail {
    pub recipient_name: String,
    pub recipient_email: String,
    /// What the register calls itself.
    pub register_name: String,
    pub from: String,
    pub help: String,
    pub base_url: String,
    /// What happened, without a full stop: "Your password was changed".
    pub what: String,
    /// "23 Nov 2026, 09:00 CST".
    pub when: String,
    pub by: String,
    /// The network address, in words where it is not known.
    pub address: String,
    /// What to do if it was not they.
    pub advice: &'static str,
    /// Why they get it.
    pub why_you: &'static str,
    pub now: Moment,
    pub message_id: String,
}

#[derive(Template)]
#[template(path = "mail/security.txt")]
struct Text<'a> {
    mail: &'a SecurityMail,
}

#[derive(Template)]
#[template(path = "mail/security.html")]
struct Html<'a> {
    mail: &'a SecurityMail,
}

impl SecurityMail {
    /// The subject says what happened, and nothing about from where.
    pub fn subject(&self) -> String {
        self.what.clone()
    }

    /// The text form, as it leaves.
    pub fn text(&self) -> Result<String, DigestError> {
        Text { mail: self }.render().map_err(|error| DigestError::Unwritable(error.to_string()))
    }

    /// The message as it leaves, text and HTML.
    pub fn message(&self) -> Result<Message, DigestError> {
        let html = Html { mail: self }.render().map_err(|error| DigestError::Unwritable(error.to_string()))?;
        let to = (self.recipient_name.as_str(), self.recipient_email.as_str());
        compose(&self.from, to, self.subject(), self.now, &self.message_id, self.text()?, html)
    }
}
