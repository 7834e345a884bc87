//! Mail that could not be sent, or may have arrived: somebody has it tried again.

use super::{ActionError, By, FieldError, Register};
use crate::domain::ids::Id;
use crate::domain::notices::{MailKind, MailState};
use crate::store::outbox::{self, Mail};
use crate::store::outbox_list;

/// The name of the box that says that a mail may arrive twice.
pub const TWICE: &str = "twice";

/// Has a mail tried again at once, with the same Message-ID, at the address that its recipient has now.
///
/// One that could not be sent begins anew. One that may have arrived is sent once more and then stands as that
/// again, unless it is taken: it never becomes one that certainly did not arrive. `may_arrive_twice` says that
/// whoever asks knows that its recipient may get it twice.
///
/// # Errors
/// `Refused` when it waits, was sent, or has been tried again meanwhile; `Invalid` for one that may have arrived
/// when nobody said that it may arrive twice.
pub fn retry(register: &Register, by: &By, id: Id, may_arrive_twice: bool) -> Result<(), ActionError> {
    by.require_keeper()?;
    let Some(person) = by.person else { return Err(ActionError::Forbidden) };
    register.change(by, |work| {
        let before = outbox_list::find(work.db, id)?.mail;
        let again = Mail {
            attempts: 0,
            next_at: by.now,
            fence: before.fence + 1,
            retries: before.retries + 1,
            retried_at: Some(by.now),
            retried_by: Some(person),
            ..before.clone()
        };
        let after = match before.state {
            MailState::Dead => Mail { state: MailState::Pending, ..again },
            MailState::Uncertain if before.lease_until.is_none() => {
                if !may_arrive_twice {
                    return Err(twice());
                }
                // As if its sender had just been lost: the next one sends it once more, and never again.
                Mail { state: MailState::Sending, lease_until: Some(by.now), ..again }
            }
            state => return Err(refused(state)),
        };
        if after.kind == MailKind::Security && after.told.is_none() {
            return Err(ActionError::Refused(
                "what this mail told is no longer known, so that it cannot be sent again; tell its recipient yourself"
                    .to_owned(),
            ));
        }
        if !outbox::update(work.db, &after, before.fence)? {
            return Err(refused(MailState::Pending));
        }
        work.record("mail.retry", "mail", id, Some(&before), Some(&after));
        Ok(())
    })
}

fn twice() -> ActionError {
    ActionError::Invalid(vec![FieldError::new(
        TWICE,
        "Tick that it may arrive twice. Nobody knows whether it has arrived already",
    )])
}

fn refused(state: MailState) -> ActionError {
    ActionError::Refused(
        match state {
            MailState::Sent => "this mail was sent; nothing is sent again that the mail server has taken",
            MailState::Empty => "this mail had nothing left to say, so that there is nothing to send",
            _ => "this mail waits already, or somebody has had it tried again meanwhile",
        }
        .to_owned(),
    )
}
