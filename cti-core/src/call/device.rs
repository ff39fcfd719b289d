//! The devices of a site: which there are, what they are called, and what is going on at each.
//!
//! A device's kind is part of how it is named here, so that nothing has to be checked twice. What a channel is doing,
//! as far as the core has been told, is kept beside it: the word in the table may already be a step further.
//!
//! Never: decides what happens next.

use std::collections::{BTreeMap, BTreeSet};

use tipring_driver::ids::ChannelId;
use tipring_driver::line::{CallerId, LineKind};
use tipring_driver::time::Tick;

use crate::acd::agent::AgentIx;
use crate::channel::{Generation, State, Word};
use crate::config::{Config, ConfigError, Destination, StationKind};
use crate::csta::{CallId, DeviceId, DeviceType};

/// A trunk, by its place in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrunkIx(pub u16);

/// A station, by its place in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StationIx(pub u16);

/// A queue, by its place in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueIx(pub u16);

/// A device of any kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Device {
    /// A line of the exchange.
    Trunk(TrunkIx),
    /// A telephone.
    Station(StationIx),
    /// A queue.
    Queue(QueueIx),
}

impl Device {
    /// What the standard calls such a device.
    pub const fn device_type(self) -> DeviceType {
        match self {
            Device::Trunk(_) => DeviceType::Trunk,
            Device::Station(_) => DeviceType::Station,
            Device::Queue(_) => DeviceType::Acd,
        }
    }
}

/// What the core knows of a channel: the word as of the last event it has taken, or the last claim it has won.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Who sits there.
    pub device: Device,
    /// What it is doing.
    pub state: State,
    /// Which use of it this is.
    pub generation: Generation,
    /// The module there is of the wrong kind: whatever its word says, it stays out of service.
    pub misfit: bool,
}

/// A line of the exchange.
#[derive(Debug, Clone)]
pub struct Trunk {
    /// Its name.
    pub id: DeviceId,
    /// Where it is plugged in.
    pub channel: ChannelId,
    /// The number by which it is called.
    pub number: DeviceId,
    /// Where its callers go.
    pub entry: Destination,
    /// Where those go who turn out to be fax machines: a station or a queue.
    pub fax: Option<Device>,
    /// Whether calls may go out by it.
    pub outgoing: bool,
    /// The call it is in.
    pub call: Option<CallId>,
    /// A caller identity that came before its ringing was validated.
    pub early_identity: Option<(Tick, CallerId)>,
}

/// A telephone.
#[derive(Debug, Clone)]
pub struct Station {
    /// Its extension.
    pub id: DeviceId,
    /// Where it is plugged in.
    pub channel: ChannelId,
    /// How it is answered.
    pub kind: StationKind,
    /// The call it is in, be it only ringing.
    pub call: Option<CallId>,
    /// Who is logged on here.
    pub agent: Option<AgentIx>,
    /// The line was first when it was to be rung. What it did is on its way here; until then it is left alone.
    pub contended: bool,
}

/// All devices.
#[derive(Debug)]
pub struct Devices {
    /// Lines of the exchange.
    pub trunks: Vec<Trunk>,
    /// Telephones.
    pub stations: Vec<Station>,
    /// Names of the queues.
    pub queues: Vec<DeviceId>,
    names: BTreeMap<DeviceId, Device>,
    /// By channel; none where nothing is configured.
    lines: Vec<Option<Line>>,
}

impl Devices {
    /// The devices of a site whose cards have `channels` channels.
    pub fn new(config: &Config, channels: usize) -> Result<Devices, ConfigError> {
        let mut devices = Devices {
            trunks: Vec::with_capacity(config.trunks.len()),
            stations: Vec::with_capacity(config.stations.len()),
            queues: Vec::with_capacity(config.queues.len()),
            names: BTreeMap::new(),
            lines: vec![None; channels],
        };
        for (ix, queue) in config.queues.iter().enumerate() {
            devices.name(queue.device, Device::Queue(QueueIx(ix as u16)))?;
            devices.queues.push(queue.device);
        }
        for (ix, station) in config.stations.iter().enumerate() {
            let device = Device::Station(StationIx(ix as u16));
            devices.name(station.device, device)?;
            devices.plug_in(station.channel, device, station.device)?;
            let (id, channel, kind) = (station.device, station.channel, station.kind);
            devices.stations.push(Station { id, channel, kind, call: None, agent: None, contended: false });
        }
        for (ix, trunk) in config.trunks.iter().enumerate() {
            let device = Device::Trunk(TrunkIx(ix as u16));
            devices.name(trunk.device, device)?;
            devices.plug_in(trunk.channel, device, trunk.device)?;
            let fax = trunk.fax.map(|fax| devices.destination(fax)).transpose()?;
            devices.trunks.push(Trunk {
                id: trunk.device,
                channel: trunk.channel,
                number: trunk.number,
                entry: trunk.entry,
                fax,
                outgoing: trunk.outgoing,
                call: None,
                early_identity: None,
            });
        }
        Ok(devices)
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
        *line = Some(Line { device, state, generation, misfit: false });
        Ok(())
    }

    /// The station or queue of that name.
    fn destination(&self, id: DeviceId) -> Result<Device, ConfigError> {
        match self.find(&id) {
            Some(device @ (Device::Station(_) | Device::Queue(_))) => Ok(device),
            Some(Device::Trunk(_)) | None => Err(ConfigError::NoSuchDestination(id)),
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
            Device::Queue(queue) => self.queues[queue.0 as usize],
        }
    }

    /// A trunk.
    pub fn trunk(&self, trunk: TrunkIx) -> &Trunk {
        &self.trunks[trunk.0 as usize]
    }

    /// A trunk, to be changed.
    pub fn trunk_mut(&mut self, trunk: TrunkIx) -> &mut Trunk {
        &mut self.trunks[trunk.0 as usize]
    }

    /// A station.
    pub fn station(&self, station: StationIx) -> &Station {
        &self.stations[station.0 as usize]
    }

    /// A station, to be changed.
    pub fn station_mut(&mut self, station: StationIx) -> &mut Station {
        &mut self.stations[station.0 as usize]
    }

    /// What is known of a channel; none if nothing is configured there.
    pub fn line(&self, channel: ChannelId) -> Option<&Line> {
        self.lines.get(channel.index())?.as_ref()
    }

    /// What is known of a channel, to be changed.
    pub fn line_mut(&mut self, channel: ChannelId) -> Option<&mut Line> {
        self.lines.get_mut(channel.index())?.as_mut()
    }

    /// The channels at which something is configured.
    pub fn channels(&self) -> impl Iterator<Item = ChannelId> + '_ {
        self.lines.iter().enumerate().filter(|(_, line)| line.is_some()).map(|(ix, _)| ChannelId(ix as u16))
    }

    /// What a channel is doing; out of service if nothing is configured there.
    pub fn state(&self, channel: ChannelId) -> State {
        self.line(channel).map_or(State::OutOfService, |line| line.state)
    }

    /// The channel of a device; queues have none.
    pub fn channel(&self, device: Device) -> Option<ChannelId> {
        match device {
            Device::Trunk(trunk) => Some(self.trunk(trunk).channel),
            Device::Station(station) => Some(self.station(station).channel),
            Device::Queue(_) => None,
        }
    }

    /// The call a device is in; a queue may be in many, and is asked elsewhere.
    pub fn call(&self, device: Device) -> Option<CallId> {
        match device {
            Device::Trunk(trunk) => self.trunk(trunk).call,
            Device::Station(station) => self.station(station).call,
            Device::Queue(_) => None,
        }
    }

    /// Notes the call a device is in. A queue keeps its calls itself.
    pub fn set_call(&mut self, device: Device, call: Option<CallId>) {
        match device {
            Device::Trunk(trunk) => self.trunk_mut(trunk).call = call,
            Device::Station(station) => self.station_mut(station).call = call,
            Device::Queue(_) => {}
        }
    }

    /// Whether a call could be given to a station now: a handset that hangs, a headset that is worn.
    pub fn is_free(&self, station: StationIx) -> bool {
        let station = self.station(station);
        let rests = match station.kind {
            StationKind::Handset => State::Idle,
            StationKind::Headset => State::InUse,
        };
        station.call.is_none() && !station.contended && self.state(station.channel) == rests
    }

    /// Whether the module found at a channel is of the kind that is configured there.
    pub fn fits(&self, channel: ChannelId, kind: LineKind) -> bool {
        match (self.line(channel).map(|line| line.device), kind) {
            (Some(Device::Trunk(_)), LineKind::Trunk) | (Some(Device::Station(_)), LineKind::Station) => true,
            (Some(Device::Trunk(_) | Device::Station(_) | Device::Queue(_)) | None, _) => false,
        }
    }
}
