//! Passkeys (WebAuthn level 3): which register they belong to, and adding and removing one's own.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::{Host, Url};
use webauthn_rs::prelude::{Passkey, PasskeyRegistration, RegisterPublicKeyCredential, Webauthn, WebauthnBuilder};

use super::factors::{self, FactorsRecord, own};
use super::{ActionError, By, Register, ceremonies};
use crate::domain::access::{CeremonyKind, SignInMethod};
use crate::domain::ids::Id;
use crate::store::passkeys::{self, PasskeyRow};
use crate::store::sessions::Renewal;
use crate::store::types::Doc;
use crate::store::{StoreError, people, sessions};

/// How many passkeys one person may have.
const MOST: usize = 20;

/// Why passkeys cannot be had at the address of this register, in words; `None` when they can.
pub fn why_not(base_url: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(base_url) else { return Some("The address of this register cannot be read.") };
    match url.host() {
        Some(Host::Domain(name)) if url.scheme() == "https" || name == "localhost" => None,
        Some(Host::Domain(_)) => Some(
            "Browsers offer passkeys over an encrypted connection only, and this register is reached without one. \
             Whoever runs it can change that.",
        ),
        _ => Some(
            "A passkey belongs to a name such as muster.hospital.example, and this register is reached by a number. \
             Whoever runs it can give it a name.",
        ),
    }
}

/// The register as passkeys know it: the name in its address, and that address alone.
pub(super) fn relying_party(register: &Register) -> Result<Webauthn, ActionError> {
    let deployment = &register.deployment;
    if let Some(reason) = why_not(&deployment.base_url) {
        return Err(ActionError::Refused(reason.trim_end_matches('.').to_owned()));
    }
    let url = Url::parse(&deployment.base_url).map_err(|error| ActionError::Refused(error.to_string()))?;
    let name = url.domain().unwrap_or_default().to_owned();
    WebauthnBuilder::new(&name, &url)
        .and_then(|builder| builder.rp_name(&deployment.register_name).build())
        .map_err(|error| ActionError::Refused(format!("passkeys cannot be used at this address: {error}")))
}

/// A passkey that is being added: what its owner calls it, what the browser is asked for, and where to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Adding {
    pub name: String,
    pub options: Value,
    pub return_to: String,
}

/// Begins to add a passkey in the browser whose cookie has that digest.
///
/// # Errors
/// `Invalid` for field `name`; `Refused` where there can be none, or no more.
pub fn begin_adding(
    register: &Register,
    by: &By,
    cookie: &[u8],
    name: &str,
    return_to: &str,
) -> Result<(), ActionError> {
    let person = own(by)?;
    let name = parse_name(name)?;
    let (owner, known) = {
        let mut db = register.database.read()?;
        (people::find(&mut db, person)?, passkeys::of(&mut db, person)?)
    };
    if known.len() >= MOST {
        return Err(ActionError::Refused(format!("you have {MOST} passkeys; remove one that you do not use")));
    }
    let mut there = Vec::with_capacity(known.len());
    for row in &known {
        there.push(passkey_of(row)?.cred_id().clone());
    }
    let (options, registration) = relying_party(register)?
        .start_passkey_registration(person.0, &owner.email, &owner.name, Some(there))
        .map_err(|error| ActionError::Refused(format!("the passkey cannot be prepared: {error}")))?;
    let options = discoverable(document(&options)?);
    let state = json!({ "name": name, "options": options, "registration": document(&registration)? });
    ceremonies::begin(register, CeremonyKind::PasskeyRegistration, cookie, Some(person), state, return_to, by.now)
}

/// Asks that the device keeps the passkey so that it is found without an address, which the library leaves
/// to chance (WebAuthn level 3, section 5.4.4).
fn discoverable(mut options: Value) -> Value {
    if let Some(wanted) = options.pointer_mut("/publicKey/authenticatorSelection").and_then(Value::as_object_mut) {
        wanted.insert("residentKey".to_owned(), json!("required"));
        wanted.insert("requireResidentKey".to_owned(), json!(true));
    }
    options
}

/// The passkey that is being added in that browser.
pub fn adding(register: &Register, by: &By, cookie: &[u8]) -> Result<Option<Adding>, ActionError> {
    let person = own(by)?;
    let found = ceremonies::find(register, CeremonyKind::PasskeyRegistration, cookie, by.now)?;
    Ok(found.filter(|ceremony| ceremony.person_id == Some(person)).map(|ceremony| {
        let Doc(mut state) = ceremony.state;
        Adding {
            name: state.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
            options: state.get_mut("options").map(Value::take).unwrap_or_default(),
            return_to: ceremony.return_to,
        }
    }))
}

/// Adds the passkey that a browser made. Every other session of its owner ends; this one gets a new cookie
/// value. Answers where to go on.
///
/// # Errors
/// `Refused` when nothing is being added in this browser, or what it sent cannot be accepted.
pub fn finish_adding(
    register: &Register,
    by: &By,
    session: Id,
    made: &Value,
    cookie: &Renewal,
) -> Result<String, ActionError> {
    let person = own(by)?;
    let taken = ceremonies::take(register, CeremonyKind::PasskeyRegistration, &cookie.from, by.now)?;
    let Some(ceremony) = taken.filter(|ceremony| ceremony.person_id == Some(person)) else { return Err(too_late()) };
    let Doc(mut state) = ceremony.state;
    let name = state.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let registration: PasskeyRegistration = read(state.get_mut("registration").map(Value::take).unwrap_or_default())?;
    let made: RegisterPublicKeyCredential =
        serde_json::from_value(made.clone()).map_err(|_| unusable("what the browser sent cannot be read"))?;
    if made.extensions.cred_props.as_ref().and_then(|found| found.rk) == Some(false) {
        return Err(unusable("this device does not keep passkeys"));
    }
    let passkey = relying_party(register)?
        .finish_passkey_registration(&made, &registration)
        .map_err(|error| unusable(&format!("it was not made as asked ({error})")))?;
    let row = PasskeyRow {
        id: Id::new(),
        person_id: person,
        credential_id: URL_SAFE_NO_PAD.encode(passkey.cred_id()),
        name,
        credential: Doc(document(&passkey)?),
        created_at: by.now,
        last_used_at: None,
    };
    register.change(by, |work| {
        let before = FactorsRecord::read(work.db, person)?;
        match passkeys::insert(work.db, &row) {
            Err(StoreError::Constraint(_)) => return Err(unusable("it is in the register already")),
            other => other?,
        }
        // It was made with a finger or a PIN just now, by whoever holds this session.
        let method = match factors::method_of(work.db, person, session, by.now)? {
            SignInMethod::Password | SignInMethod::Link => SignInMethod::Passkey,
            other => other,
        };
        sessions::renew(work.db, session, cookie, method, by.now)?;
        factors::end_elsewhere(work, person, session)?;
        let after = FactorsRecord::read(work.db, person)?;
        work.record("account.add_passkey", "account", person, Some(&before), Some(&after));
        Ok(())
    })?;
    Ok(ceremony.return_to)
}

/// Removes a passkey of one's own. Every other session ends.
pub fn remove(register: &Register, by: &By, session: Id, passkey: Id) -> Result<(), ActionError> {
    let person = own(by)?;
    register.change(by, |work| {
        let before = FactorsRecord::read(work.db, person)?;
        if !passkeys::delete(work.db, person, passkey)? {
            return Err(ActionError::Store(StoreError::NotFound));
        }
        factors::after_removal(work, person, session)?;
        let after = FactorsRecord::read(work.db, person)?;
        work.record("account.remove_passkey", "account", person, Some(&before), Some(&after));
        Ok(())
    })
}

/// What somebody calls a passkey: one line of 1 to 100 characters.
fn parse_name(text: &str) -> Result<String, ActionError> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(ActionError::field("name", "Write what you call it, such as \u{201c}work laptop\u{201d}"));
    }
    Ok(name.to_owned())
}

/// The passkey of a row.
pub(super) fn passkey_of(row: &PasskeyRow) -> Result<Passkey, ActionError> {
    read(row.credential.0.clone())
}

pub(super) fn document(value: &impl serde::Serialize) -> Result<Value, ActionError> {
    serde_json::to_value(value).map_err(|error| StoreError::Damaged(error.to_string()).into())
}

pub(super) fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, ActionError> {
    serde_json::from_value(value).map_err(|error| StoreError::Damaged(error.to_string()).into())
}

fn unusable(why: &str) -> ActionError {
    ActionError::Refused(format!("This passkey cannot be used: {why}. Nothing was changed; begin again"))
}

pub(super) fn too_late() -> ActionError {
    ActionError::Refused("This took longer than five minutes, or was begun in another browser. Begin again".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_belong_to_a_name_over_an_encrypted_connection() {
        for good in ["https://muster.hospital.example", "https://muster.hospital.example:8443", "http://localhost:8080"]
        {
            assert_eq!(why_not(good), None, "{good}");
        }
        for number in ["https://10.1.2.3", "http://127.0.0.1:8080", "https://[::1]:8443"] {
            assert!(why_not(number).unwrap().contains("by a number"), "{number}");
        }
        assert!(why_not("http://muster.hospital.example").unwrap().contains("encrypted"));
    }

    #[test]
    fn the_device_is_asked_to_keep_the_passkey() {
        let options = discoverable(json!({"publicKey": {"authenticatorSelection": {"residentKey": "discouraged"}}}));
        let wanted = &options["publicKey"]["authenticatorSelection"];
        assert_eq!((&wanted["residentKey"], &wanted["requireResidentKey"]), (&json!("required"), &json!(true)));
    }

    #[test]
    fn a_passkey_has_a_name_of_one_line() {
        assert_eq!(parse_name("  work laptop ").unwrap(), "work laptop");
        for wrong in ["", "  ", "two\nlines", &"x".repeat(101)] {
            assert!(parse_name(wrong).is_err(), "{wrong}");
        }
    }
}
