//! Keeps secrets out of what is kept: names that announce one, values that look like one, and
//! addresses that carry one.
//!
//! Strict on purpose: a harmless note that is lost can be looked up at the issuing system; a secret
//! that is kept cannot be unseen. What people type is looked through by [`typed`], who can be told.

pub mod typed;

/// Parts of a name that announce a secret.
const TELLING: &[&str] = &[
    "secret",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "private",
    "token",
    "credential",
    "apikey",
    "api_key",
    "api-key",
    "api.key",
    "salt",
    "hash",
    "bearer",
    "assertion",
    "jwt",
    "jwk",
    "cookie",
    "auth",
    "signature",
    "pin",
    "otp",
    "seed",
    "pfx",
];

/// Whether a name announces a secret.
pub fn telling_name(name: &str) -> bool {
    let name = name.to_lowercase();
    let keyish = name
        .split(|c: char| !c.is_alphanumeric())
        .any(|part| part == "key" || part == "keys" || part == "pass" || part == "sig");
    keyish || name.ends_with("key") || TELLING.iter().any(|part| name.contains(part))
}

/// Whether a value looks like a secret or holds one, whatever its name.
pub fn telling_value(value: &str) -> bool {
    value.len() > 500
        || value.contains(['\n', '\r'])
        || value.contains("-----BEGIN")
        || value.trim_start().starts_with(['{', '['])
        || redact_address(value).is_some()
        || value.split(|c: char| c.is_whitespace() || ",;\"'()<>|".contains(c)).any(dense)
}

/// Whether free text (a description, a name) holds a secret, so that it must not be kept.
pub fn telling_text(text: &str) -> bool {
    if text.contains("-----BEGIN") || text.split_whitespace().any(|word| redact_address(word).is_some() || dense(word))
    {
        return true;
    }
    let lower = text.to_lowercase();
    ["secret", "password", "passwd", "pwd", "passphrase", "token", "api key", "apikey", "api-key", "api_key"]
        .iter()
        .any(|word| {
            lower.match_indices(word).any(|(at, _)| {
                let rest = lower.get(at + word.len()..).unwrap_or_default().trim_start();
                let rest = rest.strip_prefix("is ").map(str::trim_start).or_else(|| rest.strip_prefix([':', '=']));
                rest.is_some_and(|rest| rest.trim_start().chars().take_while(|c| !c.is_whitespace()).count() >= 4)
            })
        })
}

/// Long words of mixed letters and digits: keys, tokens, hashes, UUIDs (which serve as secrets too).
fn dense(word: &str) -> bool {
    if word.starts_with("eyJ") && word.contains('.') {
        return true;
    }
    if is_uuid(word) {
        return true;
    }
    word.split(|c: char| !(c.is_ascii_alphanumeric() || c == '+' || c == '=' || c == '~')).any(|part| {
        let changes = part.bytes().zip(part.bytes().skip(1)).filter(|(a, b)| class(*a) != class(*b)).count();
        let digits = part.bytes().any(|byte| byte.is_ascii_digit());
        (part.len() >= 10 && digits && changes >= 4)
            || (part.len() >= 16 && digits && changes >= 2)
            || (part.len() >= 16 && changes >= 8)
    })
}

fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    }
}

/// Whether the text is a UUID.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// The address without what it must not carry, or `None` where it carries nothing of the kind:
/// user and password before the host (RFC 3986 section 3.2.1), and parameters that announce a secret.
pub fn redact_address(address: &str) -> Option<String> {
    let mut changed = false;
    let mut text = address.to_owned();
    if let Some((scheme, rest)) = address.split_once("://") {
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if let Some((_, host)) = authority.rsplit_once('@') {
            text = format!("{scheme}://***@{host}{tail}");
            changed = true;
        }
    }
    if let Some(at) = text.find(['?', '#']) {
        let (front, query) = text.split_at_checked(at).unwrap_or((&text, ""));
        let mut query_changed = false;
        let parts: Vec<String> = query
            .split_inclusive(['?', '#', '&', ';'])
            .map(|part| {
                let (body, end) = match part.char_indices().next_back() {
                    Some((last, '?' | '#' | '&' | ';')) => part.split_at_checked(last).unwrap_or((part, "")),
                    _ => (part, ""),
                };
                match body.split_once('=') {
                    Some((name, value))
                        if !value.is_empty() && (telling_name(name) || name == "code" || dense(value)) =>
                    {
                        query_changed = true;
                        format!("{name}=***{end}")
                    }
                    _ => part.to_owned(),
                }
            })
            .collect();
        if query_changed {
            text = format!("{front}{}", parts.concat());
            changed = true;
        }
    }
    changed.then_some(text)
}

/// The addresses as they may be kept, and how many had to be changed.
pub fn keep_addresses(addresses: Vec<String>) -> (Vec<String>, usize) {
    let mut changed = 0;
    let kept = addresses
        .into_iter()
        .map(|address| match redact_address(&address) {
            Some(safe) => {
                changed += 1;
                safe
            }
            None => address,
        })
        .collect();
    (kept, changed)
}

/// The text where it may be kept, otherwise a remark in its place.
pub fn keep_text(field: &str, text: Option<String>, remarks: &mut Vec<String>) -> Option<String> {
    match text {
        Some(text) if telling_text(&text) => {
            remarks.push(format!("The {field} seems to hold a secret and was left out."));
            None
        }
        text => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_announce_a_secret_are_known() {
        for name in [
            "client.secret.rotated",
            "webhook_token",
            "API-KEY",
            "db.passwd",
            "saml.signing.private.key",
            "signingKey",
            "x-pass",
        ] {
            assert!(telling_name(name), "{name}");
        }
        for name in ["smart_app", "fhir_version", "keyboard", "passenger_list", "login_theme", "monkeys"] {
            assert!(!telling_name(name), "{name}");
        }
    }

    #[test]
    fn values_that_look_like_secrets_are_known() {
        for value in [
            "Zk3vQ9pX1mB7sT5yR2wL8nC4",
            "6f1ed002-ab55-4c3a-9d0e-1b2c3d4e5f60",
            "-----BEGIN PRIVATE KEY-----",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abc",
            "{\"d\":\"x\"}",
            "https://u:p@host/",
            "PLANTED-4f2a9c81d07be3",
            "line\nline",
        ] {
            assert!(telling_value(value), "{value}");
        }
        for value in
            ["true", "2.2.0", "launch-ehr", "R4", "patient/*.rs user/*.rs", "https://fhir.hospital.example/r4", "S256"]
        {
            assert!(!telling_value(value), "{value}");
        }
    }

    #[test]
    fn an_address_loses_its_password_and_its_telling_parameters_only() {
        assert_eq!(redact_address("https://app:PLANTED@host:8443/cb?x=1").unwrap(), "https://***@host:8443/cb?x=1");
        assert_eq!(
            redact_address("https://host/cb?a=1&token=PLANTED&b=2#c").unwrap(),
            "https://host/cb?a=1&token=***&b=2#c"
        );
        assert_eq!(redact_address("https://host/cb#access_token=PLANTED").unwrap(), "https://host/cb#access_token=***");
        for plain in [
            "https://host/*",
            "com.app:/cb",
            "*",
            "http://localhost:*",
            "https://host/cb?a=1",
            "dev.localhost.ionic:*",
            "https://host/a@b",
        ] {
            assert_eq!(redact_address(plain), None, "{plain}");
        }
    }

    #[test]
    fn free_text_that_tells_a_secret_is_known_and_ordinary_text_is_not() {
        for text in ["password: hunter22", "The secret is PLANTED", "api key=abcd", "see https://u:p@host"] {
            assert!(telling_text(text), "{text}");
        }
        for text in [
            "Refills for the ward, no password needed",
            "Rotates its secret every year",
            "Secret: no",
            "Growth chart 2.0",
        ] {
            assert!(!telling_text(text), "{text}");
        }
    }
}
