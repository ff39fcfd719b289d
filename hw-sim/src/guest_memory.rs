//! The memory of whoever drives a card, as the card sees it: pieces of memory files at bus addresses.
//!
//! A file is mapped once, however many pieces of it are made known: an emulator behind a virtual IOMMU shows its memory
//! page by page, and one mapping for each page would soon meet the system's bound. A piece is an offset into its file.
//!
//! This file owns the unsafety of it: words are only ever touched by atomic accesses within the mapping. A peer that
//! cuts its file short afterwards kills this process by a bus error, as tearing out memory would stop a computer;
//! nothing here can prevent that.

#![allow(unsafe_code)]

use std::fmt;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use memmap2::{MmapOptions, MmapRaw};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::stat::fstat;

/// The most pieces kept at once. One more is refused.
pub const PIECES_MAX: usize = 1 << 20;

/// The pieces of memory that a card may reach.
#[derive(Default)]
pub struct GuestMemory {
    /// Sorted by address, never overlapping.
    pieces: Vec<Piece>,
    misses: AtomicU64,
}

struct Piece {
    address: u64,
    length: u64,
    /// None where the client keeps the memory to itself: the range is taken, and accesses find no memory.
    file: Option<Arc<MemoryFile>>,
    offset: u64,
    writable: bool,
}

/// A memory file, mapped once as a whole.
struct MemoryFile {
    device: u64,
    inode: u64,
    length: u64,
    writable: bool,
    mapping: MmapRaw,
}

/// Reason for which a piece of memory was not taken, or not given back.
#[derive(Debug)]
#[non_exhaustive]
pub enum MemoryError {
    /// The length is 0, or address and length do not fit together in 64 bits.
    BadRange {
        /// The bus address asked for.
        address: u64,
        /// Its length in octets.
        length: u64,
    },
    /// The piece would lie over one that is there already.
    Overlap {
        /// The bus address asked for.
        address: u64,
    },
    /// The range to unmap would cut a piece in two.
    Split {
        /// The bus address of the piece.
        address: u64,
    },
    /// The file ends before the piece does.
    BeyondFile {
        /// The length of the file in octets.
        file_length: u64,
    },
    /// The file may not be written to, but the card should be allowed to.
    ReadOnly,
    /// There are [`PIECES_MAX`] pieces already.
    TooMany,
    /// The operating system refused.
    Io(std::io::Error),
}

impl fmt::Display for MemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadRange { address, length } => {
                write!(f, "{length} octets at bus address {address:#x} are no range of memory")
            }
            Self::Overlap { address } => write!(f, "memory at bus address {address:#x} is mapped already"),
            Self::Split { address } => write!(f, "unmapping would cut the piece at bus address {address:#x} in two"),
            Self::BeyondFile { file_length } => {
                write!(f, "the piece reaches beyond its file, which has {file_length} octets")
            }
            Self::ReadOnly => write!(f, "the file is open for reading only, but the piece is to be writable"),
            Self::TooMany => write!(f, "there are {PIECES_MAX} pieces already, and no more are kept"),
            Self::Io(error) => write!(f, "mapping the memory file failed: {error}"),
        }
    }
}

impl std::error::Error for MemoryError {}

impl From<nix::Error> for MemoryError {
    fn from(error: nix::Error) -> Self {
        Self::Io(error.into())
    }
}

impl GuestMemory {
    /// Makes `length` octets of `file`, from `offset` on, reachable at bus address `address`.
    ///
    /// The descriptor is only needed during the call: a file known already is not mapped again.
    ///
    /// # Errors
    ///
    /// A [`MemoryError`] if the range is none, is taken, or lies beyond the file, or if the file cannot be mapped.
    pub fn map(
        &mut self,
        address: u64,
        length: u64,
        file: OwnedFd,
        offset: u64,
        writable: bool,
    ) -> Result<(), MemoryError> {
        let at = self.place(address, length)?;
        let file_end = offset.checked_add(length).ok_or(MemoryError::BadRange { address, length })?;
        let file = self.file(file, file_end)?;
        if file_end > file.length {
            return Err(MemoryError::BeyondFile { file_length: file.length });
        }
        if writable && !file.writable {
            return Err(MemoryError::ReadOnly);
        }
        self.pieces.insert(at, Piece { address, length, file: Some(file), offset, writable });
        Ok(())
    }

    /// Takes the range of memory that the client keeps to itself; the card's accesses to it find no memory.
    ///
    /// # Errors
    ///
    /// A range that is none, lies over another, or is one too many.
    pub fn map_without_file(&mut self, address: u64, length: u64) -> Result<(), MemoryError> {
        let at = self.place(address, length)?;
        self.pieces.insert(at, Piece { address, length, file: None, offset: 0, writable: false });
        Ok(())
    }

    /// The index at which a new piece belongs.
    fn place(&self, address: u64, length: u64) -> Result<usize, MemoryError> {
        if length == 0 || address.checked_add(length - 1).is_none() {
            return Err(MemoryError::BadRange { address, length });
        }
        if self.pieces.len() >= PIECES_MAX {
            return Err(MemoryError::TooMany);
        }
        let at = self.pieces.partition_point(|piece| piece.address < address);
        let before_overlaps = at > 0 && address - self.pieces[at - 1].address < self.pieces[at - 1].length;
        let after_overlaps = self.pieces.get(at).is_some_and(|after| after.address - address < length);
        if before_overlaps || after_overlaps {
            return Err(MemoryError::Overlap { address });
        }
        Ok(at)
    }

    /// Takes away all pieces within the range; a range without any is no error. Returns how many there were.
    ///
    /// # Errors
    ///
    /// [`MemoryError::BadRange`] if the range is none, [`MemoryError::Split`] if it would cut a piece in two.
    pub fn unmap(&mut self, address: u64, length: u64) -> Result<usize, MemoryError> {
        let Some(last) = length.checked_sub(1).and_then(|length| address.checked_add(length)) else {
            return Err(MemoryError::BadRange { address, length });
        };
        let from = self.pieces.partition_point(|piece| piece.last() < address);
        let to = self.pieces.partition_point(|piece| piece.address <= last);
        if let Some(cut) = self.pieces[from..to].iter().find(|piece| piece.address < address || piece.last() > last) {
            return Err(MemoryError::Split { address: cut.address });
        }
        self.pieces.drain(from..to);
        Ok(to - from)
    }

    /// Takes away everything, as when the peer is gone.
    pub fn clear(&mut self) {
        self.pieces.clear();
    }

    /// Reads the little-endian word at a bus address that is a multiple of 4; `None` where no memory answers.
    #[inline]
    pub fn read_u32(&self, address: u64) -> Option<u32> {
        let word = self.word(address, false)?;
        Some(u32::from_le(word.load(Ordering::Acquire)))
    }

    /// Writes the little-endian word at a bus address that is a multiple of 4; false where no writable memory answers.
    #[inline]
    pub fn write_u32(&self, address: u64, value: u32) -> bool {
        match self.word(address, true) {
            Some(word) => {
                word.store(value.to_le(), Ordering::Release);
                true
            }
            None => false,
        }
    }

    /// Number of accesses without memory so far. Each is a master abort on a real bus.
    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    /// The number of pieces.
    pub fn pieces(&self) -> usize {
        self.pieces.len()
    }

    fn word(&self, address: u64, write: bool) -> Option<&AtomicU32> {
        let found = self.find(address, write);
        if found.is_none() {
            self.misses.fetch_add(1, Ordering::Relaxed);
        }
        found
    }

    fn find(&self, address: u64, write: bool) -> Option<&AtomicU32> {
        let after = self.pieces.partition_point(|piece| piece.address <= address);
        let piece = &self.pieces[after.checked_sub(1)?];
        let inside = address - piece.address;
        if inside >= piece.length || piece.length - inside < 4 || (write && !piece.writable) {
            return None;
        }
        let file = piece.file.as_ref()?;
        let offset = piece.offset + inside;
        if !offset.is_multiple_of(4) {
            return None;
        }
        // SAFETY: `map` has checked that the piece lies within the mapping, which lives as long as the piece; the word
        // lies within the piece and is aligned, as mappings are page-aligned. A mapping that is not writable is never
        // stored to: `map` refuses writable pieces of it. The peer may change the word at any time, hence the atomic.
        let word = unsafe { &*file.mapping.as_mut_ptr().add(offset as usize).cast::<AtomicU32>() };
        Some(word)
    }

    /// The mapping of a file, shared with the pieces that have it already.
    fn file(&self, file: OwnedFd, at_least: u64) -> Result<Arc<MemoryFile>, MemoryError> {
        let status = fstat(&file)?;
        let writable = OFlag::from_bits_truncate(fcntl(&file, FcntlArg::F_GETFL)?) & OFlag::O_ACCMODE == OFlag::O_RDWR;
        let known = self.pieces.iter().rev().filter_map(|piece| piece.file.as_ref()).find(|known| {
            known.device == status.st_dev
                && known.inode == status.st_ino
                && known.writable == writable
                && known.length >= at_least
        });
        if let Some(known) = known {
            return Ok(known.clone());
        }
        let length = u64::try_from(status.st_size).unwrap_or(0);
        if length == 0 {
            return Err(MemoryError::BeyondFile { file_length: 0 });
        }
        let mut options = MmapOptions::new();
        options.len(usize::try_from(length).map_err(|_| MemoryError::BeyondFile { file_length: length })?);
        let mapping = if writable { options.map_raw(&file) } else { options.map_raw_read_only(&file) };
        let mapping = mapping.map_err(MemoryError::Io)?;
        Ok(Arc::new(MemoryFile { device: status.st_dev, inode: status.st_ino, length, writable, mapping }))
    }
}

impl Piece {
    fn last(&self) -> u64 {
        self.address + (self.length - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::unix::fs::FileExt;

    use nix::sys::memfd::{MFdFlags, memfd_create};

    fn memory_file(octets: u64) -> File {
        let file = File::from(memfd_create("test", MFdFlags::MFD_CLOEXEC).unwrap());
        file.set_len(octets).unwrap();
        file
    }

    fn handed_over(file: &File) -> OwnedFd {
        file.try_clone().unwrap().into()
    }

    #[test]
    fn words_go_to_the_file_and_back_in_little_endian_order() {
        let file = memory_file(8192);
        let mut memory = GuestMemory::default();
        memory.map(0x10_0000, 4096, handed_over(&file), 4096, true).unwrap();
        assert!(memory.write_u32(0x10_0008, 0x0403_0201));
        let mut octets = [0; 4];
        file.read_exact_at(&mut octets, 4096 + 8).unwrap();
        assert_eq!(octets, [1, 2, 3, 4]);
        file.write_all_at(&[9, 8, 7, 6], 4096).unwrap();
        assert_eq!(memory.read_u32(0x10_0000), Some(0x0607_0809));
    }

    #[test]
    fn outside_the_pieces_nothing_answers_and_each_miss_is_counted() {
        let file = memory_file(4096);
        let mut memory = GuestMemory::default();
        memory.map(0x1000, 4096, handed_over(&file), 0, false).unwrap();
        assert_eq!(memory.read_u32(0xffc), None);
        assert_eq!(memory.read_u32(0x2000), None);
        assert_eq!(memory.read_u32(0x1ffe), None, "half a word is inside");
        assert_eq!(memory.read_u32(u64::MAX), None);
        assert!(!memory.write_u32(0x1000, 1), "the piece is read-only");
        assert_eq!(memory.misses(), 5);
        assert_eq!(memory.read_u32(0x1ffc), Some(0));
    }

    #[test]
    fn pages_of_one_file_share_its_mapping() {
        let file = memory_file(64 * 4096);
        let mut memory = GuestMemory::default();
        for page in 0..64 {
            memory.map((64 - page) * 0x10_0000, 4096, handed_over(&file), page * 4096, true).unwrap();
        }
        let files: Vec<&Arc<MemoryFile>> = memory.pieces.iter().filter_map(|piece| piece.file.as_ref()).collect();
        assert!(files.len() == 64 && files.iter().all(|file| Arc::ptr_eq(file, files[0])));
        assert!(memory.write_u32(60 * 0x10_0000, 77));
        let mut octets = [0; 4];
        file.read_exact_at(&mut octets, 4 * 4096).unwrap();
        assert_eq!(u32::from_le_bytes(octets), 77);
    }

    #[test]
    fn a_range_takes_whole_pieces_away_and_never_cuts_one() {
        let file = memory_file(3 * 4096);
        let mut memory = GuestMemory::default();
        for page in 0..3 {
            memory.map(0x1000 + page * 4096, 4096, handed_over(&file), page * 4096, true).unwrap();
        }
        assert!(matches!(memory.unmap(0x1800, 0x1000), Err(MemoryError::Split { address: 0x1000 })));
        assert_eq!(memory.pieces(), 3);
        assert_eq!(memory.unmap(0x2000, 0x1000).unwrap(), 1);
        assert_eq!(memory.unmap(0x2000, 0x1000).unwrap(), 0);
        assert_eq!(memory.read_u32(0x2000), None);
        assert_eq!(memory.unmap(0, u64::MAX).unwrap(), 2);
    }

    #[test]
    fn a_range_without_a_file_is_taken_and_holds_no_memory() {
        let file = memory_file(4096);
        let mut memory = GuestMemory::default();
        memory.map(0x1000, 4096, handed_over(&file), 0, true).unwrap();
        assert!(matches!(memory.map_without_file(0x1800, 4096), Err(MemoryError::Overlap { .. })));
        assert!(matches!(memory.map_without_file(0x2000, 0), Err(MemoryError::BadRange { .. })));
        memory.map_without_file(0x2000, 4096).unwrap();
        assert!(matches!(memory.map(0x2000, 4096, handed_over(&file), 0, true), Err(MemoryError::Overlap { .. })));
        assert!(matches!(memory.map_without_file(0x2000, 4096), Err(MemoryError::Overlap { .. })));
        assert_eq!(memory.read_u32(0x2000), None);
        assert_eq!(memory.unmap(0x2000, 4096).unwrap(), 1);
        memory.map(0x2000, 4096, handed_over(&file), 0, true).unwrap();
        assert_eq!(memory.read_u32(0x2000), Some(0));
    }

    #[test]
    fn a_bad_piece_is_refused() {
        let file = memory_file(4096);
        let mut memory = GuestMemory::default();
        memory.map(0x1000, 4096, handed_over(&file), 0, true).unwrap();
        assert!(matches!(memory.map(0x1800, 8, handed_over(&file), 0, true), Err(MemoryError::Overlap { .. })));
        assert!(matches!(memory.map(0x800, 0x801, handed_over(&file), 0, true), Err(MemoryError::Overlap { .. })));
        assert!(matches!(memory.map(0x4000, 0, handed_over(&file), 0, true), Err(MemoryError::BadRange { .. })));
        assert!(matches!(memory.map(u64::MAX, 2, handed_over(&file), 0, true), Err(MemoryError::BadRange { .. })));
        assert!(matches!(memory.map(0x4000, 8, handed_over(&file), 4092, true), Err(MemoryError::BeyondFile { .. })));
        assert!(matches!(memory.map(0x4000, 8, handed_over(&file), u64::MAX, true), Err(MemoryError::BadRange { .. })));
        let read_only: OwnedFd = File::open("/proc/self/exe").unwrap().into();
        assert!(matches!(memory.map(0x9000, 8, read_only, 0, true), Err(MemoryError::ReadOnly)));
    }
}
