//! Live figures of queues: pushed to the sessions that watch them, when they have changed.
//!
//! Figures have no numbers and are not kept: the newest stand for all before, and a client that has lost its socket
//! gets the present ones. A slow client misses figures, never an event.
//!
//! Never: computes a figure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tipring_csta_types::id::DeviceId;
use tipring_csta_types::rights::Devices;

/// Figures of a queue at a moment: those of today are the report's of the day so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueFigures {
    /// The queue.
    pub queue: String,
    /// Its name.
    pub name: String,
    /// Calls that wait.
    pub waiting: u64,
    /// Agents of the queue that are logged in.
    pub logged_in: u64,
    /// Agents among them that are ready and free for a call.
    pub available: u64,
    /// Calls that entered the queue today.
    pub offered: u64,
    /// Calls answered today.
    pub answered: u64,
    /// Calls abandoned today.
    pub abandoned: u64,
    /// Share of today's calls answered in time, by the formula of the reports; none without calls.
    pub service_level: Option<f64>,
}

/// The figures that a session watches.
#[derive(Debug)]
pub(crate) struct Watch {
    seen: Devices,
    /// The newest ones that were sent or wait for the socket; none before the first, or for a new socket.
    newest: Option<Vec<QueueFigures>>,
    is_waiting: bool,
}

impl Watch {
    /// A watch of the queues among some devices.
    pub(crate) const fn new(seen: Devices) -> Watch {
        Watch { seen, newest: None, is_waiting: false }
    }

    /// A new socket has nothing yet.
    pub(crate) fn begin_anew(&mut self) {
        (self.newest, self.is_waiting) = (None, false);
    }

    /// Takes the figures of all queues over. Returns true if those that the session may see have changed.
    pub(crate) fn offer(&mut self, all: &[QueueFigures]) -> bool {
        let is_seen = |of: &&QueueFigures| DeviceId::new(&of.queue).is_ok_and(|queue| self.seen.contains(&queue));
        let is_new = match &self.newest {
            None => true,
            Some(newest) => !all.iter().filter(is_seen).eq(newest),
        };
        if is_new {
            self.newest = Some(all.iter().filter(is_seen).cloned().collect());
            self.is_waiting = true;
        }
        is_new
    }

    /// Returns the message that waits for the socket.
    pub(crate) fn poll(&mut self) -> Option<String> {
        let queues = self.newest.as_ref().filter(|_| self.is_waiting)?;
        self.is_waiting = false;
        Some(json!({ "figures": { "queues": queues } }).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(queue: &str, answered: u64) -> QueueFigures {
        QueueFigures {
            queue: queue.into(),
            name: String::new(),
            waiting: 0,
            logged_in: 0,
            available: 0,
            offered: answered,
            answered,
            abandoned: 0,
            service_level: None,
        }
    }

    #[test]
    fn only_changes_of_queues_that_may_be_seen_are_sent_and_the_newest_stands_for_all() {
        let mut watch = Watch::new(Devices::Only([DeviceId::new("5000").unwrap()].into()));
        assert!(watch.offer(&[figures("5000", 1), figures("5001", 7)]));
        assert!(watch.offer(&[figures("5000", 2), figures("5001", 7)]));
        let message = watch.poll().unwrap();
        assert!(message.contains("\"answered\":2") && !message.contains("5001"), "{message}");
        assert_eq!(watch.poll(), None);
        assert!(!watch.offer(&[figures("5000", 2), figures("5001", 8)]), "a queue without a right is not seen");
        watch.begin_anew();
        assert!(watch.offer(&[figures("5000", 2)]), "a new socket gets the present figures");
    }
}
