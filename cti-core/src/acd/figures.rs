//! Counts of a queue's calls.
//!
//! Times count from the entry into the queue, not from the line's ring or the menu; a wait ends with the agent's answer,
//! not with the ringing.
//!
//! Never: decides.

use tipring_driver::time::Ticks;

/// Counts of a queue's calls since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Calls that entered the queue; one that comes back from a telephone nobody answered is not counted again.
    pub offered: u64,
    /// Calls an agent answered.
    pub answered: u64,
    /// Calls abandoned: the caller hung up while waiting or while an agent's telephone rang.
    pub abandoned: u64,
    /// Calls that left for another destination.
    pub diverted: u64,
    /// Offers that were not answered.
    pub not_answered: u64,
    /// Waits of the answered, summed.
    pub answered_wait: Ticks,
    /// Waits of the abandoned, summed.
    pub abandoned_wait: Ticks,
    /// The longest wait of all, answered or not.
    pub longest_wait: Ticks,
}

impl Figures {
    /// Counts a call answered after `wait`.
    pub(crate) fn count_answered(&mut self, wait: Ticks) {
        self.answered += 1;
        self.answered_wait = self.answered_wait + wait;
        self.longest_wait = self.longest_wait.max(wait);
    }

    /// Counts a call abandoned after `wait`.
    pub(crate) fn count_abandoned(&mut self, wait: Ticks) {
        self.abandoned += 1;
        self.abandoned_wait = self.abandoned_wait + wait;
        self.longest_wait = self.longest_wait.max(wait);
    }

    /// The average speed of answer in ticks; none if no call was answered.
    pub fn average_speed_of_answer(&self) -> Option<Ticks> {
        self.answered_wait.as_ms().checked_div(self.answered).map(Ticks)
    }
}
