//! Redirect URIs: where a client gets its answers.

use super::fault::RegistrationError;

/// What the browser runs or reads itself: an answer sent there reaches whoever wrote the link.
const RUN_OR_READ: [&str; 8] = ["about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"];

/// RFC 6749 section 3.1.2: an absolute URI (RFC 3986 section 4.3) without a fragment. Schemes of a native
/// app's own are allowed (RFC 8252 section 7.1).
pub(super) fn check(text: &str) -> Result<(), RegistrationError> {
    if text.chars().any(|sign| sign.is_whitespace() || sign.is_control()) {
        return Err(RegistrationError::RedirectUri(text.to_owned()));
    }
    let Ok(url) = url::Url::parse(text) else { return Err(RegistrationError::RedirectUri(text.to_owned())) };
    if RUN_OR_READ.contains(&url.scheme()) {
        return Err(RegistrationError::RedirectScheme(text.to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RegistrationError::RedirectPassword);
    }
    if text.contains('#') {
        return Err(RegistrationError::RedirectFragment(text.to_owned()));
    }
    Ok(())
}

/// What is allowed and yet worth a word.
pub(super) fn remark(text: &str) -> Option<&'static str> {
    let Ok(url) = url::Url::parse(text) else {
        return Some("It is not a whole address, so its system decides where the answer goes.");
    };
    if text.contains('*') {
        return Some("It has a wildcard: every address that fits it gets the answer (RFC 9700 section 4.1).");
    }
    match url.scheme() {
        "https" => None,
        "http" if is_loopback(&url) => None,
        "http" => Some("It is not encrypted: whoever listens on the way reads the answer (RFC 6749 section 3.1.2.1)."),
        scheme if scheme.contains('.') => None,
        _ => Some(
            "Any app on the device may claim this scheme. One that begins with a domain of its maker\u{2019}s is safer \
             (RFC 8252 section 7.1).",
        ),
    }
}

/// RFC 8252 section 7.3: the loopback interface, where nothing leaves the machine.
fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
