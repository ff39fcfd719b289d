//! Classification of received sound: silence, tone, voice; and from their cadence the signals of an exchange.
//!
//! A tone receiver works in blocks of 20 ms; a change counts when two blocks agree.

use super::tone::{FREQUENCIES_MAX, ToneSpec};
use super::{SAMPLE_RATE, mean_square, power_with};
use crate::network::Sound;
use crate::network::country::Country;

/// Samples of a block: 20 ms.
const BLOCK: usize = 160;
const BLOCK_MS: u32 = 20;
/// The mean square below which there is silence: -45 dBm0, which is 91 squared.
const SILENT_BELOW: f32 = 91.0 * 91.0;
/// The bound while the listener speaks: sound below -30 dBm0 may be the echo of its own voice, and is ignored.
const UNNOTICED_BELOW: f32 = 510.0 * 510.0;
/// Time after its own voice in which an echo may still arrive, in blocks.
const ECHO_BLOCKS: u32 = 10;
/// The share of the power that a tone's frequencies must hold.
const TONE_SHARE: f32 = 0.7;
/// The share where tones swell: about a dip, an envelope of 1 + cos leaves a block 0.56 of its power at the carrier.
const SWELLING_SHARE: f32 = 0.45;
/// Pause after which a voice counts as a new one, in ms.
const VOICE_GAP_MS: u32 = 600;
/// Runs remembered to judge a cadence.
const RUNS: usize = 6;

/// Class of the sound at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sounding {
    /// Nothing.
    Silence,
    /// One of the country's tones and nothing else.
    Tone,
    /// Anything else: a voice, music, keys.
    Voice,
}

/// A signal of the exchange, recognised by its cadence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Dial tone: you may dial.
    Dial,
    /// The other end rings.
    Ringback,
    /// The other end is engaged or has gone.
    Busy,
    /// The network has no way.
    Congestion,
}

/// Tone receiver: a person at a telephone hears by it.
#[derive(Debug, Clone)]
pub struct ToneReceiver {
    coefficients: [f32; FREQUENCIES_MAX * 4],
    count: usize,
    share: f32,
    busy: [u32; 2],
    congestion: [u32; 2],
    ringback: u32,
    block: [i16; BLOCK],
    filled: usize,
    /// For how many blocks more the own voice may come back as an echo.
    echo_blocks: u32,
    /// Present class, and its age.
    now: Sounding,
    run_ms: u32,
    /// Class of the last block, if it differs from `now`.
    doubt: Option<Sounding>,
    /// The runs before this one, the latest first.
    runs: [(Sounding, u32); RUNS],
    voice_ms: u32,
    since_voice_ms: u32,
    since_sound_ms: u32,
}

impl ToneReceiver {
    /// A tone receiver that knows the tones of `country`.
    pub fn new(country: &Country) -> ToneReceiver {
        let mut coefficients = [0.0; FREQUENCIES_MAX * 4];
        let mut count = 0;
        for tone in [country.dial, country.ringback, country.busy, country.congestion] {
            for &hertz in tone.hertz {
                let coefficient = 2.0 * (std::f32::consts::TAU * hertz / SAMPLE_RATE).cos();
                if !coefficients[..count].contains(&coefficient) {
                    coefficients[count] = coefficient;
                    count += 1;
                }
            }
        }
        let swells = [country.dial, country.ringback, country.busy].iter().any(|tone| tone.modulation_hertz > 0.0);
        let share = if swells { SWELLING_SHARE } else { TONE_SHARE };
        let pair = |tone: &ToneSpec| match *tone.cadence {
            [on, off, ..] => [u32::from(on), u32::from(off)],
            _ => [0, 0],
        };
        ToneReceiver {
            coefficients,
            count,
            share,
            busy: pair(&country.busy),
            congestion: pair(&country.congestion),
            ringback: pair(&country.ringback)[0],
            block: [0; BLOCK],
            filled: 0,
            echo_blocks: 0,
            now: Sounding::Silence,
            run_ms: 0,
            doubt: None,
            runs: [(Sounding::Silence, 0); RUNS],
            voice_ms: 0,
            since_voice_ms: u32::MAX / 2,
            since_sound_ms: 0,
        }
    }

    /// Forgets everything heard, as when a telephone is lifted anew.
    pub fn forget(&mut self) {
        self.filled = 0;
        self.now = Sounding::Silence;
        self.run_ms = 0;
        self.doubt = None;
        self.runs = [(Sounding::Silence, 0); RUNS];
        self.voice_ms = 0;
        self.since_voice_ms = u32::MAX / 2;
        self.since_sound_ms = 0;
    }

    /// The listener is speaking: for a moment, only what is loud is noticed.
    pub fn mask(&mut self) {
        self.echo_blocks = ECHO_BLOCKS;
    }

    /// Hears a millisecond. True when a block was finished and the answers below may have changed.
    pub fn hear(&mut self, sound: &Sound) -> bool {
        self.block[self.filled..self.filled + sound.len()].copy_from_slice(sound);
        self.filled += sound.len();
        if self.filled < BLOCK {
            return false;
        }
        self.filled = 0;
        self.echo_blocks = self.echo_blocks.saturating_sub(1);
        let found = self.judge();
        self.believe(found);
        true
    }

    /// Present class of the sound, and its age in milliseconds.
    pub fn sounding(&self) -> (Sounding, u32) {
        (self.now, self.run_ms)
    }

    /// Length of the present voice, in ms, pauses for breath included; 0 without voice.
    pub fn voice_ms(&self) -> u32 {
        self.voice_ms
    }

    /// Time since the last voice, in ms; very long if there has been none.
    pub fn since_voice_ms(&self) -> u32 {
        self.since_voice_ms
    }

    /// Length of the present silence, in ms.
    pub fn quiet_ms(&self) -> u32 {
        self.since_sound_ms
    }

    /// The run before the present one, and the one before that: what it was, and how long it was, in ms.
    pub fn last_runs(&self) -> [(Sounding, u32); 2] {
        [self.runs[0], self.runs[1]]
    }

    /// The signal of the exchange that is being heard, if any.
    pub fn signal(&self) -> Option<Signal> {
        if self.now == Sounding::Tone && self.run_ms > 2 * self.ringback.max(600) {
            return Some(Signal::Dial);
        }
        for (pair, signal) in [(self.busy, Signal::Busy), (self.congestion, Signal::Congestion)] {
            if self.repeats(pair) {
                return Some(signal);
            }
        }
        let rang = |&(sounding, ms): &(Sounding, u32)| {
            sounding == Sounding::Tone && ms * 4 >= self.ringback * 3 && ms * 4 <= self.ringback * 5
        };
        let silent = self.now == Sounding::Silence && self.run_ms < 6000;
        (silent && rang(&self.runs[0])).then_some(Signal::Ringback)
    }

    /// Returns true if the last three whole runs were on, off, on of this cadence within a fifth, and it still goes on.
    fn repeats(&self, [on, off]: [u32; 2]) -> bool {
        let near = |ms: u32, nominal: u32| ms.abs_diff(nominal) <= (nominal / 5).max(2 * BLOCK_MS);
        let is = |run: &(Sounding, u32), sounding: Sounding, nominal: u32| run.0 == sounding && near(run.1, nominal);
        let [a, b, c, ..] = &self.runs;
        on > 0
            && match self.now {
                Sounding::Silence => {
                    self.run_ms < off * 2
                        && is(a, Sounding::Tone, on)
                        && is(b, Sounding::Silence, off)
                        && is(c, Sounding::Tone, on)
                }
                Sounding::Tone => {
                    self.run_ms < on * 2
                        && is(a, Sounding::Silence, off)
                        && is(b, Sounding::Tone, on)
                        && is(c, Sounding::Silence, off)
                }
                Sounding::Voice => false,
            }
    }

    fn judge(&self) -> Sounding {
        let total = mean_square(&self.block);
        if total < if self.echo_blocks > 0 { UNNOTICED_BELOW } else { SILENT_BELOW } {
            return Sounding::Silence;
        }
        let in_tones: f32 = self.coefficients[..self.count].iter().map(|&c| power_with(c, &self.block)).sum();
        if in_tones >= self.share * total { Sounding::Tone } else { Sounding::Voice }
    }

    fn believe(&mut self, found: Sounding) {
        self.run_ms += BLOCK_MS;
        if found == self.now {
            self.doubt = None;
        } else if self.doubt == Some(found) {
            // The run began with the block before this one.
            let length = self.run_ms.saturating_sub(2 * BLOCK_MS);
            self.runs.rotate_right(1);
            self.runs[0] = (self.now, length);
            self.now = found;
            self.run_ms = 2 * BLOCK_MS;
            self.doubt = None;
        } else {
            self.doubt = Some(found);
        }
        match self.now {
            Sounding::Voice => {
                self.voice_ms += BLOCK_MS;
                self.since_voice_ms = 0;
            }
            Sounding::Silence | Sounding::Tone => {
                self.since_voice_ms = self.since_voice_ms.saturating_add(BLOCK_MS);
                if self.since_voice_ms > VOICE_GAP_MS {
                    self.voice_ms = 0;
                }
            }
        }
        self.since_sound_ms = match self.now {
            Sounding::Silence => self.since_sound_ms + BLOCK_MS,
            Sounding::Tone | Sounding::Voice => 0,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::country::{CHINA, JAPAN};
    use crate::network::signal::SILENCE;
    use crate::network::signal::tone::Tone;

    fn hears(spec: ToneSpec, ms: usize) -> ToneReceiver {
        let mut tone_receiver = ToneReceiver::new(&CHINA);
        for _ in 0..507 {
            tone_receiver.hear(&SILENCE);
        }
        let mut tone = Tone::new(spec);
        for _ in 0..ms {
            tone_receiver.hear(&tone.next_ms());
        }
        tone_receiver
    }

    #[test]
    fn signals_by_their_cadence() {
        assert_eq!(hears(CHINA.busy, 900).signal(), None);
        for ms in (1500..4000).step_by(37) {
            assert_eq!(hears(CHINA.busy, ms).signal(), Some(Signal::Busy), "{ms} ms");
        }
        assert_eq!(hears(CHINA.congestion, 3500).signal(), Some(Signal::Congestion));
        assert_eq!(hears(CHINA.ringback, 1500).signal(), Some(Signal::Ringback));
        assert_eq!(hears(CHINA.dial, 2500).signal(), Some(Signal::Dial));
        assert_eq!(hears(CHINA.ringback, 900).signal(), None);
    }

    #[test]
    fn a_tone_that_swells_is_no_voice() {
        let mut tone_receiver = ToneReceiver::new(&JAPAN);
        let mut tone = Tone::new(JAPAN.ringback);
        for ms in 0..20_000 {
            tone_receiver.hear(&tone.next_ms());
            assert_eq!(tone_receiver.voice_ms(), 0, "at {ms} ms");
        }
    }

    #[test]
    fn silence_is_silence() {
        let tone_receiver = hears(ToneSpec { dbm0: -60.0, ..CHINA.dial }, 1000);
        assert_eq!(tone_receiver.sounding().0, Sounding::Silence);
        assert!(tone_receiver.quiet_ms() >= 1400);
        assert_eq!(tone_receiver.voice_ms(), 0);
    }
}
