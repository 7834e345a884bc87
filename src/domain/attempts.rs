//! How often somebody may try to prove who they are.
//!
//! OWASP ASVS 5.0 6.1.1 and 6.3.1: guessing is slowed down, by account and by network address, and an
//! account is never locked for good: at the most somebody waits a quarter of an hour.

use core::net::{IpAddr, Ipv6Addr};

use super::ids::Moment;

/// How attempts at one thing are limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// After some free attempts, each one more doubles the wait, up to a longest.
    Growing { free: usize, first_seconds: i64, longest_seconds: i64, remembered_seconds: i64 },
    /// So many attempts within so many seconds.
    Within { most: usize, seconds: i64 },
}

/// The limits of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimits {
    /// For one account, one person\u{2019}s codes, one token.
    pub account: Limit,
    /// For one network address.
    pub network: Limit,
}

impl Default for AttemptLimits {
    /// Five at an account, then half a minute, a minute, two and so on up to fifteen; sixty from a network
    /// address in a quarter of an hour.
    fn default() -> Self {
        Self {
            account: Limit::Growing {
                free: 5,
                first_seconds: 30,
                longest_seconds: 15 * 60,
                remembered_seconds: REMEMBERED_SECONDS,
            },
            network: Limit::Within { most: 60, seconds: 15 * 60 },
        }
    }
}

/// After this long an attempt is forgotten, and its row may go.
pub const REMEMBERED_SECONDS: i64 = 24 * 3600;

impl Limit {
    /// For how long attempts count.
    pub fn looks_back_seconds(&self) -> i64 {
        match self {
            Self::Growing { remembered_seconds, .. } => *remembered_seconds,
            Self::Within { seconds, .. } => *seconds,
        }
    }

    /// How many of the latest attempts must be known to decide.
    pub fn looks_at(&self) -> usize {
        match self {
            // Sixteen doublings of a second are eighteen hours: beyond that every wait is the longest.
            Self::Growing { free, .. } => free.saturating_add(16),
            Self::Within { most, .. } => *most,
        }
    }

    /// When the next attempt may be made; `None` when it may be made at once. `latest` are the attempts that
    /// count, the newest first.
    pub fn ready_at(&self, latest: &[Moment]) -> Option<Moment> {
        match self {
            Self::Growing { free, first_seconds, longest_seconds, .. } => {
                let beyond = latest.len().checked_sub(*free)?;
                let doubled = u32::try_from(beyond).ok().and_then(|beyond| 2_i64.checked_pow(beyond));
                let wait = doubled.and_then(|times| first_seconds.checked_mul(times)).unwrap_or(*longest_seconds);
                latest.first().map(|last| last.plus_seconds(wait.min(*longest_seconds)))
            }
            Self::Within { most, seconds } => {
                latest.get(most.checked_sub(1)?).map(|oldest| oldest.plus_seconds(*seconds))
            }
        }
    }
}

/// The network that an address belongs to, as it is counted: an IPv4 address alone, an IPv6 address with the
/// 2^64 others that one subscriber has. `None` for what is no address.
pub fn network_of(address: &str) -> Option<String> {
    match address.parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(address) => Some(address.to_string()),
        IpAddr::V6(address) => {
            let network = Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX));
            Some(format!("{network}/64"))
        }
    }
}

/// A wait in words: \u{201c}30 seconds\u{201d}, \u{201c}1 minute\u{201d}, \u{201c}15 minutes\u{201d}; rounded up.
pub fn wait_words(seconds: i64) -> String {
    let seconds = seconds.max(1);
    let (count, one, many) =
        if seconds < 60 { (seconds, "second", "seconds") } else { ((seconds + 59) / 60, "minute", "minutes") };
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::parse("2026-05-01T08:00:00Z").unwrap().plus_seconds(seconds)
    }

    /// Attempts one second apart, the newest first.
    fn attempts(count: i64) -> Vec<Moment> {
        (0..count).rev().map(at).collect()
    }

    #[test]
    fn five_attempts_are_free_and_then_the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let limit = AttemptLimits::default().account;
        for count in 0..5 {
            assert_eq!(limit.ready_at(&attempts(count)), None, "{count}");
        }
        for (count, wait) in [(5, 30), (6, 60), (7, 120), (8, 240), (9, 480), (10, 900), (11, 900), (40, 900)] {
            assert_eq!(limit.ready_at(&attempts(count)), Some(at(count - 1 + wait)), "{count}");
        }
    }

    #[test]
    fn sixty_attempts_from_one_network_fill_a_quarter_of_an_hour() {
        let limit = AttemptLimits::default().network;
        assert_eq!(limit.ready_at(&attempts(59)), None);
        assert_eq!(limit.ready_at(&attempts(60)), Some(at(900)), "the first leaves the window");
    }

    #[test]
    fn a_subscriber_s_ipv6_addresses_are_one() {
        assert_eq!(network_of("2001:db8:1:2:3:4:5:6").unwrap(), "2001:db8:1:2::/64");
        assert_eq!(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:2:ffff::"));
        assert_ne!(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
        assert_eq!(network_of("::ffff:192.0.2.7").unwrap(), "192.0.2.7");
        assert_eq!((network_of(""), network_of("proxy")), (None, None));
    }

    #[test]
    fn a_wait_is_told_in_words() {
        for (seconds, words) in
            [(0, "1 second"), (30, "30 seconds"), (60, "1 minute"), (61, "2 minutes"), (900, "15 minutes")]
        {
            assert_eq!(wait_words(seconds), words);
        }
    }
}
