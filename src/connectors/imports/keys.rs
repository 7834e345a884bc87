//! Public keys: the thumbprint of a JWK, and what can be read from a certificate without trusting it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::domain::identities::{CredentialKind, Strength};
use crate::domain::ids::Moment;
use crate::domain::imported::ImportedCredential;

use super::secrets;

/// A JSON Web Key (RFC 7517). The members of its private half are seen, never kept.
#[derive(Deserialize)]
struct Jwk {
    kty: Option<String>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    k: Option<String>,
    d: Option<serde::de::IgnoredAny>,
    p: Option<serde::de::IgnoredAny>,
    q: Option<serde::de::IgnoredAny>,
    x5c: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Jwk>,
}

/// Reads a key set (RFC 7517 section 5) or a single key into credentials, one for each key, and remarks.
pub fn read_key_set(
    text: &str,
    fingerprint_key: &[u8; 32],
    remarks: &mut Vec<String>,
) -> Result<Vec<ImportedCredential>, String> {
    let unreadable = || "The key set is not the JSON of RFC 7517. Export it again.".to_owned();
    let keys = match serde_json::from_str::<KeySet>(text) {
        Ok(set) => set.keys,
        Err(_) => vec![serde_json::from_str::<Jwk>(text).ok().filter(|key| key.kty.is_some()).ok_or_else(unreadable)?],
    };
    Ok(keys.into_iter().map(|key| credential_of(key, fingerprint_key, remarks)).collect())
}

fn credential_of(key: Jwk, fingerprint_key: &[u8; 32], remarks: &mut Vec<String>) -> ImportedCredential {
    if key.d.is_some() || key.p.is_some() || key.q.is_some() {
        remarks.push(
            "The file holds the private half of a key. It was left out; treat the key as disclosed and replace it."
                .to_owned(),
        );
    }
    let mut credential = bare(CredentialKind::Jwks);
    if let Some(shared) = &key.k {
        remarks.push("The key set holds a shared secret (kty oct). It was left out; replace it.".to_owned());
        credential.fingerprint = secrets::fingerprint(fingerprint_key, shared);
    }
    credential.thumbprint = thumbprint(&key);
    if credential.thumbprint.is_some() {
        credential.strength = Strength::Ok;
    }
    if let Some(certificate) = key.x5c.as_ref().and_then(|chain| chain.first()).and_then(|text| Certificate::read(text))
    {
        credential.created_at = Some(certificate.from);
        credential.expires_at = Some(certificate.until);
        credential.never_expires = false;
    }
    credential.key_id = key.kid;
    credential
}

/// RFC 7638: SHA-256 over the required members in alphabetical order, base64url. None for a shared key:
/// its hash could be tried.
fn thumbprint(key: &Jwk) -> Option<String> {
    let quoted = |text: &Option<String>| text.as_ref().and_then(|text| serde_json::to_string(text).ok());
    let canonical = match key.kty.as_deref()? {
        "RSA" => format!(r#"{{"e":{},"kty":"RSA","n":{}}}"#, quoted(&key.e)?, quoted(&key.n)?),
        "EC" => {
            format!(r#"{{"crv":{},"kty":"EC","x":{},"y":{}}}"#, quoted(&key.crv)?, quoted(&key.x)?, quoted(&key.y)?)
        }
        "OKP" => format!(r#"{{"crv":{},"kty":"OKP","x":{}}}"#, quoted(&key.crv)?, quoted(&key.x)?),
        _ => return None,
    };
    Some(URL_SAFE_NO_PAD.encode(Sha256::digest(canonical.as_bytes())))
}

/// A credential of which nothing is known but its kind. A key set has no end date (RFC 7517 knows none
/// for a key): it is accepted until somebody takes it away, so it never expires. Of a secret or a
/// certificate only the file can say that.
pub fn bare(kind: CredentialKind) -> ImportedCredential {
    ImportedCredential {
        kind,
        key_id: None,
        thumbprint: None,
        location: None,
        created_at: None,
        expires_at: None,
        never_expires: kind == CredentialKind::Jwks,
        strength: Strength::Unknown,
        fingerprint: None,
    }
}

/// A certificate as a credential: thumbprint and dates where it can be read.
pub fn certificate_credential(text: &str) -> ImportedCredential {
    let mut credential = bare(CredentialKind::Certificate);
    if let Some(certificate) = Certificate::read(text) {
        credential.thumbprint = Some(certificate.thumbprint);
        credential.created_at = Some(certificate.from);
        credential.expires_at = Some(certificate.until);
        credential.strength = Strength::Ok;
    }
    credential
}

/// SHA-256 of a public key (DER or PEM), in hexadecimal; `None` where it is no SubjectPublicKeyInfo.
pub fn public_key_thumbprint(text: &str) -> Option<String> {
    let der = unarmoured(text)?;
    // SEQUENCE { SEQUENCE { algorithm }, BIT STRING }: a private key starts with a version number instead.
    let (0x30, body, _) = element(&der)? else { return None };
    let (0x30, _, rest) = element(body)? else { return None };
    let (0x03, _, _) = element(rest)? else { return None };
    Some(hex::encode(Sha256::digest(&der)))
}

/// What is read from an X.509 certificate (RFC 5280 section 4.1) without checking its signature.
#[derive(Debug, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of the certificate, in hexadecimal.
    pub thumbprint: String,
    /// Not valid before.
    pub from: Moment,
    /// Not valid after.
    pub until: Moment,
}

impl Certificate {
    /// Reads a certificate from base64, with or without PEM lines. `None` where it is none.
    pub fn read(text: &str) -> Option<Self> {
        let der = unarmoured(text)?;
        let (0x30, outer, _) = element(&der)? else { return None };
        let (0x30, body, _) = element(outer)? else { return None };
        let (tag, _, mut rest) = element(body)?;
        if tag == 0xA0 {
            // The version is optional; then comes the serial number.
            (_, _, rest) = element(rest)?;
        }
        let (0x30, _, rest) = element(rest)? else { return None };
        let (0x30, _, rest) = element(rest)? else { return None };
        let (0x30, validity, _) = element(rest)? else { return None };
        let (from_tag, from, rest) = element(validity)?;
        let (until_tag, until, _) = element(rest)?;
        Some(Self {
            thumbprint: hex::encode(Sha256::digest(&der)),
            from: time_of(from_tag, from)?,
            until: time_of(until_tag, until)?,
        })
    }
}

fn unarmoured(text: &str) -> Option<Vec<u8>> {
    let body: String = text
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .collect();
    STANDARD.decode(body).ok().filter(|der| !der.is_empty())
}

/// One DER element: its tag, its content and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let count = usize::from(*first & 0x7F);
        if count == 0 || count > 4 {
            return None;
        }
        let (length, rest) = rest.split_at_checked(count)?;
        (length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// UTCTime (two-digit year, 50 and above is 19xx) or GeneralizedTime.
fn time_of(tag: u8, content: &[u8]) -> Option<Moment> {
    let text = std::str::from_utf8(content).ok()?;
    let text = match tag {
        0x17 => {
            let year: u8 = text.get(..2)?.parse().ok()?;
            format!("{}{text}", if year >= 50 { "19" } else { "20" })
        }
        0x18 => text.to_owned(),
        _ => return None,
    };
    let naive = NaiveDateTime::parse_from_str(&text, "%Y%m%d%H%M%SZ").ok()?;
    Some(Moment::new(DateTime::<Utc>::from_naive_utc_and_offset(naive, Utc)))
}

#[cfg(test)]
mod tests;
