//! A queue: who waits there, in which order, who could serve them, and what has become of those before.
//!
//! Times are counted from entering the queue, not from the line's ring or the menu; a wait ends with the agent's answer,
//! not with the ringing. Who gives up while an agent's telephone rings has abandoned, too.
//!
//! Never: knows what a trunk or a station is.

use std::collections::BTreeMap;

use tipring_driver::time::Ticks;

use super::select::Pool;
use crate::config::{QueueConfig, QueueSound};
use crate::csta::CallId;

/// A queue.
#[derive(Debug)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// How long an agent's telephone is rung.
    pub alerting: Ticks,
    /// How long an agent is left alone after a call.
    pub after_call_work: Ticks,
    /// What callers hear.
    pub sound: QueueSound,
    /// Who waits, by the order of queueing.
    waiting: BTreeMap<u64, CallId>,
    /// Which of its agents could take a call now.
    pub free: Pool,
    /// What has become of its calls.
    pub figures: Figures,
}

/// What has become of a queue's calls since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Calls that entered the queue; one that comes back from a telephone nobody answered is not counted again.
    pub offered: u64,
    /// Calls an agent answered.
    pub answered: u64,
    /// Calls whose caller gave up, waiting or while an agent's telephone rang.
    pub abandoned: u64,
    /// Calls taken out again because a machine called that is to go elsewhere.
    pub diverted: u64,
    /// Times an agent's telephone was rung and nobody answered.
    pub not_answered: u64,
    /// Waits of the answered, summed.
    pub answered_wait: Ticks,
    /// Waits of those who gave up, summed.
    pub abandoned_wait: Ticks,
    /// The longest wait of all, answered or not.
    pub longest_wait: Ticks,
}

impl Queue {
    /// An empty queue.
    pub fn new(config: &QueueConfig) -> Queue {
        Queue {
            name: config.name.clone(),
            alerting: config.alerting,
            after_call_work: config.after_call_work,
            sound: config.sound,
            waiting: BTreeMap::new(),
            free: Pool::default(),
            figures: Figures::default(),
        }
    }

    /// Puts a call in its place.
    pub fn enter(&mut self, order: u64, call: CallId) {
        self.waiting.insert(order, call);
    }

    /// Takes a call out.
    pub fn leave(&mut self, order: u64) {
        self.waiting.remove(&order);
    }

    /// The call at the head, with its order.
    pub fn head(&self) -> Option<(u64, CallId)> {
        self.waiting.first_key_value().map(|(&order, &call)| (order, call))
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Who waits, in order.
    pub fn calls(&self) -> impl Iterator<Item = CallId> + '_ {
        self.waiting.values().copied()
    }
}

impl Figures {
    /// An agent answered after `wait`.
    pub fn note_answered(&mut self, wait: Ticks) {
        self.answered += 1;
        self.answered_wait = self.answered_wait + wait;
        self.longest_wait = self.longest_wait.max(wait);
    }

    /// A caller gave up after `wait`.
    pub fn note_abandoned(&mut self, wait: Ticks) {
        self.abandoned += 1;
        self.abandoned_wait = self.abandoned_wait + wait;
        self.longest_wait = self.longest_wait.max(wait);
    }

    /// The average speed of answer in ticks; none if nobody was answered.
    pub fn average_speed_of_answer(&self) -> Option<Ticks> {
        self.answered_wait.as_ms().checked_div(self.answered).map(Ticks)
    }
}
