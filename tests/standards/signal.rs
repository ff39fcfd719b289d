//! Signals in 16-bit samples at 8 kHz: tones of any frequency, level and length, noise, and the line's A-law.

use std::f64::consts::TAU;

use tipring_driver::card::Law;
use tipring_driver::dsp::g711;

/// Samples in a millisecond.
pub const MS: usize = 8;

/// The peak of a sine at a level in dBm0 (ITU-T G.711: 0 dBm0 is 3.14 dB below a full A-law sine).
#[allow(clippy::approx_constant, reason = "3.14 dB, and no circle anywhere")]
pub fn peak(dbm0: f64) -> f64 {
    32_768.0 * 10_f64.powf((dbm0 - 3.14) / 20.0)
}

/// A sample as a line of A-law brings it.
pub fn through_a_law(sample: f64) -> i16 {
    g711::decode(Law::A, g711::encode(Law::A, sample.round().clamp(-32_768.0, 32_767.0) as i16))
}

/// Random numbers from a seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ word >> 31
    }

    /// From 0 up to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.unit()
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }

    /// Gaussian, of variance 1, by the sum of twelve.
    pub fn gauss(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// A signal being put together, not yet rounded.
#[derive(Debug, Clone, Default)]
pub struct Signal(pub Vec<f64>);

impl Signal {
    pub fn silence(&mut self, samples: usize) {
        self.0.resize(self.0.len() + samples, 0.0);
    }

    /// Adds tones: frequencies in hertz with levels in dBm0, for `samples` samples, each at a random phase.
    pub fn tones(&mut self, samples: usize, tones: &[(f64, f64)]) {
        for n in 0..samples {
            let sum = tones
                .iter()
                .enumerate()
                .map(|(index, (hz, dbm0))| peak(*dbm0) * (TAU * hz * n as f64 / 8000.0 + index as f64).sin());
            self.0.push(sum.sum());
        }
    }

    /// Tones gliding by a part of each frequency in a second; in the middle they are what they are said to be.
    pub fn glide(&mut self, samples: usize, tones: &[(f64, f64)], part: f64) {
        for n in 0..samples {
            let (seconds, middle) = (n as f64 / 8000.0, samples as f64 / 16_000.0);
            let turned = seconds * (1.0 + part * (seconds / 2.0 - middle));
            let sum = tones
                .iter()
                .enumerate()
                .map(|(index, (hz, dbm0))| peak(*dbm0) * (TAU * hz * turned + index as f64).sin());
            self.0.push(sum.sum());
        }
    }

    /// Adds white noise of a power in dBm0 over everything so far.
    pub fn add_noise(&mut self, dbm0: f64, random: &mut Random) {
        let rms = peak(dbm0) / 2_f64.sqrt();
        for sample in &mut self.0 {
            *sample += rms * random.gauss();
        }
    }

    /// Adds tones over everything so far.
    pub fn add_tones(&mut self, tones: &[(f64, f64)]) {
        let mut other = Signal::default();
        other.tones(self.0.len(), tones);
        for (sample, more) in self.0.iter_mut().zip(other.0) {
            *sample += more;
        }
    }

    /// Adds an echo of all so far: `late` samples of delay, at `db` dB relative to the original.
    pub fn add_echo(&mut self, late: usize, db: f64) {
        let gain = 10_f64.powf(db / 20.0);
        let echo: Vec<f64> = self.0.iter().map(|sample| gain * sample).collect();
        for (sample, echo) in self.0.iter_mut().skip(late).zip(echo) {
            *sample += echo;
        }
    }

    /// Rounded, clipped, and through A-law as a line would have it.
    pub fn through_a_law(&self) -> Vec<i16> {
        self.0.iter().map(|sample| through_a_law(*sample)).collect()
    }
}
