//! The rest of a call after a device has left it.
//!
//! The rules go by state and kind of device, never by the course of the call:
//!
//! | left alone | then |
//! |---|---|
//! | a handset that is connected | fails: it hears a tone |
//! | devices that dial, or hear a tone | stay until their deadlines |
//! | any other device | is cleared |
//!
//! Never: looks at how a call has come about.

use super::calls::Model;
use super::change::{Origin, Reason};
use super::connection::{Call, Role};
use super::table::{ConnectionState, Trigger};
use crate::config::StationKind;
use crate::csta::CallId;
use crate::csta::cause::EventCause;
use crate::device::Device;

impl Model {
    /// Clears the connections that a call cannot keep, and ends the call when none is left.
    pub(crate) fn settle(&mut self, id: CallId, reason: Reason) {
        while let Some(call) = self.call(id) {
            if call.connections.is_empty() {
                return self.end(id, reason);
            }
            let Some((device, trigger)) = self.next_to_leave(call) else { return };
            // A telephone that rings for a call that is over stops.
            let rings = call.at(device).is_some_and(|it| it.state == ConnectionState::Alerting);
            let cancelled = Reason { cause: EventCause::CallCancelled, origin: Origin::Switch };
            let of = Reason { origin: Origin::Switch, ..if rings { cancelled } else { reason } };
            if self.step(id, device, trigger, of).is_err() {
                // The table lacks the row: the invariant names the connection that is left.
                return;
            }
        }
    }

    /// The next connection of a call that cannot stay, with the step it takes.
    fn next_to_leave(&self, call: &Call) -> Option<(Device, Trigger)> {
        let takes_part =
            |state| matches!(state, ConnectionState::Connected | ConnectionState::Held | ConnectionState::Initiated);
        let parties = call.parties().count();
        let lonely = parties <= 1 || !call.parties().any(|party| takes_part(party.state));
        let talking = call.parties().filter(|party| takes_part(party.state)).count();
        let observer = call.connections.iter().find(|connection| match connection.role {
            Role::Party => false,
            Role::Silent => talking < 2,
            Role::Coach(station) => {
                talking < 2 || call.at(Device::Station(station)).is_none_or(|coached| coached.role != Role::Party)
            }
        });
        if let Some(observer) = observer {
            return Some((observer.device, Trigger::Clear));
        }
        if !lonely {
            return None;
        }
        // A device that hears a tone stays with it; the rest leaves, whatever the order of its arrival.
        let left = call.parties().filter(|party| party.state != ConnectionState::Failed).min_by_key(|it| it.device)?;
        match (left.state, left.device) {
            (ConnectionState::Initiated, Device::Station(_)) if parties == 1 => None,
            (ConnectionState::Connected, device @ Device::Station(_)) if self.hears_the_end(device) => {
                Some((device, Trigger::Fail))
            }
            (state, device) => Some((device, Trigger::leaving(device, state))),
        }
    }

    /// Returns true if a station stays off hook when its call is over: a handset does, a headset is free at once.
    fn hears_the_end(&self, device: Device) -> bool {
        match device {
            Device::Station(ix) => {
                self.stations.get(usize::from(ix.0)).is_some_and(|(kind, _)| *kind == StationKind::Handset)
            }
            Device::Trunk(_) | Device::Queue(_) | Device::Park(_) | Device::Number(_) => false,
        }
    }
}
