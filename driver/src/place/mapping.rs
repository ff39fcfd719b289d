//! Memory files mapped into this process.
//!
//! Never: reads or writes what lies there.

// Maps memory, and unmaps it when nothing refers to it.
#![allow(unsafe_code)]

use core::num::NonZeroUsize;
use core::ptr::NonNull;
use std::fs::File;
use std::os::fd::BorrowedFd;

use nix::errno::Errno;
use nix::fcntl::Flock;
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};

/// The lock on a memory file by which one process claims it; the kernel ends it with the process.
pub(crate) type Claim = Flock<File>;

/// A mapped memory file.
#[derive(Debug)]
pub(crate) struct Mapping {
    base: NonNull<u8>,
    octets: usize,
    /// The guest's claim; none for the maker.
    _claim: Option<Claim>,
}

// SAFETY: the addresses stay mapped as long as this lives, and what lies there is reached as `Sharable` allows.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps the first `octets` of a file that is sealed at that length or a longer one.
    pub(crate) fn new(file: BorrowedFd<'_>, octets: usize, claim: Option<Claim>) -> Result<Mapping, Errno> {
        let size = NonZeroUsize::new(octets).ok_or(Errno::EINVAL)?;
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // Populated: the media thread shall meet no page fault later.
        let flags = MapFlags::MAP_SHARED | MapFlags::MAP_POPULATE;
        // SAFETY: a fresh mapping of a file that is that long and stays so; nothing else refers to the addresses.
        let base = unsafe { mmap(None, size, protection, flags, file, 0)? };
        Ok(Mapping { base: base.cast(), octets, _claim: claim })
    }

    /// The first octet.
    pub(crate) const fn base(&self) -> NonNull<u8> {
        self.base
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: nothing refers to the addresses any more: everything that does holds this mapping.
        let _ = unsafe { munmap(self.base.cast(), self.octets) };
    }
}
