//! Measurement of tones made here: with noise, with a wobble of level and frequency, begun and ended anywhere.
//!
//! Seeded: a failure prints the seed, and `cargo test -p tipring learn` repeats it.

use std::f64::consts::TAU;

use super::*;

const SEED: u64 = 1809;

/// Random numbers from a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ word >> 31) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A tone to be recorded.
#[derive(Debug)]
struct Sent {
    meaning: ToneMeaning,
    hz: &'static [f64],
    swell_hz: f64,
    cadence_ms: &'static [u32],
}

const fn sent(meaning: ToneMeaning, hz: &'static [f64], swell_hz: f64, cadence_ms: &'static [u32]) -> Sent {
    Sent { meaning, hz, swell_hz, cadence_ms }
}

const TONES: [Sent; 12] = [
    sent(ToneMeaning::Dial, &[425.0], 0.0, &[]),
    sent(ToneMeaning::Dial, &[350.0, 440.0], 0.0, &[]),
    sent(ToneMeaning::Dial, &[400.0], 25.0, &[]),
    sent(ToneMeaning::Dial, &[400.0], 50.0, &[]),
    sent(ToneMeaning::Dial, &[425.0], 0.0, &[200, 200, 600, 1000]),
    sent(ToneMeaning::Ringback, &[425.0], 0.0, &[1000, 4000]),
    sent(ToneMeaning::Ringback, &[400.0, 450.0], 0.0, &[400, 200, 400, 2000]),
    sent(ToneMeaning::Ringback, &[425.0], 24.0, &[400, 200, 400, 2000]),
    sent(ToneMeaning::Busy, &[480.0, 620.0], 0.0, &[500, 500]),
    sent(ToneMeaning::Busy, &[450.0], 0.0, &[350, 350]),
    sent(ToneMeaning::Congestion, &[425.0], 0.0, &[200, 200]),
    sent(ToneMeaning::Congestion, &[425.0], 0.0, &[200, 200, 200, 200, 200, 600]),
];

/// Twelve seconds, two cycles at least, from `late_ms` into the cadence on.
fn recorded(tone: &Sent, late_ms: u32, dbm0: f64, noise_db: f64, random: &mut Random) -> Vec<i16> {
    let cycle: u32 = tone.cadence_ms.iter().sum();
    let peak = level::peak(dbm0) / (tone.hz.len() as f64).sqrt();
    let noise = level::peak(dbm0 - noise_db) / 2_f64.sqrt();
    // The level wobbles by 1 dB and the frequency by 0.3 %, slowly.
    let mut phases = [0.0_f64; 2];
    let length_ms = 12_000.max(3 * cycle);
    (0..length_ms * 8)
        .map(|n| {
            let seconds = f64::from(n) / 8000.0;
            let mut at = if cycle == 0 { 0 } else { (n / 8 + late_ms) % cycle };
            let mut sounds = true;
            for span in tone.cadence_ms {
                if at < *span {
                    break;
                }
                at -= span;
                sounds = !sounds;
            }
            let wobble = (TAU * 0.3 * seconds).sin();
            for (phase, hz) in phases.iter_mut().zip(tone.hz) {
                *phase += hz * (1.0 + 0.003 * wobble) / 8000.0;
            }
            let swell = if tone.swell_hz > 0.0 { 0.5 + 0.5 * (TAU * tone.swell_hz * seconds).sin() } else { 1.0 };
            let sum: f64 = phases.iter().take(tone.hz.len()).map(|phase| (TAU * phase).sin()).sum();
            let gauss = (0..12).map(|_| random.unit()).sum::<f64>() - 6.0;
            let sample = if sounds { peak * swell * sum * (1.0 + 0.12 * wobble) } else { 0.0 } + noise * gauss;
            sample.round().clamp(-32_768.0, 32_767.0) as i16
        })
        .collect()
}

#[test]
fn frequencies_cadence_and_meaning_are_measured_in_noise_and_wobble_from_any_place_on() {
    let mut random = Random(SEED);
    for tone in &TONES {
        let cycle = f64::from(tone.cadence_ms.iter().sum::<u32>());
        for round in 0..6 {
            let late_ms = (random.unit() * cycle) as u32;
            let (dbm0, noise_db) = (-24.0 + 16.0 * random.unit(), 15.0 + 20.0 * random.unit());
            let samples = recorded(tone, late_ms, dbm0, noise_db, &mut random);
            let shown =
                format!("seed {SEED}, round {round}, {tone:?} from {late_ms} ms on, {noise_db:.0} dB over noise");
            let learnt = learn(&samples).unwrap_or_else(|error| panic!("{shown}: {error}"));
            let shown = format!("{shown}: {learnt:?}");
            assert_eq!(learnt.parts.len(), tone.hz.len(), "{shown}");
            for ((hz, _), sent) in learnt.parts.iter().zip(tone.hz) {
                assert!((hz - sent).abs() < 3.0, "{shown}");
            }
            assert!((learnt.swell_hz.unwrap_or(0.0) - tone.swell_hz).abs() < 2.0, "{shown}");
            assert_eq!(learnt.cadence_ms.len(), tone.cadence_ms.len(), "{shown}");
            // A swell may be low just where a burst begins or ends.
            let off_ms = if tone.swell_hz > 0.0 { 40 } else { 20 };
            for (ms, sent) in learnt.cadence_ms.iter().zip(tone.cadence_ms) {
                assert!(ms.abs_diff(*sent) <= off_ms, "{shown}");
            }
            assert_eq!(learnt.meaning(), tone.meaning, "{shown}");
            assert_ne!(learnt.sure(), Sure::Low, "{shown}");
        }
    }
}

#[test]
fn two_frequencies_too_near_for_the_detector_are_one_that_swells() {
    let tone = sent(ToneMeaning::Dial, &[413.0, 438.0], 0.0, &[]);
    let learnt = learn(&recorded(&tone, 0, -10.0, 30.0, &mut Random(SEED))).expect("it is a tone");
    assert!(matches!(learnt.parts[..], [(hz, _)] if (hz - 425.5).abs() < 2.0), "{learnt:?}");
}

#[test]
fn silence_noise_and_a_lone_burst_are_refused_with_the_remedy() {
    let mut random = Random(SEED);
    assert!(learn(&[]).is_err_and(|why| why.contains("no tone")));
    assert!(learn(&[0; 80_000]).is_err_and(|why| why.contains("no tone")));
    let noise: Vec<i16> = (0..80_000).map(|_| (4000.0 * (random.unit() - 0.5)) as i16).collect();
    assert!(learn(&noise).is_err_and(|why| why.contains("no tone")), "{:?}", learn(&noise));
    let tone = sent(ToneMeaning::Busy, &[425.0], 0.0, &[500, 5000]);
    let once = recorded(&tone, 5200, -10.0, 40.0, &mut random);
    assert!(learn(&once[..3 * 8000]).is_err_and(|why| why.contains("two whole cycles")));
}
