//! A bounded ring of plain data between two threads: one produces, one consumes.
//!
//! Both ends return at once, always: a push or a pop is a load, a copy and a store, whatever the other end does. A full
//! ring refuses and counts; it never waits and never overwrites. The last places can be kept back for what must not be
//! refused as long as anything fits, such as a hang-up: see [`ring_with_reserve`] and [`Producer::push_important`].
//!
//! An entry that must follow a change elsewhere sets its place aside before the change: see [`Producer::reserve`].
//!
//! It offers no waiting and no waking: a thread that sleeps is woken by other means, once for many entries.
//!
//! The hand-over: each position is written by one end only. The producer writes a place, then releases `tail`; the
//! consumer acquires `tail`, reads the place, then releases `head`; the producer acquires `head` before it writes the
//! same place again. Each end remembers the other's position and looks again only when it seems to be stuck.
//! The models in `loom_models` explore every order that the memory model allows.
//!
//! Never: waits, allocates after it was made, or overwrites an entry that was not taken out.

// A place is written by one thread and read by the other; the positions say whose turn it is.
#![allow(unsafe_code)]

use core::fmt;
use core::mem::MaybeUninit;

use crate::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use crate::sync::{Arc, UnsafeCell};

/// Makes a ring that holds at most `capacity` entries, at least one.
pub fn ring<T: Copy + Send>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    ring_with_reserve(capacity, 0)
}

/// Makes a ring that holds at most `capacity` entries, of which the last `reserve` are kept back for
/// [`Producer::push_important`]. At least one place is always open to everything.
pub fn ring_with_reserve<T: Copy + Send>(capacity: usize, reserve: usize) -> (Producer<T>, Consumer<T>) {
    let capacity = capacity.max(1);
    let places = capacity.next_power_of_two();
    let shared = Arc::new(Shared {
        head: CacheLine(AtomicUsize::new(0)),
        tail: CacheLine(AtomicUsize::new(0)),
        refused: CacheLine(AtomicU64::new(0)),
        // Written, not just reserved: neither thread shall meet a page fault later.
        places: (0..places).map(|_| UnsafeCell::new(MaybeUninit::zeroed())).collect(),
        capacity,
        open: capacity - reserve.min(capacity - 1),
    });
    (Producer { shared: shared.clone(), tail: 0, head_seen: 0 }, Consumer { shared, head: 0, tail_seen: 0 })
}

/// The ring had no room. The entry is still the caller's; the refusal has been counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The ring is full")
    }
}

impl std::error::Error for Full {}

/// The end that puts in.
pub struct Producer<T> {
    shared: Arc<Shared<T>>,
    /// Entries ever put in, wrapping; the same as `shared.tail`.
    tail: usize,
    /// `shared.head` as it was when last looked at: the truth is the same or further on.
    head_seen: usize,
}

/// The end that takes out.
pub struct Consumer<T> {
    shared: Arc<Shared<T>>,
    /// Entries ever taken out, wrapping; the same as `shared.head`.
    head: usize,
    /// `shared.tail` as it was when last looked at: the truth is the same or further on.
    tail_seen: usize,
}

/// The fill of a ring, for any thread. It neither puts in nor takes out.
pub struct Gauge<T>(Arc<Shared<T>>);

struct Shared<T> {
    head: CacheLine<AtomicUsize>,
    tail: CacheLine<AtomicUsize>,
    refused: CacheLine<AtomicU64>,
    /// A power of two of them, so that wrapping positions keep their places.
    places: Box<[UnsafeCell<MaybeUninit<T>>]>,
    capacity: usize,
    /// Entries that may wait before only important ones are taken; `1 ..= capacity`.
    open: usize,
}

/// Keeps what one thread writes off the cache line that the other writes.
#[repr(align(64))]
struct CacheLine<T>(T);

// SAFETY: a place is touched only by the end whose turn the positions say it is, and `T` may change threads.
unsafe impl<T: Send> Send for Shared<T> {}
// SAFETY: as above; everything else in it is atomic or never changes.
unsafe impl<T: Send> Sync for Shared<T> {}

/// A place that has been set aside for one entry: [`fill`](Slot::fill) cannot fail.
///
/// For entries that must follow a change made elsewhere: set the place aside, make the change, fill the place; without
/// a place the change is not made. As long as a slot lives its producer is borrowed, so the place cannot go to another
/// entry. A slot that is dropped gives its place back, and nothing was put in.
#[must_use = "a slot that is dropped puts nothing in"]
pub struct Slot<'a, T> {
    producer: &'a mut Producer<T>,
}

impl<T: Copy + Send> Slot<'_, T> {
    /// Puts the entry in.
    pub fn fill(self, entry: T) {
        let Producer { shared, tail, .. } = self.producer;
        shared.places[*tail & (shared.places.len() - 1)].with_mut(|place| {
            // SAFETY: fewer than `places` entries wait, so the consumer is done with this place: `head` was acquired
            // beyond its last use, and `tail` does not cover it yet.
            unsafe { (*place).write(entry) };
        });
        *tail = tail.wrapping_add(1);
        shared.tail.0.store(*tail, Ordering::Release);
    }
}

impl<T: Copy + Send> Producer<T> {
    /// Sets a place aside, unless the ring is full up to its reserve; such a refusal is counted.
    pub fn reserve(&mut self) -> Option<Slot<'_, T>> {
        self.reserve_below(self.shared.open)
    }

    /// Sets a place aside as long as there is any at all, the reserve included; a refusal is counted.
    pub fn reserve_important(&mut self) -> Option<Slot<'_, T>> {
        self.reserve_below(self.shared.capacity)
    }

    /// Puts an entry in, unless the ring is full up to its reserve.
    ///
    /// # Errors
    ///
    /// [`Full`] if only the reserve is left.
    pub fn push(&mut self, entry: T) -> Result<(), Full> {
        self.reserve().map(|slot| slot.fill(entry)).ok_or(Full)
    }

    /// Puts an entry in as long as there is any place at all, the reserve included.
    ///
    /// # Errors
    ///
    /// [`Full`] if there is none.
    pub fn push_important(&mut self, entry: T) -> Result<(), Full> {
        self.reserve_important().map(|slot| slot.fill(entry)).ok_or(Full)
    }

    /// Number of further entries that [`push`](Producer::push) is sure to take: only this end fills places, so the room
    /// grows until the next entry of this end, and never shrinks.
    pub fn room(&mut self) -> usize {
        self.head_seen = self.shared.head.0.load(Ordering::Acquire);
        self.shared.open.saturating_sub(self.tail.wrapping_sub(self.head_seen))
    }

    /// Number of entries refused since the ring was made.
    pub fn refused(&self) -> u64 {
        self.shared.refused.0.load(Ordering::Relaxed)
    }

    /// Capacity in entries, the reserve included.
    pub fn capacity(&self) -> usize {
        self.shared.capacity
    }

    /// Returns the ring's gauge.
    pub fn gauge(&self) -> Gauge<T> {
        Gauge(Arc::clone(&self.shared))
    }

    fn reserve_below(&mut self, limit: usize) -> Option<Slot<'_, T>> {
        if self.tail.wrapping_sub(self.head_seen) >= limit {
            self.head_seen = self.shared.head.0.load(Ordering::Acquire);
            if self.tail.wrapping_sub(self.head_seen) >= limit {
                // Only this end writes the count, so it needs no read-modify-write.
                let refused = self.shared.refused.0.load(Ordering::Relaxed);
                self.shared.refused.0.store(refused + 1, Ordering::Relaxed);
                return None;
            }
        }
        Some(Slot { producer: self })
    }
}

impl<T: Copy + Send> Consumer<T> {
    /// Takes the oldest entry out.
    pub fn pop(&mut self) -> Option<T> {
        if self.head == self.tail_seen {
            self.tail_seen = self.shared.tail.0.load(Ordering::Acquire);
            if self.head == self.tail_seen {
                return None;
            }
        }
        let place = self.head & (self.shared.places.len() - 1);
        let entry = self.shared.places[place].with(|place| {
            // SAFETY: `tail` was acquired beyond this place, so it was written, and the producer will not write it
            // again before `head` has passed it.
            unsafe { (*place).assume_init_read() }
        });
        self.head = self.head.wrapping_add(1);
        self.shared.head.0.store(self.head, Ordering::Release);
        Some(entry)
    }

    /// Number of entries waiting; there may be more a moment later.
    pub fn len(&mut self) -> usize {
        self.tail_seen = self.shared.tail.0.load(Ordering::Acquire);
        self.tail_seen.wrapping_sub(self.head)
    }

    /// Returns true while nothing waits.
    pub fn is_empty(&mut self) -> bool {
        self.head == self.tail_seen && self.len() == 0
    }

    /// Number of entries refused since the ring was made.
    pub fn refused(&self) -> u64 {
        self.shared.refused.0.load(Ordering::Relaxed)
    }

    /// Capacity in entries, the reserve included.
    pub fn capacity(&self) -> usize {
        self.shared.capacity
    }
}

impl<T> Gauge<T> {
    /// Number of entries waiting, a moment ago.
    pub fn len(&self) -> usize {
        // The head first: it never passes a tail that is read after it.
        let head = self.0.head.0.load(Ordering::Acquire);
        let tail = self.0.tail.0.load(Ordering::Acquire);
        tail.wrapping_sub(head).min(self.0.capacity)
    }

    /// Returns true while nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of entries refused since the ring was made.
    pub fn refused(&self) -> u64 {
        self.0.refused.0.load(Ordering::Relaxed)
    }

    /// Capacity in entries, the reserve included.
    pub fn capacity(&self) -> usize {
        self.0.capacity
    }
}

impl<T> Clone for Gauge<T> {
    fn clone(&self) -> Gauge<T> {
        Gauge(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Gauge<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gauge").field("capacity", &self.0.capacity).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Producer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").field("capacity", &self.shared.capacity).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Slot<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Consumer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("capacity", &self.shared.capacity).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn entries_come_out_in_the_order_they_went_in() {
        let (mut producer, mut consumer) = ring(3);
        for round in 0..10 {
            for entry in 0..3 {
                producer.push(round * 3 + entry).unwrap();
            }
            for entry in 0..3 {
                assert_eq!(consumer.pop(), Some(round * 3 + entry));
            }
            assert_eq!(consumer.pop(), None);
        }
    }

    #[test]
    fn a_full_ring_refuses_counts_and_keeps_what_it_has() {
        let (mut producer, mut consumer) = ring(3);
        (0..3).for_each(|entry| producer.push(entry).unwrap());
        assert_eq!(producer.push(3), Err(Full));
        assert_eq!(producer.push(4), Err(Full));
        assert_eq!((producer.refused(), consumer.refused()), (2, 2));
        assert_eq!(consumer.pop(), Some(0));
        producer.push(5).unwrap();
        assert_eq!([consumer.pop(), consumer.pop(), consumer.pop()], [Some(1), Some(2), Some(5)]);
    }

    #[test]
    fn a_gauge_shows_what_waits_and_takes_nothing() {
        let (mut producer, mut consumer) = ring(3);
        let gauge = producer.gauge();
        (0..4).for_each(|entry| _ = producer.push(entry));
        assert_eq!((gauge.len(), gauge.capacity(), gauge.refused()), (3, 3, 1));
        assert_eq!(consumer.pop(), Some(0));
        assert_eq!(gauge.len(), 2);
    }

    #[test]
    fn the_reserve_is_open_to_important_entries_only() {
        let (mut producer, mut consumer) = ring_with_reserve(4, 2);
        producer.push('a').unwrap();
        producer.push('b').unwrap();
        assert_eq!(producer.room(), 0);
        assert_eq!(producer.push('c'), Err(Full));
        producer.push_important('d').unwrap();
        producer.push_important('e').unwrap();
        assert_eq!(producer.push_important('f'), Err(Full));
        assert_eq!(consumer.len(), 4);
        let out: String = core::iter::from_fn(|| consumer.pop()).collect();
        assert_eq!(out, "abde");
    }

    #[test]
    fn a_slot_is_sure_of_its_place_and_free_again_when_it_is_dropped() {
        let (mut producer, mut consumer) = ring_with_reserve(2, 1);
        drop(producer.reserve().expect("an empty ring has room"));
        assert_eq!((producer.room(), consumer.len()), (1, 0), "a dropped slot puts nothing in");
        producer.reserve().expect("the place is free again").fill('a');
        assert!(producer.reserve().is_none(), "only the reserve is left");
        assert_eq!(producer.refused(), 1);
        producer.reserve_important().expect("the reserve is open to this").fill('b');
        assert!(producer.reserve_important().is_none());
        assert_eq!((consumer.pop(), consumer.pop(), consumer.pop()), (Some('a'), Some('b'), None));
    }

    #[test]
    fn a_reserve_never_swallows_the_whole_ring() {
        let (mut producer, _consumer) = ring_with_reserve(2, 5);
        assert_eq!(producer.push(()), Ok(()));
        assert_eq!(producer.push(()), Err(Full));
    }

    #[test]
    fn positions_may_wrap_around() {
        let (mut producer, mut consumer) = ring(2);
        let near_the_end = usize::MAX - 1;
        producer.shared.head.0.store(near_the_end, Ordering::Relaxed);
        producer.shared.tail.0.store(near_the_end, Ordering::Relaxed);
        (producer.tail, producer.head_seen, consumer.head, consumer.tail_seen) =
            (near_the_end, near_the_end, near_the_end, near_the_end);
        for entry in 0..5 {
            producer.push(entry).unwrap();
            producer.push(entry + 100).unwrap();
            assert_eq!(producer.push(0), Err(Full));
            assert_eq!((consumer.pop(), consumer.pop(), consumer.pop()), (Some(entry), Some(entry + 100), None));
        }
    }

    #[test]
    fn a_million_entries_cross_between_two_threads_unharmed() {
        const ENTRIES: u64 = 1_000_000;
        let (mut producer, mut consumer) = ring(64);
        let sender = std::thread::spawn(move || {
            let mut entry = 0;
            while entry < ENTRIES {
                match producer.push([entry, !entry]) {
                    Ok(()) => entry += 1,
                    Err(Full) => std::thread::yield_now(),
                }
            }
        });
        let mut expected = 0;
        while expected < ENTRIES {
            match consumer.pop() {
                Some(entry) => {
                    assert_eq!(entry, [expected, !expected]);
                    expected += 1;
                }
                None => std::thread::yield_now(),
            }
        }
        sender.join().unwrap();
    }
}

#[cfg(all(test, loom))]
mod loom_models;
