//! The outbox: a mail is claimed with a lease, delivered outside any transaction, and settled with the
//! fence of its claim. That it arrives exactly once cannot be had over SMTP: a sender that is lost
//! after handing the text over leaves a mail that may have arrived. It is handed over once more, with the
//! same Message-ID, and not again after that.

use super::{ActionError, By, Register, Work};
use crate::config::LONGEST_DELIVERY;
use crate::domain::ids::Moment;
use crate::domain::notices::{MailFault, MailState};
use crate::store::outbox::{self, Mail};

/// A sender that has not settled a mail by then is taken for lost.
const LEASE_SECONDS: i64 = 300;

// A delivery is cut off while its claim still holds, with a minute to write the mail before: a server that
// stalls makes no second sender.
const _: () = assert!(LONGEST_DELIVERY.as_secs() + 60 <= LEASE_SECONDS.unsigned_abs());

/// After this many failures a mail is given up.
const MOST_ATTEMPTS: i64 = 8;

/// The first wait after a failure; it doubles with each: 5 minutes to 5 hours, 10 hours in all.
const FIRST_WAIT_SECONDS: i64 = 300;

/// Why a mail may have arrived whose sender said nothing.
const LOST: &str = "the register stopped while it sent this mail";

/// How a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// The server took it, or the file is written.
    Sent,
    /// Nothing was left to say, or the person has left.
    Empty(&'static str),
    /// It certainly did not arrive; trying again may help.
    Failed(String),
    /// It certainly did not arrive, and trying again will not help: the server refused the recipient, or the address
    /// cannot be written on a mail.
    Refused(String),
    /// The connection broke where the text may already have been taken.
    Uncertain(String),
}

/// Takes the next mail whose hour has come; `None` when there is none.
pub fn claim(register: &Register, by: &By) -> Result<Option<Mail>, ActionError> {
    let now = by.now;
    loop {
        if outbox::next_waiting_unlocked(&mut *register.database.read()?, now)?.is_none() {
            return Ok(None);
        }
        let mut given_up = false;
        let claimed = register.change(by, |work| {
            let Some(mail) = outbox::next_waiting(work.db, now)? else { return Ok(None) };
            let fence = mail.fence;
            let lease = now.plus_seconds(LEASE_SECONDS);
            let next = match mail.state {
                MailState::Pending => Mail { state: MailState::Sending, attempts: mail.attempts + 1, ..mail },
                // Its sender was lost while sending: it may have arrived. Once more, and never again.
                MailState::Sending => Mail {
                    state: MailState::Uncertain,
                    attempts: mail.attempts + 1,
                    error: mail.error.or_else(|| Some(LOST.to_owned())),
                    ..mail
                },
                _ => {
                    given_up = true;
                    let ended = Mail { lease_until: None, fence: fence + 1, ..mail.clone() };
                    store(work, &mail, &ended, fence)?;
                    return Ok(None);
                }
            };
            let next = Mail { lease_until: Some(lease), next_at: lease, fence: fence + 1, ..next };
            Ok(outbox::update(work.db, &next, fence)?.then_some(next))
        })?;
        if !given_up {
            return Ok(claimed);
        }
    }
}

/// Notes how the delivery of a claimed mail ended. Answers whether the claim still held: a sender that
/// stood still until another went on writes nothing.
pub fn settle(register: &Register, by: &By, mail: &Mail, delivered: Delivered) -> Result<bool, ActionError> {
    let fence = mail.fence;
    let resent = mail.state == MailState::Uncertain;
    let fault = match delivered {
        Delivered::Failed(_) => Some(MailFault::Server),
        Delivered::Refused(_) => Some(MailFault::Address),
        Delivered::Sent | Delivered::Empty(_) | Delivered::Uncertain(_) => None,
    };
    let ended = |state, error| Mail { state, error, fault, lease_until: None, ..mail.clone() };
    let after = match delivered {
        Delivered::Sent => Mail { sent_at: Some(by.now), ..ended(MailState::Sent, None) },
        // Of the second sending certainly nothing came: it is made later, as if its sender had just been lost.
        Delivered::Failed(error) if resent && mail.attempts < MOST_ATTEMPTS => {
            let again = wait(mail.attempts, by.now);
            Mail {
                state: MailState::Sending,
                error: Some(error),
                fault,
                next_at: again,
                lease_until: Some(again),
                ..mail.clone()
            }
        }
        // The first may have arrived, whatever became of the second.
        Delivered::Empty(_) if resent => ended(MailState::Uncertain, mail.error.clone()),
        Delivered::Empty(why) => ended(MailState::Empty, Some(why.to_owned())),
        Delivered::Failed(error) | Delivered::Refused(error) | Delivered::Uncertain(error) if resent => {
            ended(MailState::Uncertain, Some(error))
        }
        Delivered::Refused(error) => ended(MailState::Dead, Some(error)),
        Delivered::Failed(error) if mail.attempts >= MOST_ATTEMPTS => ended(MailState::Dead, Some(error)),
        Delivered::Failed(error) => {
            Mail { next_at: wait(mail.attempts, by.now), ..ended(MailState::Pending, Some(error)) }
        }
        // Stays as it is until its lease ends; then it is sent once more.
        Delivered::Uncertain(error) => Mail { error: Some(error), fault, ..mail.clone() },
    };
    register.change(by, |work| store(work, mail, &after, fence))
}

/// Stores a mail; an end of its way is recorded. What it told is forgotten when it has left, or is no longer
/// needed; what could not be sent keeps it, as it may be tried again.
fn store(work: &mut Work<'_>, before: &Mail, after: &Mail, fence: i64) -> Result<bool, ActionError> {
    let has_ended = !after.waits();
    let told = after.told.clone().filter(|_| !matches!(after.state, MailState::Sent | MailState::Empty));
    let after = &Mail { told, ..after.clone() };
    let stored = outbox::update(work.db, after, fence)?;
    if stored && has_ended {
        let action = match after.state {
            MailState::Sent => "mail.send",
            MailState::Empty => "mail.drop",
            _ => "mail.fail",
        };
        work.record(action, "mail", after.id, Some(before), Some(after));
    }
    Ok(stored)
}

fn wait(attempts: i64, now: Moment) -> Moment {
    let doublings = u32::try_from((attempts - 1).clamp(0, 6)).unwrap_or(0);
    now.plus_seconds(FIRST_WAIT_SECONDS * 2_i64.pow(doublings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_five_minutes_to_five_hours() {
        let now = Moment::parse("2026-11-23T15:00:00Z").unwrap();
        let minutes = |attempts| (wait(attempts, now).utc() - now.utc()).num_minutes();
        assert_eq!([1, 2, 7, 8].map(minutes), [5, 10, 320, 320]);
    }
}
