//! `muster identities`: the register for scripts and for a terminal.

use std::io::{self, BufWriter, Write};

use clap::{Args, Subcommand};

use super::{Failure, Place, open};
use crate::actions::Register;
use crate::domain::identities::{Environment, IdentityKind, IdentityState};
use crate::domain::ids::Id;
use crate::domain::listing::{Direction, From};
use crate::domain::reaching::IdentityTier;
use crate::domain::words::UnknownWord;
use crate::store::identity_documents::{IdentityDocument, documents};
use crate::store::identity_list::{self, IdentityFilter, IdentityOrder, IdentitySort};
use crate::store::identity_names;

/// Identities read at a time.
const CHUNK: i64 = 500;

#[derive(Debug, Subcommand)]
pub enum IdentitiesCommand {
    /// List identities by name.
    List(ListArguments),
    /// Show one identity.
    Show {
        /// Its id, or its client id.
        identity: String,
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub struct ListArguments {
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
    /// requested, approved, active, suspended, revoking, revoked or rejected.
    #[arg(long)]
    state: Option<IdentityState>,
    /// production, staging, sandbox or unknown.
    #[arg(long)]
    environment: Option<Environment>,
    /// smart_app, service_account, token or ai_agent.
    #[arg(long)]
    kind: Option<IdentityKind>,
    /// critical, high, moderate, low or unknown: how far it reaches.
    #[arg(long)]
    tier: Option<IdentityTier>,
    /// name, expires, last_used, next_review, registered, or risk (the highest first); with a minus the other way round.
    #[arg(long, default_value = "name", allow_hyphen_values = true, value_parser = order)]
    sort: IdentityOrder,
    /// Any part of name, client id, description or purpose.
    #[arg(long)]
    search: Option<String>,
}

/// Reads an order. Whoever asks for the risk wants the highest first.
fn order(text: &str) -> Result<IdentityOrder, String> {
    let (name, turned) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
    let sort: IdentitySort = name.parse().map_err(|error: UnknownWord| error.to_string())?;
    let falling = turned != (sort == IdentitySort::Risk);
    Ok(IdentityOrder { sort, direction: if falling { Direction::Descending } else { Direction::Ascending } })
}

/// Runs `identities`.
pub fn run(place: &Place, command: &IdentitiesCommand) -> Result<(), Failure> {
    let register = open::open(place)?;
    let out = BufWriter::new(io::stdout().lock());
    let outcome = match command {
        IdentitiesCommand::List(arguments) => list(&register, arguments, out),
        IdentitiesCommand::Show { identity, json } => show(&register, identity, *json, out),
    };
    match outcome {
        // `muster identities list | head` is no failure.
        Err(ListFailure::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(ListFailure::Write(error)) => Err(Failure(format!("the output cannot be written: {error}"))),
        Err(ListFailure::Read(failure)) => Err(failure),
        Ok(()) => Ok(()),
    }
}

/// What can stop a listing.
enum ListFailure {
    Write(io::Error),
    Read(Failure),
}

impl std::convert::From<io::Error> for ListFailure {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl std::convert::From<serde_json::Error> for ListFailure {
    fn from(error: serde_json::Error) -> Self {
        Self::Write(error.into())
    }
}

impl std::convert::From<crate::store::StoreError> for ListFailure {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Read(error.into())
    }
}

fn list(register: &Register, arguments: &ListArguments, mut out: impl Write) -> Result<(), ListFailure> {
    let filter = IdentityFilter {
        search: arguments.search.clone().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
        state: arguments.state,
        environment: arguments.environment,
        kind: arguments.kind,
        tier: arguments.tier,
        ..IdentityFilter::default()
    };
    let (order, now) = (arguments.sort, register.now());
    let mut db = register.database.read()?;
    let mut from = From::Start;
    let mut first = true;
    if !arguments.json {
        writeln!(out, "{}", line("ID", "NAME", "KIND", "ENVIRONMENT", "STATUS", "TIER", "BUSINESS OWNER"))?;
    }
    loop {
        let lines = identity_list::lines(&mut db, &filter, order, &from, CHUNK, now)?;
        let Some(last) = lines.last() else { break };
        from = From::After(last.cursor(order));
        let ids: Vec<Id> = lines.iter().map(|line| line.id).collect();
        for (document, _) in documents(&mut db, &ids, now)? {
            if arguments.json {
                out.write_all(if first { b"[" } else { b",\n" })?;
                serde_json::to_writer(&mut out, &document)?;
            } else {
                writeln!(out, "{}", row(&document))?;
            }
            first = false;
        }
    }
    if arguments.json {
        out.write_all(if first { b"[]\n" } else { b"]\n" })?;
    }
    out.flush()?;
    Ok(())
}

fn row(document: &IdentityDocument) -> String {
    line(
        &document.id.to_string(),
        &document.name,
        document.kind.word(),
        document.environment.word(),
        document.status.word(),
        document.tier.word(),
        document.business_owner.as_deref().unwrap_or("-"),
    )
}

/// One line of the table. A name from a file may hold anything, so control characters are shown,
/// never sent to the terminal.
fn line(id: &str, name: &str, kind: &str, environment: &str, status: &str, tier: &str, owner: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    format!("{id:<36}  {name:<40}  {kind:<15}  {environment:<11}  {status:<9}  {tier:<8}  {owner}")
        .trim_end()
        .to_owned()
}

fn show(register: &Register, identity: &str, json: bool, mut out: impl Write) -> Result<(), ListFailure> {
    let mut db = register.database.read()?;
    let found = identity_names::named(&mut db, identity)?;
    let failure = |text: String| ListFailure::Read(Failure(text));
    if found.is_empty() {
        return Err(failure(format!("no identity has the id or client id {identity}; see `muster identities list`")));
    }
    if found.len() > 1 {
        let ids: Vec<String> = found.iter().map(ToString::to_string).collect();
        return Err(failure(format!(
            "{} identities have the client id {identity}; show one by its id: {}",
            ids.len(),
            ids.join(", ")
        )));
    }
    for (document, _) in documents(&mut db, &found, register.now())? {
        if json {
            serde_json::to_writer_pretty(&mut out, &document)?;
            writeln!(out)?;
        } else {
            let fields = serde_json::to_value(&document)?;
            for (name, value) in fields.as_object().into_iter().flatten() {
                let text = match value {
                    serde_json::Value::Null => "-".to_owned(),
                    serde_json::Value::String(text) => {
                        text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
                    }
                    other => other.to_string(),
                };
                writeln!(out, "{name:<21} {text}")?;
            }
        }
    }
    out.flush()?;
    Ok(())
}
