//! The messages of vfio-user: a header of 16 octets, and bodies of fixed layout. All numbers little-endian.
//!
//! Source: the vfio-user protocol specification (QEMU, `docs/interop/vfio-user.rst`), and the constants of Linux's
//! `vfio.h` to which it refers. Pure: octets in, values out, and back.

/// The length of a message header.
pub(super) const HEADER: usize = 16;
/// The longest message taken; a longer one is drained and refused.
pub(super) const MESSAGE_MAX: usize = 128 * 1024;
/// The most octets of a register access, as announced to the client.
pub(super) const TRANSFER_MAX: u32 = 64 * 1024;
/// The most file descriptors in a message, as announced to the client.
pub(super) const DESCRIPTORS_MAX: usize = 8;
/// The version of the protocol spoken here: major and minor.
pub(super) const VERSION: (u16, u16) = (0, 1);

/// Command of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    /// 1: which version, which capabilities.
    Version,
    /// 2: here is memory.
    DmaMap,
    /// 3: it is gone.
    DmaUnmap,
    /// 4: what are you.
    DeviceGetInfo,
    /// 5: what is this region.
    DeviceGetRegionInfo,
    /// 6: descriptors for posted accesses. Not offered.
    DeviceGetRegionIoFds,
    /// 7: what is this interrupt.
    DeviceGetIrqInfo,
    /// 8: arm, mask, trigger an interrupt.
    DeviceSetIrqs,
    /// 9: read registers.
    RegionRead,
    /// 10: write registers.
    RegionWrite,
    /// 11: from server to client only.
    DmaRead,
    /// 12: from server to client only.
    DmaWrite,
    /// 13: reset the device.
    DeviceReset,
    /// Another number, kept as it came.
    Unknown(u16),
}

impl From<u16> for Command {
    fn from(number: u16) -> Self {
        match number {
            1 => Self::Version,
            2 => Self::DmaMap,
            3 => Self::DmaUnmap,
            4 => Self::DeviceGetInfo,
            5 => Self::DeviceGetRegionInfo,
            6 => Self::DeviceGetRegionIoFds,
            7 => Self::DeviceGetIrqInfo,
            8 => Self::DeviceSetIrqs,
            9 => Self::RegionRead,
            10 => Self::RegionWrite,
            11 => Self::DmaRead,
            12 => Self::DmaWrite,
            13 => Self::DeviceReset,
            number => Self::Unknown(number),
        }
    }
}

/// Flags: bits 3:0 say whether a message is a command (0) or a reply (1).
const FLAG_TYPE: u32 = 0xf;
const FLAG_REPLY: u32 = 1;
/// Flags: no answer is wanted.
const FLAG_NO_REPLY: u32 = 1 << 4;
/// Flags: the error field counts.
const FLAG_ERROR: u32 = 1 << 5;

/// The head of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Chosen by the sender of a command; its reply carries the same.
    pub id: u16,
    /// Command number, as received, for the reply.
    pub command: u16,
    /// The length of the message, header included.
    pub size: u32,
    flags: u32,
}

impl Header {
    /// Reads a header; `None` if there are not yet enough octets.
    pub(super) fn parse(octets: &[u8]) -> Option<Header> {
        Some(Header {
            id: u16_at(octets, 0)?,
            command: u16_at(octets, 2)?,
            size: u32_at(octets, 4)?,
            flags: u32_at(octets, 8)?,
        })
    }

    /// Returns true for a command; a server expects no replies.
    pub(super) fn is_command(&self) -> bool {
        self.flags & FLAG_TYPE == 0
    }

    /// Returns true if the client waits for a reply.
    pub(super) fn wants_reply(&self) -> bool {
        self.flags & FLAG_NO_REPLY == 0
    }
}

/// Writes the reply to `header`; `error` is an error number of the system, 0 for success. `body` writes what follows.
pub(super) fn reply(out: &mut Vec<u8>, header: &Header, error: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend(header.id.to_le_bytes());
    out.extend(header.command.to_le_bytes());
    out.extend([0; 4]);
    let flags = if error == 0 { FLAG_REPLY } else { FLAG_REPLY | FLAG_ERROR };
    out.extend(flags.to_le_bytes());
    out.extend(error.to_le_bytes());
    body(out);
    let size = (out.len() - start) as u32;
    out[start + 4..start + 8].copy_from_slice(&size.to_le_bytes());
}

/// The 16-bit number at an offset, if there is one.
pub(super) fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(octets.get(at..at + 2)?.try_into().ok()?))
}

/// The 32-bit number at an offset, if there is one.
pub(super) fn u32_at(octets: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(octets.get(at..at + 4)?.try_into().ok()?))
}

/// The 64-bit number at an offset, if there is one.
pub(super) fn u64_at(octets: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(octets.get(at..at + 8)?.try_into().ok()?))
}

/// A register access: the body of REGION_READ, and the head of the body of REGION_WRITE and of both replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RegionAccess {
    /// Octets into the region.
    pub offset: u64,
    /// Its number.
    pub region: u32,
    /// Number of octets.
    pub count: u32,
}

impl RegionAccess {
    /// The length of this head.
    pub(super) const LENGTH: usize = 16;

    /// Reads it from the beginning of a body.
    pub(super) fn parse(body: &[u8]) -> Option<RegionAccess> {
        Some(RegionAccess { offset: u64_at(body, 0)?, region: u32_at(body, 8)?, count: u32_at(body, 12)? })
    }

    /// Writes the message.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.offset.to_le_bytes());
        out.extend(self.region.to_le_bytes());
        out.extend(self.count.to_le_bytes());
    }
}

/// The body of DMA_MAP: argument size, flags, offset into the file, bus address, length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DmaMap {
    /// The device may write it.
    pub writable: bool,
    /// Octets into the file.
    pub offset: u64,
    /// Address at which the device sees it.
    pub address: u64,
    /// Octets.
    pub length: u64,
}

impl DmaMap {
    /// Reads it from a body.
    pub(super) fn parse(body: &[u8]) -> Option<DmaMap> {
        let flags = u32_at(body, 4)?;
        Some(DmaMap {
            writable: flags & 2 != 0,
            offset: u64_at(body, 8)?,
            address: u64_at(body, 16)?,
            length: u64_at(body, 24)?,
        })
    }
}

/// The body of DMA_UNMAP, which its reply repeats: argument size, flags, bus address, length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DmaUnmap {
    /// Everything, whatever address and length say.
    pub all: bool,
    /// A bitmap of what was written is wanted. Not offered.
    pub dirty_bitmap: bool,
    /// From this bus address.
    pub address: u64,
    /// Number of octets.
    pub length: u64,
}

impl DmaUnmap {
    /// The length of this body.
    pub(super) const LENGTH: usize = 24;

    /// Reads it from a body.
    pub(super) fn parse(body: &[u8]) -> Option<DmaUnmap> {
        let flags = u32_at(body, 4)?;
        Some(DmaUnmap {
            all: flags & 2 != 0,
            dirty_bitmap: flags & 1 != 0,
            address: u64_at(body, 8)?,
            length: u64_at(body, 16)?,
        })
    }
}

/// The body of DEVICE_SET_IRQS: argument size, flags, index, first and number of vectors; data may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SetIrqs {
    /// Data: bit 0 none, bit 1 octets as booleans, bit 2 descriptors. Action: bit 3 mask, bit 4 unmask,
    /// bit 5 trigger.
    pub flags: u32,
    /// Kind of interrupt.
    pub index: u32,
    /// The first vector.
    pub start: u32,
    /// Number of interrupts.
    pub count: u32,
}

impl SetIrqs {
    /// The length of this body without data.
    pub(super) const LENGTH: usize = 20;
    /// No data.
    pub(super) const DATA_NONE: u32 = 1 << 0;
    /// One octet a vector; where 0, nothing is done.
    pub(super) const DATA_BOOL: u32 = 1 << 1;
    /// One descriptor a vector.
    pub(super) const DATA_EVENTFD: u32 = 1 << 2;
    /// Keep it back.
    pub(super) const MASK: u32 = 1 << 3;
    /// Let it through again.
    pub(super) const UNMASK: u32 = 1 << 4;
    /// With descriptors: signal there. Without: signal now, or, with a count of 0, never again.
    pub(super) const TRIGGER: u32 = 1 << 5;

    /// Reads it from a body.
    pub(super) fn parse(body: &[u8]) -> Option<SetIrqs> {
        Some(SetIrqs {
            flags: u32_at(body, 4)?,
            index: u32_at(body, 8)?,
            start: u32_at(body, 12)?,
            count: u32_at(body, 16)?,
        })
    }
}
