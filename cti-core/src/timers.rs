//! Timers: moments by tick, in an ordered table.
//!
//! Each timer is a value that names itself, so setting it again moves it and stopping it needs no handle. Those due in
//! the same tick expire in the order in which they were set.
//!
//! Never: reads a clock. The core asks with the tick it has come to.

use std::collections::BTreeMap;

use tipring_driver::ids::RecordingId;
use tipring_driver::time::Tick;

use crate::acd::ids::{AgentIx, CallBackId};
use crate::csta::CallId;
use crate::device::Device;

/// A moment that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Timer {
    /// The deadline of a connection: its state's [wait](crate::model::Wait).
    Connection(CallId, Device),
    /// The end of an agent's work, or of a break's limit.
    Agent(AgentIx),
    /// The next moment at which time alone changes something for distribution.
    Floor,
    /// The next try of a request to be called back; the end of the wait for the store to acknowledge it.
    CallBack(CallBackId),
    /// The end of a recorder, should its end never be reported.
    RecordingEnd(RecordingId),
    /// The longest pause of a recording.
    RecordingPause(RecordingId),
}

/// The timers that are set.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Timers {
    #[serde(with = "crate::pairs")]
    due: BTreeMap<(Tick, u64), Timer>,
    #[serde(with = "crate::pairs")]
    places: BTreeMap<Timer, (Tick, u64)>,
    sequence: u64,
}

impl Timers {
    /// Sets a timer to `at`, or moves it there.
    pub fn set(&mut self, timer: Timer, at: Tick) {
        self.stop(timer);
        self.sequence += 1;
        let place = (at, self.sequence);
        self.due.insert(place, timer);
        self.places.insert(timer, place);
    }

    /// Stops a timer, set or not.
    pub fn stop(&mut self, timer: Timer) {
        if let Some(place) = self.places.remove(&timer) {
            self.due.remove(&place);
        }
    }

    /// Returns true if a timer is set.
    pub fn is_set(&self, timer: Timer) -> bool {
        self.places.contains_key(&timer)
    }

    /// The tick of the first timer.
    pub fn next(&self) -> Option<Tick> {
        self.due.first_key_value().map(|(&(at, _), _)| at)
    }

    /// Takes the first timer that is due at `now`.
    pub fn expired(&mut self, now: Tick) -> Option<Timer> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= now)?;
        let timer = entry.remove();
        self.places.remove(&timer);
        Some(timer)
    }

    /// The timers that are set.
    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = Timer> + '_ {
        self.due.values().copied()
    }

    /// Number of timers that are set.
    pub fn len(&self) -> usize {
        self.due.len()
    }

    /// Returns true if no timer is set.
    pub fn is_empty(&self) -> bool {
        self.due.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Timer = Timer::Agent(AgentIx(1));
    const SECOND: Timer = Timer::Floor;

    #[test]
    fn timers_expire_in_the_order_of_their_ticks_and_then_of_their_setting() {
        let mut timers = Timers::default();
        timers.set(SECOND, Tick(5));
        timers.set(FIRST, Tick(5));
        timers.set(Timer::Agent(AgentIx(2)), Tick(4));
        assert_eq!(timers.expired(Tick(3)), None);
        assert_eq!(timers.expired(Tick(9)), Some(Timer::Agent(AgentIx(2))));
        assert_eq!(timers.expired(Tick(9)), Some(SECOND));
        assert_eq!(timers.expired(Tick(9)), Some(FIRST));
        assert!(timers.is_empty());
    }

    #[test]
    fn a_timer_set_again_moves_and_a_stopped_one_never_expires() {
        let mut timers = Timers::default();
        timers.set(FIRST, Tick(5));
        timers.set(FIRST, Tick(8));
        timers.set(SECOND, Tick(6));
        timers.stop(SECOND);
        assert_eq!(timers.next(), Some(Tick(8)));
        assert_eq!(timers.expired(Tick(7)), None);
        assert_eq!(timers.expired(Tick(8)), Some(FIRST));
        assert_eq!(timers.len(), 0);
    }
}
