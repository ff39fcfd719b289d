//! Step size of the adaptation (double talk, echo path change): large while the error is echo, small while the near end
//! speaks.
//!
//! The error holds residual echo and near-end signal. Residual echo rises and falls with the echo estimate, near-end
//! signal does not: the regression of the error's power on the estimate's, over a second or more, is the leakage.
//! (J.-M. Valin, 2007, does so for each frequency.) The best step is the part of the error that is residual echo:
//! leakage times echo estimate over error, and no more than what A-law's quantisation noise leaves of the error.
//!
//! Input is block powers, not samples. Eight channels per SIMD vector; results equal those of one channel bit for bit.
//!
//! Never: reads a sample.

use crate::dsp::vector::{Mask, WIDTH, Wide};
use crate::time::SAMPLES_PER_TICK;

/// One line's step size control.
#[derive(Debug, Clone, Copy)]
pub(super) struct StepSize {
    statistics: Wide,
    /// Ticks of initial convergence.
    initial_ticks: f32,
    /// The first initial convergence: no double talk so far.
    first: bool,
}

/// The numbers of one line, by their lanes in `StepSize::statistics`.
///
/// Powers are of a tick: the sum of its squares.
struct Statistics {
    /// Power of the echo estimate and of the error, over about 16 ms.
    echo: Wide,
    error: Wide,
    /// Mean power of the echo estimate over half a second.
    echo_mean: Wide,
    error_mean: Wide,
    /// Of their departures from that: the square of the one, and the product.
    square: Wide,
    product: Wide,
    /// By how much the error is above the near end's signal, less a margin: above zero only if the background filter
    /// does harm.
    excess: Wide,
    /// Ticks of initial convergence that are left.
    initial: Wide,
}

/// A tick's powers of eight lines.
pub(super) struct Powers {
    /// The line's signal, the echo estimate, and the error.
    pub near: Wide,
    pub echo: Wide,
    pub error: Wide,
    /// A-law's quantisation noise in the line's signal, as expected.
    pub noise: Wide,
    /// The far end's over the filter, divided by the taps: a mean square.
    pub far: Wide,
}

/// The step size of initial convergence, smaller if the near end is louder than an echo can be.
const INITIAL_STEP: f32 = 0.8;
/// The largest echo of a signal, by power: an echo return loss of 6 dB.
const RETURN_MAX: f32 = 0.25;
/// The least leakage that is assumed.
const LEAKAGE_MIN: f32 = 0.028;
/// The largest step without leakage, by how much more it may be with leakage, and the largest of all.
const STEP_QUIET: f32 = 0.4;
const STEP_LEAKING: f32 = 3.0;
const STEP_MAX: f32 = 0.9;
/// The part of the expected quantisation noise that is taken for certain.
const NOISE_PART: f32 = 0.9;
/// Steps up to this are short, and are taken in one tick of three: the near end speaks, and leads astray by so much
/// less.
const STEP_SHORT: f32 = 0.18;
pub(super) const SHORT_TICKS: u8 = 3;
/// The margin that the error's power may have over that of the near end's signal.
const EXCESS_MARGIN: f32 = 1.2;

impl StepSize {
    /// The start of initial convergence of a filter of `taps`: a long one needs longer.
    pub(super) fn new(taps: usize) -> StepSize {
        let initial_ticks = 2.0 * taps as f32;
        StepSize { statistics: Wide([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, initial_ticks]), initial_ticks, first: true }
    }

    /// Starts initial convergence again.
    pub(super) fn restart(&mut self) {
        self.statistics.0[EXCESS] = 0.0;
        self.statistics.0[INITIAL] = self.initial_ticks;
        self.first = false;
    }

    /// Ends a convergence that was started again: the path is the same, and two voices cancelled each other for a
    /// moment.
    pub(super) fn resume(&mut self) {
        self.statistics.0[EXCESS] = 0.0;
        if !self.first {
            self.statistics.0[INITIAL] = 0.0;
        }
    }

    /// Returns true during the first initial convergence.
    pub(super) fn is_first(&self) -> bool {
        self.first && self.is_initial()
    }

    fn is_initial(&self) -> bool {
        self.statistics.0[INITIAL] > 0.0
    }

    /// Takes the powers of a tick of eight lines, and returns their steps, from 0 to 0.9; 0 where a tick is left out.
    /// Lines without a control are not adapted in this tick, and get 0. Where the tick is not `due`, short steps are
    /// left out.
    #[inline(always)]
    pub(super) fn step(lines: &mut [Option<&mut StepSize>; WIDTH], powers: &Powers, due: Mask) -> Wide {
        let mut statistics = [Wide::ZERO; WIDTH];
        let mut initial_ticks = Wide::ZERO;
        for ((line, row), ticks) in lines.iter().zip(&mut statistics).zip(&mut initial_ticks.0) {
            if let Some(line) = line {
                (*row, *ticks) = (line.statistics, line.initial_ticks);
            }
        }
        let mut statistics = Statistics::of_lines(statistics);
        let (lengths, restarts) = statistics.step(powers, initial_ticks, due);
        let mut steps = Wide::ZERO;
        let rows = statistics.into_lines();
        for (lane, (line, step)) in lines.iter_mut().zip(&mut steps.0).enumerate() {
            if let Some(line) = line {
                line.statistics = rows[lane];
                line.first &= !restarts.is_set(lane);
                *step = lengths.0[lane];
            }
        }
        steps
    }
}

/// Lanes of a line's statistics.
const EXCESS: usize = 6;
const INITIAL: usize = 7;

impl Statistics {
    #[inline(always)]
    fn of_lines(mut rows: [Wide; WIDTH]) -> Statistics {
        crate::dsp::vector::transpose(&mut rows);
        let [echo, error, echo_mean, error_mean, square, product, excess, initial] = rows;
        Statistics { echo, error, echo_mean, error_mean, square, product, excess, initial }
    }

    #[inline(always)]
    fn into_lines(self) -> [Wide; WIDTH] {
        let Statistics { echo, error, echo_mean, error_mean, square, product, excess, initial } = self;
        let mut rows = [echo, error, echo_mean, error_mean, square, product, excess, initial];
        crate::dsp::vector::transpose(&mut rows);
        rows
    }

    /// Takes a tick. Returns the steps, and the lines on which initial convergence starts again.
    #[inline(always)]
    fn step(&mut self, powers: &Powers, initial_ticks: Wide, due: Mask) -> (Wide, Mask) {
        const FAST: f32 = 1.0 / 16.0;
        const SLOW: f32 = 1.0 / 500.0;
        const SLOWEST: f32 = 1.0 / 1000.0;
        let one = Wide::all(1.0);
        self.echo += (powers.echo - self.echo) * FAST;
        self.error += (powers.error - self.error) * FAST;
        let (echo_off, error_off) = (self.echo - self.echo_mean, self.error - self.error_mean);
        self.echo_mean += echo_off * SLOW;
        self.error_mean += error_off * SLOW;
        // An echo beside a near end that speaks says less.
        let pace = (self.echo / (self.error + one)).min(one) * SLOWEST;
        self.square += pace * (echo_off * echo_off - self.square);
        self.product += pace * (echo_off * error_off - self.product);
        let loudest = self.error.max(powers.error) + one;

        let initial = self.initial.above(Wide::ZERO);
        let echo_max = powers.far * (RETURN_MAX * SAMPLES_PER_TICK as f32);
        let initial_step = (echo_max / loudest).min(one) * INITIAL_STEP;
        let leakage = (self.product / self.square.max(one)).max(Wide::all(LEAKAGE_MIN)).min(one);
        let step = (leakage * self.echo / loudest)
            .min(Wide::all(STEP_QUIET) + leakage * STEP_LEAKING)
            .min(Wide::all(STEP_MAX));
        // The part of the error that can be echo at all.
        let part = one - powers.noise * NOISE_PART / (self.error + one);
        let step = step.min(part.max(Wide::ZERO));

        let excess = self.excess + (powers.error - powers.near * EXCESS_MARGIN - self.excess) * (1.0 / 32.0);
        self.excess = initial.choose(self.excess, excess);
        // The path has changed.
        let restart = self.excess.above(Wide::ZERO).without(initial);
        self.excess = restart.choose(Wide::ZERO, self.excess);
        self.initial = restart.choose(initial_ticks, initial.choose(self.initial - one, self.initial));
        let long = step.above(Wide::all(STEP_SHORT)).or(self.initial.above(Wide::ZERO));
        let taken = initial.choose(initial_step, step);
        (due.or(long).choose(taken, Wide::ZERO), restart)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::echo::tick_power;

    /// Steps of `ticks` ticks of one line; `powers` returns each tick's near end's signal, echo estimate, and error.
    fn steps(control: &mut StepSize, ticks: usize, powers: impl Fn(usize) -> [f32; 3]) -> Vec<f32> {
        (0..ticks)
            .map(|tick| {
                let [near, echo, error] = powers(tick).map(Wide::all);
                let mut lines = [const { None }; WIDTH];
                lines[3] = Some(&mut *control);
                let due = if tick % usize::from(SHORT_TICKS) == 0 { Mask::ALL } else { Mask::NONE };
                let powers = Powers { near, echo, error, noise: Wide::ZERO, far: Wide::all(FAR) };
                StepSize::step(&mut lines, &powers, due).0[3]
            })
            .collect()
    }

    const FAR: f32 = tick_power(-10.0) / WIDTH as f32;
    const ECHO: f32 = tick_power(-20.0);

    #[test]
    fn steps_are_large_in_the_beginning_and_short_beside_a_near_end() {
        let mut control = StepSize::new(128);
        let beginning = steps(&mut control, 256, |_| [ECHO, 0.0, ECHO]);
        assert!(beginning.iter().all(|step| *step == INITIAL_STEP));
        assert!(!control.is_first());
        // Syllables of both ends, which have nothing to do with each other.
        let both = steps(&mut control, 9000, |tick| {
            let (echo, near) =
                (if tick % 300 < 150 { ECHO } else { 0.0 }, if tick % 420 < 210 { 4.0 * ECHO } else { ECHO });
            [echo + near, echo, near]
        });
        assert!(both[5000..].iter().all(|step| *step < STEP_SHORT));
        let taken = both[5000..5150].iter().filter(|step| **step > 0.0).count();
        assert!((45..=50).contains(&taken), "one tick of three: {taken}");
    }

    #[test]
    fn an_error_of_quantisation_noise_alone_is_not_adapted_to() {
        let mut control = StepSize::new(128);
        steps(&mut control, 1000, |_| [ECHO, ECHO, 0.0]);
        let step = |control: &mut StepSize, noise: f32| {
            let [near, echo, error, noise] = [ECHO, ECHO, 100.0, noise].map(Wide::all);
            let powers = Powers { near, echo, error, noise, far: Wide::all(FAR) };
            let mut last = 0.0;
            for _ in 0..200 {
                let mut lines = [const { None }; WIDTH];
                lines[3] = Some(&mut *control);
                last = StepSize::step(&mut lines, &powers, Mask::ALL).0[3];
            }
            last
        };
        assert!(step(&mut control, 0.0) > 0.25);
        assert_eq!(step(&mut control, 120.0), 0.0);
    }

    #[test]
    fn a_near_end_louder_than_any_echo_makes_the_first_steps_small() {
        let loud = tick_power(-3.0);
        assert!(steps(&mut StepSize::new(128), 10, |_| [loud, 0.0, loud])[9] < 0.1);
    }

    #[test]
    fn an_error_above_the_signal_starts_convergence_again() {
        let mut control = StepSize::new(128);
        steps(&mut control, 1000, |_| [ECHO, ECHO, 0.001 * ECHO]);
        assert!(!control.is_initial());
        steps(&mut control, 100, |_| [ECHO, ECHO, 4.0 * ECHO]);
        assert!(control.is_initial() && !control.is_first());
        control.resume();
        assert!(!control.is_initial());
    }
}
