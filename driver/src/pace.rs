//! What wakes the media thread: a timer, a card's interrupt, or whoever steps a simulation.
//!
//! A pace says how many milliseconds passed since it was last asked, by its own count: no clock is read. While a card runs
//! its samples are the clock and the pace only says when to look; without a card the pace's count is the time.
//!
//! Never: knows what is done in a tick.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use nix::unistd::read;

/// What wakes the media thread.
pub trait Pace {
    /// Waits for the next moment to look at the cards. Returns the milliseconds that passed since the last time, by the
    /// pace's own count; 0 if it woke early. This is the one place where the media thread waits.
    fn wait(&mut self) -> u64;
}

/// The period of the timers: one tick.
const PERIOD: Duration = Duration::from_millis(1);

/// After how long without an interrupt the cards are looked at all the same, in milliseconds.
const INTERRUPT_PATIENCE_MS: u8 = 3;

/// Wakes every millisecond by the kernel's monotonic timer, which counts what was slept through.
#[derive(Debug)]
pub struct TimerPace {
    timer: TimerFd,
}

impl TimerPace {
    /// Starts the timer.
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

/// Wakes at a card's interrupt, or after 3 ms without one, so that a lost interrupt costs no sound.
#[derive(Debug)]
pub struct InterruptPace {
    interrupt: OwnedFd,
    timer: TimerFd,
    missed: u64,
}

impl InterruptPace {
    /// Waits on `interrupt`, a descriptor that becomes readable when the card interrupts (an eventfd, eight octets).
    pub fn new(interrupt: OwnedFd) -> io::Result<InterruptPace> {
        let timer = started_timer(TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK)?;
        Ok(InterruptPace { interrupt, timer, missed: 0 })
    }

    /// How often no interrupt came in time.
    pub fn missed(&self) -> u64 {
        self.missed
    }
}

impl Pace for InterruptPace {
    fn wait(&mut self) -> u64 {
        let mut watched = [PollFd::new(self.interrupt.as_fd(), PollFlags::POLLIN)];
        match poll(&mut watched, PollTimeout::from(INTERRUPT_PATIENCE_MS)) {
            Ok(0) => self.missed += 1,
            Ok(_) => {
                // What it counted does not matter: the card's position says how far it is.
                if read_count(&self.interrupt).is_err() {
                    self.missed += 1;
                    std::thread::sleep(PERIOD);
                }
            }
            Err(_) => {}
        }
        read_count(&self.timer).unwrap_or(0)
    }
}

fn started_timer(flags: TimerFlags) -> io::Result<TimerFd> {
    let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
    timer.set(Expiration::Interval(TimeSpec::from_duration(PERIOD)), TimerSetTimeFlags::empty())?;
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
    use nix::sys::eventfd::EventFd;

    #[test]
    fn a_timer_counts_what_was_slept_through() {
        let mut pace = TimerPace::new().unwrap();
        assert!(pace.wait() >= 1);
        std::thread::sleep(Duration::from_millis(12));
        assert!(pace.wait() >= 12);
    }

    #[test]
    fn an_interrupt_wakes_and_its_absence_is_counted() {
        let event = EventFd::new().unwrap();
        let mut pace = InterruptPace::new(event.as_fd().try_clone_to_owned().unwrap()).unwrap();
        event.write(1).unwrap();
        pace.wait();
        assert_eq!(pace.missed(), 0);
        pace.wait();
        assert_eq!(pace.missed(), 1);
        std::thread::sleep(Duration::from_millis(5));
        event.write(1).unwrap();
        assert!(pace.wait() >= 5);
    }
}
