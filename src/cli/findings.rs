//! `muster findings`: the rules that identities break, for scripts.

use std::io::Write;

use clap::Subcommand;

use super::{Failure, Place, open, output};
use crate::domain::findings::FindingRule;
use crate::domain::listing::From;
use crate::store::findings;

/// Rows read at a time.
const CHUNK: i64 = 500;

#[derive(Debug, Subcommand)]
pub enum FindingsCommand {
    /// List open findings, the newest first.
    List {
        /// The word of one rule, such as review_unanswered; all when absent.
        #[arg(long)]
        rule: Option<FindingRule>,
        /// One array for scripts.
        #[arg(long)]
        json: bool,
    },
}

/// Runs `findings`.
pub fn run(place: &Place, command: &FindingsCommand) -> Result<(), Failure> {
    let register = open::open(place)?;
    let FindingsCommand::List { rule, json } = command;
    let mut from = From::Start;
    let mut first = true;
    let mut out = output::output();
    if *json {
        write!(out, "[")?;
    }
    loop {
        let lines = findings::lines(&mut *register.database.read()?, *rule, &from, CHUNK)?;
        let Some(last) = lines.last() else { break };
        from = From::After(last.cursor());
        for line in &lines {
            if *json {
                write!(out, "{}\n{}", if first { "" } else { "," }, serde_json::to_string(&line.document())?)?;
            } else {
                let finding = &line.finding;
                writeln!(
                    out,
                    "{}  {}  {}  {}: {}",
                    finding.opened_at.date(),
                    finding.severity.word(),
                    finding.identity_id,
                    line.identity_name,
                    finding.rule.label(),
                )?;
            }
            first = false;
        }
    }
    if *json {
        writeln!(out, "\n]")?;
    } else if first {
        writeln!(out, "No findings.")?;
    }
    Ok(())
}
