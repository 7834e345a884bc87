//! Percent-encoding in the value of a search parameter, decoded exactly once (RFC 3986 section 2.1).
//!
//! A value is decoded after the token was split on `&` and `=`, so that `%26` cannot make a
//! parameter and `%20` cannot make a token. Nothing outside a value is ever decoded.

use super::error::ScopeError;

/// The text a value stands for.
///
/// # Errors
/// A `%` without two hexadecimal digits, a control character, or bytes that are not UTF-8.
pub fn decode(written: &str) -> Result<String, ScopeError> {
    if !written.contains('%') {
        return Ok(written.to_owned());
    }
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        match (rest.next().and_then(digit), rest.next().and_then(digit)) {
            (Some(high), Some(low)) => bytes.push(high * 16 + low),
            _ => return Err(ScopeError::PercentSign),
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| ScopeError::EncodedBytes)?;
    match text.chars().find(|each| each.is_control()) {
        Some(each) => Err(ScopeError::EncodedControl(each)),
        None => Ok(text),
    }
}

/// A value as a scope token may carry it, in one spelling only.
///
/// Kept as they are: the characters RFC 6749 section 3.3 allows in a scope token, except `%`, `&` and `=`.
pub fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        let plain = matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E) && !matches!(byte, b'%' | b'&' | b'=');
        if plain {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(hexadecimal(byte >> 4));
            out.push(hexadecimal(byte & 15));
        }
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn hexadecimal(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0').to_ascii_uppercase()
}
