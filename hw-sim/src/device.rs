//! A PCI device in software: what every simulated card is to whatever carries its PCI traffic.
//!
//! Behind it may be the [vfio-user server](crate::vfio_user), or a simulation in the same process.
//!
//! As on a real bus, a device answers on its BARs only after decoding was enabled in the command register (bit 0 for
//! I/O, bit 1 for memory), and reaches memory only as a bus master (bit 2).

use crate::guest_memory::GuestMemory;

/// Region of an access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Region {
    /// A base address register, 0 to 5.
    Bar(u8),
    /// Configuration space.
    Config,
}

/// A PCI device in software.
pub trait Device: Send {
    /// The size of a region in octets; 0 if it does not exist.
    fn region_size(&self, region: Region) -> u64;

    /// Reads `data.len()` octets. Beyond the region, or where nothing answers, all ones.
    fn read(&mut self, region: Region, offset: u64, data: &mut [u8]);

    /// Writes octets. Beyond the region, or where nothing listens, without effect.
    fn write(&mut self, region: Region, offset: u64, data: &[u8]);

    /// Runs one millisecond of the card's clock: 8 frames of DMA through `memory`, and the world at its wires.
    fn step(&mut self, memory: &GuestMemory);

    /// The level of the interrupt pin (INTx), true when asserted.
    fn interrupt(&self) -> bool;

    /// A bus reset: everything as after power-up, configuration space included.
    fn reset(&mut self);

    /// Returns true if the driver has serviced the last millisecond, so that the driven clock may go on.
    fn taken(&self) -> bool {
        true
    }

    /// Milliseconds of DMA in the driver's rings; `None` while DMA does not run. A device stepped that far
    /// without its driver coming by has lost sound.
    fn ring_ms(&self) -> Option<u32> {
        None
    }
}
