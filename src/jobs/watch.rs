//! The process's clock, watched from look to look: that somebody looked is noted once a minute, with what is wrong
//! with the clock.

use std::time::{Duration, Instant};

use crate::actions::{Register, looks};
use crate::domain::ids::Moment;
use crate::domain::pulse::{MOST_SKEW_SECONDS, jump};
use crate::store::schedulers::Looker;

/// A look is noted when the last one that was is so old.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// What a process knows of its looks.
#[derive(Debug)]
pub struct Watch {
    looker: Looker,
    last: Option<(Moment, Instant)>,
    noted: Option<Instant>,
}

impl Watch {
    /// Before the first look.
    pub fn new(now: Moment) -> Self {
        Self { looker: looks::looker(now), last: None, noted: None }
    }

    /// Notes a look. A fault of the database is logged: it must keep nobody from looking.
    pub fn look(&mut self, register: &Register) {
        let (now, instant) = (register.now(), Instant::now());
        let jumped = self.last.and_then(|(before, then)| jump(before, now, instant.duration_since(then)));
        self.last = Some((now, instant));
        if let Some(seconds) = jumped {
            tracing::warn!(
                seconds,
                "the clock jumped by more than ten minutes; slots are accounted for as it shows them"
            );
            self.looker.jumps += 1;
            self.looker.jumped_at = Some(now);
            self.looker.jump_seconds = Some(seconds);
        }
        let lately = self.noted.is_some_and(|noted| instant.duration_since(noted) < NOTED_EVERY);
        if lately && jumped.is_none() {
            return;
        }
        self.noted = Some(instant);
        self.looker.looked_at = now;
        match looks::skew(register) {
            Ok(skew) => self.looker.skew_seconds = skew,
            Err(error) => tracing::error!(%error, "the database's clock could not be read"),
        }
        if let Some(seconds) = self.looker.skew_seconds.filter(|skew| skew.abs() > MOST_SKEW_SECONDS) {
            tracing::warn!(seconds, "this process's clock is not the database's; slots come at the wrong time");
        }
        if let Err(error) = looks::note(register, &self.looker) {
            tracing::error!(%error, "that somebody looked at the schedules could not be noted");
        }
    }
}
