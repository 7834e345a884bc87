//! Who is answered: anybody, or only the proxy in front; and whose request it is.

use std::net::IpAddr;

use actix_web::http::header::{HeaderMap, X_FORWARDED_FOR};
use ipnet::IpNet;

use crate::domain::network;

/// The network that requests come from; `None` answers everybody who reaches the address.
#[derive(Debug, Clone, Copy)]
pub struct Peers(pub Option<IpNet>);

impl Peers {
    /// Whether a request from that address is answered. On an address of both families IPv4 comes as
    /// `::ffff:10.0.0.1` (RFC 4291 section 2.5.5.2), which is 10.0.0.1.
    pub fn admits(self, peer: Option<IpAddr>) -> bool {
        match self.0 {
            None => true,
            Some(network) => peer.is_some_and(|peer| network.contains(&peer.to_canonical())),
        }
    }

    /// The address of the client. No other forwarded header is believed: what the register is called
    /// and that it is reached over TLS is the deployment's word, not a proxy's.
    pub fn client(self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        // A value that is no text names nobody, and so ends the search.
        let values: Vec<&str> =
            headers.get_all(X_FORWARDED_FOR).map(|value| value.to_str().unwrap_or_default()).collect();
        network::client(peer, values.into_iter(), self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_network_is_answered_in_either_spelling() {
        let peers = Peers(Some("10.0.0.0/8".parse().unwrap()));
        let admits = |text: &str| peers.admits(Some(text.parse().unwrap()));
        assert!(admits("10.255.0.1") && admits("::ffff:10.0.0.1"));
        assert!(!admits("11.0.0.1") && !admits("127.0.0.1") && !admits("::1"));
        assert!(!peers.admits(None) && Peers(None).admits(None));
    }
}
