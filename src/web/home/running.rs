//! What the start page says of jobs: which are paused, and to administrators whether anything runs at all.

use chrono_tz::Tz;

use crate::actions::Register;
use crate::actions::looks::{self, Health};
use crate::domain::ids::Moment;
use crate::store::{Db, StoreError};
use crate::web::jobs::health;

/// Empty where there is nothing to say.
#[derive(Default)]
pub struct Running {
    /// \u{201c}A job is paused: Send mail\u{201d}.
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
    let names: Vec<&str> = found.paused.iter().map(|paused| paused.job.label()).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("A job is paused: {one}"),
        more => format!("{} jobs are paused: {}", more.len(), more.join(", ")),
    }
}
