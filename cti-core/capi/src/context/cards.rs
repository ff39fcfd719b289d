//! The cards of a context: opened by their names, each a PCI function with its settings.
//!
//! Never: keeps a card that was opened when another cannot be; all of them or none.

use std::collections::BTreeSet;
use std::path::PathBuf;

use parking_lot::Mutex;
use tipring_direct::{Direct, Slot, SlotHandle};
use tipring_driver::card::tdm400p::{Settings as CardSettings, Tdm400p, line_settings};
use tipring_driver::card::{Address, Card, OpenSettings, open};
use tipring_driver::country::Country;
use tipring_driver::pci::PciError;
use tipring_driver::pci::reopen::Never;
use tipring_driver::pci::tx_watchdog::TxWatchdog;

use super::Config;
use crate::abi::error;
use crate::failure::{Failure, Outcome, fail};
use crate::sim::{self, Wires};

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

/// The cards of a context, opened.
pub(super) struct Cards {
    /// For the engine, in order.
    pub(super) cards: Vec<Box<dyn Card>>,
    /// Of the simulated ones among them: what lets their time go by.
    pub(super) slots: Vec<SlotHandle>,
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
        let mut opened = Cards { cards: Vec::new(), slots: Vec::new(), wires: Vec::new(), claims: Vec::new(), country };
        for (card, seed) in config.cards.iter().zip(1u64..) {
            match card.strip_prefix("sim:") {
                Some(modules) => opened.simulate(card, modules, &config.country, seed, settings, watchdog)?,
                None if config.virtual_clock => {
                    fail!(E_ARGUMENT, "Only simulated cards follow the virtual clock; {card} does not")
                }
                None => opened.reach(card, settings, watchdog)?,
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
        let Some(country) = tipring_hw_sim::network::country::country(country) else {
            fail!(E_ARGUMENT, "The simulator has no lines of country {country:?}");
        };
        let (device, ends) = sim::card(sim::plugs(modules)?, country, seed * sim::MODULES as u64);
        let slot = Slot::new(device);
        let needs = settings.needs().with_tx_watchdog(watchdog.clone());
        let attached = needs.attach(Box::new(Direct::open(&slot))).map_err(of_pci(card))?;
        self.slots.push(slot);
        self.wires.push(Some(ends));
        self.cards.push(Box::new(Tdm400p::new(attached, Box::new(Never), settings)));
        Ok(())
    }

    /// Opens a card behind a PCI address or a socket.
    fn reach(&mut self, card: &str, settings: CardSettings, watchdog: &TxWatchdog) -> Outcome<()> {
        let settings = OpenSettings { card: settings, watchdog: Some(watchdog.clone()), ..OpenSettings::default() };
        self.claims.push(Claim::new(card)?);
        let address: Address = card.parse().unwrap_or_else(|never| match never {});
        let opened = open(&address, settings).map_err(of_pci(card))?;
        if let Some(missing) = opened.missing {
            // A context begins with its cards; one that goes later is opened again by itself.
            return Err(of_pci(card)(missing));
        }
        self.wires.push(None);
        self.cards.push(opened.card);
        Ok(())
    }
}

fn of_pci(card: &str) -> impl FnOnce(PciError) -> Failure {
    let card = card.to_owned();
    move |why| {
        let text = why.to_string();
        let error = match &text {
            text if text.contains("ermission") => error::E_PERMISSION,
            // The group of a function that another process holds (EBUSY).
            text if text.contains("busy") => error::E_BUSY,
            _ => error::E_HARDWARE,
        };
        Failure::new(error, format!("Card {card} cannot be opened: {text}"))
    }
}

fn find_country(code: &str) -> Outcome<(&'static Country, CardSettings)> {
    match (Country::of(code), line_settings::by_code(code)) {
        (Some(country), Some(line)) => Ok((country, CardSettings { line: *line, ..CardSettings::default() })),
        _ => fail!(E_ARGUMENT, "There is no country {code:?}"),
    }
}
