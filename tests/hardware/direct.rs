//! A simulated card in this process: a PCI function whose every access is a call, and a rig that steps both sides.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex};

use tipring_driver::card::tdm400p::{Settings, Tdm400p};
use tipring_driver::card::{Card, CardError, CardState, Frame, PortCondition};
use tipring_driver::ids::PortId;
use tipring_driver::pci::attach::{Attached, Needs};
use tipring_driver::pci::dma::DmaBuffer;
use tipring_driver::pci::reopen::Reopen;
use tipring_driver::pci::{Access, Bar, Name, PciError, PciErrorKind, PciFunction, PciId};
use tipring_hw_sim::card::tdm400p as sim;
use tipring_hw_sim::device::{Device, Region};
use tipring_hw_sim::fault::{Faults, Planned};
use tipring_hw_sim::guest_memory::GuestMemory;

use crate::wires::{Wires, WiresHandle};

/// A device and the memory it was lent.
pub struct Slot {
    device: Box<dyn Device>,
    memory: GuestMemory,
    next_address: u32,
    /// The interrupt: signalled once, then masked until it is let fire again.
    interrupt: Option<OwnedFd>,
    masked: bool,
    /// The threads that lent memory to the device or took it back, in order.
    pub memory_calls: Vec<String>,
    /// Nothing answers any more.
    pub removed: bool,
    /// Accesses made so far.
    pub accesses: usize,
    /// Transactions made so far.
    pub transactions: usize,
}

/// The slot, shared by the function and the rig.
pub type SlotHandle = Arc<Mutex<Slot>>;

/// A PCI function onto a device in this process.
pub struct Direct(pub SlotHandle);

impl Slot {
    /// A slot with a device in it.
    pub fn new(device: Box<dyn Device>) -> SlotHandle {
        let memory = GuestMemory::default();
        Arc::new(Mutex::new(Slot {
            device,
            memory,
            next_address: 0x1000_0000,
            interrupt: None,
            masked: false,
            memory_calls: Vec::new(),
            removed: false,
            accesses: 0,
            transactions: 0,
        }))
    }

    /// One millisecond of the card's clock.
    pub fn step(&mut self) {
        self.device.step(&self.memory);
        self.signal();
    }

    fn note_thread(&mut self) {
        self.memory_calls.push(std::thread::current().name().unwrap_or_default().into());
    }

    /// Signals the interrupt if the pin is up and the driver has not been told yet.
    fn signal(&mut self) {
        if let Some(event) = self.interrupt.as_ref().filter(|_| self.device.interrupt() && !self.masked) {
            self.masked = true;
            nix::unistd::write(event.as_fd(), &1u64.to_ne_bytes()).expect("an eventfd takes a number");
        }
    }

    fn config16(&mut self, offset: u64) -> u16 {
        let mut octets = [0; 2];
        self.device.read(Region::Config, offset, &mut octets);
        u16::from_le_bytes(octets)
    }
}

impl Direct {
    /// Enables memory access and bus mastering, as opening a function does.
    pub fn open(slot: &SlotHandle) -> Direct {
        let mut locked = slot.lock().unwrap();
        let command = locked.config16(4) | 0x6;
        locked.device.write(Region::Config, 4, &command.to_le_bytes());
        drop(locked);
        Direct(slot.clone())
    }
}

impl PciFunction for Direct {
    fn id(&self) -> PciId {
        let mut slot = self.0.lock().unwrap();
        PciId {
            vendor: slot.config16(0),
            device: slot.config16(2),
            subsystem_vendor: slot.config16(0x2c),
            subsystem_device: slot.config16(0x2e),
        }
    }

    fn transact(&mut self, accesses: &mut [Access]) -> Result<(), PciError> {
        let mut slot = self.0.lock().unwrap();
        slot.transactions += 1;
        slot.accesses += accesses.len();
        if slot.removed {
            let kind = PciErrorKind::Gone;
            return Err(PciError { operation: "Reading a register".into(), function: Name::CARD, kind });
        }
        let device = &mut slot.device;
        for access in accesses {
            match access {
                Access::Read8 { bar: Bar(bar), offset, value } => {
                    device.read(Region::Bar(*bar), u64::from(*offset), std::slice::from_mut(value));
                }
                Access::Read32 { bar: Bar(bar), offset, value } => {
                    let mut octets = [0; 4];
                    device.read(Region::Bar(*bar), u64::from(*offset), &mut octets);
                    *value = u32::from_le_bytes(octets);
                }
                Access::Write8 { bar: Bar(bar), offset, value } => {
                    device.write(Region::Bar(*bar), u64::from(*offset), &[*value]);
                }
                Access::Write32 { bar: Bar(bar), offset, value } => {
                    device.write(Region::Bar(*bar), u64::from(*offset), &value.to_le_bytes());
                }
            }
        }
        Ok(())
    }

    fn dma_alloc(&mut self, octets: u32) -> Result<DmaBuffer, PciError> {
        let mut slot = self.0.lock().unwrap();
        let buffer = DmaBuffer::allocate(octets).expect("memory for a few pages");
        let address = slot.next_address;
        slot.next_address += buffer.len();
        let file = buffer.file().try_clone_to_owned().expect("a descriptor");
        slot.memory.map(address.into(), buffer.len().into(), file, 0, true).expect("a mapping of our own memory");
        let (handle, length) = (self.0.clone(), u64::from(buffer.len()));
        slot.note_thread();
        let release = move || {
            let mut slot = handle.lock().unwrap();
            slot.note_thread();
            slot.memory.unmap(address.into(), length).expect("it was mapped");
        };
        Ok(buffer.mapped_at(address, Box::new(release)))
    }

    fn irq_arm(&mut self, event: BorrowedFd<'_>) -> Result<bool, PciError> {
        let mut slot = self.0.lock().unwrap();
        slot.interrupt = Some(event.try_clone_to_owned().expect("a descriptor"));
        slot.masked = false;
        Ok(true)
    }

    fn irq_unmask(&mut self) -> Result<(), PciError> {
        let mut slot = self.0.lock().unwrap();
        slot.masked = false;
        slot.signal();
        Ok(())
    }

    fn reset(&mut self) -> Result<(), PciError> {
        self.0.lock().unwrap().device.reset();
        Ok(())
    }
}

/// Opens the card in a slot again, some services after it failed.
pub struct Again {
    slot: SlotHandle,
    needs: Needs,
    /// Services until a card that failed is there again.
    pub after: u32,
    left: Option<u32>,
}

impl Again {
    /// Opens it `after` so many services, or later when nothing answers there.
    pub fn new(slot: &SlotHandle, needs: &Needs, after: u32) -> Again {
        Again { slot: slot.clone(), needs: needs.clone(), after, left: None }
    }
}

impl Reopen for Again {
    fn begin(&mut self, gone: Option<Attached>) {
        drop(gone);
        self.slot.lock().unwrap().device.reset();
        self.left = Some(self.after);
    }

    fn poll(&mut self) -> Option<Attached> {
        let left = self.left.as_mut()?;
        *left = left.saturating_sub(1);
        if *left > 0 || self.slot.lock().unwrap().removed {
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
    /// Where the simulated one is plugged in.
    pub slot: SlotHandle,
    /// What hangs on its wires.
    pub wires: WiresHandle,
    /// What the card said since it was last looked at.
    pub conditions: Vec<(PortId, PortCondition)>,
    /// What went wrong since it was last looked at.
    pub errors: Vec<CardError>,
    /// Milliseconds stepped.
    pub ms: u64,
}

impl Rig {
    /// A card with these modules, `x` for FXS (station), `o` for FXO (trunk), `-` for none; everything default.
    pub fn new(modules: &str) -> Rig {
        Rig::with(modules, Settings::default(), Vec::new())
    }

    /// The same with settings and faults.
    pub fn with(modules: &str, settings: Settings, faults: Vec<Planned>) -> Rig {
        Rig::attached(modules, settings, settings.needs(), faults)
    }

    /// The same, with what the card needs of its function: an interrupt, for example.
    pub fn attached(modules: &str, settings: Settings, needs: Needs, faults: Vec<Planned>) -> Rig {
        Rig::of(|card| card.with_faults(Faults::new(7, faults)), modules, settings, needs)
    }

    /// The same with anything else about the simulated card.
    pub fn of(
        change: impl FnOnce(sim::Tdm400p) -> sim::Tdm400p,
        modules: &str,
        settings: Settings,
        needs: Needs,
    ) -> Rig {
        let wires = Wires::handle();
        let device = change(card(modules, &wires));
        let slot = Slot::new(Box::new(device));
        let attached = needs.attach(Box::new(Direct::open(&slot))).expect("a card in this process");
        let card = Tdm400p::new(attached, Box::new(Again::new(&slot, &needs, 100)), settings);
        Rig { card, slot, wires, conditions: Vec::new(), errors: Vec::new(), ms: 0 }
    }

    /// A millisecond: the card lives it, the driver services it; each waiting tick is answered by `say`.
    pub fn step(&mut self, mut say: impl FnMut(&[Frame; 4]) -> [Frame; 4]) {
        self.slot.lock().unwrap().step();
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

    /// Runs so many milliseconds in silence.
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
