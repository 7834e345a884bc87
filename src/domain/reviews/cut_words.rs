//! What silence did, in the words of the mail to an owner: to one identity, and to several in one mail.

use chrono::NaiveDate;

use super::ReviewOutcome;
use crate::domain::listing::thousands;
use crate::domain::notices::{Gathered, Notice};
use crate::domain::task_words::date_words;

/// What silence took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    Suspended,
    Revoked,
}

impl Cut {
    /// How a review ends by it.
    pub fn outcome(self) -> ReviewOutcome {
        match self {
            Self::Suspended => ReviewOutcome::SilentSuspend,
            Self::Revoked => ReviewOutcome::SilentRevoke,
        }
    }

    /// What one identity met, and what several did.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Suspended => ("was suspended", "were suspended"),
            Self::Revoked => ("is being revoked", "are being revoked"),
        }
    }

    /// The words that lead to the list: it holds what silence took away in earlier runs too, and for whoever reads all
    /// reviews what others own.
    fn list_words(self) -> &'static str {
        match self {
            Self::Suspended => "Look at what silence suspended",
            Self::Revoked => "Look at what silence is revoking",
        }
    }

    /// The mail about one identity: nobody answered by that day. Its page is at `path`.
    pub fn notice(self, name: &str, path: String, silence_on: NaiveDate) -> Notice {
        let (what, _) = self.words();
        let mut gathered = Gathered::default();
        gathered.add(name);
        Notice {
            subject: format!("{name} {what}, because nobody answered its review"),
            lines: vec![
                format!("{name} {what}, because nobody answered its review by {}.", date_words(silence_on)),
                "You are one of its owners. If it is still needed, ask that it goes on; others decide about that."
                    .to_owned(),
            ],
            path,
            link_words: "Look at it".to_owned(),
            if_nothing: "It stays as it is.".to_owned(),
            gathered: Some(gathered),
        }
    }

    /// The same mail after the same happened to one more. The list that it leads to holds all of them.
    pub fn with_another(self, mut gathered: Gathered, name: &str) -> Notice {
        gathered.add(name);
        let (_, what) = self.words();
        let head = format!("{} identities {what}, because nobody answered their reviews", thousands(gathered.count));
        Notice {
            lines: vec![
                format!("{head}: {}.", gathered.words()),
                "You are one of their owners. If any of them is still needed, ask that it goes on; others decide about \
                 that."
                    .to_owned(),
            ],
            subject: head,
            path: format!("/reviews?outcome={}", self.outcome().word()),
            link_words: self.list_words().to_owned(),
            if_nothing: "They stay as they are.".to_owned(),
            gathered: Some(gathered),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_to_several_is_one_mail_that_names_the_first_ten_and_leads_to_all() {
        let day = "2026-12-28".parse().unwrap();
        let mut notice = Cut::Suspended.notice("App 1", "/identities/1".to_owned(), day);
        assert_eq!(notice.subject, "App 1 was suspended, because nobody answered its review");
        assert_eq!(notice.lines[0], "App 1 was suspended, because nobody answered its review by 28 Dec 2026.");
        for number in 2..=40 {
            notice = Cut::Suspended.with_another(notice.gathered.unwrap(), &format!("App {number}"));
        }
        assert_eq!(notice.subject, "40 identities were suspended, because nobody answered their reviews");
        assert_eq!(
            notice.lines[0],
            "40 identities were suspended, because nobody answered their reviews: App 1, App 2, App 3, App 4, App 5, \
             App 6, App 7, App 8, App 9, App 10 and 30 others."
        );
        let link = (notice.link_words.as_str(), notice.path.as_str());
        assert_eq!(link, ("Look at what silence suspended", "/reviews?outcome=silent_suspend"), "those of others too");
        let revoked = Cut::Revoked.notice("A", "/identities/1".to_owned(), day).gathered.unwrap();
        let both = Cut::Revoked.with_another(revoked, "B");
        assert_eq!(both.lines[0], "2 identities are being revoked, because nobody answered their reviews: A and B.");
        let link = (both.link_words.as_str(), both.path.as_str());
        assert_eq!(link, ("Look at what silence is revoking", "/reviews?outcome=silent_revoke"));
    }
}
