//! The messages of vfio-user, as octets: headers and bodies in the host's order, which is little-endian here.
//!
//! From the public vfio-user protocol specification (version 0.x, libvfio-user) and the constants of the kernel's
//! `<linux/vfio.h>`, whose structures it carries. Never: sends or receives.

/// Octets of the header before every message.
pub(super) const HEADER: usize = 16;
/// Octets of a region access between its header and its data: offset, region, count.
pub(super) const REGION_ACCESS: usize = 16;
/// Octets of a region description.
pub(super) const REGION_INFO: usize = 32;
/// The longest message taken from the other side. What it has to tell us is far shorter.
pub(super) const MESSAGE_MAX: usize = 64 * 1024;

/// The region that is configuration space; BAR n is region n.
pub(super) const CONFIG_REGION: u32 = 7;
/// The interrupt index of the legacy pin (INTx).
pub(super) const INTX: u32 = 0;
/// Device flag: the function can be reset.
pub(super) const DEVICE_RESET: u32 = 1 << 0;
/// Device flag: it is a PCI function.
pub(super) const DEVICE_PCI: u32 = 1 << 1;
/// Interrupt flag: it can be signalled through an eventfd.
pub(super) const IRQ_EVENTFD: u32 = 1 << 0;
/// `SET_IRQS`: an eventfd to be signalled when it triggers.
pub(super) const IRQ_ARM: u32 = 1 << 2 | 1 << 5;
/// `SET_IRQS`: no data, let it fire again.
pub(super) const IRQ_UNMASK: u32 = 1 << 0 | 1 << 4;
/// `DMA_MAP`: the card may read and write.
pub(super) const DMA_READ_WRITE: u32 = 1 << 0 | 1 << 1;

/// Command of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Command {
    Version = 1,
    DmaMap = 2,
    DmaUnmap = 3,
    DeviceInfo = 4,
    RegionInfo = 5,
    IrqInfo = 7,
    SetIrqs = 8,
    RegionRead = 9,
    RegionWrite = 10,
    Reset = 13,
}

impl Command {
    /// The operation, for error texts.
    pub(super) const fn purpose(self) -> &'static str {
        match self {
            Command::Version => "greeting",
            Command::DmaMap => "lending DMA memory to the card",
            Command::DmaUnmap => "taking DMA memory back from the card",
            Command::DeviceInfo => "asking what device it is",
            Command::RegionInfo => "asking for the size of a BAR",
            Command::IrqInfo => "asking for interrupts",
            Command::SetIrqs => "setting up the interrupt",
            Command::RegionRead => "reading a register",
            Command::RegionWrite => "writing a register",
            Command::Reset => "resetting the card",
        }
    }
}

/// The flags of a header: type in bits 3:0, then two single bits.
const TYPE_MASK: u32 = 0xf;
const TYPE_REPLY: u32 = 1;
const NO_REPLY: u32 = 1 << 4;
const ERROR: u32 = 1 << 5;

/// True for a command that is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    /// The other side answers.
    Wanted,
    /// The message is posted: no answer comes.
    None,
}

/// A header as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub id: u16,
    pub command: u16,
    pub length: u32,
    pub flags: u32,
    pub error: u32,
}

impl Header {
    /// Takes a header apart.
    pub(super) fn parse(octets: &[u8; HEADER]) -> Header {
        Header {
            id: u16_at(octets, 0),
            command: u16_at(octets, 2),
            length: u32_at(octets, 4),
            flags: u32_at(octets, 8),
            error: u32_at(octets, 12),
        }
    }

    /// True for a reply; otherwise the peer sends a request.
    pub(super) fn is_reply(&self) -> bool {
        self.flags & TYPE_MASK == TYPE_REPLY
    }

    /// The error number of a command that was refused.
    pub(super) fn refusal(&self) -> Option<u32> {
        (self.flags & ERROR != 0).then_some(self.error)
    }
}

/// Appends a header for a message whose body has `body` octets.
pub(super) fn put_header(out: &mut Vec<u8>, id: u16, command: Command, body: usize, reply: Reply) {
    out.extend_from_slice(&id.to_le_bytes());
    out.extend_from_slice(&(command as u16).to_le_bytes());
    out.extend_from_slice(&((HEADER + body) as u32).to_le_bytes());
    let flags = match reply {
        Reply::Wanted => 0,
        Reply::None => NO_REPLY,
    };
    out.extend_from_slice(&flags.to_le_bytes());
    out.extend_from_slice(&0u32.to_le_bytes());
}

/// Appends the body of a region access, without data.
pub(super) fn put_region_access(out: &mut Vec<u8>, region: u32, offset: u64, count: u32) {
    out.extend_from_slice(&offset.to_le_bytes());
    put_u32s(out, &[region, count]);
}

/// Appends 32-bit numbers.
pub(super) fn put_u32s(out: &mut Vec<u8>, numbers: &[u32]) {
    for number in numbers {
        out.extend_from_slice(&number.to_le_bytes());
    }
}

/// Appends 64-bit numbers.
pub(super) fn put_u64s(out: &mut Vec<u8>, numbers: &[u64]) {
    for number in numbers {
        out.extend_from_slice(&number.to_le_bytes());
    }
}

/// The 16-bit number at `at`; `octets` must reach that far.
pub(super) fn u16_at(octets: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([octets[at], octets[at + 1]])
}

/// The 32-bit number at `at`; `octets` must reach that far.
pub(super) fn u32_at(octets: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([octets[at], octets[at + 1], octets[at + 2], octets[at + 3]])
}

/// The 64-bit number at `at`; `octets` must reach that far.
pub(super) fn u64_at(octets: &[u8], at: usize) -> u64 {
    u64::from(u32_at(octets, at)) | u64::from(u32_at(octets, at + 4)) << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posted_octet_is_one_message_of_33_octets() {
        let mut out = Vec::new();
        put_header(&mut out, 7, Command::RegionWrite, REGION_ACCESS + 1, Reply::None);
        put_region_access(&mut out, 1, 0x03, 1);
        out.push(0x1c);
        let expected: &[u8] = &[
            7, 0, 10, 0, 33, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, // header
            3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0x1c, // access
        ];
        assert_eq!(out, expected);
        let header = Header::parse(out[..HEADER].try_into().unwrap());
        assert_eq!((header.id, header.length, header.is_reply(), header.refusal()), (7, 33, false, None));
    }
}
