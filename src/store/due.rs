//! What has come due and has no task yet: the reads behind the jobs.
//!
//! Each read walks a partial index that holds only rows which can come due, and leaves out by the
//! unique key of `tasks` those that already have theirs. A sweep with nothing new reads the due rows
//! and nothing else, and what stays overdue for years is not loaded again.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Text};

use super::types::sql::{Uid, UtcTime};
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::Cursor;
use crate::domain::tasks::{TaskCause, TaskKind};
use crate::each;

/// An identity for which something has come due.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Due {
    #[diesel(sql_type = Uid)]
    pub id: Id,
    /// Where the read goes on.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// The day on which it came due.
    #[diesel(sql_type = Date)]
    pub on: NaiveDate,
}

impl Due {
    /// The place after this row.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.key.clone(), id: self.id }
    }
}

/// How the two databases write the same thing.
struct Dialect {
    postgres: bool,
}

impl Dialect {
    fn of(db: &Db) -> Self {
        Self { postgres: matches!(db, Db::Pg(_)) }
    }

    /// A date column as `YYYY-MM-DD`.
    fn date_text(&self, column: &str) -> String {
        if self.postgres { format!("to_char({column}, 'YYYY-MM-DD')") } else { column.to_owned() }
    }

    /// The UTC day of a moment, as `YYYY-MM-DD`.
    fn day_text(&self, column: &str) -> String {
        if self.postgres {
            format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD')")
        } else {
            format!("substr({column}, 1, 10)")
        }
    }

    /// A moment as [`Moment::to_text`] writes it.
    fn moment_text(&self, column: &str) -> String {
        if self.postgres {
            format!("to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
        } else {
            column.to_owned()
        }
    }

    /// A bound text as a date or a moment; SQLite keeps both as that very text.
    fn cast(&self, bound: &str, kind: &str) -> String {
        if self.postgres { format!("CAST({bound} AS {kind})") } else { bound.to_owned() }
    }

    fn day(&self, text: &str) -> String {
        if self.postgres { format!("CAST({text} AS date)") } else { text.to_owned() }
    }

    /// Makes SQLite walk that index, or fail: without statistics it would rather read every active
    /// identity. PostgreSQL keeps statistics of its own.
    fn by_index(&self, index: &str) -> String {
        if self.postgres { String::new() } else { format!(" INDEXED BY {index}") }
    }

    /// The larger of two.
    fn later(&self, one: &str, other: &str) -> String {
        if self.postgres { format!("greatest({one}, {other})") } else { format!("max({one}, {other})") }
    }
}

fn without_task(kind: TaskKind, period: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM tasks t WHERE t.kind = '{}' AND t.identity_id = i.id AND t.period = {period})",
        kind.word()
    )
}

fn offboarding(cause: TaskCause, day: &str) -> String {
    without_task(TaskKind::Offboarding, &format!("'{}:' || {day}", cause.word()))
}

/// The query of a cause. `$1` is today or now, `$2` and `$3` the place, `$4` how many; both databases
/// number them by their first appearance, which must therefore be in that order.
fn query(dialect: &Dialect, cause: TaskCause) -> String {
    match cause {
        TaskCause::Expired => {
            let (key, day) = (dialect.moment_text("i.expires_at"), dialect.day_text("i.expires_at"));
            format!(
                "SELECT i.id AS id, {key} AS key, {on} AS \"on\" FROM identities i{index} \
                 WHERE i.expires_at IS NOT NULL AND i.state IN ('approved', 'active', 'suspended') \
                 AND i.expires_at <= $1 AND (i.expires_at, i.id) > ({place}, $3) AND {new} \
                 ORDER BY i.expires_at, i.id LIMIT $4",
                index = dialect.by_index("identities_expiry_due"),
                on = dialect.day(&day),
                place = dialect.cast("$2", "timestamptz"),
                new = offboarding(cause, &day),
            )
        }
        TaskCause::Revoking => {
            let (key, day) = (dialect.moment_text("i.state_changed_at"), dialect.day_text("i.state_changed_at"));
            format!(
                "SELECT i.id AS id, {key} AS key, {on} AS \"on\" FROM identities i{index} \
                 WHERE i.state = 'revoking' AND i.state_changed_at <= $1 \
                 AND (i.state_changed_at, i.id) > ({place}, $3) AND {new} \
                 ORDER BY i.state_changed_at, i.id LIMIT $4",
                index = dialect.by_index("identities_revoking"),
                on = dialect.day(&day),
                place = dialect.cast("$2", "timestamptz"),
                new = offboarding(cause, &day),
            )
        }
        TaskCause::ContractEnded => {
            let day = dialect.date_text("v.contract_ends_on");
            format!(
                "SELECT i.id AS id, {day} AS key, v.contract_ends_on AS \"on\" \
                 FROM vendors v JOIN identities i ON i.vendor_id = v.id \
                 WHERE v.contract_ends_on < $1 AND i.state NOT IN ('revoked', 'rejected') \
                 AND (v.contract_ends_on, i.id) > ({place}, $3) AND {new} \
                 ORDER BY v.contract_ends_on, i.id LIMIT $4",
                place = dialect.cast("$2", "date"),
                new = offboarding(cause, &day),
            )
        }
        TaskCause::OwnersGone => {
            // Starts from the people who left, so that it costs what they owned.
            let left = |person: &str| {
                format!(
                    "coalesce(CASE WHEN {person}.left_on <= $1 THEN {person}.left_on END, {})",
                    dialect.day("'0001-01-01'")
                )
            };
            let later = dialect.later(&left("b"), &left("o"));
            let day = dialect.date_text(&later);
            format!(
                "SELECT i.id AS id, {key} AS key, {later} AS \"on\" FROM identities i \
                 LEFT JOIN people b ON b.id = i.business_owner_id LEFT JOIN people o ON o.id = i.technical_owner_id \
                 WHERE i.id IN (\
                   SELECT left_one.id FROM people gone JOIN identities left_one ON left_one.business_owner_id = gone.id \
                   WHERE gone.left_on <= $1 \
                   UNION SELECT left_two.id FROM people gone JOIN identities left_two ON left_two.technical_owner_id = gone.id \
                   WHERE gone.left_on <= $1) \
                 AND (i.business_owner_id IS NULL OR i.business_owner_answer = 'refused' OR b.left_on <= $1) \
                 AND (i.technical_owner_id IS NULL OR i.technical_owner_answer = 'refused' OR o.left_on <= $1) \
                 AND i.state NOT IN ('revoked', 'rejected') \
                 AND ($2 <> '' AND i.id > $3) AND {new} ORDER BY i.id LIMIT $4",
                key = "'-'",
                new = offboarding(cause, &day),
            )
        }
        // No other cause is found by a sweep: each is raised where it arises.
        _ => {
            let day = dialect.date_text("i.next_review_on");
            format!(
                "SELECT i.id AS id, {day} AS key, i.next_review_on AS \"on\" FROM identities i{index} \
                 WHERE i.next_review_on IS NOT NULL AND i.state IN ('active', 'suspended') \
                 AND i.next_review_on <= $1 AND (i.next_review_on, i.id) > ({place}, $3) AND {new} \
                 ORDER BY i.next_review_on, i.id LIMIT $4",
                index = dialect.by_index("identities_review_due"),
                place = dialect.cast("$2", "date"),
                new = format_args!(
                    "NOT EXISTS (SELECT 1 FROM review_reasons r WHERE r.identity_id = i.id AND r.cause = 'clock' AND r.period = {day})"
                ),
            )
        }
    }
}

/// The place before the first row.
fn start(cause: TaskCause) -> Cursor {
    let key = match cause {
        TaskCause::Expired | TaskCause::Revoking => "0001-01-01T00:00:00.000000Z",
        _ => "0001-01-01",
    };
    Cursor { key: key.to_owned(), id: Id(uuid::Uuid::nil()) }
}

/// Identities for which that cause has come due and no task was raised, in order, after a place.
///
/// `today` is the civil day of the deployment: it decides about dates, `now` about moments.
pub fn without_tasks(
    db: &mut Db,
    cause: TaskCause,
    now: Moment,
    today: NaiveDate,
    after: Option<&Cursor>,
    limit: i64,
) -> Result<Vec<Due>, StoreError> {
    let text = query(&Dialect::of(db), cause);
    let place = after.cloned().unwrap_or_else(|| start(cause));
    each!(db, |c| match cause {
        TaskCause::Expired | TaskCause::Revoking => diesel::sql_query(text)
            .bind::<UtcTime, _>(now)
            .bind::<Text, _>(place.key)
            .bind::<Uid, _>(place.id)
            .bind::<BigInt, _>(limit)
            .load(c),
        _ => diesel::sql_query(text)
            .bind::<Date, _>(today)
            .bind::<Text, _>(place.key)
            .bind::<Uid, _>(place.id)
            .bind::<BigInt, _>(limit)
            .load(c),
    })
    .map_err(Into::into)
}

/// Identities that are shown as valid though their expiry has passed, in order, after a place: those
/// that a timer may stop, or those that care depends on.
pub fn expired(
    db: &mut Db,
    clinical: bool,
    now: Moment,
    after: Option<&Cursor>,
    limit: i64,
) -> Result<Vec<Due>, StoreError> {
    let dialect = Dialect::of(db);
    let text = format!(
        "SELECT i.id AS id, {key} AS key, {on} AS \"on\" FROM identities i{index} \
         WHERE i.expires_at IS NOT NULL AND i.state IN ('approved', 'active', 'suspended') AND i.state <> 'suspended' \
         AND i.expires_at <= $1 AND (i.expires_at, i.id) > ({place}, $3) \
         AND i.criticality {sign} 'clinical' ORDER BY i.expires_at, i.id LIMIT $4",
        index = dialect.by_index("identities_expiry_due"),
        key = dialect.moment_text("i.expires_at"),
        on = dialect.day(&dialect.day_text("i.expires_at")),
        place = dialect.cast("$2", "timestamptz"),
        sign = if clinical { "=" } else { "<>" },
    );
    let place = after.cloned().unwrap_or_else(|| start(TaskCause::Expired));
    each!(db, |c| diesel::sql_query(text)
        .bind::<UtcTime, _>(now)
        .bind::<Text, _>(place.key)
        .bind::<Uid, _>(place.id)
        .bind::<BigInt, _>(limit)
        .load(c))
    .map_err(Into::into)
}
