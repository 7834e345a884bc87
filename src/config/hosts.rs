//! The name of a host, as a request and a setting write it.

/// A host as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName {
    /// Lower case; an IPv6 address in brackets.
    pub name: String,
    /// None is any port.
    pub port: Option<u16>,
}

impl std::str::FromStr for HostName {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is not the name of a host; write it as muster.hospital.example or muster.hospital.example:8443"
            )
        };
        // What stands after the brackets of an IPv6 address, or after the last colon, is the port.
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, Some(port)),
            _ => (text, None),
        };
        let port = match port {
            None => None,
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => Some(port.parse().map_err(|_| wrong())?),
            Some(_) => return Err(wrong()),
        };
        let inner = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let right = match inner {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => {
                !name.is_empty()
                    && name.len() <= 253
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
            }
        };
        if right { Ok(Self { name: name.to_ascii_lowercase(), port }) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_read_strictly() {
        for (text, name, port) in [
            ("Muster.Hospital.example", "muster.hospital.example", None),
            ("muster.hospital.example:8443", "muster.hospital.example", Some(8443)),
            ("192.0.2.7:80", "192.0.2.7", Some(80)),
            ("[fd00::1]:8443", "[fd00::1]", Some(8443)),
            ("[fd00::1]", "[fd00::1]", None),
        ] {
            assert_eq!(text.parse::<HostName>(), Ok(HostName { name: name.to_owned(), port }), "{text}");
        }
        for wrong in [
            "",
            ":80",
            "a:b",
            "a:99999",
            "a:",
            "a b",
            "a/b",
            "user@host",
            "*.example",
            "a,b",
            "fd00::1",
            "[fd00::1",
            "[nonsense]",
            "a\r\nb",
            "http://a",
            "caf\u{e9}",
            "a:+80",
        ] {
            let said = wrong.parse::<HostName>().unwrap_err();
            assert!(said.contains("write it as"), "{wrong:?}: {said}");
        }
    }
}
