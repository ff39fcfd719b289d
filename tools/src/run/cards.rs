//! Opening cards: a real one by its PCI address, a simulated one by its socket.

use tipring_driver::card::tdm400p::{LineSettings, Settings};
use tipring_driver::card::{self, Address, Card, OpenSettings};
use tipring_driver::pace::Pace;
use tipring_driver::pci::PciError;
use tipring_driver::pci::tx_watchdog::TxWatchdog;

use crate::config::{BoardConfig, CardAddress};
use crate::failure::{Failure, Unavailable};

/// A card that cannot be reached, with the remedy for a simulated one.
pub fn unreached(address: &CardAddress, error: &PciError) -> String {
    match &address.0 {
        Address::Socket(path) if !path.exists() => {
            format!("{error}. Start the simulated card: tipring sim card --socket {}", path.display())
        }
        Address::Socket(_) | Address::Pci(_) => error.to_string(),
    }
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
        let settings = OpenSettings {
            card: Settings { line, ..board.settings() },
            service: board.service,
            watchdog: Some(tx_watchdog.clone()),
        };
        let opened = card::open(&board.card.0, settings)?;
        lines.extend(opened.interrupt);
        cards.push(opened.card);
        found.push(match opened.reached {
            Ok(_) => format!("card {} is open", board.card),
            Err(error) => {
                missing.push(unreached(&board.card, &error));
                format!("{error}. Its ports are out of service until it is there")
            }
        });
    }
    if missing.len() == boards.len() {
        return Err(Unavailable(missing.swap_remove(0)).into());
    }
    Ok(Opened { cards, pace: card::pace(lines)?, tx_watchdog, found })
}
