//! The small site of the explorer: its calls, and the dialogues with the client that routes them.
//!
//! Never: adds a rule of its own; routing is the product's own machine, which follows the changes of the model.

use core::ops::{Deref, DerefMut};

use super::*;
use crate::csta::{RouteRegisterId, SessionId};
use crate::route::dialogue::Routing;

/// The client that routes calls.
pub const CLIENT: SessionId = SessionId(1);

/// The calls of a site, and the open dialogues about them.
pub struct SmallSite {
    model: Model,
    pub routing: Routing,
}

/// A state of a site: its calls, and those about which a client is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteState {
    pub calls: Vec<Call>,
    pub asked: Vec<CallId>,
}

impl Deref for SmallSite {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.model
    }
}

impl DerefMut for SmallSite {
    fn deref_mut(&mut self) -> &mut Model {
        &mut self.model
    }
}

impl SmallSite {
    pub fn new(model: Model) -> SmallSite {
        SmallSite { model, routing: Routing::default() }
    }

    /// Replaces calls and dialogues.
    pub fn set(&mut self, state: &SiteState) {
        self.model.restore(state.calls.clone());
        self.routing = Routing::default();
        for &call in &state.asked {
            self.ask(call).expect("a call at a number");
        }
    }

    /// The registration of the client; it registers where it has not.
    fn registration(&mut self) -> RouteRegisterId {
        match self.routing.registrations.keys().next() {
            Some(&register) => register,
            None => self.routing.register(CLIENT, Some(N)).expect("the only one"),
        }
    }

    /// The client is asked for the route of a call that alerts at the number.
    pub fn ask(&mut self, call: CallId) -> Result<(), Refused> {
        if self.call(call).and_then(Call::number).is_none() || self.is_asked(call) {
            return Err(Refused::InvalidObjectState);
        }
        self.registration();
        self.routing.ask(call, N).map(|_| ()).ok_or(Refused::InvalidObjectState)
    }

    /// Returns true if a client is asked for the route of a call.
    pub fn is_asked(&self, call: CallId) -> bool {
        self.routing.of_call(call).is_some()
    }

    /// The client ends the dialogue about a call.
    pub fn end_dialogue(&mut self, call: CallId) -> Result<(), Refused> {
        let dialogue = self.routing.of_call(call).ok_or(Refused::InvalidCrossRefId)?;
        let register = *self.routing.registrations.keys().next().ok_or(Refused::InvalidCrossRefId)?;
        self.routing.own(CLIENT, register, dialogue).ok_or(Refused::InvalidCrossRefId)?;
        self.routing.end(dialogue).map(|_| ()).ok_or(Refused::InvalidCrossRefId)
    }

    /// Dialogues follow the changes of the transaction.
    pub fn follow(&mut self) {
        for change in self.model.changes() {
            self.routing.follow(change, &self.model);
        }
    }

    /// Each dialogue is of a client that has registered, about a call that alerts at a number, and the only one.
    pub fn check_dialogues(&self) -> Result<(), String> {
        for dialogue in self.routing.dialogues.values() {
            let alerts = self.call(dialogue.call).and_then(Call::number);
            let others = self.routing.dialogues.values().filter(|other| other.call == dialogue.call).count();
            if alerts.is_none() || others != 1 || !self.routing.registrations.contains_key(&dialogue.register) {
                return Err(format!("Dialogue({dialogue:?})"));
            }
        }
        Ok(())
    }
}
