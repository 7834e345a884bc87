//! What the start page says of jobs: which are paused, and to administrators whether anything runs at all.

use chrono_tz::Tz;

use crate::actions::Register;
use crate::actions::looks::{self, Health};
use crate::domain::ids::Moment;
use crate::domain::jobs::Job;
use crate::store::{Db, StoreError};
use crate::web::jobs::health;

/// Empty where there is nothing to say.
#[derive(Default)]
pub struct Running {
    /// \u{201c}A job is paused: Send mail\u{201d}; and which run seldom, which is a pause by another name.
    pub paused: String,
    /// The kind of a note and its sentence, when not everything ran.
    pub figure: Option<(&'static str, String)>,
}

/// Reads it. `figure`: whether the reader is told, too, that nothing runs.
pub fn read(db: &mut Db, register: &Register, figure: bool, now: Moment, tz: Tz) -> Result<Running, StoreError> {
    let found = looks::health(db, register, now)?;
    let said = health::lines(&found, now, tz).into_iter().next();
    Ok(Running {
        paused: paused_words(&found),
        figure: said.filter(|(kind, _)| figure && matches!(*kind, "warn" | "bad")),
    })
}

fn paused_words(found: &Health) -> String {
    let names = |jobs: Vec<Job>| jobs.iter().map(|job| job.label()).collect::<Vec<_>>().join(", ");
    let say = |jobs: Vec<Job>, one: &str, more: &str| match jobs.len() {
        0 => None,
        1 => Some(format!("A job {one}: {}", names(jobs))),
        count => Some(format!("{count} jobs {more}: {}", names(jobs))),
    };
    let paused = say(found.paused.iter().map(|paused| paused.job).collect(), "is paused", "are paused");
    let rare = say(found.seldom.iter().map(|(job, _)| *job).collect(), "runs seldom", "run seldom");
    paused.into_iter().chain(rare).collect::<Vec<_>>().join(". ")
}
