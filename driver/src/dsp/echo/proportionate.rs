//! Proportionate steps: the part of a step that each block of taps takes, by the energy of the path in it, and the
//! spread of a filter.
//!
//! A path has its energy in a short stretch of taps. With larger steps there than elsewhere a long filter converges
//! nearly as fast as a short one, and double talk disturbs it less. A filter adapted by chance to two voices is spread
//! over all of its taps.
//!
//! Never: looks at what is sent or received.
//!
//! Sources: D. Duttweiler, 2000 (proportionate steps); J. Benesty, S. Gay, 2002 (half of the step the same for all).

use crate::dsp::vector::WIDTH;
use crate::dsp::vector::fir::ONE;

/// Blocks in a long filter, and the least taps in one: a filter that is no longer is short anyway, and has the same
/// weight all over.
const BLOCKS: usize = 16;
const SIZE_MIN: usize = 128;
/// The part of the weight that goes by the path; the rest is the same for all.
const BY_PATH: f32 = 0.5;
/// As much energy as is thought to be spread evenly over the filter, for a path that is hardly known: that of a path of
/// 20 dB of loss.
const EVEN: f32 = 0.01 * ONE * ONE;
/// Parts in which the spread is measured.
const PARTS: usize = 16;

/// The weights of the blocks, the first for the taps of the youngest samples. Their mean is 1.
#[derive(Debug, Clone)]
pub(super) struct Proportions {
    size: usize,
    blocks: Vec<f32>,
    /// The energy of each block of the filter, and the block that is looked at next.
    energies: Vec<f32>,
    turn: usize,
}

impl Proportions {
    /// Equal weights, for a filter of `taps` taps, a multiple of 8.
    pub(super) fn new(taps: usize) -> Proportions {
        let size = (taps / BLOCKS).next_multiple_of(WIDTH).max(SIZE_MIN);
        let count = taps.div_ceil(size);
        Proportions { size, blocks: vec![1.0; count], energies: vec![0.0; count], turn: 0 }
    }

    /// Forgets the path.
    pub(super) fn reset(&mut self) {
        self.blocks.fill(1.0);
        self.energies.fill(0.0);
        self.turn = 0;
    }

    /// Taps in a block. The last may have fewer.
    #[inline(always)]
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The weights.
    #[inline(always)]
    pub(super) fn blocks(&self) -> &[f32] {
        &self.blocks
    }

    /// The samples that a filter of `taps` sees up to the end of a block.
    #[inline(always)]
    pub(super) fn end(&self, block: usize, taps: usize) -> usize {
        (self.size * (block + 1)).min(taps)
    }

    /// Looks at the next block of the filter, whose last tap comes first, and weighs all anew after the last.
    #[inline(always)]
    pub(super) fn step(&mut self, filter: &[f32]) {
        if self.blocks.len() == 1 {
            return;
        }
        let taps = filter.len();
        self.energies[self.turn] = energy(&filter[taps - self.end(self.turn, taps)..taps - self.size * self.turn]);
        self.turn += 1;
        if self.turn < self.blocks.len() {
            return;
        }
        self.turn = 0;
        let even = EVEN / self.blocks.len() as f32;
        let mut sum = 0.0;
        for (weight, energy) in self.blocks.iter_mut().zip(&self.energies) {
            *weight = (*energy + even).sqrt();
            sum += *weight;
        }
        let scale = BY_PATH * self.blocks.len() as f32 / sum;
        for weight in &mut self.blocks {
            *weight = (1.0 - BY_PATH) + scale * *weight;
        }
    }
}

/// Spread of a filter: 1 if every part of it has as much energy, 1/16 if one part has all.
#[inline(always)]
pub(super) fn spread(filter: &[f32]) -> f32 {
    let size = filter.len().div_ceil(PARTS);
    let (mut sum, mut squares) = (0.0, f32::MIN_POSITIVE);
    for part in filter.chunks(size) {
        let energy = energy(part);
        sum += energy;
        squares += energy * energy;
    }
    sum * sum / (filter.len().div_ceil(size) as f32 * squares)
}

/// The sum of the squares.
#[inline(always)]
fn energy(taps: &[f32]) -> f32 {
    let (chunks, rest) = taps.as_chunks::<WIDTH>();
    let mut sums = [0.0; WIDTH];
    for chunk in chunks {
        for (sum, tap) in sums.iter_mut().zip(chunk) {
            *sum += tap * tap;
        }
    }
    sums.iter().chain(&[rest.iter().map(|tap| tap * tap).sum()]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_larger_where_the_path_is_and_nowhere_none() {
        for taps in [32, 40, 128, 520, 1024] {
            let mut weights = Proportions::new(taps);
            let mut filter = vec![0.0; taps];
            filter[taps - 9..taps - 1].fill(0.15 * ONE);
            for _ in 0..weights.blocks().len() {
                weights.step(&filter);
            }
            let blocks = weights.blocks();
            let mean = blocks.iter().sum::<f32>() / blocks.len() as f32;
            assert!((mean - 1.0).abs() < 1e-3, "{taps} taps: {blocks:?}");
            assert!(blocks[1..].iter().all(|weight| *weight >= 1.0 - BY_PATH && *weight < blocks[0]), "{blocks:?}");
            weights.reset();
            assert!(weights.blocks().iter().all(|weight| *weight == 1.0));
        }
    }

    #[test]
    fn a_path_is_less_spread_than_chance() {
        let path: Vec<f32> = (0..128_i32).rev().map(|n| 0.3 * 0.9_f32.powi(n) * (n as f32 * 0.7).cos()).collect();
        let chance: Vec<f32> = (0..128).map(|n| 0.1 * (n as f32 * 0.61).sin()).collect();
        assert!(spread(&path) < 0.2, "{}", spread(&path));
        assert!(spread(&chance) > 0.9, "{}", spread(&chance));
        assert_eq!(spread(&[0.0; 64]), 0.0);
    }
}
