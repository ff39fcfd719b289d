//! Failure to reach a PCI function, formatted only when it is displayed.
//!
//! An error may arise in the media thread, which allocates nothing and locks nothing, so there an error holds numbers,
//! texts that are there already, and the name of its function, which was made when that was opened. Whoever opens
//! functions may describe more freely.
//!
//! Never: allocates, but where a function is opened.

use core::fmt;
use core::ops::Deref;
use parking_lot::Mutex;
use std::collections::BTreeSet;

use nix::errno::Errno;

use super::{Access, PciId, Place};

/// Failure to reach a PCI function. The text is a sentence that names the function, the operation and the
/// place.
#[derive(Debug)]
pub struct PciError {
    /// The operation.
    pub operation: Operation,
    /// The function.
    pub function: Name,
    /// The failure.
    pub kind: PciErrorKind,
}

/// Failure of a PCI access.
#[derive(Debug)]
#[non_exhaustive]
pub enum PciErrorKind {
    /// The other side is gone: the card was removed, or its process died.
    Gone,
    /// No answer came before the deadline.
    Deadline,
    /// The other side spoke, but not as the protocol asks.
    Protocol(Breach),
    /// The access lies outside the BAR, or the BAR does not exist.
    OutOfRange,
    /// Unavailable until a fault is put right.
    Unavailable(Unavailable),
    /// Another program has it; the text says what of it.
    Busy(String),
    /// The system refuses it to this user; the text says what to do.
    Denied(String),
    /// The operating system refused.
    Io(std::io::Error),
}

/// Fault that keeps a function from being used. The text says how it is put right.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unavailable {
    /// There is no function at the address.
    NoFunction,
    /// No driver is bound to it.
    Unbound,
    /// A driver of this name is bound to it, and it is not `vfio-pci`.
    OtherDriver(String),
    /// It is in no IOMMU group.
    NoIommuGroup,
    /// The device of the IOMMU group of this number does not exist.
    NoGroupDevice(u32),
    /// The IOMMU has no room for DMA memory below 4 GiB, the addresses of a 32-bit bus master.
    NoDmaAddress,
    /// Service by interrupt is asked for, and the function has no interrupt line.
    NoInterruptLine,
    /// It is no card of this driver.
    UnknownCard(PciId),
}

/// The operation, as "Reading octet 0x0c of BAR 1".
#[derive(Debug)]
pub enum Operation {
    /// A register access.
    Access(Access),
    /// An operation with a name.
    Named(&'static str),
    /// An operation described when it was done.
    Described(String),
}

/// The violation of the protocol.
#[derive(Debug)]
pub enum Breach {
    /// A fault with a name.
    Named(&'static str),
    /// A fault described when it was found.
    Described(String),
    /// A message came that is not the reply that was awaited.
    NotTheReply {
        /// The message that was to be answered.
        awaited: u16,
        /// The request of that message.
        purpose: &'static str,
        /// The message that came.
        id: u16,
        /// Its command.
        command: u16,
        /// True for a reply.
        is_reply: bool,
    },
    /// A reply of an impossible length.
    Length {
        /// Its claimed length, in octets.
        octets: usize,
    },
}

/// The name of a function, for people: a bus address or a socket path. Made once, and kept for as long as the program
/// runs, so that it can be given to an error for nothing. There are as many as there are cards and sockets ever named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name(&'static str);

/// The names there are. Never asked for in the media thread.
static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

impl Name {
    /// Of a function that has none, or that is not there.
    pub const CARD: Name = Name("the card");

    /// Makes a name, or finds it.
    pub(crate) fn of(text: &str) -> Name {
        let mut names = NAMES.lock();
        if let Some(name) = names.get(text) {
            return Name(name);
        }
        let name: &'static str = Box::leak(text.into());
        names.insert(name);
        Name(name)
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Name {
        Name::of(text)
    }
}

impl From<&'static str> for Operation {
    fn from(name: &'static str) -> Operation {
        Operation::Named(name)
    }
}

impl From<String> for Operation {
    fn from(text: String) -> Operation {
        Operation::Described(text)
    }
}

impl From<&'static str> for Breach {
    fn from(name: &'static str) -> Breach {
        Breach::Named(name)
    }
}

impl From<String> for Breach {
    fn from(text: String) -> Breach {
        Breach::Described(text)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operation::Access(access) => {
                let Place { bar, offset, octets } = access.place();
                let verb = match access {
                    Access::Read8 { .. } | Access::Read32 { .. } => "Reading",
                    Access::Write8 { .. } | Access::Write32 { .. } => "Writing",
                };
                let unit = if octets == 1 { "octet" } else { "word" };
                write!(f, "{verb} {unit} {offset:#04x} of BAR {}", bar.0)
            }
            Operation::Named(name) => f.write_str(name),
            Operation::Described(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Breach::Named(name) => f.write_str(name),
            Breach::Described(text) => f.write_str(text),
            Breach::NotTheReply { awaited, purpose, id, command, is_reply } => {
                let what = if *is_reply { "" } else { ", which is not a reply" };
                write!(f, "after message {awaited} ({purpose}) came message {id} with command {command}{what}")
            }
            Breach::Length { octets } => write!(f, "a reply claims to have {octets} octets"),
        }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unavailable::NoFunction => {
                f.write_str("there is no PCI function there; `tipring board list` shows the cards there are")
            }
            Unavailable::Unbound => f.write_str("no driver has it; `tipring board bind` gives it to vfio-pci"),
            Unavailable::OtherDriver(driver) => {
                write!(f, "the driver {driver} has it; `tipring board bind` gives it to vfio-pci")
            }
            Unavailable::NoIommuGroup => f.write_str(
                "it is in no IOMMU group; switch the IOMMU on in the firmware, and in the kernel by intel_iommu=on",
            ),
            Unavailable::NoGroupDevice(group) => {
                write!(f, "/dev/vfio/{group} is not there: is the module vfio-pci loaded?")
            }
            Unavailable::NoDmaAddress => f.write_str("the IOMMU has no room for DMA memory below 4 GiB"),
            Unavailable::NoInterruptLine => f.write_str("it has no interrupt line; serve it by position"),
            Unavailable::UnknownCard(PciId { vendor, device, subsystem_vendor, subsystem_device }) => write!(
                f,
                "it is no card of this driver (PCI {vendor:04x}:{device:04x}, \
                 subsystem {subsystem_vendor:04x}:{subsystem_device:04x})"
            ),
        }
    }
}

impl fmt::Display for PciError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} failed: ", self.operation, self.function)?;
        match &self.kind {
            PciErrorKind::Gone => write!(f, "the card is gone"),
            PciErrorKind::Deadline => write!(f, "no answer came in time"),
            PciErrorKind::Protocol(what) => write!(f, "it does not speak as a PCI function should: {what}"),
            PciErrorKind::OutOfRange => write!(f, "there is no such register"),
            PciErrorKind::Unavailable(fault) => fault.fmt(f),
            PciErrorKind::Busy(why) | PciErrorKind::Denied(why) => write!(f, "{why}"),
            PciErrorKind::Io(error) => match error.raw_os_error() {
                // The library's own text is made anew, and allocated, each time.
                Some(number) => write!(f, "{} (os error {number})", Errno::from_raw(number).desc()),
                None => write!(f, "{error}"),
            },
        }
    }
}

impl std::error::Error for PciError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            PciErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pci::Bar;

    #[test]
    fn an_error_names_the_function_the_operation_and_the_place() {
        let operation = Operation::Access(Access::Read8 { bar: Bar(1), offset: 0x0c, value: 0 });
        let kind = PciErrorKind::Io(std::io::Error::from_raw_os_error(Errno::EIO as i32));
        let error = PciError { operation, function: "0000:05:01.0".into(), kind };
        let text = "Reading octet 0x0c of BAR 1 of 0000:05:01.0 failed: I/O error (os error 5)";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn a_name_is_made_once() {
        let (first, again) = (Name::of("/run/a.sock"), Name::of(&String::from("/run/a.sock")));
        assert_eq!((first.as_ptr(), &*first), (again.as_ptr(), "/run/a.sock"));
    }
}
