//! A software statement (RFC 7591 section 2.3): read, never believed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::json::Source;

/// What a software statement says. Its signature is not looked at and not kept.
pub struct Statement {
    payload: String,
    /// The first certificate of its `x5c` header, base64.
    pub certificate: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    x5c: Option<Vec<String>>,
}

impl Statement {
    /// Takes a JWT apart (RFC 7515 section 3.1) without verifying it.
    pub fn decode(jwt: &str) -> Result<Self, String> {
        let unreadable = "The software statement is no JWT that can be read. Import the registration as it was sent.";
        let mut parts = jwt.trim().split('.');
        let (Some(header), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(unreadable.to_owned());
        };
        let decoded = |part: &str| {
            URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok().and_then(|bytes| String::from_utf8(bytes).ok())
        };
        let header: Header = decoded(header).and_then(|text| serde_json::from_str(&text).ok()).ok_or(unreadable)?;
        let payload = decoded(payload).ok_or(unreadable)?;
        Ok(Self { payload, certificate: header.x5c.and_then(|chain| chain.into_iter().next()) })
    }

    /// The claims as JSON.
    pub fn source(&self) -> Result<(Source<'_>, &RawValue), String> {
        Source::document(&self.payload).map_err(|_| "The claims of the software statement are no JSON.".to_owned())
    }
}
