//! `muster break-glass`: sealed codes for the day on which nobody else can be reached.

use std::io::Write;

use clap::Subcommand;

use super::{Failure, Place, open, output};
use crate::actions::{By, break_glass};
use crate::domain::ids::Id;
use crate::store::emergency::{self, SealedCode};

#[derive(Debug, Subcommand)]
pub enum BreakGlassCommand {
    /// Make a sealed code and print it, once. Put it in an envelope.
    Seal,
    /// List the codes by id, without what is in the envelopes.
    List {
        /// Print one JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Make a code void that was not used: its envelope was lost or opened.
    Void {
        /// As `muster break-glass list` shows it.
        id: Id,
    },
}

/// Runs `break-glass`.
pub fn run(place: &Place, command: &BreakGlassCommand) -> Result<(), Failure> {
    let register = open::open(place)?;
    if !register.deployment.access.break_glass {
        return Err(Failure(
            "emergency access is turned off here; set MUSTER_BREAK_GLASS=yes to turn it on".to_owned(),
        ));
    }
    let now = register.now();
    match command {
        BreakGlassCommand::Seal => {
            let (id, code) = break_glass::seal(&register, &By::command("break-glass seal", now))?;
            let mut out = output::output();
            writeln!(out, "Code {id}. It opens emergency access once, and is not shown again:\n{code}")?;
        }
        BreakGlassCommand::Void { id } => {
            break_glass::void(&register, &By::command("break-glass void", now), *id)?;
            println!("Code {id} opens nothing any more.");
        }
        BreakGlassCommand::List { json } => list(&emergency::codes(&mut *register.database.read()?)?, *json)?,
    }
    Ok(())
}

fn list(codes: &[SealedCode], json: bool) -> Result<(), Failure> {
    let mut out = output::output();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(codes)?)?;
    } else if codes.is_empty() {
        writeln!(out, "No code was made yet; make one with muster break-glass seal.")?;
    } else {
        for code in codes {
            let state = match (code.used_at, code.voided_at) {
                (Some(at), _) => format!("used {}", at.to_text()),
                (None, Some(at)) => format!("void since {}", at.to_text()),
                (None, None) => "sealed".to_owned(),
            };
            writeln!(out, "{}\tmade {}\t{state}", code.id, code.made_at.to_text())?;
        }
    }
    Ok(())
}
