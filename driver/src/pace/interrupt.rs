//! Pace by the interrupts of cards. In builds that open cards.
//!
//! Never: takes the time from an interrupt; it only wakes.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::timerfd::{TimerFd, TimerFlags, TimerSetTimeFlags};

use super::{PERIOD, Pace, again_after, read_count, started_timer};
use crate::pci::attach::Interrupt;

/// Delay of the timer between interrupts after an interrupt: three words. Two of them may not be whole when the card
/// says where it is, and one is for waking up.
const AFTER_INTERRUPT: Duration = Duration::from_micros(375);

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

#[cfg(test)]
mod tests {
    use super::*;

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
