//! The runs of a job as its page lists them: slots in a row that came to the same end, as while it was paused, are one
//! line that counts them. Nothing is hidden: a link opens each.

use crate::domain::ids::{Id, Moment};
use crate::domain::jobs::Job;
use crate::domain::listing::Cursor;
use crate::store::job_runs::{self, JobRun};
use crate::store::{Db, StoreError};

/// Lines of a page.
pub const LINES: usize = 50;

/// Runs read at a time where they are folded.
const AT_A_TIME: i64 = 1_000;

/// Runs read for a page at most; a longer stretch goes on on the next page.
const MOST_READ: usize = 10_000;

/// A page of the list, newest slot first.
#[derive(Debug, Default)]
pub struct Folded {
    pub entries: Vec<Entry>,
    /// The last run that is in it.
    pub last: Option<Cursor>,
    /// There are runs after it.
    pub more: bool,
}

/// A run, or slots in a row that came to the same end.
#[derive(Debug)]
pub struct Entry {
    pub newest: JobRun,
    pub oldest: JobRun,
    pub count: usize,
    /// The place of the run before it in the list.
    pub before: Option<Cursor>,
}

/// Reads a page after a place; one run on each line unless they are folded.
pub fn read(db: &mut Db, job: Job, after: Option<Cursor>, fold: bool) -> Result<Folded, StoreError> {
    let mut page = Folded { last: after, ..Folded::default() };
    let limit = if fold { AT_A_TIME } else { i64::try_from(LINES + 1).unwrap_or(i64::MAX) };
    let mut read = 0;
    loop {
        let runs = job_runs::latest_after(db, job, page.last.as_ref().and_then(place), limit)?;
        let ended = i64::try_from(runs.len()) != Ok(limit);
        for run in runs {
            if read == MOST_READ || !page.take(run, fold) {
                page.more = true;
                return Ok(page);
            }
            read += 1;
        }
        if ended {
            return Ok(page);
        }
    }
}

/// Whether a place is one of this list.
pub fn reads(cursor: &Cursor) -> bool {
    place(cursor).is_some()
}

fn place(cursor: &Cursor) -> Option<(Moment, Id)> {
    Moment::parse(&cursor.key).ok().map(|slot| (slot, cursor.id))
}

impl Folded {
    /// Adds the next run; answers whether there was room for it.
    fn take(&mut self, run: JobRun, fold: bool) -> bool {
        let place = Cursor { key: run.slot_at.to_text(), id: run.id };
        let full = self.entries.len() == LINES;
        match self.entries.last_mut().filter(|last| fold && alike(&last.oldest, &run)) {
            Some(last) => {
                last.oldest = run;
                last.count += 1;
            }
            None if full => return false,
            None => {
                let before = self.last.clone();
                self.entries.push(Entry { newest: run.clone(), oldest: run, count: 1, before });
            }
        }
        self.last = Some(place);
        true
    }
}

/// Whether two slots beside each other came to the same end without a run.
fn alike(one: &JobRun, other: &JobRun) -> bool {
    one.state.never_ran() && one.state == other.state && one.reason == other.reason
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::runs::{RunState, StartedBy};

    fn run(minute: i64, state: RunState, reason: Option<&str>) -> JobRun {
        let slot = Moment::parse("2026-11-23T15:00:00Z").unwrap().plus_seconds(-60 * minute);
        let run = JobRun::new(Job::SendMail, slot, StartedBy::Schedule, state, slot);
        JobRun { reason: reason.map(str::to_owned), ..run }
    }

    fn counts(runs: Vec<JobRun>, fold: bool) -> Vec<usize> {
        let mut page = Folded::default();
        for run in runs {
            page.take(run, fold);
        }
        page.entries.iter().map(|entry| entry.count).collect()
    }

    fn some() -> Vec<JobRun> {
        vec![
            run(0, RunState::Done, None),
            run(1, RunState::Missed, Some("paused")),
            run(2, RunState::Missed, Some("paused")),
            run(3, RunState::Missed, Some("nothing ran")),
            run(4, RunState::Coalesced, Some("nothing ran")),
            run(5, RunState::Done, None),
            run(6, RunState::Done, None),
        ]
    }

    #[test]
    fn slots_in_a_row_that_came_to_the_same_end_are_one_line_and_runs_never() {
        assert_eq!(counts(some(), true), [1, 2, 1, 1, 1, 1]);
        assert_eq!(counts(some(), false), [1; 7]);
    }

    #[test]
    fn a_stretch_knows_the_place_before_it_and_a_full_page_takes_no_other_line() {
        let mut page = Folded::default();
        let first = run(0, RunState::Done, None);
        page.take(first.clone(), true);
        page.take(run(1, RunState::Missed, Some("paused")), true);
        assert_eq!(page.entries[1].before.as_ref().unwrap().id, first.id);
        for minute in 2..2_000 {
            assert!(page.take(run(minute, RunState::Missed, Some("paused")), true));
        }
        for minute in 2_000..2_048 {
            assert!(page.take(run(minute, RunState::Done, None), true));
        }
        let last = page.last.clone();
        assert!(!page.take(run(2_048, RunState::Done, None), true));
        assert_eq!((page.entries.len(), page.last), (50, last));
    }
}
