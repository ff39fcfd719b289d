//! The TDM400P: an analogue card with four module sockets, as a PCI device.
//!
//! ```text
//!  PCI ── config space
//!      ── BAR 0 (I/O) ─┐             ┌─ local bus: glue logic, module select
//!      ── BAR 1 (mem) ─┴─ bridge ────┼─ AUX pins: serial bus ──┬─ socket 0: FXS or FXO ── wire
//!      ── DMA, INTA# ────┘           └─ PCM bus ───────────────┴─ ... socket 3 ── wire
//! ```
//!
//! | file | part |
//! |---|---|
//! | `bridge`, `dma_ring` | TJ320 registers, DMA rings, interrupt, glue logic |
//! | `serial` | the bit-banged bus to the modules |
//! | `pcm`, `codec` | slots on the PCM bus, G.711 |
//! | `fxs`, `fxo` | the two kinds of module |
//!
//! Sound takes no time through the card: what the host's ring holds in a millisecond is on the wire in that
//! millisecond, and what the wire carries then is in the host's other ring at its end.

mod bridge;
mod codec;
mod dma_ring;
mod fxo;
mod fxs;
mod pcm;
mod serial;

use serde::{Deserialize, Serialize};

use crate::config_space::{BarKind, ConfigSpace, Identity, STATUS_RECEIVED_MASTER_ABORT, STATUS_RECEIVED_TARGET_ABORT};
use crate::device::{Device, Region};
use crate::fault::{Faults, PORTS};
use crate::guest_memory::GuestMemory;
use crate::network::{Sound, TrunkFeed, WireFeed, WireLoad, World};
use bridge::{Bridge, EVENT_MASTER_ABORT, EVENT_TARGET_ABORT, Effect, Frames};
use fxo::Fxo;
use fxs::Fxs;
use serial::{Port, Protocol, Registers, Serial};

/// Module in a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Module {
    /// Nothing.
    #[default]
    Absent,
    /// A station module, towards a telephone.
    Fxs,
    /// A trunk module, towards an exchange.
    Fxo,
}

/// The numbers of the revision I of the card, the common one.
const IDENTITY: Identity = Identity {
    vendor: 0xe159,
    device: 0x0001,
    revision: 0x00,
    class: 0x07_80_00,
    subsystem_vendor: 0xb1d9,
    subsystem_device: 0x0003,
    interrupt_pin: 1,
    min_grant: 0x01,
    max_latency: 0x80,
    bars: [
        BarKind::Io { size: 256 },
        BarKind::Memory { size: 4096 },
        BarKind::None,
        BarKind::None,
        BarKind::None,
        BarKind::None,
    ],
};

/// A module in its socket.
enum Socket {
    Absent,
    Fxs(Box<Fxs>),
    Fxo(Box<Fxo>),
}

/// The sockets, their ends of the serial bus, and whether they can be spoken to.
struct Sockets {
    sockets: [Socket; PORTS],
    ends: [Port; PORTS],
    held_in_reset: bool,
    dead: [bool; PORTS],
}

/// The card.
pub struct Tdm400p {
    config: ConfigSpace,
    bridge: Bridge,
    serial: Serial,
    modules: Sockets,
    world: Box<dyn World>,
    faults: Faults,
    feeds: [WireFeed; PORTS],
}

impl Tdm400p {
    /// A card after power-up, with these modules, its wires in this world.
    pub fn new(modules: [Module; PORTS], world: Box<dyn World>) -> Tdm400p {
        Tdm400p {
            config: ConfigSpace::new(IDENTITY),
            bridge: Bridge::new(false),
            serial: Serial::default(),
            modules: Sockets {
                sockets: modules.map(Socket::new),
                ends: [Port::default(); PORTS],
                held_in_reset: true,
                dead: [false; PORTS],
            },
            world,
            faults: Faults::default(),
            feeds: [WireFeed::Nothing; PORTS],
        }
    }

    /// The card with faults as planned.
    pub fn with_faults(mut self, faults: Faults) -> Tdm400p {
        self.faults = faults;
        self
    }

    /// The card with events that, unless latched by CNTL bit 6, vanish after their frame as on the chip. Without
    /// this they stay until acknowledged, since a guest's clock may jitter more than a computer's would.
    pub fn with_strict_events(mut self) -> Tdm400p {
        self.bridge = Bridge::new(true);
        self
    }

    fn read_register(&mut self, offset: u64) -> u8 {
        self.bridge.read(offset)
    }

    fn write_register(&mut self, offset: u64, value: u8) {
        match self.bridge.write(offset, value) {
            Effect::None => {}
            Effect::Reset { held } => {
                self.modules.held_in_reset = held;
                if held {
                    self.modules.reset();
                }
            }
            Effect::Pins => {
                let level = self.serial.set_pins(self.bridge.pins(), self.bridge.selected(), &mut self.modules);
                let level = self.faults.now().serial_stuck.unwrap_or(level);
                self.bridge.set_data_in(level);
            }
        }
    }

    /// Returns true if the card asserts its interrupt, or a fault makes it look so.
    fn wants_interrupt(&self) -> bool {
        let now = self.faults.now();
        (self.bridge.interrupt() && !now.pin_held) || now.pin_spurious
    }

    /// Faults of the modules in this millisecond.
    fn break_modules(&mut self) {
        let now = self.faults.now();
        for (port, broken) in now.ports.iter().enumerate() {
            self.modules.dead[port] = broken.dead;
            if broken.brown_out {
                self.modules.sockets[port].reset();
                self.modules.ends[port].reset();
            }
        }
    }

    /// The wires for a millisecond: `from_host` goes out, and what comes in is given back.
    fn exchange_sound(&mut self, from_host: &Frames) -> Frames {
        let now = *self.faults.now();
        let mut to_host = [u32::MAX; 8];
        let mut said: [Sound; PORTS] = [[0; 8]; PORTS];
        let loads: [WireLoad; PORTS] = std::array::from_fn(|port| match &mut self.modules.sockets[port] {
            Socket::Absent => WireLoad::Nothing,
            Socket::Fxs(fxs) => {
                let feed = fxs.present(from_host, &now.ports[port]);
                said[port] = feed.sound;
                WireLoad::Station(feed)
            }
            Socket::Fxo(fxo) => {
                let mut load = fxo.present(from_host, &now.ports[port]);
                if now.ports[port].cut_line {
                    load = Default::default();
                }
                said[port] = load.sound;
                WireLoad::Trunk(load)
            }
        });
        self.feeds = [WireFeed::Nothing; PORTS];
        self.world.step(&loads, &mut self.feeds);
        for (port, (socket, said)) in self.modules.sockets.iter_mut().zip(&said).enumerate() {
            match socket {
                Socket::Absent => {}
                Socket::Fxs(fxs) => {
                    let mut load = match self.feeds[port] {
                        WireFeed::Station(load) => load,
                        WireFeed::Nothing | WireFeed::Trunk(_) => Default::default(),
                    };
                    self.faults.spoil(port, said, &mut load.sound);
                    fxs.listen(&load, from_host, &mut to_host);
                }
                Socket::Fxo(fxo) => {
                    let mut feed = match self.feeds[port] {
                        WireFeed::Trunk(feed) => feed,
                        WireFeed::Nothing | WireFeed::Station(_) => TrunkFeed::default(),
                    };
                    self.faults.spoil(port, said, &mut feed.sound);
                    fxo.listen(&feed, &mut to_host, &now.ports[port]);
                }
            }
        }
        to_host
    }

    /// Contents of the host's transmit ring for this millisecond; `None` while DMA does not run.
    fn fetch(&mut self, memory: &GuestMemory) -> Option<Frames> {
        if !self.bridge.running() || !self.config.bus_master() {
            return None;
        }
        let (frames, whole) = self.bridge.fetch(memory);
        let now = *self.faults.now();
        if now.target_abort {
            self.abort(EVENT_TARGET_ABORT, STATUS_RECEIVED_TARGET_ABORT);
        } else if now.master_abort || !whole {
            self.abort(EVENT_MASTER_ABORT, STATUS_RECEIVED_MASTER_ABORT);
        }
        Some(if now.target_abort || now.master_abort { [u32::MAX; 8] } else { frames })
    }

    fn store(&mut self, frames: &Frames, memory: &GuestMemory) {
        let now = *self.faults.now();
        let nowhere = GuestMemory::default();
        let carried = !(now.target_abort || now.master_abort);
        let before = self.bridge.events();
        if !self.bridge.store(frames, if carried { memory } else { &nowhere }) && carried {
            self.abort(EVENT_MASTER_ABORT, STATUS_RECEIVED_MASTER_ABORT);
        }
        if now.events_lost {
            self.bridge.forget_events_since(before);
        }
    }

    fn abort(&mut self, event: u8, status: u16) {
        self.bridge.raise(event);
        self.config.raise_status(status);
    }

    fn reset_function(&mut self) {
        self.bridge.reset();
        self.serial = Serial::default();
        self.modules.held_in_reset = true;
        self.modules.reset();
    }
}

impl Device for Tdm400p {
    fn region_size(&self, region: Region) -> u64 {
        match region {
            Region::Bar(number) => IDENTITY.bars.get(usize::from(number)).map_or(0, |bar| u64::from(bar.size())),
            Region::Config => crate::config_space::LENGTH as u64,
        }
    }

    fn read(&mut self, region: Region, offset: u64, data: &mut [u8]) {
        match region {
            Region::Config => {
                self.config.show_interrupt(self.wants_interrupt());
                self.config.read(offset, data);
            }
            Region::Bar(number) if self.config.decodes(number) && offset < self.region_size(region) => {
                for (at, octet) in (offset..).zip(data) {
                    *octet = self.read_register(at);
                }
            }
            Region::Bar(_) => data.fill(0xff),
        }
    }

    fn write(&mut self, region: Region, offset: u64, data: &[u8]) {
        match region {
            Region::Config => {
                if self.config.write(offset, data) {
                    self.reset_function();
                }
            }
            Region::Bar(number) if self.config.decodes(number) && offset < self.region_size(region) => {
                for (at, &octet) in (offset..).zip(data) {
                    self.write_register(at, octet);
                }
            }
            Region::Bar(_) => {}
        }
    }

    fn step(&mut self, memory: &GuestMemory) {
        self.faults.step();
        self.break_modules();
        if self.faults.now().clock_stopped {
            return;
        }
        match self.fetch(memory) {
            Some(from_host) if !self.bridge.pcm_held() => {
                let to_host = self.exchange_sound(&from_host);
                self.store(&to_host, memory);
            }
            Some(_) => {
                self.exchange_sound(&[u32::MAX; 8]);
                self.store(&[u32::MAX; 8], memory);
            }
            None => {
                self.exchange_sound(&[u32::MAX; 8]);
            }
        }
    }

    fn interrupt(&self) -> bool {
        self.config.interrupt_enabled() && self.wants_interrupt()
    }

    fn reset(&mut self) {
        self.config.reset();
        self.reset_function();
    }

    fn taken(&self) -> bool {
        !self.config.bus_master() || self.bridge.taken()
    }

    fn ring_ms(&self) -> Option<u32> {
        (self.bridge.running() && self.config.bus_master()).then(|| self.bridge.ring_frames() / 8)
    }
}

impl Socket {
    fn new(module: Module) -> Socket {
        match module {
            Module::Absent => Self::Absent,
            Module::Fxs => Self::Fxs(Box::default()),
            Module::Fxo => Self::Fxo(Box::default()),
        }
    }

    fn reset(&mut self) {
        match self {
            Self::Absent => {}
            Self::Fxs(fxs) => **fxs = Fxs::default(),
            Self::Fxo(fxo) => **fxo = Fxo::default(),
        }
    }
}

impl Sockets {
    fn reset(&mut self) {
        self.sockets.iter_mut().for_each(Socket::reset);
        self.ends.iter_mut().for_each(Port::reset);
    }
}

impl serial::Modules for Sockets {
    fn module(&mut self, port: usize) -> Option<(&mut Port, Protocol, &mut dyn Registers)> {
        if self.held_in_reset || self.dead[port] {
            return None;
        }
        let end = &mut self.ends[port];
        match &mut self.sockets[port] {
            Socket::Absent => None,
            Socket::Fxs(fxs) => Some((end, Protocol::ProSlic, &mut **fxs)),
            Socket::Fxo(fxo) => Some((end, Protocol::Daa, &mut **fxo)),
        }
    }
}

#[cfg(test)]
mod tests;
