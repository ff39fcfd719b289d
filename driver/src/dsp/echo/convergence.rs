//! Convergence: the foreground filter leaves little more than A-law's quantisation noise.
//!
//! The noise follows from the signal that came: a sample is off by up to half a step of its segment. (mu-law's is a
//! little lower; a filter of such a line is converged a little earlier.)
//!
//! Never: depends on the far end.

use crate::dsp::vector::Wide;

/// Powers of one line, over about 16 ms.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Convergence {
    /// Of A-law's quantisation noise.
    noise: f32,
    /// Of what the foreground filter leaves.
    left: f32,
}

/// The pace at which the powers are followed, a tick.
const PACE: f32 = 1.0 / 16.0;
/// Largest residual of a converged filter, relative to the noise.
const LEFT_MAX: f32 = 1.5;
/// A step of A-law as a part of the power of two below the sample, and the least step.
const STEP: f32 = 1.0 / 16.0;
const STEP_MIN: f32 = 16.0;
/// The softest samples are ±8, where silence is meant as well: their errors are up to 8, as of a step of 8 √12.
const SOFTEST: f32 = 8.0;
const STEP_SOFTEST: f32 = 27.713;

impl Convergence {
    /// Returns true if the filter has converged.
    #[inline(always)]
    pub(super) fn is_reached(&self) -> bool {
        self.left < LEFT_MAX * self.noise
    }

    /// Returns the power of the quantisation noise: the sum of the squares of a tick.
    #[inline(always)]
    pub(super) fn noise(&self) -> f32 {
        self.noise
    }

    /// Takes a tick of the line's signal, and the power of what is left of it.
    #[inline(always)]
    pub(super) fn step(&mut self, near: Wide, left: f32) {
        self.noise += PACE * (quantisation_noise(near) - self.noise);
        self.left += PACE * (left - self.left);
    }
}

/// The power of A-law's quantisation noise in a tick: the sum over its samples of a twelfth of the square of the step.
#[inline(always)]
fn quantisation_noise(near: Wide) -> f32 {
    let steps = (near.power_of_two_below() * STEP).max(Wide::all(STEP_MIN));
    let softest = near.abs().above(Wide::all(SOFTEST));
    softest.choose(steps, Wide::all(STEP_SOFTEST)).power() * (1.0 / 12.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Law;
    use crate::dsp::g711;

    /// A ramp over this many steps of the range, and what A-law makes of it.
    fn ramp(peak: i16) -> impl Iterator<Item = (Wide, Wide)> {
        (0..5000_i32).map(move |tick| {
            let clean = core::array::from_fn(|n| {
                let sample = (tick * 8 + n as i32) * 7919 % (2 * i32::from(peak)) - i32::from(peak);
                sample as i16
            });
            let coded = g711::decode_frame(Law::A, &g711::encode_frame(Law::A, &clean));
            (Wide::from_samples(&clean), Wide::from_samples(&coded))
        })
    }

    #[test]
    fn the_noise_is_that_of_a_law() {
        for peak in [600, 3000, 20_000, 32_000] {
            let (mut expected, mut came) = (0.0_f64, 0.0_f64);
            for (clean, coded) in ramp(peak) {
                expected += f64::from(quantisation_noise(coded));
                came += f64::from((clean - coded).power());
            }
            let ratio = expected / came;
            assert!((0.9..1.1).contains(&ratio), "expected {ratio:.2} times the noise of samples up to {peak}");
        }
    }

    #[test]
    fn it_is_reached_with_time_and_lost_in_the_tick_in_which_more_is_left() {
        let mut convergence = Convergence::default();
        let near = Wide::all(2000.0);
        let noise = quantisation_noise(near);
        for _ in 0..200 {
            convergence.step(near, 10.0 * noise);
        }
        assert!(!convergence.is_reached());
        for _ in 0..200 {
            convergence.step(near, 1.1 * noise);
        }
        assert!(convergence.is_reached());
        convergence.step(near, 10.0 * noise);
        assert!(!convergence.is_reached());
    }
}
