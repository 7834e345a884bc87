//! Days in the zone of a deployment: when one begins, and on which an identity ends.

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Tz;

use crate::domain::ids::Moment;
use crate::store::identities::Identity;

/// The start of a day in a zone; where the clock jumps over midnight, the first moment after.
pub fn start_of_day(date: NaiveDate, zone: Tz) -> Moment {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    let start = (0..=3)
        .find_map(|hour| zone.from_local_datetime(&(midnight + chrono::Duration::hours(hour))).earliest())
        .map_or_else(|| midnight.and_utc(), |at| at.to_utc());
    Moment::new(start)
}

/// The day on which it expires, in the deployment's zone: what the form shows.
pub fn expires_on(identity: &Identity, zone: Tz) -> Option<NaiveDate> {
    identity.expires_at.map(|at| at.utc().with_timezone(&zone).date_naive())
}
