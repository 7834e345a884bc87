//! Whether jobs run, in a sentence; and what is wrong with clocks.

use chrono_tz::Tz;

use crate::actions::looks::Health;
use crate::domain::ids::Moment;
use crate::domain::pulse::Pulse;
use crate::web::show::{self, counted};

/// The kind of a note and its sentence.
pub type Line = (&'static str, String);

/// What a page says of the jobs' health: the figure first, then warnings.
pub fn lines(health: &Health, now: Moment, tz: Tz) -> Vec<Line> {
    let mut lines = vec![figure(health, now, tz)];
    for (job, until) in &health.ahead {
        lines.push((
            "warn",
            format!(
                "{}: a clock stood ahead, and slots up to {} are accounted for. Nothing runs by its schedule until then, \
                 unless somebody saves the schedule again.",
                job.label(),
                show::second(*until, tz)
            ),
        ));
    }
    if let Some(seconds) = health.skew_seconds {
        let way = if seconds > 0 { "ahead of" } else { "behind" };
        lines.push((
            "warn",
            format!(
                "A server\u{2019}s clock is {} {way} the database\u{2019}s: jobs run at the wrong time. Set the clock.",
                counted(seconds.abs(), "second")
            ),
        ));
    }
    if let Some((at, seconds)) = health.jump {
        let way = if seconds > 0 { "forwards" } else { "back" };
        lines.push((
            "info",
            format!(
                "In the last seven days a server\u{2019}s clock jumped {}; the last time at {}, by {} {way}.",
                counted(health.jumps, "time"),
                show::second(at, tz),
                counted(seconds.abs(), "second")
            ),
        ));
    }
    lines
}

fn figure(health: &Health, now: Moment, tz: Tz) -> Line {
    let late = counted(i64::try_from(health.late_slots()).unwrap_or(i64::MAX), "slot");
    let verb = if health.late_slots() == 1 { "is" } else { "are" };
    let since = health.last_look.map(|at| show::second(at, tz)).unwrap_or_default();
    let ago = health.last_look.map(|at| counted((now.utc() - at.utc()).num_seconds().max(0), "second"));
    let ago = ago.unwrap_or_default();
    match (health.pulse, health.oldest_late()) {
        (Pulse::NotStarted, None) => {
            ("warn", "Nothing has run yet: jobs run while \u{201c}muster serve\u{201d} runs.".to_owned())
        }
        (Pulse::NotStarted, Some(_)) => (
            "bad",
            format!("Nothing has run yet, and {late} {verb} late: jobs run while \u{201c}muster serve\u{201d} runs."),
        ),
        (Pulse::Stopped, None) => {
            ("bad", format!("Nobody has looked at the schedules since {since}. No slot is late yet."))
        }
        (Pulse::Stopped, Some(_)) => ("bad", format!("Nothing ran since {since}: {late} {verb} late.")),
        (Pulse::Late, oldest) => {
            let oldest = oldest.map(|oldest| show::second(oldest, tz)).unwrap_or_default();
            (
                "warn",
                format!("{late} {verb} late, the oldest since {oldest}. The last look at the schedules was {ago} ago."),
            )
        }
        (Pulse::Running, _) => ("ok", format!("Everything ran: the last look was {ago} ago.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::looks::Late;
    use crate::domain::jobs::Job;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn health(pulse: Pulse, last_look: Option<&str>, slots: usize) -> Health {
        let late = Late { job: Job::SendMail, slots, oldest: at("2026-11-23T14:00:00Z") };
        Health {
            pulse,
            last_look: last_look.map(at),
            late: if slots == 0 { Vec::new() } else { vec![late] },
            ahead: Vec::new(),
            skew_seconds: None,
            jumps: 0,
            jump: None,
        }
    }

    fn said(health: &Health) -> Vec<Line> {
        lines(health, at("2026-11-23T15:00:00Z"), chrono_tz::America::Chicago)
    }

    #[test]
    fn the_figure_is_a_sentence() {
        let look = Some("2026-11-23T14:59:48Z");
        let (kind, text) = said(&health(Pulse::Running, look, 0)).remove(0);
        assert_eq!((kind, text.as_str()), ("ok", "Everything ran: the last look was 12 seconds ago."));
        let (kind, text) = said(&health(Pulse::Stopped, Some("2026-11-23T14:00:00Z"), 1_200)).remove(0);
        assert_eq!(
            (kind, text.as_str()),
            ("bad", "Nothing ran since 2026-11-23 08:00:00 -06:00: 1,200 slots are late.")
        );
        let (_, text) = said(&health(Pulse::Late, look, 1)).remove(0);
        assert!(text.starts_with("1 slot is late, the oldest since 2026-11-23 08:00:00 -06:00."), "{text}");
        assert!(said(&health(Pulse::NotStarted, None, 0))[0].1.contains("muster serve"));
    }

    #[test]
    fn a_wrong_clock_is_said_with_its_direction() {
        let mut wrong = health(Pulse::Running, Some("2026-11-23T14:59:48Z"), 0);
        wrong.skew_seconds = Some(-75);
        wrong.jumps = 2;
        wrong.jump = Some((at("2026-11-23T14:00:00Z"), 34_560_000));
        wrong.ahead = vec![(Job::SendMail, at("2027-12-28T00:00:00Z"))];
        let all: Vec<String> = said(&wrong).into_iter().map(|(_, text)| text).collect();
        assert_eq!(all.len(), 4);
        assert!(all[1].contains("up to 2027-12-27 18:00:00 -06:00"), "{}", all[1]);
        assert!(all[2].contains("75 seconds behind the database"), "{}", all[2]);
        assert!(all[3].contains("2 times") && all[3].contains("by 34,560,000 seconds forwards"), "{}", all[3]);
    }
}
