//! `muster jobs`: when jobs run, and running one by hand.

use std::io::Write;

use clap::Subcommand;
use serde_json::json;

use super::{Failure, Place, open, output, usage};
use crate::actions::runs::JobReport;
use crate::actions::{By, Register, looks, runs, schedules};
use crate::domain::ids::{Id, Moment};
use crate::domain::jobs::Job;
use crate::domain::pulse::Pulse;
use crate::domain::schedule::Schedule;
use crate::jobs::scheduler;
use crate::store;

/// Slots shown of each schedule.
const NEXT: usize = 3;

#[derive(Debug, Subcommand)]
pub enum JobsCommand {
    /// List the jobs: when they run, when next, and how the last run went.
    List {
        /// One array for scripts.
        #[arg(long)]
        json: bool,
    },
    /// Run a job now, in this process.
    Run {
        /// Its name, as `jobs list` prints it.
        name: Job,
        /// Act as if the clock showed this time, such as 2026-11-23T12:00:00Z.
        #[arg(long, value_parser = usage::moment)]
        at: Option<Moment>,
        /// One object for scripts.
        #[arg(long)]
        json: bool,
    },
}

/// Runs `jobs`.
pub fn run(place: &Place, command: JobsCommand) -> Result<(), Failure> {
    let register = open::open(place)?;
    match command {
        JobsCommand::List { json } => list(&register, json),
        JobsCommand::Run { name, at, json } => run_one(&register, name, at.unwrap_or_else(|| register.now()), json),
    }
}

fn list(register: &Register, json: bool) -> Result<(), Failure> {
    let mut out = output::output();
    let mut db = register.database.read()?;
    let mut objects = Vec::new();
    let health = looks::health(&mut db, register, register.now())?;
    let passed_by = health.passed_by();
    for row in schedules::all(&mut db, register, register.now())? {
        let schedule = Schedule::parse(&row.cron, &row.time_zone)?;
        let last = store::job_runs::last(&mut db, row.job)?;
        let next = if row.paused_at.is_none() { schedule.next_runs(register.now(), NEXT) } else { Vec::new() };
        let late = health.late_of(row.job);
        let gap = health.seldom.iter().find(|(job, _)| *job == row.job).map(|(_, gap)| gap);
        if json {
            objects.push(json!({
                "name": row.job,
                "about": row.job.about(),
                "cron": row.cron,
                "time_zone": row.time_zone,
                "schedule": schedule.words(),
                "catch_up": row.catch_up,
                "catch_up_seconds": row.catch_up_seconds,
                "overlap": row.overlap,
                "paused": row.paused_at.map(|since| {
                    json!({ "since": since, "by": row.paused_by, "reason": row.pause_reason })
                }),
                "late": late.map_or(0, |late| late.slots),
                "late_is_more": late.is_some_and(|late| late.more),
                "passed_by": passed_by.iter().find(|(job, _)| *job == row.job).map(|(_, at)| at),
                "runs_seldom": gap.map(|gap| json!({ "from": gap.from, "until": gap.until })),
                "scheduler": { "state": health.pulse, "last_look": health.last_look },
                "next": next,
                "last": last,
            }));
            continue;
        }
        writeln!(out, "{}", row.job.word())?;
        writeln!(out, "    {}", row.job.about())?;
        writeln!(out, "    runs {}", schedule.words())?;
        if let (Some(since), Some(reason)) = (row.paused_at, &row.pause_reason) {
            writeln!(out, "    paused since {}: {reason}", schedule.local(since))?;
        }
        if let Some(late) = late {
            writeln!(out, "    late: {}", late.words())?;
        }
        if let Some(gap) = gap {
            let until = gap.until.map_or_else(|| "ever".to_owned(), |until| schedule.local(until));
            writeln!(out, "    runs seldom: not from {} until {until}", schedule.local(gap.from))?;
        }
        for slot in &next {
            writeln!(out, "    next {}", schedule.local(*slot))?;
        }
        match last {
            None => writeln!(out, "    has not run yet")?,
            Some(run) => {
                let when = schedule.local(run.started_at.unwrap_or(run.slot_at));
                let how = run.result.map(|lines| lines.0.join("; ")).or(run.error).or(run.reason).unwrap_or_default();
                let colon = if how.is_empty() { "" } else { ": " };
                writeln!(out, "    last {when}, {}{colon}{how}", run.state.label().to_lowercase())?;
            }
        }
    }
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&objects)?)?;
    } else {
        writeln!(out, "{}", said(&health))?;
    }
    Ok(())
}

/// Whether anything runs, in a line.
fn said(health: &looks::Health) -> String {
    let look = health.last_look.map_or_else(|| "never".to_owned(), |at| at.to_text());
    let mut said = format!("{}; the last look at the schedules: {look}", health.pulse);
    if !health.late.is_empty() {
        said.push_str(&format!("; late: {}", health.late_words()));
    }
    // Where nothing ran at all, the first words say so.
    if !health.not_yet.is_empty() && health.pulse != Pulse::NotStarted {
        let jobs: Vec<&str> = health.not_yet.iter().map(|one| one.job.word()).collect();
        said.push_str(&format!("; has not run yet: {}", jobs.join(", ")));
    }
    said
}

/// Runs a job as if the clock showed that time, on record: its row says that the command line started it, and the
/// audit log holds that. Answers the id of the run and what it did.
pub(super) fn recorded(register: &Register, command: &str, job: Job, at: Moment) -> Result<(Id, JobReport), Failure> {
    let run = runs::begin(register, &By::command(command, register.now()), job, at)?;
    let id = run.id;
    let outcome = scheduler::finish(register, run, &By::job(job.word(), at))?;
    Ok((id, outcome.map_err(|error| Failure(format!("{} failed: {error}", job.word())))?))
}

fn run_one(register: &Register, job: Job, at: Moment, json: bool) -> Result<(), Failure> {
    let (id, report) = recorded(register, "jobs run", job, at)?;
    let mut out = output::output();
    if json {
        writeln!(
            out,
            "{}",
            serde_json::to_string_pretty(&json!({ "job": job, "run": id, "at": at, "result": report.lines }))?
        )?;
    } else {
        for line in report.lines {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}
