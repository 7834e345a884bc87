//! Wrong usage: one line on standard error that says what is wrong and where help is, exit code 2.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Command, CommandFactory};

use super::Muster;
use crate::domain::ids::Moment;

/// The exit code of wrong usage.
const WRONG: u8 = 2;

/// Answers what clap could not read: help and the version are printed, the rest is a line.
pub fn answer(error: &clap::Error) -> ExitCode {
    match error.kind() {
        // Help that nobody reads to its end is no failure.
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            ExitCode::SUCCESS
        }
        _ => refuse(&sentence(error)),
    }
}

/// Refuses a command that was read and cannot be meant.
pub fn refuse(words: &str) -> ExitCode {
    let (path, _) = asked();
    eprintln!("muster: {}; see `{path} --help`", super::one_line(words));
    ExitCode::from(WRONG)
}

fn sentence(error: &clap::Error) -> String {
    if matches!(error.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand) {
        let (_, command) = asked();
        let names: Vec<&str> =
            command.get_subcommands().filter(|command| !command.is_hide_set()).map(Command::get_name).collect();
        return format!("name a command: {}", names.join(", "));
    }
    let text = error.render().to_string();
    let text = text.split("\n\nUsage:").next().unwrap_or_default();
    let text = text.split("\n\nFor more information").next().unwrap_or_default();
    // What is missing stands on lines of its own.
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").trim_start_matches("error: ").to_owned()
}

/// The command that was asked for, as far as it exists: "muster people add".
fn asked() -> (String, Command) {
    let mut command = Muster::command();
    let mut path = command.get_name().to_owned();
    for argument in std::env::args().skip(1) {
        if let Some(inner) = command.find_subcommand(&argument).cloned() {
            path = format!("{path} {}", inner.get_name());
            command = inner;
        }
    }
    (path, command)
}

/// A time as an option has it.
pub fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text).map_err(|_| "a time such as 2026-11-23T12:00:00Z belongs there".to_owned())
}
