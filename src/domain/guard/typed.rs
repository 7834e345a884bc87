//! Secrets in what people type: reasons, purposes, steps, evidence.
//!
//! More lenient than for imports, because whoever typed is told and can write it otherwise: a link may hold
//! the long numbers that consoles and ticket systems put into their addresses, and an id may stand after the
//! word id. Like every search by shape it misses what looks like a word.

use super::{dense, is_uuid, redact_address, telling_name};

/// What is said of a text that holds a secret, to whoever typed it.
pub const HOLDS_A_SECRET: &str = "This seems to hold a password or a key, and those are never kept here. Take it out \
                                  and write where it is kept instead; before a number that only names something, \
                                  write the word id";

/// What announces a secret when a colon, a sign of equality or the word "is" comes after it.
const ANNOUNCING: &[&str] =
    &["secret", "password", "passwd", "pwd", "passphrase", "token", "api key", "apikey", "api-key", "api_key"];

/// Whether what somebody typed seems to hold a secret.
pub fn holds_a_secret(text: &str) -> bool {
    if text.contains("-----BEGIN") {
        return true;
    }
    let mut before = "";
    for word in text.split_whitespace() {
        let named = names_an_id(before);
        before = word;
        if is_secret_word(word, named) {
            return true;
        }
    }
    announces(text)
}

/// Whether a permission is no permission but a key that was pasted into its field: one long word without the
/// separators that every form of scope has.
pub fn is_pasted_secret(scope: &str) -> bool {
    if is_web_token(scope) {
        return true;
    }
    !scope.contains(['/', ':', '.', '_', '-']) && dense(scope)
}

fn is_secret_word(word: &str, named: bool) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '=' && c != '+');
    if is_web_token(bare) {
        return true;
    }
    if word.contains("://") {
        return in_address(word);
    }
    if let Some((name, rest)) = bare.split_once([':', '='])
        && names_an_id(name)
    {
        return !rest.is_empty() && is_web_token(rest);
    }
    if named || is_email(bare) {
        return false;
    }
    // A path of another kind, such as a scope: its parts are looked at each for itself.
    bare.split(['/', '|', ',', ';', '"', '\'', '(', ')', '<', '>']).any(|part| is_uuid(part) || dense(part))
}

/// User and password before the host, and parameters whose name announces a secret: not the long numbers of
/// a path or of any other parameter.
fn in_address(address: &str) -> bool {
    let Some((_, rest)) = address.split_once("://") else { return false };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if authority.contains('@') {
        return redact_address(address).is_some();
    }
    tail.split(['?', '#', '&', ';']).any(|part| match part.split_once('=') {
        Some((name, value)) => (telling_name(name) && !value.is_empty()) || is_web_token(value),
        None => part.split('/').any(is_web_token),
    })
}

/// The beginning that every JSON Web Token has (RFC 7519): `{"` in base64url.
fn is_web_token(word: &str) -> bool {
    word.starts_with("eyJ") && word.contains('.') && word.len() >= 20
}

fn is_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'))
}

/// Whether a word says that a number follows that only names something.
fn names_an_id(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    matches!(word.as_str(), "id" | "ids" | "uuid" | "guid" | "no" | "nr" | "number" | "ticket" | "change" | "commit")
        || word.ends_with("_id")
        || word.ends_with("-id")
}

fn announces(text: &str) -> bool {
    let lower = text.to_lowercase();
    ANNOUNCING.iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let rest = lower.get(at + word.len()..).unwrap_or_default().trim_start();
            match rest.strip_prefix([':', '=']) {
                Some(rest) => is_value(rest, true),
                None => rest.strip_prefix("is ").is_some_and(|rest| is_value(rest, false)),
            }
        })
    })
}

/// Whether what follows reads as a secret and not as a word of the sentence: a digit or a sign in it, or
/// nothing after it.
fn is_value(rest: &str, alone_counts: bool) -> bool {
    let mut words = rest.split_whitespace();
    let first = words.next().unwrap_or_default().trim_end_matches(['.', ',', ';', '!']);
    let length = first.chars().count();
    let odd = first.chars().any(|c| !c.is_alphabetic() && c != '-');
    (length >= 4 && odd) || (alone_counts && length >= 6 && words.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_a_sentence_is_known() {
        for text in [
            "The vendor set client_secret=Zk3vQ9pX1mB7sT5yR2wL8nC4 last week",
            "password: hunter22",
            "Password: hunter",
            "the secret is abc8Q~x1",
            "use eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abc to try",
            "-----BEGIN PRIVATE KEY-----",
            "see https://u:p@host/ for more",
            "https://console.example/cb?access_token=abc",
            "copied 6f1ed002-ab55-4c3a-9d0e-1b2c3d4e5f60 into the vault",
            "PLANTED4f2a9c81d07be3",
        ] {
            assert!(holds_a_secret(text), "{text}");
        }
    }

    #[test]
    fn what_people_write_as_evidence_is_no_secret() {
        for text in [
            "CHG0012345, done on 2026-11-27 at 10:15 by the night shift",
            "https://console.example/clients/6f1ed002-ab55-4c3a-9d0e-1b2c3d4e5f60/scopes",
            "https://tickets.example/nav?sys_id=9d385017c611228701d22104cc95c371",
            "client id 6f1ed002-ab55-4c3a-9d0e-1b2c3d4e5f60 at the realm hospital",
            "client_id=6f1ed002-ab55-4c3a-9d0e-1b2c3d4e5f60",
            "Its secret is rotated every quarter, the token is short-lived",
            "Secret: none; password: never, it has a key in the vault",
            "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory",
            "It reads MedicationAdministration and MedicationDispense for the ward round",
            "Asked by ada.lovelace@hospital.example, room 4711",
            "commit 3f785a0b and change 4711-2026",
        ] {
            assert!(!holds_a_secret(text), "{text}");
        }
    }

    #[test]
    fn a_key_in_the_field_of_permissions_is_known_and_no_form_of_scope_is() {
        for pasted in ["Zk3vQ9pX1mB7sT5yR2wL8nC4", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abc"] {
            assert!(is_pasted_secret(pasted), "{pasted}");
        }
        for scope in [
            "patient/Observation.rs",
            "api://6f1ed002-ab55-4c3a-9d0e-1b2c3d4e5f60/Patient.Read",
            "api:oemr",
            "offline_access",
            "fhirUser",
            "MedicationAdministration",
        ] {
            assert!(!is_pasted_secret(scope), "{scope}");
        }
    }
}
