//! Far ends of the wires of a card: an exchange on a trunk (FXO) module, a telephone on a station (FXS) module.
//!
//! A wire is described once a millisecond, by what each side presents to the other. Sound is linear, 16 bits, 8 kHz,
//! at the scale of G.711 A-law: a sine of 0 dBm0 peaks at 22827. The module does the companding, as its codec would.
//!
//! Never: sees a register or an octet of the card.

pub mod country;
pub mod display;
pub mod exchange;
pub(crate) mod fax;
pub mod impairment;
pub mod joined;
pub mod private_exchange;
pub mod signal;
pub mod telephone;

/// Samples of one millisecond.
pub type Sound = [i16; 8];

/// Condition of the line at a trunk (FXO) module, for a millisecond.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrunkFeed {
    /// The open-circuit battery voltage, signed by its polarity; 0 is no battery.
    pub battery_volts: f32,
    /// The ringing voltage, root mean square; 0 between bursts.
    pub ringing_volts: f32,
    /// The frequency of the exchange's ringing, whether it rings now or not.
    pub ringing_hertz: f32,
    /// Sound on the line.
    pub sound: Sound,
}

impl Default for TrunkFeed {
    /// A dead line; were it rung, then with 25 Hz as in most of the world.
    fn default() -> TrunkFeed {
        TrunkFeed { battery_volts: 0.0, ringing_volts: 0.0, ringing_hertz: 25.0, sound: [0; 8] }
    }
}

/// Load that a trunk module puts on its line, for a millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrunkLoad {
    /// The loop is closed.
    pub off_hook: bool,
    /// Sound sent into the line.
    pub sound: Sound,
}

/// Condition of the line at a telephone on a station (FXS) module, for a millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StationFeed {
    /// The battery voltage, signed by its polarity; 0 when the line is open.
    pub battery_volts: f32,
    /// The ringing voltage, root mean square; 0 between bursts.
    pub ringing_volts: f32,
    /// Tip is connected, near ground or ringing; a ground-start line at rest leaves it open.
    pub tip_connected: bool,
    /// The frequency of ringing; 0 between bursts.
    pub ringing_hertz: f32,
    /// The direct voltage that ringing is laid upon.
    pub ringing_offset_volts: f32,
    /// Sound on the line.
    pub sound: Sound,
}

/// Load that a telephone, or the trunk port of a private exchange, puts on its line, for a millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StationLoad {
    /// The loop is closed: the telephone is off hook.
    pub off_hook: bool,
    /// Ring is grounded: a private exchange wants the line (ground start).
    pub ring_grounded: bool,
    /// Sound sent into the line.
    pub sound: Sound,
}

/// All wires of a card together, by socket number from 0: how a card meets the world.
///
/// A world is stepped as a whole, so that an exchange and the people at its ends can be one thing.
pub trait World: Send {
    /// Runs one millisecond. `loads` are what the modules do on their wires; `feeds` is to be filled with what they
    /// find.
    fn step(&mut self, loads: &[WireLoad], feeds: &mut [WireFeed]);
}

/// Signals of a module on its wire.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WireLoad {
    /// An empty socket.
    Nothing,
    /// A trunk module, towards its exchange.
    Trunk(TrunkLoad),
    /// A station module, towards its telephone.
    Station(StationFeed),
}

/// Signals of the far end on a module's wire.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum WireFeed {
    /// Nothing is plugged in.
    #[default]
    Nothing,
    /// An exchange, for a trunk module.
    Trunk(TrunkFeed),
    /// A telephone, for a station module.
    Station(StationLoad),
}
