//! The daily digest: everything that waits for one person, in one mail.
//!
//! It is plain: no image, nothing that counts who reads, no link that decides anything, no scope and no
//! secret. The subject says what is asked: how much, and until when or how much of it is overdue; where nothing is asked
//! it names what happened to the first review.

use askama::Template;
use chrono::NaiveDate;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use super::digest_reviews::{DigestReview, subject_of};
use crate::domain::ids::Moment;

/// One thing that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestItem {
    /// What to do, starting with a verb.
    pub title: String,
    /// What it is about: "SMART app in production".
    pub about: String,
    /// Why, in a sentence or two.
    pub reason: String,
    pub due_on: NaiveDate,
    /// Where it is answered, after signing in.
    pub link: String,
    /// What happens when nobody answers.
    pub silence: &'static str,
    /// Why they: "You are its business owner."
    pub why_you: &'static str,
}

/// Something that moved of what somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestNews {
    /// "R-17 about Discharge Planner: approved, until 31 Mar 2027".
    pub text: String,
    pub link: String,
}

/// A digest, ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    pub recipient_name: String,
    pub recipient_email: String,
    /// What the register calls itself.
    pub register_name: String,
    pub from: String,
    pub help: String,
    pub base_url: String,
    /// What waits, the earliest due date first; at most a page of it.
    pub items: Vec<DigestItem>,
    /// What moved of what they asked for, since the last mail.
    pub news: Vec<DigestNews>,
    /// How many wait in all.
    pub total: i64,
    /// How many of them are past their day.
    pub overdue: i64,
    /// Whether all of them are reviews.
    pub only_reviews: bool,
    /// The earliest day by which one of them is due.
    pub first_due: Option<NaiveDate>,
    pub minutes: i64,
    /// What is told about reviews, the most urgent first.
    pub reviews: Vec<DigestReview>,
    /// How many of what waits are named among the reviews, and so not once more.
    pub told: i64,
    /// The day on which it is read.
    pub today: NaiveDate,
    pub now: Moment,
    pub message_id: String,
}

/// Why a message could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DigestError {
    #[error("the address {0} cannot be used in a mail; correct it")]
    Address(String),
    #[error("the sender {0} cannot be used in a mail; correct MUSTER_MAIL_FROM")]
    Sender(String),
    #[error("the mail could not be written: {0}")]
    Unwritable(String),
}

#[derive(Template)]
#[template(path = "mail/digest.txt")]
struct Text<'a> {
    digest: &'a Digest,
}

#[derive(Template)]
#[template(path = "mail/digest.html")]
struct Html<'a> {
    digest: &'a Digest,
}

impl Digest {
    /// What the section about reviews says of one of them.
    fn sentence(&self, review: &DigestReview) -> String {
        review.sentence(self.today)
    }

    /// The day of an item's deadline: "Answer by Fri 8 May 2026", or "Overdue since Fri 8 May 2026".
    fn deadline(&self, item: &DigestItem) -> String {
        let words = if item.due_on < self.today { "Overdue since" } else { "Answer by" };
        format!("{words} {}", item.due_on.format("%a %-d %b %Y"))
    }

    /// What is told about reviews that their reader is asked about.
    fn asked(&self) -> Vec<&DigestReview> {
        self.reviews.iter().filter(|review| review.due_on.is_some()).collect()
    }

    /// What is told about others: nothing is asked of their reader there.
    fn told_besides(&self) -> Vec<&DigestReview> {
        self.reviews.iter().filter(|review| review.due_on.is_none()).collect()
    }

    /// Why its reader gets it.
    fn because(&self) -> &'static str {
        match (self.total > 0, self.news.is_empty()) {
            (true, true) => "the tasks above are assigned to you or to your group",
            (true, false) => "the tasks above are assigned to you or to your group, and you asked for the rest",
            (false, _) if !self.reviews.is_empty() => "you were asked about the reviews above",
            (false, _) => "you asked for it",
        }
    }

    /// "7 reviews need your answer, 6 are overdue", "2 things need your answer by Fri 8 May"; where nothing is asked, what
    /// happened.
    pub fn subject(&self) -> String {
        if self.total == 0 {
            return subject_of(&self.reviews, self.today).unwrap_or_else(|| match self.news.len() {
                1 => "Your request moved".to_owned(),
                more => format!("{more} of your requests moved"),
            });
        }
        let asked = format!("{} your answer", self.counted("needs", "need"));
        match (self.late(), self.first_due) {
            (Some(late), _) => format!("{asked}, {late}"),
            (None, Some(day)) => format!("{asked} {}", self.by(day)),
            (None, None) => asked,
        }
    }

    /// "today, Mon 14 Dec", "by tomorrow, Mon 14 Dec", "by Fri 8 May".
    fn by(&self, day: NaiveDate) -> String {
        let date = day.format("%a %-d %b");
        match day.signed_duration_since(self.today).num_days() {
            0 => format!("today, {date}"),
            1 => format!("by tomorrow, {date}"),
            _ => format!("by {date}"),
        }
    }

    /// How many wait, with what they do: "1 thing needs", "7 reviews need".
    fn counted(&self, one: &str, more: &str) -> String {
        let what = if self.only_reviews { "review" } else { "thing" };
        match self.total {
            1 => format!("1 {what} {one}"),
            total => format!("{} {what}s {more}", crate::domain::listing::thousands(total)),
        }
    }

    /// How many of them are past their day; none where none is.
    fn late(&self) -> Option<String> {
        match (self.overdue, self.total) {
            (..=0, _) => None,
            (_, 1) => Some("it is overdue".to_owned()),
            (overdue, total) if overdue >= total => Some("all are overdue".to_owned()),
            (1, _) => Some("1 is overdue".to_owned()),
            (overdue, _) => Some(format!("{} are overdue", crate::domain::listing::thousands(overdue))),
        }
    }

    /// The same as a sentence after another: " 6 are overdue."; empty where none is.
    fn late_sentence(&self) -> String {
        let Some(late) = self.late() else { return String::new() };
        let mut letters = late.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        format!(" {first}{}.", letters.as_str())
    }

    /// How many wait beyond those that are listed.
    pub fn more(&self) -> i64 {
        self.total - self.told - i64::try_from(self.items.len()).unwrap_or(i64::MAX)
    }

    /// "1 thing waits for your answer" or "3 reviews wait for your answer".
    pub fn waiting(&self) -> String {
        format!("{} for your answer", self.counted("waits", "wait"))
    }

    /// "about 4 minutes", or "about 1 minute".
    pub fn time(&self) -> String {
        if self.minutes == 1 { "about 1 minute".to_owned() } else { format!("about {} minutes", self.minutes) }
    }

    /// The text form, as it leaves.
    pub fn text(&self) -> Result<String, DigestError> {
        Text { digest: self }.render().map_err(|error| DigestError::Unwritable(error.to_string()))
    }

    /// The message as it leaves, text and HTML.
    pub fn message(&self) -> Result<Message, DigestError> {
        let html = Html { digest: self }.render().map_err(|error| DigestError::Unwritable(error.to_string()))?;
        let to = (self.recipient_name.as_str(), self.recipient_email.as_str());
        compose(&self.from, to, self.subject(), self.now, &self.message_id, self.text()?, html)
    }
}

/// A message of the register to one person, by name and address, in text and HTML.
pub(super) fn compose(
    from: &str,
    (name, email): (&str, &str),
    subject: String,
    now: Moment,
    message_id: &str,
    text: String,
    html: String,
) -> Result<Message, DigestError> {
    let address: Address = email.parse().map_err(|_| DigestError::Address(email.to_owned()))?;
    let from: Mailbox = from.parse().map_err(|_| DigestError::Sender(from.to_owned()))?;
    Message::builder()
        .from(from)
        .to(Mailbox::new(Some(one_line(name)), address))
        .subject(one_line(&subject))
        .date(now.utc().into())
        .message_id(Some(format!("<{}>", one_line(message_id))))
        // RFC 3834: no program answers this.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
        .multipart(MultiPart::alternative_plain_html(text, html))
        .map_err(|error| DigestError::Unwritable(error.to_string()))
}

/// Whether mail can be sent in that name: `Muster <muster@hospital.example>`.
pub fn check_sender(text: &str) -> Result<(), DigestError> {
    text.parse::<Mailbox>().map(|_| ()).map_err(|_| DigestError::Sender(text.to_owned()))
}

/// A header has one line, whatever a name contains.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notices::LineKind;

    pub(crate) fn digest() -> Digest {
        let item = |title: &str, due: &str| DigestItem {
            title: title.to_owned(),
            about: "SMART app in production".to_owned(),
            reason: "The day of its review is 24 Apr 2026.".to_owned(),
            due_on: due.parse().unwrap(),
            link: "https://muster.example/tasks/1".to_owned(),
            silence: "Silence is not a yes.",
            why_you: "You are its business owner.",
        };
        Digest {
            recipient_name: "Dana Okafor".to_owned(),
            recipient_email: "dana@hospital.example".to_owned(),
            register_name: "Muster".to_owned(),
            from: "Muster <muster@hospital.example>".to_owned(),
            help: "the help desk, extension 4417".to_owned(),
            base_url: "https://muster.example".to_owned(),
            items: vec![item("Decide whether A is still needed", "2026-05-08"), item("Stop B", "2026-05-11")],
            news: Vec::new(),
            total: 2,
            overdue: 0,
            only_reviews: false,
            first_due: Some("2026-05-08".parse().unwrap()),
            minutes: 12,
            reviews: Vec::new(),
            told: 0,
            today: "2026-05-01".parse().unwrap(),
            now: Moment::parse("2026-05-01T12:00:00Z").unwrap(),
            message_id: "abc@muster".to_owned(),
        }
    }

    #[test]
    fn the_subject_says_what_is_asked_and_until_when() {
        let mut digest = digest();
        assert_eq!(digest.subject(), "2 things need your answer by Fri 8 May");
        digest.today = "2026-05-07".parse().unwrap();
        assert_eq!(digest.subject(), "2 things need your answer by tomorrow, Fri 8 May");
        digest.today = "2026-05-08".parse().unwrap();
        assert_eq!(digest.subject(), "2 things need your answer today, Fri 8 May");
        digest.today = "2026-05-09".parse().unwrap();
        digest.overdue = 1;
        assert_eq!(digest.subject(), "2 things need your answer, 1 is overdue");
        digest.overdue = 2;
        assert_eq!(digest.subject(), "2 things need your answer, all are overdue");
        (digest.total, digest.overdue) = (1, 1);
        assert_eq!(digest.subject(), "1 thing needs your answer, it is overdue");
    }

    #[test]
    fn what_is_asked_stands_before_what_was_passed_on_in_the_subject_and_in_the_text() {
        let mut digest = digest();
        digest.today = "2026-05-09".parse().unwrap();
        digest.reviews = vec![review("A", LineKind::PassedOn, None), review("B", LineKind::PassedOn, None)];
        (digest.total, digest.overdue, digest.only_reviews) = (7, 6, true);
        assert_eq!(digest.subject(), "7 reviews need your answer, 6 are overdue");
        for form in [digest.text().unwrap(), Html { digest: &digest }.render().unwrap()] {
            assert!(form.contains("7 reviews wait for your answer") && form.contains("6 are overdue."), "{form}");
            let (asked, told) = (form.find("Decide whether A").unwrap(), form.find("What happened to others").unwrap());
            assert!(asked < told, "{form}");
            assert!(form.contains("Overdue since") && form.contains("Fri 8 May 2026"), "{form}");
            assert!(form.contains("Answer by") && form.contains("Mon 11 May 2026"), "{form}");
        }
        (digest.total, digest.overdue, digest.first_due) = (0, 0, None);
        digest.items.clear();
        assert_eq!(digest.subject(), "A and 1 more: reviews were passed on");
    }

    fn review(name: &str, kind: LineKind, due: Option<&str>) -> DigestReview {
        DigestReview {
            name: name.to_owned(),
            kind,
            says: "Somebody else is asked too.".to_owned(),
            due_on: due.map(|day| day.parse().unwrap()),
            link: format!("https://muster.example/reviews/{name}"),
        }
    }

    #[test]
    fn every_review_is_named_with_its_day_what_happened_and_where_it_is() {
        let mut digest = digest();
        digest.reviews = vec![
            review("A<1>", LineKind::Due, Some("2026-05-02")),
            review("B", LineKind::PassedOn, None),
            review("C", LineKind::News, Some("2026-05-09")),
        ];
        (digest.total, digest.told) = (3, 1);
        let text = digest.text().unwrap();
        for words in [
            "- A<1>: Your answer is due tomorrow, Sat 2 May 2026. Somebody else is asked too.\n  \
             https://muster.example/reviews/A<1>",
            "- B: Somebody else is asked too.\n  https://muster.example/reviews/B",
            "- C: Somebody else is asked too.",
            "sign in, and choose Reviews or Tasks",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains("more, which you find"), "what is told among the reviews is not left out: {text}");
        let html = Html { digest: &digest }.render().unwrap();
        assert!(html.contains("A&#60;1&#62;</a><br>Your answer is due tomorrow"), "{html}");
        (digest.total, digest.told) = (0, 0);
        digest.items.clear();
        let text = digest.text().unwrap();
        assert!(text.contains("sent this because you were asked about the reviews above."), "{text}");
    }

    #[test]
    fn a_name_cannot_add_a_header() {
        let mut digest = digest();
        digest.recipient_name = "Dana\r\nBcc: thief@evil.example".to_owned();
        digest.message_id = "a\r\nX-Evil: 1".to_owned();
        let bytes = String::from_utf8(digest.message().unwrap().formatted()).unwrap();
        let (head, _) = bytes.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc:") || line.starts_with("X-Evil:")), "{head}");
        digest.recipient_email = "dana@hospital.example\r\nBcc: thief@evil.example".to_owned();
        assert!(matches!(digest.message(), Err(DigestError::Address(_))));
    }

    #[test]
    fn a_title_is_text_in_html_and_as_it_is_in_text() {
        let mut digest = digest();
        digest.items[0].title = "Stop <b>R&D</b>".to_owned();
        assert!(Html { digest: &digest }.render().unwrap().contains("Stop &#60;b&#62;R&#38;D&#60;/b&#62;"));
        assert!(Text { digest: &digest }.render().unwrap().contains("Stop <b>R&D</b>"));
    }

    #[test]
    fn every_item_says_what_it_is_about_and_what_happens_when_nobody_answers() {
        let mut digest = digest();
        digest.items[1].silence = "It may still work.";
        for form in [digest.text().unwrap(), Html { digest: &digest }.render().unwrap()] {
            assert_eq!(form.matches("SMART app in production").count(), 2, "{form}");
            assert!(form.contains("If nobody answers: Silence is not a yes."), "{form}");
            assert!(form.contains("If nobody answers: It may still work."), "{form}");
        }
    }

    #[test]
    fn a_sender_needs_an_address() {
        assert!(check_sender("Muster <muster@hospital.example>").is_ok());
        assert!(check_sender("Muster").unwrap_err().to_string().contains("MUSTER_MAIL_FROM"));
    }

    #[test]
    fn the_mail_has_the_clocks_date_and_both_forms() {
        let bytes = String::from_utf8(digest().message().unwrap().formatted()).unwrap();
        for part in [
            "Date: Fri, 01 May 2026 12:00:00 +0000",
            "Message-ID: <abc@muster>",
            "Auto-Submitted: auto-generated",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "https://muster.example/tasks/1",
        ] {
            assert!(bytes.contains(part), "{part} is not in\n{bytes}");
        }
    }
}
