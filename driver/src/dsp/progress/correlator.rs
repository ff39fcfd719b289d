//! Correlators of a call progress detector: the frequencies of a network in a block of 10 ms.
//!
//! Never: lets a lane look at another.

use super::lane::BLOCK_MS;
use crate::dsp::level;
use crate::dsp::vector::Wide;
use crate::time::{SAMPLE_RATE_HZ, SAMPLES_PER_TICK};

/// Ticks of a block.
pub(super) const TICKS_PER_BLOCK: usize = BLOCK_MS as usize;
/// Samples of a block.
pub(super) const BLOCK: usize = TICKS_PER_BLOCK * SAMPLES_PER_TICK;
/// Different frequencies that a country's patterns may have.
pub(super) const TONES_MAX: usize = 8;
/// Cosine and sine of one frequency at half a sample, one and a half, … from the middle of a block.
pub(super) type Waves = [[f32; 2]; BLOCK / 2];

/// Rotation of a block's results: cosine and sine of each frequency.
pub(super) type Turns = [[f32; 2]; TONES_MAX];

/// Real and imaginary part of each frequency.
pub(super) type Phasors = [[Wide; 2]; TONES_MAX];

/// The waves of a frequency.
pub(super) fn waves(hz: f64) -> Waves {
    let mut waves = [[0.0; 2]; BLOCK / 2];
    for (n, wave) in waves.iter_mut().enumerate() {
        let turns = hz / f64::from(SAMPLE_RATE_HZ) * (n as f64 + 0.5);
        *wave = [level::cosine(turns) as f32, level::sine(turns) as f32];
    }
    waves
}

/// The energy of a block.
#[inline(always)]
pub(super) fn energy(stored: &[Wide; BLOCK]) -> Wide {
    let (earlier, later) = stored.split_at(BLOCK / 2);
    let mut energy = Wide::ZERO;
    for (earlier, later) in earlier.iter().rev().zip(later) {
        energy += *later * *later + *earlier * *earlier;
    }
    energy
}

/// The frequencies of a block.
#[inline(always)]
pub(super) fn correlate(stored: &[Wide; BLOCK], waves: &[Waves], turns: &Turns, phasors: &mut Phasors) {
    let (fours, rest) = waves.as_chunks::<4>();
    for (index, waves) in fours.iter().enumerate() {
        correlate_some(stored, waves, &turns[4 * index..], &mut phasors[4 * index..]);
    }
    let (turns, phasors) = (&turns[4 * fours.len()..], &mut phasors[4 * fours.len()..]);
    if let Some(waves) = rest.first_chunk::<3>() {
        correlate_some(stored, waves, turns, phasors);
    } else if let Some(waves) = rest.first_chunk::<2>() {
        correlate_some(stored, waves, turns, phasors);
    } else if let Some(waves) = rest.first_chunk::<1>() {
        correlate_some(stored, waves, turns, phasors);
    }
}

/// A few frequencies of a block: no more than have room in registers for their sums.
#[inline(always)]
fn correlate_some<const N: usize>(
    stored: &[Wide; BLOCK],
    waves: &[Waves; N],
    turns: &[[f32; 2]],
    phasors: &mut [[Wide; 2]],
) {
    // Folded about the middle: the sums see only cosines, the differences only sines.
    let mut sums = [[Wide::ZERO; 2]; N];
    for n in 0..BLOCK / 2 {
        let (later, earlier) = (stored[BLOCK / 2 + n], stored[BLOCK / 2 - 1 - n]);
        let (both, apart) = (later + earlier, later - earlier);
        for ([re, im], waves) in sums.iter_mut().zip(waves) {
            *re += both * waves[n][0];
            *im += apart * waves[n][1];
        }
    }
    for (([re, im], [cosine, sine]), phasor) in sums.into_iter().zip(turns).zip(phasors) {
        // (re - i im) turned back.
        *phasor = [re * *cosine - im * *sine, Wide::ZERO - (im * *cosine + re * *sine)];
    }
}
