//! People: who owns, who decides, who has left, and what an account may do.

use chrono::NaiveDate;

use crate::words;

words! {
    /// What an account may do in Muster.
    Role {
        /// Keeps people, systems and settings, and everything an analyst does.
        Administrator = "administrator", "Administrator";
        /// Keeps identities, imports files, assigns owners, runs jobs.
        SecurityAnalyst = "security_analyst", "Security analyst";
        /// Sees and answers for what they own.
        Owner = "owner", "Owner";
        /// Reads and exports everything, changes nothing.
        Auditor = "auditor", "Auditor";
    }
}

/// What is wrong with something typed about a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    #[error("Write the person's name, at most 200 characters, on one line")]
    Name,
    #[error("Write an e-mail address such as name@hospital.example")]
    Email,
}

/// Whether a character turns the direction in which the text around it is written (Unicode Standard Annex 9):
/// with one, a name or an address looks like another.
pub fn turns_the_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A person's name: one line of 1 to 200 characters.
pub fn parse_name(text: &str) -> Result<String, PersonError> {
    let name = text.trim();
    let length = name.chars().count();
    if length == 0 || length > 200 || name.chars().any(|c| c.is_control() || turns_the_text(c)) {
        return Err(PersonError::Name);
    }
    Ok(name.to_owned())
}

/// An e-mail address, as typed but trimmed. Control characters are refused: an address with a line
/// break could add headers to a mail.
pub fn parse_email(text: &str) -> Result<String, PersonError> {
    let email = text.trim();
    let foreign = |c: char| c.is_control() || c.is_whitespace() || turns_the_text(c) || "<>,;\"".contains(c);
    let plain = email.len() <= 254 && !email.chars().any(foreign);
    match email.split_once('@') {
        Some((local, domain))
            if plain && !local.is_empty() && local.len() <= 64 && !domain.is_empty() && !domain.contains('@') =>
        {
            Ok(email.to_owned())
        }
        _ => Err(PersonError::Email),
    }
}

/// Whether somebody who left on that date has left by `today`.
pub fn has_left(left_on: Option<NaiveDate>, today: NaiveDate) -> bool {
    left_on.is_some_and(|date| date <= today)
}
