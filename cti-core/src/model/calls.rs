//! The slab of calls, the appearances of devices, and the one writer of a connection's state.
//!
//! Never: judges a service, or decides what follows from a step.

use tipring_driver::time::Tick;

use super::change::{Change, ChangeKind, Illegal, Reason};
use super::connection::{Appearances, Call, Connection, Role};
use super::table::{ConnectionState, Trigger, row_of};
use crate::by_key::ByCall;
use crate::config::StationKind;
use crate::csta::CallId;
use crate::device::Device;
use crate::limits::{APPEARANCES_MAX, CALL_CONNECTIONS_MAX, CALLS_MAX};

/// The bounds of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bounds {
    /// Calls at the same time.
    pub calls: usize,
    /// Connections of one call; at most [`CALL_CONNECTIONS_MAX`].
    pub connections: usize,
    /// Calls at one station; at most [`APPEARANCES_MAX`].
    pub appearances: usize,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { calls: CALLS_MAX, connections: CALL_CONNECTIONS_MAX, appearances: APPEARANCES_MAX }
    }
}

/// The features of a station, as far as a checkpoint of a format before 8 is read for them.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub(crate) struct EarlierFeatures {
    /// The pickup group, now of the [device](crate::device::Station).
    pub(crate) pickup_group: Option<u16>,
}

/// All calls and their connections.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Model {
    pub(super) slots: Vec<Option<Call>>,
    free: Vec<u32>,
    pub(super) by_id: ByCall<u32>,
    last: CallId,
    pub(super) stations: Vec<(StationKind, Appearances)>,
    pub(super) trunks: Vec<Appearances>,
    pub(super) parks: Vec<Appearances>,
    pub(super) bounds: Bounds,
    /// Of formats before 8; empty but while one is read.
    #[serde(default, skip_serializing, rename = "features")]
    pub(crate) earlier_features: Vec<EarlierFeatures>,
    now: Tick,
    seq: u64,
    /// Empty between two transactions.
    #[serde(skip)]
    changes: Vec<Change>,
}

impl Model {
    /// A site without calls. `last` is the highest call identifier ever used: identifiers go on from there.
    pub fn new(stations: &[StationKind], trunks: usize, parks: usize, bounds: Bounds, last: CallId) -> Model {
        Model {
            slots: Vec::new(),
            free: Vec::new(),
            by_id: ByCall::default(),
            last,
            stations: stations.iter().map(|&kind| (kind, Appearances::default())).collect(),
            trunks: vec![Appearances::default(); trunks],
            parks: vec![Appearances::default(); parks],
            bounds: Bounds {
                calls: bounds.calls,
                connections: bounds.connections.min(CALL_CONNECTIONS_MAX),
                appearances: bounds.appearances.min(APPEARANCES_MAX),
            },
            earlier_features: Vec::new(),
            now: Tick::ZERO,
            seq: 0,
            changes: Vec::new(),
        }
    }

    /// Other bounds: for tests that go through all that a small site can do.
    #[cfg(test)]
    pub(crate) const fn set_bounds(&mut self, bounds: Bounds) {
        self.bounds = bounds;
    }

    /// One parking place more.
    pub fn add_park(&mut self) {
        self.parks.push(Appearances::default());
    }

    /// Sets the tick of the steps that follow.
    pub fn set_now(&mut self, now: Tick) {
        self.now = now;
    }

    /// The highest call identifier used so far.
    pub fn last(&self) -> CallId {
        self.last
    }

    /// The changes that have not been taken, oldest first. They are recorded in `room` from now on, which is empty.
    pub fn take_changes(&mut self, room: Vec<Change>) -> Vec<Change> {
        core::mem::replace(&mut self.changes, room)
    }

    /// The changes that have not been taken, oldest first.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// A call.
    pub fn call(&self, id: CallId) -> Option<&Call> {
        self.slots[*self.by_id.get(&id)? as usize].as_ref()
    }

    /// All calls in the order of their identifiers.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.by_id.values().filter_map(|&slot| self.slots[slot as usize].as_ref())
    }

    /// The number of calls.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Returns true if there is no call.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The state of a device's connection; none if there is no such connection.
    pub fn state(&self, call: CallId, device: Device) -> Option<ConnectionState> {
        Some(self.call(call)?.at(device)?.state)
    }

    /// The appearances of a device; none for a queue, whose order of waiting is the distribution's.
    pub fn appearances(&self, device: Device) -> Option<&Appearances> {
        match device {
            Device::Station(ix) => self.stations.get(usize::from(ix.0)).map(|(_, appearances)| appearances),
            Device::Trunk(ix) => self.trunks.get(usize::from(ix.0)),
            Device::Park(ix) => self.parks.get(usize::from(ix.0)),
            Device::Queue(_) | Device::Number(_) => None,
        }
    }

    /// Every station.
    pub(super) fn station_devices(&self) -> impl Iterator<Item = Device> + use<> {
        (0..self.stations.len() as u16).map(|ix| Device::Station(crate::device::StationIx(ix)))
    }

    /// The call that takes a device's line; none if the line is at rest, or has held and alerting calls only.
    pub fn active(&self, device: Device) -> Option<CallId> {
        let calls = self.appearances(device)?.calls().iter().copied();
        calls.into_iter().find(|&call| self.state(call, device).is_some_and(ConnectionState::is_active))
    }

    /// Returns true if a call is offered to a device.
    pub(super) fn is_alerting(&self, device: Device) -> bool {
        self.appearances(device).is_some_and(|appearances| {
            appearances.calls().iter().any(|&call| self.state(call, device) == Some(ConnectionState::Alerting))
        })
    }

    /// Returns true if one more call fits at a device.
    pub(super) fn has_appearance(&self, device: Device) -> bool {
        let bound = match device {
            Device::Station(_) => self.bounds.appearances,
            Device::Trunk(_) | Device::Park(_) => 1,
            Device::Queue(_) | Device::Number(_) => return true,
        };
        self.appearances(device).is_some_and(|appearances| appearances.calls().len() < bound)
    }

    fn appearances_mut(&mut self, device: Device) -> Option<&mut Appearances> {
        match device {
            Device::Station(ix) => self.stations.get_mut(usize::from(ix.0)).map(|(_, appearances)| appearances),
            Device::Trunk(ix) => self.trunks.get_mut(usize::from(ix.0)),
            Device::Park(ix) => self.parks.get_mut(usize::from(ix.0)),
            Device::Queue(_) | Device::Number(_) => None,
        }
    }

    pub(super) fn call_mut(&mut self, id: CallId) -> Option<&mut Call> {
        self.slots[*self.by_id.get(&id)? as usize].as_mut()
    }

    /// Returns true if no call can begin.
    pub fn is_full(&self) -> bool {
        self.len() >= self.bounds.calls
    }

    /// Begins a call without connections; none if there are too many calls.
    pub(super) fn begin(&mut self) -> Option<CallId> {
        if self.is_full() {
            return None;
        }
        // Positive and in order; after 2³¹ calls the numbers begin again, skipping those in use.
        loop {
            self.last = CallId(self.last.0.checked_add(1).unwrap_or(1));
            if !self.by_id.contains_key(&self.last) {
                break;
            }
        }
        let call = Call::new(self.last);
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() as u32 - 1
        });
        self.by_id.insert(call.id, slot);
        self.slots[slot as usize] = Some(call);
        Some(self.last)
    }

    /// Removes a call without connections and records its end.
    pub(super) fn end(&mut self, id: CallId, reason: Reason) {
        self.remove(id);
        self.record(id, ChangeKind::CallCleared, reason);
    }

    pub(super) fn remove(&mut self, id: CallId) -> Option<Call> {
        let slot = self.by_id.remove(&id)?;
        self.free.push(slot);
        self.slots[slot as usize].take()
    }

    pub(super) fn record(&mut self, call: CallId, kind: ChangeKind, reason: Reason) {
        self.seq += 1;
        self.changes.push(Change { seq: self.seq, call, kind, reason });
    }

    /// Takes one step of the table. No other function writes a connection's state.
    pub(super) fn step(&mut self, id: CallId, device: Device, trigger: Trigger, reason: Reason) -> Result<(), Illegal> {
        let now = self.now;
        let from = self.state(id, device);
        let illegal = Illegal { device, from, trigger };
        let row = row_of(from, trigger).ok_or(illegal)?;
        if from.is_none() && !self.has_appearance(device) {
            return Err(illegal);
        }
        let bound = self.bounds.connections;
        let call = self.call_mut(id).ok_or(illegal)?;
        if from.is_none() && call.connections.len() >= bound {
            return Err(illegal);
        }
        match row.to {
            Some(state) => match call.connections.iter_mut().find(|connection| connection.device == device) {
                Some(connection) => {
                    (connection.state, connection.since, connection.deadline) = (state, now, row.deadline)
                }
                None => call.connections.push(Connection {
                    device,
                    state,
                    since: now,
                    deadline: row.deadline,
                    role: Role::Party,
                    recall: None,
                }),
            },
            None => call.connections.retain(|connection| connection.device != device),
        }
        match (from, row.to) {
            (None, Some(_)) => {
                if let Some(appearances) = self.appearances_mut(device) {
                    appearances.0.try_push(id).map_err(|_| illegal)?;
                }
            }
            (Some(_), None) => {
                if let Some(appearances) = self.appearances_mut(device) {
                    appearances.0.retain(|call| *call != id);
                }
            }
            (Some(_) | None, _) => {}
        }
        self.record(id, ChangeKind::Step { device, row }, reason);
        Ok(())
    }

    /// Moves the connections of one call, save that of `by`, to another. The emptied call is gone.
    pub(super) fn absorb(&mut self, held: CallId, into: CallId, by: Device) {
        let Some(gone) = self.remove(held) else { return };
        for connection in gone.connections {
            if let Some(appearances) = self.appearances_mut(connection.device) {
                if connection.device == by {
                    appearances.0.retain(|call| *call != held);
                } else if let Some(call) = appearances.0.iter_mut().find(|call| **call == held) {
                    *call = into;
                }
            }
            if connection.device != by
                && let Some(call) = self.call_mut(into)
            {
                call.connections.push(connection);
            }
        }
    }

    /// Takes a device's connection out without a step of its own: the merge that follows reports it.
    pub(super) fn withdraw(&mut self, id: CallId, device: Device) {
        if let Some(call) = self.call_mut(id) {
            call.connections.retain(|connection| connection.device != device);
        }
        if let Some(appearances) = self.appearances_mut(device) {
            appearances.0.retain(|call| *call != id);
        }
    }
}
