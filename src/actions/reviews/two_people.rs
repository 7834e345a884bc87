//! What the register knows about the accounts of two people who say something together.

use std::collections::HashSet;

use crate::actions::ActionError;
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::two_people::{self, Known, NotTwo, Touch};
use crate::store::{Db, StoreError, audit, people};

/// Whether somebody may agree alone so far: their account was there before there was anything to agree to.
///
/// # Errors
/// `Refused` with the reason.
pub fn was_there(db: &mut Db, person: Id, since: Moment) -> Result<(), ActionError> {
    known(db, person)?.was_there(since).map_err(refused)
}

/// Whether the second of two people counts beside the first.
///
/// # Errors
/// `Refused` with the reason.
pub fn are_two(db: &mut Db, first: Id, second: Id, since: Moment) -> Result<(), ActionError> {
    let (first, second) = (known(db, first)?, known(db, second)?);
    two_people::are_two(&first, &second, since).map_err(refused)
}

fn refused(why: NotTwo) -> ActionError {
    ActionError::Refused(why.to_string())
}

fn known(db: &mut Db, person: Id) -> Result<Known, ActionError> {
    let account = people::account(db, person)?.ok_or(ActionError::Forbidden)?;
    Ok(Known { person, account_at: account.created_at, touched: touched(db, person)?, makers: makers(db, person)? })
}

/// What was done about an account, as far as it matters here.
fn touched(db: &mut Db, person: Id) -> Result<Vec<(Moment, Touch, Option<Id>)>, StoreError> {
    let done = audit::done_about(db, "account", &person.to_string(), &Touch::ACTIONS)?;
    // Commands and jobs have names where a person has an id.
    let by = |actor: Option<String>| actor.and_then(|actor| actor.parse().ok());
    Ok(done.into_iter().filter_map(|(at, action, actor)| Some((at, Touch::of_action(&action)?, by(actor)))).collect())
}

/// Whoever made an account or gave it what it may do, and whoever made theirs: a row of puppets is one person still.
fn makers(db: &mut Db, person: Id) -> Result<HashSet<Id>, StoreError> {
    let mut makers = HashSet::new();
    let mut waiting = vec![person];
    while let Some(next) = waiting.pop() {
        for (_, touch, by) in touched(db, next)? {
            let Some(by) = by.filter(|by| touch == Touch::Begins && *by != person) else { continue };
            if makers.insert(by) {
                waiting.push(by);
            }
        }
    }
    Ok(makers)
}
