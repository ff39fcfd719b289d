//! Failed log-ins: growing delays by user and address.
//!
//! A pair of user and address has 3 attempts, an address 20, a user 50; each further failure locks for twice the time
//! of the one before, from 1 s to 5 min. An attempt within that time is refused unseen. Failures are forgotten 15 min
//! after the last one, those of a pair with a log-in that succeeds.
//!
//! Never: reads a clock, or knows a password.

use core::net::IpAddr;
use std::collections::HashMap;
use std::time::Duration;

/// Attempts that cost nothing.
const FREE_BY_PAIR: u32 = 3;
const FREE_BY_ADDRESS: u32 = 20;
const FREE_BY_USER: u32 = 50;
/// The longest lock.
const LOCK_MAX: Duration = Duration::from_secs(300);
/// Time after which failures are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(900);
/// Bound of what is remembered.
const ENTRIES_MAX: usize = 16_384;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, IpAddr),
    Address(IpAddr),
    User(String),
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Duration,
    locked_until: Duration,
}

/// Failed log-ins. Moments are lengths since any start.
#[derive(Debug, Default)]
pub struct LoginThrottle {
    failures: HashMap<Key, Failures>,
}

fn keys(user: &str, address: IpAddr) -> [(Key, u32); 3] {
    [
        (Key::Pair(user.to_ascii_lowercase(), address), FREE_BY_PAIR),
        (Key::Address(address), FREE_BY_ADDRESS),
        (Key::User(user.to_ascii_lowercase()), FREE_BY_USER),
    ]
}

impl LoginThrottle {
    /// Returns true if an attempt is refused unseen.
    pub fn is_locked(&self, now: Duration, user: &str, address: IpAddr) -> bool {
        keys(user, address).iter().any(|(key, _)| self.failures.get(key).is_some_and(|known| now < known.locked_until))
    }

    /// An attempt has failed. Returns the time for which further ones are refused.
    pub fn failed(&mut self, now: Duration, user: &str, address: IpAddr) -> Duration {
        self.forget(now);
        let mut longest = Duration::ZERO;
        for (key, free) in keys(user, address) {
            let known = self.failures.entry(key).or_insert(Failures { count: 0, last: now, locked_until: now });
            known.count = known.count.saturating_add(1);
            known.last = now;
            if let Some(beyond) = known.count.checked_sub(free) {
                let lock = Duration::from_secs(1 << beyond.min(16)).min(LOCK_MAX);
                known.locked_until = now + lock;
                longest = longest.max(lock);
            }
        }
        longest
    }

    /// An attempt has succeeded.
    pub fn succeeded(&mut self, user: &str, address: IpAddr) {
        self.failures.remove(&Key::Pair(user.to_ascii_lowercase(), address));
    }

    /// Forgets what is old; where there is still too much, what is oldest.
    fn forget(&mut self, now: Duration) {
        if self.failures.len() < ENTRIES_MAX {
            return;
        }
        self.failures.retain(|_, known| now.saturating_sub(known.last) < FORGOTTEN_AFTER);
        if self.failures.len() >= ENTRIES_MAX {
            let mut ages: Vec<Duration> = self.failures.values().map(|known| known.last).collect();
            let (_, median, _) = ages.select_nth_unstable(ENTRIES_MAX / 2);
            let median = *median;
            self.failures.retain(|_, known| known.last > median);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 1));
    const AWAY: IpAddr = IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, 2));

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn each_failure_beyond_the_third_locks_twice_as_long_as_the_one_before() {
        let mut guard = LoginThrottle::default();
        assert_eq!([0; 2].map(|_| guard.failed(secs(0), "agent1", HOME)), [Duration::ZERO; 2]);
        assert_eq!([0; 4].map(|_| guard.failed(secs(0), "agent1", HOME)), [secs(1), secs(2), secs(4), secs(8)]);
        assert!(guard.is_locked(secs(7), "AGENT1", HOME) && !guard.is_locked(secs(8), "agent1", HOME));
        assert!(!guard.is_locked(secs(7), "agent1", AWAY) && !guard.is_locked(secs(7), "agent2", HOME));
        (0..40).for_each(|_| assert!(guard.failed(secs(0), "agent1", HOME) <= LOCK_MAX));
    }

    #[test]
    fn an_address_that_tries_many_users_is_locked_and_a_success_frees_the_pair() {
        let mut guard = LoginThrottle::default();
        (0..FREE_BY_ADDRESS).for_each(|user| {
            guard.failed(secs(0), &format!("agent{user}"), HOME);
        });
        assert!(guard.is_locked(secs(0), "another", HOME) && !guard.is_locked(secs(0), "another", AWAY));
        let mut guard = LoginThrottle::default();
        (0..3).for_each(|_| {
            guard.failed(secs(0), "agent1", HOME);
        });
        guard.succeeded("agent1", HOME);
        assert!(!guard.is_locked(secs(0), "agent1", HOME));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut guard = LoginThrottle::default();
        for user in 0..3 * ENTRIES_MAX as u64 {
            guard.failed(Duration::from_millis(user), &format!("user{user}"), HOME);
        }
        assert!(guard.failures.len() <= ENTRIES_MAX + 3);
    }
}
