//! E.180 Supplement 2: tones of countries without a profile, heard by the profile that comes nearest, and busy tones of
//! private exchanges.
//!
//! Seeded: a failure prints the seed, and `cargo test -p tipring-tests --test standards e180_tones` repeats it.

use std::f64::consts::TAU;

use tipring_driver::country::Country;
use tipring_driver::dsp::progress::{Bank, Event};
use tipring_driver::dsp::{Lanes, SILENCE};
use tipring_driver::signal::ToneKind;

use crate::signal::{MS, Random, Signal, peak};
use crate::speech::Speech;

/// A tone as a network sends it.
#[derive(Debug)]
struct Sent {
    /// The exchange that sends it.
    by: &'static str,
    /// The profile that hears it.
    profile: &'static str,
    meaning: ToneKind,
    hz: &'static [f64],
    /// The frequency by which its amplitude swells, in hertz; 0 for none.
    swell_hz: f64,
    /// Sound, silence, … in ms; one span that does not end.
    spans: &'static [usize],
}

const fn sent(
    (by, profile): (&'static str, &'static str),
    meaning: ToneKind,
    hz: &'static [f64],
    spans: &'static [usize],
) -> Sent {
    Sent { by, profile, meaning, hz, swell_hz: 0.0, spans }
}

const TONES: [Sent; 19] = [
    sent(("IT", "DE"), ToneKind::Dial, &[425.0], &[200, 200, 600, 1000]),
    sent(("GR", "DE"), ToneKind::Dial, &[425.0], &[200, 300, 700, 800]),
    sent(("PH", "US"), ToneKind::Dial, &[425.0], &[60_000]),
    Sent { swell_hz: 25.0, ..sent(("IN", "DE"), ToneKind::Dial, &[400.0], &[60_000]) },
    sent(("FR", "DE"), ToneKind::Ringback, &[440.0], &[1500, 3500]),
    sent(("ES", "DE"), ToneKind::Ringback, &[425.0], &[1500, 3000]),
    sent(("HU", "DE"), ToneKind::Ringback, &[425.0], &[1250, 3750]),
    sent(("AU", "DE"), ToneKind::Ringback, &[413.0, 438.0], &[400, 200, 400, 2000]),
    Sent { swell_hz: 25.0, ..sent(("IN", "DE"), ToneKind::Ringback, &[400.0], &[400, 200, 400, 2000]) },
    sent(("SG", "DE"), ToneKind::Ringback, &[425.0], &[400, 200, 400, 2000]),
    sent(("TW", "US"), ToneKind::Ringback, &[440.0, 480.0], &[1000, 2000]),
    sent(("PH", "US"), ToneKind::Ringback, &[425.0, 480.0], &[1000, 4000]),
    sent(("BR", "DE"), ToneKind::Congestion, &[425.0], &[250, 250, 750, 250]),
    sent(("AU", "DE"), ToneKind::Busy, &[425.0], &[375, 375]),
    sent(("IN", "CN"), ToneKind::Busy, &[400.0], &[750, 750]),
    sent(("IN", "DE"), ToneKind::Busy, &[400.0], &[750, 750]),
    sent(("private exchange", "US"), ToneKind::Busy, &[480.0, 620.0], &[350, 350]),
    sent(("private exchange", "DE"), ToneKind::Busy, &[425.0], &[300, 300]),
    sent(("private exchange", "CN"), ToneKind::Busy, &[450.0], &[500, 500]),
];

impl Sent {
    /// Twelve seconds of it at a level in dBm0.
    fn signal(&self, dbm0: f64, random: &mut Random) -> Signal {
        let mut signal = Signal::default();
        signal.silence(400 * MS + random.below(80));
        let amplitude = peak(dbm0) / (self.hz.len() as f64).sqrt();
        let mut sounds = true;
        for span in self.spans.iter().cycle() {
            let room = (12_500 * MS).saturating_sub(signal.0.len());
            for n in 0..(span * MS).min(room) {
                let at = n as f64 / 8000.0;
                let swell =
                    if self.swell_hz > 0.0 { (1.0 + 0.9 * (TAU * self.swell_hz * at).sin()) / 1.9 } else { 1.0 };
                let sum: f64 = self.hz.iter().map(|hz| amplitude * (TAU * hz * at).sin()).sum();
                signal.0.push(if sounds { swell * sum } else { 0.0 });
            }
            if room == 0 {
                break;
            }
            sounds = !sounds;
        }
        signal.silence(400 * MS);
        signal.add_noise(-55.0, random);
        signal
    }
}

#[test]
fn the_nearest_profile_hears_what_the_tones_of_its_neighbours_mean() {
    const SEED: u64 = 180;
    let mut random = Random::new(SEED);
    for tone in &TONES {
        let country = Country::of(tone.profile).expect("a profile");
        for round in 0..6 {
            let dbm0 = random.between(-24.0, -8.0);
            let mut bank = Bank::new(1, &country.detection);
            let mut first = None;
            for tick in tone.signal(dbm0, &mut random).through_a_law().as_chunks::<8>().0.iter().chain([&SILENCE; 50]) {
                bank.step(&[*tick], &Lanes::first(1), &mut |_, event| match event {
                    Event::Recognised(meaning) => first = first.or(Some(meaning)),
                    Event::Begun | Event::Ended(_) => {}
                });
            }
            assert_eq!(
                first,
                Some(tone.meaning),
                "seed {SEED}, round {round}, {} in {}: {tone:?} at {dbm0:.1} dBm0",
                tone.by,
                tone.profile
            );
        }
    }
}

/// The more patterns there are, the more a voice may be taken for; a tone that releases must not be.
#[test]
fn an_hour_of_speech_holds_no_busy_tone() {
    const LANES: usize = 16;
    for code in ["DE", "US"] {
        let country = Country::of(code).expect("a profile");
        let mut voices: Vec<Speech> = (500..500 + LANES as u64).map(Speech::new).collect();
        let mut bank = Bank::new(LANES, &country.detection);
        for ms in 0..225_000 {
            let frames: Vec<_> = voices.iter_mut().map(|voice| core::array::from_fn(|_| voice.next())).collect();
            bank.step(&frames, &Lanes::first(LANES), &mut |lane, event| {
                if let Event::Recognised(tone @ (ToneKind::Busy | ToneKind::Congestion)) = event {
                    panic!("{tone:?} in {code}, voice {}, after {ms} ms", 500 + lane);
                }
            });
        }
    }
}
