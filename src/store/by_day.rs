//! Lists that are sorted by a day and an id: the earliest day first, paged by both.

use chrono::NaiveDate;

use crate::domain::ids::Id;
use crate::domain::listing::{Direction, From};

/// Where such a list is read from, and in which direction.
pub(super) struct Place {
    pub after: Option<(NaiveDate, Id)>,
    pub direction: Direction,
}

impl Place {
    pub fn of(from: &From) -> Self {
        let (cursor, direction) = match from {
            From::Start => (None, Direction::Ascending),
            From::After(cursor) => (Some(cursor), Direction::Ascending),
            From::Before(cursor) => (Some(cursor), Direction::Descending),
        };
        let after = cursor.and_then(|cursor| cursor.key.parse::<NaiveDate>().ok().map(|day| (day, cursor.id)));
        Self { after, direction }
    }
}

/// Sorts a boxed query by its day and id, from a place on. The day is bounded by itself too, so that both
/// databases begin at the place in the index.
macro_rules! by_day {
    ($query:expr, $day:expr, $id:expr, $place:expr) => {{
        let mut query = $query;
        let place = $place;
        if let Some((day, id)) = place.after {
            query = match place.direction {
                $crate::domain::listing::Direction::Ascending => {
                    query.filter($day.ge(day)).filter($day.gt(day).or($id.gt(id)))
                }
                $crate::domain::listing::Direction::Descending => {
                    query.filter($day.le(day)).filter($day.lt(day).or($id.lt(id)))
                }
            };
        }
        match place.direction {
            $crate::domain::listing::Direction::Ascending => query.order(($day.asc(), $id.asc())),
            $crate::domain::listing::Direction::Descending => query.order(($day.desc(), $id.desc())),
        }
    }};
}

pub(super) use by_day;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::listing::Cursor;

    #[test]
    fn a_page_before_a_place_is_read_backwards() {
        let cursor = Cursor { key: "2026-11-23".to_owned(), id: Id::default() };
        let before = Place::of(&From::Before(cursor.clone()));
        assert_eq!(
            (before.after.unwrap().0.to_string().as_str(), before.direction),
            ("2026-11-23", Direction::Descending)
        );
        assert_eq!(Place::of(&From::After(cursor)).direction, Direction::Ascending);
        assert!(Place::of(&From::Start).after.is_none());
    }
}
