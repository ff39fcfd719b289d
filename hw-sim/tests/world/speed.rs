//! Wall time of a simulated millisecond. Run by hand, in release:
//! `cargo test --release -p tipring-hw-sim --test world -- --ignored --nocapture`

use std::time::Duration;

use tipring_hw_sim::network::{WireFeed, WireLoad, World};
use tipring_hw_sim::people::Town;
use tipring_hw_sim::scenario::Scenario;

use crate::SOCKETS;
use crate::switchboard::Switchboard;

/// Limit of the script, in milliseconds of virtual time: an hour.
const SCRIPT_MAX_MS: usize = 3_600_000;

/// The processor time this thread has had: other programs on the machine do not count.
fn processor_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux's account of this thread");
    let first = text.split_whitespace().next().expect("nanoseconds on the processor");
    Duration::from_nanos(first.parse().expect("a number"))
}

#[test]
#[ignore = "a measurement, for release builds"]
fn a_millisecond_takes_microseconds() {
    let town = || Town::new(&Scenario::of_calls(20), 7, &SOCKETS, None).expect("a scenario");
    // What the switchboard does is written down in a first run, so that the second one is the town's alone.
    let mut script: Vec<[WireLoad; 4]> = Vec::new();
    let mut feeds = [WireFeed::Nothing; 4];
    {
        let (mut town, log) = town();
        let mut board = Switchboard::new(&SOCKETS);
        let mut loads = [WireLoad::Nothing; 4];
        while !log.finished() {
            assert!(script.len() < SCRIPT_MAX_MS, "20 calls are not over after an hour");
            script.push(loads);
            town.step(&loads, &mut feeds);
            board.step(&feeds, &mut loads);
        }
    }
    let (mut town, log) = town();
    let begin = processor_time();
    for loads in &script {
        town.step(loads, &mut feeds);
    }
    let mean = (processor_time() - begin) / script.len() as u32;
    assert!(log.finished());
    eprintln!("{} ms of four lines: {mean:?} each", script.len());
    assert!(mean < Duration::from_micros(3));
}
