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

use serde::{Deserialize, Serialize};

use super::Card;
use super::tdm400p::{Settings, Tdm400p};
use crate::pace::{InterruptPace, Pace, TimerPace};
use crate::pci::attach::Interrupt;
use crate::pci::ids::{CardModel, identify};
use crate::pci::reopen::{InBackground, RETRY};
use crate::pci::tx_watchdog::TxWatchdog;
use crate::pci::vfio::Vfio;
use crate::pci::vfio_user::{DEADLINE, VfioUser};
use crate::pci::{PciError, PciErrorKind, PciFunction, PciId, Unavailable};

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

/// Trigger of a card's service: in configuration `position` or `interrupt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// A timer, every millisecond: the card's position says how far it is.
    #[default]
    Position,
    /// The card's interrupt as well, twice in each round of the receive ring.
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
    /// PCI numbers of its function and its model, or the failure to reach it: its ports are out of service until it is
    /// there.
    pub reached: Result<(PciId, CardModel), PciError>,
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

/// PCI numbers of the function behind an address, which is closed again.
///
/// # Errors
/// The function does not exist, is in use or cannot be reached; the text says what to do.
pub fn identity(address: &Address) -> Result<PciId, PciError> {
    Ok(function(address)?.id())
}

/// Opens the PCI function behind an address.
fn function(address: &Address) -> Result<Box<dyn PciFunction>, PciError> {
    Ok(match address {
        Address::Pci(address) => Box::new(Vfio::open(address)?),
        Address::Socket(path) => Box::new(VfioUser::connect(path, DEADLINE)?),
    })
}

/// Opens a card. One that is gone, now or later, is opened again by itself; until then its ports are out of service.
///
/// # Errors
/// A function that is no card of this driver, DMA memory or an interrupt that cannot be had. A card that cannot be
/// reached yet is no error: see [`Opened::reached`].
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
    let open_again = move || {
        let function = function(&again)?;
        model(function.as_ref()).map(|_| function)
    };
    let reopen = InBackground::new(Box::new(open_again), needs.clone(), RETRY)
        .map_err(|why| system(address, "Starting the thread that opens it again", why))?;
    let reopen = Box::new(reopen);
    Ok(match function(address) {
        Ok(function) => {
            let reached = Ok((function.id(), model(function.as_ref())?));
            let card = Box::new(Tdm400p::new(needs.attach(function)?, reopen, settings.card));
            Opened { card, interrupt, reached }
        }
        Err(error) => Opened { card: Box::new(Tdm400p::absent(reopen, settings.card)), interrupt, reached: Err(error) },
    })
}

/// Model of a function; an error for one that is no card of this driver.
fn model(function: &dyn PciFunction) -> Result<CardModel, PciError> {
    let id = function.id();
    identify(id).ok_or_else(|| PciError {
        operation: "Opening".into(),
        function: function.name(),
        kind: PciErrorKind::Unavailable(Unavailable::UnknownCard(id)),
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
        assert!(opened.reached.is_err_and(|why| why.to_string().contains("/nowhere/card.sock")));
        assert_eq!(opened.card.ports(), 4);
    }
}
