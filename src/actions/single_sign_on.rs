//! Signing in, and proving again who one is, by single sign-on: what is kept between the two steps,
//! and what a provider's word changes.
//!
//! A provider is asked outside any transaction; here stands what follows from its answer.

use serde::{Deserialize, Serialize};

use super::accounts::keep_an_administrator;
use super::attempts::{self, Subject};
use super::confirm::confirmed_in;
use super::opening::{Caller, open_in};
use super::{ActionError, By, Register, Work};
use crate::domain::access::{CeremonyKind, SignInMethod};
use crate::domain::audit::ActorKind;
use crate::domain::ids::{Id, Moment};
use crate::domain::people::{Role, has_left, parse_email, parse_name};
use crate::domain::single_sign_on::{Asserted, Fault};
use crate::store::ceremonies::{self, Ceremony};
use crate::store::people::{self, Account, Person};
use crate::store::sessions::Renewal;
use crate::store::types::Doc;
use crate::store::{StoreError, sessions};

/// How long somebody may take at the provider.
pub const CEREMONY_SECONDS: i64 = 10 * 60;

/// What is kept of a sign-in while the browser is at the provider. Only the database knows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The provider that was asked: another one cannot answer in its place.
    pub issuer: String,
    /// Where the browser goes.
    pub address: String,
    pub state: String,
    pub nonce: String,
    pub verifier: String,
    /// The session whose holder proves again who they are; absent when somebody signs in.
    pub session: Option<Id>,
}

/// A sign-in whose browser came back.
#[derive(Clone)]
pub struct Returned {
    pub begun: Begun,
    /// Who proves again who they are.
    pub person: Option<Id>,
    pub return_to: String,
}

/// Keeps what a return is held against, under the digest of the browser's cookie. `person` is whoever
/// proves again who they are.
pub fn begin(
    register: &Register,
    person: Option<Id>,
    digest: &[u8],
    begun: &Begun,
    return_to: &str,
    now: Moment,
) -> Result<(), ActionError> {
    let state = serde_json::to_value(begun).map_err(|error| ActionError::Refused(error.to_string()))?;
    let ceremony = Ceremony {
        digest: digest.to_vec(),
        kind: CeremonyKind::SingleSignOn,
        person_id: person,
        state: Doc(state),
        return_to: return_to.to_owned(),
        tries: 0,
        created_at: now,
        ends_at: now.plus_seconds(CEREMONY_SECONDS),
    };
    register.database.write(|db| ceremonies::begin(db, &ceremony)).map_err(ActionError::from)
}

/// Where the browser that holds the cookie goes.
pub fn address(register: &Register, digest: &[u8], now: Moment) -> Result<Option<String>, ActionError> {
    let mut db = register.database.read()?;
    let found = ceremonies::find(&mut db, digest, CeremonyKind::SingleSignOn, now)?;
    Ok(found.and_then(|ceremony| read(&ceremony)).map(|begun| begun.address))
}

/// Takes the sign-in that a return belongs to, so that it is used once: of two returns at the same
/// moment one gets it. A return with another `state` takes nothing (RFC 6749 section 10.12).
pub fn take(register: &Register, digest: &[u8], state: &str, now: Moment) -> Result<Option<Returned>, ActionError> {
    let taken = register.database.write(|db| -> Result<_, StoreError> {
        let same = |ceremony: &Ceremony| {
            read(ceremony).is_some_and(|begun| {
                bool::from(subtle::ConstantTimeEq::ct_eq(begun.state.as_bytes(), state.as_bytes()))
            })
        };
        match ceremonies::find(db, digest, CeremonyKind::SingleSignOn, now)? {
            Some(ceremony) if same(&ceremony) => ceremonies::take(db, digest, CeremonyKind::SingleSignOn, now),
            _ => Ok(None),
        }
    })?;
    Ok(taken.and_then(|ceremony| {
        let begun = read(&ceremony)?;
        Some(Returned { begun, person: ceremony.person_id, return_to: ceremony.return_to })
    }))
}

fn read(ceremony: &Ceremony) -> Option<Begun> {
    Begun::deserialize(&ceremony.state.0).ok()
}

/// Records that somebody was not let in. Only our own words are kept, nothing that the provider sent.
pub fn refuse(
    register: &Register,
    person: Option<Id>,
    session: bool,
    fault: Fault,
    caller: &Caller,
    now: Moment,
) -> Result<(), ActionError> {
    let action = if session { "account.confirm" } else { "account.sign_in" };
    let whom = person.map_or_else(|| "unknown".to_owned(), |person| person.to_string());
    register.change(&acting(None, caller, now), |work| {
        work.record_refusal(action, "account", whom, fault.label());
        Ok(())
    })
}

/// What a provider's word led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// A session was opened.
    In(Id),
    /// Nobody was let in; it is recorded.
    Out(Fault),
}

/// Lets somebody in on the provider's word, for the digest of a new cookie value.
///
/// The person is the one whose account has this issuer and subject; else, once, the one with this
/// address, when the provider has verified it and nobody else signs in as it; else a new one. The
/// role is what the groups give today. Without one nobody comes in, and the sessions that are open end.
pub fn enter(
    register: &Register,
    said: &Asserted,
    digest: &[u8],
    caller: &Caller,
    now: Moment,
) -> Result<Entered, ActionError> {
    // Somebody may sign in twice for the first time: whoever is second finds what the first made.
    match try_to_enter(register, said, digest, caller, now) {
        Err(ActionError::Store(StoreError::Constraint(_) | StoreError::Conflict)) => {
            try_to_enter(register, said, digest, caller, now)
        }
        other => other,
    }
}

/// Who the provider's word is about, as the register knows them.
enum Found {
    Account(Person, Account),
    /// In the register, without a subject yet: the account where there is one.
    Person(Person, Option<Account>),
    Nobody,
}

fn try_to_enter(
    register: &Register,
    said: &Asserted,
    digest: &[u8],
    caller: &Caller,
    now: Moment,
) -> Result<Entered, ActionError> {
    let role =
        register.deployment.access.single_sign_on.as_ref().and_then(|settings| settings.roles.strongest(&said.groups));
    let found = match locate(register, said)? {
        Ok(found) => found,
        Err(fault) => return out(register, None, fault, caller, now),
    };
    let (known, account) = match &found {
        Found::Account(person, account) => (Some(person.clone()), Some(account.clone())),
        Found::Person(person, account) => (Some(person.clone()), account.clone()),
        Found::Nobody => (None, None),
    };
    let id = known.as_ref().map(|person| person.id);
    if known.as_ref().is_some_and(|person| has_left(person.left_on, now.date())) {
        return out(register, id, Fault::Left, caller, now);
    }
    if account.as_ref().is_some_and(|account| account.disabled_at.is_some()) {
        return out(register, id, Fault::Disabled, caller, now);
    }
    let Some(role) = role else {
        if let (Found::Account(..), Some(person)) = (&found, id) {
            end_sessions(register, person, caller, now)?;
        }
        return out(register, id, Fault::NoRole, caller, now);
    };
    let person = known.unwrap_or_else(|| new_person(said, now));
    let by = acting(Some(person.id), caller, now);
    let outcome = register.change(&by, |work| {
        if matches!(found, Found::Nobody) {
            people::insert(work.db, &person)?;
            work.record("person.add", "person", person.id, None, Some(&person));
        }
        settle(work, said, person.id, role, account.as_ref())?;
        open_in(work, register, person.id, SignInMethod::SingleSignOn, digest.to_vec(), caller)
    });
    match outcome {
        Ok(()) => Ok(Entered::In(person.id)),
        // The groups would leave the register without an administrator: the role stays, as elsewhere,
        // and the refusal is recorded.
        Err(ActionError::Refused(reason)) if account.as_ref().is_some_and(|one| one.role != role) => {
            tracing::warn!(person = %person.id, reason, "single sign-on may not change the role");
            register.change(&by, |work| {
                work.record_refusal("account.change_role", "account", person.id, Fault::LastAdministrator.label());
                Ok(())
            })?;
            register.change(&by, |work| {
                settle(work, said, person.id, Role::Administrator, account.as_ref())?;
                open_in(work, register, person.id, SignInMethod::SingleSignOn, digest.to_vec(), caller)
            })?;
            Ok(Entered::In(person.id))
        }
        Err(error) => Err(error),
    }
}

/// Finds whom the provider's word is about.
fn locate(register: &Register, said: &Asserted) -> Result<Result<Found, Fault>, ActionError> {
    let mut db = register.database.read()?;
    if let Some(account) = people::account_of_subject(&mut db, &said.key())? {
        let person = people::find(&mut db, account.person_id)?;
        return Ok(Ok(Found::Account(person, account)));
    }
    // Beyond ASCII, letters of two addresses can become the same letter in lower case.
    let Some(email) = said.email.as_deref().filter(|email| email.is_ascii()).and_then(|email| parse_email(email).ok())
    else {
        return Ok(Err(Fault::NoAddress));
    };
    // An address that was not verified is whatever somebody typed: it would open somebody else's account.
    if !said.email_verified {
        return Ok(Err(Fault::Unverified));
    }
    let Some(person) = people::find_by_email(&mut db, &email)? else { return Ok(Ok(Found::Nobody)) };
    let account = people::account(&mut db, person.id)?;
    Ok(match &account {
        // Signed in elsewhere between the two looks.
        Some(account) if account.single_sign_on_subject.as_deref() == Some(said.key().as_str()) => {
            Ok(Found::Account(person, account.clone()))
        }
        Some(Account { single_sign_on_subject: Some(_), .. }) => Err(Fault::OtherSubject),
        _ => Ok(Found::Person(person, account)),
    })
}

/// A person whom nobody knew. The name is the provider's, where it is one.
fn new_person(said: &Asserted, now: Moment) -> Person {
    let email = said.email.as_deref().unwrap_or_default().trim();
    let name = said.name.as_deref().and_then(|name| parse_name(name).ok()).unwrap_or_else(|| email.to_owned());
    Person::new(&name, email, now)
}

/// Makes the account what the provider says: its subject and its role.
fn settle(
    work: &mut Work<'_>,
    said: &Asserted,
    person: Id,
    role: Role,
    account: Option<&Account>,
) -> Result<(), ActionError> {
    let now = work.by.now;
    let Some(account) = account else {
        let account = Account {
            person_id: person,
            role,
            password_hash: None,
            single_sign_on_subject: Some(said.key()),
            disabled_at: None,
            last_sign_in_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        people::insert_account(work.db, &account)?;
        work.record("account.open", "account", person, None, Some(&account));
        return Ok(());
    };
    let mut before = account.clone();
    if before.single_sign_on_subject.is_none() {
        let joined = Account {
            single_sign_on_subject: Some(said.key()),
            updated_at: now,
            version: before.version + 1,
            ..before.clone()
        };
        people::update_account(work.db, &joined)?;
        work.record("account.join_single_sign_on", "account", person, Some(&before), Some(&joined));
        before = joined;
    }
    if before.role != role {
        if role != Role::Administrator {
            keep_an_administrator(work, person, now.date())?;
        }
        let after = Account { role, updated_at: now, version: before.version + 1, ..before.clone() };
        people::update_account(work.db, &after)?;
        // What was opened with the old role does not go on with the new one.
        sessions::delete_of(work.db, person)?;
        let why = Some("the groups of single sign-on");
        work.record_because("account.change_role", "account", person, why, Some(&before), Some(&after));
    }
    Ok(())
}

fn end_sessions(register: &Register, person: Id, caller: &Caller, now: Moment) -> Result<(), ActionError> {
    register.change(&acting(None, caller, now), |work| {
        if !sessions::of(work.db, person, now)?.is_empty() {
            sessions::delete_of(work.db, person)?;
            let why = Some(Fault::NoRole.label());
            work.record_because::<()>("account.end_sessions", "account", person, why, None, None);
        }
        Ok(())
    })
}

fn out(
    register: &Register,
    person: Option<Id>,
    fault: Fault,
    caller: &Caller,
    now: Moment,
) -> Result<Entered, ActionError> {
    refuse(register, person, false, fault, caller, now)?;
    Ok(Entered::Out(fault))
}

/// Counts a return of somebody who proves again who they are, before anything of it is believed.
///
/// # Errors
/// `TooMany` when too many were refused.
pub fn count_confirmation(register: &Register, person: Id, caller: &Caller, now: Moment) -> Result<(), ActionError> {
    let counted = Subject::proof(register, PROOF, person);
    let network = Subject::network(register, &caller.address);
    let subjects: Vec<&Subject> = std::iter::once(&counted).chain(&network).collect();
    attempts::take(register, &acting(None, caller, now), &person.to_string(), &subjects)?;
    Ok(())
}

/// Under which word refused confirmations are counted.
const PROOF: &str = "single_sign_on";

/// Notes that the holder of a session proved again who they are: the provider asked them within five
/// minutes, and named the subject of this account.
///
/// # Errors
/// `Conflict` when the session was renewed or ended meanwhile.
pub fn confirm(
    register: &Register,
    by: &By,
    session: Id,
    said: &Asserted,
    cookie: &Renewal,
    caller: &Caller,
) -> Result<Entered, ActionError> {
    let person = by.person.ok_or(ActionError::Forbidden)?;
    let account = {
        let mut db = register.database.read()?;
        people::account(&mut db, person)?
    };
    if account.and_then(|account| account.single_sign_on_subject) != Some(said.key()) {
        refuse(register, Some(person), true, Fault::SomebodyElse, caller, by.now)?;
        return Ok(Entered::Out(Fault::SomebodyElse));
    }
    register.change(by, |work| {
        Subject::proof(register, PROOF, person).forgive_in(work)?;
        confirmed_in(work, person, session, SignInMethod::SingleSignOn, cookie)?;
        Ok(Entered::In(person))
    })
}

fn acting(person: Option<Id>, caller: &Caller, now: Moment) -> By {
    let kind = if person.is_some() { ActorKind::Person } else { ActorKind::Setup };
    By { person, kind, request_id: caller.request_id.clone(), ..By::setup(now) }.at_address(&caller.address)
}
