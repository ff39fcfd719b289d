//! The linear canceller: takes out of what a line brings what the line throws back of what was sent to it.
//!
//! Two copies of a filter of the echo's path run side by side. The one behind learns; the one in front makes the sound. What
//! was learned comes to the front only when it has proved better by more than chance, and goes back to what is in front when it
//! has strayed. So a near party who speaks at the same time (double talk) can lead the learner astray without being heard.
//!
//! When both are good, what lies between them takes the place of both: errors of their own cancel out in part.
//!
//! Learning is by affine projection, eight samples at once: the step that makes the errors of the whole tick vanish, found by
//! solving eight equations. The correlation of speech from sample to sample, which makes simpler methods slow, falls out in that.
//! Steps are longer where the path is: see [`Weights`].
//! How much of the step is taken depends on how much of the error is echo: see [`Trust`].
//!
//! No sample is delayed, and as long as no echo has been found every sample passes as it came: what is in front is on trial then, and
//! makes no sound.
//!
//! Never: allocates after it was made, or removes what is no echo.
//!
//! Sources: ITU-T G.168 (what is asked of it); K. Ozeki, T. Umeda, 1984 (affine projection); M. Ochiai and others, 1977 (two paths).

use super::contest::{Contest, Round, Verdict};
use super::equations::{self, Correlation, Equations, MARGIN};
use super::trust::{Lesson, Spectrum, Trust};
use super::weights::{self, Weights};
use crate::dsp::wide::{self, WIDTH, Wide, Work};
use crate::dsp::{SILENCE, Samples, level};
use crate::time::SAMPLES_PER_TICK;

/// The longest echo path, in samples: 128 ms.
pub const TAPS_MAX: usize = 1024;

/// Ticks that the history grows by before it is moved back to the start of its buffer.
const ROOM: usize = 16 * SAMPLES_PER_TICK;

/// One channel's canceller.
#[derive(Debug, Clone)]
pub struct Canceller {
    /// What was sent, oldest first; the last `MARGIN + taps` up to `end` are looked at.
    far: Vec<f32>,
    end: usize,
    /// The filters, last tap first. As long as nothing has been found the one in front is on trial.
    front: Vec<f32>,
    back: Vec<f32>,
    /// Something has come to the front.
    found: bool,
    weights: Weights,
    correlation: Correlation,
    spectrum: Spectrum,
    trust: Trust,
    contest: Contest,
}

impl Canceller {
    /// A canceller of echoes up to `taps` samples late; rounded up to a multiple of 8, at least 32, at most [`TAPS_MAX`].
    pub fn new(taps: usize) -> Canceller {
        let taps = taps.next_multiple_of(WIDTH).clamp(32, TAPS_MAX);
        let weights = Weights::new(taps);
        Canceller {
            far: vec![0.0; MARGIN + taps + ROOM],
            end: MARGIN + taps,
            front: vec![0.0; taps],
            back: vec![0.0; taps],
            found: false,
            correlation: Correlation::new(&weights),
            weights,
            spectrum: Spectrum::new(),
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
        self.weights.reset();
        self.spectrum = Spectrum::new();
        self.trust = Trust::new(self.front.len());
        self.contest = Contest::default();
    }

    /// Forgets what was sent, as after ticks that were left out, and keeps the path.
    pub fn forget_far(&mut self) {
        self.far.fill(0.0);
        self.correlation.clear();
    }

    /// Takes one tick of what was sent to the line and what came from it; returns what came without the echo.
    pub fn step(&mut self, far: &Samples, near: &Samples) -> Samples {
        Canceller::step_together(&mut [self], &[*far], &[*near])[0]
    }

    /// The same for up to eight lines at once, which costs much less than one by one and gives bit for bit the same.
    pub fn step_together(lines: &mut [&mut Canceller], far: &[Samples], near: &[Samples]) -> [Samples; WIDTH] {
        Canceller::cancel_together(lines, far, near).map(|left| left.samples)
    }

    /// The same, and how much was taken out.
    pub(super) fn cancel_together(lines: &mut [&mut Canceller], far: &[Samples], near: &[Samples]) -> [Left; WIDTH] {
        let mut left = [Left { samples: SILENCE, echo: 0.0 }; WIDTH];
        wide::run(Tick { lines, far, near, left: &mut left });
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

/// A tick of up to eight lines.
struct Tick<'a, 'l> {
    lines: &'a mut [&'l mut Canceller],
    far: &'a [Samples],
    near: &'a [Samples],
    left: &'a mut [Left; WIDTH],
}

impl Work for Tick<'_, '_> {
    #[inline(always)]
    fn run(self) {
        let mut begun = [Begun::NOTHING; WIDTH];
        let mut equations = [[Wide::ZERO; WIDTH]; WIDTH];
        let mut learning = false;
        let sounds = self.far.iter().zip(self.near);
        for (((line, begun), equations), (far, near)) in
            self.lines.iter_mut().zip(&mut begun).zip(&mut equations).zip(sounds)
        {
            line.begin(far, near, begun, equations);
            learning |= begun.step != 0.0;
        }
        let gains = if learning {
            let regular = Wide(begun.map(|line| line.regular));
            equations::solve(regular, begun.map(|line| line.error_back), &equations)
        } else {
            [Wide::ZERO; WIDTH]
        };
        let ends = self.lines.iter_mut().zip(&begun).zip(&gains).zip(self.near).zip(self.left);
        for ((((line, begun), gains), near), left) in ends {
            line.end(begun, *gains, near, left);
        }
    }
}

/// A tick before anything is learned from it.
#[derive(Debug, Clone, Copy)]
struct Begun {
    /// What came in, and what the two filters leave of it.
    near: Wide,
    error_front: Wide,
    error_back: Wide,
    lesson: Lesson,
    /// The length of the step; 0 for none.
    step: f32,
    /// What is added on the diagonal of the equations.
    regular: f32,
    /// What came in is at the end of the scale.
    cut_off: bool,
    /// Something was sent not so long ago that there can be no echo of it.
    sounding: bool,
}

impl Begun {
    /// Nothing was sent, and nothing is to be learned.
    const NOTHING: Begun = Begun {
        near: Wide::ZERO,
        error_front: Wide::ZERO,
        error_back: Wide::ZERO,
        lesson: Lesson::None,
        step: 0.0,
        regular: 1.0,
        cut_off: false,
        sounding: false,
    };
}

/// What came in and is as loud as this was cut off, in A-law or mu-law: it is no echo any more, and nothing is learned or judged from it.
const CUT_OFF: u16 = 32_000;
/// What is added to the equations, beside the power of the far end, so that what it does not hold is not learned.
const REGULAR: f32 = 0.02;
/// The same for a far end that is hardly there: the mean square of rounding in A-law at -40 dBm0.
const REGULAR_MIN: f32 = 400.0;

impl Canceller {
    /// Listens to a tick. `begun` and `equations` are as they are for nothing.
    #[inline(always)]
    fn begin(&mut self, far: &Samples, near: &Samples, begun: &mut Begun, equations: &mut Equations) {
        self.remember(far);
        if self.correlation.power() == 0.0 && far.iter().all(|sample| *sample == 0) {
            return;
        }
        let Canceller { far, end, front, back, found: _, weights, correlation, spectrum, trust, contest: _ } = self;
        let taps = front.len();
        // All that the filters see for the first sample of the tick up to the last.
        let seen = &far[*end - taps - (SAMPLES_PER_TICK - 1)..*end];
        let (echo_front, echo_back) = filter(seen, front, back);
        begun.sounding = true;
        begun.near = Wide(near.map(f32::from));
        begun.error_front = begun.near - echo_front;
        begun.error_back = begun.near - echo_back;
        weights.step(back);
        let seen = &far[*end - taps - MARGIN..*end];
        correlation.step(seen, weights, equations);
        let power = correlation.power();
        begun.lesson = spectrum.step(power, taps, || correlation.unpredicted(seen, weights));
        begun.cut_off = near.iter().any(|sample| sample.unsigned_abs() >= CUT_OFF);
        if matches!(begun.lesson, Lesson::Sure | Lesson::Unsure) && !begun.cut_off {
            let powers = [begun.near, echo_back, begun.error_back].map(Wide::power);
            begun.step = trust.step(powers[0], powers[1], powers[2], power / taps as f32);
        }
        begun.regular = REGULAR * equations::power(equations) + REGULAR_MIN * taps as f32;
    }

    /// Learns, and says what is left of the tick.
    #[inline(always)]
    fn end(&mut self, begun: &Begun, gains: Wide, samples: &Samples, left: &mut Left) {
        if !begun.sounding {
            *left = Left { samples: *samples, echo: 0.0 };
            return;
        }
        let Canceller { far, end, front, back, found, weights, trust, contest, .. } = self;
        let Begun { near, error_front, error_back, lesson, step, .. } = *begun;
        if lesson == Lesson::Forget {
            if !*found {
                front.fill(0.0);
            }
            back.copy_from_slice(front);
        }
        if step != 0.0 {
            learn(&far[*end - front.len() - (SAMPLES_PER_TICK - 1)..*end], back, weights, gains * step);
        }
        let heard = if *found { error_front } else { near };
        let verdict = if begun.cut_off {
            Verdict::Neither
        } else {
            let beginning = trust.is_first();
            let round = Round { near, trial: !*found, front: error_front, back: error_back, beginning };
            contest.step(&round, lesson != Lesson::Unsure, || weights::spread(back))
        };
        let out = match verdict {
            Verdict::Neither => heard,
            Verdict::Next => {
                front.copy_from_slice(back);
                heard
            }
            Verdict::Back => {
                front.copy_from_slice(back);
                *found = true;
                fade(heard, error_back)
            }
            Verdict::Between(part) => {
                for (front, back) in front.iter_mut().zip(&*back) {
                    *front += part * (*back - *front);
                }
                back.copy_from_slice(front);
                fade(heard, heard + (error_back - heard) * part)
            }
            Verdict::Front => {
                back.copy_from_slice(front);
                heard
            }
            // It is no other path, and needs no long steps.
            Verdict::Same => {
                trust.go_on();
                back.copy_from_slice(front);
                heard
            }
            // A long filter begins so. What it has learned is not lost, but it learns in long steps again.
            Verdict::Worse => {
                trust.begin_again();
                heard
            }
            Verdict::Nothing => {
                front.fill(0.0);
                *found = false;
                fade(heard, near)
            }
        };
        left.samples = out.0.map(|sample| level::to_sample(f64::from(sample)));
        left.echo = if *found { (near - out).power() } else { 0.0 };
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

/// Adds to every tap what the eight gains, times the weight of its block, make of the samples it sees.
#[inline(always)]
fn learn(seen: &[f32], filter: &mut [f32], weights: &Weights, gains: Wide) {
    let mut from = filter.len();
    let mut rest = filter;
    for weight in weights.blocks() {
        let block;
        from = from.saturating_sub(weights.size());
        (rest, block) = rest.split_at_mut(from);
        let gains = gains * *weight;
        let chunks = block.as_chunks_mut::<WIDTH>().0;
        for (chunk, seen) in chunks.iter_mut().zip(seen[from..].array_windows::<{ 2 * WIDTH - 1 }>().step_by(WIDTH)) {
            let mut changed = Wide(*chunk);
            for (n, gain) in gains.0.iter().enumerate() {
                let mut eight = Wide::ZERO;
                eight.0.copy_from_slice(&seen[n..n + WIDTH]);
                changed += eight * *gain;
            }
            *chunk = changed.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn lines_together_give_bit_for_bit_what_each_gives_alone() {
        let far: Vec<Vec<Samples>> =
            (0..5).map(|line| if line == 2 { vec![SILENCE; 600] } else { noise(line, 600) }).collect();
        let near: Vec<Vec<Samples>> = far.iter().map(|far| echo_of(far)).collect();
        let mut alone: Vec<Canceller> = (0..5).map(|line| Canceller::new(64 + 32 * line)).collect();
        let mut together = alone.clone();
        for tick in 0..600 {
            let [far, near] = [&far, &near].map(|lines| lines.iter().map(|line| line[tick]).collect::<Vec<_>>());
            let lines = &mut together.iter_mut().collect::<Vec<_>>();
            let out = Canceller::step_together(lines, &far, &near);
            for (line, canceller) in alone.iter_mut().enumerate() {
                assert_eq!(out[line], canceller.step(&far[line], &near[line]), "line {line}, tick {tick}");
            }
        }
    }

    #[test]
    fn a_long_filter_finds_its_echo_though_the_far_end_pauses() {
        let far: Vec<Samples> = noise(6, 4000)
            .chunks(200)
            .enumerate()
            .flat_map(|(part, ticks)| if part % 3 == 2 { vec![SILENCE; 200] } else { ticks.to_vec() })
            .collect();
        let near = echo_of(&far);
        let out = cancelled(1024, &far, &near);
        let loss_db = 10.0 * (power(&near[2000..]) / power(&out[2000..])).log10();
        assert!(loss_db > 30.0, "{loss_db:.1} dB");
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
        // And it works again as soon as a new one does: what was cut off has taught it nothing.
        let far = noise(5, 1000);
        let near = echo_of(&far);
        let out: Vec<Samples> = far.iter().zip(&near).map(|(far, near)| canceller.step(far, near)).collect();
        assert!(power(&out[300..]) * 100.0 < power(&near[300..]));
    }
}
