//! `muster people`: the first account, lists for scripts, and the way back in after a lock-out.

use std::io::Write;

use clap::Subcommand;
use serde_json::json;

use super::{Failure, Place, import, open, output};
use crate::actions::{By, Register, accounts, people};
use crate::domain::listing::From;
use crate::domain::people::Role;
use crate::store::people_list::{self, PeopleFilter, PersonLine};

#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    Import(import::PeopleImportArguments),
    /// Add a person, with an account when a role is given.
    Add {
        #[arg(long)]
        name: String,
        #[arg(long)]
        email: String,
        /// administrator, security_analyst, owner or auditor.
        #[arg(long)]
        role: Option<Role>,
        /// The password; asked from MUSTER_PASSWORD so that it is not in the shell's history. Made up and printed when absent.
        #[arg(long, env = "MUSTER_PASSWORD", hide_env_values = true, hide = true)]
        password: Option<String>,
    },
    /// List everybody, by name.
    List {
        /// Print one JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Disable an account; its sessions end at once.
    Disable {
        email: String,
    },
    /// Let a disabled account sign in again.
    Enable {
        email: String,
    },
    /// Set a password from MUSTER_PASSWORD, or a made-up one that is printed. Sessions end at once.
    SetPassword {
        email: String,
        /// The password; asked from MUSTER_PASSWORD so that it is not in the shell's history.
        #[arg(long, env = "MUSTER_PASSWORD", hide_env_values = true, hide = true)]
        password: Option<String>,
    },
}

/// Runs `people`.
pub fn run(place: &Place, command: PeopleCommand) -> Result<(), Failure> {
    if let PeopleCommand::Import(arguments) = &command {
        return import::run_people(place, arguments);
    }
    let register = open::open(place)?;
    match command {
        PeopleCommand::Import(_) => Ok(()),
        PeopleCommand::Add { name, email, role, password } => add(&register, &name, &email, role, password),
        PeopleCommand::List { json } => list(&register, json),
        PeopleCommand::Disable { email } => {
            let by = By::command("people disable", register.now());
            let person = accounts::by_email(&register, &email)?;
            accounts::disable(&register, &by, person.id)?;
            println!("{email} can no longer sign in.");
            Ok(())
        }
        PeopleCommand::Enable { email } => {
            let by = By::command("people enable", register.now());
            let person = accounts::by_email(&register, &email)?;
            accounts::enable(&register, &by, person.id)?;
            println!("{email} may sign in again.");
            Ok(())
        }
        PeopleCommand::SetPassword { email, password } => {
            let by = By::command("people set-password", register.now());
            let person = accounts::by_email(&register, &email)?;
            let made_up = password.is_none();
            let password = password.unwrap_or_else(accounts::make_up_password);
            accounts::set_password(&register, &by, person.id, &password)?;
            if made_up {
                println!("{email} signs in with the password\n{password}");
            } else {
                println!("{email} signs in with the new password.");
            }
            Ok(())
        }
    }
}

fn add(
    register: &Register,
    name: &str,
    email: &str,
    role: Option<Role>,
    password: Option<String>,
) -> Result<(), Failure> {
    let by = By::command("people add", register.now());
    let made_up = password.is_none() && role.is_some();
    let password = password.unwrap_or_else(accounts::make_up_password);
    people::add(register, &by, name, email, role.map(|role| (role, password.as_str())))?;
    match role {
        Some(role) if made_up => {
            println!("{email} may sign in as {} with the password\n{password}", role.label().to_lowercase());
        }
        Some(role) => println!("{email} may sign in as {}.", role.label().to_lowercase()),
        None => println!("{email} was added, without an account."),
    }
    Ok(())
}

fn list(register: &Register, as_json: bool) -> Result<(), Failure> {
    let today = register.now().date();
    let mut db = register.database.read()?;
    let mut from = From::Start;
    let mut all: Vec<PersonLine> = Vec::new();
    loop {
        let rows = people_list::lines(&mut db, &PeopleFilter::default(), &from, 1_000, today)?;
        let Some(last) = rows.last() else { break };
        from = From::After(last.cursor());
        all.extend(rows);
    }
    let mut out = output::output();
    if as_json {
        let rows: Vec<serde_json::Value> = all.iter().map(object).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
    } else if all.is_empty() {
        writeln!(out, "Nobody is in the register yet; add somebody with muster people add.")?;
    } else {
        for person in &all {
            let account = match (person.role, person.disabled_at) {
                (None, _) => "no account",
                (Some(_), Some(_)) => "disabled",
                (Some(role), None) => role.word(),
            };
            let left = person.left_on.map(|date| format!("\tleft {date}")).unwrap_or_default();
            writeln!(out, "{}\t{}\t{account}{left}", person.name, person.email)?;
        }
    }
    Ok(())
}

/// One person for a script.
fn object(person: &PersonLine) -> serde_json::Value {
    json!({
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "staff_id": person.staff_id,
        "title": person.title,
        "department": person.department,
        "manager": person.manager.as_ref().map(|(_, name)| name),
        "deputy": person.deputy.as_ref().map(|(_, name)| name),
        "left_on": person.left_on,
        "role": person.role,
        "disabled": person.disabled_at.is_some(),
        "business_owner_of": person.business,
        "technical_owner_of": person.technical,
    })
}
