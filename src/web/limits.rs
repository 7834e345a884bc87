//! Who asks too often: counted in memory, for each network address, account and token.
//!
//! Attempts to sign in are counted in the database besides, since a replica more must not give a
//! guesser more guesses; what is counted here only keeps one caller from taking the server for itself.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use actix_web::http::Method;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::domain::ids::Id;
use crate::domain::network::counted_as;
use crate::domain::rates::{Allowance, Cost, Counted, Rates};

/// Callers are swept out after so many requests; at most twice as many are ever kept.
const SWEPT_AFTER: usize = 32_768;

/// Whose allowance a request takes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caller {
    Address(IpAddr),
    Account(Id),
    Token(Id),
}

/// The allowances of everybody who called lately.
pub struct Limits<C: Clock = DefaultClock> {
    addresses: Costs<C>,
    known: Costs<C>,
}

struct Costs<C: Clock> {
    pages: Store<C>,
    changes: Store<C>,
    exports: Store<C>,
}

impl Limits {
    /// With the allowances of a deployment.
    pub fn new(rates: Rates) -> Self {
        Self::with_clock(rates, &DefaultClock::default())
    }
}

impl<C: Clock + Clone> Limits<C> {
    fn with_clock(rates: Rates, clock: &C) -> Self {
        let costs = |counted| {
            let store = |cost| Store::new(rates.allowance(counted, cost), clock.clone());
            Costs { pages: store(Cost::Page), changes: store(Cost::Change), exports: store(Cost::Export) }
        };
        Self { addresses: costs(Counted::Address), known: costs(Counted::Known) }
    }

    /// Takes one request from an allowance.
    ///
    /// # Errors
    /// The seconds after which the next is answered.
    pub fn take(&self, caller: Caller, cost: Cost) -> Result<(), i64> {
        let (costs, caller) = match caller {
            Caller::Address(address) => (&self.addresses, Caller::Address(counted_as(address))),
            known => (&self.known, known),
        };
        let store = match cost {
            Cost::Page => &costs.pages,
            Cost::Change => &costs.changes,
            Cost::Export => &costs.exports,
        };
        store.take(&caller).map_err(whole_seconds)
    }
}

/// The time to wait in whole seconds, rounded up.
fn whole_seconds(wait: Duration) -> i64 {
    i64::try_from(wait.as_secs()).unwrap_or(i64::MAX).saturating_add(i64::from(wait.subsec_nanos() > 0))
}

/// What a request costs.
pub fn cost(method: &Method, path: &str) -> Cost {
    if !method.is_safe() {
        Cost::Change
    } else if path.ends_with(".csv") || path.ends_with(".jsonl") {
        Cost::Export
    } else {
        Cost::Page
    }
}

type Cells<C> = RateLimiter<Caller, DashMapStateStore<Caller>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The cells of one allowance. Those that are full again are swept out; when too many are left, as
/// when somebody calls from a million addresses, all begin anew: the number is bounded either way.
struct Store<C: Clock> {
    quota: Quota,
    clock: C,
    cells: RwLock<Cells<C>>,
    taken: AtomicUsize,
}

impl<C: Clock + Clone> Store<C> {
    fn new(allowance: Allowance, clock: C) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(at_least_one(allowance.per_minute)).allow_burst(at_least_one(allowance.at_once));
        let cells = RwLock::new(cells(quota, clock.clone()));
        Self { quota, clock, cells, taken: AtomicUsize::new(0) }
    }

    fn take(&self, caller: &Caller) -> Result<(), Duration> {
        if self.taken.fetch_add(1, Ordering::Relaxed) + 1 >= SWEPT_AFTER {
            self.sweep();
        }
        let cells = self.cells.read().unwrap_or_else(PoisonError::into_inner);
        cells.check_key(caller).map_err(|until| until.wait_time_from(self.clock.now()))
    }

    fn sweep(&self) {
        let mut kept = self.cells.write().unwrap_or_else(PoisonError::into_inner);
        self.taken.store(0, Ordering::Relaxed);
        kept.retain_recent();
        if kept.len() > SWEPT_AFTER {
            tracing::warn!(callers = kept.len(), "too many callers to count; all allowances begin anew");
            *kept = cells(self.quota, self.clock.clone());
        }
        kept.shrink_to_fit();
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.cells.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

fn cells<C: Clock>(quota: Quota, clock: C) -> Cells<C> {
    RateLimiter::new(quota, DashMapStateStore::default(), clock)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn limits() -> (Limits<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Limits::with_clock(Rates::new(60).unwrap(), &clock), clock)
    }

    #[test]
    fn whoever_asks_too_often_waits_as_long_as_was_said() {
        let (limits, clock) = limits();
        let account = Caller::Account(Id::new());
        for _ in 0..10 {
            assert_eq!(limits.take(account, Cost::Page), Ok(()));
        }
        assert_eq!(limits.take(account, Cost::Page), Err(1));
        clock.advance(Duration::from_millis(999));
        assert_eq!(limits.take(account, Cost::Page), Err(1));
        clock.advance(Duration::from_millis(1));
        assert_eq!(limits.take(account, Cost::Page), Ok(()));
        assert_eq!(limits.take(account, Cost::Export), Ok(()));
        assert_eq!(limits.take(account, Cost::Export), Err(20), "a file costs more than a page");
    }

    #[test]
    fn one_caller_takes_nothing_from_another() {
        let (limits, _) = limits();
        let id = Id::new();
        let network = |last: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, last));
        for number in 0..10 {
            assert_eq!(limits.take(Caller::Address(network(number)), Cost::Page), Ok(()));
        }
        assert!(limits.take(Caller::Address(network(99)), Cost::Page).is_err(), "a /64 network is one caller");
        assert_eq!(limits.take(Caller::Address("203.0.113.9".parse().unwrap()), Cost::Page), Ok(()));
        assert_eq!(limits.take(Caller::Account(id), Cost::Page), Ok(()));
        assert_eq!(limits.take(Caller::Token(id), Cost::Page), Ok(()));
        assert_eq!(limits.take(Caller::Address(network(99)), Cost::Change), Ok(()), "each cost has its own allowance");
    }

    #[test]
    fn a_million_addresses_do_not_fill_the_memory() {
        let (limits, clock) = limits();
        let mut most = 0;
        for number in 0..1_000_000_u32 {
            let _ = limits.take(Caller::Address(IpAddr::from(number.to_be_bytes())), Cost::Page);
            if number % 1_000 == 0 {
                most = most.max(limits.addresses.pages.len());
            }
        }
        assert!(most <= 2 * SWEPT_AFTER, "{most} callers were kept");
        // Those whose allowance is whole again go first, and nobody else loses what was counted.
        clock.advance(Duration::from_secs(60));
        let busy = Caller::Address("203.0.113.9".parse().unwrap());
        for _ in 0..10 {
            let _ = limits.take(busy, Cost::Page);
        }
        limits.addresses.pages.sweep();
        assert_eq!(limits.addresses.pages.len(), 1);
        assert!(limits.take(busy, Cost::Page).is_err());
    }

    #[test]
    fn a_file_and_a_form_cost_more_than_a_page() {
        assert_eq!(cost(&Method::GET, "/identities"), Cost::Page);
        assert_eq!(cost(&Method::HEAD, "/identities.csv"), Cost::Export);
        assert_eq!(cost(&Method::GET, "/audit.jsonl"), Cost::Export);
        assert_eq!(cost(&Method::POST, "/identities.csv"), Cost::Change);
    }
}
