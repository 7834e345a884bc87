//! The filter of the log as it stands in a link.

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Tz;

use crate::domain::ids::Moment;
use crate::store::audit::AuditFilter;
use crate::store::people_list;
use crate::store::{Db, StoreError};
use crate::web::fields::Fields;

/// People that a typed actor may mean; more than these need a longer text.
const MOST_ACTORS: i64 = 200;

/// Reads what a link asks for. `since` and `until` are days of the reader; `until` is included.
pub fn parse(fields: &Fields, tz: Tz) -> AuditFilter {
    AuditFilter {
        entity: fields.text("entity"),
        entity_id: fields.text("entity_id"),
        actors: None,
        action: fields.text("action"),
        outcome: fields.value("outcome"),
        since: fields.value::<NaiveDate>("since").and_then(|date| start_of(date, tz)),
        until: fields.value::<NaiveDate>("until").and_then(|date| start_of(date.succ_opt()?, tz)),
    }
}

/// Who the typed actor may be: people by id, name or address, and the job or command of that name.
/// The second value says that more people match than are looked for.
pub fn actors(db: &mut Db, text: &str) -> Result<(Vec<String>, bool), StoreError> {
    let mut actors = vec![text.to_owned()];
    let found = people_list::matching(db, text, MOST_ACTORS + 1)?;
    let too_many = i64::try_from(found.len()).unwrap_or(i64::MAX) > MOST_ACTORS;
    actors.extend(found.into_iter().map(|(id, _)| id.to_string()));
    Ok((actors, too_many))
}

/// The first moment of a day; where the clock skips midnight, the first that there is.
fn start_of(date: NaiveDate, tz: Tz) -> Option<Moment> {
    (0..=3)
        .filter_map(|hour| tz.from_local_datetime(&date.and_hms_opt(hour, 0, 0)?).earliest())
        .next()
        .map(|at| Moment::new(at.to_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_the_reader_is_read_whole() {
        let fields = Fields::parse(b"since=2026-11-23&until=2026-11-23");
        let filter = parse(&fields, chrono_tz::America::Chicago);
        assert_eq!(filter.since, Moment::parse("2026-11-23T06:00:00Z").ok());
        assert_eq!(filter.until, Moment::parse("2026-11-24T06:00:00Z").ok());
    }

    #[test]
    fn a_day_without_midnight_starts_when_it_starts() {
        // In Beirut the clocks went from midnight straight to 01:00 (02:00 before in UTC: 22:00).
        let date = NaiveDate::from_ymd_opt(2024, 3, 31).unwrap();
        assert_eq!(start_of(date, chrono_tz::Asia::Beirut), Moment::parse("2024-03-30T22:00:00Z").ok());
    }
}
