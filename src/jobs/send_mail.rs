//! Sends the mail that waits in the outbox: claims one, writes it (a digest from what waits for its reader at
//! this moment, a notice from what it tells), delivers it outside any transaction, and notes how that went.

use super::counted;
use super::letters::{self, Letter};
use crate::actions::outbox::{self, Delivered};
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Moment;
use crate::mail::{DeliveryError, DigestError, Route};
use crate::store::outbox::Mail;

/// Mail handled in a run; more waits for the next, five minutes later.
const MOST: usize = 2_000;

/// A run begins no further mail after that long: other jobs wait behind it, and a mail server that stalls would
/// hold them up for hours.
const LONGEST_RUN_SECONDS: i64 = 240;

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let mut counts = [0_usize; 5];
    let [sent, empty, failed, refused, uncertain] = &mut counts;
    // Opened at the first mail, so that a run without any asks nothing of the mail server.
    let mut route: Option<Result<Route, DeliveryError>> = None;
    let started = register.now();
    let mut is_empty = false;
    for _ in 0..MOST {
        if passed(register, started) >= LONGEST_RUN_SECONDS {
            break;
        }
        lease.renew(register)?;
        let Some(mail) = outbox::claim(register, &at_this_moment(register, by, started))? else {
            is_empty = true;
            break;
        };
        let written = letters::write(&mut *register.database.read()?, register, by.now, &mail)?;
        let delivered = match written {
            Err(why) => Delivered::Empty(why),
            Ok(letter) => {
                let route = route.get_or_insert_with(|| Route::open(&register.deployment.mail));
                deliver(route, &letter, &mail)
            }
        };
        let count = match &delivered {
            Delivered::Sent => &mut *sent,
            Delivered::Empty(_) => &mut *empty,
            Delivered::Failed(_) => &mut *failed,
            Delivered::Refused(_) => &mut *refused,
            Delivered::Uncertain(_) => &mut *uncertain,
        };
        *count += 1;
        if let Delivered::Failed(error) | Delivered::Refused(error) | Delivered::Uncertain(error) = &delivered {
            tracing::warn!(mail = %mail.id, error, "mail did not leave");
        }
        if !outbox::settle(register, &at_this_moment(register, by, started), &mail, delivered)? {
            tracing::warn!(mail = %mail.id, "another sender took this mail over meanwhile");
        }
    }
    if let Some(Ok(route)) = route {
        route.close();
    }
    let mut report = JobReport::default();
    report.say(format!("{} sent", counted(*sent, "mail", "mails")));
    for (count, words) in [
        (*empty, "not sent, because nothing was left to say"),
        (*failed, "could not be sent and will be tried again"),
        (*refused, "refused for good, because of the address"),
        (*uncertain, "may have arrived"),
    ] {
        if count > 0 {
            report.say(format!("{} {words}", counted(count, "mail", "mails")));
        }
    }
    if !is_empty {
        report.say("what is left waits for the next run");
    }
    Ok(report)
}

/// The same actor when the run has lasted a while: the claim of a mail counts from when it is made. Counted from
/// the beginning of a long run, another sender would take it for lost before it is sent.
fn at_this_moment(register: &Register, by: &By, started: Moment) -> By {
    By { now: by.now.plus_seconds(passed(register, started)), ..by.clone() }
}

/// Whole seconds since a run began, by the clock.
fn passed(register: &Register, started: Moment) -> i64 {
    (register.now().utc() - started.utc()).num_seconds().max(0)
}

fn deliver(route: &mut Result<Route, DeliveryError>, letter: &Letter, mail: &Mail) -> Delivered {
    let route = match route {
        Ok(route) => route,
        Err(error) => return Delivered::Failed(error.to_string()),
    };
    let message = match letter.message() {
        Ok(message) => message,
        // Nothing was asked of the server, and the same address gives the same again.
        Err(error @ DigestError::Address(_)) => return Delivered::Refused(error.to_string()),
        Err(error) => return Delivered::Failed(error.to_string()),
    };
    match route.deliver(&message, &mail.message_id) {
        Ok(()) => Delivered::Sent,
        Err(DeliveryError::Uncertain(error)) => Delivered::Uncertain(error),
        Err(error @ DeliveryError::Refused(_)) => Delivered::Refused(error.to_string()),
        Err(error) => Delivered::Failed(error.to_string()),
    }
}
