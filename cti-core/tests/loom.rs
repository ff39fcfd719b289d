//! Models of the races at a channel's word: every order of the threads that the memory model allows.
//!
//! Each ordering in `cti-core/src/channel/table.rs` is needed by at least one model: weakened to `Relaxed`, that model
//! fails.
//! Run by `RUSTFLAGS="--cfg loom" cargo test --no-default-features -p tipring-core --test loom`.
//!
//! Never: runs in a build that is not for model checking.

#![cfg(loom)]

use loom::thread;
use tipring_core::channel::{ChannelTable, Generation, Intent, State};
use tipring_driver::ids::ChannelId;
use tipring_driver::line::{DisconnectSignal, LineEvent, LineKind, Number};
use tipring_driver::sync::atomic::{AtomicU64, Ordering};
use tipring_driver::sync::{Arc, explore};

const TRUNK: ChannelId = ChannelId(0);

fn idle() -> (Arc<ChannelTable>, Generation) {
    let table = Arc::new(ChannelTable::new(1));
    table.step_of_line(TRUNK, &LineEvent::InService(LineKind::Trunk));
    let known = table.read(TRUNK).generation;
    (table, known)
}

#[test]
fn of_a_ring_and_a_seizure_exactly_one_wins() {
    explore(7, || {
        let (table, known) = idle();
        let line = {
            let table = table.clone();
            thread::spawn(move || table.step_of_line(TRUNK, &LineEvent::Offered).is_some())
        };
        let core = table.claim(TRUNK, known, Intent::Dial(Number::new())).is_ok();
        let line = line.join().expect("the line");
        assert!(line != core);
        let expected = if line { State::Offered } else { State::Dialling };
        assert_eq!(table.read(TRUNK).state, expected);
    });
}

#[test]
fn of_a_caller_who_gives_up_and_an_answer_exactly_one_wins() {
    explore(7, || {
        let (table, _) = idle();
        let known = table.step_of_line(TRUNK, &LineEvent::Offered).expect("idle").generation;
        let line = {
            let table = table.clone();
            thread::spawn(move || table.step_of_line(TRUNK, &LineEvent::RingingStopped).is_some())
        };
        let core = table.claim(TRUNK, known, Intent::Answer).is_ok();
        assert!(line.join().expect("the line") != core);
    });
}

#[test]
fn a_station_lifted_while_its_ringing_is_stopped_ends_in_use() {
    explore(7, || {
        let (table, known) = idle();
        let known = table.claim(TRUNK, known, Intent::Ring(None)).expect("idle").word.generation;
        let line = {
            let table = table.clone();
            thread::spawn(move || table.step_of_line(TRUNK, &LineEvent::OffHook))
        };
        // Whoever is first: the handset is in a hand, and the word says so.
        let _ = table.claim(TRUNK, known, Intent::StopRinging).is_ok();
        assert!(line.join().expect("the line").is_some());
        assert_eq!(table.read(TRUNK).state, State::InUse);
    });
}

#[test]
fn a_far_end_that_goes_while_this_end_releases_leaves_the_trunk_releasing() {
    explore(11, || {
        let (table, known) = idle();
        let known = table.claim(TRUNK, known, Intent::Dial(Number::new())).expect("idle").word.generation;
        let line = {
            let table = table.clone();
            thread::spawn(move || {
                table.step_of_line(TRUNK, &LineEvent::Released(DisconnectSignal::Tone));
                table.step_of_line(TRUNK, &LineEvent::Idle).is_some()
            })
        };
        assert!(table.claim(TRUNK, known, Intent::Release).is_ok());
        let idle = line.join().expect("the line");
        assert_eq!(table.read(TRUNK).state, if idle { State::Idle } else { State::Releasing });
    });
}

#[test]
fn who_is_told_of_a_loss_finds_the_step_that_was_lost_in_the_word() {
    explore(6, || {
        let (table, _) = idle();
        let line = {
            let table = table.clone();
            thread::spawn(move || {
                table.step_of_line(TRUNK, &LineEvent::Offered);
                table.loss_of_event();
            })
        };
        if table.take_overflowed().is_some() {
            assert_eq!(table.read(TRUNK).state, State::Offered);
            assert!(table.take_overflowed().is_none());
        }
        line.join().expect("the line");
    });
}

#[test]
fn a_reader_sees_whole_words_in_their_order_and_is_never_made_to_wait() {
    explore(2433, || {
        let (table, known) = idle();
        let line = {
            let table = table.clone();
            thread::spawn(move || table.step_of_line(TRUNK, &LineEvent::Offered).is_some())
        };
        let reader = {
            let table = table.clone();
            thread::spawn(move || [table.read(TRUNK), table.read(TRUNK)])
        };
        let core = table.claim(TRUNK, known, Intent::Dial(Number::new())).is_ok();
        let [first, second] = reader.join().expect("the reader");
        let line = line.join().expect("the line");
        assert!(second.generation >= first.generation);
        for word in [first, second] {
            assert!(
                word.state == State::Idle && word.generation == known
                    || word.state == State::Offered && line && word.generation > known
                    || word.state == State::Dialling && core && word.generation > known
            );
        }
    });
}

/// A race of a first thread, which does its work and then takes a step, against a second; what `second` returns says
/// that it saw the step, and then the work must be seen too. Only the word orders the work.
///
/// The second runs in the thread that is made: the model checker tries each load there against every store here.
fn the_work_before_a_step_is_seen_with_it(
    first: impl Fn(&ChannelTable, Generation) -> bool + Send + Sync + 'static,
    second: impl Fn(&ChannelTable, Generation) -> bool + Send + Sync + Copy + 'static,
) {
    explore(6, move || {
        let (table, known) = idle();
        let work = Arc::new(AtomicU64::new(0));
        let reader = {
            let (table, work) = (table.clone(), work.clone());
            thread::spawn(move || !second(&table, known) || work.load(Ordering::Relaxed) == 1)
        };
        work.store(1, Ordering::Relaxed);
        first(&table, known);
        assert!(reader.join().expect("the second thread"));
    });
}

fn offer(table: &ChannelTable, _known: Generation) -> bool {
    table.step_of_line(TRUNK, &LineEvent::Offered).is_some()
}

fn seize(table: &ChannelTable, known: Generation) -> bool {
    table.claim(TRUNK, known, Intent::Dial(Number::new())).is_ok()
}

#[test]
fn a_reader_of_a_step_of_the_line_sees_the_work_before_it() {
    the_work_before_a_step_is_seen_with_it(offer, |table, _| table.read(TRUNK).state == State::Offered);
}

#[test]
fn a_reader_of_a_claim_sees_the_work_before_it() {
    the_work_before_a_step_is_seen_with_it(seize, |table, _| table.read(TRUNK).state == State::Dialling);
}

#[test]
fn a_claim_upon_a_step_of_the_line_sees_the_work_before_that() {
    // The generation that the offer will have, known without having seen it.
    let answer = |table: &ChannelTable, known: Generation| table.claim(TRUNK, known.next(), Intent::Answer).is_ok();
    the_work_before_a_step_is_seen_with_it(offer, answer);
}

#[test]
fn a_claim_that_came_second_sees_the_work_before_the_step_of_the_line() {
    the_work_before_a_step_is_seen_with_it(offer, |table, known| !seize(table, known));
}

#[test]
fn an_event_that_came_second_sees_the_work_before_the_claim() {
    the_work_before_a_step_is_seen_with_it(seize, |table, known| !offer(table, known));
}
