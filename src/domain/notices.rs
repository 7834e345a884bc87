//! Mail: what is sent, and how far each piece has come.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::listing::thousands;
use crate::words;

/// Things of one kind that a mail names at most; of the others it says how many, and where they are.
pub const NAMED: i64 = 20;

/// Of what a single sentence tells together it names so many at most; of the others it says how many.
pub const NAMED_TOGETHER: usize = 10;

words! {
    /// What a mail is.
    MailKind {
        /// Everything that waits for one person, once a day.
        Digest = "digest", "Daily digest";
        /// One change to somebody's ways to sign in, or an emergency access, told at once.
        Security = "security", "Security notice";
        /// One thing, told once: see [`Notice`].
        Notice = "notice", "Notice";
    }
}

words! {
    /// How far a mail has come.
    MailState {
        Pending = "pending", "Waiting";
        Sending = "sending", "Being sent";
        Sent = "sent", "Sent";
        /// The connection broke after the text was handed over; it may have arrived.
        Uncertain = "uncertain", "May have arrived";
        Dead = "dead", "Could not be sent";
        /// When its hour came nothing was waiting any more.
        Empty = "empty", "Nothing left to say";
    }
}

words! {
    /// What a mail failed at.
    MailFault {
        /// It could not be reached, did not answer in time, or could take nothing then.
        Server = "server", "Failed at the mail server: it could not be reached, or took nothing then";
        /// The server will not take mail for it, or it cannot be written on a mail.
        Address = "address", "Failed at the address: the mail server does not take mail for it";
    }
}

words! {
    /// What a line of a digest tells about a review.
    LineKind {
        /// The day of an answer comes, or has passed.
        Due = "due", "Reminded";
        /// Somebody else is asked beside its reader.
        Beside = "beside", "Somebody else is asked too";
        /// Nobody answered before, so its reader is asked.
        Asked = "asked", "Asked, because nobody answered";
        /// Nobody answered, so others are asked and its reader is not any more.
        PassedOn = "passed_on", "Others are asked now";
        /// Something else that its reader should know.
        News = "news", "News";
    }
}

impl LineKind {
    /// Whether it wants an answer: it is left out for whoever is not asked any more when the mail leaves.
    pub fn wants_an_answer(self) -> bool {
        matches!(self, Self::Due | Self::Beside | Self::Asked)
    }
}

/// A single plain mail about one thing, made in the transaction that makes it needed.
///
/// It is kept after it has left, and pages show it. So it holds no name of a person, no scope and no secret:
/// the greeting is written from its recipient when it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is about and until when; others may read it over a shoulder.
    pub subject: String,
    /// What it tells, and why its reader: a sentence or two each.
    pub lines: Vec<String>,
    /// Where its reader goes on, after signing in: "/tasks/0199...". It begins with a slash.
    pub path: String,
    /// What they find or do there, starting with a verb: "Answer the review".
    pub link_words: String,
    /// What happens when they do nothing, in a sentence; empty when nothing is expected of them.
    pub if_nothing: String,
    /// What it tells of, where more may come to it as long as it has not left; none where it is about one thing for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gathered: Option<Gathered>,
}

/// Several things of which one mail tells: the first of them by name, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gathered {
    /// The names of the first, in the order in which they came.
    pub names: Vec<String>,
    /// How many there are, those that are named included.
    pub count: i64,
}

impl Gathered {
    /// Adds one.
    pub fn add(&mut self, name: &str) {
        self.count += 1;
        if self.names.len() < NAMED_TOGETHER {
            self.names.push(name.to_owned());
        }
    }

    /// "A, B and C"; of many the first and "30 others".
    pub fn words(&self) -> String {
        let mut said = self.names.clone();
        match self.count.saturating_sub(i64::try_from(said.len()).unwrap_or(i64::MAX)) {
            ..=0 => {}
            1 => said.push("1 other".to_owned()),
            others => said.push(format!("{} others", thousands(others))),
        }
        match said.split_last() {
            Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
            Some((last, _)) => last.clone(),
            None => String::new(),
        }
    }
}

/// The Message-ID of the mail that has this key (RFC 5322 section 3.6.4): half of the key's SHA-256, so that
/// every try says the same and a mail server can see a double, and nobody reads a person's id in a header.
///
/// It ends in `muster` and not in a host: the keys hold ids that are unique everywhere, and a replica, a job
/// that is run by hand and a register that has moved are reached under different names.
pub fn message_id(dedupe_key: &str) -> String {
    let digest = hex::encode(Sha256::digest(dedupe_key.as_bytes()));
    format!("{}@muster", digest.chars().take(32).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_told_together_the_first_are_named_and_the_others_counted_exactly() {
        let words = |count: usize| {
            let mut gathered = Gathered::default();
            (1..=count).for_each(|number| gathered.add(&format!("App {number}")));
            gathered.words()
        };
        assert_eq!([words(0), words(1)], ["", "App 1"]);
        assert_eq!([words(2), words(3)], ["App 1 and App 2", "App 1, App 2 and App 3"]);
        assert!(words(10).ends_with("App 9 and App 10"), "{}", words(10));
        assert!(words(11).ends_with("App 9, App 10 and 1 other"), "{}", words(11));
        assert!(words(1_240).ends_with("App 9, App 10 and 1,230 others"), "{}", words(1_240));
    }

    #[test]
    fn a_notice_that_was_kept_before_notices_grew_is_still_read() {
        let kept = r#"{"subject":"S","lines":["One."],"path":"/tasks","link_words":"Look","if_nothing":""}"#;
        let notice: Notice = serde_json::from_str(kept).unwrap();
        assert_eq!(notice.gathered, None);
        assert_eq!(serde_json::to_string(&notice).unwrap(), kept);
    }

    #[test]
    fn a_message_id_is_that_of_its_key_for_ever() {
        // `printf tomorrow:a:2026-11-24 | sha256sum`
        assert_eq!(message_id("tomorrow:a:2026-11-24"), "d0591cb0ebc229f5c89da96fc8c4c763@muster");
        assert_ne!(message_id("tomorrow:a:2026-11-24"), message_id("tomorrow:a:2026-11-25"));
    }
}
