//! One import: its preview, applying it, and what became of each row.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::{format_label, id, state_kind};
use crate::actions::{ActionError, Register, imports as actions};
use crate::domain::ids::Id;
use crate::domain::imports::overview::Overview;
use crate::domain::imports::{FieldChange, ImportState, ImportSubject, PREVIEW_DAYS, RowAction};
use crate::domain::listing::{PAGE_SIZE, thousands};
use crate::store::import_rows::{self, ImportRow};
use crate::store::imports::{self, Import};
use crate::store::people;
use crate::web::asked::Asked;
use crate::web::errors::WebError;
use crate::web::fields::{Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, paging, read, see_other, show as words};

#[derive(Template)]
#[template(path = "imports/import.html")]
struct ImportPage {
    frame: Frame,
    /// Why the last press of a button did nothing.
    problem: String,
    id: String,
    file: String,
    state: ImportState,
    state_kind: &'static str,
    sentence: String,
    stats: Vec<(String, String, String)>,
    facts: Vec<(&'static str, String)>,
    left_out: Vec<String>,
    warnings: Vec<String>,
    rows: Vec<Line>,
    filtered: &'static str,
    apply: String,
    undo: bool,
    shows_result: bool,
    /// The rows are clients, with what makes a client: else people.
    clients: bool,
    first: String,
    previous: String,
    next: String,
}

struct Line {
    line: String,
    name: String,
    client_id: String,
    href: String,
    tag: &'static str,
    action: &'static str,
    /// What the row is about; none for a row that could not be read.
    about: Option<Overview>,
    reason: String,
    changes: Vec<FieldChange>,
    result: String,
}

impl Line {
    /// Whether the last column would be empty.
    fn is_quiet(&self) -> bool {
        self.changes.is_empty() && self.about.as_ref().is_none_or(|about| about.risks.is_empty())
    }
}

impl ImportPage {
    fn remarks_heading(&self) -> &'static str {
        if self.clients { "Risks, remarks and changes" } else { "Remarks and changes" }
    }

    fn previewed(&self) -> bool {
        self.state == ImportState::Previewed
    }

    fn expired(&self) -> bool {
        self.state == ImportState::Expired
    }
}

/// GET /imports/{id}
pub async fn show(
    register: web::Data<Register>,
    request: HttpRequest,
    path: web::Path<String>,
    viewer: Viewer,
) -> Answer {
    let id = id(&path)?;
    render(&register, &viewer, id, Fields::of_query(&request), String::new()).await
}

/// POST /imports/{id}/apply
pub async fn apply(
    register: web::Data<Register>,
    path: web::Path<String>,
    viewer: Viewer,
    Posted(_): Posted,
) -> Answer {
    let (id, by) = (id(&path)?, viewer.by()?);
    let outcome = act(&register, move |register| actions::apply(register, &by, id).map(|_| ())).await?;
    after(&register, &viewer, id, outcome, &format!("/imports/{id}?done=applied")).await
}

/// POST /imports/{id}/discard
pub async fn discard(
    register: web::Data<Register>,
    path: web::Path<String>,
    viewer: Viewer,
    Posted(_): Posted,
) -> Answer {
    let (id, by) = (id(&path)?, viewer.by()?);
    let outcome = act(&register, move |register| actions::discard(register, &by, id)).await?;
    after(&register, &viewer, id, outcome, "/imports?done=discarded").await
}

/// POST /imports/{id}/undo
pub async fn undo(register: web::Data<Register>, path: web::Path<String>, viewer: Viewer, Posted(_): Posted) -> Answer {
    let (id, by) = (id(&path)?, viewer.by()?);
    let outcome = act(&register, move |register| actions::undo(register, &by, id)).await?;
    after(&register, &viewer, id, outcome, &format!("/imports/{id}?done=undone")).await
}

/// On to the next page, or the same one with the reason.
async fn after(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    outcome: Result<(), ActionError>,
    next: &str,
) -> Answer {
    match outcome {
        Ok(()) => see_other(next),
        Err(ActionError::Refused(reason)) => render(register, viewer, id, Fields::default(), reason).await,
        Err(error) => Err(WebError::from(error)),
    }
}

async fn render(register: &web::Data<Register>, viewer: &Viewer, id: Id, fields: Fields, problem: String) -> Answer {
    let mut asked = Asked::of(&fields);
    let action = asked.value::<RowAction>("action", "What is done");
    asked.finish().refuse()?;
    let (after, before) = (fields.value::<i64>("after"), fields.value::<i64>("before"));
    if after.or(before).is_none() && (fields.is_set("after") || fields.is_set("before")) {
        return paging::restart(&format!("/imports/{id}"), &paging::without_place(&fields));
    }
    let now = viewer.now;
    let (import, mut rows, names) = read(register, move |db| {
        let mut import = imports::find(db, id)?;
        import.state = import.state.at(import.made_at, now);
        let rows = match before {
            Some(before) => import_rows::before(db, id, action, before, PAGE_SIZE + 1)?,
            None => import_rows::after(db, id, action, after.unwrap_or(0), PAGE_SIZE + 1)?,
        };
        let people: Vec<Id> = [import.made_by, import.applied_by, import.undone_by].into_iter().flatten().collect();
        Ok((import, rows, people::find_many(db, &people)?))
    })
    .await?;
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let beyond = rows.len() > size;
    let (more_before, more_after) = match (before, after) {
        (Some(_), _) => {
            if beyond {
                rows.remove(0);
            }
            (beyond, true)
        }
        (None, after) => {
            rows.truncate(size);
            (after.is_some_and(|after| after > 0), beyond)
        }
    };
    let status = if problem.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let frame = paging::framed(Frame::new(register, viewer, "/imports", import.file_name.clone()).wide(), &fields)
        .with_error(!problem.is_empty())
        .with_done(
            fields.raw("done"),
            &[
                ("applied", "The import was applied."),
                ("undone", "The import was undone: what it created is gone, what it changed is as it was."),
            ],
        );
    let bare = Fields::default().with("action", action.map_or("", RowAction::word));
    let link = |name: &str, row: Option<&ImportRow>, more: bool| match row {
        Some(row) if more => format!("/imports/{id}{}", bare.with(name, &row.position.to_string()).to_query()),
        _ => String::new(),
    };
    let tz = frame.tz;
    let name = |person: Option<Id>| {
        person
            .and_then(|id| names.iter().find(|person| person.id == id))
            .map_or_else(|| "the command line".to_owned(), |person| person.name.clone())
    };
    let tally = &import.counts.0.tally;
    let may = frame.may_keep();
    page_with(
        status,
        &ImportPage {
            problem: capital(&problem),
            id: id.to_string(),
            file: import.file_name.clone(),
            state: import.state,
            state_kind: state_kind(import.state),
            sentence: sentence(&import),
            stats: RowAction::ALL
                .iter()
                .filter(|action| tally.of(**action) > 0)
                .map(|action| {
                    let href = format!("/imports/{id}?action={}", action.word());
                    (thousands(tally.of(*action)), action.label().to_owned(), href)
                })
                .collect(),
            facts: facts(&import, tz, name),
            left_out: import.left_out.0.clone(),
            warnings: match import.state {
                ImportState::Previewed => import.counts.0.warnings.clone(),
                _ => Vec::new(),
            },
            clients: import.subject == ImportSubject::Clients,
            filtered: action.map_or("", RowAction::label),
            apply: if may && import.state == ImportState::Previewed { button(&import) } else { String::new() },
            undo: may && import.state == ImportState::Applied && tally.touched() > 0,
            shows_result: import.state == ImportState::Applied || import.state == ImportState::Undone,
            first: if more_before { format!("/imports/{id}{}", bare.to_query()) } else { String::new() },
            previous: link("before", rows.first(), more_before),
            next: link("after", rows.last(), more_after),
            rows: rows.into_iter().map(|row| line(&import, row)).collect(),
            frame,
        },
    )
}

/// "Create 993 and change 4"; empty when applying would do nothing.
fn button(import: &Import) -> String {
    let tally = &import.counts.0.tally;
    let parts: Vec<String> = [("create", tally.create), ("change", tally.change), ("mark as vanished", tally.vanished)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(verb, count)| format!("{verb} {}", thousands(count)))
        .collect();
    let text = match parts.as_slice() {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        _ => return String::new(),
    };
    format!("Apply: {text}")
}

fn sentence(import: &Import) -> String {
    let tally = &import.counts.0.tally;
    match import.state {
        ImportState::Previewed if tally.touched() == 0 && tally.unchanged > 0 && tally.error + tally.skip == 0 => {
            "The register has all of this already: there is nothing to apply.".to_owned()
        }
        ImportState::Previewed if tally.touched() == 0 => format!("There is nothing to apply: {}.", tally.words(false)),
        ImportState::Previewed => format!("Nothing has changed yet: {}.", tally.words(false)),
        ImportState::Applied => format!("{}.", capital(&tally.words(true))),
        ImportState::Undone => "What it created is gone, what it changed is as it was.".to_owned(),
        ImportState::Discarded => "It was looked at and not applied.".to_owned(),
        ImportState::Expired => format!(
            "This preview is older than {PREVIEW_DAYS} days, and the register may be another one since. Nothing was \
             imported; upload the file again to see what it would do now."
        ),
    }
}

fn facts(import: &Import, tz: chrono_tz::Tz, name: impl Fn(Option<Id>) -> String) -> Vec<(&'static str, String)> {
    let mut facts = vec![("What it is", format_label(import))];
    if let Some(system) = &import.counts.0.system {
        facts.push(("Issuing system", system.clone()));
    }
    if !import.counts.0.new_systems.is_empty() {
        let key =
            if import.state == ImportState::Previewed { "New systems, added when applied" } else { "New systems" };
        facts.push((key, import.counts.0.new_systems.join(", ")));
    }
    if let Some(environment) = import.environment {
        facts.push(("Environment, unless a row names one", environment.label().to_owned()));
    }
    if let Some(map) = &import.column_map {
        facts.push(("Column map", map.clone()));
    }
    facts.push(("Size", format!("{} bytes", thousands(import.file_bytes))));
    facts.push(("SHA-256", import.file_digest.clone()));
    let mut when = |key, at: Option<crate::domain::ids::Moment>, person| {
        if let Some(at) = at {
            facts.push((key, format!("{}, by {}", words::moment(at, tz), name(person))));
        }
    };
    when("Brought", Some(import.made_at), import.made_by);
    if import.state == ImportState::Previewed {
        let until = import.made_at.plus_days(PREVIEW_DAYS);
        facts.push(("Can be applied until", words::moment(until, tz)));
    }
    let mut when = |key, at: Option<crate::domain::ids::Moment>, person| {
        if let Some(at) = at {
            facts.push((key, format!("{}, by {}", words::moment(at, tz), name(person))));
        }
    };
    when("Applied", import.applied_at, import.applied_by);
    when("Undone", import.undone_at, import.undone_by);
    facts
}

fn line(import: &Import, row: ImportRow) -> Line {
    // What a preview would create does not exist yet, and what was undone does no longer.
    let exists = row.action != RowAction::Create || import.state == ImportState::Applied;
    let folder = match import.subject {
        ImportSubject::Clients => "identities",
        ImportSubject::People => "people",
    };
    Line {
        line: row.line.map(thousands).unwrap_or_default(),
        client_id: row.client_id.filter(|client_id| *client_id != row.name).unwrap_or_default(),
        name: row.name,
        href: row.subject_id.filter(|_| exists).map_or_else(String::new, |id| format!("/{folder}/{id}")),
        tag: match row.action {
            RowAction::Create => "create",
            RowAction::Change => "change",
            RowAction::Unchanged => "plain",
            RowAction::Skip => "skip",
            RowAction::Error => "bad",
            RowAction::Vanished => "warn",
        },
        action: row.action.label(),
        about: row.changes.0.overview,
        reason: row.reason.unwrap_or_default(),
        changes: row.changes.0.fields,
        result: row.result.map(|text| capital(&text)).unwrap_or_default(),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
