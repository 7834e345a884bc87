//! A notice: one plain mail about one thing. Nothing in it decides anything; its link opens a page that asks
//! for a sign-in.

use askama::Template;
use lettre::Message;

use super::digest::{DigestError, compose};
use crate::domain::ids::Moment;
use crate::domain::notices::Notice;

/// A notice, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeMail {
    pub recipient_name: String,
    pub recipient_email: String,
    /// What the register calls itself.
    pub register_name: String,
    pub from: String,
    pub help: String,
    pub base_url: String,
    pub notice: Notice,
    pub now: Moment,
    pub message_id: String,
}

#[derive(Template)]
#[template(path = "mail/notice.txt")]
struct Text<'a> {
    mail: &'a NoticeMail,
}

#[derive(Template)]
#[template(path = "mail/notice.html")]
struct Html<'a> {
    mail: &'a NoticeMail,
}

impl NoticeMail {
    pub fn subject(&self) -> String {
        self.notice.subject.clone()
    }

    /// Where its reader goes on.
    fn link(&self) -> String {
        format!("{}{}", self.base_url, self.notice.path)
    }

    /// The section of the register that the link leads into, as its navigation names it; empty where it has none.
    fn section(&self) -> &'static str {
        match self.notice.path.split(['/', '?', '#']).nth(1) {
            Some("tasks") => "Tasks",
            Some("identities") => "Identities",
            Some("requests") => "Requests",
            Some("reviews") => "Reviews",
            Some("campaigns") => "Campaigns",
            _ => "",
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(path: &str, if_nothing: &str) -> NoticeMail {
        NoticeMail {
            recipient_name: "Dana <Okafor>".to_owned(),
            recipient_email: "dana@hospital.example".to_owned(),
            register_name: "Muster".to_owned(),
            from: "Muster <muster@hospital.example>".to_owned(),
            help: "the help desk, extension 4417".to_owned(),
            base_url: "https://muster.example".to_owned(),
            notice: Notice {
                subject: "1 review is due tomorrow, Tue 24 Nov".to_owned(),
                lines: vec!["Bulk Export <Registry> waits.".to_owned(), "You are its business owner.".to_owned()],
                path: path.to_owned(),
                link_words: "Answer the review".to_owned(),
                if_nothing: if_nothing.to_owned(),
                gathered: None,
            },
            now: Moment::parse("2026-11-23T15:00:00Z").unwrap(),
            message_id: "abc@muster".to_owned(),
        }
    }

    #[test]
    fn it_says_what_and_why_with_one_link_and_how_to_do_without() {
        let text = mail("/tasks/7", "It is suspended on 1 Dec.").text().unwrap();
        assert_eq!(
            text.trim_end(),
            "Hello Dana <Okafor>,\n\n\
             Bulk Export <Registry> waits.\n\
             You are its business owner.\n\n\
             Answer the review: https://muster.example/tasks/7\n\n\
             If you do nothing: It is suspended on 1 Dec.\n\n\
             You need not use the link: open https://muster.example as you always do, sign in, and choose Tasks. No \
             link in this mail decides anything, and we never ask for a password by mail.\n\n\
             Questions: the help desk, extension 4417\n\n\
             Muster, the register of apps and service accounts that can reach patient data, sent this to you alone, \
             about this one thing."
        );
    }

    #[test]
    fn it_says_nothing_of_doing_nothing_when_nothing_is_expected() {
        let text = mail("/elsewhere", "").text().unwrap();
        assert!(!text.contains("If you do nothing"), "{text}");
        assert!(text.contains("open https://muster.example as you always do and sign in. No link"), "{text}");
    }

    #[test]
    fn its_html_shows_markup_as_text_and_has_one_link() {
        let mail = mail("/requests/7?a=1", "It ends.");
        let html = Html { mail: &mail }.render().unwrap();
        assert!(html.contains("Bulk Export &#60;Registry&#62; waits."), "{html}");
        assert_eq!(html.matches("href").count(), 1, "{html}");
        assert!(html.contains("choose Requests") && !html.contains("<img"), "{html}");
    }
}
