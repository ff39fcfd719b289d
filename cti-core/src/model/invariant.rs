//! The conditions that hold between two transactions.
//!
//! Never: mends a model that breaks one.

use super::calls::Model;
use super::connection::Role;
use super::table::{ConnectionState, Wait};
use crate::csta::CallId;
use crate::device::Device;

/// A broken condition, with the place where it is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// A state that is not stable has no deadline, or a stable one has one.
    Deadline(CallId, Device),
    /// A call has no connection, or too many.
    Size(CallId),
    /// A device takes part alone.
    Alone(CallId, Device),
    /// An observer has nothing to observe.
    Observer(CallId, Device),
    /// A connection and the device's list of calls differ.
    Appearance(CallId, Device),
    /// A station has two active calls, or two that alert.
    Twice(Device),
}

impl Model {
    /// The first broken condition.
    pub fn check(&self) -> Result<(), Broken> {
        for call in self.calls() {
            let parties = call.parties().count();
            if call.connections.is_empty() || call.connections.len() > self.bounds.connections {
                return Err(Broken::Size(call.id));
            }
            for connection in &call.connections {
                let device = connection.device;
                let stable = connection.state == ConnectionState::Connected;
                let unanswered = stable && connection.wait == Wait::FarEnd && matches!(device, Device::Trunk(_));
                if stable != (connection.wait == Wait::None) && !unanswered {
                    return Err(Broken::Deadline(call.id, device));
                }
                if connection.role != Role::Party && parties < 2 {
                    return Err(Broken::Observer(call.id, device));
                }
                if stable && parties == 1 {
                    return Err(Broken::Alone(call.id, device));
                }
                if let Some(appearances) = self.appearances(device)
                    && appearances.calls().iter().filter(|&&id| id == call.id).count() != 1
                {
                    return Err(Broken::Appearance(call.id, device));
                }
            }
        }
        for ix in 0..self.stations.len() {
            let device = Device::Station(crate::device::StationIx(ix as u16));
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
