//! 24 ports with everything on, and stalls: not one received sample is lost, nothing old is heard, and all of it is
//! counted.
//!
//! On virtual time, where the stalls come from a seed; and on the wall clock, where cards, media thread, transmit
//! watchdog and file thread are threads as in the program, at real-time priority if that is allowed, and the media
//! thread really sleeps. The long ones are started by hand: `cargo test --release -p tipring-tests --test hardware
//! endurance_long -- --ignored --nocapture`

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tipring_driver::pace::{Pace, TimerPace};
use tipring_tests::seed::with_seeds;
use tipring_tools::run::realtime;

use crate::hall::{BEGUN_MS, CARDS, Desk, Hall};

/// Stalls end before the recordings do.
const AFTER_MS: u64 = 500;
/// The file thread's pause.
const FILES_MS: u64 = 10;

/// Checks that no counter of loss or error has moved. Returns the ticks played as idle.
fn assert_counted(desk: &Desk) -> u64 {
    let engine = desk.counters.engine();
    let lost = (engine.recorder_lost_ticks, engine.player_dry_ticks, engine.reports_lost, engine.commands_refused);
    assert_eq!(lost, (0, 0, 0, 0), "recorder, player, reports, commands: {engine:?}");
    let cards: Vec<_> = (0..CARDS).map(|card| desk.counters.card(card)).collect();
    for (card, counted) in cards.iter().enumerate() {
        let wrong = (counted.lost_samples, counted.replayed_samples, counted.bus_errors, counted.reattached);
        assert_eq!(wrong, (0, 0, 0, 0), "card {card}: {counted}");
    }
    cards.iter().map(|counted| counted.underrun_ticks).max().unwrap_or(0)
}

/// Runs `seconds` with everything on; in each second the media thread stalls for 20 ms, and twice for 4 to 19 ms.
fn on_virtual_time(test: &str, seconds: u64) {
    with_seeds("hardware", test, [1], |seed| {
        let started = Instant::now();
        let mut hall = Hall::new("endurance", seed);
        let (mut awake_at, mut stalls, mut asleep) = (0, 0, 0);
        let end = BEGUN_MS + 1000 * seconds;
        let mut waited = 0;
        for ms in 1..=end + AFTER_MS {
            hall.live();
            waited += 1;
            if ms >= BEGUN_MS && ms < end {
                // Where in its part of the second a stall comes, and how long it is, says the seed.
                let (second, within) = (ms / 1000, ms % 1000);
                let dice = seed.wrapping_add(second * 3 + within / 300).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
                if within < 900 && within % 300 == dice % 250 {
                    let length = if within < 300 { 20 } else { 4 + dice / 250 % 16 };
                    (awake_at, stalls, asleep) = (ms + length, stalls + 1, asleep + length);
                }
            }
            if ms < awake_at {
                continue;
            }
            hall.engine.step_once(std::mem::take(&mut waited));
            if ms % FILES_MS == 0 {
                hall.files.step();
                hall.desk.work();
            }
        }
        hall.desk.stop_recording();
        for _ in 0..20 {
            hall.live();
            hall.engine.step_once(1);
            hall.files.step();
        }
        let silent = hall.desk.judge(end - BEGUN_MS);
        let idle = assert_counted(&hall.desk);
        let engine = hall.desk.counters.engine();
        assert_eq!(engine.slips, 0);
        assert_eq!(engine.late_ticks, asleep, "{stalls} stalls");
        assert!(silent <= idle, "{silent} ms of silence heard, {idle} counted");
        let took = started.elapsed().as_secs_f64();
        println!(
            "{seconds} s of 24 ports in {took:.1} s: {stalls} stalls, {} ticks late, {idle} played as idle, {silent} ms of silence \
             heard by one far end at most",
            engine.late_ticks
        );
    });
}

/// Runs `seconds` of the wall clock; in each second the media thread sleeps for 20 ms.
fn on_the_wall_clock(seconds: u64) {
    let Hall { mut engine, mut files, slots, tx_watchdog, mut troubles, mut desk } = Hall::new("wall", 1);
    let (stop, stop_cards) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (stood_still, stalls) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let spawn = |name: &str, body: Box<dyn FnOnce(&AtomicBool) + Send>| {
        let stop = Arc::clone(if name == "cards" { &stop_cards } else { &stop });
        thread::Builder::new().name(name.into()).spawn(move || body(&stop)).unwrap()
    };
    let cards = spawn("cards", {
        let stood_still = Arc::clone(&stood_still);
        Box::new(move |stop| {
            let _ = realtime::ask();
            let mut pace = TimerPace::new().unwrap();
            while !stop.load(Ordering::Acquire) {
                let passed = pace.wait();
                // Cards have crystals of their own. Where this thread stalls, they stand still for what is more than a
                // driver bears, or it would be the test's stall and not the driver's.
                let lived = passed.min(30);
                stood_still.fetch_add(passed - lived, Ordering::Relaxed);
                (0..lived).for_each(|_| slots.iter().for_each(|slot| slot.lock().step()));
            }
        })
    });
    let watch = spawn("tx-watchdog", {
        Box::new(move |stop| {
            let _ = realtime::ask();
            tx_watchdog.serve(stop).unwrap();
        })
    });
    let media = spawn("media", {
        let stalls = Arc::clone(&stalls);
        Box::new(move |stop| {
            for why in [realtime::ask(), realtime::lock_memory()].into_iter().filter_map(Result::err) {
                println!("{why}");
            }
            let mut pace = TimerPace::new().unwrap();
            let mut slept_at = 0;
            while !stop.load(Ordering::Acquire) {
                let passed = pace.wait();
                engine.step_once(passed);
                let now = engine.now().0;
                if now >= BEGUN_MS + 1000 && now < BEGUN_MS + 1000 * seconds && now >= slept_at + 1000 {
                    slept_at = now;
                    stalls.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(Duration::from_millis(20));
                }
            }
            engine.stop();
        })
    });
    let file_thread = spawn("files", {
        Box::new(move |stop| {
            // The media thread is judged here, and not whether a busy machine starves this one.
            let _ = realtime::ask();
            while !stop.load(Ordering::Acquire) {
                files.step();
                thread::sleep(Duration::from_millis(FILES_MS));
            }
            files.step();
        })
    });
    while desk.ms() < BEGUN_MS + 1000 * seconds + AFTER_MS {
        thread::sleep(Duration::from_millis(20));
        desk.work();
    }
    desk.stop_recording();
    thread::sleep(Duration::from_millis(500));
    // Samples played after the cards have stopped don't count.
    stop_cards.store(true, Ordering::Release);
    cards.join().unwrap();
    stop.store(true, Ordering::Release);
    for thread in [watch, media, file_thread] {
        thread.join().unwrap();
    }
    let reported: Vec<_> = std::iter::from_fn(|| troubles.pop()).map(|trouble| trouble.to_string()).collect();
    let counters = desk.counters.engine();
    println!(
        "{seconds} s of 24 ports on the wall clock: {} stalls of 20 ms; {counters:?}; the test's own thread stood still for {} ms",
        stalls.load(Ordering::Relaxed),
        stood_still.load(Ordering::Relaxed)
    );
    (0..CARDS).for_each(|card| println!("card {card}: {}", desk.counters.card(card)));
    assert_eq!(reported, [""; 0]);
    let idle = assert_counted(&desk);
    let silent = desk.judge(1000 * seconds);
    println!("{idle} ticks played as idle, {silent} ms of silence heard by one far end at most");
}

#[test]
fn endurance_of_24_ports_with_everything_on_and_stalls() {
    on_virtual_time("endurance_of_24_ports", 12);
}

#[test]
#[ignore = "ten minutes of virtual time, 230 MB of recordings"]
fn endurance_long_of_24_ports_with_everything_on_and_stalls() {
    on_virtual_time("endurance_long_of_24_ports --release -- --ignored", 600);
}

#[test]
#[ignore = "ten minutes of the wall clock, 230 MB of recordings"]
fn endurance_long_on_the_wall_clock() {
    on_the_wall_clock(600);
}

#[test]
#[ignore = "half a minute of the wall clock, for a machine that has nothing else to do"]
fn endurance_on_the_wall_clock() {
    on_the_wall_clock(20);
}
