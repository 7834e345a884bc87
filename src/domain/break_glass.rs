//! Break-glass: somebody acts as an administrator for some hours, because no administrator can be reached.
//!
//! Off unless a deployment turns it on. A second person agrees, or a sealed code is opened that was made
//! beforehand. It ends by itself, is never renewed, and is reviewed by somebody else (NIST SP 800-53 AC-2,
//! AC-6; HIPAA 45 CFR 164.312(a)(2)(ii)). It is no exception from the separation of duties.

use super::ids::{Id, Moment};
use super::people::Role;
use super::permissions::{Permission, allows};
use crate::words;

words! {
    /// How far an emergency access has come. That it has ended is read from its times.
    EmergencyState {
        Asked = "asked", "Asked for";
        Started = "started", "Started";
        Refused = "refused", "Refused";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

/// The longest that emergency access lasts, in hours.
pub const MOST_HOURS: i64 = 4;

/// What was asked for waits this long for a second person; an emergency of yesterday is none.
pub const ASKED_SECONDS: i64 = 3_600;

/// Days that others have to review what was done.
pub const REVIEW_DAYS: u64 = 3;

/// Why somebody may not have emergency access, or may not give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmergencyError {
    #[error("you are an administrator: you need no emergency access")]
    Administrator,
    #[error("auditors read and change nothing, so they get no emergency access")]
    Auditor,
    #[error("only people get emergency access: no job, no command and no program")]
    NotAPerson,
    #[error("you act under emergency access, which is never renewed; when it has ended you can ask again")]
    Running,
    #[error("you have asked already; wait for somebody to agree, or take it back first")]
    AskedAlready,
    #[error("you asked for this: somebody else has to agree")]
    YouAsked,
    #[error("this takes an administrator or a security analyst")]
    NotEligible,
    #[error("you act under emergency access yourself, so you cannot give it to others")]
    UnderEmergency,
    #[error("this waited for more than an hour: whoever asked has to ask again")]
    Stale,
    #[error("this is {} already", .0.label().to_lowercase())]
    NotAsked(EmergencyState),
    #[error("choose how long you need it: one to four hours")]
    Hours,
    #[error("this has ended already")]
    Ended,
    #[error("whoever used emergency access cannot review it: somebody else has to")]
    OwnReview,
    #[error("whoever acts under emergency access reviews nobody's: end it first")]
    ReviewUnderEmergency,
}

/// Who acts: their own role, and whether they act under emergency access at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    pub person: Id,
    /// The role of the account itself.
    pub standing: Role,
    pub under_emergency: bool,
}

/// One to four whole hours.
pub fn parse_hours(text: &str) -> Result<i64, EmergencyError> {
    let hours: i64 = text.trim().parse().map_err(|_| EmergencyError::Hours)?;
    if (1..=MOST_HOURS).contains(&hours) { Ok(hours) } else { Err(EmergencyError::Hours) }
}

/// Whether somebody may ask. An auditor is excluded: whoever audits must never have changed anything.
pub fn ask(by: &Actor) -> Result<(), EmergencyError> {
    match by.standing {
        Role::Administrator => Err(EmergencyError::Administrator),
        Role::Auditor => Err(EmergencyError::Auditor),
        _ if by.under_emergency => Err(EmergencyError::Running),
        Role::SecurityAnalyst | Role::Owner => Ok(()),
    }
}

/// Whether what was asked for at that moment still waits.
pub fn waits(state: EmergencyState, asked_at: Moment, now: Moment) -> Result<(), EmergencyError> {
    match state {
        EmergencyState::Asked if now < asked_at.plus_seconds(ASKED_SECONDS) => Ok(()),
        EmergencyState::Asked => Err(EmergencyError::Stale),
        other => Err(EmergencyError::NotAsked(other)),
    }
}

/// Whether somebody may agree to what that person asked for, or refuse it.
pub fn decide(asker: Id, by: &Actor) -> Result<(), EmergencyError> {
    if asker == by.person {
        Err(EmergencyError::YouAsked)
    } else if by.under_emergency {
        Err(EmergencyError::UnderEmergency)
    } else if !reviews(by.standing) {
        Err(EmergencyError::NotEligible)
    } else {
        Ok(())
    }
}

/// Whether somebody may close the review of what that person did.
pub fn review(user: Id, by: &Actor) -> Result<(), EmergencyError> {
    if user == by.person {
        Err(EmergencyError::OwnReview)
    } else if by.under_emergency {
        Err(EmergencyError::ReviewUnderEmergency)
    } else if !reviews(by.standing) {
        Err(EmergencyError::NotEligible)
    } else {
        Ok(())
    }
}

/// Whether an account of that role decides about emergency access and reviews it.
pub fn reviews(standing: Role) -> bool {
    allows(Some(standing), Permission::KeepRegister)
}

/// Whether access that started runs at `now`.
pub fn runs(ends_at: Option<Moment>, ended_at: Option<Moment>, now: Moment) -> bool {
    ended_at.is_none() && ends_at.is_some_and(|end| now < end)
}

/// What somebody may do at this moment: an administrator's work while their emergency access runs.
/// A role that may not have it is never raised, whatever is stored.
pub fn role_now(standing: Role, running: bool) -> Role {
    match standing {
        Role::SecurityAnalyst | Role::Owner if running => Role::Administrator,
        own => own,
    }
}

/// The letters of a sealed code: none that is easily taken for another (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many letters a code has: 160 bits.
const CODE_LETTERS: usize = 32;

/// A sealed code of 20 random bytes, in groups of four to be typed from paper.
pub fn code_of(bytes: [u8; 20]) -> String {
    let mut letters = String::with_capacity(CODE_LETTERS + 7);
    let (mut held, mut bits) = (0_u32, 0);
    let mut written = 0;
    for byte in bytes {
        held = (held << 8) | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            if written > 0 && written % 4 == 0 {
                letters.push('-');
            }
            let index = usize::try_from((held >> bits) & 31).unwrap_or(0);
            letters.push(LETTERS.get(index).map_or('0', |letter| char::from(*letter)));
            written += 1;
        }
        held &= (1 << bits) - 1;
    }
    letters
}

/// A code as it was made, however it was typed; `None` when it cannot be one.
pub fn read_code(typed: &str) -> Option<String> {
    let mut letters = String::with_capacity(CODE_LETTERS);
    for letter in typed.chars().filter(|letter| !letter.is_whitespace() && *letter != '-') {
        let letter = match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        if !letter.is_ascii() || !LETTERS.iter().any(|known| char::from(*known) == letter) {
            return None;
        }
        letters.push(letter);
    }
    (letters.len() == CODE_LETTERS).then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(standing: Role) -> Actor {
        Actor { person: Id::new(), standing, under_emergency: false }
    }

    #[test]
    fn analysts_and_owners_ask_and_nobody_while_theirs_runs() {
        assert_eq!(ask(&actor(Role::SecurityAnalyst)), Ok(()));
        assert_eq!(ask(&actor(Role::Owner)), Ok(()));
        assert_eq!(ask(&actor(Role::Auditor)), Err(EmergencyError::Auditor));
        assert_eq!(ask(&actor(Role::Administrator)), Err(EmergencyError::Administrator));
        let running = Actor { under_emergency: true, ..actor(Role::Owner) };
        assert_eq!(ask(&running), Err(EmergencyError::Running));
    }

    #[test]
    fn a_second_person_agrees_who_has_their_own_right_to() {
        let asker = actor(Role::SecurityAnalyst);
        assert_eq!(decide(asker.person, &asker), Err(EmergencyError::YouAsked));
        assert_eq!(decide(asker.person, &actor(Role::SecurityAnalyst)), Ok(()));
        assert_eq!(decide(asker.person, &actor(Role::Administrator)), Ok(()));
        assert_eq!(decide(asker.person, &actor(Role::Owner)), Err(EmergencyError::NotEligible));
        let borrowed = Actor { under_emergency: true, ..actor(Role::SecurityAnalyst) };
        assert_eq!(decide(asker.person, &borrowed), Err(EmergencyError::UnderEmergency));
        assert_eq!(review(asker.person, &borrowed), Err(EmergencyError::ReviewUnderEmergency));
        assert_eq!(review(asker.person, &asker), Err(EmergencyError::OwnReview));
        assert_eq!(review(asker.person, &actor(Role::Auditor)), Err(EmergencyError::NotEligible));
    }

    #[test]
    fn it_lasts_one_to_four_hours_and_not_a_second_more() {
        for (text, hours) in
            [("1", Ok(1)), (" 4 ", Ok(4)), ("5", Err(())), ("0", Err(())), ("-1", Err(())), ("", Err(()))]
        {
            assert_eq!(parse_hours(text).map_err(|_| ()), hours, "{text}");
        }
        let started = Moment::parse("2026-11-23T15:00:00Z").unwrap();
        let end = Some(started.plus_seconds(MOST_HOURS * 3_600));
        assert!(runs(end, None, started.plus_seconds(MOST_HOURS * 3_600 - 1)));
        assert!(!runs(end, None, started.plus_seconds(MOST_HOURS * 3_600)));
        assert!(!runs(end, Some(started), started), "ended early");
        assert!(!runs(None, None, started), "never started");
    }

    #[test]
    fn only_analysts_and_owners_are_raised() {
        assert_eq!(role_now(Role::Owner, true), Role::Administrator);
        assert_eq!(role_now(Role::SecurityAnalyst, true), Role::Administrator);
        assert_eq!(role_now(Role::Owner, false), Role::Owner);
        assert_eq!(role_now(Role::Auditor, true), Role::Auditor, "whatever is stored");
    }

    #[test]
    fn a_code_is_read_however_it_is_typed_from_paper() {
        let code = code_of([0xff; 20]);
        assert_eq!(code, "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        assert_eq!(code_of([0; 20]).replace('-', ""), "0".repeat(32));
        let mut bytes = [0_u8; 20];
        bytes[0] = 0b0000_1000;
        bytes[19] = 1;
        let code = code_of(bytes);
        assert!(code.starts_with("1000") && code.ends_with("0001"), "{code}");
        let plain = read_code(&code).unwrap();
        assert_eq!(read_code(&format!("  {} ", code.to_lowercase().replace('-', " "))), Some(plain.clone()));
        assert_eq!(read_code(&code.replace('0', "o").replace('1', "l")), Some(plain));
        assert_eq!(read_code("ZZZZ"), None);
        assert_eq!(read_code(&format!("{code}Z")), None);
        assert_eq!(read_code(&code.replace('0', "U")), None, "no U among the letters");
    }
}
