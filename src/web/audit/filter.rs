//! The filter of the log as it stands in a link.

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Tz;

use crate::domain::audit::wording;
use crate::domain::ids::Moment;
use crate::domain::listing::Cursor;
use crate::store::audit::AuditFilter;
use crate::store::{Db, StoreError};
use crate::store::{api_tokens, people_list};
use crate::web::asked::{Asked, Faults};
use crate::web::fields::Fields;

/// People that a typed actor may mean; more than these need a longer text.
const MOST_ACTORS: i64 = 200;

/// Reads what a link asks for. `since` and `until` are days of the reader; `until` is included.
pub fn read(db: &mut Db, fields: &Fields, tz: Tz) -> Result<(AuditFilter, Faults), StoreError> {
    let (mut filter, actor, mut faults) = parse(fields, tz);
    if let Some(actor) = actor {
        match actors(db, &actor)? {
            Some(actors) => filter.actors = Some(actors),
            None => faults.add(
                "actor",
                format!(
                    "Actor: more than {MOST_ACTORS} people match \u{201c}{actor}\u{201d}. Write more of the name, or the \
                     e-mail address."
                ),
                Vec::new(),
            ),
        }
    }
    Ok((filter, faults))
}

/// The filter without its actor, and the text that names the actor.
fn parse(fields: &Fields, tz: Tz) -> (AuditFilter, Option<String>, Faults) {
    let mut asked = Asked::of(fields);
    let actor = asked.text("actor", "Actor");
    let since = asked.date("since", "Since");
    let until = asked.date("until", "Until");
    if let (Some(since), Some(until)) = (since, until)
        && until < since
    {
        asked.fault("until", "Until: this day is before the day in Since.");
    }
    let filter = AuditFilter {
        entity: asked.word("entity", "About", wording::ENTITIES).map(str::to_owned),
        entity_id: asked.text("entity_id", "Id of the record"),
        actors: None,
        action: asked.word("action", "Action", wording::ACTIONS).map(str::to_owned),
        outcome: asked.value("outcome", "Outcome"),
        emergency: asked.text("emergency", "Emergency access"),
        since: since.and_then(|date| start_of(date, tz)),
        until: until.and_then(|date| start_of(date.succ_opt()?, tz)),
    };
    (filter, actor, asked.finish())
}

/// Who the typed actor may be: people by id, name or address, with their API tokens, and the job or
/// command of that name.
/// `None` when more people match than are looked for.
fn actors(db: &mut Db, text: &str) -> Result<Option<Vec<String>>, StoreError> {
    let found = people_list::matching(db, text, MOST_ACTORS + 1)?;
    if i64::try_from(found.len()).unwrap_or(i64::MAX) > MOST_ACTORS {
        return Ok(None);
    }
    let found: Vec<_> = found.into_iter().map(|(id, _)| id).collect();
    let mut actors = vec![text.to_owned()];
    // What somebody's token did was done on their behalf.
    actors.extend(api_tokens::ids_of(db, &found)?.iter().map(ToString::to_string));
    actors.extend(found.iter().map(ToString::to_string));
    Ok(Some(actors))
}

/// Whether the place is one of the log: the number of an entry.
pub fn reads(cursor: &Cursor) -> bool {
    cursor.key.parse::<i64>().is_ok()
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
        let (filter, _, faults) = parse(&fields, chrono_tz::America::Chicago);
        assert!(faults.is_empty());
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
