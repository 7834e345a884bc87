//! Passwords: hashed with Argon2id, two at a time, compared always with exactly one hash.
//!
//! OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane, or more (ASVS 5.0 11.4.2).

use std::cell::Cell;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use super::gate::{Full, Gate};
use super::{ActionError, Register};
use crate::domain::passwords::{self, PasswordError};

/// What hashing costs: KiB of memory, passes, lanes.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// A hash that no password is known for, made at the same cost: compared with where there is no other, so
/// that the answer takes as long.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGtub3dzIGl0$q1tTt1Y7m0cWl3yq1V8d5p9J2Xb7kEoR4uZaNfHsGgA";

/// Two hashes are made at once in a process, so that a crowd does not take memory and processors from
/// everybody else; sixty-four wait, which is about two seconds.
static HASHING: Gate = Gate::new(2, 64);

thread_local! {
    static HASHES: Cell<u64> = const { Cell::new(0) };
}

/// How many hashes the calling thread has made. Tests count them: clocks lie.
pub fn hashes_made_here() -> u64 {
    HASHES.get()
}

fn hasher() -> Result<Argon2<'static>, ActionError> {
    let (memory, passes, lanes) = COST;
    let parameters = Params::new(memory, passes, lanes, None).map_err(|error| cannot(&error))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}

fn cannot(error: &dyn std::fmt::Display) -> ActionError {
    ActionError::Refused(format!("the password cannot be hashed: {error}"))
}

/// Makes a hash when it is its turn.
fn in_turn<T>(work: impl FnOnce() -> T) -> Result<T, ActionError> {
    let _place = HASHING.enter().map_err(|Full| ActionError::Busy)?;
    HASHES.set(HASHES.get() + 1);
    Ok(work())
}

/// Hashes a password.
///
/// # Errors
/// `Busy` when too many wait for it.
pub fn hash(password: &str) -> Result<String, ActionError> {
    let hasher = hasher()?;
    in_turn(|| hasher.hash_password(password.as_bytes()))?
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|error| cannot(&error))
}

/// Whether a password is the one of a hash. Without a hash, or with one that cannot be read, it is not, and
/// the answer takes as long.
///
/// # Errors
/// `Busy` when too many wait for it.
pub fn matches(password: &str, stored: Option<&str>) -> Result<bool, ActionError> {
    let known = stored.and_then(|stored| PasswordHash::new(stored).ok());
    let decoy = PasswordHash::new(DECOY).map_err(|error| cannot(&error))?;
    // The library hashes with the parameters of the hash that it compares with.
    let verifier = Argon2::default();
    let compared = known.as_ref().unwrap_or(&decoy);
    let same = in_turn(|| verifier.verify_password(password.as_bytes(), compared).is_ok())?;
    Ok(same && known.is_some())
}

/// Whether a hash was made at another cost than today's, so that it is made anew when its password is known.
pub fn is_outdated(stored: &str) -> bool {
    let Ok(hash) = PasswordHash::new(stored) else { return true };
    let Ok(parameters) = Params::try_from(&hash) else { return true };
    let cost = (parameters.m_cost(), parameters.t_cost(), parameters.p_cost());
    hash.algorithm != Algorithm::Argon2id.ident() || hash.version != Some(Version::V0x13.into()) || cost != COST
}

/// Whether a text may become the password of a person of that name and address; the error is for the field
/// `password`.
pub fn check(register: &Register, name: &str, email: &str, text: &str) -> Result<(), ActionError> {
    passwords::check(text, &[name, email, &register.deployment.register_name]).map_err(invalid)
}

/// What is wrong with a password, at its field.
pub fn invalid(error: PasswordError) -> ActionError {
    ActionError::field("password", error.to_string())
}

/// A password that nobody chose, for the throw-away registers of the demonstration and of measuring: 30
/// letters and digits of 32 in six groups, 150 bits. In a real register people choose their own.
pub fn make_up() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let bytes: [u8; 30] = rand::random();
    let letters: Vec<char> =
        bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 32)).map(|letter| char::from(*letter))).collect();
    letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_password_is_accepted_and_never_the_same() {
        let (one, other) = (make_up(), make_up());
        assert_ne!(one, other);
        assert_eq!(one.len(), 35);
        assert_eq!(passwords::check(&one, &["Dana", "dana@hospital.example"]), Ok(()));
    }

    #[test]
    fn a_hash_costs_what_owasp_asks_and_one_of_another_cost_is_outdated() {
        let made = hash("seven quiet lamps at noon").unwrap();
        assert!(made.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{made}");
        assert!(!is_outdated(&made) && !is_outdated(DECOY));
        for old in [
            made.replace("m=19456", "m=9216"),
            made.replace("t=2", "t=1"),
            made.replace("argon2id", "argon2i"),
            "plain".to_owned(),
        ] {
            assert!(is_outdated(&old), "{old}");
        }
    }

    #[test]
    fn every_comparison_makes_exactly_one_hash() {
        let made = hash("seven quiet lamps at noon").unwrap();
        for (password, stored, right) in [
            ("seven quiet lamps at noon", Some(made.as_str()), true),
            ("seven quiet lamps at dusk", Some(made.as_str()), false),
            ("seven quiet lamps at noon", Some("not a hash"), false),
            ("seven quiet lamps at noon", None, false),
            ("", None, false),
        ] {
            let before = hashes_made_here();
            assert_eq!(matches(password, stored).unwrap(), right);
            assert_eq!(hashes_made_here(), before + 1, "{password} {stored:?}");
        }
    }

    #[test]
    fn a_password_is_compared_exactly_as_typed() {
        let made = hash(" Caf\u{e9} lamps\0at noon ").unwrap();
        for other in [
            "Caf\u{e9} lamps\0at noon",
            " caf\u{e9} lamps\0at noon ",
            " Cafe\u{301} lamps\0at noon ",
            " Caf\u{e9} lamps",
        ] {
            assert!(!matches(other, Some(&made)).unwrap(), "{other:?}");
        }
        assert!(matches(" Caf\u{e9} lamps\0at noon ", Some(&made)).unwrap());
    }
}
