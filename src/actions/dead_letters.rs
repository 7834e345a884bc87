//! Mail that could not be sent, or may have arrived: somebody has it tried again.

use sha2::{Digest, Sha256};

use super::{ActionError, By, FieldError, Register};
use crate::domain::ids::Id;
use crate::domain::notices::{MailKind, MailState};
use crate::store::outbox::{self, Mail};
use crate::store::{Db, StoreError, outbox_list};

/// The name of the box that says that a mail may arrive twice.
pub const TWICE: &str = "twice";

/// Mails that are tried again together at most. What is beyond is offered afterwards.
const TOGETHER: usize = 5_000;

/// Mails tried again in one transaction.
const BATCH: usize = 500;

/// What the mail server could not take, the oldest first. What failed at its address is not among it, and neither is what
/// may have arrived: each of those is looked at by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// Each as it stands.
    mails: Vec<(Id, i64)>,
    /// There is more than is tried again together.
    pub more: bool,
}

impl GivenUp {
    /// How many it is.
    pub fn count(&self) -> usize {
        self.mails.len()
    }

    /// It changes with whatever comes to it, leaves it, or was tried again and given up once more.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (id, fence) in &self.mails {
            hash.update(format!("{id}:{fence}\n"));
        }
        hex::encode(hash.finalize())
    }
}

/// Reads it.
pub fn given_up(db: &mut Db) -> Result<GivenUp, StoreError> {
    let mut mails = outbox_list::given_up(db, i64::try_from(TOGETHER + 1).unwrap_or(i64::MAX))?;
    let more = mails.len() > TOGETHER;
    mails.truncate(TOGETHER);
    Ok(GivenUp { mails, more })
}

/// Has everything tried again that the mail server could not take, as after an outage: what was shown and nothing
/// else, each with an entry of its own. Answers how many it is.
///
/// # Errors
/// `Refused` when it is not what was shown any more: `shown` is the digest of what was.
pub fn retry_all(register: &Register, by: &By, shown: &str) -> Result<usize, ActionError> {
    by.require_keeper()?;
    let Some(person) = by.person.filter(|_| by.token.is_none()) else { return Err(ActionError::Forbidden) };
    let found = given_up(&mut *register.database.read()?)?;
    if found.mails.is_empty() || found.digest() != shown {
        return Err(ActionError::Refused(
            "what could not be sent is not what it was when you read it, so nothing was done; open the list of mail \
             again and read how many there are"
                .to_owned(),
        ));
    }
    let mut count = 0;
    for batch in found.mails.chunks(BATCH) {
        let ids: Vec<Id> = batch.iter().map(|(id, _)| *id).collect();
        count += register.change(by, |work| {
            let mut done = 0;
            for before in outbox_list::find_many(work.db, &ids)? {
                // Somebody may have been faster with some of them.
                if before.state != MailState::Dead || !batch.contains(&(before.id, before.fence)) {
                    continue;
                }
                let after = Mail { state: MailState::Pending, ..again(&before, by, person) };
                if outbox::update(work.db, &after, before.fence)? {
                    work.record("mail.retry", "mail", before.id, Some(&before), Some(&after));
                    done += 1;
                }
            }
            Ok(done)
        })?;
    }
    Ok(count)
}

/// A mail that begins anew, because somebody wants it.
fn again(before: &Mail, by: &By, person: Id) -> Mail {
    Mail {
        attempts: 0,
        next_at: by.now,
        fence: before.fence + 1,
        retries: before.retries + 1,
        retried_at: Some(by.now),
        retried_by: Some(person),
        ..before.clone()
    }
}

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
        let again = again(&before, by, person);
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
