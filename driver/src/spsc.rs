//! A bounded lock-free queue of plain data between two threads: single producer, single consumer (SPSC), a ring buffer.
//!
//! Both ends return at once, always: a push or a pop is a load, a copy and a store, whatever the other end does. A full
//! queue refuses and counts; it never waits and never overwrites. The last places can be kept back for what must not be
//! refused as long as anything fits, such as a hang-up: see [`queue_with_reserve`] and [`Producer::push_important`].
//!
//! An entry that must follow a change elsewhere sets its place aside before the change: see [`Producer::reserve`].
//!
//! An entry that must have been dealt with before it counts as taken is read first and taken out later: see
//! [`Consumer::peek`] and [`Consumer::advance`].
//!
//! Its memory is the heap's, or a [region](crate::shared) that two processes share. An end of the latter goes on where
//! the last one stopped, whoever had it: the positions are in the queue.
//!
//! It offers no waiting and no waking: a thread that sleeps is woken by other means, once for many entries.
//!
//! The hand-over: each position is written by one end only. The producer writes a place, then releases `tail`; the
//! consumer acquires `tail`, reads the place, then releases `head`; the producer acquires `head` before it writes the
//! same place again. Each end remembers the other's position and looks again only when it seems to be stuck.
//! The models in `driver/tests/loom.rs` explore every order that the memory model allows.
//!
//! Never: waits, allocates after it was made, or overwrites an entry that was not taken out.

// A place is written by one thread and read by the other; the positions say whose turn it is.
#![allow(unsafe_code)]

use core::fmt;
use core::mem::MaybeUninit;

use crate::place::{Placed, Plain, Sharable};
use crate::sync::UnsafeCell;
use crate::sync::atomic::{AtomicU64, Ordering};

/// Makes a queue that holds at most `capacity` entries, at least one.
pub fn queue<T: Copy + Send>(capacity: usize) -> (Producer<T>, Consumer<T>) {
    queue_with_reserve(capacity, 0)
}

/// Makes a queue that holds at most `capacity` entries, of which the last `reserve` are kept back for
/// [`Producer::push_important`]. At least one place is always open to everything.
pub fn queue_with_reserve<T: Copy + Send>(capacity: usize, reserve: usize) -> (Producer<T>, Consumer<T>) {
    let (capacity, places) = sizes(capacity);
    // Written, not just reserved: neither thread shall meet a page fault later.
    let places = Placed::slice((0..places).map(|_| Place(UnsafeCell::new(MaybeUninit::zeroed()))));
    let shared = Shared::new(Placed::new(Positions::default()), places, capacity, reserve);
    (Producer { shared: shared.clone(), tail: 0, head_seen: 0 }, Consumer { shared, head: 0, tail_seen: 0 })
}

/// The capacity of a queue that is to hold `capacity` entries, and the number of its places.
pub(crate) fn sizes(capacity: usize) -> (usize, usize) {
    let capacity = capacity.max(1);
    (capacity, capacity.next_power_of_two())
}

/// The queue had no room. The entry is still the caller's; the refusal has been counted.
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
    shared: Shared<T>,
    /// Entries ever put in; the same as the queue's `tail`.
    tail: u64,
    /// The queue's `head` as it was when last looked at: the truth is the same or further on.
    head_seen: u64,
}

/// The end that takes out.
pub struct Consumer<T> {
    shared: Shared<T>,
    /// Entries ever taken out; the same as the queue's `head`.
    head: u64,
    /// The queue's `tail` as it was when last looked at: the truth is the same or further on.
    tail_seen: u64,
}

/// The fill of a queue, for any thread. It neither puts in nor takes out.
pub struct Gauge<T>(Shared<T>);

/// The queue, as either end and its gauges know it. Each end has the sizes of its own: the other one cannot change
/// them.
pub(crate) struct Shared<T> {
    positions: Placed<Positions>,
    /// A power of two of them, so that wrapping positions keep their places.
    places: Placed<[Place<T>]>,
    capacity: u64,
    /// Entries that may wait before only important ones are taken; `1 ..= capacity`.
    open: u64,
}

/// The positions of a queue, each written by one end only.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    head: CacheLine<AtomicU64>,
    tail: CacheLine<AtomicU64>,
    refused: CacheLine<AtomicU64>,
}

/// The memory of one entry.
#[derive(Debug)]
pub(crate) struct Place<T>(UnsafeCell<MaybeUninit<T>>);

/// Keeps what one thread writes off the cache line that the other writes.
#[derive(Debug, Default)]
#[repr(align(64))]
struct CacheLine<T>(T);

// SAFETY: a place is touched only by the end whose turn the positions say it is, and `T` may change threads.
unsafe impl<T: Send> Send for Place<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Place<T> {}
// SAFETY: words of any bits, touched by atomic accesses alone.
unsafe impl Sharable for Positions {}
// SAFETY: any bits may be there until an entry is, and the positions order the accesses.
unsafe impl<T: Plain> Sharable for Place<T> {}

impl<T> Shared<T> {
    /// A queue of these sizes, as [`sizes`] says.
    pub(crate) fn new(
        positions: Placed<Positions>,
        places: Placed<[Place<T>]>,
        capacity: usize,
        reserve: usize,
    ) -> Shared<T> {
        let open = capacity - reserve.min(capacity - 1);
        Shared { positions, places, capacity: capacity as u64, open: open as u64 }
    }

    /// The end that puts in, where the last one stopped.
    pub(crate) fn producer(self) -> Producer<T> {
        let (tail, head_seen) = (self.tail(), self.head());
        Producer { shared: self, tail, head_seen }
    }

    /// The end that takes out, where the last one stopped.
    pub(crate) fn consumer(self) -> Consumer<T> {
        let head = self.head();
        Consumer { shared: self, head, tail_seen: head }
    }

    /// Returns true if the positions can be: no more entries wait than there is room for.
    pub(crate) fn is_sound(&self) -> bool {
        self.tail().wrapping_sub(self.head()) <= self.capacity
    }

    fn head(&self) -> u64 {
        self.positions.head.0.load(Ordering::Acquire)
    }

    fn tail(&self) -> u64 {
        self.positions.tail.0.load(Ordering::Acquire)
    }

    fn refused(&self) -> u64 {
        self.positions.refused.0.load(Ordering::Relaxed)
    }

    /// The place of a position.
    fn place(&self, position: u64) -> &UnsafeCell<MaybeUninit<T>> {
        &self.places[position as usize & (self.places.len() - 1)].0
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Shared<T> {
        let (positions, places) = (self.positions.clone(), self.places.clone());
        Shared { positions, places, capacity: self.capacity, open: self.open }
    }
}

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
        shared.place(*tail).with_mut(|place| {
            // SAFETY: fewer than `places` entries wait, so the consumer is done with this place: `head` was acquired
            // beyond its last use, and `tail` does not cover it yet.
            unsafe { (*place).write(entry) };
        });
        *tail = tail.wrapping_add(1);
        shared.positions.tail.0.store(*tail, Ordering::Release);
    }
}

impl<T: Copy + Send> Producer<T> {
    /// Sets a place aside, unless the queue is full up to its reserve; such a refusal is counted.
    pub fn reserve(&mut self) -> Option<Slot<'_, T>> {
        self.reserve_below(self.shared.open)
    }

    /// Sets a place aside as long as there is any at all, the reserve included; a refusal is counted.
    pub(crate) fn reserve_important(&mut self) -> Option<Slot<'_, T>> {
        self.reserve_below(self.shared.capacity)
    }

    /// Puts an entry in, unless the queue is full up to its reserve.
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
        self.head_seen = self.shared.head();
        self.shared.open.saturating_sub(self.tail.wrapping_sub(self.head_seen)) as usize
    }

    /// Number of entries ever put in, by this end and by those that had the queue before it.
    pub fn position(&self) -> u64 {
        self.tail
    }

    /// Number of entries refused since the queue was made.
    pub fn refused(&self) -> u64 {
        self.shared.refused()
    }

    /// Capacity in entries, the reserve included.
    pub fn capacity(&self) -> usize {
        self.shared.capacity as usize
    }

    /// Returns the queue's gauge.
    pub fn gauge(&self) -> Gauge<T> {
        Gauge(self.shared.clone())
    }

    fn reserve_below(&mut self, limit: u64) -> Option<Slot<'_, T>> {
        if self.tail.wrapping_sub(self.head_seen) >= limit {
            self.head_seen = self.shared.head();
            if self.tail.wrapping_sub(self.head_seen) >= limit {
                // Only this end writes the count, so it needs no read-modify-write.
                let refused = self.shared.refused();
                self.shared.positions.refused.0.store(refused.wrapping_add(1), Ordering::Relaxed);
                return None;
            }
        }
        Some(Slot { producer: self })
    }
}

impl<T: Copy + Send> Consumer<T> {
    /// Takes the oldest entry out.
    pub fn pop(&mut self) -> Option<T> {
        let entry = self.peek(0)?;
        self.advance(1);
        Some(entry)
    }

    /// Reads the entry that is `offset` behind the oldest, and leaves it in; none if so few wait. The producer cannot
    /// have its place before it was [taken out](Consumer::advance).
    pub fn peek(&mut self, offset: usize) -> Option<T> {
        let offset = offset as u64;
        if self.tail_seen.wrapping_sub(self.head) <= offset && self.refresh() <= offset {
            return None;
        }
        Some(self.shared.place(self.head.wrapping_add(offset)).with(|place| {
            // SAFETY: `tail` was acquired beyond this place, so it was written, and the producer will not write it
            // again before `head` has passed it.
            unsafe { (*place).assume_init_read() }
        }))
    }

    /// Takes the `count` oldest entries out, as many as have been [seen](Consumer::peek) at most.
    pub fn advance(&mut self, count: usize) {
        self.head = self.head.wrapping_add((count as u64).min(self.tail_seen.wrapping_sub(self.head)));
        self.shared.positions.head.0.store(self.head, Ordering::Release);
    }

    /// Number of entries waiting; there may be more a moment later.
    pub fn len(&mut self) -> usize {
        self.refresh() as usize
    }

    /// Returns true while nothing waits.
    pub fn is_empty(&mut self) -> bool {
        self.head == self.tail_seen && self.len() == 0
    }

    /// Number of entries ever taken out, by this end and by those that had the queue before it.
    pub fn position(&self) -> u64 {
        self.head
    }

    /// Capacity in entries, the reserve included.
    pub fn capacity(&self) -> usize {
        self.shared.capacity as usize
    }

    /// Returns the queue's gauge.
    pub fn gauge(&self) -> Gauge<T> {
        Gauge(self.shared.clone())
    }

    /// Looks where the producer is. Returns the number of entries waiting.
    fn refresh(&mut self) -> u64 {
        let waiting = self.shared.tail().wrapping_sub(self.head);
        // More than fit is a position that no producer writes: nothing behind it is an entry.
        let waiting = if waiting <= self.shared.capacity { waiting } else { 0 };
        self.tail_seen = self.head.wrapping_add(waiting);
        waiting
    }
}

impl<T> Gauge<T> {
    /// Number of entries waiting, a moment ago.
    pub fn len(&self) -> usize {
        // The head first: it never passes a tail that is read after it.
        let head = self.0.head();
        let tail = self.0.tail();
        tail.wrapping_sub(head).min(self.0.capacity) as usize
    }

    /// Returns true while nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of entries refused since the queue was made.
    pub fn refused(&self) -> u64 {
        self.0.refused()
    }

    /// Capacity in entries, the reserve included.
    pub fn capacity(&self) -> usize {
        self.0.capacity as usize
    }
}

impl<T> Clone for Gauge<T> {
    fn clone(&self) -> Gauge<T> {
        Gauge(self.0.clone())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_out_in_the_order_they_went_in() {
        let (mut producer, mut consumer) = queue(3);
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
        let (mut producer, mut consumer) = queue(3);
        (0..3).for_each(|entry| producer.push(entry).unwrap());
        assert_eq!(producer.push(3), Err(Full));
        assert_eq!(producer.push(4), Err(Full));
        assert_eq!(producer.refused(), 2);
        assert_eq!(consumer.pop(), Some(0));
        producer.push(5).unwrap();
        assert_eq!([consumer.pop(), consumer.pop(), consumer.pop()], [Some(1), Some(2), Some(5)]);
    }

    #[test]
    fn a_gauge_shows_what_waits_and_takes_nothing() {
        let (mut producer, mut consumer) = queue(3);
        let gauge = producer.gauge();
        (0..4).for_each(|entry| _ = producer.push(entry));
        assert_eq!((gauge.len(), gauge.capacity(), gauge.refused()), (3, 3, 1));
        assert_eq!(consumer.pop(), Some(0));
        assert_eq!(gauge.len(), 2);
    }

    #[test]
    fn the_reserve_is_open_to_important_entries_only() {
        let (mut producer, mut consumer) = queue_with_reserve(4, 2);
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
        let (mut producer, mut consumer) = queue_with_reserve(2, 1);
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
    fn entries_are_read_in_their_order_and_stay_until_they_are_taken_out() {
        let (mut producer, mut consumer) = queue(3);
        assert_eq!(consumer.peek(0), None);
        (0..3).for_each(|entry| producer.push(entry).unwrap());
        assert_eq!([0, 2, 3].map(|offset| consumer.peek(offset)), [Some(0), Some(2), None]);
        assert_eq!((producer.push(3), consumer.position()), (Err(Full), 0), "nothing was taken out");
        consumer.advance(2);
        assert_eq!((consumer.peek(0), consumer.position(), producer.room()), (Some(2), 2, 2));
        consumer.advance(9);
        assert_eq!((consumer.peek(0), consumer.position(), producer.position()), (None, 3, 3));
    }

    #[test]
    fn a_reserve_never_swallows_the_whole_ring() {
        let (mut producer, _consumer) = queue_with_reserve(2, 5);
        assert_eq!(producer.push(()), Ok(()));
        assert_eq!(producer.push(()), Err(Full));
    }

    #[test]
    fn positions_may_wrap_around() {
        let (mut producer, mut consumer) = queue(2);
        let near_the_end = u64::MAX - 1;
        producer.shared.positions.head.0.store(near_the_end, Ordering::Relaxed);
        producer.shared.positions.tail.0.store(near_the_end, Ordering::Relaxed);
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
        let (mut producer, mut consumer) = queue(64);
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
