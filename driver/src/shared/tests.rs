//! Regions as both sides have them, in one process.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::spsc::Full;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry([u64; 2]);

// SAFETY: numbers alone.
#[allow(unsafe_code)]
unsafe impl Plain for Entry {
    const SHAPE: Shape = shape_of(&[include_bytes!("tests.rs")]);
}

struct Spots {
    commands: RingSpot<Entry>,
    words: Spot<AtomicU64>,
}

fn plan(capacity: usize) -> (Plan, Spots) {
    let mut plan = Plan::default();
    let commands = plan.ring("commands", Side::Guest, capacity, 0);
    let words = plan.words("words", 3);
    (plan, Spots { commands, words })
}

fn stop(task: u64) -> Entry {
    Entry([task, !task])
}

fn made() -> (Region, OwnedFd, Spots) {
    let (plan, spots) = plan(4);
    let (region, file) = Region::create(plan).unwrap();
    (region, file, spots)
}

#[test]
fn commands_and_words_cross_from_one_mapping_to_the_other() {
    let (mut maker, file, spots) = made();
    let mut guest = Region::attach(file.as_fd(), plan(4).0).unwrap();
    let mut out = guest.producer(&spots.commands).unwrap();
    let mut taken = maker.consumer(&spots.commands).unwrap();
    (1..=4).for_each(|task| out.push(stop(task)).unwrap());
    assert_eq!((out.push(stop(5)), out.refused()), (Err(Full), 1));
    assert_eq!(std::iter::from_fn(|| taken.pop()).collect::<Vec<_>>(), (1..=4).map(stop).collect::<Vec<_>>());
    maker.words(&spots.words).unwrap()[2].store(7, Ordering::Release);
    assert_eq!(guest.words(&spots.words).unwrap()[2].load(Ordering::Acquire), 7);
}

#[test]
fn the_next_guest_goes_on_where_the_last_one_stopped() {
    let (mut maker, file, spots) = made();
    let mut taken = maker.consumer(&spots.commands).unwrap();
    for life in 0..10 {
        let mut guest = Region::attach(file.as_fd(), plan(4).0).unwrap();
        let mut out = guest.producer(&spots.commands).unwrap();
        assert_eq!(out.position(), 3 * life);
        (0..3).for_each(|entry| out.push(stop(3 * life + entry)).unwrap());
        // The first life's entries are taken while no guest is there, as those of all others.
        drop((guest, out));
        assert_eq!(taken.len(), 3);
        (0..3).for_each(|entry| assert_eq!(taken.pop(), Some(stop(3 * life + entry))));
    }
    assert_eq!(taken.position(), 30);
}

#[test]
fn there_is_one_guest_at_a_time_as_long_as_any_of_its_ends_lives() {
    let (_maker, file, spots) = made();
    let mut guest = Region::attach(file.as_fd(), plan(4).0).unwrap();
    let out = guest.producer(&spots.commands).unwrap();
    drop(guest);
    assert_eq!(Region::attach(file.as_fd(), plan(4).0).unwrap_err(), RegionError::Busy);
    drop(out);
    assert!(Region::attach(file.as_fd(), plan(4).0).is_ok());
}

#[test]
fn another_layout_and_other_memory_are_refused_with_a_sentence() {
    let (_maker, file, _) = made();
    let error = Region::attach(file.as_fd(), plan(5).0).unwrap_err();
    assert_eq!(error, RegionError::OtherLayout);
    assert!(error.to_string().ends_with("run the same build of both"));
    // Only the name differs; size and place are the same.
    let mut renamed = Plan::default();
    let _ = renamed.ring::<Entry>("orders", Side::Guest, 4, 0);
    let _ = renamed.words::<AtomicU64>("words", 3);
    assert_eq!(Region::attach(file.as_fd(), renamed).unwrap_err(), RegionError::OtherLayout);
    let other = File::open("/dev/null").unwrap();
    assert!(Region::attach(other.as_fd(), plan(4).0).is_err());
}

#[test]
fn each_end_of_a_ring_is_to_be_had_once_and_on_its_side_alone() {
    let (mut maker, _file, spots) = made();
    assert_eq!(maker.producer(&spots.commands).unwrap_err(), RegionError::NotItsEnd("commands"));
    assert!(maker.consumer(&spots.commands).is_ok());
    assert_eq!(maker.consumer(&spots.commands).unwrap_err(), RegionError::NotItsEnd("commands"));
    let mut other = Plan::default();
    let stranger = other.words::<AtomicU64>("words", 3);
    assert!(maker.words(&stranger).is_err(), "a spot of another plan has no place here");
}

/// Writes the word at an offset, as a process that has lost its way would.
fn damage(file: &OwnedFd, offset: usize, word: u64) {
    File::from(file.try_clone().unwrap()).write_all_at(&word.to_le_bytes(), offset as u64).unwrap();
}

#[test]
fn a_position_that_cannot_be_is_no_room_and_no_entry() {
    let (mut maker, file, spots) = made();
    let mut guest = Region::attach(file.as_fd(), plan(4).0).unwrap();
    let mut out = guest.producer(&spots.commands).unwrap();
    let mut taken = maker.consumer(&spots.commands).unwrap();
    out.push(stop(1)).unwrap();
    let positions = spots.commands.positions.offset;
    for word in [6, 1_000_003, 1 << 63, u64::MAX - 9] {
        // Head and tail alike: each end meets the other's as it cannot be.
        damage(&file, positions, word);
        damage(&file, positions + plan::CACHE_LINE, word);
        assert_eq!((taken.pop(), taken.peek(3), taken.len()), (None, None, 0), "tail {word}");
        assert_eq!((out.room(), out.push(stop(2))), (0, Err(Full)), "head {word}");
    }
    damage(&file, positions, 0);
    damage(&file, positions + plan::CACHE_LINE, 1);
    assert_eq!(taken.pop(), Some(stop(1)), "the ring goes on as soon as its positions can be");
    drop((guest, out));
    damage(&file, positions, 9);
    let mut guest = Region::attach(file.as_fd(), plan(4).0).unwrap();
    assert_eq!(guest.producer(&spots.commands).unwrap_err(), RegionError::Damaged("commands"));
}
