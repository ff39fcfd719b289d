//! A PCI function of this computer, through the kernel's VFIO: a real card.
//!
//! By the `pci-driver` crate, whose own traits are sealed and whose errors are bare: this file gives them our interface
//! and sentences. Memory BARs are mapped, so that an access is a load or a store; others cost a system call each.
//!
//! *Interrupts.* The kernel masks a legacy interrupt line each time it fires, and the crate has no call to unmask it.
//! The interrupt-disable bit of the command register does it: VFIO watches writes to it and masks or unmasks the line.
//! The crate would write that bit as one that is cleared by writing 1, so the 16 bits at 0x04 are written raw.
//!
//! *IOMMU.* Each DMA buffer is mapped at an address below 4 GiB; the card reaches mapped memory alone.
//!
//! *Groups.* Cards behind one bridge share an IOMMU group, which can be opened only once: the group is shared by all
//! functions of this process and closed with the last. What is mapped for one of them, all of them can reach.
//!
//! Never: binds or unbinds a driver.

#![allow(unsafe_code)]

use std::fmt::Display;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use nix::errno::Errno;
use parking_lot::Mutex;
use pci_driver::backends::vfio::{VfioContainer, VfioPciDevice};
use pci_driver::device::PciDevice;
use pci_driver::regions::{AsPciSubregion, MappedOwningPciRegion, OwningPciRegion, PciRegion, Permissions};

use super::dma::DmaBuffer;
use super::{Access, Bar, Name, Operation, PciError, PciErrorKind, PciFunction, PciId, Place, Unavailable};

/// The kernel's folder of PCI functions.
const DEVICES: &str = "/sys/bus/pci/devices";
/// The command register of configuration space, and its bits.
const COMMAND: u64 = 0x04;
const COMMAND_MEMORY: u16 = 1 << 1;
const COMMAND_BUS_MASTER: u16 = 1 << 2;
const COMMAND_INTX_DISABLE: u16 = 1 << 10;
/// The cards here have 32-bit DMA addresses.
const ADDRESS_END: u64 = 1 << 32;

/// The IOMMU groups that this process has open.
static GROUPS: Mutex<Vec<(u32, Weak<Group>)>> = Mutex::new(Vec::new());

/// An IOMMU group, opened: what all its functions share.
struct Group {
    container: Arc<VfioContainer>,
    /// The card addresses in use, in order.
    mapped: Mutex<Vec<core::ops::Range<u64>>>,
}

/// Access path of a BAR.
enum Window {
    /// By loads and stores.
    Mapped(MappedOwningPciRegion),
    /// By a system call for each access.
    Unmapped(OwningPciRegion),
}

/// A PCI function through VFIO.
pub(crate) struct Vfio {
    name: Name,
    id: PciId,
    bars: [Option<Window>; 6],
    device: VfioPciDevice,
    group: Arc<Group>,
    /// The command register as it was written last: the kernel gives no other way to it.
    command: u16,
    armed: bool,
}

impl Vfio {
    /// Opens the function at a bus address, as `0000:05:01.0` or `05:01.0`; enables memory access and bus mastering.
    ///
    /// It must be bound to `vfio-pci` (`tipring board bind`), and this process must be allowed to open its group.
    pub(crate) fn open(address: &str) -> Result<Vfio, PciError> {
        let name = Name::of(&full_address(address));
        let fail = |operation: &'static str, kind| PciError { operation: operation.into(), function: name, kind };
        let path = Path::new(DEVICES).join(&*name);
        let number = usable_group(&path).map_err(|kind| fail("Opening", kind))?;
        let group = Group::open(number).map_err(|kind| fail("Opening the IOMMU group", kind))?;
        let device = VfioPciDevice::open_in_container(&path, Arc::clone(&group.container))
            .map_err(|error| fail("Opening", PciErrorKind::Io(error)))?;
        let mut function = Vfio {
            id: PciId { vendor: 0, device: 0, subsystem_vendor: 0, subsystem_device: 0 },
            bars: Default::default(),
            device,
            group,
            command: 0,
            armed: false,
            name,
        };
        function.explore().map_err(|error| fail("Exploring", PciErrorKind::Io(error)))?;
        Ok(function)
    }

    fn explore(&mut self) -> io::Result<()> {
        self.id = PciId {
            vendor: self.config16(0x00)?,
            device: self.config16(0x02)?,
            subsystem_vendor: self.config16(0x2c)?,
            subsystem_device: self.config16(0x2e)?,
        };
        self.enable()?;
        for (number, window) in self.bars.iter_mut().enumerate() {
            let Some(region) = self.device.bar(number) else { continue };
            *window = Some(if region.is_mappable() {
                Window::Mapped(region.map(.., Permissions::ReadWrite)?)
            } else {
                Window::Unmapped(region)
            });
        }
        Ok(())
    }

    fn config16(&self, offset: u64) -> io::Result<u16> {
        self.device.config().as_subregion().read_le_u16(offset)
    }

    fn set_command(&mut self, command: u16) -> io::Result<()> {
        self.device.config().as_subregion().write_le_u16(COMMAND, command)?;
        self.command = command;
        Ok(())
    }

    fn enable(&mut self) -> io::Result<()> {
        let command = self.config16(COMMAND)? | COMMAND_MEMORY | COMMAND_BUS_MASTER;
        self.set_command(command & !COMMAND_INTX_DISABLE)
    }

    fn error(&self, operation: impl Into<Operation>, kind: PciErrorKind) -> PciError {
        PciError { operation: operation.into(), function: self.name, kind }
    }

    fn access(&self, access: &mut Access) -> Result<(), PciErrorKind> {
        let Place { bar: Bar(bar), offset, octets } = access.place();
        let Some(window) = self.bars.get(usize::from(bar)).and_then(Option::as_ref) else {
            return Err(PciErrorKind::OutOfRange);
        };
        if u64::from(offset) + u64::from(octets) > window.region().len() {
            return Err(PciErrorKind::OutOfRange);
        }
        window.access(access, offset.into()).map_err(PciErrorKind::Io)
    }

    /// Maps a buffer for the card, and gives the card's address of it.
    fn map(&self, buffer: &DmaBuffer) -> Result<u64, PciErrorKind> {
        let iommu = self.group.container.iommu();
        let length = u64::from(buffer.octets());
        let mut mapped = self.group.mapped.lock();
        let Some(address) = free_address(iommu.valid_iova_ranges(), &mapped, length, iommu.alignment() as u64) else {
            return Err(PciErrorKind::Unavailable(Unavailable::NoDmaAddress));
        };
        // SAFETY: the pages belong to `buffer`, whose release takes the mapping away before they are freed, and which
        // only ever touches them by atomic accesses.
        unsafe { iommu.map(address, buffer.octets() as usize, buffer.host_address(), Permissions::ReadWrite) }
            .map_err(PciErrorKind::Io)?;
        mapped.push(address..address + length);
        mapped.sort_by_key(|range| range.start);
        Ok(address)
    }

    fn arm(&mut self, event: BorrowedFd<'_>) -> io::Result<bool> {
        let interrupts = self.device.interrupts();
        if interrupts.intx().max() == 0 {
            return Ok(false);
        }
        interrupts.intx().enable(&[event.as_raw_fd()])?;
        self.armed = true;
        Ok(true)
    }
}

impl PciFunction for Vfio {
    fn id(&self) -> PciId {
        self.id
    }

    fn name(&self) -> Name {
        self.name
    }

    fn transact(&mut self, accesses: &mut [Access]) -> Result<(), PciError> {
        for access in accesses {
            self.access(access).map_err(|kind| self.error(Operation::Access(*access), kind))?;
        }
        Ok(())
    }

    fn dma_alloc(&mut self, octets: u32) -> Result<DmaBuffer, PciError> {
        let failed = "Lending DMA memory to the card";
        let buffer = DmaBuffer::allocate(octets).map_err(|error| self.error(failed, PciErrorKind::Io(error)))?;
        let address = self.map(&buffer).map_err(|kind| self.error(failed, kind))?;
        let (group, length) = (Arc::clone(&self.group), u64::from(buffer.octets()));
        let release = Box::new(move || {
            // If this fails the group is going away, and its mappings with it.
            let _ = group.container.iommu().unmap(address, length as usize);
            let mut mapped = group.mapped.lock();
            mapped.retain(|range| range.start != address);
        });
        Ok(buffer.mapped_at(address as u32, release))
    }

    fn irq_arm(&mut self, event: BorrowedFd<'_>) -> Result<bool, PciError> {
        self.arm(event).map_err(|error| self.error("Setting up the interrupt", PciErrorKind::Io(error)))
    }

    fn irq_unmask(&mut self) -> Result<(), PciError> {
        // The kernel masks and unmasks as it sees the bit change: set, then cleared.
        let command = self.command & !COMMAND_INTX_DISABLE;
        let toggled = self.set_command(command | COMMAND_INTX_DISABLE).and_then(|()| self.set_command(command));
        toggled.map_err(|error| self.error("Letting the interrupt fire again", PciErrorKind::Io(error)))
    }

    fn reset(&mut self) -> Result<(), PciError> {
        // A function on the root bus often has no reset of its own; the kernel then refuses.
        match self.device.reset() {
            Ok(()) => {}
            Err(error) if matches!(error.raw_os_error().map(Errno::from_raw), Some(Errno::EINVAL | Errno::ENOTTY)) => {
                return Ok(());
            }
            Err(error) => return Err(self.error("Resetting", PciErrorKind::Io(error))),
        }
        self.enable().map_err(|error| self.error("Enabling", PciErrorKind::Io(error)))
    }
}

impl Drop for Vfio {
    fn drop(&mut self) {
        if self.armed {
            // Closing the device would do it too; the line is quiet a little earlier this way.
            let _ = self.device.interrupts().intx().disable();
        }
        // A card without a driver must not write to memory.
        let _ = self.set_command(self.command & !COMMAND_BUS_MASTER);
    }
}

impl Window {
    fn region(&self) -> &dyn PciRegion {
        match self {
            Window::Mapped(region) => region,
            Window::Unmapped(region) => region,
        }
    }

    fn access(&self, access: &mut Access, offset: u64) -> io::Result<()> {
        let region = self.region();
        match access {
            Access::Read8 { value, .. } => *value = region.read_u8(offset)?,
            Access::Read32 { value, .. } => *value = region.read_le_u32(offset)?,
            Access::Write8 { value, .. } => region.write_u8(offset, *value)?,
            Access::Write32 { value, .. } => region.write_le_u32(offset, *value)?,
        }
        Ok(())
    }
}

impl Group {
    /// Opens a group, or shares it if this process has it open.
    fn open(number: u32) -> Result<Arc<Group>, PciErrorKind> {
        let mut groups = GROUPS.lock();
        groups.retain(|(_, group)| group.strong_count() > 0);
        if let Some(group) = groups.iter().find(|(open, _)| *open == number).and_then(|(_, group)| group.upgrade()) {
            return Ok(group);
        }
        let container = VfioContainer::new(&[number]).map_err(|error| explain_group(number, error))?;
        let group = Arc::new(Group { container: Arc::new(container), mapped: Mutex::new(Vec::new()) });
        groups.push((number, Arc::downgrade(&group)));
        Ok(group)
    }
}

/// Says what stands in the way of opening a group.
fn explain_group(number: u32, error: io::Error) -> PciErrorKind {
    let device = format!("/dev/vfio/{number}");
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENOENT) => PciErrorKind::Unavailable(Unavailable::NoGroupDevice(number)),
        Some(Errno::EACCES | Errno::EPERM) => PciErrorKind::Denied(format!(
            "this user may not open {device}; `tipring board bind` writes a udev rule for the group tipring"
        )),
        Some(Errno::EBUSY) => PciErrorKind::Busy(format!("another process has {device} open")),
        _ => PciErrorKind::Io(error),
    }
}

/// The number of the function's IOMMU group, if nothing stands in the way of opening it.
fn usable_group(path: &Path) -> Result<u32, PciErrorKind> {
    let unavailable = |fault| Err(PciErrorKind::Unavailable(fault));
    if !path.exists() {
        return unavailable(Unavailable::NoFunction);
    }
    match link_name(&path.join("driver")) {
        Some(driver) if driver == "vfio-pci" => {}
        Some(driver) => return unavailable(Unavailable::OtherDriver(driver)),
        None => return unavailable(Unavailable::Unbound),
    }
    match link_name(&path.join("iommu_group")).map(|name| name.parse()) {
        Some(Ok(number)) => Ok(number),
        Some(Err(_)) | None => unavailable(Unavailable::NoIommuGroup),
    }
}

/// The last part of what a symbolic link points to.
fn link_name(link: &Path) -> Option<String> {
    let target: PathBuf = fs::read_link(link).ok()?;
    Some(target.file_name()?.to_str()?.to_owned())
}

/// A bus address with its domain.
fn full_address(address: &(impl Display + ?Sized)) -> String {
    let address = address.to_string();
    if address.matches(':').count() == 1 { format!("0000:{address}") } else { address }
}

/// The lowest aligned address below 4 GiB that lies in a valid range and is not taken.
fn free_address(
    valid: &[core::ops::Range<u64>],
    taken: &[core::ops::Range<u64>],
    length: u64,
    alignment: u64,
) -> Option<u64> {
    valid.iter().find_map(|range| {
        let end = range.end.min(ADDRESS_END);
        let mut address = range.start.next_multiple_of(alignment);
        for other in taken {
            if other.start < address + length && address < other.end {
                address = other.end.next_multiple_of(alignment);
            }
        }
        (address + length <= end).then_some(address)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::single_range_in_vec_init, reason = "one range is what is meant")]
    fn addresses_are_found_between_what_is_taken_and_below_4_gib() {
        let valid = [0x1000..0xfee0_0000, 0xfef0_0000..1 << 39];
        assert_eq!(free_address(&valid, &[], 0x2000, 0x1000), Some(0x1000));
        assert_eq!(free_address(&valid, &[0x1000..0x3000, 0x4000..0x5000], 0x2000, 0x1000), Some(0x5000));
        assert_eq!(free_address(&valid, &[0x1000..0xfee0_0000], 0x1000, 0x1000), Some(0xfef0_0000));
        assert_eq!(free_address(&[(1 << 32)..(1 << 39)], &[], 0x1000, 0x1000), None);
    }

    #[test]
    fn what_stands_in_the_way_is_said() {
        let error = Vfio::open("ffff:ff:1f.7").err().expect("no such function");
        assert!(error.to_string().contains("there is no PCI function there"), "{error}");
        assert_eq!(full_address("05:01.0"), "0000:05:01.0");
        assert_eq!(full_address("0001:05:01.0"), "0001:05:01.0");
    }
}
