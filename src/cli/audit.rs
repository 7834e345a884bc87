//! `muster audit`: whether the log is whole.

use std::io::Write;

use clap::Subcommand;
use serde_json::json;

use super::{Failure, Place, open, output};
use crate::store::audit_check;

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Read every entry again, compute every hash again, and compare; the first wrong entry is named.
    Verify {
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// Runs `audit`.
pub fn run(place: &Place, command: &AuditCommand) -> Result<(), Failure> {
    let register = open::open(place)?;
    match command {
        AuditCommand::Verify { json } => {
            let whole = audit_check::verify(&mut *register.database.read()?)?;
            let root = hex::encode(whole.root);
            let mut out = output::output();
            if *json {
                writeln!(out, "{}", json!({"size": whole.size, "root": root}))?;
            } else {
                writeln!(out, "The log holds {} entries, each whole and in its place.\nRoot: {root}", whole.size)?;
            }
            Ok(())
        }
    }
}
