//! What the start page says of reviews that nobody answered, of findings, and of a run of silence that stopped.

use chrono::NaiveDate;

use crate::domain::listing::Count;
use crate::domain::reviews::silence::StopState;
use crate::domain::reviews::stop_words::share_words;
use crate::store::review_list::{self, ReviewFilter};
use crate::store::{Db, StoreError, findings, silence_stops};

/// Each is a sentence, and empty when there is nothing to say.
#[derive(Default)]
pub struct Reviewing {
    /// A run of silence that cut nothing and waits for two people.
    pub stopped: String,
    /// Reviews that are open after the day on which an answer was due.
    pub unanswered: String,
    pub findings: String,
}

/// Reads it.
pub fn read(db: &mut Db, today: NaiveDate) -> Result<Reviewing, StoreError> {
    let late = ReviewFilter { overdue_on: Some(today), ..ReviewFilter::default() };
    let stop = silence_stops::waiting(db)?.filter(|stop| stop.state == StopState::Stopped);
    Ok(Reviewing {
        stopped: stop.map_or_else(String::new, |stop| {
            format!("A run of silence stopped: it would have cut {}.", share_words(stop.cuts, stop.population))
        }),
        unanswered: match review_list::count(db, &late)? {
            Count::Exactly(0) => String::new(),
            Count::Exactly(1) => "1 review is past its day and nobody answered it".to_owned(),
            more => format!("{} reviews are past their day and nobody answered them", super::capital(&more.words())),
        },
        findings: match findings::count(db, None)? {
            Count::Exactly(0) => String::new(),
            Count::Exactly(1) => "1 finding is open".to_owned(),
            more => format!("{} findings are open", super::capital(&more.words())),
        },
    })
}
