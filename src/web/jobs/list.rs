//! The list of jobs.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::{RunRow, capital, health};
use crate::actions::{Register, looks, schedules as actions};
use crate::domain::schedule::Schedule;
use crate::store::{job_runs, names};
use crate::web::asked::{Asked, FaultLine};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, read, show};

#[derive(Template)]
#[template(path = "jobs/list.html")]
struct JobList {
    frame: Frame,
    /// What in the link cannot be followed: this list has no filters.
    faults: Vec<FaultLine>,
    health: Vec<health::Line>,
    rows: Vec<Row>,
}

struct Row {
    word: &'static str,
    label: &'static str,
    about: &'static str,
    schedule: String,
    /// Since when it is paused; empty when it is not.
    paused: String,
    /// What is late; empty when nothing is.
    late: String,
    /// The next run with its offset; empty when none is planned.
    next: String,
    last: Option<RunRow>,
}

/// GET /jobs
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let faults = Asked::of(&fields).finish();
    let now = viewer.now;
    let known = register.clone();
    let (health, found, names) = read(&register, move |db| {
        let mut found = Vec::new();
        for schedule in actions::all(db, &known, now)? {
            let last = job_runs::last(db, schedule.job)?;
            found.push((schedule, last));
        }
        let health = looks::health(db, &known, now)?;
        let people: Vec<_> = health.paused.iter().filter_map(|paused| paused.by).collect();
        Ok((health, found, names::of(db, &people)?))
    })
    .await?;
    let frame = Frame::new(&register, &viewer, "/jobs", "Jobs").wide().with_done(
        fields.raw("done"),
        &[("started", "The job is started within seconds. Open this page again to see how it went.")],
    );
    let rows = found
        .iter()
        .map(|(row, last)| {
            let schedule = Schedule::parse(&row.cron, &row.time_zone).ok();
            let planned = schedule.as_ref().filter(|_| row.paused_at.is_none());
            let next = planned.and_then(|plan| plan.next_after(now).map(|slot| show::planned(slot, plan.time_zone())));
            let late = health.late_of(row.job).map(|late| capital(&format!("{} late", late.words())));
            Row {
                word: row.job.word(),
                label: row.job.label(),
                about: row.job.about(),
                paused: row.paused_at.map(|at| show::moment(at, frame.tz)).unwrap_or_default(),
                late: late.unwrap_or_default(),
                schedule: match schedule {
                    Some(schedule) => capital(&schedule.words()),
                    None => format!("Cannot be read: {}", row.cron),
                },
                next: next.unwrap_or_default(),
                last: last.as_ref().map(|run| RunRow::of(run, frame.tz)),
            }
        })
        .collect();
    let mut lines = health::lines(&health, now, frame.tz);
    lines.extend(health::paused_lines(&health, &names, now, frame.tz));
    lines.extend(health::seldom_lines(&health, now, frame.tz));
    page_with(
        faults.status(),
        &JobList {
            health: lines,
            frame: frame.with_error(!faults.is_empty()),
            faults: faults.lines("/jobs", &fields),
            rows,
        },
    )
}
