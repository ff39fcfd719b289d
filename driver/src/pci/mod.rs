//! One PCI function, however it is reached: the only PCI interface that cards see.
//!
//! Backends: `vfio` for a real card, `vfio_user` for a simulated one behind its socket; a third, in-process,
//! belongs to whoever simulates. Registers are little-endian and offsets are octets into the BAR.
//!
//! Never: knows what card it is talking to.

pub mod attach;
pub mod dma;
mod error;
pub mod ids;
pub mod reopen;
pub mod tx_watchdog;
#[cfg(feature = "vfio")]
pub(crate) mod vfio;
#[cfg(feature = "vfio-user")]
pub mod vfio_user;

use core::task::Poll;
use std::os::fd::BorrowedFd;

use dma::DmaBuffer;
pub use error::{Breach, Name, Operation, PciError, PciErrorKind, Unavailable};

/// The numbers in configuration space by which a function is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PciId {
    /// Vendor, offset 0x00.
    pub vendor: u16,
    /// Device, offset 0x02.
    pub device: u16,
    /// Subsystem vendor, offset 0x2c.
    pub subsystem_vendor: u16,
    /// Subsystem device, offset 0x2e.
    pub subsystem_device: u16,
}

/// A base address register, 0 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bar(pub u8);

/// One register access of a [transaction](PciFunction::transact).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reads an octet; the answer replaces `value`.
    Read8 {
        /// The BAR read from.
        bar: Bar,
        /// Octets into the BAR.
        offset: u32,
        /// The value read, once the transaction is over.
        value: u8,
    },
    /// Reads a 32-bit word; the answer replaces `value`.
    Read32 {
        /// The BAR read from.
        bar: Bar,
        /// Octets into the BAR, a multiple of 4.
        offset: u32,
        /// The value read, once the transaction is over.
        value: u32,
    },
    /// Writes an octet.
    Write8 {
        /// The BAR written to.
        bar: Bar,
        /// Octets into the BAR.
        offset: u32,
        /// The value to write.
        value: u8,
    },
    /// Writes a 32-bit word.
    Write32 {
        /// The BAR written to.
        bar: Bar,
        /// Octets into the BAR, a multiple of 4.
        offset: u32,
        /// The value to write.
        value: u32,
    },
}

/// Place of an access.
pub(crate) struct Place {
    pub(crate) bar: Bar,
    pub(crate) offset: u32,
    pub(crate) octets: u32,
}

impl Access {
    /// The place of the access.
    pub(crate) fn place(&self) -> Place {
        match *self {
            Access::Read8 { bar, offset, .. } | Access::Write8 { bar, offset, .. } => Place { bar, offset, octets: 1 },
            Access::Read32 { bar, offset, .. } | Access::Write32 { bar, offset, .. } => {
                Place { bar, offset, octets: 4 }
            }
        }
    }
}

/// One PCI function. Opening it has enabled memory access and bus mastering; dropping it releases the card.
pub trait PciFunction: Send {
    /// The numbers by which the function is recognised.
    fn id(&self) -> PciId;

    /// Name of the function for people: a bus address or a socket path.
    fn name(&self) -> Name {
        Name::CARD
    }

    /// Carries out `accesses` in order with one wait at most: writes are posted, as PCI does, and the answers of all
    /// reads are collected together. A transaction without a read does not wait at all.
    ///
    /// # Errors
    /// [`OutOfRange`](PciErrorKind::OutOfRange) for an access outside its BAR; [`Gone`](PciErrorKind::Gone),
    /// [`Deadline`](PciErrorKind::Deadline) or [`Protocol`](PciErrorKind::Protocol) by the failure of the other side;
    /// and [`Io`](PciErrorKind::Io) if the other side or the system refuses an access.
    fn transact(&mut self, accesses: &mut [Access]) -> Result<(), PciError>;

    /// As [`transact`](PciFunction::transact), for the media thread: waits for a moment at most. While it is pending,
    /// answers are under way; then it is to be called again with the same accesses, as this call left them, and nothing
    /// else is to be asked of the function. Whatever never answers ends in an error after this many calls as its
    /// deadline has milliseconds.
    ///
    /// A mapped function has all its answers at once.
    fn transact_soon(&mut self, accesses: &mut [Access]) -> Poll<Result<(), PciError>> {
        Poll::Ready(self.transact(accesses))
    }

    /// Memory shared with the card: zeroed, page-aligned, at a card address below 4 GiB.
    ///
    /// # Errors
    /// [`Io`](PciErrorKind::Io) if the system has no memory or maps none; [`OutOfRange`](PciErrorKind::OutOfRange) or
    /// [`Unavailable::NoDmaAddress`] if no such address is free; behind a socket, the failures of the other side as
    /// well.
    fn dma_alloc(&mut self, octets: u32) -> Result<DmaBuffer, PciError>;

    /// Has the function signal `event`, an eventfd, when it interrupts. False if it has no interrupt.
    ///
    /// An interrupt line stays masked after it has fired, until [`irq_unmask`](PciFunction::irq_unmask).
    ///
    /// # Errors
    /// [`Io`](PciErrorKind::Io) if the event is refused; behind a socket, the failures of the other side as well.
    fn irq_arm(&mut self, event: BorrowedFd<'_>) -> Result<bool, PciError>;

    /// Lets the interrupt line fire again, after the card's events have been acknowledged.
    ///
    /// # Errors
    /// [`Io`](PciErrorKind::Io) if the system refuses it; behind a socket, the failures of the other side as well.
    fn irq_unmask(&mut self) -> Result<(), PciError> {
        Ok(())
    }

    /// Resets the function as far as the bus can. A function without such a reset reports success and does nothing.
    ///
    /// # Errors
    /// [`Io`](PciErrorKind::Io) if a reset, or enabling the function after it, is refused; behind a socket, the
    /// failures of the other side as well.
    fn reset(&mut self) -> Result<(), PciError>;

    /// Reads one octet.
    ///
    /// # Errors
    /// As for [`transact`](PciFunction::transact).
    fn read8(&mut self, bar: Bar, offset: u32) -> Result<u8, PciError> {
        let mut access = [Access::Read8 { bar, offset, value: 0 }];
        self.transact(&mut access)?;
        let [Access::Read8 { value, .. }] = access else { unreachable!("a transaction keeps its accesses' kinds") };
        Ok(value)
    }

    /// Reads one 32-bit word.
    ///
    /// # Errors
    /// As for [`transact`](PciFunction::transact).
    fn read32(&mut self, bar: Bar, offset: u32) -> Result<u32, PciError> {
        let mut access = [Access::Read32 { bar, offset, value: 0 }];
        self.transact(&mut access)?;
        let [Access::Read32 { value, .. }] = access else { unreachable!("a transaction keeps its accesses' kinds") };
        Ok(value)
    }

    /// Writes one octet.
    ///
    /// # Errors
    /// As for [`transact`](PciFunction::transact).
    fn write8(&mut self, bar: Bar, offset: u32, value: u8) -> Result<(), PciError> {
        self.transact(&mut [Access::Write8 { bar, offset, value }])
    }

    /// Writes one 32-bit word.
    ///
    /// # Errors
    /// As for [`transact`](PciFunction::transact).
    fn write32(&mut self, bar: Bar, offset: u32, value: u32) -> Result<(), PciError> {
        self.transact(&mut [Access::Write32 { bar, offset, value }])
    }
}
