//! Timing source of the media thread: a timer, a card's interrupt, or the stepping of a simulation.
//!
//! A pace says how many milliseconds passed since it was last asked, by its own count: no clock is read. While a card
//! runs its samples are the clock and the pace only says when to look; without a card the pace's count is the time.
//!
//! Never: knows what is done in a tick.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use nix::unistd::read;

#[cfg(any(feature = "vfio", feature = "vfio-user", test))]
mod interrupt;

#[cfg(any(feature = "vfio", feature = "vfio-user"))]
pub(crate) use interrupt::InterruptPace;

/// Pacing of the media thread.
pub trait Pace {
    /// Waits for the next moment to look at the cards. Returns the milliseconds that passed since the last time, by the
    /// pace's own count; 0 if it woke early. This is the one place where the media thread waits.
    fn wait(&mut self) -> u64;
}

/// The period of the timers: one tick.
const PERIOD: Duration = Duration::from_millis(1);

/// Wakes every millisecond by the kernel's monotonic timer, which counts what was slept through.
#[derive(Debug)]
pub struct TimerPace {
    timer: TimerFd,
}

impl TimerPace {
    /// Starts the timer.
    ///
    /// # Errors
    /// The system has no memory or no descriptor left.
    pub fn new() -> io::Result<TimerPace> {
        Ok(TimerPace { timer: started_timer(TimerFlags::TFD_CLOEXEC)? })
    }
}

impl Pace for TimerPace {
    fn wait(&mut self) -> u64 {
        loop {
            match read_count(&self.timer) {
                Ok(passed) => return passed,
                Err(Errno::EINTR) => {}
                // A timer that cannot be read does not happen; should it, the engine goes on at about the right speed.
                Err(_) => {
                    std::thread::sleep(PERIOD);
                    return 1;
                }
            }
        }
    }
}

/// Every millisecond, for the first time after so long.
fn again_after(first: Duration) -> Expiration {
    Expiration::IntervalDelayed(TimeSpec::from_duration(first), TimeSpec::from_duration(PERIOD))
}

fn started_timer(flags: TimerFlags) -> io::Result<TimerFd> {
    let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
    timer.set(again_after(PERIOD), TimerSetTimeFlags::empty())?;
    Ok(timer)
}

/// Reads the eight octets of a timer or event descriptor.
fn read_count(from: &impl AsFd) -> Result<u64, Errno> {
    let mut count = [0; 8];
    match read(from.as_fd(), &mut count)? {
        8 => Ok(u64::from_ne_bytes(count)),
        _ => Err(Errno::EIO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_counts_what_was_slept_through() {
        let mut pace = TimerPace::new().unwrap();
        assert!(pace.wait() >= 1);
        std::thread::sleep(Duration::from_millis(12));
        assert!(pace.wait() >= 12);
    }
}
