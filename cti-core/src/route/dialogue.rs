//! Registrations of clients that route calls, and their open dialogues: a machine without a message or a clock.
//!
//! ```text
//! register ─► registration ─► cancel, or its session is closed: its dialogues end
//! ask ─► open ─┬─► end: its client has selected or given up, or its time is over
//!              └─► follow: the call does not alert at a number any more
//! ```
//!
//! A dialogue is open as long as its call alerts at a number. A transfer or a conference takes it along under the
//! identifier that is left.
//!
//! Never: sends a message to a client; that is `switching::routing`.

use std::collections::BTreeMap;

use crate::csta::cause::UniversalFailure as F;
use crate::csta::{CallId, RouteRegisterId, RoutingCrossRefId, SessionId};
use crate::device::Device;
use crate::limits::ROUTES_MAX;
use crate::model::{Change, ChangeKind, Model};

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
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Routing {
    pub(crate) registrations: BTreeMap<RouteRegisterId, Registration>,
    pub(crate) dialogues: BTreeMap<RoutingCrossRefId, Dialogue>,
    pub(crate) last_register: i32,
    pub(crate) last_dialogue: i32,
}

/// A dialogue with its client: one that begins, or one that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) session: SessionId,
    pub(crate) register: RouteRegisterId,
    pub(crate) dialogue: RoutingCrossRefId,
    pub(crate) call: CallId,
}

impl Routing {
    /// Registers a client for a number, or for all.
    ///
    /// # Errors
    ///
    /// OUTSTANDING_REQUEST_LIMIT_EXCEEDED if a client has registered for it; RESOURCE_LIMITATION_REJECTION beyond
    /// [`ROUTES_MAX`].
    pub(crate) fn register(&mut self, session: SessionId, number: Option<Device>) -> Result<RouteRegisterId, F> {
        if self.registrations.values().any(|it| it.number == number) {
            return Err(F::OutstandingRequestLimitExceeded);
        }
        if self.registrations.len() >= ROUTES_MAX {
            return Err(F::ResourceLimitationRejection);
        }
        self.last_register = self.last_register.checked_add(1).unwrap_or(1);
        let register = RouteRegisterId(self.last_register);
        self.registrations.insert(register, Registration { session, number });
        Ok(register)
    }

    /// Ends a registration of a client. Returns the calls of its dialogues, which have no route now.
    ///
    /// # Errors
    ///
    /// INVALID_CROSS_REF_ID if the client has no such registration.
    pub(crate) fn cancel(&mut self, session: SessionId, register: RouteRegisterId) -> Result<Vec<CallId>, F> {
        if self.registrations.get(&register).is_none_or(|it| it.session != session) {
            return Err(F::InvalidCrossRefId);
        }
        self.registrations.remove(&register);
        let of = self.dialogues.extract_if(.., |_, it| it.register == register);
        Ok(of.map(|(_, it)| it.call).collect())
    }

    /// A session is closed: its registrations end. Returns the calls of their dialogues.
    pub(crate) fn close(&mut self, session: SessionId) -> Vec<CallId> {
        let of = self.registrations.iter().filter(|(_, it)| it.session == session);
        let all: Vec<RouteRegisterId> = of.map(|(&register, _)| register).collect();
        all.into_iter().flat_map(|register| self.cancel(session, register).unwrap_or_default()).collect()
    }

    /// Opens a dialogue with the client that has registered for a number; none if there is none.
    pub(crate) fn ask(&mut self, call: CallId, number: Device) -> Option<Client> {
        let of = |number| self.registrations.iter().find(|(_, it)| it.number == number);
        let (&register, &Registration { session, .. }) = of(Some(number)).or_else(|| of(None))?;
        self.last_dialogue = self.last_dialogue.checked_add(1).unwrap_or(1);
        let dialogue = RoutingCrossRefId(self.last_dialogue);
        self.dialogues.insert(dialogue, Dialogue { register, call });
        Some(Client { session, register, dialogue, call })
    }

    /// The call of a dialogue, if it is this client's.
    pub(crate) fn own(
        &self,
        session: SessionId,
        register: RouteRegisterId,
        dialogue: RoutingCrossRefId,
    ) -> Option<CallId> {
        let of = self.registrations.get(&register).filter(|it| it.session == session);
        let open = self.dialogues.get(&dialogue).filter(|it| it.register == register);
        of.and(open).map(|open| open.call)
    }

    /// The open dialogue about a call.
    pub(crate) fn of_call(&self, call: CallId) -> Option<RoutingCrossRefId> {
        self.dialogues.iter().find(|(_, it)| it.call == call).map(|(&dialogue, _)| dialogue)
    }

    /// Ends a dialogue.
    pub(crate) fn end(&mut self, dialogue: RoutingCrossRefId) -> Option<Client> {
        let Dialogue { register, call } = self.dialogues.remove(&dialogue)?;
        let session = self.registrations.get(&register)?.session;
        Some(Client { session, register, dialogue, call })
    }

    /// Follows a change of the model. Returns the dialogue that it ends.
    pub(crate) fn follow(&mut self, change: &Change, model: &Model) -> Option<Client> {
        if self.dialogues.is_empty() {
            return None;
        }
        match change.kind {
            ChangeKind::Step { device: Device::Number(_), .. } | ChangeKind::CallCleared => {}
            ChangeKind::Step { .. } => return None,
            ChangeKind::Merged { held, .. } => {
                self.dialogues.values_mut().filter(|it| it.call == held).for_each(|it| it.call = change.call);
            }
        }
        // A call that has come back to its number in this transaction may be asked about anew.
        let dialogue = self.of_call(change.call)?;
        let alerts = model.call(change.call).is_some_and(|call| call.number().is_some());
        if alerts { None } else { self.end(dialogue) }
    }

    /// Returns true if no dialogue is open.
    #[cfg(test)]
    pub(crate) fn is_idle(&self) -> bool {
        self.dialogues.is_empty()
    }
}
