//! What may be said about a secret: its keyed fingerprint and how hard it is to guess.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::identities::Strength;

use super::json::is_placeholder;

/// HMAC-SHA-256 (RFC 2104) of the secret under the deployment's own key, in hexadecimal.
///
/// Keyed, because a plain hash of a guessable secret is found by trying. `None` cannot happen for a
/// key of 32 bytes; the type of the library allows for it.
pub fn fingerprint(key: &[u8; 32], secret: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(secret.as_bytes());
    Some(hex::encode(mac.finalize().into_bytes()))
}

/// A secret as a file shows it.
#[derive(Debug, PartialEq, Eq)]
pub enum Shown {
    /// The file has none.
    Absent,
    /// Only stars: there is one, and nothing more can be said.
    Masked,
    /// A placeholder or a reference to a vault: the secret itself is elsewhere.
    Elsewhere,
    /// It stands there. Only these two facts leave this module.
    Present { fingerprint: Option<String>, strength: Strength },
}

impl Shown {
    /// Looks at a secret. `names` are the names of the client, which a secret must not repeat.
    pub fn look(secret: Option<&str>, key: &[u8; 32], names: &[&str]) -> Self {
        match secret {
            None => Self::Absent,
            Some(text) if text.trim().is_empty() => Self::Absent,
            Some(text) if text.trim().chars().all(|c| c == '*' || c == '•') => Self::Masked,
            Some(text) if is_placeholder(text) => Self::Elsewhere,
            Some(text) => Self::Present { fingerprint: fingerprint(key, text), strength: strength(text.trim(), names) },
        }
    }

    /// Its fingerprint, where it was seen.
    pub fn fingerprint(&self) -> Option<String> {
        match self {
            Self::Present { fingerprint, .. } => fingerprint.clone(),
            _ => None,
        }
    }

    /// Its strength, where it was seen.
    pub fn strength(&self) -> Strength {
        match self {
            Self::Present { strength, .. } => *strength,
            _ => Strength::Unknown,
        }
    }
}

/// The words of which guessed secrets are made.
const DICTIONARY: &[&str] = &[
    "password",
    "passwd",
    "passw0rd",
    "secret",
    "changeme",
    "change",
    "please",
    "letmein",
    "welcome",
    "admin",
    "administrator",
    "root",
    "default",
    "example",
    "sample",
    "demo",
    "test",
    "testing",
    "client",
    "keycloak",
    "oauth",
    "openid",
    "smart",
    "fhir",
    "hospital",
    "health",
    "qwerty",
    "master",
    "system",
    "service",
    "account",
    "local",
    "localhost",
    "development",
    "develop",
    "super",
    "super-secret",
    "my",
    "your",
    "the",
    "this",
    "is",
    "a",
    "not",
    "very",
    "so",
    "strong",
    "app",
    "api",
    "key",
    "token",
    "dev",
    "prod",
    "production",
    "staging",
    "sandbox",
    "user",
    "for",
    "me",
    "it",
    "insecure",
    "unsafe",
    "placeholder",
    "confidential",
];

/// How hard a secret is to guess, as far as its text can tell: weak when shorter than 16 characters,
/// of few different ones, a run of neighbours, a name of the client, or made of common words.
pub fn strength(secret: &str, names: &[&str]) -> Strength {
    let plain = secret.to_lowercase();
    let length = plain.chars().count();
    let variety = plain.chars().collect::<std::collections::BTreeSet<_>>().len();
    let named =
        names.iter().map(|name| name.trim().to_lowercase()).filter(|name| name.chars().count() >= 4).any(|name| {
            // A name with little around it is as easy to guess as the name.
            plain.contains(&name) && length < name.chars().count() + 12
        });
    if length < 16 || variety < 8 || named || neighbours(&plain) || of_words(&plain) {
        Strength::Weak
    } else {
        Strength::Ok
    }
}

/// Mostly "abcdef", "123456": each character next to the one before it.
fn neighbours(text: &str) -> bool {
    let steps = text.bytes().zip(text.bytes().skip(1)).filter(|(a, b)| a.abs_diff(*b) <= 1).count();
    steps * 10 >= text.len() * 7
}

/// Whether nothing but common words, digits at their ends and separators make up the text.
fn of_words(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).filter(|part| !part.is_empty()).all(made_of_words)
}

fn made_of_words(part: &str) -> bool {
    let mut reached = vec![false; part.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for start in 0..part.len() {
        if reached.get(start) != Some(&true) {
            continue;
        }
        let Some(rest) = part.get(start..) else { continue };
        for word in DICTIONARY.iter().filter(|word| rest.starts_with(**word)) {
            if let Some(end) = reached.get_mut(start + word.len()) {
                *end = true;
            }
        }
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    #[test]
    fn the_fingerprint_is_the_keyed_hash_of_rfc_4231_and_depends_on_the_key() {
        // RFC 4231 test case 2 uses a short key; the same answer comes from the key padded with zeros.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        assert_eq!(
            fingerprint(&key, "what do ya want for nothing?").unwrap(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_ne!(fingerprint(&KEY, "x"), fingerprint(&[8; 32], "x"));
    }

    #[test]
    fn easy_secrets_are_weak() {
        for (secret, name) in [
            ("internal", "internal"),
            ("short-Xq82Lm", "app"),
            ("aaaaaaaaaaaaaaaaaaaaaaaa", "app"),
            ("abcdefghijklmnopqrstuvwxyz", "app"),
            ("jhipster-control-center", "jhipster-control-center"),
            ("my-super-secret-password-2024", "app"),
            ("changeme-changeme-please", "app"),
        ] {
            assert_eq!(strength(secret, &[name]), Strength::Weak, "{secret}");
        }
    }

    #[test]
    fn made_secrets_are_sufficient() {
        for secret in ["Zk3vQ9pX1mB7sT5yR2wL8nC4", "6f1ed002-ab55-4c3a-9d0e-1b2c3d4e5f60"] {
            assert_eq!(strength(secret, &["app"]), Strength::Ok, "{secret}");
        }
    }

    #[test]
    fn a_masked_secret_is_present_and_unknown() {
        let shown = Shown::look(Some("**********"), &KEY, &[]);
        assert_eq!(shown, Shown::Masked);
        assert_eq!(shown.strength(), Strength::Unknown);
        assert_eq!(shown.fingerprint(), None);
        assert_eq!(Shown::look(Some("${vault.app}"), &KEY, &[]), Shown::Elsewhere);
        assert_eq!(Shown::look(Some(""), &KEY, &[]), Shown::Absent);
    }

    #[test]
    fn strange_characters_do_not_break_the_word_search() {
        assert_eq!(strength("пароль-пароль-ñandú-straße", &["ß"]), Strength::Ok);
    }
}
