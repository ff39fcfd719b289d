//! The hash of a layout: of the sources of a type, and of the compiler that lays it out.
//!
//! Never: serves against an adversary; it finds two builds that differ, and no more.

/// A hash: FNV-1a, 64 bits (draft-eastlake-fnv).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape(pub u64);

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

impl Shape {
    /// The hash of nothing.
    pub const EMPTY: Shape = Shape(OFFSET_BASIS);

    /// The hash with further octets behind it.
    #[must_use]
    pub const fn with(self, octets: &[u8]) -> Shape {
        let (mut hash, mut at) = (self.0, 0);
        while at < octets.len() {
            hash = (hash ^ octets[at] as u64).wrapping_mul(PRIME);
            at += 1;
        }
        Shape(hash)
    }
}

/// The hash of sources, under this compiler and this version of the program.
pub const fn shape_of(sources: &[&[u8]]) -> Shape {
    let mut shape = Shape::EMPTY.with(env!("TIPRING_COMPILER").as_bytes()).with(env!("CARGO_PKG_VERSION").as_bytes());
    let mut at = 0;
    while at < sources.len() {
        shape = shape.with(sources[at]);
        at += 1;
    }
    shape
}
