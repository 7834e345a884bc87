//! `muster scopes decide`.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::{Stopped, scopes_of};
use crate::domain::scopes::CompiledScopes;
use crate::domain::scopes::decide::{Coding, Decision, PatientKnown, Question};
use crate::domain::scopes::interaction::Interaction;
use crate::domain::scopes::scope::{Context, Scope};

#[derive(Debug, Args)]
pub struct DecideArguments {
    /// What is granted; in quotes; may be given several times.
    #[arg(long, required = true, value_name = "SCOPES")]
    granted: Vec<String>,
    /// read, search-type, create, export-group, $everything ...
    interaction: Interaction,
    /// The type, such as Observation; without it every type is asked for.
    resource: Option<String>,
    /// Only scopes of this context count: patient, user or system.
    #[arg(long)]
    context: Option<Context>,
    /// The patient in context; an empty text says that there is none.
    #[arg(long, value_name = "ID")]
    launch_patient: Option<String>,
    /// Whose record it is; an empty text says that it is no patient's.
    #[arg(long, value_name = "ID")]
    resource_patient: Option<String>,
    /// A category of the resource, SYSTEM|CODE or CODE; give it several times, or empty for none.
    #[arg(long, value_name = "CODING")]
    category: Vec<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Decides one question; a refusal is a failure of the command.
pub fn run(arguments: &DecideArguments) -> Result<(), Stopped> {
    let compiled = CompiledScopes::of(scopes_of(&arguments.granted).scopes);
    let codings: Vec<Coding<'_>> = arguments
        .category
        .iter()
        .filter(|each| !each.is_empty())
        .map(|each| each.split_once('|').map_or((None, each.as_str()), |(system, code)| (Some(system), code)))
        .collect();
    let answer = compiled.decide(&Question {
        interaction: &arguments.interaction,
        resource: arguments.resource.as_deref(),
        context: arguments.context,
        launch_patient: patient(arguments.launch_patient.as_deref()),
        resource_patient: patient(arguments.resource_patient.as_deref()),
        categories: (!arguments.category.is_empty()).then_some(&codings),
    });
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let object = json!({
            "allow": answer.decision == Decision::Allow, "verdict": answer.decision,
            "by": answer.by.map(Scope::written), "reason": answer.reason.to_string(),
        });
        writeln!(out, "{object}")?;
    } else {
        let by = answer.by.map(|scope| format!(" by {}", scope.written())).unwrap_or_default();
        writeln!(out, "{}{by}: {}", answer.decision.label(), answer.reason)?;
    }
    match answer.decision {
        Decision::Allow => Ok(()),
        Decision::CannotTell => Err(Stopped::Refused("it cannot be told, which is enforced as a refusal".to_owned())),
        Decision::Deny => Err(Stopped::Refused("the scopes do not allow it".to_owned())),
    }
}

fn patient(said: Option<&str>) -> PatientKnown<'_> {
    match said {
        None => PatientKnown::NotSaid,
        Some("") => PatientKnown::Nobody,
        Some(id) => PatientKnown::Is(id),
    }
}
