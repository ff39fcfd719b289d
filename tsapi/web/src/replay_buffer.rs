//! Replay buffer of a session: the last messages of the server under their numbers.
//!
//! A reader asks for the message after the last one it has. A message that is no longer kept is part of a gap, which
//! reaches to the newest number: what is left of the past is of no use to a client that has lost a part of it.
//!
//! Never: knows the meaning of a message.

use std::collections::VecDeque;
use std::sync::Arc;

/// Messages kept at most.
pub(crate) const MESSAGES_MAX: usize = 2_048;
/// Octets kept at most.
pub(crate) const OCTETS_MAX: usize = 1024 * 1024;

/// The last messages under their numbers, which count from 1.
#[derive(Debug, Default)]
pub(crate) struct ReplayBuffer {
    messages: VecDeque<Arc<str>>,
    octets: usize,
    /// Number of the newest message; 0 before the first.
    newest: u64,
}

/// The message after a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Its number and text.
    Message(u64, Arc<str>),
    /// All messages from the one to the other number are lost.
    Gap { from: u64, to: u64 },
    /// None: the reader has the newest one.
    Nothing,
    /// The reader's number is beyond the newest: it is not of this session.
    Beyond,
}

impl ReplayBuffer {
    /// Returns the number of the newest message.
    pub(crate) const fn newest(&self) -> u64 {
        self.newest
    }

    /// Appends a message whose text is made of its number.
    pub(crate) fn append(&mut self, text: impl FnOnce(u64) -> String) {
        self.newest += 1;
        let text: Arc<str> = text(self.newest).into();
        self.octets += text.len();
        self.messages.push_back(text);
        while self.messages.len() > MESSAGES_MAX || (self.octets > OCTETS_MAX && self.messages.len() > 1) {
            self.octets -= self.messages.pop_front().map_or(0, |oldest| oldest.len());
        }
    }

    /// Skips a number whose message was lost before it could be written, with everything before it.
    pub(crate) fn lose(&mut self) {
        self.newest += 1;
        self.messages.clear();
        self.octets = 0;
    }

    /// Returns the message after number `last`.
    pub(crate) fn after(&self, last: u64) -> Next {
        if last == self.newest {
            return Next::Nothing;
        }
        if last > self.newest {
            return Next::Beyond;
        }
        let oldest = self.newest + 1 - self.messages.len() as u64;
        let place = (last + 1).checked_sub(oldest).and_then(|place| usize::try_from(place).ok());
        match place.and_then(|place| self.messages.get(place)) {
            Some(text) => Next::Message(last + 1, Arc::clone(text)),
            None => Next::Gap { from: last + 1, to: self.newest },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(count: u64) -> ReplayBuffer {
        let mut buffer = ReplayBuffer::default();
        (0..count).for_each(|_| buffer.append(|number| number.to_string()));
        buffer
    }

    #[test]
    fn a_reader_gets_every_message_once_and_in_order() {
        let buffer = buffer(5);
        let mut last = 2;
        let mut seen = Vec::new();
        while let Next::Message(number, text) = buffer.after(last) {
            assert_eq!(*text, number.to_string());
            seen.push(number);
            last = number;
        }
        assert_eq!((seen, buffer.after(last)), (vec![3, 4, 5], Next::Nothing));
        assert_eq!(buffer.after(6), Next::Beyond);
        assert_eq!(ReplayBuffer::default().after(0), Next::Nothing);
    }

    #[test]
    fn messages_beyond_the_bounds_are_a_gap_up_to_the_newest() {
        let max = MESSAGES_MAX as u64;
        let buffer = buffer(max + 10);
        assert_eq!(buffer.after(0), Next::Gap { from: 1, to: max + 10 });
        assert_eq!(buffer.after(9), Next::Gap { from: 10, to: max + 10 });
        assert_eq!(buffer.after(10), Next::Message(11, "11".into()));
        let mut wide = ReplayBuffer::default();
        (0..10).for_each(|_| wide.append(|_| "x".repeat(OCTETS_MAX / 4)));
        assert!(wide.octets <= OCTETS_MAX);
        assert_eq!(wide.after(5), Next::Gap { from: 6, to: 10 });
        assert!(matches!(wide.after(6), Next::Message(7, _)));
        wide.append(|_| "x".repeat(2 * OCTETS_MAX));
        assert!(matches!(wide.after(10), Next::Message(11, _)), "a message alone is kept whatever its length");
    }

    #[test]
    fn a_message_lost_on_its_way_is_a_gap() {
        let mut buffer = buffer(3);
        buffer.lose();
        assert_eq!(buffer.after(3), Next::Gap { from: 4, to: 4 });
        buffer.append(|number| number.to_string());
        assert_eq!(buffer.after(4), Next::Message(5, "5".into()));
        assert_eq!(buffer.after(2), Next::Gap { from: 3, to: 5 });
    }
}
