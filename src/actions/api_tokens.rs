//! Tokens of Muster's own interface: making one, stopping it, and seeing that it is stopped.
//!
//! A token is an identity of the register like any other: making one registers it, and one that is
//! suspended or revoked in the register is refused at the door, because the door asks both rows at once.

pub mod admit;
mod inventory;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::drafts::{name, optional_date, optional_text};
use super::identities::start_of_day;
use super::{ActionError, By, FieldError, Register, Work};
use crate::domain::api_tokens::{ApiToken, RANDOM_LETTERS, Stopped, TokenScope, latest_end};
use crate::domain::ids::{Id, Moment};
use crate::domain::life_cycle::parse_reason;
use crate::domain::listing::From;
use crate::domain::people::Role;
use crate::store::api_tokens::{self, Token};
use crate::store::people::{self, Person};
use crate::store::types::Doc;

/// Tokens of one person that can be good at once. More than that is a mistake in a script.
const MOST_TOKENS: i64 = 100;

/// Tries of a change that others may be in the way of.
const TRIES: usize = 5;

/// What a form says of a token, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenDraft {
    pub name: String,
    /// Why it exists: its identity's purpose.
    pub purpose: String,
    /// Stored words of [`TokenScope`].
    pub scopes: Vec<String>,
    /// The last day on which it is good, `YYYY-MM-DD`, in its creator's zone.
    pub ends_on: String,
}

/// What was read of a draft.
struct Wanted {
    name: String,
    purpose: String,
    scopes: Vec<TokenScope>,
    ends_at: Moment,
}

/// Makes a token for the person who acts, and registers its identity. The token itself is answered
/// here once and kept nowhere: the database has its SHA-256 (OWASP ASVS 5.0 11.4.1).
///
/// # Errors
/// `Forbidden` for a token: none makes another. `Invalid` names every field that is wrong.
pub fn create(register: &Register, by: &By, draft: &TokenDraft) -> Result<(Id, ApiToken), ActionError> {
    by.refuse_tokens()?;
    let person = by.person.ok_or(ActionError::Forbidden)?;
    register.change(by, |work| {
        let creator = people::find(work.db, person)?;
        let account = people::account(work.db, person)?;
        // As the database has it now: a role that was changed a moment ago gives nothing any more.
        let role = account.filter(|account| account.disabled_at.is_none()).map(|account| account.role);
        let role = role.filter(|role| *role == by.role).ok_or(ActionError::Forbidden)?;
        let wanted = read(register, work, &creator, role, draft)?;
        let secret = ApiToken::of_random(std::array::from_fn::<u8, RANDOM_LETTERS, _>(|_| rand::random_range(0..62)));
        let (id, now) = (Id::new(), by.now);
        let identity = inventory::enter(register, work, id, &wanted)?;
        let token = Token {
            id,
            identity_id: identity,
            person_id: person,
            name: wanted.name,
            digest: admit::digest(&secret),
            ending: secret.ending().to_owned(),
            scopes: Doc(wanted.scopes),
            role,
            created_at: now,
            ends_at: wanted.ends_at,
            last_used_at: None,
            last_used_from: None,
            revoked_at: None,
            revoked_by: None,
            version: 1,
        };
        api_tokens::insert(work.db, &token)?;
        work.record("api_token.create", "api_token", id, None, Some(&token));
        Ok((id, secret))
    })
}

/// The zone in which somebody's days begin and end.
pub fn zone_of(register: &Register, person: &Person) -> Tz {
    person.time_zone.as_deref().and_then(|zone| zone.parse().ok()).unwrap_or(register.deployment.time_zone)
}

fn read(
    register: &Register,
    work: &mut Work<'_>,
    creator: &Person,
    role: Role,
    draft: &TokenDraft,
) -> Result<Wanted, ActionError> {
    let mut errors = Vec::new();
    let mut wrong = |field: &'static str, text: String| errors.push(FieldError::new(field, text));
    let name = name(&draft.name, "a name by which you know the token again").map_err(|e| wrong("name", e)).ok();
    let purpose = match optional_text(&draft.purpose) {
        Ok(Some(purpose)) => Some(purpose),
        Ok(None) => {
            wrong("purpose", "Write what the token is for and what uses it".to_owned());
            None
        }
        Err(error) => {
            wrong("purpose", error);
            None
        }
    };
    let offered = TokenScope::within(role);
    let mut scopes: Vec<TokenScope> = draft.scopes.iter().filter_map(|word| word.parse().ok()).collect();
    scopes.sort_unstable();
    scopes.dedup();
    if draft.scopes.is_empty() {
        wrong("scopes", "Choose what the token may do".to_owned());
    } else if scopes.len() != draft.scopes.len() || scopes.iter().any(|scope| !offered.contains(scope)) {
        wrong("scopes", "Choose only what you may do yourself".to_owned());
    }
    let zone = zone_of(register, creator);
    let today = work.by.now.utc().with_timezone(&zone).date_naive();
    let end = read_end(&draft.ends_on, today).map_err(|error| wrong("ends_on", error)).ok();
    if let Some(name) = &name {
        let known = api_tokens::lines(work.db, Some(creator.id), &From::Start, MOST_TOKENS * 10)?;
        let good = known.iter().filter(|line| line.standing(work.by.now).check(work.by.now).is_ok());
        let same = good.clone().any(|line| line.token.name.to_lowercase() == name.to_lowercase());
        if same {
            wrong("name", "You have a token of this name already; give this one another name".to_owned());
        } else if i64::try_from(good.count()).is_ok_and(|count| count >= MOST_TOKENS) {
            wrong("", format!("You have {MOST_TOKENS} tokens already; revoke those that nothing uses any more"));
        }
    }
    match (name, purpose, end) {
        (Some(name), Some(purpose), Some(end)) if errors.is_empty() => {
            let ends_at = start_of_day(end.succ_opt().unwrap_or(end), zone);
            Ok(Wanted { name, purpose, scopes, ends_at })
        }
        _ => Err(ActionError::Invalid(errors)),
    }
}

fn read_end(text: &str, today: NaiveDate) -> Result<NaiveDate, String> {
    let latest = latest_end(today);
    match optional_date(text)? {
        Some(date) if date >= today && date <= latest => Ok(date),
        Some(date) if date < today => Err("Write today or a later day; this one has passed".to_owned()),
        Some(_) => Err(format!("Write a day up to {latest}: no token lasts longer than 90 days")),
        None => Err(format!("Write the last day on which the token is good, up to {latest}")),
    }
}

/// Revokes a token: its creator may, and an administrator may stop anybody's. It is refused from the
/// next request on, by every replica; then the door is asked, and what it answers is kept as the proof.
/// One that is revoked already is answered as if it had been revoked now, without a second entry.
///
/// # Errors
/// `Forbidden` for anybody else; `Invalid` for field `reason` where it is somebody else's token and no
/// reason is given.
pub fn revoke(register: &Register, by: &By, id: Id, reason: &str) -> Result<(), ActionError> {
    by.refuse_tokens()?;
    again(|| revoke_once(register, by, id, reason))?;
    prove(register, by, id)
}

fn revoke_once(register: &Register, by: &By, id: Id, reason: &str) -> Result<(), ActionError> {
    register.change(by, |work| {
        let before = api_tokens::line(work.db, id)?.token;
        let own = by.person == Some(before.person_id);
        if !own {
            by.require(&[Role::Administrator])?;
        }
        if before.revoked_at.is_some() {
            return Ok(());
        }
        let reason = match reason.trim() {
            "" if own => None,
            text => Some(parse_reason(text).map_err(|error| ActionError::field("reason", error.to_string()))?),
        };
        let mut after = before.clone();
        after.revoked_at = Some(by.now);
        after.revoked_by = by.person;
        after.version += 1;
        api_tokens::revoke(work.db, &after)?;
        work.record_because("api_token.revoke", "api_token", id, reason.as_deref(), Some(&before), Some(&after));
        inventory::start_revocation(work, after.identity_id, reason.as_deref())
    })
}

/// Asks the door with the digest of a revoked token, on a connection of its own as every request has,
/// and keeps its refusal as the proof. Only then is the identity shown as revoked.
///
/// # Errors
/// `Refused` when the door would still let it in.
pub fn prove(register: &Register, by: &By, id: Id) -> Result<(), ActionError> {
    let token = api_tokens::line(&mut *register.database.read()?, id)?.token;
    match admit::ask(register, &token.digest, by.now)? {
        Err(Some(Stopped::Revoked)) => again(|| inventory::confirm_revocation(register, by, &token)),
        _ => Err(ActionError::Refused(
            "the door still lets this token in, so it is not shown as revoked; suspend its identity and look at the log"
                .to_owned(),
        )),
    }
}

/// Proves the revocations that were cut off before they were proved; answers how many.
pub fn prove_rest(register: &Register, by: &By) -> Result<usize, ActionError> {
    by.require_keeper()?;
    let rest = api_tokens::unproved(&mut *register.database.read()?)?;
    rest.iter().try_for_each(|id| prove(register, by, *id))?;
    Ok(rest.len())
}

/// Does a change again when somebody else was faster: stopping something is not refused for that.
fn again(change: impl Fn() -> Result<(), ActionError>) -> Result<(), ActionError> {
    let mut outcome = change();
    for _ in 1..TRIES {
        match &outcome {
            Err(error) if error.is_conflict() => outcome = change(),
            _ => break,
        }
    }
    outcome
}
