//! `muster people`: the first account, and lists for scripts.

use clap::Subcommand;

use super::{Failure, Place, import, open};
use crate::actions::{By, people};
use crate::domain::people::Role;

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
}

/// Runs `people`.
pub fn run(place: &Place, command: PeopleCommand) -> Result<(), Failure> {
    if let PeopleCommand::Import(arguments) = &command {
        return import::run_people(place, arguments);
    }
    let register = open::open(place)?;
    match command {
        PeopleCommand::Import(_) => Ok(()),
        PeopleCommand::Add { name, email, role, password } => {
            let by = By::command("people add", register.now());
            let made_up = password.is_none() && role.is_some();
            let password = password.unwrap_or_else(people::make_up_password);
            people::add(&register, &by, &name, &email, role.map(|role| (role, password.as_str())))?;
            match role {
                Some(role) if made_up => {
                    println!("{email} may sign in as {} with the password\n{password}", role.label().to_lowercase())
                }
                Some(role) => println!("{email} may sign in as {}.", role.label().to_lowercase()),
                None => println!("{email} was added, without an account."),
            }
            Ok(())
        }
    }
}
