//! Changes of the switch's status that a session's client wants: System Status Start, Stop, and Change System Status
//! Filter.
//!
//! Never: asks the switch for its status.

use tipring_csta_types::SystemStatus;
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::reply::Reply;

/// The filter of a session's system status events: none before it asked for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusFilter(Option<u8>);

impl StatusFilter {
    /// Follows a reply of the switch. Returns the reply for the client.
    ///
    /// # Errors
    /// The switch's own failure; INVALID_OBJECT_STATE for a change of a filter that was never given.
    pub fn follow(&mut self, result: Result<Reply, UniversalFailure>) -> Result<Reply, UniversalFailure> {
        let reply = result?;
        match &reply {
            Reply::SystemStatusStart { filter } => self.0 = Some(*filter),
            Reply::ChangeSystemStatusFilter { .. } if self.0.is_none() => {
                return Err(UniversalFailure::InvalidObjectState);
            }
            Reply::ChangeSystemStatusFilter { active, .. } => self.0 = Some(*active),
            Reply::SystemStatusStop => self.0 = None,
            _ => {}
        }
        Ok(reply)
    }

    /// Returns true if the client wants a change to this status. A bit of 1 suppresses one, the highest the first.
    pub fn wants(self, status: SystemStatus) -> bool {
        self.0.is_some_and(|filter| filter & (0x80 >> status.number()) == 0)
    }
}
