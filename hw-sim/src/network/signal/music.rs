//! Music, as those who wait or call hear it: a tune of its own for each seed, which no network's signal is.
//!
//! Notes of a major scale, in a steady beat, struck and fading, with their harmonics: what a detector of tones and
//! cadences meets on hold and in custom ringback. In every fourth bar the tune rests for a beat.
//!
//! Never: plays at random; the same seed plays the same tune.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Oscillator, PEAK_0_DBM0, SAMPLES_PER_MS, amplitude, to_sample};
use crate::network::Sound;

/// Frequencies in a note: itself and its harmonics.
const PARTS: usize = 4;
/// Their amplitudes.
const TIMBRE: [f32; PARTS] = [1.0, 0.5, 0.3, 0.2];
/// The steps of a major scale, in half tones.
const SCALE: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
/// A quarter note at 120 in a minute, in ms.
const BEAT_MS: u32 = 500;
/// A note has lost so much after a second, in decibels.
const FADING_DB: f32 = 18.0;
/// Beats after which the tune rests for one.
const PHRASE_BEATS: u32 = 16;

/// A tune that goes on for ever.
#[derive(Debug, Clone)]
pub struct Music {
    rng: ChaCha8Rng,
    parts: [Oscillator; PARTS],
    degree: i32,
    peak: f32,
    /// Present amplitude of the note, and its decay in a millisecond.
    now: f32,
    left_ms: u32,
    played_ms: u32,
}

impl Music {
    /// The tune of `seed`, its notes struck at this level in dBm0.
    pub fn new(seed: u64, dbm0: f32) -> Music {
        Music {
            rng: ChaCha8Rng::seed_from_u64(seed),
            parts: [Oscillator::new(0.0); PARTS],
            degree: 7,
            peak: PEAK_0_DBM0 * amplitude(dbm0),
            now: 0.0,
            left_ms: 0,
            played_ms: 0,
        }
    }

    /// The next millisecond.
    pub fn next_ms(&mut self) -> Sound {
        if self.left_ms == 0 {
            self.next_note();
        }
        self.left_ms -= 1;
        self.played_ms += 1;
        self.now *= amplitude(-FADING_DB / 1000.0);
        let total: f32 = TIMBRE.iter().sum();
        let loudness = self.peak * self.now / total;
        let mut sound = [0; SAMPLES_PER_MS];
        for sample in &mut sound {
            let sum: f32 = self.parts.iter_mut().zip(TIMBRE).map(|(part, share)| share * part.sample()).sum();
            *sample = to_sample(loudness * sum);
        }
        sound
    }

    /// Steps of a scale rather than leaps; halves, quarters and eighths.
    fn next_note(&mut self) {
        let rests = self.played_ms / BEAT_MS % PHRASE_BEATS == PHRASE_BEATS - 1;
        self.left_ms = match self.rng.random_range(0..4) {
            0 => BEAT_MS / 2,
            1 if !rests => 2 * BEAT_MS,
            _ => BEAT_MS,
        };
        self.degree = (self.degree + self.rng.random_range(-2..=2)).clamp(0, 14);
        let half_tones = SCALE[self.degree as usize % SCALE.len()] + 12 * (self.degree / SCALE.len() as i32);
        // From the C below middle A, 261.6 Hz.
        let hertz = 261.63 * 2f32.powf(half_tones as f32 / 12.0);
        self.now = if rests { 0.0 } else { 1.0 };
        for (harmonic, part) in (1u8..).zip(&mut self.parts) {
            *part = Oscillator::new(hertz * f32::from(harmonic));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::signal::{level_dbm0, mean_square};

    #[test]
    fn tunes_differ_and_are_as_loud_as_asked() {
        let tune = |seed| -> Vec<i16> {
            let mut music = Music::new(seed, -13.0);
            (0..10_000).flat_map(|_| music.next_ms()).collect()
        };
        assert_ne!(tune(1), tune(2));
        let level = level_dbm0(mean_square(&tune(1)));
        assert!((-30.0..-13.0).contains(&level), "{level}");
    }
}
