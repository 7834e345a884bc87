//! Whom somebody names to decide in their place.

use super::super::load::Loaded;
use super::super::reviewers::lets_in_whom_it_knows;
use crate::actions::lookup::named_person_near;
use crate::actions::{ActionError, By, FieldError, Register, Work};
use crate::domain::ids::Id;
use crate::domain::people::{Role, has_left};
use crate::domain::reviews::ReviewState;
use crate::domain::reviews::reviewers::Benefit;
use crate::store::people::{self, Person};
use crate::store::people_list::Deciders;
use crate::store::{Db, StoreError, near};

/// The person, who is here, can sign in, is not asked already and may decide. Where nobody is called so, those who are
/// offered are of that kind too.
///
/// # Errors
/// `Invalid` for field `somebody`, with the reason.
pub(super) fn somebody(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    named: &str,
) -> Result<Person, ActionError> {
    let cannot = |why: String| Err(ActionError::field("somebody", why));
    if loaded.review.state != ReviewState::Open {
        return cannot("It was decided already; correct the decision instead".to_owned());
    }
    let mut errors: Vec<FieldError> = Vec::new();
    let by = work.by;
    let reviewers = loaded.reviewers();
    let asked = loaded.asking().map(|task| task.assignee_id);
    let but: Vec<Id> = asked.chain([by.person, reviewers.beneficiary, reviewers.benefited]).flatten().collect();
    let who = Deciders { today: register.day(by.now), without_account: lets_in_whom_it_knows(register), but: &but };
    let near = |db: &mut Db, text: &str| near::deciders(db, text, &who);
    let Some(person) = named_person_near(work.db, by.token.is_none(), near, "somebody", named, &mut errors)? else {
        return Err(ActionError::Invalid(errors));
    };
    match why_not(work.db, register, loaded, by, &person)? {
        Some(why) => cannot(why),
        None => Ok(person),
    }
}

/// Why somebody cannot decide in the place of whoever names them; nothing where they can.
fn why_not(
    db: &mut Db,
    register: &Register,
    loaded: &Loaded,
    by: &By,
    person: &Person,
) -> Result<Option<String>, StoreError> {
    let name = &person.name;
    if Some(person.id) == by.person {
        return Ok(Some("You named yourself; name somebody else, or choose another answer".to_owned()));
    }
    let benefits = match loaded.reviewers().benefit(person.id) {
        Some(Benefit::Now) => "is its technical owner",
        Some(Benefit::Then) => "was its technical owner when it was asked about",
        None => "",
    };
    if !benefits.is_empty() {
        return Ok(Some(format!("{name} {benefits}, and whoever benefits does not decide; name somebody else")));
    }
    if loaded.asking().any(|task| task.assignee_id == Some(person.id)) {
        return Ok(Some(format!("{name} is asked already; name somebody else")));
    }
    if has_left(person.left_on, register.day(by.now)) {
        return Ok(Some(format!("{name} has left; name somebody who is here")));
    }
    Ok(match people::account(db, person.id)? {
        Some(account) if account.disabled_at.is_some() => {
            Some(format!("The account of {name} is disabled, so they could not answer; name somebody else"))
        }
        Some(account) if account.role == Role::Auditor => {
            Some(format!("{name} is an auditor, who reads and decides nothing; name somebody else"))
        }
        None if !lets_in_whom_it_knows(register) => Some(format!(
            "{name} has no account here, so they could not answer; an administrator can make one, or name somebody else"
        )),
        _ => None,
    })
}
