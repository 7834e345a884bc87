//! The list of jobs.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::RunRow;
use crate::actions::{Register, schedules as actions};
use crate::domain::schedule::Schedule;
use crate::store::schedules;
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
    rows: Vec<Row>,
}

struct Row {
    word: &'static str,
    label: &'static str,
    about: &'static str,
    schedule: String,
    next: Vec<String>,
    last: Option<RunRow>,
}

/// GET /jobs
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let faults = Asked::of(&fields).finish();
    let now = viewer.now;
    let known = register.clone();
    let found = read(&register, move |db| {
        let mut found = Vec::new();
        for schedule in actions::all(db, &known, now)? {
            let last = schedules::runs_of(db, schedule.job, 1)?.into_iter().next();
            found.push((schedule, last));
        }
        Ok(found)
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
            let next = schedule.as_ref().filter(|_| row.enabled).map_or_else(Vec::new, |schedule| {
                schedule.next_runs(now, 3).into_iter().map(|slot| show::moment(slot, frame.tz)).collect()
            });
            Row {
                word: row.job.word(),
                label: row.job.label(),
                about: row.job.about(),
                schedule: match schedule {
                    _ if !row.enabled => "Switched off".to_owned(),
                    Some(schedule) => capital(&schedule.words()),
                    None => format!("Cannot be read: {}", row.cron),
                },
                next,
                last: last.as_ref().map(|run| RunRow::of(run, frame.tz)),
            }
        })
        .collect();
    page_with(
        faults.status(),
        &JobList { frame: frame.with_error(!faults.is_empty()), faults: faults.lines("/jobs", &fields), rows },
    )
}

/// With a capital first letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
