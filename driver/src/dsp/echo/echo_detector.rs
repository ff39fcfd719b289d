//! Echo detection before the first transfer: evidence that a filter adapted on a line without a known path cancels an
//! echo, not a second voice.
//!
//! Two voices at the same pitch correlate for a tenth of a second, and a filter that adapts meanwhile leaves little of
//! either. So taps are put on trial first: they are frozen, and must cancel the signal that arrives *after* they were
//! adapted. Only an echo path is still the same then. The more a filter is [spread](super::proportionate::spread), the
//! longer the trial.
//!
//! Input is block powers, with low frequencies attenuated: those of two voices correlate longest.
//!
//! Never: reads a sample.

use super::tick_power;

/// Ticks between two trials.
const TRIAL_TICKS: u32 = 16;
/// Threshold of a tick's evidence: the gain of the filter on trial as a natural logarithm of powers (2 is 8.7 dB), less
/// this. Clamped to [`FOR_MAX`] in favour of an echo and [`AGAINST_MAX`] against it.
const DUE: f32 = 0.3;
const FOR_MAX: f32 = 2.0;
const AGAINST_MAX: f32 = 1.0;
/// Powers are judged above A-law's noise.
const NOISE: f32 = tick_power(-64.0);
/// A near end that is softer says nothing for a filter.
const NEAR_MIN: f32 = tick_power(-55.0);
/// Evidence is clamped to this. A filter whose energy is in one part needs [`ENOUGH`], a spread one [`ENOUGH_SPREAD`]
/// times the square of its spread; one that is spread over more than 24 % of its taps needs another proof.
const MOST: f32 = 80.0;
const ENOUGH: f32 = 25.0;
const ENOUGH_SPREAD: f32 = 1400.0;

/// Evidence of an echo.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct EchoDetector {
    sum: f32,
    /// Ticks of this trial.
    ticks: u32,
}

impl EchoDetector {
    /// Takes a tick's power of what came in and of what the filter on trial leaves of it. Returns whether the trial is
    /// over, and what has been learned meanwhile is to be on trial next: the evidence goes on.
    #[inline(always)]
    pub(super) fn step(&mut self, near: f32, left: f32) -> bool {
        let most = if near < NEAR_MIN { 0.0 } else { FOR_MAX };
        let gain = ((near + NOISE) / (left + NOISE)).ln() - DUE;
        self.sum = (self.sum + gain.clamp(-AGAINST_MAX, most)).clamp(0.0, MOST);
        self.ticks += 1;
        let over = self.ticks >= TRIAL_TICKS;
        if over {
            self.ticks = 0;
        }
        over
    }

    /// Returns true if the evidence is enough for some spread.
    #[inline(always)]
    pub(super) fn may_be_enough(&self) -> bool {
        self.sum > ENOUGH
    }

    /// Returns true if the evidence is enough for a filter of this spread.
    #[inline(always)]
    pub(super) fn is_enough(&self, spread: f32) -> bool {
        self.sum > ENOUGH.max(ENOUGH_SPREAD * spread * spread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks_until_enough(left_db: f32, spread: f32) -> Option<u32> {
        let mut evidence = EchoDetector::default();
        let near = tick_power(-20.0);
        (1..1000).find(|_| {
            evidence.step(near, near * 10_f32.powf(left_db / 10.0));
            evidence.is_enough(spread)
        })
    }

    #[test]
    fn an_echo_in_one_part_of_the_filter_is_believed_within_twenty_ticks() {
        assert!(ticks_until_enough(-15.0, 0.1).is_some_and(|ticks| ticks < 20));
        assert!(ticks_until_enough(-15.0, 0.2).is_some_and(|ticks| ticks > 20));
    }

    #[test]
    fn neither_little_less_nor_a_filter_all_over_the_place_is_believed() {
        assert_eq!(ticks_until_enough(-1.0, 0.1), None);
        assert_eq!(ticks_until_enough(-30.0, 0.4), None);
    }

    #[test]
    fn what_does_not_last_is_forgotten() {
        let mut evidence = EchoDetector::default();
        let near = tick_power(-20.0);
        for _ in 0..5 {
            evidence.step(near, near / 100.0);
        }
        for _ in 0..10 {
            evidence.step(near, near * 1.2);
        }
        assert!(!evidence.may_be_enough());
        evidence.step(near, near / 100.0);
        assert!(!evidence.may_be_enough());
    }
}
