//! A desk's knowledge of a telephone: its calls, and the agent there, by the events of its monitor.
//!
//! Never: asks the switch.

use std::collections::BTreeSet;

use tipring_core::csta::event::Event;
use tipring_core::csta::{CallId, LocalConnectionState};

/// A telephone and its agent.
#[derive(Debug, Default)]
pub struct Telephone {
    calls: BTreeSet<CallId>,
    /// A call has been there since the agent was ready last: the handset may still be off hook.
    is_used: bool,
}

impl Telephone {
    /// Returns true if the telephone has no call, and its agent is ready for one.
    pub fn is_free(&self) -> bool {
        self.calls.is_empty() && !self.is_used
    }

    /// Takes an event of the telephone's monitor.
    pub fn follow(&mut self, event: &Event) {
        let (call, local) = match event {
            Event::Delivered { connection, local, .. } | Event::Diverted { connection, local, .. } => {
                (connection.call, *local)
            }
            Event::ServiceInitiated { initiated_connection, local, .. } => (initiated_connection.call, *local),
            Event::Established { established_connection, local, .. } => (established_connection.call, *local),
            Event::Failed { failed_connection, local, .. } => (failed_connection.call, *local),
            Event::ConnectionCleared { dropped_connection, local, .. } => (dropped_connection.call, *local),
            Event::Conferenced {
                primary_old_call, secondary_old_call, conference_connections: parties, local, ..
            }
            | Event::Transferred {
                primary_old_call,
                secondary_old_call,
                transferred_connections: parties,
                local,
                ..
            } => {
                self.calls.remove(&primary_old_call.call);
                self.calls.remove(&secondary_old_call.call);
                let Some(call) = parties.first().map(|it| it.party.call) else { return };
                (call, *local)
            }
            Event::Ready { .. } => {
                self.is_used = !self.calls.is_empty();
                return;
            }
            _ => return,
        };
        match local {
            LocalConnectionState::Null => self.calls.remove(&call),
            _ => {
                self.is_used = true;
                self.calls.insert(call)
            }
        };
    }
}
