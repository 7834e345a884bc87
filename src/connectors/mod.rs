//! Talking to the outside: import formats, and later the systems themselves. Knows `domain` only.
//! Talking to the outside: import formats, and later the systems themselves.

pub mod imports;
pub mod openid_connect;

use sha2::{Digest, Sha256};

/// The id of a fingerprint key: enough to tell two keys apart, nothing to make fingerprints with.
pub fn fingerprint_key_id(key: &[u8; 32]) -> String {
    hex::encode(Sha256::new().chain_update(b"muster fingerprint key\0").chain_update(key).finalize())
}
