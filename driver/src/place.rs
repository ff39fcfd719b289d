//! Places for values that threads or processes share: the heap, or memory that two processes have mapped.
//!
//! | file | part |
//! |---|---|
//! | `placed` | a value at either place: one pointer for both |
//! | `mapping` | mapped memory |
//! | `shape` | the hash of a type's sources |
//!
//! Never: knows what is put there.

mod mapping;
mod placed;
mod shape;

pub(crate) use self::mapping::{Claim, Mapping};
pub use self::placed::Placed;
pub use self::shape::{Shape, shape_of};

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

/// Content of a region: any bits in it are a value, and one process may write it while another reads.
///
/// # Safety
/// Every bit pattern is a value, and every access through a shared reference is atomic, or ordered by a position that
/// is.
#[allow(unsafe_code)]
pub unsafe trait Sharable: Send + Sync {}

// SAFETY: a word of any bits, touched by atomic accesses alone. (Loom's is more, and no model makes a region.)
#[allow(unsafe_code)]
unsafe impl Sharable for crate::sync::atomic::AtomicU64 {}

// SAFETY: as its elements.
#[allow(unsafe_code)]
unsafe impl<T: Sharable, const N: usize> Sharable for [T; N] {}
