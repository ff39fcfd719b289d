//! Registrations of clients that route calls, and their open dialogues.
//!
//! Never: a message to a client; that is `switching::routing`.

use std::collections::BTreeMap;

use crate::csta::{CallId, RouteRegisterId, RoutingCrossRefId};
use crate::device::Device;
use crate::ids::SessionId;

/// A registration of a client.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub(crate) struct Registration {
    pub(crate) session: SessionId,
    /// The number; none for all numbers.
    pub(crate) number: Option<Device>,
}

/// A dialogue about one call.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub(crate) struct Dialogue {
    pub(crate) register: RouteRegisterId,
    pub(crate) call: CallId,
}

/// Registrations and dialogues.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Routing {
    pub(crate) registrations: BTreeMap<RouteRegisterId, Registration>,
    pub(crate) dialogues: BTreeMap<RoutingCrossRefId, Dialogue>,
    pub(crate) last_register: i32,
    pub(crate) last_dialogue: i32,
}

impl Routing {
    /// Returns true if no dialogue is open.
    #[cfg(test)]
    pub(crate) fn is_idle(&self) -> bool {
        self.dialogues.is_empty()
    }

    pub(crate) fn of(&self, number: Device) -> Option<(RouteRegisterId, SessionId)> {
        let one = self.registrations.iter().find(|(_, it)| it.number == Some(number));
        let any = || self.registrations.iter().find(|(_, it)| it.number.is_none());
        one.or_else(any).map(|(&register, it)| (register, it.session))
    }

    pub(crate) fn dialogue_of(&self, call: CallId) -> Option<RoutingCrossRefId> {
        self.dialogues.iter().find(|(_, dialogue)| dialogue.call == call).map(|(&id, _)| id)
    }
}
