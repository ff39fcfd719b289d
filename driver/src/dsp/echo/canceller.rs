//! The linear canceller: takes out of what a line brings what the line throws back of what was sent to it.
//!
//! Two copies of a filter of the echo's path run side by side. The one behind learns; the one in front makes the sound. What
//! was learned comes to the front only when it has proved better by more than chance, and goes back to what is in front when it
//! has strayed. So a near party who speaks at the same time (double talk) can lead the learner astray without being heard.
//!
//! Learning is by affine projection, eight samples at once: the step that makes the errors of the whole tick vanish, found by
//! solving eight equations. The correlation of speech from sample to sample, which makes simpler methods slow, falls out in that.
//! How much of the step is taken depends on how much of the error is echo: see [`Trust`].
//!
//! No sample is delayed, and as long as no echo has been found every sample passes as it came.
//!
//! Never: allocates after it was made, or removes what is no echo.
//!
//! Sources: ITU-T G.168 (what is asked of it); K. Ozeki, T. Umeda, 1984 (affine projection); M. Ochiai and others, 1977 (two paths).

use super::contest::{Contest, Round, Verdict};
use super::trust::{Lesson, Spectrum, Trust};
use crate::dsp::wide::{self, WIDTH, Wide, Work};
use crate::dsp::{Samples, level};
use crate::time::SAMPLES_PER_TICK;

/// The longest echo path, in samples: 128 ms.
pub const TAPS_MAX: usize = 1024;

/// Ticks that the history grows by before it is moved back to the start of its buffer.
const ROOM: usize = 64 * SAMPLES_PER_TICK;
/// Older samples than the filter sees, for correlations that leave it.
const MARGIN: usize = 2 * SAMPLES_PER_TICK;

/// One channel's canceller.
#[derive(Debug, Clone)]
pub struct Canceller {
    /// What was sent, oldest first; the last `MARGIN + taps` up to `end` are looked at.
    far: Vec<f32>,
    end: usize,
    /// The filters, last tap first.
    front: Vec<f32>,
    back: Vec<f32>,
    /// Something has come to the front.
    found: bool,
    /// Correlation of the far end with itself, 0 to 7 samples apart, over the length of the filter. Whole numbers.
    correlation: [f64; WIDTH],
    spectrum: Spectrum,
    trust: Trust,
    contest: Contest,
}

impl Canceller {
    /// A canceller of echoes up to `taps` samples late; rounded up to a multiple of 8, at least 32, at most [`TAPS_MAX`].
    pub fn new(taps: usize) -> Canceller {
        let taps = taps.next_multiple_of(WIDTH).clamp(32, TAPS_MAX);
        Canceller {
            far: vec![0.0; MARGIN + taps + ROOM],
            end: MARGIN + taps,
            front: vec![0.0; taps],
            back: vec![0.0; taps],
            found: false,
            correlation: [0.0; WIDTH],
            spectrum: Spectrum::new(taps),
            trust: Trust::new(taps),
            contest: Contest::default(),
        }
    }

    /// The length of the filter, in samples.
    pub fn taps(&self) -> usize {
        self.front.len()
    }

    /// Forgets the path, as when the line is connected to somebody else.
    pub fn reset(&mut self) {
        self.forget_far();
        self.front.fill(0.0);
        self.back.fill(0.0);
        self.found = false;
        self.spectrum = Spectrum::new(self.front.len());
        self.trust = Trust::new(self.front.len());
        self.contest = Contest::default();
    }

    /// Forgets what was sent, as after ticks that were left out, and keeps the path.
    pub fn forget_far(&mut self) {
        self.far.fill(0.0);
        self.correlation = [0.0; WIDTH];
    }

    /// Takes one tick of what was sent to the line and what came from it; returns what came without the echo.
    pub fn step(&mut self, far: &Samples, near: &Samples) -> Samples {
        self.cancel(far, near).samples
    }

    /// The same, and how much was taken out.
    pub(super) fn cancel(&mut self, far: &Samples, near: &Samples) -> Left {
        self.remember(far);
        let mut left = Left { samples: *near, echo: 0.0 };
        if self.correlation[0] != 0.0 || far.iter().any(|sample| *sample != 0) {
            wide::run(Tick { canceller: self, near, left: &mut left });
        }
        left
    }

    fn remember(&mut self, tick: &Samples) {
        let taps = self.taps();
        if self.end == self.far.len() {
            self.far.copy_within(self.end - MARGIN - taps.., 0);
            self.end = MARGIN + taps;
        }
        for (place, sample) in self.far[self.end..].iter_mut().zip(tick) {
            *place = f32::from(*sample);
        }
        self.end += SAMPLES_PER_TICK;
    }
}

/// What is left of a tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Left {
    pub samples: Samples,
    /// The power of the echo that was taken out: the sum of its squares. 0 if no echo has been found.
    pub echo: f32,
}

struct Tick<'a> {
    canceller: &'a mut Canceller,
    near: &'a Samples,
    left: &'a mut Left,
}

/// What is added to the equations, beside the power of the far end, so that what it does not hold is not learned.
const REGULAR: f32 = 0.02;
/// The same for a far end that is hardly there: the mean square of rounding in A-law at -40 dBm0.
const REGULAR_MIN: f32 = 400.0;

impl Work for Tick<'_> {
    #[inline(always)]
    fn run(self) {
        let Canceller { far, end, front, back, found, correlation, spectrum, trust, contest } = self.canceller;
        let taps = front.len();
        // All that the filters see for the first sample of the tick up to the last.
        let seen = &far[*end - taps - (SAMPLES_PER_TICK - 1)..*end];
        let near = Wide(self.near.map(f32::from));
        let (echo_front, echo_back) =
            if *found { filter(seen, front, back) } else { (Wide::ZERO, filter_one(seen, back)) };
        let error_front = near - echo_front;
        let error_back = near - echo_back;

        let equations = correlate(&far[*end - taps - MARGIN..*end], taps, correlation);
        let lesson = spectrum.step(correlation[0] as f32, taps, || unpredicted(&equations));
        if lesson == Lesson::Forget {
            back.copy_from_slice(front);
        }
        if matches!(lesson, Lesson::Sure | Lesson::Unsure) {
            let powers = [near, echo_back, error_back].map(Wide::power);
            let step = trust.step(powers[0], powers[1], powers[2], correlation[0] as f32 / taps as f32);
            let floor = REGULAR_MIN * taps as f32;
            let gains = solve(equations, REGULAR * correlation[0] as f32 + floor, error_back);
            learn(seen, back, gains * step);
        }
        let round = Round { near: found.then_some(near), front: error_front, back: error_back };
        let out = match contest.step(&round, lesson != Lesson::Unsure) {
            Verdict::Neither => error_front,
            Verdict::Back => {
                front.copy_from_slice(back);
                *found = true;
                fade(error_front, error_back)
            }
            Verdict::Front => {
                back.copy_from_slice(front);
                error_front
            }
            Verdict::Nothing => {
                front.fill(0.0);
                *found = false;
                fade(error_front, near)
            }
        };
        self.left.samples = out.0.map(|sample| level::to_sample(f64::from(sample)));
        self.left.echo = if *found { (near - out).power() } else { 0.0 };
    }
}

/// From one to the other within a tick.
#[inline(always)]
fn fade(from: Wide, to: Wide) -> Wide {
    const RISE: Wide = Wide([0.0625, 0.1875, 0.3125, 0.4375, 0.5625, 0.6875, 0.8125, 0.9375]);
    from + (to - from) * RISE
}

/// What both filters make of the far end: eight samples each.
#[inline(always)]
fn filter(seen: &[f32], front: &[f32], back: &[f32]) -> (Wide, Wide) {
    // The lanes are the samples of the tick. Two sums each, so that one need not wait for the other.
    let mut sums = [Wide::ZERO; 4];
    let taps = front.as_chunks::<2>().0.iter().zip(back.as_chunks::<2>().0);
    for ((front, back), seen) in taps.zip(seen.array_windows::<{ WIDTH + 1 }>().step_by(2)) {
        let [a, b, c, d, e, f, g, h, i] = *seen;
        let (even, odd) = (Wide([a, b, c, d, e, f, g, h]), Wide([b, c, d, e, f, g, h, i]));
        sums[0] += even * front[0];
        sums[1] += odd * front[1];
        sums[2] += even * back[0];
        sums[3] += odd * back[1];
    }
    (sums[0] + sums[1], sums[2] + sums[3])
}

/// What one filter makes of the far end.
#[inline(always)]
fn filter_one(seen: &[f32], taps: &[f32]) -> Wide {
    let mut sums = [Wide::ZERO; 2];
    for (taps, seen) in taps.as_chunks::<2>().0.iter().zip(seen.array_windows::<{ WIDTH + 1 }>().step_by(2)) {
        let [a, b, c, d, e, f, g, h, i] = *seen;
        sums[0] += Wide([a, b, c, d, e, f, g, h]) * taps[0];
        sums[1] += Wide([b, c, d, e, f, g, h, i]) * taps[1];
    }
    sums[0] + sums[1]
}

/// Moves the correlation on by a tick; returns the equations' matrix. `seen` reaches [`MARGIN`] farther back than the filter.
#[inline(always)]
fn correlate(seen: &[f32], taps: usize, correlation: &mut [f64; WIDTH]) -> [[f32; WIDTH]; WIDTH] {
    let mut equations = [[0.0; WIDTH]; WIDTH];
    for n in 0..SAMPLES_PER_TICK {
        let new = taps + MARGIN - SAMPLES_PER_TICK + n;
        let old = new - taps;
        for apart in 0..WIDTH {
            let gained = f64::from(seen[new]) * f64::from(seen[new - apart]);
            let lost = f64::from(seen[old]) * f64::from(seen[old - apart]);
            correlation[apart] += gained - lost;
        }
        for apart in 0..=n {
            equations[n][n - apart] = correlation[apart] as f32;
        }
    }
    equations
}

/// What of the far end cannot be predicted from the seven samples before: what the last row of the equations has to itself.
#[inline(always)]
fn unpredicted(lower: &[[f32; WIDTH]; WIDTH]) -> f32 {
    // What is smaller than this is rounding.
    let least = 1e-6 * lower[0][0];
    let mut rows = *lower;
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

/// Solves the equations (their lower half is given) with `regular` added on the diagonal, by elimination: the matrix is symmetric
/// and positive, so no pivot need be looked for. Rows are lanes.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "the method is written down in rows and columns")]
fn solve(lower: [[f32; WIDTH]; WIDTH], regular: f32, right: Wide) -> Wide {
    let mut columns = [Wide::ZERO; WIDTH];
    for column in 0..WIDTH {
        for row in 0..WIDTH {
            columns[column].0[row] = lower[row.max(column)][row.min(column)];
        }
        columns[column].0[column] += regular;
    }
    let mut answer = right;
    let mut pivots = [0.0; WIDTH];
    for pivot in 0..WIDTH {
        // What rounding might make negative is held at what was added.
        pivots[pivot] = 1.0 / columns[pivot].0[pivot].max(regular);
        let mut factors = columns[pivot] * pivots[pivot];
        for row in 0..=pivot {
            factors.0[row] = 0.0;
        }
        answer = answer - factors * answer.0[pivot];
        for column in pivot + 1..WIDTH {
            columns[column] = columns[column] - factors * columns[column].0[pivot];
        }
    }
    for row in (0..WIDTH).rev() {
        answer.0[row] *= pivots[row];
        let known = answer.0[row];
        for above in 0..row {
            answer.0[above] -= columns[row].0[above] * known;
        }
    }
    answer
}

/// Adds to every tap what the eight gains make of the samples it sees.
#[inline(always)]
fn learn(seen: &[f32], filter: &mut [f32], gains: Wide) {
    let chunks = filter.as_chunks_mut::<WIDTH>().0;
    for (chunk, seen) in chunks.iter_mut().zip(seen.array_windows::<{ 2 * WIDTH - 1 }>().step_by(WIDTH)) {
        let mut changed = Wide(*chunk);
        for (n, gain) in gains.0.iter().enumerate() {
            let mut eight = Wide::ZERO;
            eight.0.copy_from_slice(&seen[n..n + WIDTH]);
            changed += eight * *gain;
        }
        *chunk = changed.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::SILENCE;

    /// White noise at about -10 dBm0, the same for the same seed.
    fn noise(seed: u32, ticks: usize) -> Vec<Samples> {
        let mut state = seed;
        let mut next = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as u16 as i16 / 4
        };
        (0..ticks).map(|_| core::array::from_fn(|_| next())).collect()
    }

    /// A hybrid that returns a quarter of the power over 5 ms, with the signs of a real one.
    fn echo_of(far: &[Samples]) -> Vec<Samples> {
        let flat: Vec<f32> = far.iter().flatten().map(|sample| f32::from(*sample)).collect();
        let path: Vec<f32> = (0..40).map(|n: i32| 0.32 * (0.9_f32).powi(n) * (n as f32 * 0.7).cos()).collect();
        let echo: Vec<i16> = (0..flat.len())
            .map(|n| {
                path.iter().enumerate().filter(|(k, _)| *k <= n).map(|(k, gain)| gain * flat[n - k]).sum::<f32>() as i16
            })
            .collect();
        echo.as_chunks().0.to_vec()
    }

    fn power(ticks: &[Samples]) -> f64 {
        ticks.iter().flatten().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() + 1.0
    }

    fn cancelled(taps: usize, far: &[Samples], near: &[Samples]) -> Vec<Samples> {
        let mut canceller = Canceller::new(taps);
        far.iter().zip(near).map(|(far, near)| canceller.step(far, near)).collect()
    }

    #[test]
    fn an_echo_is_gone_within_half_a_second() {
        let far = noise(1, 1000);
        let near = echo_of(&far);
        for taps in [64, 128, 512] {
            let out = cancelled(taps, &far, &near);
            let loss_db = 10.0 * (power(&near[500..]) / power(&out[500..])).log10();
            assert!(loss_db > 40.0, "{loss_db:.1} dB with {taps} taps");
        }
    }

    #[test]
    fn a_near_end_alone_passes_bit_for_bit() {
        let near = noise(2, 300);
        assert_eq!(cancelled(128, &vec![SILENCE; 300], &near), near);
    }

    #[test]
    fn a_near_end_who_speaks_too_does_not_bring_the_echo_back() {
        let far = noise(3, 2000);
        let echo = echo_of(&far);
        let local: Vec<Samples> = [vec![SILENCE; 1000], noise(4, 1000)].concat();
        let near: Vec<Samples> = echo
            .iter()
            .zip(&local)
            .map(|(echo, local)| core::array::from_fn(|n| echo[n].saturating_add(local[n])))
            .collect();
        let out = cancelled(128, &far, &near);
        let left: Vec<Samples> = out
            .iter()
            .zip(&local)
            .map(|(out, local)| core::array::from_fn(|n| out[n].saturating_sub(local[n])))
            .collect();
        let loss_db = 10.0 * (power(&echo[1000..]) / power(&left[1000..])).log10();
        assert!(loss_db > 20.0, "{loss_db:.1} dB while both speak");
    }

    #[test]
    fn the_loudest_signals_do_no_harm() {
        let far: Vec<Samples> = (0..500).map(|n| [if n % 3 == 0 { i16::MAX } else { i16::MIN }; 8]).collect();
        let near: Vec<Samples> = (0..500).map(|n| [if n % 5 == 0 { i16::MIN } else { i16::MAX }; 8]).collect();
        let mut canceller = Canceller::new(64);
        for (far, near) in far.iter().zip(&near) {
            canceller.step(far, near);
        }
        assert!(canceller.front.iter().chain(&canceller.back).all(|tap| tap.is_finite()));
        // And it still works afterwards.
        let far = noise(5, 1500);
        let near = echo_of(&far);
        let out: Vec<Samples> = far.iter().zip(&near).map(|(far, near)| canceller.step(far, near)).collect();
        assert!(power(&out[1000..]) * 100.0 < power(&near[1000..]));
    }
}
