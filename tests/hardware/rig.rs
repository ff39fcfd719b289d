//! The rig of the tests: a simulated card in this process, plugged in and opened, and stepped with its driver and
//! wires.

use std::time::Duration;

use tipring_direct::{Direct, Slot, SlotHandle};
use tipring_driver::card::tdm400p::{Settings, Tdm400p};
use tipring_driver::card::{Card, CardError, CardState, Frame, PortCondition};
use tipring_driver::ids::PortId;
use tipring_driver::pci::PciFunction;
use tipring_driver::pci::attach::{Attached, Needs};
use tipring_driver::pci::reopen::{InBackground, Never, Reopen};
use tipring_hw_sim::card::tdm400p as sim;
use tipring_hw_sim::fault::{Faults, Planned};

use crate::wires::{Wires, WiresHandle};

/// Opening of a card again after it failed.
pub enum Again {
    /// Not at all.
    Never,
    /// After this many services, or later if no card answers there.
    After(u32),
    /// By a thread of its own, which tries every millisecond.
    InBackground,
}

/// Plugs a simulated card into a slot and opens it.
pub fn plug(device: sim::Tdm400p, settings: Settings, needs: &Needs, again: &Again) -> (Tdm400p, SlotHandle) {
    let slot = Slot::new(Box::new(device));
    let attached = needs.attach(Box::new(Direct::open(&slot))).expect("a card in this process");
    let reopen: Box<dyn Reopen> = match again {
        Again::Never => Box::new(Never),
        Again::After(services) => {
            Box::new(AfterServices { slot: slot.clone(), needs: needs.clone(), services: *services, left: None })
        }
        Again::InBackground => {
            let slot = slot.clone();
            let open = move || Ok(Box::new(Direct::open(&slot)) as Box<dyn PciFunction>);
            let pause = Duration::from_millis(1);
            Box::new(InBackground::new(Box::new(open), needs.clone(), pause).expect("a thread"))
        }
    };
    (Tdm400p::new(attached, reopen, settings), slot)
}

/// Opens the card in a slot again, some services after it failed.
struct AfterServices {
    slot: SlotHandle,
    needs: Needs,
    services: u32,
    /// Services until the card that failed is there again.
    left: Option<u32>,
}

impl Reopen for AfterServices {
    fn begin(&mut self, gone: Option<Attached>) {
        drop(gone);
        self.slot.lock().reset();
        self.left = Some(self.services);
    }

    fn poll(&mut self) -> Option<Attached> {
        let left = self.left.as_mut()?;
        *left = left.saturating_sub(1);
        if *left > 0 || self.slot.lock().is_removed() {
            return None;
        }
        self.left = None;
        Some(self.needs.attach(Box::new(Direct::open(&self.slot))).expect("a card in this process"))
    }
}

/// A card, its driver and its wires in lock-step.
pub struct Rig {
    /// The driver's card.
    pub card: Tdm400p,
    /// Slot of the simulated card.
    pub slot: SlotHandle,
    /// Equipment on its wires.
    pub wires: WiresHandle,
    /// Conditions reported since the last scan.
    pub conditions: Vec<(PortId, PortCondition)>,
    /// Errors since the last scan.
    pub errors: Vec<CardError>,
    /// Milliseconds stepped.
    pub ms: u64,
}

impl Rig {
    /// A card with these modules, `x` for FXS (station), `o` for FXO (trunk), `-` for none; everything default.
    pub fn new(modules: &str) -> Rig {
        Rig::with(modules, Settings::default(), Vec::new())
    }

    /// A rig with settings and faults.
    pub fn with(modules: &str, settings: Settings, faults: Vec<Planned>) -> Rig {
        Rig::attached(modules, settings, settings.needs(), faults)
    }

    /// A rig with what the card needs of its function: an interrupt, for example.
    pub fn attached(modules: &str, settings: Settings, needs: Needs, faults: Vec<Planned>) -> Rig {
        Rig::of(|card| card.with_faults(Faults::new(7, faults)), modules, settings, needs)
    }

    /// A rig with anything else about the simulated card.
    pub fn of(
        change: impl FnOnce(sim::Tdm400p) -> sim::Tdm400p,
        modules: &str,
        settings: Settings,
        needs: Needs,
    ) -> Rig {
        let wires = Wires::handle();
        let (card, slot) = plug(change(card(modules, &wires)), settings, &needs, &Again::After(100));
        Rig { card, slot, wires, conditions: Vec::new(), errors: Vec::new(), ms: 0 }
    }

    /// A millisecond: the card lives it, the driver services it; each waiting tick is answered by `say`.
    pub fn step(&mut self, mut say: impl FnMut(&[Frame; 4]) -> [Frame; 4]) {
        self.slot.lock().step();
        self.ms += 1;
        self.service(&mut say);
    }

    /// The driver's half of a millisecond.
    pub fn service(&mut self, say: &mut impl FnMut(&[Frame; 4]) -> [Frame; 4]) {
        match self.card.poll() {
            Ok(ticks) => {
                for _ in 0..ticks {
                    // The answer to a tick leaves with the next: what is played does not depend on what is received.
                    let mut received = [[0; 8]; 4];
                    let transmit = say(&received);
                    self.card.exchange(&mut received, &mut [[0; 8]; 4], &transmit);
                }
            }
            Err(error) => self.errors.push(error),
        }
        while let Some(condition) = self.card.poll_condition() {
            self.conditions.push(condition);
        }
    }

    /// Runs `ms` milliseconds in silence.
    pub fn run(&mut self, ms: u64) {
        for _ in 0..ms {
            self.step(|_| [[0xd5; 8]; 4]);
        }
    }

    /// Runs until sound moves, and gives how long it took; panics after 10 s.
    pub fn bring_up(&mut self) -> u64 {
        for ms in 0..10_000 {
            if self.card.state() == CardState::Running {
                return ms;
            }
            assert!(self.errors.is_empty(), "bring-up failed: {}", self.errors[0]);
            self.run(1);
        }
        panic!("the card is still not up after 10 s");
    }

    /// The newest condition of a port, other than service ones; forgets all others.
    pub fn newest(&mut self, port: u8) -> Option<PortCondition> {
        let newest = self
            .conditions
            .iter()
            .rev()
            .find(|(of, condition)| of.0 == port && !matches!(condition, PortCondition::Service(_)))
            .map(|(_, condition)| *condition);
        self.conditions.clear();
        newest
    }
}

/// A simulated card by the letters of its modules.
pub fn card(modules: &str, wires: &WiresHandle) -> sim::Tdm400p {
    let mut sockets = [sim::Module::Absent; 4];
    for (socket, letter) in sockets.iter_mut().zip(modules.chars()) {
        *socket = match letter {
            'x' => sim::Module::Fxs,
            'o' => sim::Module::Fxo,
            _ => sim::Module::Absent,
        };
    }
    sim::Tdm400p::new(sockets, Box::new(wires.clone()))
}
