//! The sound, the records and the figures of a rig, read back.
//!
//! Never: changes anything.

use tipring_driver::media::{MediaCommand, ToneKind};

use super::Rig;
use crate::csta::AgentState;
use crate::report::figures::Figures;
use crate::report::ledger::Key;
use crate::store::{CallRecord, Record};
use crate::testing::device;

impl Rig {
    /// The last tone that a channel was made to hear.
    pub(crate) fn tone(&self, channel: u16) -> Option<ToneKind> {
        self.media.iter().rev().find_map(|command| match *command {
            MediaCommand::Tone { channel: at, tone } if at.0 == channel => Some(tone),
            _ => None,
        })?
    }

    /// The records of calls, oldest first.
    pub(crate) fn calls(&self) -> Vec<&CallRecord> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Call(call) => Some(call.as_ref()),
                _ => None,
            })
            .collect()
    }

    /// The history of agents: the moment in milliseconds, the log-in, the state.
    pub(crate) fn history(&self) -> Vec<(u64, String, AgentState)> {
        self.records
            .iter()
            .filter_map(|record| match record {
                Record::Agent(change) => Some((change.at.0, change.agent.to_string(), change.state)),
                _ => None,
            })
            .collect()
    }

    /// The number of calls that wait in a queue.
    pub(crate) fn waiting(&self, queue: &str) -> usize {
        self.core.queue_waiting(&device(queue)).expect("a queue")
    }

    /// The figures of a queue.
    pub(crate) fn figures(&self, queue: &str) -> Figures {
        self.ledger.total(&Key::Queue(device(queue)))
    }
}
