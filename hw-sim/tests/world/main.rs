//! A town and a switchboard of a few lines: whole days of calls, and what the truth says of them.

mod speed;
mod switchboard;

use std::collections::BTreeMap;

use switchboard::Switchboard;
use tipring_hw_sim::network::{WireFeed, WireLoad, World};
use tipring_hw_sim::people::Town;
use tipring_hw_sim::people::truth::{Listener, Stage, Truth, What};
use tipring_hw_sim::people::voice::Speaker;
use tipring_hw_sim::scenario::{Scenario, Socket};

const SOCKETS: [Socket; 4] = [Socket::Trunk, Socket::Trunk, Socket::Station, Socket::Station];

/// Plays a day to its end, at most `hours` of it.
fn day(scenario: &Scenario, seed: u64, sockets: &[Socket], mut board: Switchboard, hours: u64) -> Vec<Truth> {
    let (mut town, log) = Town::new(scenario, seed, sockets, None).expect("a scenario that can be played");
    let mut loads = vec![WireLoad::Nothing; sockets.len()];
    let mut feeds = vec![WireFeed::Nothing; sockets.len()];
    let mut truth = Vec::new();
    for _ in 0..hours * 3_600_000 {
        town.step(&loads, &mut feeds);
        board.step(&feeds, &mut loads);
        truth.extend(std::iter::from_fn(|| log.poll_truth()));
        if log.finished() {
            return truth;
        }
    }
    for line in truth.iter().rev().take(30).rev() {
        eprintln!("{}", serde_json::to_string(line).unwrap());
    }
    panic!("seed {seed}: the day is not over after {hours} hours");
}

fn count(truth: &[Truth], matches: impl Fn(&What) -> bool) -> usize {
    truth.iter().filter(|t| matches(&t.what)).count()
}

#[test]
fn a_day_of_twenty_calls() {
    let seed = 7;
    let truth = day(&Scenario::of_calls(20), seed, &SOCKETS, Switchboard::new(&SOCKETS), 2);
    everybody_is_accounted_for(&truth);
    everything_said_is_heard_by_the_other_side(&truth);
    both_lines_talk_for_most_of_the_day(&truth);
}

fn everybody_is_accounted_for(truth: &[Truth]) {
    let started = count(truth, |w| matches!(w, What::CallStarted { .. }));
    let answered = count(truth, |w| matches!(w, What::Welcomed { .. }));
    let ringing = count(truth, |w| matches!(w, What::Abandoned { stage: Stage::Ringing, .. }));
    let queued = count(truth, |w| matches!(w, What::Abandoned { stage: Stage::Queued, .. }));
    assert_eq!(started, 20);
    assert_eq!(answered + ringing + queued, 20);
    assert!(answered >= 15 && ringing >= 1 && queued >= 1, "{answered} answered, {ringing} + {queued} gave up");
    assert_eq!(count(truth, |w| matches!(w, What::CallEnded { .. })), 20);
    let waits = truth.iter().filter_map(|t| match t.what {
        What::Welcomed { waited_ms, .. } => Some(waited_ms),
        _ => None,
    });
    assert!(waits.max() > Some(15_000), "at least one caller waited in the queue");
}

fn everything_said_is_heard_by_the_other_side(truth: &[Truth]) {
    let (mut by_agents, mut by_callers) = (0, 0);
    for Truth { what, .. } in truth {
        if let What::Heard { phrase, by, complete: true, snr_db, gain, .. } = what {
            assert!(*snr_db > 34.0, "{phrase} heard by {by:?} at {snr_db} dB");
            assert!((gain - 1.0).abs() < 0.02, "{phrase} amplified by {gain}");
            match (phrase.speaker, by) {
                (Speaker::Remote { .. }, Listener::Station(_)) => by_agents += 1,
                (Speaker::Agent { .. }, Listener::Call(_)) => by_callers += 1,
                other => panic!("{other:?}: not a connection"),
            }
        }
    }
    let spoken = count(truth, |w| matches!(w, What::Spoken { complete: true, .. }));
    let unheard = count(truth, |w| matches!(w, What::Unheard { .. }));
    assert!((by_agents + by_callers) * 10 > spoken * 9, "{spoken} spoken, {by_agents} + {by_callers} heard");
    assert!(by_agents > 100 && by_callers > 100, "{by_agents} heard by agents, {by_callers} by callers");
    assert!(unheard * 50 < spoken, "{unheard} of {spoken} unheard");
}

fn both_lines_talk_for_most_of_the_day(truth: &[Truth]) {
    let end = truth.last().expect("truth").ms;
    let mut talking = vec![0u8; end as usize + 1];
    let mut from: BTreeMap<u32, u64> = BTreeMap::new();
    for Truth { ms, what } in truth {
        match what {
            What::Welcomed { call, .. } => drop(from.insert(*call, *ms)),
            What::CallEnded { call, .. } => {
                if let Some(from) = from.remove(call) {
                    talking[from as usize..*ms as usize].iter_mut().for_each(|n| *n += 1);
                }
            }
            _ => {}
        }
    }
    let both = talking.iter().filter(|&&n| n >= 2).count() as f64 / end as f64;
    assert!(both > 0.5, "two conversations at once for {:.0} % of {} s", both * 100.0, end / 1000);
}

#[test]
fn agents_with_headsets_hear_a_call_begin() {
    let text = "
        [callers]
        talk_ms = [20000, 25000]
        count = 3
        [[agent]]
        station = 2
        phone = 'headset'
        [[agent]]
        station = 3
        phone = 'headset'";
    let scenario: Scenario = toml::from_str(text).expect(text);
    let truth = day(&scenario, 4, &SOCKETS, Switchboard::with_headsets(&SOCKETS), 1);
    assert_eq!(count(&truth, |w| matches!(w, What::Welcomed { .. })), 3);
    assert_eq!(count(&truth, |w| matches!(w, What::StationLifted { .. })), 2);
    assert_eq!(count(&truth, |w| matches!(w, What::StationHungUp { .. })), 0);
    assert!(count(&truth, |w| matches!(w, What::Heard { by: Listener::Call(_), complete: true, .. })) >= 9);
}

#[test]
fn agents_make_calls() {
    for dialling in ["keys", "pulses"] {
        let text = format!(
            "
            outgoing = [
                {{ station = 2, after_ms = 1000, digits = '13812345678' }},
                {{ station = 3, after_ms = 1500, digits = '62345678' }},
                {{ station = 2, after_ms = 3000, digits = '13900000000' }},
            ]
            [callers]
            count = 0
            [agents]
            dialling = '{dialling}'
            [callees]
            talk_ms = [8000, 12000]
            engaged = ['13900000000']"
        );
        let scenario: Scenario = toml::from_str(&text).expect(&text);
        let truth = day(&scenario, 4, &SOCKETS, Switchboard::new(&SOCKETS), 1);
        let dialled = |number: &str| count(&truth, |w| matches!(w, What::Dialled { digits, .. } if digits == number));
        for number in ["13812345678", "62345678", "13900000000"] {
            assert_eq!(dialled(number), 1, "{number} by {dialling}");
        }
        assert_eq!(count(&truth, |w| matches!(w, What::OutgoingAnswered { .. })), 2);
        let heard = |remote: bool| {
            count(&truth, |w| match w {
                What::Heard { by: Listener::Call(_), snr_db, .. } => remote && *snr_db > 34.0,
                What::Heard { by: Listener::Station(_), snr_db, .. } => !remote && *snr_db > 34.0,
                _ => false,
            })
        };
        assert!(heard(true) >= 2 && heard(false) >= 2);
    }
}

#[test]
fn a_cut_wire_and_noisy_lines_end_no_day() {
    let text = "
        [callers]
        count = 2
        talk_ms = [10000, 12000]
        [lines]
        flash_ms = [80, 500]
        release = 'loop_break'
        impairments = { loss_db = 3.0, noise_dbm0 = -50.0, echo_loss_db = 20.0 }
        [stations]
        impairments = { echo_loss_db = 25.0 }
        [[cut]]
        socket = 0
        from_ms = 25000
        to_ms = 27000";
    let scenario: Scenario = toml::from_str(text).expect(text);
    let truth = day(&scenario, 9, &SOCKETS, Switchboard::new(&SOCKETS), 1);
    assert_eq!(count(&truth, |w| matches!(w, What::CallEnded { .. })), 2);
    assert!(count(&truth, |w| matches!(w, What::Heard { .. })) > 4);
}

#[test]
fn the_same_seed_gives_the_same_day() {
    let scenario = Scenario::of_calls(3);
    let play = |seed| day(&scenario, seed, &SOCKETS, Switchboard::new(&SOCKETS), 1);
    let lines = |truth: &[Truth]| -> Vec<String> { truth.iter().map(|t| serde_json::to_string(t).unwrap()).collect() };
    let (one, again, other) = (play(5), play(5), play(6));
    assert_eq!(lines(&one), lines(&again));
    assert_ne!(lines(&one), lines(&other));
    for (line, truth) in lines(&one).iter().zip(&one) {
        assert_eq!(&serde_json::from_str::<Truth>(line).expect(line), truth);
    }
}
