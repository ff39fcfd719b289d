//! Excitation: the far end's level and spectrum, as far as they allow adaptation.
//!
//! One to three tones do not determine a path: any number of filters fit them, and most are wrong. Adaptation needs a
//! far end that is loud enough and broad enough (persistent excitation). Every onset is broad while it lasts. It is
//! adapted to, so as to lose no time, but nothing is transferred to the foreground filter until the onset is over; if
//! it was the onset of a tone, what was learned is discarded.
//!
//! Input is block powers, not samples.
//!
//! Never: reads a sample.

use super::affine_projection::YOUNG;
use crate::time::SAMPLES_PER_TICK;

/// The far end's spectrum, judged every [`ONSET_TICKS`] during an onset, and every [`INTERVAL_TICKS`] after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Excitation {
    /// Ticks until the next judgement.
    left: usize,
    /// Judgements that still include the onset.
    onset: usize,
    adaptation: Adaptation,
}

/// The adaptation that the far end allows in a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Adaptation {
    /// None: too soft, or too narrow.
    Off,
    /// Adapt, but inhibit transfer to the foreground: an onset.
    Inhibited,
    /// Adapt.
    On,
    /// Discard what was learned while transfer was inhibited.
    Discard,
}

/// The least mean square of the far end's samples over the filter: that of a sine of -43 dBm0.
const FAR_MIN: f32 = 13_000.0;
/// Ticks from one judgement to the next: during an onset, and after it.
const ONSET_TICKS: usize = 8;
const INTERVAL_TICKS: usize = 16;
/// The part of the power that linear prediction from seven samples leaves: of speech and noise more than this, of up to
/// three tones with A-law's quantisation noise less.
const NARROW: f32 = 0.004;

impl Excitation {
    /// The state before an onset.
    pub(super) fn new() -> Excitation {
        Excitation { left: 0, onset: YOUNG.div_ceil(ONSET_TICKS * SAMPLES_PER_TICK), adaptation: Adaptation::Off }
    }

    /// Takes the far end's power over the `taps` samples of the filter; asks at each judgement for the part of the
    /// power of the youngest samples that linear prediction leaves.
    #[inline(always)]
    pub(super) fn step(&mut self, power: f32, taps: usize, prediction_error: impl FnOnce() -> f32) -> Adaptation {
        if power < FAR_MIN * taps as f32 {
            let inhibited = self.adaptation == Adaptation::Inhibited;
            let adaptation = if inhibited { Adaptation::Discard } else { Adaptation::Off };
            *self = Excitation { adaptation, ..Excitation::new() };
            return self.adaptation;
        }
        if self.left == 0 {
            self.left = if self.onset == 0 { INTERVAL_TICKS } else { ONSET_TICKS };
            let broad = prediction_error() > NARROW;
            self.adaptation = match (broad, self.onset, self.adaptation) {
                (true, 0, _) => Adaptation::On,
                (true, _, _) => Adaptation::Inhibited,
                (false, _, Adaptation::Inhibited) => Adaptation::Discard,
                (false, _, _) => Adaptation::Off,
            };
            self.onset = self.onset.saturating_sub(1);
        }
        self.left -= 1;
        self.adaptation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: f32 = 100.0 * FAR_MIN;

    fn adaptations(ticks: usize, prediction_error: impl Fn(usize) -> f32) -> Vec<Adaptation> {
        let mut excitation = Excitation::new();
        (0..ticks).map(|tick| excitation.step(LOUD, 1, || prediction_error(tick))).collect()
    }

    #[test]
    fn transfer_is_inhibited_during_an_onset_and_allowed_after_it() {
        let seen = adaptations(40, |_| 0.1);
        assert_eq!(seen[0], Adaptation::Inhibited);
        assert_eq!(seen[39], Adaptation::On);
        assert_eq!(seen.iter().filter(|seen| **seen == Adaptation::Inhibited).count(), 16);
    }

    #[test]
    fn what_was_learned_from_the_onset_of_a_tone_is_discarded() {
        let seen = adaptations(40, |tick| if tick < 8 { 0.1 } else { NARROW / 2.0 });
        assert_eq!(seen[7], Adaptation::Inhibited);
        assert_eq!(seen[8], Adaptation::Discard);
        assert_eq!(seen[39], Adaptation::Off);
    }

    #[test]
    fn a_far_end_that_ends_within_its_onset_is_discarded() {
        let mut excitation = Excitation::new();
        assert_eq!(excitation.step(LOUD, 1, || 0.1), Adaptation::Inhibited);
        assert_eq!(excitation.step(0.0, 1, || 0.1), Adaptation::Discard);
        assert_eq!(excitation.step(0.0, 1, || 0.1), Adaptation::Off);
    }
}
