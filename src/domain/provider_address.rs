//! Addresses of a provider of single sign-on: protected by TLS, or on this machine.

use url::{Host, Url};

/// Reads an issuer: an https address without query or fragment (OpenID Connect Discovery 1.0 section
/// 2). Plain http is for a provider on this machine.
///
/// # Errors
/// A sentence that says what to write.
pub fn parse_issuer(text: &str) -> Result<String, String> {
    let example = "write it as the provider does, such as https://login.hospital.example/realms/staff";
    let url = Url::parse(text).map_err(|_| format!("{text} is not an address; {example}"))?;
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(format!("an issuer has no user, query or fragment; {example}"));
    }
    if may_be_reached(&url, is_loopback(&url)) {
        Ok(text.to_owned())
    } else {
        Err(format!("{text} is not protected by TLS; {example}. Plain http is for a provider on this machine only"))
    }
}

/// Whether an address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether an address is https, or plain http on this machine where that is allowed.
pub fn may_be_reached(url: &Url, local: bool) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => local && is_loopback(url),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_except_on_this_machine() {
        for right in [
            "https://login.hospital.example",
            "https://login.example/realms/staff/",
            "http://127.0.0.1:9000",
            "http://localhost:9000/a",
            "http://[::1]:9000",
        ] {
            assert_eq!(parse_issuer(right).unwrap(), right);
        }
        for (wrong, what) in [
            ("login.hospital.example", "is not an address"),
            ("http://login.hospital.example", "is not protected by TLS"),
            ("http://localhost.evil.example", "is not protected by TLS"),
            ("ftp://127.0.0.1", "is not protected by TLS"),
            ("https://login.example/?a=b", "no user, query or fragment"),
            ("https://login.example/#a", "no user, query or fragment"),
            ("https://me:secret@login.example/", "no user, query or fragment"),
        ] {
            let said = parse_issuer(wrong).unwrap_err();
            assert!(
                said.contains(what) && said.contains("https://login.hospital.example/realms/staff"),
                "{wrong}: {said}"
            );
        }
    }
}
