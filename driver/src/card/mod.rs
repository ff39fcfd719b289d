//! One module a card: registers in, frames and port conditions out.
//!
//! A card is serviced once a wake-up of the media thread and never waits: bring-up, calibration and re-attachment are
//! machines that do a bounded number of register accesses in each service.
//!
//! Never: knows what a ringing line means. That is for [`line`](crate::line) to judge.

pub mod maintenance;
mod module_test;
#[cfg(all(feature = "vfio", feature = "vfio-user"))]
mod open;
pub mod tdm400p;

use core::fmt;

pub use self::module_test::{ModuleTest, Outcome};
#[cfg(all(feature = "vfio", feature = "vfio-user"))]
pub use self::open::{Address, OpenSettings, Opened, Service, identity, open, pace};
use crate::counters::counters;
use crate::ids::PortId;
use crate::pci::PciError;
use crate::time::SAMPLES_PER_TICK;

/// The companded octets of one port in one tick, in the card's law.
pub type Frame = [u8; SAMPLES_PER_TICK];

/// The law in which a card gives and takes octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// A-law of ITU-T G.711: Europe, China, international links.
    A,
    /// Mu-law of ITU-T G.711: North America, Japan.
    Mu,
}

impl Law {
    /// The octet of silence.
    pub const fn idle(self) -> u8 {
        match self {
            Law::A => 0xd5,
            Law::Mu => 0xff,
        }
    }
}

/// Kind of module in a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortKind {
    /// Nothing, or nothing that answers.
    Absent,
    /// A station module: feeds and rings a telephone.
    Fxs,
    /// A trunk module: is a telephone to the exchange.
    Fxo,
    /// A module that answered but could not be brought up.
    Broken,
}

/// Condition of a port at the last scan: levels, not changes, and not debounced beyond what the chip does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortCondition {
    /// A station module.
    Fxs {
        /// The loop is closed: the telephone is off hook.
        loop_closed: bool,
        /// Actual state of the linefeed, which may differ from the commanded one.
        linefeed: Linefeed,
        /// The chip has opened the line to protect itself.
        power_alarm: bool,
    },
    /// A trunk module.
    Fxo {
        /// Ringing voltage was present when the chip was read.
        ringing: bool,
        /// The line voltage in volts, signed by its polarity; 0 when there is none.
        volts: i8,
        /// The loop current in milliamperes; 0 when on hook.
        milliamps: u8,
        /// Actual state of the hook switch.
        off_hook: bool,
    },
    /// The port went in or out of service: a module was found, lost, or failed.
    Service(PortKind),
}

/// Command to a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortCommand {
    /// Sets the line feed of a station module.
    Linefeed(Linefeed),
    /// Closes (true) or opens (false) the hook switch of a trunk module.
    Hook(bool),
}

impl fmt::Display for PortCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PortCommand::Linefeed(feed) => write!(f, "line feed {feed:?}"),
            PortCommand::Hook(true) => f.write_str("off hook"),
            PortCommand::Hook(false) => f.write_str("on hook"),
        }
    }
}

/// The line feed of a station module, in the words of the Si3210 (direct register 64).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linefeed {
    /// No battery.
    Open,
    /// Battery, on or off hook.
    ForwardActive,
    /// Battery, sound passes on hook: for caller identity.
    ForwardOnHookTransmission,
    /// Tip open: idle of a ground-start line.
    TipOpen,
    /// Ringing voltage.
    Ringing,
    /// As forward active, polarity swapped.
    ReverseActive,
    /// As forward on-hook transmission, polarity swapped.
    ReverseOnHookTransmission,
    /// Ring open.
    RingOpen,
}

/// Failure to open a card, bring it up or service it.
#[derive(Debug)]
#[non_exhaustive]
pub enum CardError {
    /// The bus failed.
    Pci(PciError),
    /// The card answers, but not as such a card should.
    NotThisCard(SelfTest),
    /// The card read or wrote memory that does not exist: its addresses, or the IOMMU's mappings, are wrong.
    BusAbort,
    /// The card had no module that answers.
    NoModules,
    /// Sound stopped moving: the position has stood still for this many milliseconds.
    Stalled {
        /// Time for which the position stood still.
        ms: u32,
    },
}

/// In what a card is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelfTest {
    /// A part is not there; in words.
    Lacks(&'static str),
    /// A register does not hold what was written.
    Reads {
        /// The register, in words.
        register: &'static str,
        /// The value read.
        read: u8,
        /// The value written.
        written: u8,
        /// The remedy; empty without one.
        advice: &'static str,
    },
    /// A position of DMA is outside the ring that the card was given.
    Astray {
        /// The register, in words.
        register: &'static str,
        /// The value read.
        address: u32,
    },
}

impl fmt::Display for SelfTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SelfTest::Lacks(what) => write!(f, "there is no {what}"),
            SelfTest::Reads { register, read, written, advice } => {
                write!(f, "its {register} reads {read:#04x} after {written:#04x} was written{advice}")
            }
            SelfTest::Astray { register, address } => {
                write!(f, "its DMA position ({register}) is {address:#010x}, which is outside the ring it was given")
            }
        }
    }
}

impl fmt::Display for CardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CardError::Pci(error) => error.fmt(f),
            CardError::NotThisCard(why) => write!(f, "This is not the card it claims to be: {why}"),
            CardError::BusAbort => write!(f, "The card's DMA met a bus address at which there is no memory"),
            CardError::NoModules => write!(f, "No module answers on this card. Are they plugged in?"),
            CardError::Stalled { ms } => write!(f, "The card's DMA position has not moved for {ms} ms"),
        }
    }
}

impl std::error::Error for CardError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            CardError::Pci(error) => Some(error),
            _ => None,
        }
    }
}

impl From<PciError> for CardError {
    fn from(error: PciError) -> CardError {
        CardError::Pci(error)
    }
}

/// State of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardState {
    /// Being brought up, or being attached again.
    Starting,
    /// Sound moves.
    Running,
    /// Out of service; the reason was given once as an error by [`Card::poll`].
    Failed,
}

counters! {
    /// Counters of a card since it was opened. Never reset, so that two readers do not disturb each other.
    pub struct CardCounters {
        /// Ticks taken from the receive ring.
        pub ticks: u64,
        /// Samples of each port lost because the receive ring went round before it was read.
        pub lost_samples: u64,
        /// Ticks of each port for which the transmit ring had run dry and idle was played.
        pub underrun_ticks: u64,
        /// Samples of each port that were played more than once because the card was not served for a lap of the
        /// transmit ring.
        pub replayed_samples: u64,
        /// Times the card was made silent because it was not served, before anything was played again.
        pub silenced: u64,
        /// Bus errors met, recovered from or not.
        pub bus_errors: u64,
        /// Times the card was attached again.
        pub reattached: u64,
        /// Interrupts that did not come in time; the card was looked at all the same. 0 if it is served by position.
        pub missed_interrupts: u64,
        /// Interrupts that came to nothing.
        pub spurious_interrupts: u64,
    }
}

impl fmt::Display for CardCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CardCounters {
            ticks,
            lost_samples,
            underrun_ticks,
            replayed_samples,
            silenced,
            bus_errors,
            reattached,
            missed_interrupts,
            spurious_interrupts,
        } = self;
        write!(
            f,
            "{ticks} ticks, {lost_samples} samples lost, {underrun_ticks} ticks played as idle, {replayed_samples} samples \
             played again, silenced {silenced} times, {bus_errors} bus errors, attached again {reattached} times, {missed_interrupts} interrupts missed and {spurious_interrupts} for nothing"
        )
    }
}

/// A voice card. All methods are called from the media thread and none of them waits.
///
/// In each wake-up the engine calls [`poll`](Card::poll) once; then, as many times as `poll` said,
/// [`exchange`](Card::exchange); then drains [`poll_condition`](Card::poll_condition). Ports not of the card's count
/// are never asked for.
pub trait Card: Send {
    /// The number of ports, module or no module: the length of the slices given to [`exchange`](Card::exchange).
    fn ports(&self) -> usize;

    /// The law of the octets.
    fn law(&self) -> Law;

    /// State of the card.
    fn state(&self) -> CardState;

    /// Kind of module in `port`, as far as bring-up has come.
    fn kind(&self, port: PortId) -> PortKind;

    /// The fault of the module in `port` as a sentence; none without a fault.
    fn fault(&self, _port: PortId) -> Option<&dyn fmt::Display> {
        None
    }

    /// Version of the card's glue logic, 0 before it has been read; none for a card without such logic.
    fn glue_version(&self) -> Option<u8> {
        None
    }

    /// Advances bring-up or re-attachment by a bounded step, or reads the position and scans one module.
    ///
    /// Returns how many whole ticks of sound wait in the receive ring; 0 while starting. An error takes the card out of
    /// service, is returned once, and the card goes on trying to be attached again in later calls.
    ///
    /// # Errors
    /// [`CardError::Pci`] if the function fails, [`CardError::NotThisCard`] if a register or a position reads what it
    /// cannot be, [`CardError::BusAbort`] if DMA meets no memory service after service, [`CardError::NoModules`] if
    /// bring-up finds none, and [`CardError::Stalled`] if the position stands still.
    fn poll(&mut self) -> Result<usize, CardError>;

    /// Takes one tick of received octets, one frame a port, and gives one tick to be played.
    ///
    /// `played` is filled with what each port really played while `received` came in, which is what an echo in it is an
    /// echo of: not what was given last, for that is played later, and not what was given too late, for then idle was
    /// played.
    fn exchange(&mut self, received: &mut [Frame], played: &mut [Frame], transmit: &[Frame]);

    /// The next thing seen at a port, if any.
    fn poll_condition(&mut self) -> Option<(PortId, PortCondition)>;

    /// Asks for something to be done to a port; carried out within the next few services. A bounded number waits for
    /// each port; a newer command of the same kind replaces an older one not yet carried out.
    fn command(&mut self, port: PortId, command: PortCommand);

    /// Begins a test of the module of a port; one that is under way is given up.
    fn module_test(&mut self, _port: PortId, _module_test: ModuleTest) {}

    /// Outcome of a port's module test; reported once. A card without module tests says that it cannot.
    fn poll_outcome(&mut self, _port: PortId) -> Option<Outcome> {
        Some(Outcome::NotPossible)
    }

    /// The counters.
    fn counters(&self) -> CardCounters;

    /// Stops DMA and puts the modules into reset: the last thing before the card is closed.
    fn stop(&mut self);
}
