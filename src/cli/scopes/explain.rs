//! `muster scopes explain`.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::{Stopped, scopes_of};
use crate::domain::scopes::Knowledge;
use crate::domain::scopes::reach::Reach;
use crate::domain::scopes::release::Release;
use crate::domain::scopes::tiers::Basis;

#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// Scopes, each by itself or together in quotes.
    #[arg(required = true)]
    scopes: Vec<String>,
    /// The name of the app that holds them.
    #[arg(long, default_value = "The app")]
    app: String,
    /// R4, R4B or R5.
    #[arg(long, default_value = "R4")]
    release: Release,
    /// Why it may see patient data: patient_directed, treatment, business_associate, research, internal_operations, public or unknown.
    #[arg(long, default_value = "unknown")]
    access_basis: Basis,
    /// Print one JSON array, an object for each scope.
    #[arg(long)]
    json: bool,
}

/// Explains scopes and their reach together.
pub fn run(arguments: &ExplainArguments, knowledge: &Knowledge) -> Result<(), Stopped> {
    let set = scopes_of(&arguments.scopes);
    let mut out = std::io::stdout().lock();
    let explained =
        set.scopes.iter().map(|scope| (scope.written().to_owned(), true, knowledge.explain(scope, &arguments.app)));
    let rejected =
        set.rejected.iter().map(|each| (each.token.clone(), false, knowledge.explain_rejected(each, &arguments.app)));
    let all: Vec<_> = explained.chain(rejected).collect();
    if arguments.json {
        let objects: Vec<_> = all
            .iter()
            .map(|(scope, valid, text)| {
                json!({
                    "scope": scope, "valid": valid, "short": text.short, "long": text.long,
                    "digest": text.digest, "unlimited": text.unlimited, "words": knowledge.words.version,
                })
            })
            .collect();
        serde_json::to_writer_pretty(&mut out, &objects).map_err(std::io::Error::from)?;
        writeln!(out)?;
        return Ok(());
    }
    for (scope, _, text) in &all {
        writeln!(out, "{scope}\n    {}", text.long)?;
    }
    for repair in &set.repairs {
        writeln!(out, "Note: {repair}.")?;
    }
    let reach = Reach::of(&set, arguments.release, knowledge);
    let (tier, because) = knowledge.tiers.tier(&reach, arguments.access_basis);
    writeln!(out, "\nReach: {}", reach.whose_words(&knowledge.words))?;
    writeln!(out, "    Types of record: {}", reach.types_words(arguments.release))?;
    writeln!(out, "    Can: {}", reach.can_words())?;
    writeln!(out, "    Copying in bulk: {}", reach.bulk_words())?;
    writeln!(out, "    When the person leaves: {}", reach.lasts_words())?;
    if !reach.unexplained.is_empty() {
        writeln!(out, "    Not explained: {}", reach.unexplained.join(" "))?;
    }
    writeln!(out, "    Tier: {}. {because}", tier.label())?;
    Ok(())
}
