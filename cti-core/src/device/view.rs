//! The state of a channel as far as its events have been taken.
//!
//! The view is stepped along the same edges as the word of the channel. An event of an older use of the channel, or one
//! that has no edge from the view, is stale: it was overtaken, or the words were read after a loss and it is already
//! known.
//!
//! Never: touches a word; that takes a claim.

use tipring_driver::line::{DisconnectSignal, LineEvent, LineFailure, LineKind};

use super::Device;
use crate::channel::transition::{self, LineEdge};
use crate::channel::{Cause, Generation, Owner, State, Word};

/// The state of a channel: its word as of the last event taken, or the last claim won.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LineView {
    /// The device that is configured there.
    pub device: Device,
    /// The state.
    pub state: State,
    /// The use of the channel.
    pub generation: Generation,
    /// The module is of the wrong kind: whatever its word says, the channel stays out of service.
    pub misfit: bool,
    /// The state known to those who look for a free line; none if none is.
    #[serde(default)]
    pub listed: Option<State>,
}

impl LineView {
    /// The state after an event; none if the event is stale.
    pub fn follow(&self, generation: Generation, event: &LineEvent) -> Option<State> {
        if generation < self.generation {
            return None;
        }
        // A newer use than the one known began at rest, wherever the view has stopped.
        let newer = generation > self.generation;
        let state = if newer && !self.state.is_at_rest() { State::Idle } else { self.state };
        let word = Word { state, owner: Owner::Line, cause: Cause::Normal, generation: self.generation };
        match transition::line(word, event) {
            // Leaving rest begins a new use: the same event of the use already known has been taken.
            LineEdge::Step(_) if state.is_at_rest() && generation == self.generation => None,
            LineEdge::Step(next) => Some(next.state),
            LineEdge::Stay => Some(state),
            LineEdge::Superseded => None,
        }
    }

    /// The event that leads from the view to the word; none if there is nothing to be done about it.
    pub fn missing(&self, word: Word) -> Option<LineEvent> {
        let kind = match self.device {
            Device::Trunk(_) => LineKind::Trunk,
            Device::Station(_) => LineKind::Station,
            Device::Queue(_) | Device::Park(_) | Device::Number(_) => return None,
        };
        match (word.state, self.state) {
            (State::OutOfService, State::OutOfService) => None,
            (State::OutOfService, _) => Some(LineEvent::OutOfService),
            (_, State::OutOfService) => Some(LineEvent::InService(kind)),
            (State::Offered, State::Idle) => Some(LineEvent::Offered),
            (State::InUse, State::Dialling) => Some(LineEvent::Answered),
            (State::InUse, State::Idle | State::Ringing | State::Releasing) => Some(LineEvent::OffHook),
            (State::Released, State::Dialling | State::InUse) => {
                Some(transition::end_of(word.cause).unwrap_or(LineEvent::Released(DisconnectSignal::Tone)))
            }
            (State::Idle, State::Offered) => Some(LineEvent::RingingStopped),
            (State::Idle, State::InUse) => Some(LineEvent::OnHook),
            (State::Idle, State::Ringing) => Some(LineEvent::Failed(LineFailure::NoBattery)),
            (State::Idle, State::Releasing) => Some(LineEvent::Idle),
            // The core's own steps, or none at all.
            (State::Dialling | State::Ringing | State::Releasing, _)
            | (State::Idle, State::Idle | State::Dialling | State::Released)
            | (State::Offered, State::Offered | State::Dialling | State::Ringing | State::InUse)
            | (State::Offered, State::Released | State::Releasing)
            | (State::InUse, State::Offered | State::InUse | State::Released)
            | (State::Released, State::Idle | State::Offered | State::Ringing | State::Released | State::Releasing) => {
                None
            }
        }
    }
}
