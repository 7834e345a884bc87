//! One job: its schedule, its runs, starting it and pausing it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;
use chrono_tz::Tz;

use super::folded::{self, Entry, Folded};
use super::{RunRow, capital, health};
use crate::actions::schedules::Wanted;
use crate::actions::{ActionError, FieldError, Register, looks, pausing, runs, schedules as actions};
use crate::domain::ids::Moment;
use crate::domain::jobs::Job;
use crate::domain::listing::{Cursor, From};
use crate::domain::runs::{CatchUp, Overlap};
use crate::domain::schedule::Schedule;
use crate::store::schedules::ScheduleRow;
use crate::store::{StoreError, names};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, paging, read, see_other, show};

#[derive(Template)]
#[template(path = "jobs/job.html")]
struct JobPage {
    frame: Frame,
    job: Job,
    row: ScheduleRow,
    words: String,
    /// How late a slot is made up for.
    within: String,
    next: Vec<String>,
    /// That what is previewed comes far less often than it is meant to; empty where it does not.
    seldom: String,
    runs: Vec<RunLine>,
    /// Each slot has a line of its own.
    every: bool,
    /// The links to the first page and to the next; empty where there is none.
    first: String,
    older: String,
    fields: Fields,
    errors: Errors,
    catch_ups: Vec<(&'static str, &'static str)>,
    overlaps: Vec<(&'static str, &'static str)>,
    health: Vec<health::Line>,
    /// Since when, by whom and why it is paused.
    paused: Option<Paused>,
    conflict: bool,
}

struct Paused {
    machine: String,
    since: String,
    ago: String,
    by: String,
    reason: String,
    /// What it missed meanwhile, as a sentence.
    missed: String,
}

/// A run, or slots in a row that came to the same end.
struct RunLine {
    /// The newest of them.
    run: RunRow,
    stretch: Option<Stretch>,
}

struct Stretch {
    /// \u{201c}12 slots\u{201d}.
    count: String,
    /// The oldest of them.
    machine: String,
    since: String,
    /// Where each stands by itself.
    each: String,
    /// It goes on on the next page.
    cut: bool,
}

/// How the list of runs is looked at, and what was just done.
#[derive(Debug, Default)]
struct Look {
    every: bool,
    after: Option<Cursor>,
    done: String,
}

const DONE: &[(&str, &str)] = &[
    ("saved", "The schedule was saved. It counts from now on."),
    ("paused", "The job is paused: it runs only by hand."),
    ("resumed", "The job runs by its schedule again, from now on."),
    ("started", "The job is started within seconds. Open this page again to see how it went."),
];

fn job(request: &HttpRequest) -> Result<Job, WebError> {
    request.match_info().get("name").and_then(|name| name.parse().ok()).ok_or(WebError::NotFound)
}

/// GET /jobs/{name}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let (job, fields) = (job(&request)?, Fields::of_query(&request));
    let every = fields.raw("every") == "1";
    let after = match paging::from(&fields, folded::reads) {
        Some(From::Start) => None,
        Some(From::After(cursor)) => Some(cursor),
        Some(From::Before(_)) | None => return paging::restart(&path(job), &paging::without_place(&fields)),
    };
    let look = Look { every, after, done: fields.raw("done").to_owned() };
    render(&register, &viewer, job, None, Vec::new(), false, look).await
}

fn path(job: Job) -> String {
    format!("/jobs/{}", job.word())
}

/// The link to a place in the list of runs.
fn place(job: Job, every: bool, after: Option<&Cursor>) -> String {
    let mut query = Fields::default();
    if every {
        query.push("every", "1");
    }
    if let Some(after) = after {
        query.push("after", after.to_text());
    }
    format!("{}{}", path(job), query.to_query())
}

/// POST /jobs/{name}
pub async fn change(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (job, by) = (job(&request)?, viewer.by()?);
    let version: i64 = fields.value("version").unwrap_or_default();
    let wanted = Wanted {
        cron: fields.raw("cron").to_owned(),
        time_zone: fields.raw("time_zone").to_owned(),
        catch_up: fields.value("catch_up"),
        catch_up_hours: fields.raw("catch_up_hours").to_owned(),
        overlap: fields.value("overlap"),
    };
    let outcome = act(&register, move |register| actions::change(register, &by, job, version, &wanted)).await?;
    match outcome {
        Ok(()) => see_other(format!("/jobs/{}?done=saved", job.word())),
        Err(ActionError::Invalid(errors)) => {
            render(&register, &viewer, job, Some(fields), errors, false, Look::default()).await
        }
        Err(ActionError::Store(StoreError::Conflict)) => {
            render(&register, &viewer, job, Some(fields), Vec::new(), true, Look::default()).await
        }
        Err(other) => Err(other.into()),
    }
}

/// POST /jobs/{name}/run
pub async fn run(register: web::Data<Register>, request: HttpRequest, viewer: Viewer, Posted(_): Posted) -> Answer {
    let (job, by) = (job(&request)?, viewer.by()?);
    act(&register, move |register| runs::queue(register, &by, job)).await??;
    see_other(format!("/jobs/{}?done=started", job.word()))
}

/// POST /jobs/{name}/pause
pub async fn pause(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (job, by) = (job(&request)?, viewer.by()?);
    let reason = fields.raw("reason").to_owned();
    match act(&register, move |register| pausing::pause(register, &by, job, &reason)).await? {
        Ok(()) => see_other(format!("/jobs/{}?done=paused", job.word())),
        Err(ActionError::Invalid(errors)) => {
            render(&register, &viewer, job, Some(fields), errors, false, Look::default()).await
        }
        Err(other) => Err(other.into()),
    }
}

/// POST /jobs/{name}/resume
pub async fn resume(register: web::Data<Register>, request: HttpRequest, viewer: Viewer, Posted(_): Posted) -> Answer {
    let (job, by) = (job(&request)?, viewer.by()?);
    act(&register, move |register| pausing::resume(register, &by, job)).await??;
    see_other(format!("/jobs/{}?done=resumed", job.word()))
}

async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    job: Job,
    typed: Option<Fields>,
    errors: Vec<FieldError>,
    conflict: bool,
    look: Look,
) -> Answer {
    let now = viewer.now;
    let Look { every, after, done } = look;
    let from_start = after.is_none();
    let known = register.clone();
    let (rows, runs, health, people) = read(register, move |db| {
        let rows = actions::all(db, &known, now)?;
        let people: Vec<_> = rows.iter().filter(|row| row.job == job).filter_map(|row| row.paused_by).collect();
        let people = names::of(db, &people)?;
        Ok((rows, folded::read(db, job, after, !every)?, looks::health(db, &known, now)?, people))
    })
    .await?;
    let row = rows.into_iter().find(|row| row.job == job).ok_or(WebError::NotFound)?;
    // The form of a pause holds a reason alone: the schedule beside it stays as it is stored.
    let mut fields = typed.unwrap_or_default();
    if fields.get("cron").is_none() {
        fields.push("cron", &row.cron);
        fields.push("time_zone", &row.time_zone);
        fields.push("catch_up", row.catch_up.word());
        fields.push("catch_up_hours", (row.catch_up_seconds / 3600).to_string());
        fields.push("overlap", row.overlap.word());
    }
    // What is typed is what is previewed, when it can be read.
    let schedule = Schedule::parse(fields.raw("cron"), fields.raw("time_zone"));
    let frame = Frame::new(register, viewer, "/jobs", job.label())
        .wide()
        .with_error(!errors.is_empty() || conflict)
        .with_done(&done, DONE);
    let mut said = Fields::default();
    said.push("done", &done);
    let frame = paging::framed(frame, &said);
    let status = match (conflict, errors.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, true) => StatusCode::OK,
    };
    page_with(
        status,
        &JobPage {
            seldom: schedule.as_ref().ok().and_then(|schedule| rare(job, schedule, now)).unwrap_or_default(),
            words: schedule.as_ref().map(|schedule| capital(&schedule.words())).unwrap_or_default(),
            next: schedule.map_or_else(
                |_| Vec::new(),
                |schedule| schedule.next_runs(now, 5).into_iter().map(|slot| schedule.local(slot)).collect(),
            ),
            within: show::seconds(row.catch_up_seconds),
            first: if from_start { String::new() } else { place(job, every, None) },
            older: if runs.more { place(job, every, runs.last.as_ref()) } else { String::new() },
            runs: lines(job, &runs, frame.tz),
            every,
            catch_ups: CatchUp::ALL.iter().map(|choice| (choice.word(), choice.label())).collect(),
            overlaps: Overlap::ALL.iter().map(|choice| (choice.word(), choice.label())).collect(),
            health: health::lines(&health, now, frame.tz),
            paused: row.paused_at.map(|at| Paused {
                machine: at.to_text(),
                since: show::moment(at, frame.tz),
                ago: health::ago(at, now),
                missed: health.paused_of(job).map(|paused| health::missed_words(paused.missed)).unwrap_or_default(),
                by: row
                    .paused_by
                    .and_then(|person| people.get(&person))
                    .map(|named| named.name.clone())
                    .unwrap_or_default(),
                reason: row.pause_reason.clone().unwrap_or_default(),
            }),
            frame,
            job,
            row,
            fields,
            errors: Errors(errors),
            conflict,
        },
    )
}

/// That a job runs far less often than it is meant to, in the zone of its schedule.
fn rare(job: Job, schedule: &Schedule, now: Moment) -> Option<String> {
    let gap = looks::gap_of(job, schedule, now)?;
    Some(format!("It {}", health::seldom_words(job, &gap, now, schedule.time_zone())))
}

fn lines(job: Job, page: &Folded, tz: Tz) -> Vec<RunLine> {
    let last = page.entries.len();
    let stretch = |entry: &Entry, number: usize| Stretch {
        count: show::counted(i64::try_from(entry.count).unwrap_or(i64::MAX), "slot"),
        machine: entry.oldest.slot_at.to_text(),
        since: show::moment(entry.oldest.slot_at, tz),
        each: place(job, true, entry.before.as_ref()),
        // A page that is not full ended because so much was read.
        cut: page.more && number == last && last < folded::LINES,
    };
    page.entries
        .iter()
        .zip(1..)
        .map(|(entry, number)| RunLine {
            run: RunRow::of(&entry.newest, tz),
            stretch: (entry.count > 1).then(|| stretch(entry, number)),
        })
        .collect()
}
