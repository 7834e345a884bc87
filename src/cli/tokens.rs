//! `muster tokens`: the tokens of Muster's own interface, for a terminal and for scripts.

use std::io::Write;

use clap::Subcommand;
use serde_json::json;

use super::{Failure, Place, open, output};
use crate::actions::{By, Register, api_tokens as actions};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::From;
use crate::store::StoreError;
use crate::store::api_tokens::{self, TokenLine};

/// Tokens read at a time.
const CHUNK: i64 = 1_000;

#[derive(Debug, Subcommand)]
pub enum TokensCommand {
    /// List every token, the newest first. The tokens themselves are kept nowhere.
    List {
        /// Print one JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token: it is refused from the next request on.
    Revoke {
        /// Its id, as the list shows it.
        id: Id,
    },
}

/// Runs `tokens`.
pub fn run(place: &Place, command: &TokensCommand) -> Result<(), Failure> {
    let register = open::open(place)?;
    match command {
        TokensCommand::List { json } => list(&register, *json),
        TokensCommand::Revoke { id } => revoke(&register, *id),
    }
}

fn list(register: &Register, as_json: bool) -> Result<(), Failure> {
    let mut db = register.database.read()?;
    let mut from = From::Start;
    let mut all: Vec<TokenLine> = Vec::new();
    loop {
        let rows = api_tokens::lines(&mut db, None, &from, CHUNK)?;
        let Some(last) = rows.last() else { break };
        from = From::After(last.cursor());
        all.extend(rows);
    }
    let now = register.now();
    let mut out = output::output();
    if as_json {
        let rows: Vec<serde_json::Value> = all.iter().map(|line| object(line, now)).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
    } else if all.is_empty() {
        writeln!(out, "Nobody has made a token; people make theirs on the page /account/tokens.")?;
    } else {
        for line in &all {
            let token = &line.token;
            let scopes: Vec<&str> = token.scopes.0.iter().map(|scope| scope.word()).collect();
            writeln!(
                out,
                "{}\t{}\t{}\t{}\tends {}\t{}",
                token.id,
                token.name,
                line.creator,
                scopes.join(","),
                token.ends_at,
                state(line, now)
            )?;
        }
    }
    Ok(())
}

fn state(line: &TokenLine, now: Moment) -> &'static str {
    line.standing(now).check(now).map_or_else(|stopped| stopped.word(), |()| "good")
}

/// One token for a script.
fn object(line: &TokenLine, now: Moment) -> serde_json::Value {
    let token = &line.token;
    json!({
        "id": token.id,
        "identity": token.identity_id,
        "name": token.name,
        "ending": token.ending,
        "person": token.person_id,
        "creator": line.creator,
        "scopes": token.scopes.0,
        "state": state(line, now),
        "created_at": token.created_at,
        "ends_at": token.ends_at,
        "last_used_at": token.last_used_at,
        "last_used_from": token.last_used_from,
        "revoked_at": token.revoked_at,
    })
}

fn revoke(register: &Register, id: Id) -> Result<(), Failure> {
    let by = By::command("tokens revoke", register.now());
    match actions::revoke(register, &by, id, "Revoked with muster tokens revoke") {
        Ok(()) => {
            println!("The token was revoked. It was tried, and it is refused.");
            Ok(())
        }
        Err(crate::actions::ActionError::Store(StoreError::NotFound)) => {
            Err(Failure(format!("no token has the id {id}; see `muster tokens list`")))
        }
        Err(other) => Err(other.into()),
    }
}
