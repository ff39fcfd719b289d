//! ITU-T G.160 appendix II: what noise reduction does to noise and to speech, at 6, 12 and 18 dB of signal-to-noise
//! ratio.
//!
//! SNRI is how much better the signal-to-noise ratio is, over frames of loud, middle and soft speech; TNLR how much
//! lower noise alone is; DSN the difference of the two, which tells whether speech suffers. Targets: SNRI of at least 4
//! dB, TNLR of -5 dB or less, DSN within 4 dB, speech within 2 dB of its level.
//!
//! Where it falls short of G.160: voices and noises are made here, not recorded; frames are 10 ms and their classes by
//! the clean speech against its active level are ours (loud from -1 dB, middle from -10, soft from -16, noise alone
//! below -45), and the mean of each class is of logarithms, as in the later edition.

use tipring_driver::dsp::enhance::Enhancement;
use tipring_tests::seed::with_seeds;

use crate::enhanced::{Figures, NOISES, Noise, SECOND, active_dbm0, dbm0_of, enhanced, sum, talk};
use crate::signal::Signal;

const REDUCTION: Enhancement = Enhancement { noise_reduction: true, level_control: false };
fn tried(seed: u64, noise: Noise, snr_db: f64) -> Figures {
    let clean = talk(seed, -20.0, 24, 4.0, 2.0);
    let noisy = sum(&clean, &noise.samples(seed, -20.0 - snr_db, clean.len()));
    Figures::of(&clean, &noisy, &enhanced(REDUCTION, &noisy))
}

#[test]
fn noise_goes_down_and_speech_stays() {
    with_seeds("standards", "noise_goes_down_and_speech_stays", 1..3, |seed| {
        for noise in NOISES {
            for snr_db in [6.0, 12.0, 18.0] {
                let found = tried(seed, noise, snr_db);
                let measured = format!("{noise:?} at {snr_db} dB: {found:.1?}");
                println!("{measured}");
                assert!(found.snri_db >= 4.0, "SNRI: {measured}");
                assert!(found.tnlr_db <= -5.0, "TNLR: {measured}");
                assert!(found.dsn_db.abs() <= 4.0, "DSN: {measured}");
                assert!(found.speech_db.abs() <= 2.0, "speech: {measured}");
            }
        }
    });
}

/// A talk without noise comes back nearly as it was, pauses or none, through A-law, too, loud and soft.
#[test]
fn where_there_is_no_noise_next_to_nothing_changes() {
    with_seeds("standards", "where_there_is_no_noise_next_to_nothing_changes", 1..3, |seed| {
        for (dbm0, pause_s) in [(-10.0, 2.0), (-35.0, 2.0), (-20.0, 0.0)] {
            let clean = talk(seed, dbm0, 24, 4.0, pause_s);
            let line: Vec<f64> = Signal(clean).through_a_law().into_iter().map(f64::from).collect();
            let out = enhanced(REDUCTION, &line);
            let changed: Vec<f64> = out.iter().zip(&line).map(|(out, line)| out - line).collect();
            let (below, level) = (dbm0_of(&line) - dbm0_of(&changed), active_dbm0(&out) - active_dbm0(&line));
            println!("{dbm0} dBm0, pauses of {pause_s} s: the change is {below:.1} dB down, the level {level:.2} dB");
            assert!(below >= if pause_s > 0.0 { 18.0 } else { 14.0 }, "{dbm0} dBm0: the change is {below:.1} dB down");
            assert!(level.abs() <= 0.6, "{dbm0} dBm0: {level:.2} dB");
        }
    });
}

/// Residual noise is as even as the input: no musical noise. Measured by the variation of the level of narrow bands
/// from frame to frame, which grows when only the peaks of a noise are left.
#[test]
fn what_is_left_of_noise_does_not_ring() {
    with_seeds("standards", "what_is_left_of_noise_does_not_ring", 1..3, |seed| {
        let noise = Noise::White.samples(seed, -40.0, 10 * SECOND);
        let out = enhanced(REDUCTION, &noise);
        let spread = |samples: &[f64]| {
            let powers: Vec<f64> =
                (1..30).flat_map(|band| band_powers(&samples[3 * SECOND..], f64::from(band) * 125.0)).collect();
            let mean = powers.iter().sum::<f64>() / powers.len() as f64;
            powers.iter().map(|power| (power / mean).powi(2)).sum::<f64>() / powers.len() as f64
        };
        let (before, after) = (spread(&noise), spread(&out));
        println!("mean square over squared mean of a band's power: {before:.2} before, {after:.2} after");
        assert!(after < 1.5 * before, "{after:.2}, before {before:.2}");
    });
}

/// The power around a frequency, in pieces of 16 ms.
fn band_powers(samples: &[f64], hz: f64) -> Vec<f64> {
    let piece = |piece: &[f64]| {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, sample) in piece.iter().enumerate() {
            let angle = std::f64::consts::TAU * hz * n as f64 / SECOND as f64;
            let weight = (std::f64::consts::PI * (n as f64 + 0.5) / piece.len() as f64).sin();
            re += weight * sample * angle.cos();
            im += weight * sample * angle.sin();
        }
        re * re + im * im
    };
    samples.chunks_exact(128).map(piece).collect()
}

/// Noise that becomes louder, as when a window is opened, is known within five seconds, and noise that ends leaves
/// nothing behind.
#[test]
fn a_change_of_noise_is_followed() {
    let parts = [(-45.0, 8), (-35.0, 12), (-55.0, 8)];
    let noise: Vec<f64> =
        parts.iter().enumerate().flat_map(|(n, (dbm0, s))| Noise::White.samples(n as u64, *dbm0, s * SECOND)).collect();
    let out = enhanced(REDUCTION, &noise);
    let mut from = 0;
    for (dbm0, seconds) in parts {
        let end = from + seconds * SECOND;
        let reduction = dbm0_of(&out[end - 2 * SECOND..end]) - dbm0;
        println!("{dbm0} dBm0: {reduction:.1} dB in the end");
        assert!(reduction <= -8.0, "{dbm0} dBm0: {reduction:.1} dB");
        from = end;
    }
}
