//! The command line: one file for each group of commands.
//!
//! Exit codes: 0 done, 1 refused or failed, 2 wrong usage. Errors are one line on standard error
//! that says what to do.

mod audit;
mod bench;
mod break_glass;
mod demo;
mod findings;
mod identities;
mod import;
mod jobs;
mod open;
mod openapi;
mod output;
mod people;
mod scopes;
mod serve;
mod single_sign_on;
mod tasks;
mod tokens;
mod usage;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::domain::ids::Moment;

/// The register of SMART apps, tokens and service accounts: owners, purpose, scopes, expiry and a
/// proved way to stop each one.
#[derive(Debug, Parser)]
#[command(name = "muster", version, about)]
struct Muster {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// The folder of the embedded database, mail files and keys.
    /// `./data` when absent.
    #[arg(long, env = "MUSTER_DATA", global = true)]
    data: Option<PathBuf>,
    /// `sqlite:PATH` or `postgres://...`; SQLite in the data folder when absent.
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true)]
    database_url: Option<String>,
    /// Stops the clock, for tests of time.
    #[arg(long, env = "MUSTER_NOW", hide = true, global = true, value_parser = usage::moment)]
    now: Option<Moment>,
}

impl Place {
    /// The data folder.
    pub fn folder(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| PathBuf::from("./data"))
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fills an empty register for measurements.
    #[command(hide = true)]
    BenchFixture(bench::FixtureArguments),
    /// Serves a constant body for measurements.
    #[command(hide = true)]
    BenchConstant(bench::ConstantArguments),
    /// Serve a throw-away organisation; its sign-ins are printed.
    Demo(demo::DemoArguments),
    /// Serve the register.
    Serve(serve::ServeArguments),
    /// Bring the database up to date.
    Migrate,
    Import(import::ImportArguments),
    /// Identities, for scripts and for a terminal.
    #[command(subcommand)]
    Identities(identities::IdentitiesCommand),
    /// People and their accounts.
    #[command(subcommand)]
    People(people::PeopleCommand),
    /// Tokens of Muster's own interface.
    #[command(subcommand)]
    Tokens(tokens::TokensCommand),
    /// What Muster does by itself.
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
    /// Work that waits for somebody.
    #[command(subcommand)]
    Tasks(tasks::TasksCommand),
    /// Rules that identities break.
    #[command(subcommand)]
    Findings(findings::FindingsCommand),
    /// SMART scopes: explain, compare, decide.
    #[command(subcommand)]
    Scopes(scopes::ScopesCommand),
    /// Sealed codes for emergency access.
    #[command(subcommand)]
    BreakGlass(break_glass::BreakGlassCommand),
    /// Print how programs file and follow requests: the OpenAPI document that the server shows too.
    Openapi,
    /// The audit log.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
}

/// A failure to report: one line that says what to do.
#[derive(Debug)]
pub struct Failure(pub String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let muster = match Muster::try_parse() {
        Ok(muster) => muster,
        Err(error) => return usage::answer(&error),
    };
    if let Command::Import(arguments) = &muster.command
        && let Some(words) = arguments.wrong()
    {
        return usage::refuse(words);
    }
    let place = muster.place;
    let outcome = match muster.command {
        Command::BenchFixture(arguments) => bench::fixture(&place, &arguments),
        Command::BenchConstant(arguments) => bench::constant(&arguments),
        Command::Demo(arguments) => demo::run(&place, &arguments),
        Command::Serve(arguments) => serve::run(&place, &arguments),
        Command::Migrate => open::open(&place).map(|register| {
            println!("The {} database is up to date.", register.database.kind());
        }),
        Command::Import(arguments) => import::run(&place, &arguments),
        Command::Identities(command) => identities::run(&place, &command),
        Command::People(command) => people::run(&place, command),
        Command::Tokens(command) => tokens::run(&place, &command),
        Command::Jobs(command) => jobs::run(&place, command),
        Command::Tasks(command) => tasks::run(&place, command),
        Command::Findings(command) => findings::run(&place, &command),
        Command::Scopes(command) => scopes::run(&place, &command),
        Command::BreakGlass(command) => break_glass::run(&place, &command),
        Command::Openapi => openapi::run(),
        Command::Audit(command) => audit::run(&place, &command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(message)) => {
            eprintln!("muster: {}", one_line(&message));
            ExitCode::FAILURE
        }
    }
}

/// A text on one line, where it can move no cursor.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
