//! Memory that the card reads and writes on its own: one owned, shareable, page-aligned buffer.
//!
//! The buffer is a memory file, so that it can be handed to a simulated card (over the socket or in-process) and mapped
//! in the IOMMU by `vfio` for a real one. This file owns the unsafety of it: words are only ever touched by atomic
//! accesses.

#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::unistd::ftruncate;

/// A buffer that a card may read and write at any moment. Unmapped from the card, by [`Release`], before it is freed.
pub struct DmaBuffer {
    base: NonNull<AtomicU32>,
    words: usize,
    file: OwnedFd,
    address: u32,
    release: Option<Release>,
}

/// Action that unmaps the buffer from the card; runs before the memory is freed.
pub type Release = Box<dyn FnOnce() + Send>;

// SAFETY: the memory is only touched through atomic words, and the mapping lives as long as the buffer.
unsafe impl Send for DmaBuffer {}
// SAFETY: as above.
unsafe impl Sync for DmaBuffer {}

impl DmaBuffer {
    /// Makes a zeroed buffer of at least `octets`, rounded up to whole pages, which no card knows of yet.
    ///
    /// # Errors
    /// The system has no memory or no descriptor left.
    ///
    /// # Panics
    /// The system gives 0 as the length of a page.
    pub fn allocate(octets: u32) -> io::Result<DmaBuffer> {
        let page = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE)?.unwrap_or(4096) as usize;
        let length = (octets.max(1) as usize).next_multiple_of(page);
        let file = memfd_create("tipring-dma", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?;
        ftruncate(&file, length as i64)?;
        // Whoever it is handed to could otherwise cut it short, and our next access would end this process.
        fcntl(&file, FcntlArg::F_ADD_SEALS(SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL))?;
        let size = std::num::NonZeroUsize::new(length).expect("a page is not empty");
        // SAFETY: a fresh shared mapping of a file that is that long; nothing else refers to the addresses.
        let base =
            unsafe { mmap(None, size, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED, &file, 0)? };
        Ok(DmaBuffer { base: base.cast(), words: length / 4, file, address: 0, release: None })
    }

    /// Says where the card sees the buffer, and what to do before it is freed.
    pub fn mapped_at(mut self, address: u32, release: Release) -> DmaBuffer {
        self.address = address;
        self.release = Some(release);
        self
    }

    /// The card's address of the first word.
    pub fn address(&self) -> u32 {
        self.address
    }

    /// The length in octets, a whole number of pages.
    pub fn octets(&self) -> u32 {
        (self.words * 4) as u32
    }

    /// The memory file, for handing the buffer to a simulated card.
    pub fn file(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Address of the buffer in this process, for mapping it for a real card.
    #[cfg(feature = "vfio")]
    pub(crate) fn host_address(&self) -> *const u8 {
        self.base.as_ptr().cast()
    }

    /// The words of the buffer.
    pub(crate) fn words(&self) -> &[AtomicU32] {
        // SAFETY: the mapping holds this many words, is page-aligned, and lives as long as `self`.
        unsafe { std::slice::from_raw_parts(self.base.as_ptr(), self.words) }
    }

    /// Reads word `index`; the card's octet order is little-endian.
    pub(crate) fn read(&self, index: usize) -> u32 {
        u32::from_le(self.words()[index].load(Ordering::Acquire))
    }

    /// Writes word `index`.
    pub(crate) fn write(&self, index: usize, value: u32) {
        self.words()[index].store(value.to_le(), Ordering::Release);
    }

    /// Writes `new` to word `index` if `old` stands there. Whether it did.
    pub(crate) fn replace(&self, index: usize, old: u32, new: u32) -> bool {
        let word = &self.words()[index];
        word.compare_exchange(old.to_le(), new.to_le(), Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }
}

impl Drop for DmaBuffer {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            release();
        }
        // SAFETY: the mapping was made by `allocate` with this length and is not used after this.
        if let Err(error) = unsafe { munmap(self.base.cast(), self.words * 4) } {
            debug_assert!(false, "unmapping a buffer of our own failed: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_who_is_handed_the_buffer_can_cut_it_short() {
        let buffer = DmaBuffer::allocate(8192).unwrap();
        let handed = buffer.file().try_clone_to_owned().unwrap();
        assert!(ftruncate(&handed, 0).is_err());
        buffer.write(2047, 1);
    }

    #[test]
    fn a_buffer_is_zeroed_and_keeps_what_is_written() {
        let buffer = DmaBuffer::allocate(100).unwrap();
        assert_eq!(buffer.octets() % 4096, 0);
        assert!(buffer.words().iter().all(|word| word.load(Ordering::Relaxed) == 0));
        buffer.write(3, 0x0102_0304);
        assert_eq!(buffer.read(3), 0x0102_0304);
    }
}
