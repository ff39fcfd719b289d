//! Acts of call control that a demo shows once each, and a simulated day at the end of each shift, shared by its desks:
//! a desk whose situation fits takes the next.
//!
//! | act | situation |
//! |---|---|
//! | pickup | a telephone alerts, and the colleague is free |
//! | conference, supervision, transfer, in this order | one talks to a caller, and the colleague is free |
//!
//! Never: sends a request; a desk that took an act carries it out, or puts it back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// An act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A call that alerts at the colleague's telephone is picked up.
    Pickup,
    /// The colleague is consulted, and all three talk.
    Conference,
    /// A supervisor listens, whispers and barges in.
    Supervision,
    /// The colleague is consulted, and takes the call over.
    Transfer,
}

/// Acts that are still to be shown.
#[derive(Debug, Clone)]
pub struct Programme(Arc<Mutex<Left>>);

#[derive(Debug)]
struct Left {
    pickup: bool,
    talks: VecDeque<Act>,
    /// One of the talks is being shown.
    is_running: bool,
}

const TALKS: [Act; 3] = [Act::Conference, Act::Supervision, Act::Transfer];

impl Programme {
    /// All acts.
    pub fn all() -> Programme {
        let programme = Programme::none();
        programme.begin();
        programme
    }

    /// No act, until the programme begins.
    pub fn none() -> Programme {
        Programme(Arc::new(Mutex::new(Left { pickup: false, talks: VecDeque::new(), is_running: false })))
    }

    /// All acts begin, also if they have been shown before.
    pub fn begin(&self) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (left.pickup, left.talks) = (true, TALKS.into());
    }

    /// No act begins any more. Returns how many were not shown.
    pub fn end(&self) -> usize {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = usize::from(std::mem::take(&mut left.pickup)) + left.talks.len();
        left.talks.clear();
        count
    }

    /// Takes an act, if it is the next. Returns false if it is not.
    pub fn take(&self, act: Act) -> bool {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match act {
            Act::Pickup => std::mem::take(&mut left.pickup),
            _ if !left.is_running && left.talks.front() == Some(&act) => {
                left.is_running = true;
                left.talks.pop_front().is_some()
            }
            _ => false,
        }
    }

    /// A conference, supervision or transfer has been shown: the next may begin.
    pub fn finish(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_running = false;
    }

    /// Puts an act back that could not be carried out: it is the next again.
    pub fn put_back(&self, act: Act) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match act {
            Act::Pickup => left.pickup = true,
            _ => {
                left.is_running = false;
                left.talks.push_front(act);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_is_taken_once_and_in_its_order_until_it_is_put_back() {
        let programme = Programme::all();
        let other = programme.clone();
        assert!(!programme.take(Act::Transfer), "the conference comes first");
        assert!(programme.take(Act::Pickup) && !other.take(Act::Pickup));
        assert!(programme.take(Act::Conference) && !other.take(Act::Supervision), "one at a time");
        programme.finish();
        assert!(other.take(Act::Supervision));
        other.put_back(Act::Supervision);
        assert!(!programme.take(Act::Transfer) && programme.take(Act::Supervision));
        programme.finish();
        assert!(programme.take(Act::Transfer));
        programme.put_back(Act::Pickup);
        assert!(other.take(Act::Pickup));
        programme.finish();
        assert!(!programme.take(Act::Conference), "each once");
    }

    #[test]
    fn the_acts_of_a_day_are_shown_each_time_it_says_so() {
        let programme = Programme::none();
        assert!(!programme.take(Act::Pickup) && !programme.take(Act::Conference));
        for _ in 0..2 {
            programme.begin();
            assert!(programme.take(Act::Pickup) && programme.take(Act::Conference));
            programme.finish();
            assert_eq!(programme.end(), 2, "supervision and transfer were not shown");
            assert!(!programme.take(Act::Supervision));
        }
    }
}
