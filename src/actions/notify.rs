//! Telling people that something waits for them: a digest in the outbox, in the same transaction.

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Tz;

use super::{ActionError, Register, Work};
use crate::domain::ids::{Id, Moment};
use crate::store::outbox;

/// The hour at which the day's digests leave, in the deployment's zone.
const DIGEST_HOUR: u32 = 7;

/// Queues the digest of a person.
pub fn queue_digest(register: &Register, work: &mut Work<'_>, person: Id) -> Result<(), ActionError> {
    let zone = register.deployment.time_zone;
    let today = work.by.now.utc().with_timezone(&zone).date_naive();
    outbox::queue_digest(work.db, person, today, work.by.now, |date| leaves_at(date, zone))?;
    Ok(())
}

fn leaves_at(date: NaiveDate, zone: Tz) -> Moment {
    let civil = date.and_hms_opt(DIGEST_HOUR, 0, 0).unwrap_or_default();
    let local = zone.from_local_datetime(&civil).earliest();
    Moment::new(local.map_or_else(|| civil.and_utc(), |at| at.to_utc()))
}
