//! Tones of every country with a profile, in noise, off frequency, cut into at a random place: the right one is named,
//! and never one of the country's others; of 200 recordings of 14 s at most one is missed, 20 to 35 dB over noise.
//!
//! The tones are the simulated exchange's, a reading of the standards of its own. Seeded: a failure prints the seed,
//! and `cargo test -p tipring-tests --test standards countries` repeats it.
//!
//! Never: takes the driver's own numbers for a tone that it is to recognise.

use std::f64::consts::TAU;

use tipring_driver::country::{COUNTRIES, Country};
use tipring_driver::dsp::progress::{Bank, Event};
use tipring_driver::dsp::{Lanes, SILENCE};
use tipring_driver::signal::ToneKind;
use tipring_hw_sim::network::country::country;
use tipring_hw_sim::network::signal::tone::ToneSpec;

use crate::signal::{MS, Random, Signal, peak};
use crate::speech::Speech;

const SEED: u64 = 2203;
const LENGTH_MS: usize = 14_000;
/// Recordings of a tone, each in a lane of one bank.
const ROUNDS: usize = 8;

/// A tone begun `late_ms` into its cadence, all frequencies off by a part, with white noise below each by `noise_db`.
fn signal(spec: &ToneSpec, late_ms: usize, off: f64, (gain_db, noise_db): (f64, f64), random: &mut Random) -> Signal {
    let mut signal = Signal::default();
    signal.silence(300 * MS + random.below(80));
    let cycle: usize = spec.cadence.iter().map(|ms| usize::from(*ms)).sum();
    let level = f64::from(spec.dbm0) + gain_db;
    for n in 0..LENGTH_MS * MS {
        let mut at = if cycle == 0 { 0 } else { (n / MS + late_ms) % cycle };
        let part = spec.cadence.iter().position(|ms| {
            let within = at < usize::from(*ms);
            at = at.saturating_sub(usize::from(*ms));
            within
        });
        let sounds = part.is_none_or(|part| part.is_multiple_of(2));
        let seconds = n as f64 / 8000.0;
        let swell = match f64::from(spec.modulation_hertz) {
            hz if hz > 0.0 => 0.5 + 0.5 * (TAU * hz * seconds).sin(),
            _ => 1.0,
        };
        let sum = spec.hertz.iter().map(|hz| (TAU * f64::from(*hz) * (1.0 + off) * seconds).sin()).sum::<f64>();
        signal.0.push(if sounds { peak(level) * swell * sum } else { 0.0 });
    }
    signal.silence(300 * MS);
    signal.add_noise(level - noise_db, random);
    signal
}

/// Tones recognised in each signal, in order.
fn recognised(country: &Country, signals: &[Signal; ROUNDS]) -> [Vec<ToneKind>; ROUNDS] {
    let mut bank = Bank::new(ROUNDS, &country.detection);
    let mut found = [const { Vec::new() }; ROUNDS];
    let samples = signals.each_ref().map(Signal::through_a_law);
    let ticks = samples.each_ref().map(|samples| samples.as_chunks::<8>().0);
    let longest = ticks.iter().map(|ticks| ticks.len()).max().unwrap_or_default();
    for at in 0..longest + 50 {
        let tick = ticks.map(|ticks| *ticks.get(at).unwrap_or(&SILENCE));
        bank.step(&tick, &Lanes::first(ROUNDS), &mut |lane, event| {
            if let Event::Recognised(tone) = event {
                found[lane].push(tone);
            }
        });
    }
    found
}

#[test]
fn every_tone_of_every_country_is_named_in_noise_and_never_another_of_that_country() {
    let mut random = Random::new(SEED);
    let mut rounds = 0;
    let (mut confused, mut missed) = (Vec::new(), Vec::new());
    for ours in COUNTRIES {
        let there = country(ours.code).expect("the simulator has every country");
        // Where the two sound alike, either says that the call has failed.
        let failed =
            |spec: &ToneSpec| if spec.cadence == there.busy.cadence { ToneKind::Busy } else { ToneKind::Congestion };
        let tones = [
            (ToneKind::Dial, Some(there.dial)),
            (ToneKind::Dial, there.special_dial),
            (ToneKind::Ringback, Some(there.ringback)),
            (ToneKind::Busy, Some(there.busy)),
            (failed(&there.congestion), Some(there.congestion)),
            (failed(&there.unobtainable), Some(there.unobtainable)),
        ];
        for (meaning, spec) in tones.into_iter().filter_map(|(meaning, spec)| Some((meaning, spec?))) {
            let cycle: usize = spec.cadence.iter().map(|ms| usize::from(*ms)).sum();
            let recorded: [_; ROUNDS] = std::array::from_fn(|_| {
                let late_ms = if cycle == 0 { 0 } else { random.below(cycle) };
                let off = random.between(-0.008, 0.008);
                let levels = (random.between(-14.0, 2.0), random.between(20.0, 35.0));
                (late_ms, off, levels, signal(&spec, late_ms, off, levels, &mut random))
            });
            let found = recognised(ours, &recorded.each_ref().map(|(.., signal)| signal.clone()));
            rounds += ROUNDS;
            for (round, ((late_ms, off, levels, _), found)) in recorded.iter().zip(found).enumerate() {
                if found.first() != Some(&meaning) || found.iter().any(|tone| *tone != meaning) {
                    let list = if found.is_empty() { &mut missed } else { &mut confused };
                    list.push(format!(
                        "round {round}, {}: {meaning:?} of {:?} Hz, {:?} ms from {late_ms} ms on, {:.2} % off, \
                         {levels:.1?} dB: heard {found:?}",
                        ours.name,
                        spec.hertz,
                        spec.cadence,
                        off * 100.0
                    ));
                }
            }
        }
    }
    assert!(confused.is_empty(), "seed {SEED}: another tone\n{}", confused.join("\n"));
    assert!(missed.len() * 200 <= rounds, "seed {SEED}: {} of {rounds} missed\n{}", missed.len(), missed.join("\n"));
}

/// The profiles have more patterns than the six of the first; a voice must not release a call in any.
#[test]
fn speech_holds_no_busy_tone_in_any_country() {
    const LANES: usize = 16;
    let mut voices: Vec<Speech> = (900..900 + LANES as u64).map(Speech::new).collect();
    let mut banks = COUNTRIES.map(|country| Bank::new(LANES, &country.detection));
    for ms in 0..120_000 {
        let frames: Vec<_> = voices.iter_mut().map(|voice| core::array::from_fn(|_| voice.next())).collect();
        for (bank, country) in banks.iter_mut().zip(COUNTRIES) {
            bank.step(&frames, &Lanes::first(LANES), &mut |lane, event| {
                if let Event::Recognised(tone @ (ToneKind::Busy | ToneKind::Congestion)) = event {
                    panic!("{tone:?} in {}, voice {}, after {ms} ms", country.name, 900 + lane);
                }
            });
        }
    }
}
