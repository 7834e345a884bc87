//! `muster import` and `muster people import`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::{Failure, Place, one_line, open, output};
use crate::actions::imports::{self, Draft, Upload};
use crate::actions::{ActionError, By, FieldError, Register};
use crate::connectors::imports::ImportFormat;
use crate::domain::identities::Environment;
use crate::domain::imports::ImportSubject;
use crate::store::import_rows::{self, ImportRow};
use crate::store::imports as store;

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
    /// realm export's realm or a CSV file's column map names it; dcr and entra-apps need it named.
    #[arg(long)]
    system: Option<String>,
    #[command(flatten)]
    how: How,
}

impl ImportArguments {
    /// Why these arguments cannot be meant together.
    pub fn wrong(&self) -> Option<&'static str> {
        let is_csv = self.format == ImportFormat::Csv;
        match (self.format, self.how.map.is_some(), self.system.is_some()) {
            (ImportFormat::Csv, false, _) => Some("a csv file needs --map NAME, a column map that is shipped or saved"),
            (_, true, _) if !is_csv => Some("--map is for csv files; leave it out"),
            (ImportFormat::Dcr, _, false) => {
                Some("a registration does not say which server it belongs to; name it with --system NAME")
            }
            (ImportFormat::EntraApps, _, false) => {
                Some("a list of apps does not say whose it is; name the tenant or system with --system NAME")
            }
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
        let draft = imports::draft(&register, &by, upload).map_err(failure)?;
        return print(&draft, how.json, false);
    }
    let id = imports::preview(&register, &by, upload).map_err(failure)?;
    imports::apply(&register, &by, id)?;
    print(&applied(&register, id)?, how.json, true)
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

fn applied(register: &Register, id: crate::domain::ids::Id) -> Result<Draft, Failure> {
    let mut db = register.database.read()?;
    Ok(Draft { import: store::find(&mut db, id)?, rows: import_rows::all(&mut db, id)? })
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

/// Prints every row, what was left out, and the tally.
fn print(draft: &Draft, as_json: bool, applied: bool) -> Result<(), Failure> {
    let mut tally = draft.import.counts.0.tally.words(applied);
    if !applied {
        tally.push_str("; nothing was stored");
    }
    let mut out = output::output();
    let written = if as_json {
        for text in &draft.import.counts.0.warnings {
            eprintln!("note: {}", one_line(text));
        }
        eprintln!("{tally}");
        let rows: Vec<serde_json::Value> = draft.rows.iter().map(object).collect();
        serde_json::to_writer_pretty(&mut out, &rows).map_err(std::io::Error::from).and_then(|()| writeln!(out))
    } else {
        lines(&mut out, draft, &tally)
    };
    written.and_then(|()| out.flush()).map_err(Failure::from)
}

fn lines(out: &mut impl Write, draft: &Draft, tally: &str) -> std::io::Result<()> {
    for row in &draft.rows {
        let line = row.line.map_or_else(|| "-".to_owned(), |line| line.to_string());
        let about = row.changes.0.overview.as_ref();
        write!(out, "{line}\t{}\t{}", row.action.word(), one_line(&row.name))?;
        if let Some(client_id) = row.client_id.as_ref().filter(|client_id| **client_id != row.name) {
            write!(out, "\t{}", one_line(client_id))?;
        }
        if let Some(about) = about {
            write!(out, "\t{}", one_line(&about.words()))?;
            if !about.risks.is_empty() {
                write!(out, "\t{}", about.risks.join(", "))?;
            }
        }
        let changes: Vec<String> = row.changes.0.fields.iter().map(|change| change.words()).collect();
        for text in row.reason.iter().chain(&changes) {
            write!(out, "\t{}", one_line(text))?;
        }
        writeln!(out)?;
    }
    for text in draft.import.left_out.0.iter().chain(&draft.import.counts.0.warnings) {
        writeln!(out, "note: {}", one_line(text))?;
    }
    writeln!(out, "{tally}")
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
