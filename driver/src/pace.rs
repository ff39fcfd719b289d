//! What wakes the media thread: a timer, a card's interrupt, or whoever steps a simulation.
//!
//! A pace says how many milliseconds passed since it was last asked, by its own count: no clock is read. While a card runs
//! its samples are the clock and the pace only says when to look; without a card the pace's count is the time.
//!
//! Never: knows what is done in a tick.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use nix::unistd::read;

use crate::pci::attach::Interrupt;

/// What wakes the media thread.
pub trait Pace {
    /// Waits for the next moment to look at the cards. Returns the milliseconds that passed since the last time, by the
    /// pace's own count; 0 if it woke early. This is the one place where the media thread waits.
    fn wait(&mut self) -> u64;
}

/// The period of the timers: one tick.
const PERIOD: Duration = Duration::from_millis(1);

/// How much later than its time an interrupt may come before the cards are looked at all the same, in milliseconds.
const INTERRUPT_LATE_MS: u16 = 1;

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

/// Wakes at the interrupts of cards. When none comes in time it wakes every millisecond like a timer, until one comes again:
/// a lost interrupt costs a late tick, and cards that are being brought up, and do not interrupt yet, are served as usual.
#[derive(Debug)]
pub struct InterruptPace {
    lines: Vec<Interrupt>,
    epoll: Epoll,
    timer: TimerFd,
    /// Milliseconds to wait for an interrupt that is expected.
    patience_ms: u16,
    /// The last wake-up was by an interrupt.
    expecting: bool,
}

impl InterruptPace {
    /// Waits on `lines`, the longest period of which is `period_ms` milliseconds.
    pub fn new(lines: Vec<Interrupt>, period_ms: u16) -> io::Result<InterruptPace> {
        let timer = started_timer(TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK)?;
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        for (index, line) in lines.iter().enumerate() {
            epoll.add(line.descriptor(), EpollEvent::new(EpollFlags::EPOLLIN, index as u64))?;
        }
        let patience_ms = period_ms.saturating_add(INTERRUPT_LATE_MS);
        Ok(InterruptPace { lines, epoll, timer, patience_ms, expecting: false })
    }
}

impl Pace for InterruptPace {
    fn wait(&mut self) -> u64 {
        let timeout = EpollTimeout::from(if self.expecting { self.patience_ms } else { 1 });
        let mut events = [EpollEvent::empty(); 8];
        match self.epoll.wait(&mut events, timeout) {
            Ok(count) => {
                self.expecting = false;
                for event in &events[..count] {
                    // What it counted does not matter: the card's position says how far it is.
                    self.expecting |= self.lines.get(event.data() as usize).is_some_and(Interrupt::look);
                }
            }
            Err(Errno::EINTR) => {}
            // Waiting that fails does not happen; should it, the engine goes on at about the right speed.
            Err(_) => std::thread::sleep(PERIOD),
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

    #[test]
    fn a_timer_counts_what_was_slept_through() {
        let mut pace = TimerPace::new().unwrap();
        assert!(pace.wait() >= 1);
        std::thread::sleep(Duration::from_millis(12));
        assert!(pace.wait() >= 12);
    }

    fn fire(line: &Interrupt) {
        nix::unistd::write(line.descriptor(), &1u64.to_ne_bytes()).unwrap();
    }

    #[test]
    fn the_interrupt_of_any_card_wakes_and_is_taken_note_of() {
        let lines = [Interrupt::new().unwrap(), Interrupt::new().unwrap()];
        // So long that only an interrupt can be what woke.
        let mut pace = InterruptPace::new(lines.to_vec(), u16::MAX).unwrap();
        fire(&lines[0]);
        pace.wait();
        fire(&lines[1]);
        pace.wait();
        fire(&lines[0]);
        pace.wait();
        assert!(lines.iter().all(Interrupt::take));
        assert!(!lines.iter().any(Interrupt::take));
    }

    #[test]
    fn without_interrupts_it_wakes_all_the_same() {
        let line = Interrupt::new().unwrap();
        let mut pace = InterruptPace::new(vec![line.clone()], 4).unwrap();
        fire(&line);
        let passed: u64 = (0..20).map(|_| pace.wait()).sum();
        assert!(passed >= 4 + 18, "one wait for the interrupt that is expected, then every millisecond: {passed}");
        assert!(line.take() && !line.take());
    }
}
