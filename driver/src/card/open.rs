//! Opening a card by its address: a real one through VFIO, a simulated one through its vfio-user socket.
//!
//! One call finds out which card is there, lends it its DMA memory, arms its interrupt or its timer, and has it opened
//! again by itself when it is gone.
//!
//! Never: runs on the media thread; opening waits.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use super::Card;
use super::tdm400p::{Settings, Tdm400p};
use crate::pace::{InterruptPace, Pace, TimerPace};
use crate::pci::attach::Interrupt;
use crate::pci::ids::identify;
use crate::pci::reopen::{InBackground, RETRY};
use crate::pci::tx_watchdog::TxWatchdog;
use crate::pci::vfio::Vfio;
use crate::pci::vfio_user::{DEADLINE, VfioUser};
use crate::pci::{PciError, PciErrorKind, PciFunction, PciId};

/// Address of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A PCI address, such as `0000:05:01.0`, of a card bound to `vfio-pci`.
    Pci(String),
    /// The path of a vfio-user socket.
    Socket(PathBuf),
}

impl FromStr for Address {
    type Err = std::convert::Infallible;

    /// A text with a `/` is the path of a socket, any other a PCI address.
    fn from_str(text: &str) -> Result<Address, Self::Err> {
        Ok(if text.contains('/') { Address::Socket(text.into()) } else { Address::Pci(text.into()) })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Pci(address) => f.write_str(address),
            Address::Socket(path) => path.display().fmt(f),
        }
    }
}

/// Means by which the media thread learns that a card has moved sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Service {
    /// By a timer, which reads the card's position every millisecond.
    #[default]
    Position,
    /// By the card's interrupt, with the timer between interrupts.
    Interrupt,
}

/// Settings of opening a card.
#[derive(Clone, Default)]
pub struct OpenSettings {
    /// Settings of the card.
    pub card: Settings,
    /// Timer or interrupt.
    pub service: Service,
    /// Watchdog that silences the card when it is not served; none without one.
    pub watchdog: Option<TxWatchdog>,
}

/// An open card.
pub struct Opened {
    /// The card, for the engine.
    pub card: Box<dyn Card>,
    /// Its interrupt line, if it is served by interrupt.
    pub interrupt: Option<Interrupt>,
    /// Failure to reach it so far; its ports are out of service until it is there.
    pub missing: Option<PciError>,
}

impl Opened {
    /// Pacing of a media thread that serves this card alone.
    ///
    /// # Errors
    /// The timer of the system could not be had.
    pub fn pace(&self) -> io::Result<Box<dyn Pace + Send>> {
        pace(self.interrupt.clone().into_iter().collect())
    }
}

/// Pacing of a media thread that serves cards with these interrupt lines, and others by position.
///
/// # Errors
/// The timer of the system could not be had.
pub fn pace(lines: Vec<Interrupt>) -> io::Result<Box<dyn Pace + Send>> {
    Ok(if lines.is_empty() { Box::new(TimerPace::new()?) } else { Box::new(InterruptPace::new(lines)?) })
}

/// Opens the PCI function behind an address.
///
/// # Errors
/// The function does not exist, is in use or cannot be reached; the text says what to do.
pub fn function(address: &Address) -> Result<Box<dyn PciFunction>, PciError> {
    Ok(match address {
        Address::Pci(address) => Box::new(Vfio::open(address)?),
        Address::Socket(path) => Box::new(VfioUser::connect(path, DEADLINE)?),
    })
}

/// Opens a card. One that is gone, now or later, is opened again by itself; until then its ports are out of service.
///
/// # Errors
/// A function that is no card of this driver, DMA memory or an interrupt that cannot be had. A card that cannot be
/// reached yet is no error: see [`Opened::missing`].
pub fn open(address: &Address, settings: OpenSettings) -> Result<Opened, PciError> {
    let mut needs = settings.card.needs();
    let mut interrupt = None;
    if settings.service == Service::Interrupt {
        let line = Interrupt::new().map_err(|why| system(address, "Making an event for its interrupt", why))?;
        needs = needs.with_interrupt(line.clone());
        interrupt = Some(line);
    }
    if let Some(watchdog) = settings.watchdog {
        needs = needs.with_tx_watchdog(watchdog);
    }
    let again = address.clone();
    let reopen = InBackground::new(Box::new(move || known(function(&again)?)), needs.clone(), RETRY)
        .map_err(|why| system(address, "Starting the thread that opens it again", why))?;
    let (card, missing): (Box<dyn Card>, _) = match function(address) {
        Ok(function) => {
            (Box::new(Tdm400p::new(needs.attach(known(function)?)?, Box::new(reopen), settings.card)), None)
        }
        Err(error) => (Box::new(Tdm400p::absent(Box::new(reopen), settings.card)), Some(error)),
    };
    Ok(Opened { card, interrupt, missing })
}

/// The function, if it is of a card that this driver knows.
fn known(function: Box<dyn PciFunction>) -> Result<Box<dyn PciFunction>, PciError> {
    let id = function.id();
    if identify(id).is_some() {
        return Ok(function);
    }
    let PciId { vendor, device, subsystem_vendor, subsystem_device } = id;
    Err(PciError {
        operation: "Opening".into(),
        function: function.name(),
        kind: PciErrorKind::Unavailable(format!(
            "it is no card of this driver (PCI {vendor:04x}:{device:04x}, \
             subsystem {subsystem_vendor:04x}:{subsystem_device:04x})"
        )),
    })
}

fn system(address: &Address, operation: &'static str, why: io::Error) -> PciError {
    PciError { operation: operation.into(), function: address.to_string().as_str().into(), kind: PciErrorKind::Io(why) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_socket_and_anything_else_a_pci_address() {
        let address = |text: &str| text.parse::<Address>().expect("every text is an address");
        assert_eq!(address("0000:05:01.0"), Address::Pci("0000:05:01.0".into()));
        assert_eq!(address("./card.sock"), Address::Socket("./card.sock".into()));
        assert_eq!(address("/run/card.sock").to_string(), "/run/card.sock");
    }

    #[test]
    fn a_card_that_is_not_there_is_opened_with_its_ports_out_of_service() {
        let address = Address::Socket("/nowhere/card.sock".into());
        let opened = open(&address, OpenSettings::default()).expect("a card may come later");
        assert!(opened.missing.is_some_and(|why| why.to_string().contains("/nowhere/card.sock")));
        assert_eq!(opened.card.ports(), 4);
    }
}
