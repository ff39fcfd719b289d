//! Noise reduction by the figures of G.160 appendix II, ours beside speexdsp's: its effect on noise and on speech, and
//! the level of voices in the output.
//!
//! speexdsp's preprocessor is asked as its defaults have it: noise 15 dB down, and level control for a target of its
//! own, so its level is compared by how far soft and loud voices come out apart, not by where. How the figures are
//! taken stands in `tests/standards/g160_noise.rs`. Its output is a frame late, which is taken off.

use tipring_driver::dsp::enhance::Enhancement;

use crate::enhanced::{Figures, NOISES, SECOND, active_dbm0, enhanced, sum, talk};
#[cfg(feature = "peers")]
use crate::peers::SpeexPreprocess;

/// Voices.
const VOICES: std::ops::Range<u64> = 1..6;
const REDUCTION: Enhancement = Enhancement { noise_reduction: true, level_control: false };

#[cfg(feature = "peers")]
fn peer(level_control: bool, samples: &[f64]) -> Option<Vec<f64>> {
    let samples: Vec<i16> = samples.iter().map(|sample| sample.round().clamp(-32_768.0, 32_767.0) as i16).collect();
    Some(SpeexPreprocess::new(level_control).run(&samples).into_iter().map(f64::from).collect())
}

#[cfg(not(feature = "peers"))]
fn peer(_level_control: bool, _samples: &[f64]) -> Option<Vec<f64>> {
    None
}

/// Prints the tables.
pub fn run() {
    println!("\n{:40}{:>26}{:>26}", "SNRI, TNLR, DSN, speech; dB, means", "tipring", "speexdsp");
    for noise in NOISES {
        for snr_db in [6.0, 12.0, 18.0] {
            let (mut own, mut other) = (Vec::new(), Vec::new());
            for seed in VOICES {
                let clean = talk(seed, -20.0, 24, 4.0, 2.0);
                let noisy = sum(&clean, &noise.samples(seed, -20.0 - snr_db, clean.len()));
                own.push(Figures::of(&clean, &noisy, &enhanced(REDUCTION, &noisy)));
                other
                    .extend(peer(false, &noisy).map(|out| Figures::of(&clean[..out.len()], &noisy[..out.len()], &out)));
            }
            println!("{:40}{:>26}{:>26}", format!("{noise:?} noise, {snr_db} dB"), shown(&own), shown(&other));
        }
    }
    println!("\n{:40}{:>26}{:>26}", "active level that comes out, dBm0", "tipring", "speexdsp");
    for dbm0 in [-35.0, -25.0, -15.0, -10.0] {
        let level = |out: &[f64]| active_dbm0(&out[9 * SECOND..]);
        let voices = || VOICES.map(|seed| talk(seed, dbm0, 24, 4.0, 1.0));
        let own: Vec<f64> = voices().map(|voice| level(&enhanced(Enhancement::ALL, &voice))).collect();
        let other: Vec<f64> = voices().filter_map(|voice| peer(true, &voice).map(|out| level(&out))).collect();
        println!("{:40}{:>26}{:>26}", format!("a voice of {dbm0} dBm0, least to most"), range(&own), range(&other));
    }
}

fn shown(figures: &[Figures]) -> String {
    if figures.is_empty() {
        return "-".to_owned();
    }
    let mean = |of: fn(&Figures) -> f64| figures.iter().map(of).sum::<f64>() / figures.len() as f64;
    format!(
        "{:.1} {:.1} {:.1} {:.1}",
        mean(|found| found.snri_db),
        mean(|found| found.tnlr_db),
        mean(|found| found.dsn_db),
        mean(|found| found.speech_db)
    )
}

fn range(levels: &[f64]) -> String {
    let least = levels.iter().copied().reduce(f64::min);
    let most = levels.iter().copied().reduce(f64::max);
    least.zip(most).map_or("-".to_owned(), |(least, most)| format!("{least:.1} to {most:.1}"))
}
