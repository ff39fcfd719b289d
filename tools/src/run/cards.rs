//! Opening cards: a real one by its PCI address, a simulated one by its socket.

use std::path::Path;
use std::time::Duration;

use tipring_driver::card::Card;
use tipring_driver::card::tdm400p::line_settings::LineSettings;
use tipring_driver::card::tdm400p::{Settings, Tdm400p};
use tipring_driver::pace::{InterruptPace, Pace, TimerPace};
use tipring_driver::pci::attach::{Interrupt, Needs};
use tipring_driver::pci::ids::identify;
use tipring_driver::pci::reopen::{InBackground, RETRY};
use tipring_driver::pci::tx_watchdog::TxWatchdog;
use tipring_driver::pci::vfio::Vfio;
use tipring_driver::pci::vfio_user::VfioUser;
use tipring_driver::pci::{PciError, PciErrorKind, PciFunction, PciId};

use crate::config::{BoardConfig, CardAddress, Service};
use crate::failure::{Failure, Unavailable};

/// Limit of a simulated card's answer, after which it counts as gone.
const DEADLINE: Duration = Duration::from_secs(1);

/// Opens the function behind an address.
pub fn open_function(address: &CardAddress) -> Result<Box<dyn PciFunction>, PciError> {
    match address {
        CardAddress::Pci(address) => Ok(Box::new(Vfio::open(address)?)),
        CardAddress::Socket(path) => open_socket(path),
    }
}

/// A card that cannot be reached, with the remedy for a simulated one.
pub fn unreached(address: &CardAddress, error: &PciError) -> String {
    match address {
        CardAddress::Socket(path) if !path.exists() => {
            format!("{error}. Start the simulated card: tipring sim card --socket {}", path.display())
        }
        CardAddress::Socket(_) | CardAddress::Pci(_) => error.to_string(),
    }
}

fn open_socket(path: &Path) -> Result<Box<dyn PciFunction>, PciError> {
    Ok(Box::new(VfioUser::connect(path, DEADLINE)?))
}

/// The cards of a site, and what wakes the thread that serves them.
pub struct Opened {
    /// The cards, in the order of the configuration.
    pub cards: Vec<Box<dyn Card>>,
    /// Pace of the media thread.
    pub pace: Box<dyn Pace + Send>,
    /// Silences cards that are not serviced; to be [served](TxWatchdog::serve) by a thread of its own.
    pub tx_watchdog: TxWatchdog,
    /// For the log: how each card was found.
    pub found: Vec<String>,
}

/// Opens the cards of a site, set for the lines of its country, each to be opened again by itself whenever it is gone.
/// A card that cannot be reached does not keep the others from working; without any, there is nothing to serve.
pub fn open_all(boards: &[BoardConfig], line: LineSettings) -> Result<Opened, Failure> {
    let (mut cards, mut lines, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let (mut missing, tx_watchdog) = (Vec::new(), TxWatchdog::default());
    for board in boards {
        let mut needs = board.settings().needs().with_tx_watchdog(tx_watchdog.clone());
        if board.service == Service::Interrupt {
            let line = Interrupt::new()?;
            lines.push(line.clone());
            needs = needs.with_interrupt(line);
        }
        let (card, error) = open(board, line, needs)?;
        cards.push(card);
        found.push(match error {
            None => format!("card {} is open", board.card),
            Some(error) => {
                missing.push(unreached(&board.card, &error));
                format!("{error}. Its ports are out of service until it is there")
            }
        });
    }
    if missing.len() == boards.len() {
        return Err(Unavailable(missing.swap_remove(0)).into());
    }
    let pace: Box<dyn Pace + Send> =
        if lines.is_empty() { Box::new(TimerPace::new()?) } else { Box::new(InterruptPace::new(lines)?) };
    Ok(Opened { cards, pace, tx_watchdog, found })
}

/// Opens a card, or says why it cannot be reached yet.
fn open(board: &BoardConfig, line: LineSettings, needs: Needs) -> Result<(Box<dyn Card>, Option<PciError>), Failure> {
    let (address, settings) = (&board.card, Settings { line, ..board.settings() });
    let again = address.clone();
    let reopen = Box::new(InBackground::new(Box::new(move || open_known(&again)), needs.clone(), RETRY)?);
    Ok(match open_function(address) {
        Ok(function) => {
            known(address, function.id())?;
            (Box::new(Tdm400p::new(needs.attach(function)?, reopen, settings)), None)
        }
        Err(error) => (Box::new(Tdm400p::absent(reopen, settings)), Some(error)),
    })
}

/// Opens the function behind an address if it is a card that this driver knows.
fn open_known(address: &CardAddress) -> Result<Box<dyn PciFunction>, PciError> {
    let function = open_function(address)?;
    known(address, function.id()).map_err(|why| PciError {
        operation: "Opening".into(),
        function: function.name(),
        kind: PciErrorKind::Unavailable(why),
    })?;
    Ok(function)
}

fn known(address: &CardAddress, id: PciId) -> Result<(), String> {
    if identify(id).is_some() {
        return Ok(());
    }
    Err(format!(
        "{address} is not a card this driver knows (PCI {:04x}:{:04x}, subsystem {:04x}:{:04x})",
        id.vendor, id.device, id.subsystem_vendor, id.subsystem_device
    ))
}
