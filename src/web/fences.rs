//! What every answer carries, errors included, and what no request may look like.

use actix_web::dev::RequestHead;
use actix_web::http::header::{CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue};

use super::errors::WebError;

/// The headers of every answer (OWASP ASVS 5.0 section 3.4).
///
/// The referrer is told to our own pages only. `no-referrer` would be stricter in words and worse in
/// fact: browsers then send `Origin: null` with a form (Fetch section 3.1), which could not be told
/// from a form of a sandboxed stranger.
pub const FENCES: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), clipboard-write=(), display-capture=(), \
         encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), \
         local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), \
         publickey-credentials-create=(self), publickey-credentials-get=(self), screen-wake-lock=(), serial=(), \
         usb=(), xr-spatial-tracking=()",
    ),
];

/// A year of TLS only, for names below too (RFC 6797).
pub const ONLY_TLS: (&str, &str) = ("strict-transport-security", "max-age=31536000; includeSubDomains");

/// Nothing of the register stays in a cache.
pub const NOT_KEPT: (&str, &str) = ("cache-control", "no-store");

/// The longest target of a request. Filters of lists are far shorter; forms are sent in the body.
const LONGEST_TARGET: usize = 8 * 1024;

/// The most bytes of headers, names and values together. The parser takes at most 96 headers.
const LONGEST_HEAD: usize = 32 * 1024;

/// Puts the headers on an answer.
pub fn harden(headers: &mut HeaderMap, https: bool, is_static: bool, request_id: &str) {
    let mut set = |(name, value): (&'static str, &str)| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    FENCES.iter().copied().for_each(&mut set);
    set(("x-request-id", request_id));
    if https {
        set(ONLY_TLS);
    }
    if !is_static {
        set(NOT_KEPT);
    }
}

/// What is wrong with a request, whatever it asks for.
///
/// # Errors
/// A status and what to do.
pub fn check(head: &RequestHead) -> Result<(), WebError> {
    let path = head.uri.path();
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    if target > LONGEST_TARGET {
        return Err(WebError::LongTarget);
    }
    let length: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if length > LONGEST_HEAD {
        return Err(WebError::LongHead);
    }
    if !is_plain(path) {
        return Err(WebError::Bad("This address holds signs that no address of the register has".to_owned()));
    }
    if head.headers.contains_key(CONTENT_ENCODING) {
        return Err(WebError::Compressed);
    }
    Ok(())
}

/// Whether a path is text without control characters, and leads nowhere but down.
fn is_plain(path: &str) -> bool {
    let Some(decoded) = decoded(path) else { return false };
    let Ok(text) = String::from_utf8(decoded) else { return false };
    !text.chars().any(|letter| letter.is_control() || letter == '\\')
        && !text.split('/').any(|part| part == ".." || part == ".")
}

/// The bytes that a path stands for; `None` when a percent sign is not followed by two digits.
fn decoded(path: &str) -> Option<Vec<u8>> {
    let mut bytes = path.bytes();
    let mut out = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                *hex::decode(digits).ok()?.first()?
            }
            other => other,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_nowhere_but_down() {
        for plain in
            ["/", "/identities/0197", "/static/app.css", "/imports/maps/Caf%C3%A9%20list", "/a.b/..c/d..", "/%25"]
        {
            assert!(is_plain(plain), "{plain}");
        }
        for odd in [
            "/a%00b",
            "/%0d%0aset-cookie:x",
            "/..",
            "/static/../Cargo.toml",
            "/static/%2e%2e/Cargo.toml",
            "/a/./b",
            "/static/%2E%2e%2fCargo.toml",
            "/a\\b",
            "/a%5cb",
            "/%ff",
            "/%",
            "/%2",
            "/%zz",
            "/a%7f",
            "/%c2%85",
        ] {
            assert!(!is_plain(odd), "{odd}");
        }
    }
}
