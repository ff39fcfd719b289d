//! The conditions that hold between two transactions.
//!
//! Never: mends a model that breaks one.

use super::calls::Model;
use super::connection::Role;
use super::table::{ConnectionState, Deadline};
use crate::csta::CallId;
use crate::device::Device;

/// A broken condition, with the place where it is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// A state that is not stable has no deadline, or a stable one has one.
    Deadline(CallId, Device),
    /// A call has no connection, or too many.
    Size(CallId),
    /// A device takes part, is held, waits or alerts alone.
    Alone(CallId, Device),
    /// An observer has nothing to observe.
    Observer(CallId, Device),
    /// A parked call has no device to return to.
    Recall(CallId, Device),
    /// A connection and the device's list of calls differ.
    Appearance(CallId, Device),
    /// A station has two active calls, or two that alert.
    Twice(Device),
}

impl Model {
    /// The first broken condition.
    ///
    /// # Errors
    ///
    /// That condition.
    pub fn check(&self) -> Result<(), Broken> {
        for call in self.calls() {
            let parties = call.parties().count();
            if call.connections.is_empty() || call.connections.len() > self.bounds.connections {
                return Err(Broken::Size(call.id));
            }
            for connection in &call.connections {
                let device = connection.device;
                let stable = connection.state == ConnectionState::Connected;
                let unanswered =
                    stable && connection.deadline == Deadline::FarEnd && matches!(device, Device::Trunk(_));
                if stable != (connection.deadline == Deadline::None) && !unanswered {
                    return Err(Broken::Deadline(call.id, device));
                }
                let observes = match connection.role {
                    Role::Party => true,
                    Role::Silent => parties >= 2,
                    Role::Coach(station) => {
                        let coached = call.at(Device::Station(station));
                        parties >= 2 && coached.is_some_and(|it| it.role == Role::Party)
                    }
                };
                if !observes {
                    return Err(Broken::Observer(call.id, device));
                }
                // A device that dials or hears a tone is alone.
                let may_be_alone = matches!(connection.state, ConnectionState::Initiated | ConnectionState::Failed);
                if parties == 1 && !may_be_alone {
                    return Err(Broken::Alone(call.id, device));
                }
                if connection.deadline == Deadline::ParkRecall && connection.recall.is_none() {
                    return Err(Broken::Recall(call.id, device));
                }
                if let Some(appearances) = self.appearances(device)
                    && appearances.calls().iter().filter(|&&id| id == call.id).count() != 1
                {
                    return Err(Broken::Appearance(call.id, device));
                }
            }
        }
        let parks = (0..self.parks.len() as u16).map(|ix| Device::Park(crate::device::ParkIx(ix)));
        let trunks = (0..self.trunks.len() as u16).map(|ix| Device::Trunk(crate::device::TrunkIx(ix)));
        for device in self.station_devices().chain(parks).chain(trunks) {
            let calls = self.appearances(device).into_iter().flat_map(|it| it.calls());
            if let Some(&call) = calls.clone().find(|&&call| self.state(call, device).is_none()) {
                return Err(Broken::Appearance(call, device));
            }
            let states: Vec<ConnectionState> = self
                .appearances(device)
                .into_iter()
                .flat_map(|it| it.calls())
                .filter_map(|&call| self.state(call, device))
                .collect();
            let count = |is: &dyn Fn(ConnectionState) -> bool| states.iter().filter(|&&state| is(state)).count();
            if count(&ConnectionState::is_active) > 1 || count(&|state| state == ConnectionState::Alerting) > 1 {
                return Err(Broken::Twice(device));
            }
        }
        Ok(())
    }
}
