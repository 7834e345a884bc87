//! `muster people`: the first account, lists for scripts, and the way back in after a lock-out.

use std::io::Write;

use clap::Subcommand;
use serde_json::json;

use super::{Failure, Place, import, open, output};
use crate::actions::links::{self, NewLink};
use crate::actions::people::{Opening, PersonDraft};
use crate::actions::{By, Register, accounts, people};
use crate::domain::access::WAY_BACK_BY_COMMAND_SECONDS;
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
        /// The password, from MUSTER_PASSWORD so that it is not in the shell's history. Without it a one-time link is printed.
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
    /// Print a one-time link with which somebody chooses a password: the way back in after a lock-out.
    Link {
        email: String,
    },
    /// Set a password from MUSTER_PASSWORD. Sessions end at once.
    SetPassword {
        email: String,
        /// The password, from MUSTER_PASSWORD so that it is not in the shell's history.
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
        PeopleCommand::Link { email } => {
            let by = By::command("people link", register.now());
            let person = accounts::by_email(&register, &email)?;
            let link = links::give(&register, &by, person.id, WAY_BACK_BY_COMMAND_SECONDS)?;
            println!("{email} chooses a password at");
            print_link(&link);
            Ok(())
        }
        PeopleCommand::SetPassword { email, password } => {
            let by = By::command("people set-password", register.now());
            let person = accounts::by_email(&register, &email)?;
            let password = password.filter(|password| !password.is_empty()).ok_or_else(|| {
                Failure(format!(
                    "MUSTER_PASSWORD is not set; set it, or let them choose with muster people link {email}"
                ))
            })?;
            accounts::set_password(&register, &by, person.id, &password)?;
            println!("{email} signs in with the new password.");
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
    let password = password.filter(|password| !password.is_empty());
    let opening = match (role, &password) {
        (None, _) => Opening::None,
        (Some(role), None) => Opening::Link(role),
        (Some(role), Some(password)) => Opening::Password(role, password),
    };
    let draft = PersonDraft { name: name.to_owned(), email: email.to_owned(), ..PersonDraft::default() };
    let (_, link) = people::add_draft(register, &by, &draft, opening)?;
    match (role, link) {
        (Some(role), Some(link)) => {
            println!("{email} may sign in as {} after choosing a password at", role.label().to_lowercase());
            print_link(&link);
        }
        (Some(role), None) => println!("{email} may sign in as {}.", role.label().to_lowercase()),
        (None, _) => println!("{email} was added, without an account."),
    }
    Ok(())
}

/// A link, and for how long it opens. It starts with MUSTER_BASE_URL.
pub fn print_link(link: &NewLink) {
    println!("{}", link.url);
    println!("The link opens once, until {}.", link.ends_at.utc().format("%Y-%m-%d %H:%M UTC"));
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
