//! The three clocks of a simulated card: how many milliseconds it lives, and when.

use std::num::NonZeroU32;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

/// Clock of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// As on the wall. A card that comes late makes the missed milliseconds up at twice the speed: a burst of them
    /// would run over a driver's ring that no real card could run over.
    Wall,
    /// Slower than the wall clock by this factor.
    Slowed(NonZeroU32),
    /// The next millisecond comes when the driver has taken the last, and never sooner than on the wall: what a guest
    /// under emulation needs, whose own time is not real. No sound is lost, however slow the driver is. After a short
    /// stall ([`DEBT_MAX_MS`]) the milliseconds missed follow as quickly as the driver takes them.
    Driven,
}

/// The most milliseconds made up for after a long absence (a stopped process); more are left out, and counted.
pub const CATCH_UP_MAX_MS: u64 = 1_000;
/// Milliseconds run at a time while the card catches up.
const CATCH_UP_STEPS: u64 = 2;
/// Wall time that the driven clock waits for a driver before it goes on without it, in milliseconds.
pub const PATIENCE_MS: u64 = 5_000;

/// The most milliseconds that the driven clock makes up for.
pub const DEBT_MAX_MS: u64 = 50;

/// A clock that runs.
pub(super) struct Ticker {
    timer: TimerFd,
    clock: Clock,
    /// Milliseconds that have gone by and were not lived yet.
    owed_ms: u64,
    /// Milliseconds on the wall since the driven clock stepped last.
    waited_ms: u64,
}

/// Result of reading the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Due {
    /// Milliseconds that are due now.
    pub steps: u64,
    /// Milliseconds that were left out, since the card was stopped for too long.
    pub skipped: u64,
    /// The driven clock has lost patience with the driver.
    pub impatient: bool,
}

impl Ticker {
    /// Starts a clock.
    pub(super) fn new(clock: Clock) -> nix::Result<Ticker> {
        let factor = match clock {
            Clock::Wall | Clock::Driven => 1,
            Clock::Slowed(factor) => factor.get(),
        };
        let interval = TimeSpec::from_duration(Duration::from_millis(1) * factor);
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC)?;
        timer.set(Expiration::Interval(interval), TimerSetTimeFlags::empty())?;
        Ok(Ticker { timer, clock, owed_ms: 0, waited_ms: 0 })
    }

    /// File descriptor that becomes readable when time is due.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.timer.as_fd()
    }

    /// Takes the time that has gone by, once the descriptor is readable.
    pub(super) fn tick(&mut self, taken: bool) -> nix::Result<Due> {
        let mut expirations = [0; 8];
        let gone = match nix::unistd::read(self.timer.as_fd(), &mut expirations) {
            Ok(_) => u64::from_ne_bytes(expirations),
            Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::EINTR) => 0,
            Err(error) => return Err(error),
        };
        Ok(self.pass(gone, taken))
    }

    /// Says how many milliseconds to live after `gone` of the clock's, where `taken` says whether the driver has taken
    /// the last.
    fn pass(&mut self, gone: u64, taken: bool) -> Due {
        match self.clock {
            Clock::Wall | Clock::Slowed(_) => {
                let owed = self.owed_ms + gone;
                let skipped = owed.saturating_sub(CATCH_UP_MAX_MS);
                let steps = (owed - skipped).min(CATCH_UP_STEPS);
                self.owed_ms = owed - skipped - steps;
                Due { steps, skipped, impatient: false }
            }
            Clock::Driven => {
                self.owed_ms = (self.owed_ms + gone).min(DEBT_MAX_MS);
                self.waited_ms += gone;
                let impatient = !taken && self.waited_ms >= PATIENCE_MS;
                let steps = u64::from(self.owed_ms > 0 && (taken || impatient));
                self.stepped(steps);
                Due { steps, skipped: 0, impatient }
            }
        }
    }

    /// After the driver did something: whether the driven clock has been waiting for just that.
    pub(super) fn taken(&mut self, taken: bool) -> bool {
        let steps = taken && self.clock == Clock::Driven && self.owed_ms > 0;
        self.stepped(u64::from(steps));
        steps
    }

    fn stepped(&mut self, steps: u64) {
        if steps > 0 {
            self.owed_ms -= steps;
            self.waited_ms = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_makes_up_at_twice_the_speed_and_leaves_out_nothing_until_its_bound() {
        let mut ticker = Ticker::new(Clock::Wall).unwrap();
        assert_eq!(ticker.pass(1, false), Due { steps: 1, ..Due::default() });
        let lived: u64 = (0..37).map(|ms| ticker.pass(if ms == 0 { 37 } else { 1 }, true).steps).sum();
        assert_eq!(lived, 37 + 36, "all that was missed, while 36 more went by");
        assert_eq!(ticker.pass(1, true).steps, 1);
        assert_eq!(ticker.pass(1_500, true), Due { steps: 2, skipped: 500, impatient: false });
    }

    #[test]
    fn the_driven_clock_waits_for_the_driver_and_is_never_faster_than_the_wall() {
        let mut ticker = Ticker::new(Clock::Driven).unwrap();
        assert!(!ticker.taken(true), "no millisecond has gone by yet");
        assert_eq!(ticker.pass(1, false).steps, 0);
        assert_eq!(ticker.pass(1, false).steps, 0);
        assert!(!ticker.taken(false));
        assert!(ticker.taken(true));
        assert!(ticker.taken(true), "the second of two missed milliseconds");
        assert!(!ticker.taken(true));
        assert_eq!(ticker.pass(1, true).steps, 1);
        assert!(!ticker.taken(true));
    }

    #[test]
    fn the_driven_clock_makes_up_for_a_short_stall_only() {
        let mut ticker = Ticker::new(Clock::Driven).unwrap();
        assert_eq!(ticker.pass(1_000, true).steps, 1);
        let made_up = (0..1_000).filter(|_| ticker.taken(true)).count();
        assert_eq!(made_up as u64, DEBT_MAX_MS - 1);
    }

    #[test]
    fn the_driven_clock_loses_patience() {
        let mut ticker = Ticker::new(Clock::Driven).unwrap();
        assert_eq!(ticker.pass(PATIENCE_MS - 1, false), Due::default());
        assert_eq!(ticker.pass(1, false), Due { steps: 1, skipped: 0, impatient: true });
        assert_eq!(ticker.pass(1, false), Due::default());
    }
}
