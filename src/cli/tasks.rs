//! `muster tasks`: the open tasks, for scripts.

use std::io::Write;

use clap::Subcommand;

use super::{Failure, Place, open, output};
use crate::domain::listing::From;
use crate::domain::tasks::{TaskKind, TaskState};
use crate::store::task_list::{self, TaskFilter};

/// Rows read at a time.
const CHUNK: i64 = 500;

#[derive(Debug, Subcommand)]
pub enum TasksCommand {
    /// List tasks, the earliest due date first.
    List {
        /// open, done or cancelled; open when absent.
        #[arg(long, default_value = "open")]
        state: TaskState,
        /// recertification, offboarding or ownership; all when absent.
        #[arg(long)]
        kind: Option<TaskKind>,
        /// One array for scripts.
        #[arg(long)]
        json: bool,
    },
}

/// Runs `tasks`.
pub fn run(place: &Place, command: TasksCommand) -> Result<(), Failure> {
    let register = open::open(place)?;
    let TasksCommand::List { state, kind, json } = command;
    let filter = TaskFilter { state: Some(state), kind, ..TaskFilter::default() };
    let mut from = From::Start;
    let mut first = true;
    let mut out = output::output();
    if json {
        write!(out, "[")?;
    }
    loop {
        let lines = task_list::lines(&mut *register.database.read()?, &filter, &from, CHUNK)?;
        let Some(last) = lines.last() else { break };
        from = From::After(last.cursor());
        for line in &lines {
            if json {
                write!(out, "{}\n{}", if first { "" } else { "," }, serde_json::to_string(&line.document())?)?;
            } else {
                writeln!(
                    out,
                    "{}  {}  {}  {}",
                    line.task.due_on,
                    line.task.id,
                    line.task.kind.title(&line.subject),
                    line.assignee_name
                        .as_deref()
                        .unwrap_or_else(|| line.task.assignee_group.map_or("", |group| group.label())),
                )?;
            }
            first = false;
        }
    }
    if json {
        writeln!(out, "\n]")?;
    } else if first {
        writeln!(out, "No tasks.")?;
    }
    Ok(())
}
