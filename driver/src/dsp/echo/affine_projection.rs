//! Affine projection: the normal equations of the adaptation, one for each sample of a tick.
//!
//! The step that makes all eight errors of a tick vanish is a sum of the eight far-end vectors that the filter saw; its
//! coefficients solve equations whose matrix is the correlation of the far end with itself. The autocorrelation of
//! speech, which makes NLMS converge slowly, is taken out that way.
//!
//! The sums move on from tick to tick, for each block of the filter, so that each block can have a step size of its own
//! at the cost of the products at its ends. The equations of eight lines are solved side by side.
//!
//! Never: depends on the near end.
//!
//! Source: K. Ozeki, T. Umeda, 1984.

use super::proportionate::Proportions;
use crate::dsp::vector::{self, WIDTH, Wide};
use crate::time::SAMPLES_PER_TICK;

/// Samples older than those that the filter sees, for correlations that reach beyond it.
pub(super) const MARGIN: usize = 2 * SAMPLES_PER_TICK;
/// The youngest samples, by which the far end's spectrum is judged: 16 ms.
pub(super) const YOUNG: usize = 128;

/// The lower half of the symmetric matrix, a row for each sample of the tick. Each row ends in the last lane with its
/// element on the diagonal: lane 7 - d holds the correlation with the vector of d samples before.
pub(super) type Equations = [Wide; WIDTH];

/// The lane of an element of the lower half.
#[inline(always)]
const fn lane(row: usize, column: usize) -> usize {
    WIDTH - 1 - (row - column)
}

/// Correlation of the far end with itself over each block of the filter, 7 samples apart in the first lane, 0 in the
/// last. Whole numbers.
#[derive(Debug, Clone)]
pub(super) struct Correlation {
    blocks: Vec<[f64; WIDTH]>,
}

impl Correlation {
    /// Correlation of silence.
    pub(super) fn new(proportions: &Proportions) -> Correlation {
        Correlation { blocks: vec![[0.0; WIDTH]; proportions.blocks().len()] }
    }

    /// Clears the sums, as for a history of silence.
    pub(super) fn clear(&mut self) {
        self.blocks.fill([0.0; WIDTH]);
    }

    /// Returns the far end's power over the whole filter: the sum of its squares.
    #[inline(always)]
    pub(super) fn power(&self) -> f32 {
        self.blocks.iter().map(|block| block[WIDTH - 1]).sum::<f64>() as f32
    }

    /// Moves on by a tick, and returns the weighted equations. `seen` reaches [`MARGIN`] farther back than the filter.
    ///
    /// The products of a tick are whole numbers, rounded or not, and are taken off as they were added: the sums have no
    /// drift.
    #[inline(always)]
    pub(super) fn step(&mut self, seen: &[f32], proportions: &Proportions) -> Equations {
        let taps = seen.len() - MARGIN;
        let mut equations = [Wide::ZERO; WIDTH];
        let mut gained = products_at(seen, 0);
        let mut sums = Wide::ZERO;
        for (index, (block, share)) in self.blocks.iter_mut().zip(proportions.blocks()).enumerate() {
            let lost = products_at(seen, proportions.end(index, taps));
            for ((row, gained), lost) in equations.iter_mut().zip(&gained).zip(&lost) {
                *row += (*gained - *lost) * *share;
            }
            let (on, off) = (&gained[SAMPLES_PER_TICK - 1].0, &lost[SAMPLES_PER_TICK - 1].0);
            let mut own = Wide::ZERO;
            for ((own, sum), (on, off)) in own.0.iter_mut().zip(block.iter_mut()).zip(on.iter().zip(off)) {
                *own = *sum as f32;
                *sum += f64::from(*on) - f64::from(*off);
            }
            sums += own * *share;
            gained = lost;
        }
        for row in &mut equations {
            *row += sums;
        }
        equations
    }

    /// Moves on by a tick without equations.
    #[inline(always)]
    pub(super) fn advance(&mut self, seen: &[f32], proportions: &Proportions) {
        let taps = seen.len() - MARGIN;
        let mut gained = products_at(seen, 0)[SAMPLES_PER_TICK - 1];
        for (index, block) in self.blocks.iter_mut().enumerate() {
            let lost = products_at(seen, proportions.end(index, taps))[SAMPLES_PER_TICK - 1];
            for (sum, (on, off)) in block.iter_mut().zip(gained.0.iter().zip(&lost.0)) {
                *sum += f64::from(*on) - f64::from(*off);
            }
            gained = lost;
        }
    }

    /// Returns the part of the power of the [`YOUNG`] samples that linear prediction from the seven samples before
    /// leaves. To be called after [`Correlation::step`], with the same samples.
    #[inline(always)]
    pub(super) fn prediction_error(&self, seen: &[f32], proportions: &Proportions) -> f32 {
        let taps = seen.len() - MARGIN;
        let blocks = YOUNG.div_ceil(proportions.size()).min(self.blocks.len());
        let mut sums = Wide::ZERO;
        for (at, lane) in sums.0.iter_mut().enumerate() {
            let sum: f64 = self.blocks[..blocks].iter().map(|block| block[at]).sum();
            *lane = sum as f32;
        }
        // The sums are those after the tick: the products of its later samples are taken off again.
        let gained = products_at(seen, 0);
        let lost = products_at(seen, proportions.end(blocks - 1, taps));
        let last = gained[SAMPLES_PER_TICK - 1] - lost[SAMPLES_PER_TICK - 1];
        let mut young = [Wide::ZERO; WIDTH];
        for ((row, gained), lost) in young.iter_mut().zip(&gained).zip(&lost) {
            *row = sums - last + (*gained - *lost);
        }
        prediction_error(&young) / power(&young)
    }
}

/// Sums of the products of a tick's samples, up to each of them, with those before: 7 samples apart in the first lane,
/// 0 in the last. The tick is the one that ended `ago` samples ago; there must be seven samples before it.
#[inline(always)]
fn products_at(seen: &[f32], ago: usize) -> [Wide; SAMPLES_PER_TICK] {
    const SEEN: usize = SAMPLES_PER_TICK + WIDTH - 1;
    let seen: &[f32; SEEN] = seen[..seen.len() - ago].last_chunk().unwrap_or(&[0.0; SEEN]);
    let mut sums = [Wide::ZERO; SAMPLES_PER_TICK];
    let mut sum = Wide::ZERO;
    for n in 0..SAMPLES_PER_TICK {
        let mut window = Wide::ZERO;
        window.0.copy_from_slice(&seen[n..n + WIDTH]);
        sum += window * seen[n + WIDTH - 1];
        sums[n] = sum;
    }
    sums
}

/// Returns the first element of the diagonal: the power of the far end as the equations weigh it.
#[inline(always)]
pub(super) fn power(equations: &Equations) -> f32 {
    equations[0].0[lane(0, 0)]
}

/// The power that linear prediction of the last sample from the seven before leaves: the last pivot.
#[inline(always)]
fn prediction_error(equations: &Equations) -> f32 {
    // The matrix in columns, each from the diagonal down; above it is nothing.
    let mut columns = [Wide::ZERO; WIDTH];
    for (column, values) in columns.iter_mut().enumerate() {
        for (row, value) in values.0.iter_mut().enumerate().skip(column) {
            *value = equations[row].0[lane(row, column)];
        }
    }
    // What is smaller than this is rounding.
    let least = 1e-6 * columns[0].0[0];
    for pivot in 0..WIDTH - 1 {
        let own = columns[pivot];
        let inverse = 1.0 / own.0[pivot].max(least);
        for (column, values) in columns.iter_mut().enumerate().skip(pivot + 1) {
            *values = *values - own * (own.0[column] * inverse);
        }
    }
    columns[WIDTH - 1].0[WIDTH - 1]
}

/// Calls a method for each row, which it has as a constant: its loops over rows and columns are unrolled.
macro_rules! unrolled {
    ($system:ident.$method:ident($($argument:expr)?)) => {
        $system.$method::<0>($($argument)?);
        $system.$method::<1>($($argument)?);
        $system.$method::<2>($($argument)?);
        $system.$method::<3>($($argument)?);
        $system.$method::<4>($($argument)?);
        $system.$method::<5>($($argument)?);
        $system.$method::<6>($($argument)?);
        $system.$method::<7>($($argument)?);
    };
}
/// Solves the equations of eight lines, each in a lane, by Cholesky decomposition without roots (LDLᵀ): the matrices
/// are symmetric and positive. `equations` gives those of a lane; `regular` is added on the diagonal (regularisation).
/// `errors` holds the errors of all lines, sample by sample; the solution is a row of coefficients for each line.
#[inline(always)]
pub(super) fn solve<'a>(
    regular: Wide,
    errors: &[Wide; SAMPLES_PER_TICK],
    equations: impl Fn(usize) -> &'a Equations,
) -> [Wide; WIDTH] {
    let mut system = System { rows: [[Wide::ZERO; WIDTH]; WIDTH], answer: *errors, regular };
    unrolled!(system.load(&equations));
    unrolled!(system.eliminate());
    unrolled!(system.substitute());
    vector::transpose(&mut system.answer);
    system.answer
}

/// The equations of eight lines while they are solved, a line in each lane.
struct System {
    /// The lower half of the matrix. A column below the diagonal holds the factors as soon as it has been eliminated.
    rows: [[Wide; WIDTH]; WIDTH],
    answer: [Wide; WIDTH],
    regular: Wide,
}

impl System {
    /// Lays the elements of a row side by side, and adds the regularisation.
    #[inline(always)]
    fn load<'a, const ROW: usize>(&mut self, equations: &impl Fn(usize) -> &'a Equations) {
        let mut lines = [Wide::ZERO; WIDTH];
        for (lane, line) in lines.iter_mut().enumerate() {
            *line = equations(lane)[ROW];
        }
        vector::transpose(&mut lines);
        self.rows[ROW][..=ROW].copy_from_slice(&lines[WIDTH - 1 - ROW..]);
        self.rows[ROW][ROW] += self.regular;
    }

    /// Eliminates a column below the diagonal. Loops over constant ranges are unrolled.
    #[inline(always)]
    fn eliminate<const PIVOT: usize>(&mut self) {
        let System { rows, answer, regular } = self;
        // What rounding might make negative is held at what was added.
        let inverse = rows[PIVOT][PIVOT].max(*regular).inverse();
        let known = answer[PIVOT] * inverse;
        let mut factors = [Wide::ZERO; WIDTH];
        for row in PIVOT + 1..WIDTH {
            factors[row] = rows[row][PIVOT] * inverse;
        }
        for row in PIVOT + 1..WIDTH {
            let own = rows[row][PIVOT];
            for column in PIVOT + 1..=row {
                rows[row][column] = rows[row][column] - own * factors[column];
            }
            answer[row] = answer[row] - own * known;
            rows[row][PIVOT] = factors[row];
        }
        answer[PIVOT] = known;
    }

    /// Puts what is known of the last rows into those above, from the last one up.
    #[inline(always)]
    fn substitute<const ABOVE: usize>(&mut self) {
        let row = WIDTH - 1 - ABOVE;
        let known = self.answer[row];
        for (answer, factor) in self.answer[..row].iter_mut().zip(&self.rows[row]) {
            *answer = *answer - *factor * known;
        }
    }
}
