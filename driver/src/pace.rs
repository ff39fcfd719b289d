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
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use nix::unistd::read;

use crate::pci::attach::Interrupt;

/// Pacing of the media thread.
pub trait Pace {
    /// Waits for the next moment to look at the cards. Returns the milliseconds that passed since the last time, by the
    /// pace's own count; 0 if it woke early. This is the one place where the media thread waits.
    fn wait(&mut self) -> u64;
}

/// The period of the timers: one tick.
const PERIOD: Duration = Duration::from_millis(1);

/// Delay of the timer between interrupts after an interrupt: three words. Two of them may not be whole when the card
/// says where it is, and one is for waking up.
const AFTER_INTERRUPT: Duration = Duration::from_micros(375);

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

/// Wakes at the interrupts of cards, and every millisecond between them.
///
/// A ring of the TDM400P interrupts twice a lap and no more, so a ring that could pace ticks by itself would be a few
/// milliseconds long: too short for a computer that stalls. So the rings are as deep as by position, the interrupts are
/// half a lap apart, and the timer between them *begins anew with each*: the looks keep step with the card's samples, a
/// little after a tick is whole, whatever the computer's crystal does. Should the timer not come, the interrupt does,
/// within half a ring; and should no interrupt come, the timer goes on as if the card were served by position.
#[derive(Debug)]
pub(crate) struct InterruptPace {
    lines: Vec<Interrupt>,
    epoll: Epoll,
    /// Wakes between interrupts.
    between: TimerFd,
    /// Counts the time, whatever woke.
    count: TimerFd,
}

impl InterruptPace {
    /// Waits on `lines`, and every millisecond.
    pub(crate) fn new(lines: Vec<Interrupt>) -> io::Result<InterruptPace> {
        let flags = TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK;
        let (between, count) = (started_timer(flags)?, started_timer(flags)?);
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let descriptors = lines.iter().map(Interrupt::descriptor).chain([between.as_fd()]);
        for (index, descriptor) in descriptors.enumerate() {
            epoll.add(descriptor, EpollEvent::new(EpollFlags::EPOLLIN, index as u64))?;
        }
        Ok(InterruptPace { lines, epoll, between, count })
    }
}

impl Pace for InterruptPace {
    fn wait(&mut self) -> u64 {
        let mut events = [EpollEvent::empty(); 8];
        match self.epoll.wait(&mut events, EpollTimeout::NONE) {
            Ok(count) => {
                let mut fired = false;
                for event in &events[..count] {
                    match self.lines.get(event.data() as usize) {
                        // What it counted does not matter: the card's position says how far it is.
                        Some(line) => fired |= line.look(),
                        None => {
                            let _ = read_count(&self.between);
                        }
                    }
                }
                if fired {
                    // If this fails the timer goes on as it was.
                    let _ = self.between.set(again_after(AFTER_INTERRUPT), TimerSetTimeFlags::empty());
                }
            }
            Err(Errno::EINTR) => {}
            // Waiting that fails does not happen; should it, the engine goes on at about the right speed.
            Err(_) => std::thread::sleep(PERIOD),
        }
        read_count(&self.count).unwrap_or(0)
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

    fn fire(line: &Interrupt) {
        nix::unistd::write(line.descriptor(), &1u64.to_ne_bytes()).unwrap();
    }

    #[test]
    fn the_interrupt_of_any_card_is_taken_note_of_in_the_next_wake_up() {
        let lines = [Interrupt::new().unwrap(), Interrupt::new().unwrap()];
        let mut pace = InterruptPace::new(lines.to_vec()).unwrap();
        for line in [0, 1, 0] {
            fire(&lines[line]);
            pace.wait();
            assert!(lines[line].take());
        }
        assert!(!lines.iter().any(Interrupt::take));
    }

    #[test]
    fn an_interrupt_wakes_when_the_timer_does_not() {
        let line = Interrupt::new().unwrap();
        let mut pace = InterruptPace::new(vec![line.clone()]).unwrap();
        pace.between.unset().unwrap();
        while read_count(&pace.between).is_ok() {}
        fire(&line);
        pace.wait();
        assert!(line.take(), "and the timer is running again:");
        pace.wait();
        assert!(!line.take());
    }

    #[test]
    fn with_interrupts_and_without_time_is_counted_all_the_same() {
        let line = Interrupt::new().unwrap();
        let mut pace = InterruptPace::new(vec![line.clone()]).unwrap();
        let waited: u64 = (0..20).map(|_| pace.wait()).sum();
        assert!(waited >= 18, "every millisecond: {waited}");
        // Interrupts so close that the timer never comes.
        let start = std::time::Instant::now();
        let mut waited = 0;
        while start.elapsed() < Duration::from_millis(20) {
            fire(&line);
            waited += pace.wait();
        }
        assert!(waited >= 18, "{waited}");
    }
}
