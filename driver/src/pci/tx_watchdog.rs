//! Transmit watchdog: writes idle octets to the transmit ring of a card that has not been served for 80 ms.
//!
//! A card's transmit ring wraps by itself. A media thread that serves it makes idle what has been played; one
//! that stands still (held up, or waiting where it should not) leaves a few milliseconds of sound in the ring, and the
//! card plays them again in every lap. So each service of a card is a heartbeat, and a thread beside the media thread
//! looks whether they come. Once they have not for 80 ms, longer than anything is written ahead and shorter than
//! a lap, it writes idle.
//!
//! Nothing is locked between the two: a heartbeat is one atomic number, and a word is made idle by compare-and-swap,
//! only as long as no heartbeat comes. Should the media thread come back just then, what it writes stays.
//!
//! Where the whole program stands still (stopped by a signal, a paused machine) the watchdog's thread does too, and old
//! sound has already been played again. Then the watchdog waits for one service of the card, which counts those octets,
//! and writes idle only if no service follows.
//!
//! Never: touches a register, or moves sound.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use parking_lot::Mutex;

use super::dma::DmaBuffer;

/// Period of its checks, in milliseconds.
pub const LOOK_MS: u64 = 10;
/// For how long no heartbeat must have come, in milliseconds: all that was written ahead, at most 64 ms and two ticks,
/// has been played once by then.
pub(crate) const QUIET_MS: u64 = 80;
/// After so long without a heartbeat a card may have begun to play again: the shortest lap is 125 ms, less one look.
const TOO_LATE_MS: u64 = 110;

/// The part of a card's memory that is played, and its silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Played {
    /// The words of the buffer.
    pub words: Range<usize>,
    /// A word of silence.
    pub idle: u32,
}

/// Service state of a card as the watchdog sees it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heartbeat(Arc<Beat>);

#[derive(Debug, Default)]
struct Beat {
    /// Services.
    count: AtomicU64,
    /// Times the card was silenced.
    silenced: AtomicU64,
}

impl Heartbeat {
    /// The card has been served: its position is known, and what was played is idle. Called from the media thread.
    pub(crate) fn beat(&self) {
        // Only the media thread writes it. Release: what it wrote to the ring before is seen by who sees this.
        self.0.count.store(self.0.count.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    /// Times the card was silenced because it was not served.
    pub(crate) fn silenced(&self) -> u64 {
        self.0.silenced.load(Ordering::Relaxed)
    }
}

/// Watches over cards. Handles to one and the same are made by cloning.
#[derive(Clone, Default)]
pub struct TxWatchdog(Arc<Mutex<Vec<Ward>>>);

/// A card that is watched.
struct Ward {
    memory: Weak<DmaBuffer>,
    played: Played,
    heartbeat: Heartbeat,
    /// The heartbeats seen last.
    seen: u64,
    /// For how long none has come.
    quiet_ms: u64,
    /// Nothing more is to be done until one comes.
    done: bool,
}

impl TxWatchdog {
    /// Watches over a card from now on, until its memory is freed. Not for the media thread.
    pub(crate) fn watch(&self, memory: &Arc<DmaBuffer>, played: Played) -> Heartbeat {
        let heartbeat = Heartbeat::default();
        let memory = Arc::downgrade(memory);
        let ward = Ward { memory, played, heartbeat: heartbeat.clone(), seen: 0, quiet_ms: 0, done: true };
        self.0.lock().push(ward);
        heartbeat
    }

    /// One look at all cards, `passed_ms` after the last.
    pub fn look(&self, passed_ms: u64) {
        let mut wards = self.0.lock();
        wards.retain_mut(|ward| {
            // Freed here, at the latest, if it is given up meanwhile: not in the media thread.
            let Some(memory) = ward.memory.upgrade() else { return false };
            ward.look(&memory, passed_ms);
            true
        });
    }

    /// Looks until `stop` is set: the body of a thread, which should have the media thread's priority.
    ///
    /// # Errors
    /// The timer cannot be made, set or read.
    pub fn serve(&self, stop: &AtomicBool) -> io::Result<()> {
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_CLOEXEC)?;
        let period = TimeSpec::from_duration(Duration::from_millis(LOOK_MS));
        timer.set(Expiration::Interval(period), TimerSetTimeFlags::empty())?;
        let mut looks = [0; 8];
        while !stop.load(Ordering::Acquire) {
            match nix::unistd::read(&timer, &mut looks) {
                Ok(_) => self.look(u64::from_ne_bytes(looks) * LOOK_MS),
                Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl Ward {
    fn look(&mut self, memory: &DmaBuffer, passed_ms: u64) {
        let count = self.heartbeat.0.count.load(Ordering::Acquire);
        if count != self.seen {
            (self.seen, self.quiet_ms, self.done) = (count, 0, false);
            return;
        }
        self.quiet_ms += passed_ms;
        let overslept = passed_ms > LOOK_MS && self.quiet_ms > TOO_LATE_MS;
        if self.done || self.quiet_ms < QUIET_MS || overslept {
            return;
        }
        self.done = true;
        if self.silence(memory) {
            self.heartbeat.0.silenced.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Makes idle what is not, as long as no heartbeat comes. False if there was nothing to do.
    fn silence(&self, memory: &DmaBuffer) -> bool {
        let mut any = false;
        for word in self.played.words.clone() {
            let sound = memory.read(word);
            if sound == self.played.idle {
                continue;
            }
            if self.heartbeat.0.count.load(Ordering::Acquire) != self.seen {
                break;
            }
            any |= memory.replace(word, sound, self.played.idle);
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: u32 = 0xd5d5_d5d5;

    fn watched() -> (TxWatchdog, Arc<DmaBuffer>, Heartbeat) {
        let memory = Arc::new(DmaBuffer::allocate(4096).unwrap());
        (0..1024).for_each(|word| memory.write(word, word as u32));
        let tx_watchdog = TxWatchdog::default();
        let heartbeat = tx_watchdog.watch(&memory, Played { words: 512..600, idle: IDLE });
        heartbeat.beat();
        tx_watchdog.look(LOOK_MS);
        (tx_watchdog, memory, heartbeat)
    }

    fn silenced(memory: &DmaBuffer) -> usize {
        (0..1024).filter(|word| memory.read(*word) == IDLE).count()
    }

    #[test]
    fn a_card_that_is_served_is_left_alone() {
        let (tx_watchdog, memory, heartbeat) = watched();
        for _ in 0..100 {
            (1..QUIET_MS / LOOK_MS).for_each(|_| tx_watchdog.look(LOOK_MS));
            heartbeat.beat();
            tx_watchdog.look(LOOK_MS);
        }
        assert_eq!((silenced(&memory), heartbeat.silenced()), (0, 0));
    }

    #[test]
    fn what_a_card_plays_is_silenced_once_nobody_serves_it_and_nothing_else() {
        let (tx_watchdog, memory, heartbeat) = watched();
        (0..100).for_each(|_| tx_watchdog.look(LOOK_MS));
        assert_eq!((silenced(&memory), heartbeat.silenced()), (88, 1));
        assert!((512..600).all(|word| memory.read(word) == IDLE));
        // It comes back, and stands still again.
        heartbeat.beat();
        tx_watchdog.look(LOOK_MS);
        memory.write(550, 1);
        (0..100).for_each(|_| tx_watchdog.look(LOOK_MS));
        assert_eq!((silenced(&memory), heartbeat.silenced()), (88, 2));
    }

    #[test]
    fn a_card_that_was_never_served_has_nothing_to_silence() {
        let memory = Arc::new(DmaBuffer::allocate(4096).unwrap());
        let tx_watchdog = TxWatchdog::default();
        let heartbeat = tx_watchdog.watch(&memory, Played { words: 0..100, idle: IDLE });
        (0..100).for_each(|_| tx_watchdog.look(LOOK_MS));
        assert_eq!((silenced(&memory), heartbeat.silenced()), (0, 0));
    }

    #[test]
    fn who_overslept_lets_the_media_thread_go_first() {
        let (tx_watchdog, memory, heartbeat) = watched();
        tx_watchdog.look(5000);
        assert_eq!(silenced(&memory), 0);
        tx_watchdog.look(LOOK_MS);
        assert_eq!((silenced(&memory), heartbeat.silenced()), (88, 1), "it did not come");
    }

    #[test]
    fn memory_that_is_freed_is_not_watched_any_more() {
        let (tx_watchdog, memory, _) = watched();
        drop(memory);
        tx_watchdog.look(LOOK_MS);
        assert!(tx_watchdog.0.lock().is_empty());
    }

    #[test]
    fn its_thread_silences_a_card_that_stands_still_and_ends_when_told() {
        let (tx_watchdog, memory, heartbeat) = watched();
        let stop = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let (tx_watchdog, stop) = (tx_watchdog.clone(), Arc::clone(&stop));
            move || tx_watchdog.serve(&stop)
        });
        while heartbeat.silenced() == 0 {
            std::thread::yield_now();
        }
        stop.store(true, Ordering::Release);
        thread.join().unwrap().unwrap();
        assert_eq!(silenced(&memory), 88);
    }
}
