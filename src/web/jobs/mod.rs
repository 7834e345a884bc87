//! Jobs: when they run, how they went, and starting one by hand.

pub mod job;
pub mod list;

use chrono_tz::Tz;

use super::show;
use crate::domain::runs::RunState;
use crate::store::schedules::JobRun;

/// A run as a page shows it.
pub struct RunRow {
    pub machine: String,
    pub when: String,
    pub started_by: &'static str,
    pub tag: &'static str,
    pub status: &'static str,
    /// What it did, or what went wrong.
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
            RunState::Claimed => ("info", "Running"),
            RunState::Due => ("info", "Waiting"),
        };
        let lines = match (&run.result, &run.error) {
            (Some(lines), _) => lines.0.clone(),
            (None, Some(error)) => vec![error.clone()],
            (None, None) => Vec::new(),
        };
        let took = match (run.started_at, run.finished_at) {
            (Some(start), Some(end)) => {
                let milliseconds = (end.utc() - start.utc()).num_milliseconds();
                if milliseconds < 1_000 {
                    "under 1 second".to_owned()
                } else {
                    show::counted(milliseconds / 1_000, "second")
                }
            }
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
