//! What people wrote beside a review before it ended, on its page.

use chrono_tz::Tz;

use crate::actions::By;
use crate::actions::reviews::load::Loaded;
use crate::actions::reviews::note::may_note;
use crate::domain::ids::Id;
use crate::domain::reviews::notes::MOST;
use crate::store::{Db, StoreError, names, review_notes};
use crate::web::show;

/// The section of the page.
#[derive(Debug, Default)]
pub struct Notes {
    /// The newest first.
    pub lines: Vec<Line>,
    /// The reader may add one.
    pub may: bool,
}

/// A note.
#[derive(Debug)]
pub struct Line {
    pub machine: String,
    pub when: String,
    pub who: String,
    pub says: String,
}

impl Notes {
    /// Whether the section stands on the page: somebody wrote something, or the reader may, or wanted to.
    pub fn stands(&self, typed: &str) -> bool {
        self.may || !self.lines.is_empty() || !typed.is_empty()
    }

    /// Reads them.
    pub fn read(db: &mut Db, loaded: &Loaded, by: &By, tz: Tz) -> Result<Self, StoreError> {
        let notes = review_notes::about(db, loaded.review.id, i64::try_from(MOST).unwrap_or(i64::MAX))?;
        let writers: Vec<Id> = notes.iter().map(|note| note.by_id).collect();
        let names = names::of(db, &writers)?;
        let lines = notes.into_iter().map(|note| Line {
            machine: note.at.to_text(),
            when: show::moment(note.at, tz),
            who: names.get(&note.by_id).map_or_else(|| note.by_id.to_string(), |named| named.name.clone()),
            says: note.says,
        });
        Ok(Self { lines: lines.collect(), may: may_note(loaded, by).is_ok() })
    }
}
