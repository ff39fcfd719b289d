//! The devices of a site, found by name or by channel.
//!
//! Never: decides what happens next.

use std::collections::{BTreeMap, BTreeSet};

use tipring_driver::ids::ChannelId;
use tipring_driver::line::{CallerId, LineKind};
use tipring_driver::time::Tick;

use super::{Device, LineView, NumberIx, ParkIx, QueueIx, StationIx, TrunkIx};
use crate::acd::ids::AgentIx;
use crate::channel::{State, Word};
use crate::config::{Config, ConfigError, Destination, StationKind};
use crate::csta::DeviceId;

/// A line of the exchange.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Trunk {
    /// The name.
    pub id: DeviceId,
    /// The port.
    pub channel: ChannelId,
    /// The number by which it is called.
    pub number: NumberIx,
    /// The destination of its callers.
    pub entry: Destination,
    /// The destination of callers that are fax machines: a station or a queue.
    pub fax: Option<Device>,
    /// A caller identity that came before its ringing was validated.
    pub early_identity: Option<(Tick, CallerId)>,
}

/// A telephone.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Station {
    /// The extension.
    pub id: DeviceId,
    /// The port.
    pub channel: ChannelId,
    /// The way it is answered.
    pub kind: StationKind,
    /// The stations of one number pick up each other's calls; none in no group.
    #[serde(default)]
    pub pickup_group: Option<u16>,
    /// The agent who is logged on here.
    pub agent: Option<AgentIx>,
}

/// A number that callers dial.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub struct NumberDevice {
    /// The number.
    pub id: DeviceId,
    /// The name identifies this number; false where another device has the same name.
    pub is_named: bool,
}

/// All devices.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Devices {
    trunks: Vec<Trunk>,
    stations: Vec<Station>,
    queues: Vec<DeviceId>,
    parks: Vec<DeviceId>,
    numbers: Vec<NumberDevice>,
    names: BTreeMap<DeviceId, Device>,
    /// By channel; none where nothing is configured.
    lines: Vec<Option<LineView>>,
}

impl Devices {
    /// The devices of a site whose cards have `channels` channels.
    ///
    /// # Errors
    ///
    /// If two devices share a name or a channel, or a device is on a channel that no card has.
    pub fn new(config: &Config, channels: usize) -> Result<Devices, ConfigError> {
        let mut devices = Devices {
            trunks: Vec::with_capacity(config.trunks.len()),
            stations: Vec::with_capacity(config.stations.len()),
            queues: Vec::with_capacity(config.queues.len()),
            parks: Vec::new(),
            numbers: Vec::new(),
            names: BTreeMap::new(),
            lines: vec![None; channels],
        };
        for (ix, queue) in config.queues.iter().enumerate() {
            devices.name(queue.device, Device::Queue(QueueIx(ix as u16)))?;
            devices.queues.push(queue.device);
        }
        for (ix, &place) in config.parking.iter().enumerate() {
            devices.name(place, Device::Park(ParkIx(ix as u16)))?;
            devices.parks.push(place);
        }
        for (ix, station) in config.stations.iter().enumerate() {
            let device = Device::Station(StationIx(ix as u16));
            devices.name(station.device, device)?;
            devices.plug_in(station.channel, device, station.device)?;
            devices.stations.push(Station {
                id: station.device,
                channel: station.channel,
                kind: station.kind,
                pickup_group: station.pickup_group,
                agent: None,
            });
        }
        for (ix, trunk) in config.trunks.iter().enumerate() {
            let device = Device::Trunk(TrunkIx(ix as u16));
            devices.name(trunk.device, device)?;
            devices.plug_in(trunk.channel, device, trunk.device)?;
            let fax = trunk.fax.map(|fax| devices.destination(fax)).transpose()?;
            let number = devices.number_of(trunk.number);
            devices.trunks.push(Trunk {
                id: trunk.device,
                channel: trunk.channel,
                number,
                entry: trunk.entry,
                fax,
                early_identity: None,
            });
        }
        // A number that is also the name of a queue or a station leads there; it is a device of its own otherwise.
        for ix in 0..devices.numbers.len() {
            let id = devices.numbers[ix].id;
            if !id.is_empty() && !devices.names.contains_key(&id) {
                devices.numbers[ix].is_named = true;
                devices.names.insert(id, Device::Number(NumberIx(ix as u16)));
            }
        }
        Ok(devices)
    }

    /// Adds a queue; its name is known to be free.
    pub fn add_queue(&mut self, id: DeviceId) -> QueueIx {
        let queue = QueueIx(self.queues.len() as u16);
        self.queues.push(id);
        self.names.insert(id, Device::Queue(queue));
        queue
    }

    /// Adds a parking place; its name is known to be free.
    pub fn add_park(&mut self, id: DeviceId) {
        self.names.insert(id, Device::Park(ParkIx(self.parks.len() as u16)));
        self.parks.push(id);
    }

    fn number_of(&mut self, id: DeviceId) -> NumberIx {
        let ix = self.numbers.iter().position(|number| number.id == id).unwrap_or_else(|| {
            self.numbers.push(NumberDevice { id, is_named: false });
            self.numbers.len() - 1
        });
        NumberIx(ix as u16)
    }

    fn name(&mut self, id: DeviceId, device: Device) -> Result<(), ConfigError> {
        match self.names.insert(id, device) {
            None => Ok(()),
            Some(_) => Err(ConfigError::DeviceTwice(id)),
        }
    }

    fn plug_in(&mut self, channel: ChannelId, device: Device, id: DeviceId) -> Result<(), ConfigError> {
        if id.is_empty() {
            return Err(ConfigError::Unnamed(channel));
        }
        let Some(line) = self.lines.get_mut(channel.index()) else {
            return Err(ConfigError::NoSuchChannel(id, channel));
        };
        if line.is_some() {
            return Err(ConfigError::ChannelTwice(channel));
        }
        let Word { state, generation, .. } = Word::START;
        *line = Some(LineView { device, state, generation, misfit: false, listed: None });
        Ok(())
    }

    /// The station or queue of that name.
    fn destination(&self, id: DeviceId) -> Result<Device, ConfigError> {
        match self.find(&id) {
            Some(device @ (Device::Station(_) | Device::Queue(_))) => Ok(device),
            Some(Device::Trunk(_) | Device::Park(_) | Device::Number(_)) | None => {
                Err(ConfigError::NoSuchDestination(id))
            }
        }
    }

    /// The device of that name.
    pub fn find(&self, id: &DeviceId) -> Option<Device> {
        self.names.get(id).copied()
    }

    /// All devices in the order of their names.
    pub fn all(&self) -> impl Iterator<Item = (DeviceId, Device)> + '_ {
        self.names.iter().map(|(&id, &device)| (id, device))
    }

    /// The names, as a set to keep rights in.
    pub fn names(&self) -> BTreeSet<DeviceId> {
        self.names.keys().copied().collect()
    }

    /// A device's name.
    pub fn id(&self, device: Device) -> DeviceId {
        match device {
            Device::Trunk(trunk) => self.trunk(trunk).id,
            Device::Station(station) => self.station(station).id,
            Device::Queue(queue) => self.queues[usize::from(queue.0)],
            Device::Park(place) => self.parks[usize::from(place.0)],
            Device::Number(number) => self.numbers[usize::from(number.0)].id,
        }
    }

    /// The trunks in the order of the configuration.
    pub fn trunks(&self) -> &[Trunk] {
        &self.trunks
    }

    /// The stations in the order of the configuration.
    pub fn stations(&self) -> &[Station] {
        &self.stations
    }

    /// The number of parking places.
    pub fn parks(&self) -> usize {
        self.parks.len()
    }

    /// A trunk.
    pub fn trunk(&self, trunk: TrunkIx) -> &Trunk {
        &self.trunks[usize::from(trunk.0)]
    }

    /// A trunk, to be changed.
    pub fn trunk_mut(&mut self, trunk: TrunkIx) -> &mut Trunk {
        &mut self.trunks[usize::from(trunk.0)]
    }

    /// A station.
    pub fn station(&self, station: StationIx) -> &Station {
        &self.stations[usize::from(station.0)]
    }

    /// A station, to be changed.
    pub fn station_mut(&mut self, station: StationIx) -> &mut Station {
        &mut self.stations[usize::from(station.0)]
    }

    /// Sets the pickup groups of the first stations.
    pub(crate) fn set_pickup_groups(&mut self, groups: impl Iterator<Item = Option<u16>>) {
        for (station, group) in self.stations.iter_mut().zip(groups) {
            station.pickup_group = group;
        }
    }

    /// The state of a channel; none if nothing is configured there.
    pub fn line(&self, channel: ChannelId) -> Option<&LineView> {
        self.lines.get(channel.index())?.as_ref()
    }

    /// The state of a channel, to be changed.
    pub fn line_mut(&mut self, channel: ChannelId) -> Option<&mut LineView> {
        self.lines.get_mut(channel.index())?.as_mut()
    }

    /// The channels at which something is configured.
    pub fn channels(&self) -> impl Iterator<Item = ChannelId> + '_ {
        self.lines.iter().enumerate().filter(|(_, line)| line.is_some()).map(|(ix, _)| ChannelId(ix as u16))
    }

    /// The state of a channel; out of service if nothing is configured there.
    pub fn state(&self, channel: ChannelId) -> State {
        self.line(channel).map_or(State::OutOfService, |line| line.state)
    }

    /// The channel of a device; queues, numbers and parking places have none.
    pub fn channel(&self, device: Device) -> Option<ChannelId> {
        match device {
            Device::Trunk(trunk) => Some(self.trunk(trunk).channel),
            Device::Station(station) => Some(self.station(station).channel),
            Device::Queue(_) | Device::Park(_) | Device::Number(_) => None,
        }
    }

    /// Returns true if a station's line is at rest: a handset on hook, a headset that is worn.
    pub fn is_at_rest(&self, station: StationIx) -> bool {
        let station = self.station(station);
        let rest = match station.kind {
            StationKind::Handset => State::Idle,
            StationKind::Headset => State::InUse,
        };
        self.state(station.channel) == rest
    }

    /// Returns true if the module found at a channel is of the configured kind.
    pub fn fits(&self, channel: ChannelId, kind: LineKind) -> bool {
        matches!(
            (self.line(channel).map(|line| line.device), kind),
            (Some(Device::Trunk(_)), LineKind::Trunk) | (Some(Device::Station(_)), LineKind::Station)
        )
    }
}
