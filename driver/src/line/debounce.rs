//! "Steady for n milliseconds": a level that counts only after it has not changed for a while.
//!
//! Time comes with each observation, so it does not matter how often a port is looked at: the TDM400P looks at each of
//! its modules every 4 to 16 ms. A change is dated back to the moment at which it was first seen.

use crate::time::{Tick, Ticks};

/// A level with its own waiting time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Debounce<T> {
    settled: T,
    /// A level that differs from the settled one, and since when it has been seen without a break.
    pending: Option<(T, Tick)>,
}

/// A level that has settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settled<T> {
    /// The level.
    pub level: T,
    /// Tick at which it was first seen.
    pub since: Tick,
}

impl<T: Copy + PartialEq> Debounce<T> {
    /// Begins settled at `level`.
    pub(crate) const fn new(level: T) -> Debounce<T> {
        Debounce { settled: level, pending: None }
    }

    /// The level that counts.
    pub(crate) fn level(&self) -> T {
        self.settled
    }

    /// Takes an observation. Tells if by it another level has been steady for `steady` and now counts.
    pub(crate) fn observe(&mut self, now: Tick, level: T, steady: Ticks) -> Option<Settled<T>> {
        if level == self.settled {
            self.pending = None;
            return None;
        }
        let since = match self.pending {
            Some((pending, since)) if pending == level => since,
            Some(_) | None => now,
        };
        if now.since(since) >= steady {
            self.settled = level;
            self.pending = None;
            return Some(Settled { level, since });
        }
        self.pending = Some((level, since));
        None
    }

    /// Settles at `level` at once.
    pub(crate) fn settle(&mut self, level: T) {
        *self = Debounce::new(level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEADY: Ticks = Ticks::from_ms(40);

    #[test]
    fn a_level_counts_only_after_it_was_steady_for_its_time() {
        let mut hook = Debounce::new(false);
        assert_eq!(hook.observe(Tick(100), true, STEADY), None);
        assert_eq!(hook.observe(Tick(139), true, STEADY), None);
        assert!(!hook.level());
        assert_eq!(hook.observe(Tick(140), true, STEADY), Some(Settled { level: true, since: Tick(100) }));
        assert!(hook.level());
    }

    #[test]
    fn chatter_starts_the_time_again() {
        let mut hook = Debounce::new(false);
        hook.observe(Tick(100), true, STEADY);
        hook.observe(Tick(116), false, STEADY);
        hook.observe(Tick(132), true, STEADY);
        assert_eq!(hook.observe(Tick(148), true, STEADY), None);
        assert_eq!(hook.observe(Tick(172), true, STEADY), Some(Settled { level: true, since: Tick(132) }));
    }

    #[test]
    fn a_third_level_starts_a_time_of_its_own() {
        let mut volts = Debounce::new(48);
        volts.observe(Tick(0), 0, STEADY);
        volts.observe(Tick(30), -48, STEADY);
        assert_eq!(volts.observe(Tick(60), -48, STEADY), None);
        assert_eq!(volts.observe(Tick(70), -48, STEADY), Some(Settled { level: -48, since: Tick(30) }));
    }
}
