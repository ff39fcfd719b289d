//! Non-linear processor (NLP): suppresses the residual echo of the linear canceller.
//!
//! Its threshold is the residual that an echo leaves, relative to the echo's power, measured in the ticks with the
//! least residual: in others the near end may speak. So it suppresses little while the filter converges, and nothing
//! before. A near end above the threshold passes at once and unchanged, and a hangover bridges its pauses.
//!
//! Input is block powers, the sums of squares of a tick, not samples.
//!
//! Never: reads a sample.

use super::tick_power;
use crate::dsp::vector::Wide;

/// The power of the echo falls in its estimate no faster than this in a tick: by 0.6 dB.
const ECHO_DECAY: f32 = 7.0 / 8.0;
/// Part of the difference by which the residual's power is followed, a tick.
const LEFT_PACE: f32 = 1.0 / 4.0;
/// An echo below this is not measured: A-law's noise is too near.
const ECHO_MIN: f32 = tick_power(-46.0);
/// The relative residual moves by these factors a tick, upwards (4 dB a second) and downwards (17 dB a second), to the
/// level that one tick out of five is below.
const RISE: f32 = 1.001;
const FALL: f32 = 0.996;
/// The range of the relative residual: -36 dB is the most that A-law lets a filter cancel (G.168 asks for 30); -10 dB
/// is a path that is not known yet.
const PART_MIN: f32 = 0.000_25;
const PART_MAX: f32 = 0.1;
/// Before anything was measured: -13 dB.
const PART_START: f32 = 0.05;
/// Margin of the threshold above the measured residual: 12 dB; the threshold is at most the echo less 6 dB.
const MARGIN: f32 = 16.0;
const PART_KEPT_MAX: f32 = 0.25;
/// A threshold below this part of the near end's noise is inaudible: nothing is suppressed.
const HIDDEN: f32 = 0.1;
/// A-law's noise in silence, and a little more: no speech is as soft.
const SILENCE_MAX: f32 = tick_power(-62.0);
/// Hangover after near-end speech: ticks for each tick of speech, and the most. Common practice is 30 to 75 ms.
const HANGOVER: u32 = 8;
const HANGOVER_MAX: u32 = 50;
/// By how much less passes with each tick in which all is to be kept back.
const CLOSE: f32 = 0.25;

/// The processor of one line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Suppressor {
    /// The power of the echo, and of what is left.
    echo: f32,
    left: f32,
    /// Residual of an echo, relative to its power.
    part: f32,
    /// Ticks for which everything passes.
    open: u32,
    gain: f32,
}

/// Gain at the start of a tick and at its end: 1 passes all, 0 nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Gain {
    from: f32,
    to: f32,
}

impl Gain {
    /// Everything passes.
    pub(super) const ONE: Gain = Gain { from: 1.0, to: 1.0 };

    /// The gain of each sample.
    pub(super) fn ramp(self) -> Wide {
        const RISE: Wide = Wide([0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0]);
        Wide::all(self.from) + RISE * (self.to - self.from)
    }
}

impl Default for Suppressor {
    fn default() -> Suppressor {
        Suppressor { echo: 0.0, left: 0.0, part: PART_START, open: 0, gain: 1.0 }
    }
}

impl Suppressor {
    /// Takes a tick's power of the echo that was taken out, of what is left, and of the near end's noise; returns how
    /// much is to pass. Everything passes if it may not `suppress`.
    pub(super) fn step(&mut self, echo: f32, left: f32, noise: f32, suppress: bool) -> Gain {
        self.echo = echo.max(ECHO_DECAY * self.echo);
        self.left += LEFT_PACE * (left - self.left);
        if self.echo > ECHO_MIN {
            let more = self.left - noise > self.part * self.echo;
            self.part = (self.part * if more { RISE } else { FALL }).clamp(PART_MIN, PART_MAX);
        }
        let most = (MARGIN * self.part).min(PART_KEPT_MAX) * self.echo;
        let heard = most > HIDDEN * noise;
        if !suppress || !heard || self.left > most + 2.0 * noise + SILENCE_MAX {
            // The echo is no part of it, or the lesser one.
            self.open = if heard { (self.open + HANGOVER).min(HANGOVER_MAX) } else { 0 };
        } else {
            self.open = self.open.saturating_sub(1);
        }
        let closes = suppress && heard && self.open == 0;
        let from = self.gain;
        self.gain = if closes { (self.gain - CLOSE).max(0.0) } else { 1.0 };
        Gain { from, to: self.gain }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ECHO: f32 = tick_power(-16.0);
    const LEFT: f32 = tick_power(-48.0);

    /// A processor that has met an echo and what is left of it for two seconds.
    fn settled() -> Suppressor {
        let mut suppressor = Suppressor::default();
        for _ in 0..2000 {
            suppressor.step(ECHO, LEFT, 0.0, true);
        }
        assert_eq!(suppressor.gain, 0.0, "what is left is kept back");
        suppressor
    }

    #[test]
    fn as_long_as_no_echo_is_taken_out_everything_passes() {
        let mut suppressor = Suppressor::default();
        for dbm0 in [-10.0, -40.0, -60.0, -80.0] {
            assert_eq!(suppressor.step(0.0, tick_power(dbm0), 0.0, true), Gain::ONE);
        }
    }

    #[test]
    fn whoever_speaks_beside_the_echo_passes_from_the_same_millisecond_on() {
        let mut suppressor = settled();
        assert_eq!(suppressor.step(ECHO, tick_power(-25.0), 0.0, true).to, 1.0);
        let mut passed = 0;
        while suppressor.step(ECHO, LEFT, 0.0, true).to == 1.0 {
            passed += 1;
        }
        assert!(passed >= HANGOVER, "{passed} ms after one of speech");
    }

    #[test]
    fn noise_that_hides_what_is_left_stays_as_it_is() {
        let mut suppressor = settled();
        let noise = tick_power(-25.0);
        assert_eq!(suppressor.step(ECHO, noise, noise, true).to, 1.0);
    }

    #[test]
    fn for_a_fax_machine_nothing_is_kept_back() {
        assert_eq!(settled().step(ECHO, LEFT, 0.0, false).to, 1.0);
    }
}
