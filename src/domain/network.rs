//! Whose request it is by network address, and how far a header about that is believed.

use core::net::{IpAddr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// The address of the client: what limits, sessions and the log know it by.
///
/// `peer` is who holds the connection. `forwarded` are the values of `X-Forwarded-For` in their order.
/// Without a network of proxies none is believed: anybody can write them. With one, each proxy has
/// added whom it spoke with at the right, so the right-most address outside that network is the
/// client, and what stands left of it is the client's own invention.
pub fn client<'a>(peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>, proxies: Option<IpNet>) -> IpAddr {
    let peer = peer.to_canonical();
    let Some(proxies) = proxies.filter(|network| network.contains(&peer)) else { return peer };
    let mut known = peer;
    for entry in forwarded.rev().flat_map(|value| value.rsplit(',')) {
        let Some(address) = address(entry) else { return known };
        known = address;
        if !proxies.contains(&address) {
            return known;
        }
    }
    known
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    text.parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(bracketed)
        .map(|address| address.to_canonical())
}

/// What one household or office counts as: an IPv4 address, or the /64 network of an IPv6 one, in
/// which a single machine has as many addresses as it likes (RFC 4291 section 2.5.4).
pub fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], proxies: Option<&str>) -> String {
        let proxies = proxies.map(|text| text.parse().unwrap());
        client(peer.parse().unwrap(), forwarded.iter().copied(), proxies).to_string()
    }

    #[test]
    fn without_a_proxy_no_header_is_believed() {
        assert_eq!(seen("192.0.2.7", &["203.0.113.9"], None), "192.0.2.7");
        assert_eq!(seen("192.0.2.7", &["203.0.113.9"], Some("10.0.0.0/8")), "192.0.2.7", "a peer that is no proxy");
    }

    #[test]
    fn the_right_most_address_that_is_no_proxy_is_the_client() {
        let net = Some("10.0.0.0/8");
        for (forwarded, client) in [
            (&["203.0.113.9"][..], "203.0.113.9"),
            (&["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            (&["203.0.113.9,10.1.1.1 , 10.2.2.2"], "203.0.113.9"),
            (&["198.51.100.1", "203.0.113.9", "10.1.1.1"], "203.0.113.9"),
            (&["127.0.0.1, 203.0.113.9:51512"], "203.0.113.9"),
            (&["[2001:db8::7]:443"], "2001:db8::7"),
            (&["[2001:db8::7]"], "2001:db8::7"),
            (&["2001:db8::7"], "2001:db8::7"),
            (&["::ffff:203.0.113.9"], "203.0.113.9"),
            (&["10.3.3.3, 10.1.1.1"], "10.3.3.3"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(seen("10.0.0.1", forwarded, net), client, "{forwarded:?}");
            assert_eq!(seen("::ffff:10.0.0.1", forwarded, net), client, "{forwarded:?}");
        }
        assert_eq!(seen("fd00::1", &["2001:db8::7, fd00::2"], Some("fd00::/8")), "2001:db8::7");
    }

    #[test]
    fn what_is_no_address_ends_the_search_at_the_last_proxy() {
        let net = Some("10.0.0.0/8");
        for garbage in ["", "unknown", "_hidden", "203.0.113.9.1", "203.0.113.9\u{0}", "'; DROP", "fe80::1%eth0", "1e9"]
        {
            assert_eq!(seen("10.0.0.1", &[&format!("203.0.113.9, {garbage}")], net), "10.0.0.1", "{garbage:?}");
            assert_eq!(seen("10.0.0.1", &[&format!("203.0.113.9, {garbage}, 10.5.5.5")], net), "10.5.5.5");
        }
    }

    #[test]
    fn a_thousand_entries_change_nothing() {
        let spoofed = vec!["198.51.100.1"; 1_000].join(", ");
        assert_eq!(seen("10.0.0.1", &[&format!("{spoofed}, 203.0.113.9")], Some("10.0.0.0/8")), "203.0.113.9");
        let proxies = vec!["10.9.9.9"; 1_000].join(",");
        assert_eq!(seen("10.0.0.1", &[&format!("203.0.113.9, {proxies}")], Some("10.0.0.0/8")), "203.0.113.9");
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let counted = |text: &str| counted_as(text.parse().unwrap()).to_string();
        assert_eq!(counted("2001:db8:1:2:aaaa::1"), "2001:db8:1:2::");
        assert_eq!(counted("2001:db8:1:2:bbbb:1:2:3"), "2001:db8:1:2::");
        assert_ne!(counted("2001:db8:1:3::1"), "2001:db8:1:2::");
        assert_eq!(counted("::ffff:203.0.113.9"), "203.0.113.9");
    }
}
