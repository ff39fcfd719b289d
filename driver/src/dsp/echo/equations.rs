//! The learner's equations: what the far end has in common with itself at each sample of a tick, as the weighted filter sees it.
//!
//! The sums move on from tick to tick, block by block of the filter, so that each block can have a weight of its own at the cost of
//! a look at its ends. Eight lines' equations are solved side by side.
//!
//! Never: looks at the near end.

use super::weights::Weights;
use crate::dsp::wide::{self, WIDTH, Wide};
use crate::time::SAMPLES_PER_TICK;

/// Older samples than the filter sees, for correlations that leave it.
pub const MARGIN: usize = 2 * SAMPLES_PER_TICK;
/// The youngest samples that the filter sees, for a judgement of what is being sent now: 16 ms.
pub const YOUNG: usize = 128;

/// The correlation of the far end with itself as the filter sees it at each sample of a tick, so many samples apart as the lane is
/// short of the last: the lower half of the equations' matrix, each row ending in the last lane with what stands on the diagonal.
pub type Equations = [Wide; WIDTH];

/// What stands in a row and a column of the lower half.
#[inline(always)]
const fn lane(row: usize, column: usize) -> usize {
    WIDTH - 1 - (row - column)
}

/// Correlation of the far end with itself, 0 to 7 samples apart, over each block of the filter. Whole numbers.
#[derive(Debug, Clone)]
pub struct Correlation {
    blocks: Vec<[f64; WIDTH]>,
}

impl Correlation {
    /// Of nothing.
    pub fn new(weights: &Weights) -> Correlation {
        Correlation { blocks: vec![[0.0; WIDTH]; weights.blocks().len()] }
    }

    /// Forgets what was sent.
    pub fn clear(&mut self) {
        self.blocks.fill([0.0; WIDTH]);
    }

    /// The far end's power over the whole filter: the sum of its squares.
    #[inline(always)]
    pub fn power(&self) -> f32 {
        self.blocks.iter().map(|block| block[0]).sum::<f64>() as f32
    }

    /// Moves on by a tick, and writes down the weighted equations. `seen` reaches [`MARGIN`] farther back than the filter.
    ///
    /// A tick's products are whole numbers, rounded or not, and come off as they were put on: the sums stay exact for ever.
    #[inline(always)]
    pub fn step(&mut self, seen: &[f32], weights: &Weights, equations: &mut Equations) {
        let taps = seen.len() - MARGIN;
        let mut gained = products_at(seen, 0);
        let mut sums = Wide::ZERO;
        for (index, block) in self.blocks.iter_mut().enumerate() {
            let weight = weights.blocks()[index];
            let lost = products_at(seen, weights.end(index, taps));
            for ((row, gained), lost) in equations.iter_mut().zip(&gained).zip(&lost) {
                *row += (*gained - *lost) * weight;
            }
            let mut own = Wide::ZERO;
            let (on, off) = (gained[SAMPLES_PER_TICK - 1], lost[SAMPLES_PER_TICK - 1]);
            for (apart, sum) in block.iter_mut().enumerate() {
                let at = lane(apart, 0);
                own.0[at] = *sum as f32;
                *sum += f64::from(on.0[at]) - f64::from(off.0[at]);
            }
            sums += own * weight;
            gained = lost;
        }
        for row in equations {
            *row += sums;
        }
    }

    /// What part of the power of the youngest samples cannot be predicted from the seven before each. After [`Correlation::step`].
    #[inline(always)]
    pub fn unpredicted(&self, seen: &[f32], weights: &Weights) -> f32 {
        let taps = seen.len() - MARGIN;
        let blocks = YOUNG.div_ceil(weights.size()).min(self.blocks.len());
        let mut sums = Wide::ZERO;
        for (at, lane) in sums.0.iter_mut().rev().enumerate() {
            *lane = self.blocks[..blocks].iter().map(|block| block[at]).sum::<f64>() as f32;
        }
        // The sums are those after the tick: its products before each sample come off again.
        let gained = products_at(seen, 0);
        let lost = products_at(seen, weights.end(blocks - 1, taps));
        let last = gained[SAMPLES_PER_TICK - 1] - lost[SAMPLES_PER_TICK - 1];
        let mut young = [Wide::ZERO; WIDTH];
        for ((row, gained), lost) in young.iter_mut().zip(&gained).zip(&lost) {
            *row = sums - last + (*gained - *lost);
        }
        unpredicted(&young) / power(&young)
    }
}

/// The products of a tick's samples that so many samples ago were the last.
#[inline(always)]
fn products_at(seen: &[f32], ago: usize) -> [Wide; SAMPLES_PER_TICK] {
    let mut rows = [Wide::ZERO; SAMPLES_PER_TICK];
    products(&seen[seen.len() - ago - SAMPLES_PER_TICK - WIDTH + 1..], &mut rows);
    rows
}

/// Sums of a tick's samples, up to each of them, with those before: 7 samples apart in the first lane, 0 in the last. The tick begins
/// after seven samples.
#[inline(always)]
fn products(seen: &[f32], sums: &mut [Wide; SAMPLES_PER_TICK]) {
    let mut sum = Wide::ZERO;
    for (place, window) in sums.iter_mut().zip(seen.array_windows::<WIDTH>()) {
        sum += Wide(*window) * window[WIDTH - 1];
        *place = sum;
    }
}

/// What stands on the diagonal of the first row: the power of what the equations are about.
#[inline(always)]
pub fn power(equations: &Equations) -> f32 {
    equations[0].0[lane(0, 0)]
}

/// What of the far end cannot be predicted from the seven samples before: what the last row of the equations has to itself.
#[inline(always)]
fn unpredicted(equations: &Equations) -> f32 {
    let mut rows = [[0.0; WIDTH]; WIDTH];
    for (row, values) in rows.iter_mut().enumerate() {
        for (column, value) in values.iter_mut().enumerate().take(row + 1) {
            *value = equations[row].0[lane(row, column)];
        }
    }
    // What is smaller than this is rounding.
    let least = 1e-6 * rows[0][0];
    for pivot in 0..WIDTH - 1 {
        let column: [f32; WIDTH] = core::array::from_fn(|row| rows[row][pivot]);
        for row in pivot + 1..WIDTH {
            let factor = column[row] / column[pivot].max(least);
            for at in pivot + 1..=row {
                rows[row][at] -= factor * column[at];
            }
        }
    }
    rows[WIDTH - 1][WIDTH - 1]
}

/// Solves the equations of eight lines, each in a lane, by the decomposition of Cholesky without its roots: the matrices are symmetric
/// and positive. `regular` is added on the diagonal; `errors` are each line's, and so are the gains that come out.
#[inline(always)]
pub fn solve(regular: Wide, errors: [Wide; WIDTH], equations: &[Equations; WIDTH]) -> [Wide; WIDTH] {
    let mut answer = errors;
    wide::transpose(&mut answer);
    // The part of each row below the diagonal, times the pivots and without them.
    let mut rows = [[Wide::ZERO; WIDTH]; WIDTH];
    let mut scaled = [Wide::ZERO; WIDTH];
    let mut pivots = [Wide::ZERO; WIDTH];
    let mut values = [Wide::ZERO; WIDTH];
    for row in 0..WIDTH {
        for (value, equations) in values.iter_mut().zip(equations) {
            *value = equations[row];
        }
        wide::transpose(&mut values);
        let mut own = values[WIDTH - 1] + regular;
        let mut known = answer[row];
        for column in 0..row {
            let mut value = values[lane(row, column)];
            for k in 0..column {
                value = value - scaled[k] * rows[column][k];
            }
            let factor = value * pivots[column];
            scaled[column] = value;
            rows[row][column] = factor;
            own = own - value * factor;
            known = known - factor * answer[column];
        }
        answer[row] = known;
        // What rounding might make negative is held at what was added.
        pivots[row] = own.max(regular).inverse();
    }
    for row in (0..WIDTH).rev() {
        let mut known = answer[row] * pivots[row];
        for below in row + 1..WIDTH {
            known = known - rows[below][row] * answer[below];
        }
        answer[row] = known;
    }
    wide::transpose(&mut answer);
    answer
}
