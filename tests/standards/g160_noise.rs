//! ITU-T G.160 appendix II: what noise reduction does to noise and to speech, at 6, 12 and 18 dB of signal-to-noise ratio.
//!
//! SNRI is how much better the signal-to-noise ratio is, over frames of loud, middle and soft speech; TNLR how much lower noise alone is;
//! DSN the difference of the two, which tells whether speech suffers. Targets: SNRI of at least 4 dB, TNLR of -5 dB or less, DSN within 4 dB,
//! speech within 2 dB of its level.
//!
//! Where it falls short of G.160: voices and noises are made here, not recorded; frames are 10 ms and their classes by the clean speech
//! against its active level are ours (loud from -1 dB, middle from -10, soft from -16, noise alone below -45), and the mean of each class is of
//! logarithms, as in the later edition.

use tipring_driver::dsp::enhance::Enhancement;
use tipring_tests::seed::with_seeds;

use crate::enhanced::{NOISES, Noise, SECOND, active_dbm0, at_level, dbm0_of, enhanced, sum, talk};
use crate::signal::Signal;

const REDUCTION: Enhancement = Enhancement { noise_reduction: true, level_control: false };
/// 10 ms.
const FRAME: usize = 80;

/// The figures of one voice in one noise.
#[derive(Debug, Clone, Copy)]
struct Figures {
    snri_db: f64,
    tnlr_db: f64,
    dsn_db: f64,
    /// How much louder speech comes out, as far as it is still the same.
    speech_db: f64,
}

fn figures(clean: &[f64], noisy: &[f64], out: &[f64]) -> Figures {
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

fn tried(seed: u64, noise: Noise, snr_db: f64) -> Figures {
    let clean = talk(seed, -20.0, 24, 4.0, 2.0);
    let noisy = sum(&clean, &noise.samples(seed, -20.0 - snr_db, clean.len()));
    figures(&clean, &noisy, &enhanced(REDUCTION, &noisy))
}

#[test]
fn noise_goes_down_and_speech_stays() {
    with_seeds("standards", "noise_goes_down_and_speech_stays", 1..4, |seed| {
        for noise in NOISES {
            for snr_db in [6.0, 12.0, 18.0] {
                let found = tried(seed, noise, snr_db);
                println!("{noise:?} at {snr_db} dB: {found:.1?}");
            }
        }
    });
}
