//! Sealing: what Muster itself must be able to read again stands in the database so that a copy of the
//! database does not show it. It opens only with the deployment's key, and only in its own row.

use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit as _, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{ActionError, Register};
use crate::domain::ids::Id;
use crate::store::StoreError;

/// The first byte of what is sealed: which key and which cipher. Another one is refused.
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;

/// Where a sealed value stands. Moved to another place it does not open.
#[derive(Debug, Clone, Copy)]
pub struct SealedPlace {
    pub table: &'static str,
    pub column: &'static str,
    pub row: Id,
}

impl SealedPlace {
    fn bound(&self) -> String {
        format!("{}|{}|{}", self.table, self.column, self.row)
    }
}

/// Seals with AES-256-GCM-SIV (RFC 8452): a nonce that came twice would not give the key away.
pub fn seal(register: &Register, place: &SealedPlace, secret: &[u8]) -> Result<Vec<u8>, ActionError> {
    let nonce: [u8; NONCE_BYTES] = rand::random();
    let sealed = cipher(&register.deployment.fingerprint_key)?
        .encrypt(&Nonce::from(nonce), Payload { msg: secret, aad: place.bound().as_bytes() })
        .map_err(|_| unsealable())?;
    Ok([&[VERSION][..], &nonce, &sealed].concat())
}

/// Opens what was sealed for that place.
///
/// # Errors
/// A fault that says nothing of the secret, when it was sealed elsewhere, with another key, or altered.
pub fn open(register: &Register, place: &SealedPlace, sealed: &[u8]) -> Result<Vec<u8>, ActionError> {
    let (version, rest) = sealed.split_first().ok_or_else(unsealable)?;
    let (nonce, text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(unsealable)?;
    if *version != VERSION {
        return Err(unsealable());
    }
    cipher(&register.deployment.fingerprint_key)?
        .decrypt(&Nonce::from(*nonce), Payload { msg: text, aad: place.bound().as_bytes() })
        .map_err(|_| unsealable())
}

/// The key of sealing: HKDF-SHA-256 (RFC 5869) of the deployment's key, which is its input and never its
/// salt, so that no fingerprint, which is an HMAC under that key, can ever equal it.
fn cipher(key: &[u8; 32]) -> Result<Aes256GcmSiv, ActionError> {
    let extracted = mac(b"muster sealing", key)?;
    let derived = mac(&extracted, b"aes-256-gcm-siv 1\x01")?;
    Aes256GcmSiv::new_from_slice(&derived).map_err(|_| unsealable())
}

fn mac(key: &[u8], text: &[u8]) -> Result<Vec<u8>, ActionError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| unsealable())?;
    mac.update(text);
    Ok(mac.finalize().into_bytes().to_vec())
}

fn unsealable() -> ActionError {
    ActionError::Store(StoreError::Damaged("a sealed value does not open in its place with this key".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed_with(key: &[u8; 32], place: &SealedPlace, secret: &[u8]) -> Vec<u8> {
        let nonce = [9; NONCE_BYTES];
        let text = cipher(key)
            .unwrap()
            .encrypt(&Nonce::from(nonce), Payload { msg: secret, aad: place.bound().as_bytes() })
            .unwrap();
        [&[VERSION][..], &nonce, &text].concat()
    }

    #[test]
    fn the_key_of_sealing_is_no_fingerprint_of_anything_in_its_derivation() {
        let key = [7; 32];
        let derived = mac(&mac(b"muster sealing", &key).unwrap(), b"aes-256-gcm-siv 1\x01").unwrap();
        for text in [&b"muster sealing"[..], b"aes-256-gcm-siv 1\x01", b"aes-256-gcm-siv 1"] {
            assert_ne!(mac(&key, text).unwrap(), derived);
        }
    }

    #[test]
    fn what_is_sealed_differs_by_key_and_place() {
        let place = SealedPlace { table: "code_generators", column: "sealed_secret", row: Id::new() };
        let one = sealed_with(&[7; 32], &place, b"secret");
        assert_ne!(one, sealed_with(&[8; 32], &place, b"secret"));
        assert_ne!(one, sealed_with(&[7; 32], &SealedPlace { row: Id::new(), ..place }, b"secret"));
        assert!(!one.windows(6).any(|part| part == b"secret"));
    }
}
