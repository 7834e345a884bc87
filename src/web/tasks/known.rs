//! The facts of a task in words for a business owner: no jargon, nothing milder than it is.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::facts::Facts;
use crate::actions::identities::start_of_day;
use crate::domain::identities::{CredentialKind, Criticality, OwnerAnswer, RevocationMethod, Strength, state_words};
use crate::domain::ids::{Id, Moment};
use crate::domain::people::has_left;
use crate::domain::task_words::{days_after, why_you};
use crate::store::identity_parts::Credential;
use crate::web::show;

/// Credentials listed; of more it says how many there are.
const LISTED: usize = 100;

impl Facts {
    /// The name of a person, or "Nobody".
    pub fn name(&self, id: Option<Id>) -> String {
        id.and_then(|id| self.names.get(&id).cloned()).unwrap_or_else(|| "Nobody".to_owned())
    }

    /// "Dana Okafor (accepted)", "Nobody".
    pub fn owner(&self, person: Option<Id>, answer: Option<OwnerAnswer>, today: NaiveDate) -> String {
        let Some(id) = person else { return "Nobody".to_owned() };
        let left = self.owners.get(id).is_some_and(|person| has_left(person.left_on, today));
        let how = match answer {
            _ if left => "has left",
            Some(OwnerAnswer::Accepted) => "accepted",
            Some(OwnerAnswer::Refused) => "refused",
            _ => "has not accepted yet",
        };
        format!("{} ({how})", self.name(person))
    }

    /// Who has the task, and why they; said to the reader when it is they.
    pub fn assignee(&self, reader: &Id) -> String {
        match (self.task.assignee_id, self.task.assignee_group) {
            (Some(person), _) if person == *reader => {
                format!("You. {}", why_you(self.task.kind, self.task.assigned_as))
            }
            (Some(person), _) => format!("{}, {}", self.name(Some(person)), self.task.assigned_as.label()),
            (None, Some(group)) => format!("{}, {}", group.label(), self.task.assigned_as.label()),
            (None, None) => "Nobody".to_owned(),
        }
    }

    /// The state as a reader sees it.
    pub fn state(&self, now: &Moment) -> String {
        state_words(self.identity.state, self.identity.expires_at, self.identity.criticality, *now).0
    }

    /// Coverage, never a bare "never used".
    pub fn used(&self, tz: &Tz) -> String {
        let source = self.identity.last_used_source.as_deref();
        match (self.identity.last_used_at, self.identity.use_visible_since) {
            (Some(at), _) => format!("Last seen {}, in {}", show::day(at, *tz), source.unwrap_or("an unnamed source")),
            (None, Some(since)) => format!("Not seen since {}, when we began to see calls", show::day(since, *tz)),
            (None, None) => "We can\u{2019}t see use of it. That does not mean that it is unused".to_owned(),
        }
    }

    /// When it expires, in words.
    pub fn expires(&self, now: &Moment, tz: &Tz) -> String {
        match self.identity.expires_at {
            None => "Never: no end date is set".to_owned(),
            Some(at) if at <= *now => format!("Expired on {}", show::day(at, *tz)),
            Some(at) => show::day(at, *tz),
        }
    }

    /// "7 permissions issued, none approved on record".
    pub fn scopes(&self) -> String {
        let count = |list: &[String]| i64::try_from(list.len()).unwrap_or(i64::MAX);
        let issued = show::counted(count(&self.issued), "permission");
        match (self.issued.len(), self.approved.len()) {
            (0, 0) => "None are known".to_owned(),
            (_, 0) => format!("{issued} issued, none approved on record"),
            (_, approved) => format!("{issued} issued, {approved} approved on record"),
        }
    }

    /// What it signs in with, one line for each.
    pub fn credentials(&self, tz: &Tz) -> Vec<String> {
        let mut lines: Vec<String> =
            self.credentials.iter().take(LISTED).map(|credential| credential_words(credential, *tz)).collect();
        if self.credentials.len() > LISTED {
            lines.push(format!("and {} more", self.credentials.len() - LISTED));
        }
        lines
    }

    /// Whether care depends on it.
    pub fn is_clinical(&self) -> bool {
        self.identity.criticality == Criticality::Clinical
    }

    /// How it is stopped.
    pub fn method(&self) -> &'static str {
        self.path.as_ref().map_or("", |path| method_words(path.method))
    }
}

fn credential_words(credential: &Credential, tz: Tz) -> String {
    let kind = match credential.kind {
        CredentialKind::ClientSecret => "A secret, as a password is",
        CredentialKind::Jwks => "A key of its own",
        CredentialKind::Certificate => "A certificate",
        CredentialKind::None => return "Nothing: whoever knows its name can use that name".to_owned(),
    };
    let issued = credential.issued_at.map_or_else(String::new, |at| format!(", issued {}", show::day(at, tz)));
    let ends = match credential.expires_at {
        Some(at) => format!("ends {}", show::day(at, tz)),
        None if credential.never_expires => "never ends".to_owned(),
        None => "its end is not known".to_owned(),
    };
    let strength = match credential.strength {
        Strength::Weak => "; easy to guess",
        Strength::Ok | Strength::Unknown => "",
    };
    format!("{kind}{issued}, {ends}{strength}")
}

/// How an identity is stopped, for somebody who does not know the systems.
fn method_words(method: RevocationMethod) -> &'static str {
    match method {
        RevocationMethod::AdminConsole => "By hand, in the system that issues it",
        RevocationMethod::AdminApi => "By a program, in the system that issues it",
        RevocationMethod::ClientDelete => "By deleting its registration",
        RevocationMethod::Vendor => "By asking the vendor",
        RevocationMethod::KeyRemoval => "By removing its key",
    }
}

/// A deadline: the day ends where the deployment is, and for a reader elsewhere at a moment of their own.
pub fn deadline(due_on: NaiveDate, here: Tz, reader: Tz) -> String {
    let day = show::deadline(due_on);
    if here == reader {
        return format!("the end of {day}");
    }
    let end = show::moment(start_of_day(days_after(due_on, 1), here), reader);
    format!("the end of {day} in {}, which is {end} for you", here.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_the_end_of_a_day_and_a_moment_for_a_reader_elsewhere() {
        let due = "2026-12-07".parse().unwrap();
        let (chicago, berlin) = (chrono_tz::America::Chicago, chrono_tz::Europe::Berlin);
        assert_eq!(deadline(due, chicago, chicago), "the end of Monday 7 Dec 2026");
        assert_eq!(
            deadline(due, chicago, berlin),
            "the end of Monday 7 Dec 2026 in America/Chicago, which is 8 Dec 2026, 07:00 CET for you"
        );
    }

    #[test]
    fn no_way_to_stop_is_told_in_the_words_of_a_standard() {
        for method in RevocationMethod::ALL {
            assert!(!method_words(*method).contains("RFC") && !method_words(*method).contains("API"), "{method}");
        }
    }
}
