//! DTMF sender.

use arrayvec::ArrayVec;

use super::{HIGH_HZ, LOW_HZ, place};
use crate::dsp::level;
use crate::dsp::tone::Oscillator;
use crate::dsp::{SILENCE, Samples};
use crate::signal::{Digit, NUMBER_MAX};

/// The most keys and pauses sent in one go; what is beyond is not sent.
pub(crate) const DIGITS_MAX: usize = 2 * NUMBER_MAX;

/// Parameters of DTMF sending.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    /// A key sounds for this many milliseconds: 40 or more.
    pub on_ms: u32,
    /// Silence after each key, in milliseconds: 40 or more.
    pub off_ms: u32,
    /// The length of a pause, written `,` or `p`, in milliseconds.
    pub pause_ms: u32,
    /// The level of the low group, in dBm0.
    pub low_dbm0: f64,
    /// The level of the high group, in dBm0: 1 to 4 dB above the low group, since lines lose more of it.
    pub high_dbm0: f64,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Key(Digit),
    Pause,
}

/// Sends a string of keys, a tick at a time.
#[derive(Debug, Clone)]
pub struct Sender {
    steps: ArrayVec<Step, DIGITS_MAX>,
    timing: Timing,
    at: usize,
    /// Milliseconds into the step.
    ms: u32,
    low: Oscillator,
    high: Oscillator,
}

impl Sender {
    /// A sender of `digits`: keys, and `,` or `p` for pauses. Other characters, such as spaces and `-`, are left out.
    pub fn new(digits: &str, timing: &Timing) -> Sender {
        let steps = digits
            .chars()
            .filter_map(|c| match c {
                ',' | 'p' | 'P' => Some(Step::Pause),
                c => Digit::new(c).map(Step::Key),
            })
            .take(DIGITS_MAX)
            .collect();
        let mut sender =
            Sender { steps, timing: *timing, at: 0, ms: 0, low: Oscillator::default(), high: Oscillator::default() };
        sender.begin();
        sender
    }

    /// The next tick; none when the silence after the last key is over.
    #[expect(clippy::should_implement_trait, reason = "used a tick at a time beside other sources of sound")]
    pub fn next(&mut self) -> Option<Samples> {
        let step = *self.steps.get(self.at)?;
        let mut samples = SILENCE;
        let length_ms = match step {
            Step::Key(_) => {
                if self.ms < self.timing.on_ms {
                    for sample in &mut samples {
                        let sum = self.low.next_sample() + self.high.next_sample();
                        *sample = level::to_sample(f64::from(sum));
                    }
                }
                self.timing.on_ms + self.timing.off_ms
            }
            Step::Pause => self.timing.pause_ms,
        };
        self.ms += 1;
        if self.ms >= length_ms {
            self.at += 1;
            self.begin();
        }
        Some(samples)
    }

    fn begin(&mut self) {
        self.ms = 0;
        if let Some(Step::Key(digit)) = self.steps.get(self.at)
            && let Some((row, column)) = place(*digit)
        {
            self.low = Oscillator::new(f64::from(LOW_HZ[row]), self.timing.low_dbm0);
            self.high = Oscillator::new(f64::from(HIGH_HZ[column]), self.timing.high_dbm0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMING: Timing = Timing { on_ms: 100, off_ms: 80, pause_ms: 500, low_dbm0: -9.0, high_dbm0: -7.0 };

    fn lengths(digits: &str) -> Vec<(bool, usize)> {
        let mut sender = Sender::new(digits, &TIMING);
        let mut runs: Vec<(bool, usize)> = Vec::new();
        while let Some(samples) = sender.next() {
            let sounding = samples != SILENCE;
            match runs.last_mut() {
                Some((what, ms)) if *what == sounding => *ms += 1,
                _ => runs.push((sounding, 1)),
            }
        }
        runs
    }

    #[test]
    fn keys_and_silences_have_their_lengths() {
        assert_eq!(lengths("12"), [(true, 100), (false, 80), (true, 100), (false, 80)]);
        assert_eq!(lengths("1,2"), [(true, 100), (false, 580), (true, 100), (false, 80)]);
    }

    #[test]
    fn what_is_no_key_is_left_out() {
        assert_eq!(lengths("(1-2) x").len(), 4);
        assert_eq!(lengths(""), []);
    }
}
