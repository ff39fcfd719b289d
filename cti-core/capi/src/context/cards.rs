//! The cards of a context: opened by their names, each a PCI function with its settings.
//!
//! Never: keeps a card that was opened when another cannot be; all of them or none.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use parking_lot::Mutex;
use tipring_direct::{Direct, Slot, SlotHandle};
use tipring_driver::card::maintenance::{Header, Maintained, Replay, ReplayClock};
use tipring_driver::card::tdm400p::{LineSettings, Settings as CardSettings, Tdm400p};
use tipring_driver::card::{Address, Card, OpenSettings, open};
use tipring_driver::country::Country;
use tipring_driver::pci::reopen::Never;
use tipring_driver::pci::tx_watchdog::TxWatchdog;
use tipring_driver::pci::{PciError, PciErrorKind};

use super::Config;
use crate::abi::error;
use crate::failure::{Failure, Outcome, fail};
use crate::machine::CardOps;
use crate::sim::{self, Wires};
use crate::traces::CardTrace;

/// The longest trace that is replayed, in octets: it is kept in memory.
const TRACE_MAX: u64 = 1 << 30;

/// Cards of this process that a context has open, by their names.
static TAKEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A card that belongs to one context, until this goes.
pub(super) struct Claim(PathBuf);

impl Claim {
    /// Takes a card by the name that the system knows it by.
    ///
    /// # Errors
    /// `E_BUSY` when a context of this process has it.
    fn new(card: &str) -> Outcome<Claim> {
        let name = std::fs::canonicalize(card).unwrap_or_else(|_| PathBuf::from(card.to_lowercase()));
        if !TAKEN.lock().insert(name.clone()) {
            fail!(E_BUSY, "Card {card} belongs to a context of this process already");
        }
        Ok(Claim(name))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        TAKEN.lock().remove(&self.0);
    }
}

/// The time of cards that have no crystal: simulated ones and traces.
#[derive(Default)]
pub(super) struct Times {
    slots: Vec<SlotHandle>,
    replays: Vec<ReplayClock>,
}

impl Times {
    /// Lets a millisecond go by.
    pub(super) fn step(&self) {
        for slot in &self.slots {
            slot.lock().step();
        }
        for replay in &self.replays {
            replay.advance(1);
        }
    }
}

/// The cards of a context, opened.
pub(super) struct Cards {
    /// For the engine, in order.
    pub(super) cards: Vec<Box<dyn Card>>,
    /// Of the simulated ones among them: what lets their time go by.
    pub(super) times: Times,
    /// Of each card, what is done to it as a whole.
    pub(super) ops: Vec<CardOps>,
    /// Of each card, where its traces go.
    pub(super) traces: Vec<CardTrace>,
    /// Of each card, its far ends if it is simulated.
    pub(super) wires: Vec<Option<Wires>>,
    /// Of those that are not simulated, that they are this context's.
    pub(super) claims: Vec<Claim>,
    /// The network at their lines.
    pub(super) country: &'static Country,
}

impl Cards {
    /// Opens the cards of a configuration.
    ///
    /// # Errors
    /// `E_ARGUMENT`, `E_BUSY`, `E_HARDWARE`, `E_PERMISSION`.
    pub(super) fn open(config: &Config, watchdog: &TxWatchdog) -> Outcome<Cards> {
        if config.cards.is_empty() {
            fail!(E_ARGUMENT, "A context needs at least one card");
        }
        let (country, settings) = find_country(&config.country)?;
        let mut opened = Cards {
            cards: Vec::new(),
            times: Times::default(),
            ops: Vec::new(),
            traces: Vec::new(),
            wires: Vec::new(),
            claims: Vec::new(),
            country,
        };
        for (card, seed) in config.cards.iter().zip(1u64..) {
            match (card.strip_prefix("sim:"), card.strip_prefix("trace:")) {
                (Some(modules), _) => opened.simulate(card, modules, &config.country, seed, settings, watchdog)?,
                (None, Some(path)) => opened.replay(path, &config.country)?,
                (None, None) if config.virtual_clock => {
                    fail!(E_ARGUMENT, "Only simulated cards follow the virtual clock; {card} does not")
                }
                (None, None) => opened.reach(card, &config.country, settings, watchdog)?,
            }
        }
        Ok(opened)
    }

    /// Makes a simulated card in this process.
    fn simulate(
        &mut self,
        card: &str,
        modules: &str,
        country: &str,
        seed: u64,
        settings: CardSettings,
        watchdog: &TxWatchdog,
    ) -> Outcome<()> {
        let code = country;
        let Some(country) = tipring_hw_sim::network::country::country(country) else {
            fail!(E_ARGUMENT, "The simulator has no lines of country {country:?}");
        };
        let (device, ends) = sim::card(sim::plugs(modules)?, country, seed * sim::MODULES as u64);
        let slot = Slot::new(device);
        let needs = settings.needs().with_tx_watchdog(watchdog.clone());
        let attached = needs.attach(Box::new(Direct::open(&slot))).map_err(of_pci(card))?;
        self.times.slots.push(slot);
        self.wires.push(Some(ends));
        self.maintain(Box::new(Tdm400p::new(attached, Box::new(Never), settings)), code);
        Ok(())
    }

    /// Puts a card under maintenance.
    fn maintain(&mut self, card: Box<dyn Card>, country: &str) {
        let header = Header { ports: card.ports() as u8, law: card.law(), country: letters(country) };
        let (card, maintenance, records) = Maintained::new(card);
        self.ops.push(CardOps::new(Some(maintenance), self.next_ports(card.ports())));
        self.traces.push(CardTrace::new(records, header));
        self.cards.push(Box::new(card));
    }

    fn next_ports(&self, count: usize) -> std::ops::Range<usize> {
        let first = self.ops.last().map_or(0, |card| card.ports.end);
        first..first + count
    }

    /// Makes a card of a trace.
    fn replay(&mut self, path: &str, country: &str) -> Outcome<()> {
        let of_io = |why: io::Error| Failure::new(error::E_IO, format!("{path}: {why}"));
        let found = std::fs::metadata(path).map_err(of_io)?;
        if !found.is_file() {
            fail!(E_IO, "{path} is no regular file");
        }
        if found.len() > TRACE_MAX {
            fail!(E_ARGUMENT, "{path} is longer than the {TRACE_MAX} octets that a trace may have to be replayed");
        }
        let octets = std::fs::read(path).map_err(of_io)?;
        let (card, header, clock) =
            Replay::new(&octets).map_err(|why| Failure::new(error::E_ARGUMENT, format!("{path}: {why}")))?;
        if header.country != letters(country) {
            let of = String::from_utf8_lossy(&header.country);
            fail!(E_ARGUMENT, "{path} is a trace of lines of {of}; set country to {of} in tr_config");
        }
        if usize::from(header.ports) != sim::MODULES {
            fail!(E_ARGUMENT, "{path} is a trace of a card with {} ports, not {}", header.ports, sim::MODULES);
        }
        let ops = CardOps::new(None, self.next_ports(card.ports()));
        let (_, records) = tipring_driver::queue(1);
        self.times.replays.push(clock);
        self.wires.push(None);
        self.ops.push(ops);
        self.traces.push(CardTrace::new(records, header));
        self.cards.push(Box::new(card));
        Ok(())
    }

    /// Opens a card behind a PCI address or a socket.
    fn reach(&mut self, card: &str, country: &str, settings: CardSettings, watchdog: &TxWatchdog) -> Outcome<()> {
        if !card.contains('/') && !is_pci_address(card) {
            fail!(
                E_ARGUMENT,
                "{card:?} is no PCI address, such as 0000:05:01.0; the path of a socket has a /: ./{card}"
            );
        }
        let settings = OpenSettings { card: settings, watchdog: Some(watchdog.clone()), ..OpenSettings::default() };
        self.claims.push(Claim::new(card)?);
        let address: Address = card.parse().unwrap_or_else(|never| match never {});
        let opened = open(&address, settings).map_err(of_pci(card))?;
        if let Err(missing) = opened.reached {
            // A context begins with its cards; one that goes later is opened again by itself.
            return Err(of_pci(card)(missing));
        }
        self.wires.push(None);
        self.maintain(opened.card, country);
        Ok(())
    }
}

/// Returns true for the address of a PCI function: bus, device and function, and a domain before them or not.
fn is_pci_address(text: &str) -> bool {
    let hex = |part: &str, digits: usize| part.len() == digits && part.bytes().all(|digit| digit.is_ascii_hexdigit());
    let (domain, rest) = match text.split(':').count() {
        3 => text.split_once(':').unwrap_or_default(),
        _ => ("0000", text),
    };
    let Some((bus, Some((device, function)))) = rest.split_once(':').map(|(bus, rest)| (bus, rest.split_once('.')))
    else {
        return false;
    };
    hex(domain, 4) && hex(bus, 2) && hex(device, 2) && hex(function, 1)
}

/// The two letters of a country.
fn letters(country: &str) -> [u8; 2] {
    let mut letters = country.bytes().map(|letter| letter.to_ascii_uppercase());
    [letters.next().unwrap_or(b' '), letters.next().unwrap_or(b' ')]
}

fn of_pci(card: &str) -> impl FnOnce(PciError) -> Failure {
    let card = card.to_owned();
    move |why| {
        let error = code_of(&why.kind);
        Failure::new(error, format!("Card {card} cannot be opened: {why}"))
    }
}

/// The code of a card that cannot be opened.
fn code_of(kind: &PciErrorKind) -> i32 {
    match kind {
        PciErrorKind::Busy(_) => error::E_BUSY,
        PciErrorKind::Denied(_) => error::E_PERMISSION,
        PciErrorKind::Io(why) => match why.kind() {
            io::ErrorKind::ResourceBusy => error::E_BUSY,
            io::ErrorKind::PermissionDenied => error::E_PERMISSION,
            io::ErrorKind::OutOfMemory => error::E_RESOURCE,
            // Too many open files, of this process or of the system.
            _ if matches!(why.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) => error::E_RESOURCE,
            _ => error::E_HARDWARE,
        },
        _ => error::E_HARDWARE,
    }
}

fn find_country(code: &str) -> Outcome<(&'static Country, CardSettings)> {
    match (Country::of(code), LineSettings::of(code)) {
        (Some(country), Some(line)) => Ok((country, CardSettings { line: *line, ..CardSettings::default() })),
        _ => fail!(E_ARGUMENT, "There is no country {code:?}"),
    }
}

#[cfg(test)]
mod tests {
    use tipring_driver::pci::Unavailable;

    use super::*;

    #[test]
    fn a_pci_address_is_told_from_the_name_of_a_socket() {
        for address in ["0000:05:01.0", "05:01.0", "00a0:ff:1F.7"] {
            assert!(is_pci_address(address), "{address}");
        }
        for name in ["card.sock", "", "05:01", "05.0", "0:05:01.0", "0000:05:01.0 ", "0000:05:01.x", "a:b:c:d.0"] {
            assert!(!is_pci_address(name), "{name}");
        }
    }

    #[test]
    fn a_card_that_cannot_be_opened_has_the_code_of_its_kind() {
        let io = |kind: io::ErrorKind| PciErrorKind::Io(kind.into());
        for (kind, code) in [
            (PciErrorKind::Busy("another process has it".into()), error::E_BUSY),
            (io(io::ErrorKind::ResourceBusy), error::E_BUSY),
            (PciErrorKind::Denied("this user may not".into()), error::E_PERMISSION),
            (io(io::ErrorKind::PermissionDenied), error::E_PERMISSION),
            // A text that has a word of another kind in it.
            (PciErrorKind::Unavailable(Unavailable::OtherDriver("busy_wctdm".into())), error::E_HARDWARE),
            (io(io::ErrorKind::NotFound), error::E_HARDWARE),
            (PciErrorKind::Io(io::Error::from_raw_os_error(libc::EMFILE)), error::E_RESOURCE),
            (PciErrorKind::Io(io::Error::from_raw_os_error(libc::ENOMEM)), error::E_RESOURCE),
            (PciErrorKind::Gone, error::E_HARDWARE),
        ] {
            assert_eq!(code_of(&kind), code, "{kind:?}");
        }
    }
}
