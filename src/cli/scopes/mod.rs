//! `muster scopes`: SMART scopes read, compared and decided, without a register.

mod batch;
mod compare;
mod decide;
mod explain;

use std::io;

use clap::Subcommand;

use super::{Failure, Place};
use crate::config;
use crate::domain::scopes::ScopeSet;

#[derive(Debug, Subcommand)]
pub enum ScopesCommand {
    /// Say in plain words what scopes allow, how far they reach, and what is wrong with them.
    Explain(explain::ExplainArguments),
    /// Compare what is granted with what is wanted: what is covered, what is missing, what is too much.
    Compare(compare::CompareArguments),
    /// Say whether scopes allow an interaction. Exit code 0 when they do, 1 when not or when it cannot be told.
    Decide(decide::DecideArguments),
    /// Answer questions, one JSON object a line on standard input, with one JSON object a line.
    Batch,
}

/// Runs `scopes`.
pub fn run(place: &Place, command: &ScopesCommand) -> Result<(), Failure> {
    let knowledge = config::scope_tables(&place.folder()).map_err(Failure)?;
    let outcome = match command {
        ScopesCommand::Explain(arguments) => explain::run(arguments, &knowledge),
        ScopesCommand::Compare(arguments) => compare::run(arguments, &knowledge),
        ScopesCommand::Decide(arguments) => decide::run(arguments),
        ScopesCommand::Batch => batch::run(&knowledge),
    };
    match outcome {
        Err(Stopped::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(Stopped::Output(error)) => Err(Failure(format!("the input or output failed: {error}"))),
        Err(Stopped::Refused(why)) => Err(Failure(why)),
        Ok(()) => Ok(()),
    }
}

/// What can end a command early.
enum Stopped {
    Output(io::Error),
    Refused(String),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// The scopes of one or several arguments, each of which may hold several.
fn scopes_of(arguments: &[String]) -> ScopeSet {
    ScopeSet::parse(&arguments.join(" "))
}
