//! Rights of a user: kinds of services, each with the devices it is permitted for. Nothing else is permitted.
//!
//! A right to act on a device includes the right to observe it. The right that a service needs is its
//! [`required_right`](crate::required_right).
//!
//! Never: holds a user's name or password.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::DeviceId;

/// A kind of services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum ServiceGroup {
    /// Monitors, snapshots and queries.
    Observe,
    /// Call control: make, answer, clear, hold, transfer, conference, deflect, DTMF.
    Call,
    /// Log-in, log-out and states of agents.
    Agent,
    /// Features of a device: message lamp, do not disturb, forwarding.
    Feature,
    /// Routing of a device's calls.
    Route,
    /// Supervision: listening, whispering, barging in, taking over, forced releases and states.
    Supervise,
    /// Records of the calls of a device: recordings, scores, reports, callers to be called back, messages.
    Review,
    /// The site itself: its agents with their queues and skills, the event mode in force.
    Administer,
}

impl ServiceGroup {
    /// Every kind.
    pub const ALL: [ServiceGroup; 8] = [
        ServiceGroup::Observe,
        ServiceGroup::Call,
        ServiceGroup::Agent,
        ServiceGroup::Feature,
        ServiceGroup::Route,
        ServiceGroup::Supervise,
        ServiceGroup::Review,
        ServiceGroup::Administer,
    ];
}

/// A set of devices.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Devices {
    /// All there are.
    All,
    /// These.
    Only(BTreeSet<DeviceId>),
}

impl Default for Devices {
    fn default() -> Devices {
        Devices::Only(BTreeSet::new())
    }
}

impl Devices {
    /// Returns true if a device belongs to the set.
    pub fn contains(&self, device: &DeviceId) -> bool {
        match self {
            Devices::All => true,
            Devices::Only(devices) => devices.contains(device),
        }
    }

    /// Returns true if no device belongs to the set.
    pub fn is_empty(&self) -> bool {
        matches!(self, Devices::Only(devices) if devices.is_empty())
    }

    fn extend(&mut self, others: &Devices) {
        match (&mut *self, others) {
            (Devices::Only(devices), Devices::Only(others)) => devices.extend(others),
            (Devices::Only(_), Devices::All) => *self = Devices::All,
            (Devices::All, _) => {}
        }
    }
}

/// Rights of a user.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Rights(BTreeMap<ServiceGroup, Devices>);

impl Rights {
    /// Returns the rights to every service on every device.
    pub fn everything() -> Rights {
        Rights::to(&Devices::All)
    }

    /// Returns the rights to every service on some devices.
    pub fn to(devices: &Devices) -> Rights {
        let mut rights = Rights::default();
        ServiceGroup::ALL.into_iter().for_each(|group| rights.permit(group, devices));
        rights
    }

    /// Adds the right to a kind of services on some devices, and to observe them.
    pub fn permit(&mut self, group: ServiceGroup, devices: &Devices) {
        for group in [group, ServiceGroup::Observe] {
            self.0.entry(group).or_default().extend(devices);
        }
    }

    /// Returns the devices that may be observed: all for which there is any right.
    pub fn observed(&self) -> Devices {
        self.devices(ServiceGroup::Observe).cloned().unwrap_or_default()
    }

    /// Returns the kinds of services that are permitted for any device.
    pub fn groups(&self) -> impl Iterator<Item = ServiceGroup> {
        self.0.iter().filter(|(_, devices)| !devices.is_empty()).map(|(group, _)| *group)
    }

    /// Returns the devices on which a kind of services is permitted.
    pub fn devices(&self, group: ServiceGroup) -> Option<&Devices> {
        self.0.get(&group)
    }

    /// Returns true if a kind of services is permitted on a device.
    pub fn permits(&self, group: ServiceGroup, device: &DeviceId) -> bool {
        self.0.get(&group).is_some_and(|devices| devices.contains(device))
    }
}
