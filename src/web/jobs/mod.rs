//! Jobs: when they run, how they went, whether anything runs at all, and starting or pausing one by hand.

mod folded;
pub(super) mod health;
pub mod job;
pub mod list;

use chrono_tz::Tz;

use super::show;
use crate::domain::runs::RunState;
use crate::store::job_runs::JobRun;

/// A run as a page shows it.
pub struct RunRow {
    pub machine: String,
    pub when: String,
    pub started_by: &'static str,
    pub tag: &'static str,
    pub status: &'static str,
    /// What it did, what went wrong, or why there was none.
    pub lines: Vec<String>,
    pub took: String,
}

impl RunRow {
    /// The row of a run.
    pub fn of(run: &JobRun, tz: Tz) -> Self {
        let (tag, status) = match run.state {
            RunState::Done => ("ok", "Done"),
            RunState::Failed => ("bad", "Failed"),
            RunState::Missed => ("warn", "Missed"),
            RunState::Skipped => ("skip", "Left out"),
            RunState::Coalesced => ("skip", "Made up for"),
            RunState::Claimed => ("info", "Running"),
            RunState::Due => ("info", "Waiting"),
        };
        let lines = match (&run.result, run.error.as_ref().or(run.reason.as_ref())) {
            (Some(lines), _) => lines.0.clone(),
            (None, Some(text)) => vec![capital(text)],
            (None, None) => Vec::new(),
        };
        let took = match (run.started_at, run.finished_at) {
            (Some(start), Some(end)) if !run.state.never_ran() => {
                let milliseconds = (end.utc() - start.utc()).num_milliseconds();
                if milliseconds < 1_000 {
                    "under 1 second".to_owned()
                } else {
                    show::counted(milliseconds / 1_000, "second")
                }
            }
            _ if run.state.never_ran() => "Did not run".to_owned(),
            _ if run.state == RunState::Due => "Has not begun".to_owned(),
            _ if run.state == RunState::Claimed => "Is not done yet".to_owned(),
            _ => String::new(),
        };
        Self {
            machine: run.slot_at.to_text(),
            when: show::moment(run.slot_at, tz),
            started_by: run.started_by.label(),
            tag,
            status,
            lines,
            took,
        }
    }
}

/// With a capital first letter.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
