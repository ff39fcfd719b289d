//! Memory that two processes share: the engine makes a [`Region`], the middleware attaches to it.
//!
//! | file | part |
//! |---|---|
//! | `plan` | the order and size of what lies in a region, and the hash by which two builds know that they agree |
//! | `region` | the memory file, its header, and the claim of the one process that is attached |
//!
//! The other process may end at any instant, inside a write too. So everything here is a word that is written at once,
//! or an entry of a [queue](crate::spsc) that counts only after its position was released. A position that cannot
//! be is taken as a ring without room, or without entries; no index leaves its memory, whatever the other side writes.
//!
//! The content of an entry is not checked: the claim, the version and the hash have shown that the same program wrote
//! it.
//!
//! Never: holds a pointer, or anything else that means something in one process alone.

mod plan;
mod region;

pub use self::plan::{Plan, RingSpot, Side, Spot};
pub use self::region::{Region, RegionError};
pub use crate::place::{Placed, Plain, Shape, Sharable, shape_of};

#[cfg(test)]
mod tests;
