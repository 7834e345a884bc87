//! Whether jobs run, in a sentence; which are paused; and what is wrong with clocks.

use std::collections::HashMap;

use chrono_tz::Tz;

use super::capital;
use crate::actions::looks::{Health, Paused};
use crate::domain::ids::{Id, Moment};
use crate::domain::jobs::Job;
use crate::domain::listing::Count;
use crate::domain::pulse::Pulse;
use crate::domain::schedule::Schedule;
use crate::domain::seldom::Gap;
use crate::store::names::Named;
use crate::web::show::{self, counted};

/// The kind of a note and its sentence.
pub type Line = (&'static str, String);

/// What a page says of the jobs' health: the figure first, then warnings.
pub fn lines(health: &Health, now: Moment, tz: Tz) -> Vec<Line> {
    let mut lines = vec![figure(health, now, tz)];
    lines.extend(not_yet_lines(health, tz));
    for (job, until) in &health.ahead {
        lines.push((
            "warn",
            format!(
                "{}: a clock stood ahead, and slots up to {} are accounted for. Nothing runs by its schedule until then, \
                 unless somebody saves the schedule again.",
                job.label(),
                show::moment(*until, tz)
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
                show::moment(at, tz),
                counted(seconds.abs(), "second")
            ),
        ));
    }
    lines
}

/// Which jobs have not run yet, where the figure does not say so: a warning for each that a time has passed by.
fn not_yet_lines(health: &Health, tz: Tz) -> Vec<Line> {
    // Where nothing ever ran, the figure says it of all.
    if health.pulse == Pulse::NotStarted {
        return Vec::new();
    }
    let mut lines: Vec<Line> = health
        .passed_by()
        .into_iter()
        .map(|(job, at)| {
            ("warn", format!("{} has not run yet, and its time passed: {}.", job.label(), show::moment(at, tz)))
        })
        .collect();
    let to_come = health.to_come();
    if !to_come.is_empty() && health.pulse != Pulse::NotYet {
        lines.push(("info", format!("{}.", not_yet_words(&to_come))));
    }
    lines
}

/// "2 jobs have not run yet: Send mail, Purge sessions".
fn not_yet_words(jobs: &[Job]) -> String {
    let names = jobs.iter().map(|job| job.label()).collect::<Vec<_>>().join(", ");
    let verb = if jobs.len() == 1 { "has" } else { "have" };
    format!("{} {verb} not run yet: {names}", counted(i64::try_from(jobs.len()).unwrap_or(i64::MAX), "job"))
}

/// "2 jobs were to run and never have."
fn never_words(jobs: usize) -> String {
    let (was, has) = if jobs == 1 { ("was", "has") } else { ("were", "have") };
    format!("{} {was} to run and never {has}.", counted(i64::try_from(jobs).unwrap_or(i64::MAX), "job"))
}

/// A warning for each job that is paused: since when and for how long, by whom, why, and what it missed meanwhile.
pub fn paused_lines(health: &Health, names: &HashMap<Id, Named>, now: Moment, tz: Tz) -> Vec<Line> {
    health.paused.iter().map(|paused| ("warn", paused_line(paused, names, now, tz))).collect()
}

fn paused_line(paused: &Paused, names: &HashMap<Id, Named>, now: Moment, tz: Tz) -> String {
    let by = paused.by.and_then(|person| names.get(&person)).map(|named| format!(", by {}", named.name));
    format!(
        "{} is paused since {}, {} ago{}: {} {} It runs only by hand.",
        paused.job.label(),
        show::moment(paused.since, tz),
        ago(paused.since, now),
        by.unwrap_or_default(),
        ended(&paused.reason),
        missed_words(paused.missed)
    )
}

/// A warning for each job that runs far less often than it is meant to.
pub fn seldom_lines(health: &Health, now: Moment, tz: Tz) -> Vec<Line> {
    let line = |(job, gap): &(Job, Gap)| ("warn", format!("{} {}", job.label(), seldom_words(*job, gap, now, tz)));
    health.seldom.iter().map(line).collect()
}

/// How seldom a job runs, after its name or "It", and what is meant.
pub fn seldom_words(job: Job, gap: &Gap, now: Moment, tz: Tz) -> String {
    let when = match gap.until {
        None => "it never comes again".to_owned(),
        Some(until) if gap.from <= now => format!("next on {}", show::moment(until, tz)),
        Some(until) => format!("not from {} to {}", show::moment(gap.from, tz), show::moment(until, tz)),
    };
    let meant = Schedule::parse(job.default_cron(), tz.name()).map(|meant| meant.words()).unwrap_or_default();
    format!("runs seldom: {when}. It is meant to run {meant}. What it does waits meanwhile, as while it is paused.")
}

/// What a job missed while it was paused.
pub fn missed_words(missed: Count) -> String {
    match missed {
        Count::Exactly(0) => "It has missed no slot yet.".to_owned(),
        Count::Exactly(1) => "It missed 1 slot meanwhile.".to_owned(),
        more => format!("It missed {} slots meanwhile.", more.words()),
    }
}

/// "3 days", "5 hours", "1 minute": the largest unit that is full.
pub fn ago(since: Moment, now: Moment) -> String {
    match (now.utc() - since.utc()).num_minutes().max(0) {
        minutes if minutes < 60 => counted(minutes, "minute"),
        minutes if minutes < 48 * 60 => counted(minutes / 60, "hour"),
        minutes => counted(minutes / (24 * 60), "day"),
    }
}

fn ended(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

fn figure(health: &Health, now: Moment, tz: Tz) -> Line {
    let late = health.late_words();
    let verb = if late == "1 slot" { "is" } else { "are" };
    let since = health.last_look.map(|at| show::moment(at, tz)).unwrap_or_default();
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
        // Nothing waits: what should have run was missed.
        (Pulse::Late, None) => {
            ("warn", format!("{} The last look was {ago} ago.", never_words(health.passed_by().len())))
        }
        (Pulse::Late, Some(oldest)) => {
            let oldest = show::moment(oldest, tz);
            (
                "warn",
                capital(&format!(
                    "{late} {verb} late, the oldest since {oldest}. The last look at the schedules was {ago} ago."
                )),
            )
        }
        // What never ran did not run, so this is no green either; nor is it a fault before its first time.
        (Pulse::NotYet, _) => {
            let what = if health.paused.is_empty() { "Nothing is late" } else { "Nothing that is not paused is late" };
            ("info", format!("{what}. {}. The last look was {ago} ago.", not_yet_words(&health.to_come())))
        }
        // What is paused did not run, so this is no green.
        (Pulse::Running, _) if !health.paused.is_empty() => {
            ("info", format!("Whatever is not paused ran: the last look was {ago} ago."))
        }
        (Pulse::Running, _) if !health.seldom.is_empty() => {
            ("info", format!("Whatever does not run seldom ran: the last look was {ago} ago."))
        }
        (Pulse::Running, _) => ("ok", format!("Everything ran: the last look was {ago} ago.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::looks::{Late, NotYet};

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn health(pulse: Pulse, last_look: Option<&str>, slots: usize) -> Health {
        let late = Late { job: Job::SendMail, slots, more: false, oldest: at("2026-11-23T14:00:00Z") };
        Health {
            pulse,
            last_look: last_look.map(at),
            late: if slots == 0 { Vec::new() } else { vec![late] },
            not_yet: Vec::new(),
            paused: Vec::new(),
            seldom: Vec::new(),
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
        assert_eq!((kind, text.as_str()), ("bad", "Nothing ran since 23 Nov 2026, 08:00 CST: 1,200 slots are late."));
        let (_, text) = said(&health(Pulse::Late, look, 1)).remove(0);
        assert!(text.starts_with("1 slot is late, the oldest since 23 Nov 2026, 08:00 CST."), "{text}");
        let mut many = health(Pulse::Late, look, 1_000);
        many.late[0].more = true;
        let (_, text) = said(&many).remove(0);
        assert!(text.starts_with("More than 1,000 slots are late, the oldest since"), "{text}");
        assert!(said(&health(Pulse::NotStarted, None, 0))[0].1.contains("muster serve"));
    }

    #[test]
    fn jobs_that_have_not_run_yet_are_named_and_a_time_that_passed_by_one_is_a_warning() {
        let look = Some("2026-11-23T14:59:48Z");
        let mut fresh = health(Pulse::NotYet, look, 0);
        fresh.not_yet = [Job::SendMail, Job::PurgeSessions].map(|job| NotYet { job, passed: None }).to_vec();
        let info = |text: &str| vec![("info", text.to_owned())];
        let words =
            "Nothing is late. 2 jobs have not run yet: Send mail, Purge sessions. The last look was 12 seconds ago.";
        assert_eq!(said(&fresh), info(words), "what never ran is no green");
        fresh.not_yet.truncate(1);
        let words = "Nothing is late. 1 job has not run yet: Send mail. The last look was 12 seconds ago.";
        assert_eq!(said(&fresh), info(words));
        let mut passed = health(Pulse::Late, look, 0);
        passed.not_yet = vec![
            NotYet { job: Job::SendMail, passed: Some(at("2026-11-23T14:00:00Z")) },
            NotYet { job: Job::PurgeSessions, passed: None },
        ];
        assert_eq!(
            said(&passed),
            [
                ("warn", "1 job was to run and never has. The last look was 12 seconds ago.".to_owned()),
                ("warn", "Send mail has not run yet, and its time passed: 23 Nov 2026, 08:00 CST.".to_owned()),
                ("info", "1 job has not run yet: Purge sessions.".to_owned()),
            ]
        );
        passed.not_yet[1].passed = Some(at("2026-11-23T14:30:00Z"));
        let both = "2 jobs were to run and never have. The last look was 12 seconds ago.";
        assert_eq!(said(&passed)[0], ("warn", both.to_owned()), "the lines after it name them");
        passed.pulse = Pulse::NotStarted;
        assert_eq!(said(&passed).len(), 1, "where nothing ran at all, nobody reads it of each");
    }

    #[test]
    fn a_paused_job_is_a_warning_that_says_who_when_why_and_what_was_missed() {
        let person = Id::new();
        let mut paused = health(Pulse::Running, Some("2026-11-23T14:59:48Z"), 0);
        paused.paused = vec![Paused {
            job: Job::SendMail,
            since: at("2026-11-21T15:00:00Z"),
            by: Some(person),
            reason: "the mail server is moved".to_owned(),
            missed: Count::Exactly(1_200),
        }];
        let (kind, text) = said(&paused).remove(0);
        assert_eq!((kind, text.as_str()), ("info", "Whatever is not paused ran: the last look was 12 seconds ago."));
        let names = HashMap::from([(person, Named { entity: "person", name: "Ada Lovelace".to_owned() })]);
        let now = at("2026-11-23T15:00:00Z");
        let (kind, text) = paused_lines(&paused, &names, now, chrono_tz::UTC).remove(0);
        assert_eq!(kind, "warn");
        assert_eq!(
            text,
            "Send mail is paused since 21 Nov 2026, 15:00 UTC, 2 days ago, by Ada Lovelace: the mail server is moved. \
             It missed 1,200 slots meanwhile. It runs only by hand."
        );
        assert_eq!(ago(now, now), "0 minutes");
        assert_eq!(missed_words(Count::Exactly(0)), "It has missed no slot yet.");
    }

    #[test]
    fn a_job_that_runs_seldom_is_a_warning_like_a_pause() {
        let now = at("2026-11-23T15:00:00Z");
        let mut rare = health(Pulse::Running, Some("2026-11-23T14:59:48Z"), 0);
        rare.seldom = vec![(Job::EscalateReviews, Gap { from: now, until: Some(at("2028-02-29T06:00:00Z")) })];
        assert_eq!(said(&rare)[0].0, "info", "it is not green");
        let (kind, text) = seldom_lines(&rare, now, chrono_tz::America::Chicago).remove(0);
        assert_eq!(kind, "warn");
        assert_eq!(
            text,
            "Escalate reviews runs seldom: next on 29 Feb 2028, 00:00 CST. It is meant to run every day at 05:30, \
             America/Chicago. What it does waits meanwhile, as while it is paused."
        );
        let later = Gap { from: at("2027-01-31T11:30:00Z"), until: None };
        assert!(
            seldom_words(Job::SendMail, &later, now, chrono_tz::UTC).starts_with("runs seldom: it never comes again.")
        );
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
        assert!(all[1].contains("up to 27 Dec 2027, 18:00 CST"), "{}", all[1]);
        assert!(all[2].contains("75 seconds behind the database"), "{}", all[2]);
        assert!(all[3].contains("2 times") && all[3].contains("by 34,560,000 seconds forwards"), "{}", all[3]);
    }
}
