//! Test signals of the enhancement of recordings: voices with pauses, noises of several kinds; and meters of this
//! test's own for the output.

use std::convert::Infallible;

use tipring_driver::dsp::enhance::{Enhancement, Enhancer};

use crate::signal::{Random, peak};
use crate::speech::Speech;

pub const SECOND: usize = 8000;

/// Both sides through an enhancer.
pub fn enhanced_pair(enhancement: Enhancement, left: &[f64], right: &[f64]) -> [Vec<f64>; 2] {
    let mut enhancer = Enhancer::new(enhancement);
    let mut out = [Vec::new(), Vec::new()];
    let mut write = |left: &[i16], right: &[i16]| -> Result<(), Infallible> {
        out[0].extend(left.iter().map(|sample| f64::from(*sample)));
        out[1].extend(right.iter().map(|sample| f64::from(*sample)));
        Ok(())
    };
    let whole = |samples: &[f64]| -> Vec<i16> {
        samples.iter().map(|sample| sample.round().clamp(-32_768.0, 32_767.0) as i16).collect()
    };
    for (left, right) in whole(left).as_chunks().0.iter().zip(whole(right).as_chunks().0) {
        let Ok(()) = enhancer.step(&[*left, *right], &mut write);
    }
    let Ok(()) = enhancer.finish(&mut write);
    out
}

/// Runs one side through an enhancer; the other side is silent.
pub fn enhanced(enhancement: Enhancement, samples: &[f64]) -> Vec<f64> {
    let [out, _] = enhanced_pair(enhancement, samples, &vec![0.0; samples.len()]);
    out
}

/// A voice that says something for `talk_s` seconds and listens for `pause_s`, again and again, at an active level in
/// dBm0. It begins with a pause.
pub fn talk(seed: u64, dbm0: f64, seconds: usize, talk_s: f64, pause_s: f64) -> Vec<f64> {
    let mut voice = Speech::new(seed);
    let period = ((talk_s + pause_s) * SECOND as f64) as usize;
    let pause = (pause_s * SECOND as f64) as usize;
    let speaks = |n: usize| n % period >= pause;
    let samples: Vec<f64> =
        (0..seconds * SECOND).map(|n| if speaks(n) { f64::from(voice.next()) } else { 0.0 }).collect();
    at_level(&samples, dbm0 - active_dbm0(&samples))
}

/// Returns the samples with `db` dB of gain.
pub fn at_level(samples: &[f64], db: f64) -> Vec<f64> {
    samples.iter().map(|sample| sample * 10_f64.powf(db / 20.0)).collect()
}

pub fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// Noises of a line and of what is around a telephone.
#[derive(Debug, Clone, Copy)]
pub enum Noise {
    White,
    /// Less and less towards high frequencies, as in a car.
    Low,
    /// Of the mains, with its harmonics, and a little white noise.
    Hum,
    /// Many voices at once.
    Babble,
}

pub const NOISES: [Noise; 4] = [Noise::White, Noise::Low, Noise::Hum, Noise::Babble];

impl Noise {
    /// Returns `count` samples of the noise with this mean power, in dBm0.
    pub fn samples(self, seed: u64, dbm0: f64, count: usize) -> Vec<f64> {
        let mut random = Random::new(seed);
        let samples: Vec<f64> = match self {
            Noise::White => (0..count).map(|_| random.gauss()).collect(),
            Noise::Low => {
                let mut before = 0.0;
                let mut next = || {
                    before = 0.9 * before + random.gauss();
                    before
                };
                (0..count).map(|_| next()).collect()
            }
            Noise::Hum => (0..count)
                .map(|n| {
                    let at = n as f64 / SECOND as f64;
                    let hum = [(50.0, 1.0), (100.0, 0.3), (150.0, 0.7), (250.0, 0.4), (350.0, 0.3), (450.0, 0.2)];
                    let tones = hum.iter().map(|(hz, part)| part * (std::f64::consts::TAU * hz * at).sin());
                    tones.sum::<f64>() + 0.1 * random.gauss()
                })
                .collect(),
            Noise::Babble => {
                let mut voices: Vec<Speech> = (0..24).map(|voice| Speech::new(1000 * seed + voice)).collect();
                (0..count).map(|_| voices.iter_mut().map(|voice| f64::from(voice.next())).sum()).collect()
            }
        };
        at_level(&samples, dbm0 - dbm0_of(&samples))
    }
}

/// The level of the mean power, in dBm0.
pub fn dbm0_of(samples: &[f64]) -> f64 {
    let mean = samples.iter().map(|sample| sample * sample).sum::<f64>() / samples.len() as f64;
    10.0 * (mean.max(1e-9) * 2.0 / peak(0.0).powi(2)).log10()
}

/// The active speech level, in dBm0: ITU-T P.56, method B, over the whole of it.
pub fn active_dbm0(samples: &[f64]) -> f64 {
    const MARGIN_DB: f64 = 15.9;
    let decay = (-1.0 / (0.03 * SECOND as f64)).exp();
    let hang_over = SECOND / 5;
    let thresholds: Vec<f64> = (0..15).map(|power| 2_f64.powi(power)).collect();
    let mut active = vec![0_u64; thresholds.len()];
    let mut since = vec![hang_over; thresholds.len()];
    let (mut p, mut q, mut squares) = (0.0, 0.0, 0.0);
    for sample in samples {
        squares += sample * sample;
        p = decay * p + (1.0 - decay) * sample.abs();
        q = decay * q + (1.0 - decay) * p;
        for ((threshold, active), since) in thresholds.iter().zip(&mut active).zip(&mut since) {
            *since = if q >= *threshold { 0 } else { *since + 1 };
            *active += u64::from(*since < hang_over);
        }
    }
    let over = |index: usize| {
        let level = 10.0 * (squares / active[index] as f64).log10();
        (level, level - 20.0 * thresholds[index].log10() - MARGIN_DB)
    };
    let crossing = (1..thresholds.len()).find(|index| active[*index] == 0 || over(*index).1 <= 0.0);
    let reference = 20.0 * (peak(0.0) / 2_f64.sqrt()).log10();
    match crossing {
        Some(index) if active[index] > 0 => {
            let ((below, above), (level, under)) = (over(index - 1), over(index));
            below + (level - below) * above / (above - under) - reference
        }
        _ => f64::NEG_INFINITY,
    }
}

/// 10 ms.
const FRAME: usize = 80;

/// The figures of G.160 appendix II for one voice in one noise; how they are taken stands in `g160_noise.rs`.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub snri_db: f64,
    pub tnlr_db: f64,
    pub dsn_db: f64,
    /// Gain of speech, in dB, measured on the part of the output that is the input's.
    pub speech_db: f64,
}

impl Figures {
    /// Of the clean voice, the same with its noise, and what came of that.
    pub fn of(clean: &[f64], noisy: &[f64], out: &[f64]) -> Figures {
        let active = active_dbm0(clean);
        // What was heard first taught it what the noise is.
        let from = 2 * SECOND / FRAME;
        let frames = || (from..clean.len() / FRAME).map(|frame| frame * FRAME..(frame + 1) * FRAME);
        let mean = |samples: &[f64], least: f64, most: f64| {
            let levels: Vec<f64> = frames()
                .filter(|frame| (least..most).contains(&(dbm0_of(&clean[frame.clone()]) - active)))
                .map(|frame| dbm0_of(&samples[frame]))
                .collect();
            (levels.iter().sum::<f64>() / levels.len() as f64, levels.len() as f64)
        };
        let (noise_in, _) = mean(noisy, f64::NEG_INFINITY, -45.0);
        let (noise_out, _) = mean(out, f64::NEG_INFINITY, -45.0);
        let ratio = |level: f64, noise: f64| 10.0 * (10_f64.powf((level - noise) / 10.0) - 1.0).max(0.1).log10();
        let (mut improvement, mut weight) = (0.0, 0.0);
        for (least, most) in [(-1.0, 30.0), (-10.0, -1.0), (-16.0, -10.0)] {
            let (level_in, count) = mean(noisy, least, most);
            let (level_out, _) = mean(out, least, most);
            improvement += count * (ratio(level_out, noise_out) - ratio(level_in, noise_in));
            weight += count;
        }
        let (snri_db, tnlr_db) = (improvement / weight, noise_out - noise_in);
        let (mut common, mut own) = (0.0, 0.0);
        for (out, clean) in out.iter().zip(clean).skip(2 * SECOND) {
            common += out * clean;
            own += clean * clean;
        }
        Figures { snri_db, tnlr_db, dsn_db: snri_db + tnlr_db, speech_db: 20.0 * (common / own).log10() }
    }
}
