//! Whom somebody names to decide in their place.

use super::super::load::Loaded;
use super::super::reviewers::lets_in_whom_it_knows;
use crate::actions::lookup::named_person;
use crate::actions::{ActionError, FieldError, Register, Work};
use crate::domain::people::{Role, has_left};
use crate::domain::reviews::ReviewState;
use crate::store::people::{self, Person};

/// The person, who is here, can sign in, is not asked already and may decide.
///
/// # Errors
/// `Invalid` for field `somebody`, with the reason.
pub(super) fn somebody(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    named: &str,
) -> Result<Person, ActionError> {
    let mut errors: Vec<FieldError> = Vec::new();
    let Some(person) = named_person(work.db, work.by.token.is_none(), "somebody", named, &mut errors)? else {
        return Err(ActionError::Invalid(errors));
    };
    let name = &person.name;
    let cannot = |why: String| Err(ActionError::field("somebody", why));
    if loaded.review.state != ReviewState::Open {
        return cannot("It was decided already; correct the decision instead".to_owned());
    }
    if Some(person.id) == work.by.person {
        return cannot("You named yourself; name somebody else, or choose another answer".to_owned());
    }
    if loaded.reviewers().benefits(person.id) {
        return cannot(format!(
            "{name} is its technical owner, or was when it was asked about, and whoever benefits does not decide; name \
             somebody else"
        ));
    }
    if loaded.asking().any(|task| task.assignee_id == Some(person.id)) {
        return cannot(format!("{name} is asked already; name somebody else"));
    }
    if has_left(person.left_on, register.day(work.by.now)) {
        return cannot(format!("{name} has left; name somebody who is here"));
    }
    match people::account(work.db, person.id)? {
        Some(account) if account.disabled_at.is_some() => {
            cannot(format!("The account of {name} is disabled, so they could not answer; name somebody else"))
        }
        Some(account) if account.role == Role::Auditor => {
            cannot(format!("{name} is an auditor, who reads and decides nothing; name somebody else"))
        }
        None if !lets_in_whom_it_knows(register) => cannot(format!(
            "{name} has no account here, so they could not answer; an administrator can make one, or name somebody else"
        )),
        _ => Ok(person),
    }
}
