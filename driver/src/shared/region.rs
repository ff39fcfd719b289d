//! A memory file that two processes have mapped: the maker, and one guest at a time.
//!
//! The guest holds a lock on the file as long as any of its ends lives; the kernel lets go of it when the process ends,
//! however it ends, so that the next guest can come at once.
//!
//! Never: makes a second producer or consumer of a ring, here or there.

// Maps memory and makes references into it, by a plan that both processes share.
#![allow(unsafe_code)]

use core::fmt;
use core::ptr::NonNull;
use std::fs::OpenOptions;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FlockArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::ftruncate;

use super::plan::{HEADER_OCTETS, Plan, RingSpot, Side, Spot};
use crate::place::{Claim, Mapping, Placed, Plain, Sharable};
use crate::spsc::{Consumer, Producer, Shared};

/// First word of every region: "tipring" and the version of the header.
const MARK: u64 = u64::from_le_bytes(*b"tipring\x01");
/// No process can cut the file short or make it longer under the other.
const SEALS: SealFlag = SealFlag::F_SEAL_SHRINK.union(SealFlag::F_SEAL_GROW).union(SealFlag::F_SEAL_SEAL);

/// The words at the start of a region.
#[repr(C)]
struct Header {
    mark: AtomicU64,
    hash: AtomicU64,
    octets: AtomicU64,
}

/// Failure to make a region or to attach to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegionError {
    /// The system refused it.
    Io(Errno),
    /// The memory is no region, or one of another version.
    NotARegion,
    /// The other process was built from other sources, or with other settings.
    OtherLayout,
    /// Another process is attached.
    Busy,
    /// The positions of a ring cannot be.
    Damaged(&'static str),
    /// This process has no such end of a ring, or has taken it already.
    NotItsEnd(&'static str),
}

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegionError::Io(why) => write!(f, "The shared memory cannot be had: {why}"),
            RegionError::NotARegion => write!(f, "The memory is not one that this version of the program shares"),
            RegionError::OtherLayout => write!(
                f,
                "The shared memory has another layout: the two processes were built from different sources or read \
                 different configurations; run the same build of both"
            ),
            RegionError::Busy => write!(f, "Another process is attached to the shared memory"),
            RegionError::Damaged(name) => {
                write!(f, "The ring \"{name}\" in the shared memory is damaged; start both processes anew")
            }
            RegionError::NotItsEnd(name) => write!(f, "This end of the ring \"{name}\" is not to be had"),
        }
    }
}

impl std::error::Error for RegionError {}

impl From<Errno> for RegionError {
    fn from(why: Errno) -> RegionError {
        RegionError::Io(why)
    }
}

/// A region, as one of its two processes has it.
#[derive(Debug)]
pub struct Region {
    mapping: Arc<Mapping>,
    plan: Plan,
    side: Side,
    /// The rings whose end here has been taken.
    taken: Vec<bool>,
}

impl Region {
    /// Makes a region. Returns its maker's side, and the file for its guests.
    ///
    /// # Errors
    /// The system has no memory or no descriptor left.
    pub fn create(plan: Plan) -> Result<(Region, OwnedFd), RegionError> {
        let file = memfd_create("tipring-engine", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?;
        ftruncate(&file, i64::try_from(plan.octets()).map_err(|_| Errno::EFBIG)?)?;
        fcntl(&file, FcntlArg::F_ADD_SEALS(SEALS))?;
        let mapping = Mapping::new(file.as_fd(), plan.octets(), None)?;
        let header = header(&mapping);
        header.hash.store(plan.hash().0, Ordering::Relaxed);
        header.octets.store(plan.octets() as u64, Ordering::Relaxed);
        header.mark.store(MARK, Ordering::Release);
        Ok((Region::new(mapping, plan, Side::Maker), file))
    }

    /// Attaches to a region that another process, or this one, has made.
    ///
    /// # Errors
    /// It is no region, has another layout, or has a guest; or the system refuses it.
    pub fn attach(file: BorrowedFd<'_>, plan: Plan) -> Result<Region, RegionError> {
        // Opened anew: a lock belongs to an opening of a file, and the one that was handed over is the maker's.
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        let own = OpenOptions::new().read(true).write(true).open(path).map_err(errno)?;
        let seals = fcntl(&own, FcntlArg::F_GET_SEALS).map_err(|_| RegionError::NotARegion)?;
        let octets = own.metadata().map_err(errno)?.len();
        if seals & SEALS.bits() != SEALS.bits() || octets < HEADER_OCTETS as u64 {
            return Err(RegionError::NotARegion);
        }
        let claim = Claim::lock(own, FlockArg::LockExclusiveNonblock).map_err(|(_, why)| match why {
            Errno::EWOULDBLOCK => RegionError::Busy,
            why => RegionError::Io(why),
        })?;
        if octets != plan.octets() as u64 {
            return Err(RegionError::OtherLayout);
        }
        let mapping = Mapping::new(file, plan.octets(), Some(claim))?;
        let header = header(&mapping);
        if header.mark.load(Ordering::Acquire) != MARK {
            return Err(RegionError::NotARegion);
        }
        let found = [&header.hash, &header.octets].map(|word| word.load(Ordering::Relaxed));
        if found != [plan.hash().0, plan.octets() as u64] {
            return Err(RegionError::OtherLayout);
        }
        Ok(Region::new(mapping, plan, Side::Guest))
    }

    fn new(mapping: Mapping, plan: Plan, side: Side) -> Region {
        let taken = vec![false; plan.rings];
        Region { mapping: Arc::new(mapping), plan, side, taken }
    }

    /// The words of a spot.
    ///
    /// # Errors
    /// The spot is another plan's.
    pub fn words<T: Sharable>(&self, spot: &Spot<T>) -> Result<Placed<[T]>, RegionError> {
        let at = NonNull::slice_from_raw_parts(self.pointer(spot)?, spot.count);
        // SAFETY: the plan has put these values, of this type, at this aligned place of the mapping and nothing else
        // there; any bits are a value; and they are reached by shared references alone.
        Ok(unsafe { Placed::from_mapping(at, &self.mapping) })
    }

    /// The first value of a spot.
    ///
    /// # Errors
    /// The spot is another plan's, or empty.
    pub fn value<T: Sharable>(&self, spot: &Spot<T>) -> Result<Placed<T>, RegionError> {
        let at = self.pointer(spot)?;
        if spot.count == 0 {
            return Err(RegionError::NotItsEnd(spot.name));
        }
        // SAFETY: as for `words`.
        Ok(unsafe { Placed::from_mapping(at, &self.mapping) })
    }

    /// This process's end of a ring that it fills, where its last producer stopped.
    ///
    /// # Errors
    /// The other process fills it, the end has been taken, or the ring is damaged.
    pub fn producer<T: Plain>(&mut self, spot: &RingSpot<T>) -> Result<Producer<T>, RegionError> {
        Ok(self.ring(spot, self.side == spot.producer)?.producer())
    }

    /// This process's end of a ring that it empties, where its last consumer stopped.
    ///
    /// # Errors
    /// The other process empties it, the end has been taken, or the ring is damaged.
    pub fn consumer<T: Plain>(&mut self, spot: &RingSpot<T>) -> Result<Consumer<T>, RegionError> {
        Ok(self.ring(spot, self.side != spot.producer)?.consumer())
    }

    fn ring<T: Plain>(&mut self, spot: &RingSpot<T>, is_own: bool) -> Result<Shared<T>, RegionError> {
        let name = spot.positions.name;
        let (positions, places) = (self.value(&spot.positions)?, self.words(&spot.places)?);
        let ring = Shared::new(positions, places, spot.capacity, spot.reserve);
        if !ring.is_sound() {
            return Err(RegionError::Damaged(name));
        }
        match self.taken.get_mut(spot.number) {
            Some(taken) if is_own && !*taken => *taken = true,
            Some(_) | None => return Err(RegionError::NotItsEnd(name)),
        }
        Ok(ring)
    }

    fn pointer<T: Sharable>(&self, spot: &Spot<T>) -> Result<NonNull<T>, RegionError> {
        if !self.plan.has(spot) {
            return Err(RegionError::NotItsEnd(spot.name));
        }
        // SAFETY: the spot is of this plan, and the mapping is as long as the plan says.
        Ok(unsafe { self.mapping.base().add(spot.offset) }.cast())
    }
}

/// The words at the start of a region.
fn header(mapping: &Mapping) -> &Header {
    // SAFETY: every region is as long as its header at least, begins at a page, and words may have any bits.
    unsafe { mapping.base().cast().as_ref() }
}

fn errno(error: std::io::Error) -> RegionError {
    RegionError::Io(error.raw_os_error().map_or(Errno::EIO, Errno::from_raw))
}
