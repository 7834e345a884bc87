//! `muster scopes compare`.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::{Stopped, scopes_of};
use crate::domain::scopes::Knowledge;
use crate::domain::scopes::algebra;
use crate::domain::scopes::covers::covers;
use crate::domain::scopes::difference::difference;
use crate::domain::scopes::relation::relation;

#[derive(Debug, Args)]
pub struct CompareArguments {
    /// What is granted; in quotes; may be given several times.
    #[arg(long, required = true, value_name = "SCOPES")]
    granted: Vec<String>,
    /// What is wanted, or was approved.
    #[arg(long, required = true, value_name = "SCOPES")]
    wanted: Vec<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Compares two sets.
pub fn run(arguments: &CompareArguments, knowledge: &Knowledge) -> Result<(), Stopped> {
    let (granted, wanted) = (scopes_of(&arguments.granted), scopes_of(&arguments.wanted));
    let coverage = covers(&granted, &wanted);
    let excess = algebra::difference(&granted, &wanted);
    let lines = difference(&wanted, &granted);
    let relation = relation(&granted, &wanted, knowledge);
    let mut out = std::io::stdout().lock();
    let rest: Vec<String> = coverage.rest.iter().map(ToString::to_string).chain(coverage.rejected).collect();
    let excess_scopes: Vec<String> = excess.scopes.iter().map(ToString::to_string).collect();
    if arguments.json {
        let object = json!({
            "relation": relation,
            "verdict": coverage.verdict,
            "reason": coverage.reason.to_string(),
            "rest": rest,
            "excess": { "scopes": excess_scopes, "open": excess.open },
            "lines": lines.iter().map(|each| json!({ "change": each.change, "scope": each.scope, "was": each.was })).collect::<Vec<_>>(),
        });
        serde_json::to_writer_pretty(&mut out, &object).map_err(std::io::Error::from)?;
        writeln!(out)?;
        return Ok(());
    }
    writeln!(out, "Granted stands to wanted: {}", relation.label())?;
    writeln!(out, "Wanted is {}: {}", coverage.verdict.label(), coverage.reason)?;
    print_list(&mut out, "Missing", rest.iter().map(String::as_str))?;
    let too_much = excess_scopes.iter().chain(&excess.open).map(String::as_str);
    print_list(&mut out, "Too much", too_much)?;
    writeln!(out, "From wanted to granted:")?;
    for line in &lines {
        let was = if line.was.is_empty() { String::new() } else { format!(" (was {})", line.was.join(" ")) };
        writeln!(out, "    {}: {}{was}", line.change.label(), line.scope)?;
    }
    Ok(())
}

fn print_list<'a>(out: &mut impl Write, title: &str, items: impl Iterator<Item = &'a str>) -> std::io::Result<()> {
    let items: Vec<&str> = items.collect();
    if items.is_empty() {
        return writeln!(out, "{title}: nothing");
    }
    writeln!(out, "{title}:")?;
    items.iter().try_for_each(|each| writeln!(out, "    {each}"))
}
