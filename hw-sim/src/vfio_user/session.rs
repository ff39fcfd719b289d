//! One client's conversation with the device: messages in, answers out. No socket is seen here.
//!
//! | message | answer |
//! |---|---|
//! | VERSION | the lower of both minor versions, and our limits; before it, nothing else is answered well |
//! | DEVICE_GET_INFO, _REGION_INFO, _IRQ_INFO | a PCI device with reset, 9 regions, 5 interrupts with INTx |
//! | REGION_READ, REGION_WRITE | the device's; outside the region: EINVAL |
//! | DMA_MAP, DMA_UNMAP | kept in [`GuestMemory`]; without a descriptor: out of reach; over a mapped range: EEXIST |
//! | DEVICE_SET_IRQS | INTx armed with an eventfd, masked, unmasked |
//! | DEVICE_RESET | done |
//! | anything else | ENOTSUP |
//!
//! A message that makes no sense gets EINVAL. Commands marked so get no answer at all.

use std::os::fd::{AsFd, OwnedFd};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::wire::{
    Command, DESCRIPTORS_MAX, DmaMap, DmaUnmap, Header, RegionAccess, SetIrqs, TRANSFER_MAX, VERSION, reply, u16_at,
    u32_at,
};
use crate::device::{Device, Region};
use crate::guest_memory::{GuestMemory, MemoryError};

/// Region and interrupt numbers of a PCI device, as VFIO counts them.
const REGIONS: u32 = 9;
const REGION_CONFIG: u32 = 7;
const INTERRUPTS: u32 = 5;
const INTERRUPT_INTX: u32 = 0;

const DEVICE_RESETTABLE: u32 = 1 << 0;
const DEVICE_PCI: u32 = 1 << 1;
const REGION_READABLE: u32 = 1 << 0;
const REGION_WRITABLE: u32 = 1 << 1;
const IRQ_EVENTFD: u32 = 1 << 0;
const IRQ_MASKABLE: u32 = 1 << 1;
const IRQ_AUTOMASKED: u32 = 1 << 2;

/// A client's conversation.
#[derive(Default)]
pub(super) struct Session {
    greeted: bool,
    interrupt: Interrupt,
}

/// INTx as the client has set it up: signalled once, then held until unmasked, and again if the pin is still up.
#[derive(Default)]
struct Interrupt {
    eventfd: Option<OwnedFd>,
    masked: bool,
}

/// Contents of a reply, after which nothing can fail any more.
type Answer = Result<(), Errno>;

impl Session {
    /// Handles one message. Answers go to the end of `out`. Returns false where the message was refused.
    pub(super) fn handle(
        &mut self,
        header: &Header,
        body: &[u8],
        descriptors: Vec<OwnedFd>,
        device: &mut dyn Device,
        memory: &mut GuestMemory,
        out: &mut Vec<u8>,
    ) -> bool {
        let start = out.len();
        let answered = self.answer(header, body, descriptors, device, memory, out);
        self.update_interrupt(device);
        match answered {
            Ok(()) if !header.wants_reply() => out.truncate(start),
            Ok(()) => {}
            Err(error) => {
                out.truncate(start);
                self.refuse(header, error, out);
            }
        }
        answered.is_ok()
    }

    /// Answers a message that was not even read.
    pub(super) fn refuse(&mut self, header: &Header, error: Errno, out: &mut Vec<u8>) {
        if header.wants_reply() {
            reply(out, header, error as u32, |_| {});
        }
    }

    /// Signals the interrupt if the pin is asserted and the client has not been signalled yet.
    pub(super) fn update_interrupt(&mut self, device: &dyn Device) {
        if device.interrupt() && !self.interrupt.masked && self.interrupt.eventfd.is_some() {
            self.interrupt.masked = true;
            self.interrupt.signal();
        }
    }

    fn answer(
        &mut self,
        header: &Header,
        body: &[u8],
        descriptors: Vec<OwnedFd>,
        device: &mut dyn Device,
        memory: &mut GuestMemory,
        out: &mut Vec<u8>,
    ) -> Answer {
        let command = Command::from(header.command);
        if !self.greeted && command != Command::Version {
            return Err(Errno::EINVAL);
        }
        match command {
            Command::Version => self.version(header, body, out),
            Command::DmaMap => dma_map(header, body, descriptors, memory, out),
            Command::DmaUnmap => dma_unmap(header, body, memory, out),
            Command::DeviceGetInfo => device_info(header, body, out),
            Command::DeviceGetRegionInfo => region_info(header, body, device, out),
            Command::DeviceGetIrqInfo => irq_info(header, body, out),
            Command::DeviceSetIrqs => {
                self.interrupt.set(body, descriptors)?;
                reply(out, header, 0, |_| {});
                Ok(())
            }
            Command::RegionRead => region_read(header, body, device, out),
            Command::RegionWrite => region_write(header, body, device, out),
            Command::DeviceReset => {
                device.reset();
                reply(out, header, 0, |_| {});
                Ok(())
            }
            Command::DeviceGetRegionIoFds | Command::DmaRead | Command::DmaWrite | Command::Unknown(_) => {
                Err(Errno::ENOTSUP)
            }
        }
    }

    fn version(&mut self, header: &Header, body: &[u8], out: &mut Vec<u8>) -> Answer {
        let major = u16_at(body, 0).ok_or(Errno::EINVAL)?;
        let minor = u16_at(body, 2).ok_or(Errno::EINVAL)?;
        if major != VERSION.0 {
            return Err(Errno::ENOTSUP);
        }
        self.greeted = true;
        reply(out, header, 0, |out| {
            out.extend(VERSION.0.to_le_bytes());
            out.extend(VERSION.1.min(minor).to_le_bytes());
            let limits = format!(
                "{{\"capabilities\":{{\"max_msg_fds\":{DESCRIPTORS_MAX},\"max_data_xfer_size\":{TRANSFER_MAX}}}}}\0"
            );
            out.extend(limits.as_bytes());
        });
        Ok(())
    }
}

fn dma_map(
    header: &Header,
    body: &[u8],
    descriptors: Vec<OwnedFd>,
    memory: &mut GuestMemory,
    out: &mut Vec<u8>,
) -> Answer {
    let map = DmaMap::parse(body).ok_or(Errno::EINVAL)?;
    match descriptors.into_iter().next() {
        Some(file) => memory.map(map.address, map.length, file, map.offset, map.writable),
        None => memory.map_without_file(map.address, map.length),
    }
    .map_err(error_number)?;
    reply(out, header, 0, |_| {});
    Ok(())
}

fn dma_unmap(header: &Header, body: &[u8], memory: &mut GuestMemory, out: &mut Vec<u8>) -> Answer {
    let unmap = DmaUnmap::parse(body).ok_or(Errno::EINVAL)?;
    if unmap.dirty_bitmap {
        return Err(Errno::ENOTSUP);
    }
    if unmap.all {
        memory.clear();
    } else {
        memory.unmap(unmap.address, unmap.length).map_err(error_number)?;
    }
    reply(out, header, 0, |out| out.extend(&body[..DmaUnmap::LENGTH]));
    Ok(())
}

fn error_number(error: MemoryError) -> Errno {
    match error {
        MemoryError::BadRange { .. } | MemoryError::Split { .. } | MemoryError::BeyondFile { .. } => Errno::EINVAL,
        MemoryError::Overlap { .. } => Errno::EEXIST,
        MemoryError::ReadOnly => Errno::EACCES,
        MemoryError::TooMany => Errno::ENOSPC,
        MemoryError::Io(error) => error.raw_os_error().map_or(Errno::EIO, Errno::from_raw),
    }
}

fn device_info(header: &Header, body: &[u8], out: &mut Vec<u8>) -> Answer {
    wants(body, 16)?;
    reply(out, header, 0, |out| {
        for number in [16, DEVICE_RESETTABLE | DEVICE_PCI, REGIONS, INTERRUPTS] {
            out.extend(number.to_le_bytes());
        }
    });
    Ok(())
}

fn region_info(header: &Header, body: &[u8], device: &dyn Device, out: &mut Vec<u8>) -> Answer {
    wants(body, 32)?;
    let index = u32_at(body, 8).ok_or(Errno::EINVAL)?;
    if index >= REGIONS {
        return Err(Errno::EINVAL);
    }
    let size = region(index).map_or(0, |region| device.region_size(region));
    let flags = if size > 0 { REGION_READABLE | REGION_WRITABLE } else { 0 };
    reply(out, header, 0, |out| {
        for number in [32, flags, index, 0] {
            out.extend(number.to_le_bytes());
        }
        out.extend(size.to_le_bytes());
        out.extend(0u64.to_le_bytes());
    });
    Ok(())
}

fn irq_info(header: &Header, body: &[u8], out: &mut Vec<u8>) -> Answer {
    wants(body, 16)?;
    let index = u32_at(body, 8).ok_or(Errno::EINVAL)?;
    let (flags, count) = match index {
        INTERRUPT_INTX => (IRQ_EVENTFD | IRQ_MASKABLE | IRQ_AUTOMASKED, 1),
        _ if index < INTERRUPTS => (0, 0),
        _ => return Err(Errno::EINVAL),
    };
    reply(out, header, 0, |out| {
        for number in [16, flags, index, count] {
            out.extend(number.to_le_bytes());
        }
    });
    Ok(())
}

/// The argument size at the head of a body: how much room the client has for the answer.
fn wants(body: &[u8], at_least: u32) -> Answer {
    match u32_at(body, 0) {
        Some(size) if size >= at_least => Ok(()),
        Some(_) | None => Err(Errno::EINVAL),
    }
}

/// Regions of VFIO, as of the device. Expansion ROM and VGA memory do not exist.
fn region(index: u32) -> Option<Region> {
    match index {
        0..=5 => Some(Region::Bar(index as u8)),
        REGION_CONFIG => Some(Region::Config),
        _ => None,
    }
}

/// The region of an access that lies within it.
fn within(access: &RegionAccess, device: &dyn Device) -> Result<Region, Errno> {
    let region = region(access.region).ok_or(Errno::EINVAL)?;
    let end = access.offset.checked_add(u64::from(access.count)).ok_or(Errno::EINVAL)?;
    if access.count == 0 || access.count > TRANSFER_MAX || end > device.region_size(region) {
        return Err(Errno::EINVAL);
    }
    Ok(region)
}

fn region_read(header: &Header, body: &[u8], device: &mut dyn Device, out: &mut Vec<u8>) -> Answer {
    let access = RegionAccess::parse(body).ok_or(Errno::EINVAL)?;
    let region = within(&access, device)?;
    reply(out, header, 0, |out| {
        access.write(out);
        let start = out.len();
        out.resize(start + access.count as usize, 0);
        device.read(region, access.offset, &mut out[start..]);
    });
    Ok(())
}

fn region_write(header: &Header, body: &[u8], device: &mut dyn Device, out: &mut Vec<u8>) -> Answer {
    let access = RegionAccess::parse(body).ok_or(Errno::EINVAL)?;
    let region = within(&access, device)?;
    let data = body.get(RegionAccess::LENGTH..).filter(|data| data.len() == access.count as usize);
    device.write(region, access.offset, data.ok_or(Errno::EINVAL)?);
    reply(out, header, 0, |out| access.write(out));
    Ok(())
}

impl Interrupt {
    /// DEVICE_SET_IRQS.
    fn set(&mut self, body: &[u8], descriptors: Vec<OwnedFd>) -> Answer {
        let request = SetIrqs::parse(body).ok_or(Errno::EINVAL)?;
        let data = request.flags & (SetIrqs::DATA_NONE | SetIrqs::DATA_BOOL | SetIrqs::DATA_EVENTFD);
        let action = request.flags & (SetIrqs::MASK | SetIrqs::UNMASK | SetIrqs::TRIGGER);
        if !data.is_power_of_two() || !action.is_power_of_two() || request.index >= INTERRUPTS {
            return Err(Errno::EINVAL);
        }
        let disarms = data == SetIrqs::DATA_NONE && action == SetIrqs::TRIGGER && request.count == 0;
        if request.index != INTERRUPT_INTX {
            // Nothing to disarm is disarmed; nothing else can be done with an interrupt that does not exist.
            return if disarms { Ok(()) } else { Err(Errno::EINVAL) };
        }
        if disarms {
            *self = Interrupt::default();
            return Ok(());
        }
        if request.start != 0 || request.count != 1 {
            return Err(Errno::EINVAL);
        }
        let wanted = match data {
            SetIrqs::DATA_BOOL => *body.get(SetIrqs::LENGTH).ok_or(Errno::EINVAL)? != 0,
            _ => true,
        };
        match action {
            SetIrqs::TRIGGER if data == SetIrqs::DATA_EVENTFD => {
                *self = Interrupt { eventfd: descriptors.into_iter().next(), masked: false };
            }
            // Masking by descriptor is a shortcut of the kernel's; no server offers it over a socket.
            _ if data == SetIrqs::DATA_EVENTFD => return Err(Errno::ENOTSUP),
            SetIrqs::TRIGGER if wanted => self.signal(),
            SetIrqs::MASK if wanted => self.masked = true,
            SetIrqs::UNMASK if wanted => self.masked = false,
            _ => {}
        }
        Ok(())
    }

    /// Tells the client, unless that would mean waiting for it.
    fn signal(&self) {
        let Some(eventfd) = &self.eventfd else { return };
        let mut ready = [PollFd::new(eventfd.as_fd(), PollFlags::POLLOUT)];
        if matches!(poll(&mut ready, PollTimeout::ZERO), Ok(1)) {
            // A client that gave something else than an eventfd gets no interrupts, and that is all.
            let _ = nix::unistd::write(eventfd, &1u64.to_ne_bytes());
        }
    }
}
