//! Convergence: the foreground filter leaves little more than A-law's quantisation noise.
//!
//! Input is block powers, not samples.
//!
//! Never: reads a sample.

use super::tick_power;

/// Powers of one line's echo, over about 16 ms.
#[derive(Debug, Clone, Copy, Default)]
pub struct Convergence {
    /// Of the echo that was cancelled, and of what is left.
    echo: f32,
    left: f32,
}

/// The pace at which the powers are followed, a tick.
const PACE: f32 = 1.0 / 16.0;
/// Largest residual of a converged filter, relative to the echo's power: -36 dB, where A-law's noise is 36 to 38 dB
/// down.
const LEFT_MAX: f32 = 1.0 / 4000.0;
/// The same of an echo so soft that A-law has no finer steps.
const NOISE: f32 = tick_power(-71.5);

impl Convergence {
    /// Returns true if the filter has converged.
    #[inline(always)]
    pub fn is_reached(&self) -> bool {
        self.left < LEFT_MAX * self.echo + NOISE
    }

    /// Takes a tick's power of the echo that was cancelled, and of what is left.
    #[inline(always)]
    pub fn step(&mut self, echo: f32, left: f32) {
        self.echo += PACE * (echo - self.echo);
        self.left += PACE * (left - self.left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_reached_with_time_and_lost_in_the_tick_in_which_more_is_left() {
        let mut convergence = Convergence::default();
        let echo = tick_power(-20.0);
        for _ in 0..200 {
            convergence.step(echo, echo / 100.0);
        }
        assert!(!convergence.is_reached());
        for _ in 0..200 {
            convergence.step(echo, echo / 5000.0);
        }
        assert!(convergence.is_reached());
        convergence.step(echo, echo / 100.0);
        assert!(!convergence.is_reached());
    }
}
