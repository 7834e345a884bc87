//! The names under which the register answers. A request for another name is not for us, or was
//! brought here by a name that somebody else controls (DNS rebinding; OWASP ASVS 5.0 4.1.3, 13.4).

use std::net::SocketAddr;

use actix_web::dev::RequestHead;
use actix_web::http::header::HOST;

use crate::config::HostName;

const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The names that are answered.
#[derive(Debug, Clone)]
pub struct Hosts {
    names: Vec<HostName>,
    loopback: bool,
}

impl Hosts {
    /// The host of the register's own address, the names of this machine when only it is listened to,
    /// and what the deployment adds.
    pub fn new(base_url: &str, listening: SocketAddr, more: &[HostName]) -> Self {
        let own = url::Url::parse(base_url).ok().and_then(|url| {
            let name = url.host_str()?.to_ascii_lowercase();
            Some(HostName { name, port: url.port_or_known_default() })
        });
        Self { names: own.into_iter().chain(more.iter().cloned()).collect(), loopback: listening.ip().is_loopback() }
    }

    /// Whether a request names a host that is ours: in its `Host`, and in its target where that is a
    /// whole address (RFC 9112 section 3.2.2). A request without a host names none.
    pub fn admit(&self, head: &RequestHead) -> bool {
        let host = head.headers().get(HOST).and_then(|value| value.to_str().ok());
        let target = head.uri.authority().map(|authority| authority.as_str());
        host.is_some_and(|host| self.knows(host)) && target.is_none_or(|target| self.knows(target))
    }

    fn knows(&self, text: &str) -> bool {
        let Ok(asked) = text.parse::<HostName>() else { return false };
        let here = self.loopback && LOOPBACK.contains(&asked.name.as_str());
        here || self.names.iter().any(|known| {
            known.name == asked.name
                && match (known.port, asked.port) {
                    (None, _) => true,
                    (Some(known), Some(asked)) => known == asked,
                    (Some(known), None) => known == 443 || known == 80,
                }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(base_url: &str, listening: &str) -> Hosts {
        let more = ["muster.internal".parse().unwrap(), "other.example:8443".parse().unwrap()];
        Hosts::new(base_url, listening.parse().unwrap(), &more)
    }

    #[test]
    fn only_the_registers_own_names_are_known() {
        let hosts = hosts("https://muster.hospital.example", "10.0.0.5:8080");
        for ours in [
            "muster.hospital.example",
            "MUSTER.hospital.example",
            "muster.hospital.example:443",
            "muster.internal",
            "muster.internal:9000",
            "other.example:8443",
        ] {
            assert!(hosts.knows(ours), "{ours}");
        }
        for other in [
            "",
            "evil.example",
            "muster.hospital.example:8080",
            "muster.hospital.example.evil.example",
            "muster.hospital.example.",
            "x@muster.hospital.example",
            "evil.example@muster.hospital.example",
            "muster.hospital.example, evil.example",
            "other.example",
            "localhost",
            "127.0.0.1",
            "10.0.0.5:8080",
        ] {
            assert!(!hosts.knows(other), "{other:?}");
        }
    }

    #[test]
    fn names_of_this_machine_are_known_when_only_it_is_listened_to() {
        let hosts = hosts("http://127.0.0.1:8080", "127.0.0.1:8080");
        for ours in ["localhost:8080", "localhost:9000", "127.0.0.1:8080", "[::1]:8080", "localhost"] {
            assert!(hosts.knows(ours), "{ours}");
        }
        assert!(!hosts.knows("localhost.evil.example:8080") && !hosts.knows("127.0.0.1.evil.example"));
    }
}
