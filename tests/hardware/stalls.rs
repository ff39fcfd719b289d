//! Stalls at the worst moments and of every length: nothing torn, nothing old, and everything counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tipring_driver::card::tdm400p::Settings;
use tipring_driver::card::{Card, CardCounters, Frame, PortCommand};
use tipring_driver::ids::PortId;
use tipring_driver::pace::{Pace, TimerPace};
use tipring_driver::pci::tx_watchdog::{LOOK_MS, TxWatchdog};
use tipring_hw_sim::network::WireLoad;
use tipring_tools::run::realtime;

use crate::rig::Rig;
use crate::sound::{idle, said};
use crate::wires::WiresHandle;

/// Sample of an idle octet at the wires.
const SILENCE: i16 = 8;

/// A card in conversation on all ports; the wires send back what they hear.
struct Talking {
    rig: Rig,
    tx_watchdog: TxWatchdog,
    /// Ticks said and heard so far.
    ticks: u64,
    heard: Vec<[Frame; 4]>,
    played: Vec<[Frame; 4]>,
}

impl Talking {
    fn new() -> Talking {
        let (settings, tx_watchdog) = (Settings::default(), TxWatchdog::default());
        let needs = settings.needs().with_tx_watchdog(tx_watchdog.clone());
        let mut rig = Rig::attached("xxoo", settings, needs, Vec::new());
        rig.bring_up();
        rig.wires.hold().lifted = [true; 4];
        for port in [2, 3] {
            rig.card.command(PortId(port), PortCommand::Hook(true));
        }
        rig.run(1000);
        let mut talking = Talking { rig, tx_watchdog, ticks: 0, heard: Vec::new(), played: Vec::new() };
        talking.talk(500, |_| 0);
        talking
    }

    /// Serves the card `services` times, once a millisecond; each is held up between its poll and its exchange by
    /// `held_up` ms.
    fn talk(&mut self, services: u64, held_up: impl Fn(u64) -> u64) {
        for service in 0..services {
            self.step();
            let waiting = self.rig.card.poll().expect("the card runs");
            (0..held_up(service)).for_each(|_| self.step());
            for _ in 0..waiting {
                let (mut received, mut played) = ([[0; 8]; 4], [[0; 8]; 4]);
                self.rig.card.exchange(&mut received, &mut played, &said(self.ticks));
                self.heard.push(received);
                self.played.push(played);
                self.ticks += 1;
            }
        }
    }

    /// A millisecond of the card.
    fn step(&mut self) {
        self.rig.slot.lock().step();
        self.rig.ms += 1;
    }

    /// Stops serving the card for `ms` milliseconds, with the transmit watchdog on or off. Returns the samples in which
    /// a far end heard anything, millisecond by millisecond.
    fn stall(&mut self, ms: u64, tx_watchdog: bool) -> Vec<u64> {
        let live = |_| {
            self.step();
            if tx_watchdog && self.rig.ms.is_multiple_of(LOOK_MS) {
                self.tx_watchdog.look(LOOK_MS);
            }
            sounded(&self.rig.wires)
        };
        (0..ms).map(live).collect()
    }

    fn counters(&self) -> CardCounters {
        self.rig.card.counters()
    }

    /// Checks that the driver knows each word that was played.
    fn assert_known(&self) {
        for (tick, (heard, played)) in self.heard.iter().zip(&self.played).enumerate() {
            assert_eq!(heard, played, "the wires send back what they hear: tick {tick}");
        }
    }

    /// That, and everything heard is idle or what was said, in order and once.
    fn assert_true(&self) {
        self.assert_known();
        let mut next = 0;
        for (tick, heard) in self.heard.iter().enumerate() {
            if *heard != idle() {
                let said = (next..self.ticks).find(|at| *heard == said(*at));
                next = 1 + said.unwrap_or_else(|| panic!("tick {tick} is torn, old or never sent: {heard:02x?}"));
            }
        }
        assert!(next > 0, "something is heard");
    }
}

/// The samples of the last millisecond in which a far end heard anything.
fn sounded(wires: &WiresHandle) -> u64 {
    let wires = wires.hold();
    let sounds = wires.loads.iter().map(|load| match load {
        WireLoad::Station(load) => load.sound,
        WireLoad::Trunk(load) => load.sound,
        WireLoad::Nothing => panic!("four modules"),
    });
    let sounds: Vec<_> = sounds.collect();
    (0..8).filter(|&sample| sounds.iter().any(|sound| sound[sample] != SILENCE)).count() as u64
}

#[test]
fn held_up_between_the_look_and_the_sound_nothing_is_torn_and_what_is_lost_is_counted() {
    for held_up in [1, 5, 20, 61, 62, 63, 64, 100, 1000] {
        let mut talking = Talking::new();
        let (from, before) = (talking.rig.ms, talking.heard.len() as u64);
        talking.talk(4000, |service| if service % 200 == 100 { held_up } else { 0 });
        talking.assert_true();
        let CardCounters { lost_samples, underrun_ticks, .. } = talking.counters();
        // A tick is being taken, and 61 more are in the ring with what the card is at.
        assert_eq!(lost_samples > 0, held_up >= 62, "held up {held_up} ms: {lost_samples} samples lost");
        assert_eq!(underrun_ticks > 0, held_up >= 4, "held up {held_up} ms: {underrun_ticks} ticks of idle");
        let (passed, taken) = (talking.rig.ms - from, talking.heard.len() as u64 - before);
        let silent = talking.heard.iter().filter(|heard| **heard == idle()).count() as u64;
        // Lost is what was passed over, and what was given as silence.
        assert!(taken + lost_samples / 8 >= passed, "held up {held_up} ms: {taken} ticks and {lost_samples} samples");
        assert!(taken + lost_samples / 8 <= passed + silent, "held up {held_up} ms");
    }
}

#[test]
fn in_a_stall_of_seconds_no_old_sound_is_played_while_the_dead_man_is_awake() {
    let mut talking = Talking::new();
    for stall in [100, 130, 300, 1000, 5000] {
        let before = talking.counters();
        let sounded = talking.stall(stall, true);
        assert!(sounded[..4].iter().all(|samples| *samples > 0), "what was ahead is played");
        assert!(sounded[5..].iter().all(|samples| *samples == 0), "and nothing after it, in {stall} ms");
        talking.talk(500, |_| 0);
        talking.assert_true();
        let after = talking.counters();
        assert_eq!((after.replayed_samples, after.silenced - before.silenced), (0, 1), "a stall of {stall} ms");
        assert!(after.lost_samples - before.lost_samples >= 8 * (stall - 64));
    }
}

#[test]
fn where_the_whole_program_stands_still_old_sound_is_counted_to_the_sample() {
    let mut talking = Talking::new();
    for stall in [100, 125, 140, 300, 1000, 5000] {
        let before = talking.counters();
        let sounded = talking.stall(stall, false);
        // Both come back at once, the watchdog first.
        talking.tx_watchdog.look(stall / LOOK_MS * LOOK_MS);
        let old: u64 = sounded.iter().skip(20).sum();
        talking.talk(500, |_| 0);
        talking.assert_known();
        let after = talking.counters();
        assert_eq!(after.replayed_samples - before.replayed_samples, old, "a stall of {stall} ms");
        assert!(old <= 8 * 5 * stall.div_ceil(127), "at most what was ahead, once a lap: {old} in {stall} ms");
        assert_eq!(old > 0, stall > 126);
        assert_eq!(after.silenced, before.silenced);
    }
}

/// The card and the transmit watchdog in threads of their own, at real-time priority if that is allowed. This one
/// sleeps.
#[test]
#[ignore = "half a minute of the wall clock, for a machine that has nothing else to do"]
fn on_the_wall_clock_the_dead_man_comes_before_a_lap_is_over() {
    let mut talking = Talking::new();
    let stop = Arc::new(AtomicBool::new(false));
    let tx_watchdog = thread::spawn({
        let (tx_watchdog, stop) = (talking.tx_watchdog.clone(), Arc::clone(&stop));
        move || {
            let _ = realtime::ask();
            tx_watchdog.serve(&stop)
        }
    });
    // Samples in which something was heard while `listening`.
    let (listening, heard) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let card = thread::spawn({
        let (slot, wires) = (talking.rig.slot.clone(), talking.rig.wires.clone());
        let (stop, listening, heard) = (Arc::clone(&stop), Arc::clone(&listening), Arc::clone(&heard));
        move || {
            let _ = realtime::ask();
            let mut pace = TimerPace::new().unwrap();
            while !stop.load(Ordering::Acquire) {
                for _ in 0..pace.wait() {
                    slot.lock().step();
                    if listening.load(Ordering::Acquire) {
                        heard.fetch_add(sounded(&wires), Ordering::Relaxed);
                    }
                }
            }
        }
    });
    let stalls = [150, 300, 1000, 5000, 150, 1000, 150, 300];
    let mut pace = TimerPace::new().unwrap();
    for stall in stalls {
        // What was slept through has passed.
        pace.wait();
        let mut left: u64 = 1000;
        while left > 0 {
            left = left.saturating_sub(pace.wait());
            for _ in 0..talking.rig.card.poll().expect("the card runs") {
                talking.rig.card.exchange(&mut idle(), &mut idle(), &said(talking.ticks));
                talking.ticks += 1;
            }
        }
        // What was ahead is played once.
        thread::sleep(Duration::from_millis(20));
        listening.store(true, Ordering::Release);
        thread::sleep(Duration::from_millis(stall - 20));
        listening.store(false, Ordering::Release);
    }
    stop.store(true, Ordering::Release);
    card.join().unwrap();
    tx_watchdog.join().unwrap().unwrap();
    let (counters, heard) = (talking.counters(), heard.load(Ordering::Relaxed));
    println!("{} stalls of up to 5 s: {counters}; old sound was heard in {heard} samples", stalls.len());
    assert_eq!((heard, counters.replayed_samples, counters.silenced), (0, 0, stalls.len() as u64));
}
