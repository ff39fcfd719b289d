//! The event queue of a context: bounded, numbered, with places kept back for what must not be lost.
//!
//! Ordinary events are refused when the queue holds its capacity; completions of operations and hang-ups may use as
//! many places again as there can be operations. What is refused takes a sequence number all the same, and the next
//! event that fits stands behind one that says how many were lost.
//!
//! Never: waits; that is for the context.

use std::collections::VecDeque;
use std::ffi::c_void;

use crate::abi;
use crate::text::CText;

/// One event, before it is written into the program's structure.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// TR_EVENT_*.
    pub kind: u32,
    /// By the board's clock, in ms.
    pub at_ms: u64,
    /// By the system's monotonic clock, in ns; 0 until it is stamped.
    pub monotonic_ns: u64,
    /// Its channel, or 0.
    pub channel: u64,
    /// Its operation or timer, or 0.
    pub object: u64,
    /// The program's pointer, as a number: it is handed back and never followed.
    pub user: usize,
    /// TR_REASON_*, or 0.
    pub reason: u32,
    /// TR_CAUSE_*.
    pub cause: u32,
    /// `value` of `tr_event`; its meaning is that of the kind.
    pub value: u64,
    /// `text` of `tr_event`.
    pub text: CText<{ crate::abi::TEXT_MAX }>,
    /// `text2` of `tr_event`.
    pub text2: CText<{ crate::abi::NAME_MAX }>,
}

impl Event {
    /// Returns the event as the program sees it.
    pub(crate) fn to_abi(self, sequence: u64) -> abi::Event {
        abi::Event {
            size: size_of::<abi::Event>() as u32,
            r#type: self.kind,
            sequence,
            time_ns: self.at_ms * 1_000_000,
            channel: self.channel,
            object: self.object,
            user: self.user_pointer(),
            reason: self.reason,
            cause: self.cause,
            value: self.value,
            text: self.text.octets(),
            text2: self.text2.octets(),
            monotonic_ns: self.monotonic_ns,
        }
    }

    /// An event of this kind that belongs to nothing.
    pub fn new(kind: u32, at_ms: u64) -> Event {
        Event {
            kind,
            at_ms,
            monotonic_ns: 0,
            channel: 0,
            object: 0,
            user: 0,
            reason: 0,
            cause: 0,
            value: 0,
            text: CText::default(),
            text2: CText::default(),
        }
    }

    /// The pointer that goes with it.
    pub fn user_pointer(&self) -> *mut c_void {
        std::ptr::with_exposed_provenance_mut(self.user)
    }
}

/// The queue.
#[derive(Debug)]
pub struct Queue {
    events: VecDeque<(u64, Event)>,
    capacity: usize,
    reserve: usize,
    sequence: u64,
    /// Refused since the last event that fitted.
    unannounced: u64,
    /// Refused since the queue was made.
    lost: u64,
    /// The stamp of events put in now; 0 for a later one.
    stamp_ns: u64,
    /// Events at the end that wait for a stamp.
    unstamped: usize,
}

impl Queue {
    /// A queue of `capacity` ordinary events, with `reserve` further places for important ones.
    pub fn new(capacity: usize, reserve: usize) -> Queue {
        Queue {
            // One more, for the event that tells of a loss.
            events: VecDeque::with_capacity(capacity + reserve + 1),
            capacity,
            reserve,
            sequence: 0,
            unannounced: 0,
            lost: 0,
            stamp_ns: 0,
            unstamped: 0,
        }
    }

    /// Stamps events that are put in from now on; with 0 they wait for [`Queue::stamp_rest`].
    pub fn stamp(&mut self, ns: u64) {
        self.stamp_ns = ns;
    }

    /// Stamps the events that wait for it.
    pub fn stamp_rest(&mut self, now_ns: impl FnOnce() -> u64) {
        if self.unstamped > 0 {
            let now_ns = now_ns();
            let unstamped = std::mem::take(&mut self.unstamped);
            self.events
                .iter_mut()
                .rev()
                .filter(|(_, event)| event.monotonic_ns == 0)
                .take(unstamped)
                .for_each(|(_, event)| event.monotonic_ns = now_ns);
        }
    }

    fn has_room(&self, important: bool) -> bool {
        let limit = self.capacity + if important { self.reserve } else { 0 };
        // An announcement of a loss needs a place of its own.
        self.events.len() + usize::from(self.unannounced > 0) < limit
    }

    /// Puts an ordinary event at the end if there is room. False if not: nothing is lost, for the caller knows.
    pub fn offer(&mut self, event: Event) -> bool {
        self.has_room(false) && self.push(event, false)
    }

    /// Puts an event at the end. False if there was no room: it is lost, and its place reports the loss.
    pub fn push(&mut self, event: Event, important: bool) -> bool {
        if !self.has_room(important) {
            self.sequence += 1;
            self.unannounced += 1;
            self.lost += 1;
            return false;
        }
        if self.unannounced > 0 {
            let lost =
                Event { value: self.unannounced, ..Event::new(crate::abi::number::EVENT_EVENTS_LOST, event.at_ms) };
            self.unannounced = 0;
            self.number(lost);
        }
        self.number(event);
        true
    }

    fn number(&mut self, event: Event) {
        self.sequence += 1;
        self.unstamped += usize::from(self.stamp_ns == 0);
        self.events.push_back((self.sequence, Event { monotonic_ns: self.stamp_ns, ..event }));
    }

    /// Takes the oldest event with its number.
    pub fn pop(&mut self) -> Option<(u64, Event)> {
        self.events.pop_front()
    }

    /// Returns true without an event.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Important events that could still be put in without a loss.
    pub fn room_for_important(&self) -> usize {
        (self.capacity + self.reserve).saturating_sub(self.events.len() + 1)
    }

    /// The number of the last event, put in or lost.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Events lost since the queue was made.
    pub fn lost(&self) -> u64 {
        self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::number::{EVENT_DIGIT, EVENT_EVENTS_LOST, EVENT_OP_DONE};

    #[test]
    fn numbers_have_no_holes_but_where_a_loss_is_told() {
        let mut queue = Queue::new(2, 2);
        for _ in 0..5 {
            queue.push(Event::new(EVENT_DIGIT, 0), false);
        }
        assert!(!queue.offer(Event::new(EVENT_DIGIT, 0)), "refused, and not lost");
        assert!(queue.push(Event::new(EVENT_OP_DONE, 0), true), "completions have places of their own");
        let mut expected = 1;
        let mut kinds = Vec::new();
        while let Some((sequence, event)) = queue.pop() {
            if event.kind == EVENT_EVENTS_LOST {
                expected += event.value;
            }
            assert_eq!(sequence, expected);
            expected += 1;
            kinds.push(event.kind);
        }
        assert_eq!(kinds, [EVENT_DIGIT, EVENT_DIGIT, EVENT_EVENTS_LOST, EVENT_OP_DONE]);
        assert_eq!(queue.lost(), 3);
        assert!(queue.push(Event::new(EVENT_DIGIT, 0), false));
    }
}
