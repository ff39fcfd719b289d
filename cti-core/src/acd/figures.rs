//! Counts of a queue's calls.
//!
//! Times count from the entry into the queue, not from the line's ring or the menu; a wait ends with the agent's answer,
//! not with the ringing.
//!
//! Never: decides.

use tipring_driver::time::Ticks;

/// Counts of a queue's calls since the start. A call that was offered is waiting or alerting, or is counted once among
/// `answered`, `abandoned`, `diverted` and `ended`.
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
    /// Calls that ended otherwise: cleared by a client, by a line that died, by a stop, or after the longest wait.
    pub ended: u64,
    /// Offers that were not answered.
    pub not_answered: u64,
    /// Waits of the answered, summed.
    pub answered_wait: Ticks,
    /// Waits of the abandoned, summed.
    pub abandoned_wait: Ticks,
    /// The longest wait of all, answered or not.
    pub longest_wait: Ticks,
}

/// The ways in which a call leaves a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// An agent has answered.
    Answered,
    /// The caller has hung up.
    Abandoned,
    /// It goes on to another destination.
    Diverted,
    /// It ended otherwise.
    Ended,
}

impl Figures {
    /// Counts a call that has left after `wait`.
    pub(crate) fn count(&mut self, how: Left, wait: Ticks) {
        match how {
            Left::Answered => (self.answered, self.answered_wait) = (self.answered + 1, self.answered_wait + wait),
            Left::Abandoned => (self.abandoned, self.abandoned_wait) = (self.abandoned + 1, self.abandoned_wait + wait),
            Left::Diverted => self.diverted += 1,
            Left::Ended => self.ended += 1,
        }
        self.longest_wait = self.longest_wait.max(wait);
    }

    /// The average speed of answer in ticks; none if no call was answered.
    pub fn average_speed_of_answer(&self) -> Option<Ticks> {
        self.answered_wait.as_ms().checked_div(self.answered).map(Ticks)
    }
}
