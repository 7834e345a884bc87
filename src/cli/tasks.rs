//! `muster tasks`: the open tasks, for scripts.

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Failure, Place, open};
use crate::domain::listing::From;
use crate::domain::tasks::{TaskKind, TaskState};
use crate::store::task_list::{self, TaskFilter, TaskLine};

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
    if json {
        print!("[");
    }
    loop {
        let lines = task_list::lines(&mut *register.database.read()?, &filter, &from, CHUNK)?;
        let Some(last) = lines.last() else { break };
        from = From::After(last.cursor());
        for line in &lines {
            if json {
                print!("{}\n{}", if first { "" } else { "," }, serde_json::to_string(&document(line))?);
            } else {
                println!(
                    "{}  {}  {}  {}",
                    line.task.due_on,
                    line.task.id,
                    line.task.kind.title(&line.identity_name),
                    line.assignee_name.as_deref().unwrap_or("security analysts"),
                );
            }
            first = false;
        }
    }
    if json {
        println!("\n]");
    } else if first {
        println!("No tasks.");
    }
    Ok(())
}

/// A task as scripts get it.
pub fn document(line: &TaskLine) -> Value {
    let task = &line.task;
    json!({
        "id": task.id,
        "kind": task.kind,
        "identity_id": task.identity_id,
        "identity": line.identity_name,
        "period": task.period,
        "cause": task.cause,
        "reason": task.reason,
        "assignee_id": task.assignee_id,
        "assignee": line.assignee_name,
        "assignee_group": task.assignee_group,
        "assigned_as": task.assigned_as,
        "due_on": task.due_on,
        "state": task.state,
        "answer": task.answer,
        "note": task.note,
        "created_at": task.created_at,
        "closed_at": task.closed_at,
        "version": task.version,
    })
}
