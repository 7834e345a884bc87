//! `muster import` and `muster people import`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::{Failure, Place, one_line, open, output};
use crate::actions::imports::{self, Draft, Upload};
use crate::actions::{ActionError, By, FieldError};
use crate::connectors::imports::ImportFormat;
use crate::domain::identities::Environment;
use crate::domain::imports::ImportSubject;
use crate::store::import_rows::{self, ImportRow};
use crate::store::imports::{self as store, Import};

/// Rows read at a time.
const CHUNK: i64 = 1_000;

/// Import a file of clients: every row is compared with the register, then all of it is applied in one
/// transaction, or nothing.
///
/// The exit code is 0 when the file was applied, also when some of its rows are errors: they are listed
/// with line and reason and counted in the last line, and the other rows stand. It is 1 when the whole
/// file is refused, and then nothing was stored.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// keycloak-realm, dcr, entra-apps or csv.
    format: ImportFormat,
    /// The file; `-` reads standard input.
    file: PathBuf,
    /// production, staging, sandbox or unknown, for clients whose entry names none. Unknown when absent.
    #[arg(long)]
    environment: Option<Environment>,
    /// The system that issues the clients; made when the register has none of that name. When absent, a
    /// realm export's realm or a CSV file's column map names it, else the clients are filed under an
    /// unnamed system, and the import says so.
    #[arg(long)]
    system: Option<String>,
    #[command(flatten)]
    how: How,
}

impl ImportArguments {
    /// Why these arguments cannot be meant together.
    pub fn wrong(&self) -> Option<&'static str> {
        let is_csv = self.format == ImportFormat::Csv;
        match (self.format, self.how.map.is_some()) {
            (ImportFormat::Csv, false) => Some("a csv file needs --map NAME, a column map that is shipped or saved"),
            (_, true) if !is_csv => Some("--map is for csv files; leave it out"),
            _ => None,
        }
    }
}

/// Import a list of people: nobody is removed, and what the list leaves empty stays as it is.
///
/// The exit code is 0 when the list was applied, also when some of its rows are errors: they are listed
/// with line and reason and counted in the last line. It is 1 when the whole list is refused.
#[derive(Debug, Args)]
pub struct PeopleImportArguments {
    /// The file, CSV; `-` reads standard input.
    file: PathBuf,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Args)]
struct How {
    /// The column map of a CSV file, shipped or saved (`staff-list` for people when absent).
    #[arg(long)]
    map: Option<String>,
    /// Show what would be done, and store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON array of rows; the tally goes to standard error.
    #[arg(long)]
    json: bool,
}

/// Runs `import`.
pub fn run(place: &Place, arguments: &ImportArguments) -> Result<(), Failure> {
    let upload = Upload {
        subject: ImportSubject::Clients,
        format: arguments.format,
        file_name: file_name(&arguments.file),
        bytes: bytes(&arguments.file)?,
        system: arguments.system.clone(),
        environment: arguments.environment,
        column_map: arguments.how.map.clone(),
    };
    bring(place, "import", upload, &arguments.how)
}

/// Runs `people import`.
pub fn run_people(place: &Place, arguments: &PeopleImportArguments) -> Result<(), Failure> {
    let upload = Upload {
        subject: ImportSubject::People,
        format: ImportFormat::Csv,
        file_name: file_name(&arguments.file),
        bytes: bytes(&arguments.file)?,
        system: None,
        environment: None,
        column_map: arguments.how.map.clone(),
    };
    bring(place, "people import", upload, &arguments.how)
}

fn bring(place: &Place, command: &str, upload: Upload, how: &How) -> Result<(), Failure> {
    let register = open::open(place)?;
    let by = By::command(command, register.now());
    if how.dry_run {
        let Draft { import, rows } = imports::draft(&register, &by, upload).map_err(failure)?;
        let mut rows = Some(rows);
        return print(&import, how.json, false, || Ok(rows.take().unwrap_or_default()));
    }
    let id = imports::preview(&register, &by, upload).map_err(failure)?;
    imports::apply(&register, &by, id)?;
    let mut db = register.database.read()?;
    let import = store::find(&mut db, id)?;
    let mut place = 0;
    print(&import, how.json, true, || {
        let rows = import_rows::after(&mut db, id, None, place, CHUNK)?;
        place = rows.last().map_or(place, |row| row.position);
        Ok(rows)
    })
}

/// A refusal with the option that mends it: the form's fields have other names here.
fn failure(error: ActionError) -> Failure {
    let ActionError::Invalid(errors) = error else { return error.into() };
    let sentence = |error: FieldError| match error.field {
        "system" => format!("{}; give it with --system NAME", error.message),
        "map" => format!("{}; give it with --map NAME", error.message),
        _ => error.message,
    };
    Failure(errors.into_iter().map(sentence).collect::<Vec<_>>().join("; "))
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| Failure(format!("standard input cannot be read: {error}")))?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(|error| Failure(format!("{} cannot be read: {error}", path.display())))
}

fn file_name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// Prints every row, what was left out, and the tally. `more` answers the next rows, none at the end.
fn print(
    import: &Import,
    as_json: bool,
    applied: bool,
    mut more: impl FnMut() -> Result<Vec<ImportRow>, Failure>,
) -> Result<(), Failure> {
    let mut tally = import.counts.0.tally.words(applied);
    if !applied {
        tally.push_str("; nothing was stored");
    }
    let mut out = output::output();
    let mut first = true;
    loop {
        let rows = more()?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            if as_json {
                write!(out, "{}", if first { "[\n" } else { ",\n" })?;
                serde_json::to_writer(&mut out, &object(row))?;
            } else {
                line(&mut out, row)?;
            }
            first = false;
        }
    }
    let notes = import.left_out.0.iter().chain(&import.counts.0.warnings);
    if as_json {
        writeln!(out, "{}", if first { "[]" } else { "\n]" })?;
        for text in &import.counts.0.warnings {
            eprintln!("note: {}", one_line(text));
        }
        eprintln!("{tally}");
    } else {
        for text in notes {
            writeln!(out, "note: {}", one_line(text))?;
        }
        writeln!(out, "{tally}")?;
    }
    Ok(out.flush()?)
}

fn line(out: &mut impl Write, row: &ImportRow) -> std::io::Result<()> {
    let line = row.line.map_or_else(|| "-".to_owned(), |line| line.to_string());
    write!(out, "{line}\t{}\t{}", row.action.word(), one_line(&row.name))?;
    if let Some(client_id) = row.client_id.as_ref().filter(|client_id| **client_id != row.name) {
        write!(out, "\t{}", one_line(client_id))?;
    }
    if let Some(about) = &row.changes.0.overview {
        write!(out, "\t{}", one_line(&about.words()))?;
        if !about.risks.is_empty() {
            write!(out, "\t{}", about.risks.join(", "))?;
        }
    }
    let changes: Vec<String> = row.changes.0.fields.iter().map(|change| change.words()).collect();
    for text in row.reason.iter().chain(&changes) {
        write!(out, "\t{}", one_line(text))?;
    }
    writeln!(out)
}

fn object(row: &ImportRow) -> serde_json::Value {
    let about = row.changes.0.overview.as_ref();
    json!({
        "line": row.line,
        "action": row.action,
        "name": row.name,
        "client_id": row.client_id,
        "id": row.subject_id,
        "kind": about.map(|about| about.kind),
        "system": about.map(|about| &about.system),
        "environment": about.map(|about| about.environment),
        "built_in": about.map(|about| about.built_in),
        "state": about.map(|about| about.state),
        "issued_scopes": about.map(|about| about.issued_scopes),
        "scopes_on_request": about.map(|about| about.scopes_on_request),
        "requested_scopes": about.map(|about| about.requested_scopes),
        "risks": about.map(|about| &about.risks),
        "reason": row.reason,
        "changes": row.changes.0.fields,
        "result": row.result,
    })
}
