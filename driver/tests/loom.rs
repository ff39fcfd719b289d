//! Models of the hand-over of the queue (`driver/src/spsc.rs`): every order of both threads that the memory model
//! allows.
//!
//! Each ordering there is needed by at least one model: weakened to `Relaxed`, that model fails.
//! Run by `RUSTFLAGS="--cfg loom" cargo test --no-default-features -p tipring-driver --test loom`.
//!
//! Never: runs in a build that is not for model checking.

#![cfg(loom)]

use loom::thread;
use tipring_driver::spsc::{queue, queue_with_reserve};
use tipring_driver::sync::explore;

#[test]
fn what_went_in_comes_out_once_and_in_order_through_reused_places() {
    explore(172, || {
        let (mut producer, mut consumer) = queue(2);
        let sender = thread::spawn(move || {
            let taken: Vec<bool> = (1u32..=3).map(|entry| producer.push([entry, !entry]).is_ok()).collect();
            assert_eq!(producer.refused(), taken.iter().filter(|taken| !**taken).count() as u64);
            taken
        });
        let mut out = Vec::new();
        for _ in 0..2 {
            out.extend(consumer.pop());
        }
        let taken = sender.join().unwrap();
        while let Some(entry) = consumer.pop() {
            out.push(entry);
        }
        let expected: Vec<[u32; 2]> =
            (1u32..=3).zip(taken).filter(|(_, taken)| *taken).map(|(entry, _)| [entry, !entry]).collect();
        assert_eq!(out, expected);
    });
}

#[test]
fn an_important_entry_is_taken_while_the_ring_is_full_for_others() {
    explore(15, || {
        let (mut producer, mut consumer) = queue_with_reserve(2, 1);
        let sender = thread::spawn(move || {
            let ordinary = [producer.push(1u32).is_ok(), producer.push(2).is_ok()];
            // At most one ordinary entry can wait, so there is always a place left for this one.
            producer.push_important(9).unwrap();
            ordinary
        });
        let first = consumer.pop();
        let ordinary = sender.join().unwrap();
        let out: Vec<u32> = first.into_iter().chain(core::iter::from_fn(|| consumer.pop())).collect();
        let mut expected: Vec<u32> =
            [1, 2].into_iter().zip(ordinary).filter(|(_, taken)| *taken).map(|(entry, _)| entry).collect();
        expected.push(9);
        assert_eq!(out, expected);
    });
}

#[test]
fn room_that_was_seen_is_room_for_the_next_entry() {
    explore(6, || {
        let (mut producer, mut consumer) = queue(1);
        producer.push(1u32).unwrap();
        let receiver = thread::spawn(move || (consumer.pop(), consumer));
        let more = producer.room() == 1;
        if more {
            producer.push(2).unwrap();
        }
        let (first, mut consumer) = receiver.join().unwrap();
        assert_eq!((first, consumer.pop()), (Some(1), more.then_some(2)));
    });
}

#[test]
fn an_entry_that_was_counted_can_be_taken_out() {
    explore(10, || {
        let (mut producer, mut consumer) = queue(2);
        let sender = thread::spawn(move || {
            producer.push(1u32).unwrap();
            producer.push(2).unwrap();
        });
        let waiting = consumer.len();
        for entry in 1..=waiting as u32 {
            assert_eq!(consumer.pop(), Some(entry));
        }
        sender.join().unwrap();
        assert_eq!(consumer.len(), 2 - waiting);
    });
}

#[test]
fn an_entry_that_was_read_stays_until_it_is_taken_out() {
    explore(6, || {
        let (mut producer, mut consumer) = queue(1);
        producer.push(1u32).unwrap();
        let receiver = thread::spawn(move || {
            let seen = [consumer.peek(0), consumer.peek(0)];
            consumer.advance(1);
            (seen, consumer)
        });
        let more = producer.push(2).is_ok();
        let (seen, mut consumer) = receiver.join().unwrap();
        assert_eq!(seen, [Some(1), Some(1)]);
        assert_eq!(consumer.pop(), more.then_some(2));
    });
}

#[test]
fn a_place_set_aside_stays_free_until_it_is_filled() {
    explore(11, || {
        let (mut producer, mut consumer) = queue(1);
        producer.push(1u32).unwrap();
        let receiver = thread::spawn(move || (consumer.pop(), consumer.pop(), consumer));
        let more = producer.reserve().map(|slot| slot.fill(2)).is_some();
        let (first, second, mut consumer) = receiver.join().unwrap();
        assert_eq!(first, Some(1));
        assert_eq!(second.or_else(|| consumer.pop()), more.then_some(2));
    });
}
