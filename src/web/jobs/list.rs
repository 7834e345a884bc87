//! The list of jobs.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::RunRow;
use crate::actions::{Register, schedules as actions};
use crate::domain::schedule::Schedule;
use crate::store::schedules;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, page, read, show};

#[derive(Template)]
#[template(path = "jobs/list.html")]
struct JobList {
    frame: Frame,
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
        Fields::of_query(&request).raw("done"),
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
    page(&JobList { frame, rows })
}

/// With a capital first letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
