//! How often the schedules are looked at, and how long a worker is waited for.

/// The times of the scheduler, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchedulerTimes {
    /// Between two looks at the schedules.
    pub tick_seconds: u32,
    /// A worker that was not heard of for so long is taken for lost, and somebody else may take its run.
    pub lease_seconds: u32,
}

impl Default for SchedulerTimes {
    fn default() -> Self {
        Self { tick_seconds: 15, lease_seconds: 600 }
    }
}

impl SchedulerTimes {
    /// A worker renews its lease when so much of it is over: a fifth, so that it may stand still for most of it.
    pub fn renewed_after_seconds(self) -> i64 {
        i64::from(self.lease_seconds / 5)
    }

    /// Seconds between two slots of a schedule, at least: every slot gets a row, so a schedule of every second fills the
    /// database. Whoever looks every second, as the harnesses do, may have slots as often.
    pub fn shortest_wait_seconds(self) -> i64 {
        if self.tick_seconds == 1 { 1 } else { 60 }
    }
}

/// The longest lease: a day. Until it ends nobody takes over what a lost worker had begun.
const LONGEST_LEASE: u32 = 24 * 3600;

/// The longest tick. What is older than a few of these counts as late.
const LONGEST_TICK: u32 = 60;

/// Reads `MUSTER_TICK_SECONDS` and `MUSTER_LEASE_SECONDS`, where they are set.
///
/// # Errors
/// A sentence that says what to write. A lease lasts three ticks at least: a worker that two looks found busy
/// must not be taken for lost at the third.
pub fn scheduler_times(tick: Option<&str>, lease: Option<&str>) -> Result<SchedulerTimes, String> {
    let number = |name: &str, text: Option<&str>, least: u32, most: u32| match text {
        None => Ok(None),
        Some(text) => match text.trim().parse::<u32>() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(format!("{name} is {text}; write a whole number of seconds from {least} to {most}")),
        },
    };
    let known = SchedulerTimes::default();
    let tick_seconds = number("MUSTER_TICK_SECONDS", tick, 1, LONGEST_TICK)?.unwrap_or(known.tick_seconds);
    let lease_seconds = number("MUSTER_LEASE_SECONDS", lease, 3, LONGEST_LEASE)?.unwrap_or(known.lease_seconds);
    if lease_seconds < 3 * tick_seconds {
        return Err(format!(
            "MUSTER_LEASE_SECONDS is {lease_seconds}, less than three looks at the schedules; write at least {}, or \
             lower MUSTER_TICK_SECONDS, which is {tick_seconds}",
            3 * tick_seconds
        ));
    }
    Ok(SchedulerTimes { tick_seconds, lease_seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_the_scheduler_are_read_strictly() {
        assert_eq!(scheduler_times(None, None), Ok(SchedulerTimes::default()));
        let quick = SchedulerTimes { tick_seconds: 1, lease_seconds: 3 };
        assert_eq!(scheduler_times(Some("1"), Some(" 3 ")), Ok(quick));
        assert_eq!(quick.renewed_after_seconds(), 0, "at every batch");
        assert_eq!(SchedulerTimes::default().renewed_after_seconds(), 120);
        assert_eq!((quick.shortest_wait_seconds(), SchedulerTimes::default().shortest_wait_seconds()), (1, 60));
        for (tick, lease, what_to_do) in [
            (Some("0"), None, "MUSTER_TICK_SECONDS is 0; write a whole number of seconds from 1 to 60"),
            (Some("61"), None, "from 1 to 60"),
            (Some("1.5"), None, "from 1 to 60"),
            (Some("15 s"), None, "from 1 to 60"),
            (None, Some("2"), "MUSTER_LEASE_SECONDS is 2; write a whole number of seconds from 3 to 86400"),
            (None, Some("99999999999"), "from 3 to 86400"),
            (None, Some("44"), "write at least 45, or lower MUSTER_TICK_SECONDS, which is 15"),
            (Some("2"), Some("5"), "write at least 6"),
        ] {
            let said = scheduler_times(tick, lease).unwrap_err();
            assert!(said.contains(what_to_do), "{tick:?} {lease:?}: {said}");
        }
    }
}
