//! Memory that two processes share: the engine makes a [`Region`], the middleware attaches to it.
//!
//! | file | part |
//! |---|---|
//! | `placed` | a value on the heap or in a region: one pointer for both |
//! | `plan` | the order and size of what lies in a region, and the hash by which two builds know that they agree |
//! | `region` | the memory file, its header, and the claim of the one process that is attached |
//! | `shape` | the hash of a type's sources |
//!
//! The other process may end at any instant, inside a write too. So everything here is a word that is written at once,
//! or an entry of a [ring](crate::ring) that counts only after its position was released. A position that cannot be is
//! taken as a ring without room, or without entries; no index leaves its memory, whatever the other side writes.
//!
//! An entry itself is believed: the claim, the version and the hash have shown that the same program wrote it.
//!
//! Never: holds a pointer, or anything else that means something in one process alone.

mod placed;
mod plan;
mod region;
mod shape;

pub use self::placed::Placed;
pub use self::plan::{Plan, RingSpot, Side, Spot};
pub use self::region::{Region, RegionError};
pub use self::shape::{Shape, shape_of};

use crate::engine::Command;

/// Plain data that means the same in two processes of the same shape.
///
/// # Safety
/// The type holds no pointer, no reference and no handle, in none of its parts, and [`SHAPE`](Plain::SHAPE) covers the
/// sources of all its parts.
#[allow(unsafe_code)]
pub unsafe trait Plain: Copy + Send + 'static {
    /// The hash of the sources that give the type its layout.
    const SHAPE: Shape;
}

// SAFETY: numbers, texts of fixed room and enums of them; their sources are all of the list.
#[allow(unsafe_code)]
unsafe impl Plain for Command {
    const SHAPE: Shape = shape_of(&[
        include_bytes!("engine.rs"),
        include_bytes!("ids.rs"),
        include_bytes!("line/mod.rs"),
        include_bytes!("signal.rs"),
        include_bytes!("media/mod.rs"),
        include_bytes!("media/gain.rs"),
        include_bytes!("dsp/enhance.rs"),
        include_bytes!("refusal.rs"),
        include_bytes!("time.rs"),
    ]);
}

/// Content of a region: any bits in it are a value, and one process may write it while another reads.
///
/// # Safety
/// Every bit pattern is a value, and every access through a shared reference is atomic, or ordered by a position that
/// is.
#[allow(unsafe_code)]
pub unsafe trait Sharable: Send + Sync {}

#[cfg(not(loom))]
// SAFETY: a word of any bits, touched by atomic accesses alone.
#[allow(unsafe_code)]
unsafe impl Sharable for crate::sync::atomic::AtomicU64 {}

// SAFETY: as its elements.
#[allow(unsafe_code)]
unsafe impl<T: Sharable, const N: usize> Sharable for [T; N] {}

#[cfg(all(test, not(loom)))]
mod tests;
