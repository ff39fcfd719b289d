//! A simulated card in this process: the driver's PCI function straight onto the device, without a socket or a thread.
//!
//! Works for any card; neither driver nor simulator depends on this crate.
//!
//! A [`Slot`] holds the device and its bus memory. The driver reaches it through a [`Direct`], and the pace advances
//! its clock by [`Slot::step`]. DMA takes the same way as over the socket: the driver's memory file is handed to the
//! device.
//!
//! ```
//! use tipring_direct::{Direct, Slot};
//! use tipring_driver::pci::PciFunction;
//! use tipring_hw_sim::card::tdm400p::{Module, Tdm400p};
//! use tipring_hw_sim::network::{WireFeed, WireLoad, World};
//!
//! /// Open lines.
//! struct Open;
//!
//! impl World for Open {
//!     fn step(&mut self, _loads: &[WireLoad], _feeds: &mut [WireFeed]) {}
//! }
//!
//! let slot = Slot::new(Box::new(Tdm400p::new([Module::Fxs; 4], Box::new(Open))));
//! let mut function = Direct::open(&slot);
//! assert_eq!(function.id().vendor, 0xe159);
//! let memory = function.dma_alloc(8192)?;
//! slot.lock().step();
//! # Ok::<(), tipring_driver::pci::PciError>(())
//! ```
//!
//! Never: waits, or reads a clock.

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use parking_lot::Mutex;
use tipring_driver::pci::dma::DmaBuffer;
use tipring_driver::pci::{Access, Bar, Name, PciError, PciErrorKind, PciFunction, PciId};
use tipring_hw_sim::device::{Device, Region};
use tipring_hw_sim::guest_memory::GuestMemory;

/// Bus address of the first DMA buffer; any page below 4 GiB would do.
const FIRST_BUFFER: u32 = 0x1000_0000;
/// Offset of the command register in configuration space (PCI 2.2, 6.2.2).
const COMMAND: usize = 0x04;
/// Its bits for memory space (1) and bus master (2).
const MEMORY_AND_BUS_MASTER: u16 = 0x0006;

/// A simulated device, the memory it may reach, and its interrupt.
pub struct Slot {
    device: Box<dyn Device>,
    memory: GuestMemory,
    next_buffer: u32,
    /// Event of the interrupt: signalled once, then masked until the driver unmasks it.
    interrupt: Option<OwnedFd>,
    masked: bool,
    removed: bool,
    traffic: Traffic,
    memory_hook: Option<Box<dyn FnMut() + Send>>,
}

/// Counters of the register traffic of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Register accesses.
    pub accesses: usize,
    /// Transactions, each of one access or more.
    pub transactions: usize,
}

/// A slot shared by its function and the pace.
pub type SlotHandle = Arc<Mutex<Slot>>;

impl Slot {
    /// Puts a device into a slot, to be shared.
    pub fn new(device: Box<dyn Device>) -> SlotHandle {
        Arc::new(Mutex::new(Slot {
            device,
            memory: GuestMemory::default(),
            next_buffer: FIRST_BUFFER,
            interrupt: None,
            masked: false,
            removed: false,
            traffic: Traffic::default(),
            memory_hook: None,
        }))
    }

    /// Runs one millisecond of the device's clock, and signals its interrupt.
    pub fn step(&mut self) {
        self.device.step(&self.memory);
        self.signal();
    }

    /// Resets the device as its bus would.
    pub fn reset(&mut self) {
        self.device.reset();
    }

    /// Takes the card out of its slot (true), or puts it back: while it is out, every access fails.
    pub fn set_removed(&mut self, removed: bool) {
        self.removed = removed;
    }

    /// Returns true while the card is out of its slot.
    pub fn is_removed(&self) -> bool {
        self.removed
    }

    /// Counters of the register traffic.
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Has `hook` called whenever DMA memory is mapped or unmapped, in the thread that does it. It must not lock the
    /// slot.
    pub fn on_memory_change(&mut self, hook: impl FnMut() + Send + 'static) {
        self.memory_hook = Some(Box::new(hook));
    }

    fn memory_changed(&mut self) {
        if let Some(hook) = &mut self.memory_hook {
            hook();
        }
    }

    /// Signals the event if the pin is asserted and the interrupt is not masked.
    fn signal(&mut self) {
        if let Some(event) = self.interrupt.as_ref().filter(|_| self.device.interrupt() && !self.masked) {
            self.masked = true;
            // An event whose counter is full is signalled already.
            let _ = nix::unistd::write(event.as_fd(), &1u64.to_ne_bytes());
        }
    }

    fn config16(&mut self, offset: usize) -> u16 {
        let mut octets = [0; 2];
        self.device.read(Region::Config, offset as u64, &mut octets);
        u16::from_le_bytes(octets)
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("removed", &self.removed).field("traffic", &self.traffic).finish_non_exhaustive()
    }
}

/// The PCI function of the device in a slot.
#[derive(Debug, Clone)]
pub struct Direct {
    slot: SlotHandle,
    id: PciId,
}

impl Direct {
    /// Opens the function in `slot`: enables memory access and bus mastering.
    pub fn open(slot: &SlotHandle) -> Direct {
        let mut locked = slot.lock();
        let command = locked.config16(COMMAND) | MEMORY_AND_BUS_MASTER;
        locked.device.write(Region::Config, COMMAND as u64, &command.to_le_bytes());
        let id = PciId {
            vendor: locked.config16(0x00),
            device: locked.config16(0x02),
            subsystem_vendor: locked.config16(0x2c),
            subsystem_device: locked.config16(0x2e),
        };
        drop(locked);
        Direct { slot: Arc::clone(slot), id }
    }
}

fn failed(operation: &'static str, kind: PciErrorKind) -> PciError {
    PciError { operation: operation.into(), function: Name::CARD, kind }
}

fn io_error(error: std::io::Error) -> PciError {
    failed("Allocating DMA memory", PciErrorKind::Io(error))
}

impl PciFunction for Direct {
    fn id(&self) -> PciId {
        self.id
    }

    fn transact(&mut self, accesses: &mut [Access]) -> Result<(), PciError> {
        let mut slot = self.slot.lock();
        slot.traffic.transactions += 1;
        slot.traffic.accesses += accesses.len();
        if slot.removed {
            return Err(failed("Accessing registers", PciErrorKind::Gone));
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
        let buffer = DmaBuffer::allocate(octets).map_err(io_error)?;
        let file = buffer.file().try_clone_to_owned().map_err(io_error)?;
        let length = u64::from(buffer.octets());
        let mut slot = self.slot.lock();
        let address = slot.next_buffer;
        slot.memory
            .map(address.into(), length, file, 0, true)
            .map_err(|error| failed("Mapping DMA memory", PciErrorKind::Protocol(error.to_string().into())))?;
        slot.next_buffer += buffer.octets();
        slot.memory_changed();
        let handle = Arc::clone(&self.slot);
        let release = move || {
            let mut slot = handle.lock();
            slot.memory_changed();
            let unmapped = slot.memory.unmap(address.into(), length);
            debug_assert!(unmapped.is_ok(), "a buffer of this slot is mapped until it is released: {unmapped:?}");
        };
        Ok(buffer.mapped_at(address, Box::new(release)))
    }

    fn irq_arm(&mut self, event: BorrowedFd<'_>) -> Result<bool, PciError> {
        let copied =
            event.try_clone_to_owned().map_err(|error| failed("Arming the interrupt", PciErrorKind::Io(error)))?;
        let mut slot = self.slot.lock();
        slot.interrupt = Some(copied);
        slot.masked = false;
        Ok(true)
    }

    fn irq_unmask(&mut self) -> Result<(), PciError> {
        let mut slot = self.slot.lock();
        slot.masked = false;
        slot.signal();
        Ok(())
    }

    fn reset(&mut self) -> Result<(), PciError> {
        self.slot.lock().device.reset();
        Ok(())
    }
}
