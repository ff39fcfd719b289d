//! A PCI function straight onto a simulated device: no socket, no thread.
//!
//! The device is shared between the driver, which reads and writes its registers, and the pace, which lets its time go
//! by. DMA takes the same way as over the socket: the driver's memory file is handed to the device.
//!
//! Never: lets time go by of its own accord, or raises an interrupt.

use std::os::fd::BorrowedFd;
use std::sync::Arc;

use parking_lot::Mutex;
use tipring_driver::pci::dma::DmaBuffer;
use tipring_driver::pci::{Access, Bar, PciError, PciErrorKind, PciFunction, PciId};
use tipring_hw_sim::device::{Device, Region};
use tipring_hw_sim::guest_memory::GuestMemory;

/// Where buffers begin in the device's address space; any page below 4 GiB would do.
const FIRST_BUFFER: u32 = 0x1000_0000;

/// A simulated device with the memory it may reach.
pub struct Slot {
    device: Box<dyn Device>,
    memory: GuestMemory,
    next_buffer: u32,
}

impl Slot {
    /// Puts a device into a slot, to be shared.
    pub fn new(device: Box<dyn Device>) -> Arc<Mutex<Slot>> {
        Arc::new(Mutex::new(Slot { device, memory: GuestMemory::default(), next_buffer: FIRST_BUFFER }))
    }

    /// Lets a millisecond go by on the device.
    pub fn step(&mut self) {
        self.device.step(&self.memory);
    }
}

/// The function of the device in a slot.
pub struct Direct {
    slot: Arc<Mutex<Slot>>,
    id: PciId,
}

impl Direct {
    /// Opens the function in `slot`: enables memory access and bus mastering.
    pub fn open(slot: Arc<Mutex<Slot>>) -> Direct {
        let id = {
            let mut slot = slot.lock();
            slot.device.reset();
            let mut config = [0; 64];
            slot.device.read(Region::Config, 0, &mut config);
            let word = |at: usize| u16::from_le_bytes([config[at], config[at + 1]]);
            let command = word(0x04) | 0x0006;
            slot.device.write(Region::Config, 0x04, &command.to_le_bytes());
            PciId { vendor: word(0x00), device: word(0x02), subsystem_vendor: word(0x2c), subsystem_device: word(0x2e) }
        };
        Direct { slot, id }
    }

    fn error(operation: &'static str, kind: PciErrorKind) -> PciError {
        PciError { operation: operation.into(), function: "the simulated card in this process".into(), kind }
    }
}

impl PciFunction for Direct {
    fn id(&self) -> PciId {
        self.id
    }

    fn transact(&mut self, accesses: &mut [Access]) -> Result<(), PciError> {
        let device = &mut self.slot.lock().device;
        for access in accesses {
            match access {
                Access::Read8 { bar: Bar(bar), offset, value } => {
                    let mut data = [0];
                    device.read(Region::Bar(*bar), u64::from(*offset), &mut data);
                    *value = data[0];
                }
                Access::Read32 { bar: Bar(bar), offset, value } => {
                    let mut data = [0; 4];
                    device.read(Region::Bar(*bar), u64::from(*offset), &mut data);
                    *value = u32::from_le_bytes(data);
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
        let failed = |error| Direct::error("allocating DMA memory", PciErrorKind::Io(error));
        let buffer = DmaBuffer::allocate(octets).map_err(failed)?;
        let file = buffer.file().try_clone_to_owned().map_err(failed)?;
        let length = u64::from(buffer.len());
        let address = {
            let mut slot = self.slot.lock();
            let address = u64::from(slot.next_buffer);
            slot.memory.map(address, length, file, 0, true).map_err(|error| {
                Direct::error("mapping DMA memory", PciErrorKind::Protocol(error.to_string().into()))
            })?;
            slot.next_buffer += buffer.len();
            address
        };
        let slot = Arc::clone(&self.slot);
        let release = move || {
            // What was mapped above can be unmapped; a device that was reset has forgotten it already.
            let _ = slot.lock().memory.unmap(address, length);
        };
        Ok(buffer.mapped_at(address as u32, Box::new(release)))
    }

    fn irq_arm(&mut self, _event: BorrowedFd<'_>) -> Result<bool, PciError> {
        // Whoever steps the device knows when to look at it.
        Ok(false)
    }

    fn reset(&mut self) -> Result<(), PciError> {
        self.slot.lock().device.reset();
        Ok(())
    }
}
