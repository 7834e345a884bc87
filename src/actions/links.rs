//! One-time links: how a new account, and one whose password is lost, gets a password that its person
//! chooses. Nobody else ever knows it (OWASP ASVS 5.0 6.4.1, 6.4.3, 6.4.6).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::attempts::{self, Subject};
use super::opening::{Caller, open_in, stranger};
use super::{ActionError, By, Register, Work, passwords};
use crate::domain::access::{LinkPurpose, SignInMethod};
use crate::domain::audit::ActorKind;
use crate::domain::ids::{Id, Moment};
use crate::domain::people::{Role, has_left};
use crate::store::account_links::{self, AccountLink};
use crate::store::people::{self, Person};
use crate::store::sessions;

/// A link that was just made. Its token is shown once and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct NewLink {
    /// The address to open.
    pub url: String,
    pub ends_at: Moment,
}

impl std::fmt::Debug for NewLink {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "NewLink(until {})", self.ends_at)
    }
}

/// What the database keeps of a token.
pub fn digest(token: &str) -> Vec<u8> {
    Sha256::new().chain_update(b"link\0").chain_update(token.as_bytes()).finalize().to_vec()
}

/// Makes a link inside a change; those of the same person that still opened end.
pub(super) fn make_in(
    work: &mut Work<'_>,
    register: &Register,
    person: Option<Id>,
    purpose: LinkPurpose,
    seconds: i64,
) -> Result<NewLink, ActionError> {
    let now = work.by.now;
    // 256 random bits: nobody finds one by trying.
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let ends_at = now.plus_seconds(seconds);
    if let Some(person) = person {
        account_links::end_of(work.db, person, now)?;
    }
    let link =
        AccountLink { digest: digest(&token), person_id: person, purpose, created_at: now, ends_at, used_at: None };
    account_links::insert(work.db, &link)?;
    let page = if purpose == LinkPurpose::FirstAdministrator { "set-up" } else { "welcome" };
    Ok(NewLink { url: format!("{}/{page}/{token}", register.deployment.base_url), ends_at })
}

/// Gives somebody who has an account a link with which they choose a password. `seconds` is how long a way
/// back in lasts; the first link of an account that nobody has signed in to lasts as long as a new account's.
///
/// # Errors
/// `Refused` for one's own account, and for one that could not sign in anyway.
pub fn give(register: &Register, by: &By, person: Id, seconds: i64) -> Result<NewLink, ActionError> {
    by.require(&[Role::Administrator])?;
    if by.person == Some(person) {
        return Err(refused("change your own password on the page of your account"));
    }
    register.change(by, |work| {
        work.require_administrator()?;
        let known = people::find(work.db, person)?;
        let Some(account) = people::account(work.db, person)? else {
            return Err(refused("this person has no account; open one first"));
        };
        if account.disabled_at.is_some() {
            return Err(refused("this account is disabled; enable it first"));
        }
        if has_left(known.left_on, by.now.date()) {
            return Err(refused("this person has left; correct the date of leaving first"));
        }
        let new = account.password_hash.is_none() && account.last_sign_in_at.is_none();
        let (purpose, seconds) = if new {
            (LinkPurpose::NewAccount, LinkPurpose::NewAccount.seconds())
        } else {
            (LinkPurpose::WayBack, seconds)
        };
        let link = make_in(work, register, Some(person), purpose, seconds)?;
        work.record_because::<()>("account.give_link", "account", person, Some(purpose.label()), None, None);
        Ok(link)
    })
}

fn refused(why: &str) -> ActionError {
    ActionError::Refused(why.to_owned())
}

/// What a link opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A password for this person.
    Person(Box<Person>),
    /// The account of the first administrator.
    FirstAdministrator,
    /// It was used, or its time is over.
    Ended,
    /// There is no such link.
    Unknown,
}

/// Looks what a token opens at `now`. Changes nothing.
pub fn look(register: &Register, token: &str, now: Moment) -> Result<Found, ActionError> {
    let mut db = register.database.read()?;
    let Some(link) = account_links::find(&mut db, &digest(token))? else { return Ok(Found::Unknown) };
    if !link.is_open(now) {
        return Ok(Found::Ended);
    }
    let Some(person) = link.person_id else {
        return Ok(if people::has_accounts(&mut db)? { Found::Ended } else { Found::FirstAdministrator });
    };
    let known = people::find(&mut db, person)?;
    let able = people::account(&mut db, person)?.is_some_and(|account| account.disabled_at.is_none())
        && !has_left(known.left_on, now.date());
    Ok(if able { Found::Person(Box::new(known)) } else { Found::Ended })
}

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// The password is set and a session is open.
    SignedIn,
    /// The password is set; the account asks for more than that, so its person signs in with both.
    AsksMore,
    /// The link opens nothing any more.
    Ended,
}

/// Opens a link: its person gets the password that they chose, every session of theirs ends, and a new one
/// is opened for the digest of a cookie value, unless the account has a second factor, which a link never
/// stands for (OWASP ASVS 5.0 6.4.3).
///
/// # Errors
/// `TooMany` when too much was tried from the network address; `Invalid` for field `password`.
pub fn redeem(
    register: &Register,
    token: &str,
    password: &str,
    session: Vec<u8>,
    caller: &Caller,
    now: Moment,
) -> Result<Opened, ActionError> {
    count(register, caller, now)?;
    let Found::Person(person) = look(register, token, now)? else { return Ok(Opened::Ended) };
    passwords::check(register, &person.name, &person.email, password)?;
    let hash = passwords::hash(password)?;
    let by = By { person: Some(person.id), kind: ActorKind::Person, ..stranger(caller, now) };
    register.change(&by, |work| {
        if !account_links::use_up(work.db, &digest(token), now)? {
            return Ok(Opened::Ended);
        }
        let before = people::account(work.db, person.id)?.filter(|account| account.disabled_at.is_none());
        let Some(before) = before else { return Ok(Opened::Ended) };
        let mut after = before.clone();
        after.password_hash = Some(hash);
        after.updated_at = now;
        after.version += 1;
        people::update_account(work.db, &after)?;
        account_links::end_of(work.db, person.id, now)?;
        sessions::delete_of(work.db, person.id)?;
        Subject::account(register, &person.email).forgive_in(work)?;
        let how = Some(SignInMethod::Link.label());
        work.record_because("account.set_password", "account", person.id, how, Some(&before), Some(&after));
        if account_links::asks_second_factor(work.db, person.id)? {
            return Ok(Opened::AsksMore);
        }
        open_in(work, register, person.id, SignInMethod::Link, session, caller)?;
        Ok(Opened::SignedIn)
    })
}

/// Counts an attempt at the network address: there is no account that it could be counted at.
pub(super) fn count(register: &Register, caller: &Caller, now: Moment) -> Result<(), ActionError> {
    let network = Subject::network(register, &caller.address);
    let subjects: Vec<&Subject> = network.iter().collect();
    attempts::take(register, &stranger(caller, now), "unknown", &subjects)?;
    Ok(())
}

/// A link that has ended says so for this long; then it is as if it had never been.
const KEPT_SECONDS: i64 = 30 * 24 * 3600;

/// Removes links that ended long ago; answers how many.
pub fn purge(register: &Register, by: &By) -> Result<usize, ActionError> {
    by.require_keeper()?;
    register.clear_away(by, |db| account_links::purge(db, by.now.plus_seconds(-KEPT_SECONDS)))
}
