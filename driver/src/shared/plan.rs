//! The plan of a region: what lies in it, in which order, how large, and who is at which end of its rings.
//!
//! Both processes make the plan by the same steps; its hash in the region's header shows that they agree.
//!
//! Never: touches memory.

use core::marker::PhantomData;

use crate::place::{Plain, Shape, Sharable};
use crate::spsc::{Place, Positions};

/// Octets between two cache lines; everything in a region begins at one.
pub(super) const CACHE_LINE: usize = 64;

/// Octets of the header: a few words, up to the next cache line.
pub(super) const HEADER_OCTETS: usize = CACHE_LINE;

/// One of the two processes that share a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one that made it.
    Maker,
    /// The one that attached to it.
    Guest,
}

/// The place of `count` values in a region.
#[derive(Debug)]
pub struct Spot<T> {
    pub(super) name: &'static str,
    pub(super) offset: usize,
    pub(super) count: usize,
    /// Number of the step that planned it, and the plan's hash after it.
    step: (usize, Shape),
    value: PhantomData<fn() -> T>,
}

/// The place of a ring in a region.
#[derive(Debug)]
pub struct RingSpot<T> {
    pub(super) producer: Side,
    pub(super) positions: Spot<Positions>,
    pub(super) places: Spot<Place<T>>,
    pub(super) capacity: usize,
    pub(super) reserve: usize,
    /// Number of the ring among those of the plan.
    pub(super) number: usize,
}

/// The order and size of what lies in a region.
#[derive(Debug)]
pub struct Plan {
    octets: usize,
    hash: Shape,
    /// The hash after each step.
    steps: Vec<Shape>,
    pub(super) rings: usize,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan { octets: HEADER_OCTETS, hash: Shape::EMPTY, steps: Vec::new(), rings: 0 }
    }
}

impl Plan {
    /// Puts `count` words, or arrays of words, next in the region. They begin as zero.
    pub fn words<T: Sharable>(&mut self, name: &'static str, count: usize) -> Spot<T> {
        self.spot(name, count)
    }

    /// Puts a queue next in the region: the one of [`queue_with_reserve`](crate::spsc::queue_with_reserve), filled by
    /// the process `producer` and emptied by the other.
    pub fn ring<T: Plain>(
        &mut self,
        name: &'static str,
        producer: Side,
        capacity: usize,
        reserve: usize,
    ) -> RingSpot<T> {
        let (capacity, places) = crate::spsc::sizes(capacity);
        for part in [T::SHAPE.0, reserve as u64, u64::from(producer == Side::Maker)] {
            self.mix(part);
        }
        let number = self.rings;
        self.rings += 1;
        let (positions, places) = (self.spot(name, 1), self.spot(name, places));
        RingSpot { producer, positions, places, capacity, reserve, number }
    }

    /// Octets of the region, its header included.
    pub(crate) const fn octets(&self) -> usize {
        self.octets
    }

    /// The hash of all steps: names, sizes, counts and shapes.
    pub(crate) const fn hash(&self) -> Shape {
        self.hash
    }

    /// Returns true if the spot is one of this plan, or of one that has begun with the same steps.
    pub(super) fn has<T>(&self, spot: &Spot<T>) -> bool {
        self.steps.get(spot.step.0) == Some(&spot.step.1)
    }

    fn spot<T>(&mut self, name: &'static str, count: usize) -> Spot<T> {
        self.hash = self.hash.with(name.as_bytes()).with(core::any::type_name::<T>().as_bytes());
        for part in [size_of::<T>(), align_of::<T>(), count] {
            self.mix(part as u64);
        }
        let offset = self.octets.next_multiple_of(CACHE_LINE.max(align_of::<T>()));
        self.octets = offset + size_of::<T>() * count;
        let step = (self.steps.len(), self.hash);
        self.steps.push(self.hash);
        Spot { name, offset, count, step, value: PhantomData }
    }

    fn mix(&mut self, part: u64) {
        self.hash = self.hash.with(&part.to_le_bytes());
    }
}
