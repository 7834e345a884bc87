//! Proving with a passkey who one is: to sign in, which needs no address and no password, or again while
//! signed in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use webauthn_rs::prelude::{DiscoverableAuthentication, PublicKeyCredential, WebauthnError};

use super::attempts::{self, Subject};
use super::confirm::confirmed_in;
use super::factors::own;
use super::opening::{Caller, open_in, stranger};
use super::passkeys::{document, passkey_of, read, relying_party, too_late};
use super::{ActionError, By, Register, Work, ceremonies, second_step};
use crate::domain::access::{CeremonyKind, SignInMethod};
use crate::domain::audit::ActorKind;
use crate::domain::ids::{Id, Moment};
use crate::store::ceremonies::Ceremony;
use crate::store::passkeys::{self, PasskeyRow};
use crate::store::sessions::Renewal;
use crate::store::types::Doc;

/// Begins a sign-in by passkey in the browser whose cookie has that digest; answers what the browser is
/// asked for.
pub fn begin_sign_in(register: &Register, cookie: &[u8], return_to: &str, now: Moment) -> Result<Value, ActionError> {
    begin(register, cookie, None, return_to, now)
}

/// Begins to confirm with a passkey who is signed in already, on the way to a page or a form that waits.
///
/// # Errors
/// `Refused` when they have none.
pub fn begin_confirmation(register: &Register, by: &By, cookie: &[u8], return_to: &str) -> Result<Value, ActionError> {
    begin(register, cookie, Some(own(by)?), return_to, by.now)
}

fn begin(
    register: &Register,
    cookie: &[u8],
    person: Option<Id>,
    return_to: &str,
    now: Moment,
) -> Result<Value, ActionError> {
    let (options, authentication) = relying_party(register)?
        .start_discoverable_authentication()
        .map_err(|error| ActionError::Refused(format!("passkeys cannot be used now: {error}")))?;
    let mut options = document(&options)?;
    if let Some(whole) = options.as_object_mut() {
        // The reader presses a button; nothing is offered while they type.
        whole.remove("mediation");
    }
    if let Some(person) = person {
        let known = {
            let mut db = register.database.read()?;
            passkeys::of(&mut db, person)?
        };
        if known.is_empty() {
            return Err(ActionError::Refused("you have no passkey; confirm in another way".to_owned()));
        }
        let allowed: Vec<Value> =
            known.iter().map(|row| json!({ "type": "public-key", "id": row.credential_id })).collect();
        if let Some(asked) = options.pointer_mut("/publicKey/allowCredentials") {
            *asked = Value::Array(allowed);
        }
    }
    let state = document(&authentication)?;
    ceremonies::begin(register, CeremonyKind::PasskeySignIn, cookie, person, state, return_to, now)?;
    Ok(options)
}

/// Signs in with what a browser's passkey answered: opens a session for the digest of a new cookie value.
/// Answers where the sign-in wanted to go.
///
/// # Errors
/// `Refused` in words; the attempt is recorded.
pub fn finish_sign_in(
    register: &Register,
    cookie: &[u8],
    answer: &Value,
    digest: Vec<u8>,
    caller: &Caller,
    now: Moment,
) -> Result<String, ActionError> {
    let (ceremony, answer) = taken(register, cookie, None, answer, now)?;
    let somebody = stranger(caller, now);
    let owner = {
        let mut db = register.database.read()?;
        passkeys::by_credential(&mut db, &credential_id(&answer))?.map(|row| row.person_id)
    };
    let Some(person) = owner else {
        register.change(&somebody, |work| {
            work.record_refusal("account.sign_in", "account", "unknown", "a passkey that nobody here has");
            Ok(())
        })?;
        return Err(refused(Refusal::Unknown));
    };
    let by = By { person: Some(person), kind: ActorKind::Person, ..somebody.clone() };
    let outcome = register.change(&by, |work| {
        let proved = match prove_in(work, register, &ceremony, &answer)? {
            Ok(_) if !second_step::may_sign_in(work.db, person, now)? => Err(Refusal::Closed),
            other => other,
        };
        match proved {
            Ok(()) => open_in(work, register, person, SignInMethod::Passkey, digest, caller)?,
            Err(why) => work.record_refusal_by(&somebody, "account.sign_in", "account", person, why.recorded()),
        }
        Ok(proved)
    })?;
    outcome.map(|()| ceremony.return_to).map_err(refused)
}

/// Confirms with a passkey who is signed in. Answers where they wanted to go.
///
/// # Errors
/// `TooMany` before anything is compared; `Refused` in words, and the attempt is recorded; `Conflict` when
/// the session was renewed or ended meanwhile.
pub fn finish_confirmation(
    register: &Register,
    by: &By,
    session: Id,
    answer: &Value,
    cookie: &Renewal,
) -> Result<String, ActionError> {
    let person = own(by)?;
    let (ceremony, answer) = taken(register, &cookie.from, Some(person), answer, by.now)?;
    let counted = Subject::proof(register, "passkey", person);
    attempts::take(register, by, &person.to_string(), &[&counted])?;
    let outcome = register.change(by, |work| {
        let proved = prove_in(work, register, &ceremony, &answer)?;
        match proved {
            Ok(()) => {
                counted.forgive_in(work)?;
                confirmed_in(work, person, session, SignInMethod::Passkey, cookie)?;
            }
            Err(why) => work.record_refusal("account.confirm", "account", person, why.recorded()),
        }
        Ok(proved)
    })?;
    outcome.map(|()| ceremony.return_to).map_err(refused)
}

/// The ceremony that an answer belongs to, used up with it, and the answer, read.
fn taken(
    register: &Register,
    cookie: &[u8],
    person: Option<Id>,
    answer: &Value,
    now: Moment,
) -> Result<(Ceremony, PublicKeyCredential), ActionError> {
    let ceremony = ceremonies::take(register, CeremonyKind::PasskeySignIn, cookie, now)?
        .filter(|ceremony| ceremony.person_id == person)
        .ok_or_else(too_late)?;
    let answer = serde_json::from_value(answer.clone())
        .map_err(|_| ActionError::Refused("What the browser sent cannot be read. Begin again".to_owned()))?;
    Ok((ceremony, answer))
}

/// Why a passkey was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// It is nobody's here, or another person's than the one who is signed in.
    Unknown,
    /// Nobody showed a finger or a PIN.
    NotVerified,
    /// Its counter went back: there may be a copy of it.
    Copied,
    /// Its signature, its address or its challenge is not what was asked for.
    Wrong,
    /// The account is disabled, or its owner has left.
    Closed,
}

impl Refusal {
    fn recorded(self) -> &'static str {
        match self {
            Self::Unknown => "a passkey of somebody else",
            Self::NotVerified => "a passkey without finger, face or PIN",
            Self::Copied => "the counter of a passkey went back: there may be a copy of it",
            Self::Wrong => "a passkey that did not answer what was asked",
            Self::Closed => "the account is disabled or its owner has left",
        }
    }
}

/// What is said to whoever tried: what to do, and nothing of anybody's account.
fn refused(why: Refusal) -> ActionError {
    ActionError::Refused(
        match why {
            Refusal::NotVerified => "This device did not ask for your finger, face or PIN. Set one up on it, or sign in in another way",
            Refusal::Copied => "This passkey may have been copied, so it was not accepted. Sign in in another way, remove it, and tell your security team",
            Refusal::Unknown | Refusal::Wrong | Refusal::Closed => "This passkey was not accepted. Sign in in another way, or ask for help",
        }
        .to_owned(),
    )
}

/// Checks an answer against the passkey as it stands now, and stores its counter and flags. Uses of one
/// passkey take turns, so that of two answers with the same counter one is refused.
fn prove_in(
    work: &mut Work<'_>,
    register: &Register,
    ceremony: &Ceremony,
    answer: &PublicKeyCredential,
) -> Result<Result<(), Refusal>, ActionError> {
    let Some(row) = passkeys::lock(work.db, &credential_id(answer))? else { return Ok(Err(Refusal::Unknown)) };
    if !is_owner(&row, ceremony.person_id, answer.get_user_unique_id()) {
        return Ok(Err(Refusal::Unknown));
    }
    let authentication: DiscoverableAuthentication = read(ceremony.state.0.clone())?;
    let mut passkey = passkey_of(&row)?;
    let result = match relying_party(register)?.finish_discoverable_authentication_v2(answer, authentication, &passkey)
    {
        Ok(result) if !result.user_verified() => return Ok(Err(Refusal::NotVerified)),
        Ok(result) => result,
        Err(WebauthnError::CredentialPossibleCompromise) => return Ok(Err(Refusal::Copied)),
        Err(WebauthnError::UserNotVerified) => return Ok(Err(Refusal::NotVerified)),
        Err(_) => return Ok(Err(Refusal::Wrong)),
    };
    passkey.update_credential(&result);
    passkeys::used(work.db, row.id, &Doc(document(&passkey)?), work.by.now)?;
    Ok(Ok(()))
}

/// Whether a passkey is of whom it should be: of the person who is signed in, or, where nobody is, of the
/// one whom the device names (WebAuthn level 3, section 7.2 step 6).
fn is_owner(row: &PasskeyRow, signed_in: Option<Id>, named: Option<&[u8]>) -> bool {
    let names_owner = named.map(|handle| handle == row.person_id.0.as_bytes());
    match signed_in {
        Some(person) => row.person_id == person && names_owner != Some(false),
        None => names_owner == Some(true),
    }
}

fn credential_id(answer: &PublicKeyCredential) -> String {
    URL_SAFE_NO_PAD.encode(answer.get_credential_id())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(person: Id) -> PasskeyRow {
        PasskeyRow {
            id: Id::new(),
            person_id: person,
            credential_id: "AAAA".to_owned(),
            name: "work laptop".to_owned(),
            credential: Doc(Value::Null),
            created_at: Moment::parse("2026-05-01T08:00:00Z").unwrap(),
            last_used_at: None,
        }
    }

    #[test]
    fn a_passkey_is_its_owners_alone() {
        let (ada, omar) = (Id::new(), Id::new());
        let handle = |person: &Id| person.0.as_bytes().to_vec();
        assert!(is_owner(&row(ada), None, Some(&handle(&ada))));
        assert!(!is_owner(&row(ada), None, Some(&handle(&omar))), "the device names somebody else");
        assert!(!is_owner(&row(ada), None, None), "the device names nobody");
        assert!(is_owner(&row(ada), Some(ada), None), "asked for by its id");
        assert!(!is_owner(&row(ada), Some(omar), None), "somebody else is signed in");
        assert!(!is_owner(&row(ada), Some(ada), Some(&handle(&omar))));
    }
}
