//! Timers: moments by tick, in an ordered table.
//!
//! Each timer is a value that names itself, so setting it again moves it and stopping it needs no handle. Those due in
//! the same tick expire in the order in which they were set.
//!
//! A call sets a dozen timers, and most are stopped long before their time. So a timer that is stopped leaves its place
//! in the order empty; empty places go when they come first, and all at once when they are more than the others.
//!
//! Never: reads a clock. The core asks with the tick it has come to.

use core::fmt;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tipring_driver::ids::RecordingId;
use tipring_driver::time::Tick;

use crate::acd::ids::{AgentIx, CallBackId};
use crate::by_key::{ByKey, Key};
use crate::csta::CallId;
use crate::device::Device;

/// A moment that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Timer {
    /// The deadline of a connection: its state's [deadline](crate::model::Deadline).
    Connection(CallId, Device),
    /// The end of an agent's after-call work, or of a break's limit.
    Agent(AgentIx),
    /// The next moment at which time alone changes something for distribution.
    Floor,
    /// The next attempt of a request to be called back; the end of the wait for the store to acknowledge it.
    CallBack(CallBackId),
    /// The end of a recorder, should its end never be reported.
    RecordingEnd(RecordingId),
    /// The longest pause of a recording.
    RecordingPause(RecordingId),
}

impl Key for Timer {
    fn number(self) -> u64 {
        let (kind, of) = match self {
            // A call's number has 31 bits, a device's 19.
            Timer::Connection(call, device) => (0, device.number() << 31 | call.number()),
            Timer::Agent(agent) => (1, u64::from(agent.0)),
            Timer::Floor => (2, 0),
            Timer::CallBack(request) => (3, request.0),
            Timer::RecordingEnd(recording) => (4, recording.0),
            Timer::RecordingPause(recording) => (5, recording.0),
        };
        kind << 61 ^ of
    }
}

/// The place of a timer: its tick, and the count of those set before it.
type Place = (Tick, u64);

/// Places that may be empty whatever the number of timers is.
const EMPTY_FREE: usize = 64;

/// The timers that are set.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Timers {
    /// By place; a place is empty if its timer has another one, or none. The first is not.
    order: BinaryHeap<Reverse<(Place, Timer)>>,
    places: ByKey<Timer, Place>,
    sequence: u64,
}

/// The timers as they are written.
#[derive(serde::Serialize, serde::Deserialize)]
struct Written {
    due: Vec<(Place, Timer)>,
    sequence: u64,
}

impl fmt::Debug for Timers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let due = self.in_order();
        f.debug_struct("Timers").field("due", &due).field("sequence", &self.sequence).finish()
    }
}

impl From<Written> for Timers {
    fn from(Written { due, sequence }: Written) -> Timers {
        let places = due.iter().map(|&(place, timer)| (timer, place)).collect();
        Timers { order: due.into_iter().map(Reverse).collect(), places, sequence }
    }
}

impl From<Timers> for Written {
    fn from(timers: Timers) -> Written {
        Written { due: timers.in_order(), sequence: timers.sequence }
    }
}

impl Timers {
    /// Sets a timer to `at`, or moves it there.
    pub fn set(&mut self, timer: Timer, at: Tick) {
        self.sequence += 1;
        let place = (at, self.sequence);
        let before = self.places.insert(timer, place);
        self.order.push(Reverse((place, timer)));
        if before.is_some() {
            self.clear_out();
        }
    }

    /// Sets a timer to `at` unless it is set to that tick already.
    pub fn set_once(&mut self, timer: Timer, at: Tick) {
        if self.places.get(&timer).is_none_or(|place| place.0 != at) {
            self.set(timer, at);
        }
    }

    /// Stops a timer, set or not.
    pub fn stop(&mut self, timer: Timer) {
        if self.places.remove(&timer).is_some() {
            self.clear_out();
        }
    }

    /// Returns true if a timer is set.
    pub fn is_set(&self, timer: Timer) -> bool {
        self.places.contains_key(&timer)
    }

    /// The tick of the first timer.
    pub fn next(&self) -> Option<Tick> {
        self.order.peek().map(|Reverse(((at, _), _))| *at)
    }

    /// Takes the first timer that is due at `now`.
    pub fn expired(&mut self, now: Tick) -> Option<Timer> {
        let &Reverse((_, timer)) = self.order.peek().filter(|Reverse(((at, _), _))| *at <= now)?;
        self.stop(timer);
        Some(timer)
    }

    /// Removes the empty places that come first, and all of them if they are the most.
    fn clear_out(&mut self) {
        let Timers { order, places, .. } = self;
        let is_empty = |&Reverse((place, timer)): &Reverse<(Place, Timer)>| places.get(&timer) != Some(&place);
        if order.len() > 2 * places.len() + EMPTY_FREE {
            order.retain(|each| !is_empty(each));
        }
        while order.peek().is_some_and(is_empty) {
            order.pop();
        }
    }

    /// The timers that are set, the first first.
    fn in_order(&self) -> Vec<(Place, Timer)> {
        let mut all: Vec<_> = self.places.iter().map(|(&timer, &place)| (place, timer)).collect();
        all.sort_unstable();
        all
    }

    /// The timers that are set, the first first.
    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = Timer> {
        self.in_order().into_iter().map(|(_, timer)| timer)
    }

    /// Number of timers that are set.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Returns true if no timer is set.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
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
    #[test]
    fn places_left_empty_do_not_pile_up_and_what_is_written_has_none() {
        let mut timers = Timers::default();
        timers.set(FIRST, Tick(1));
        for tick in 2..10_000 {
            timers.set(SECOND, Tick(tick));
            assert!(timers.order.len() <= 2 * timers.len() + EMPTY_FREE);
        }
        timers.set_once(SECOND, Tick(9_999));
        let written = serde_json::to_string(&timers).expect("numbers");
        assert_eq!(written, r#"{"due":[[[1,1],{"Agent":1}],[[9999,9999],"Floor"]],"sequence":9999}"#);
        let mut read: Timers = serde_json::from_str(&written).expect("as it was written");
        read.set_once(SECOND, Tick(7));
        for timers in [&mut timers, &mut read] {
            assert_eq!((timers.expired(Tick(9_999)), timers.expired(Tick(9_999))), (Some(FIRST), Some(SECOND)));
            assert!(timers.next().is_none() && timers.is_empty());
        }
    }
}
