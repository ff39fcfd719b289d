//! Decides whether two tones are a key.
//!
//! | state | leaves it |
//! |---|---|
//! | idle | a likely pair: heard |
//! | heard | enough sound of the right frequency, twist and purity: down · another pair or too long a break: idle |
//! | down | too long a silence: idle |
//!
//! Time is measured by the amplitude of the pair in every hop beside its amplitude in the window, so that a hop half filled
//! counts half: what separates 40 ms, which must be heard, from 24 ms, which must not, is not the place of the blocks.
//! Frequency is measured by the phase gained in 8 ms, averaged over the key.

use super::bank::{HOP_MS, KEPT, TONES};
use super::{HIGH_HZ, LOW_HZ, key};
use crate::dsp::level;
use crate::dsp::wide::Wide;
use crate::line::Digit;

/// Sound shorter than this is no key. Q.24: 40 ms must be one, 24 ms (NTT) or 23 ms (AT&T) must not.
const ON_MS: f32 = 32.0;
/// A break up to this long within a key not yet recognised is bridged. Q.24: 10 ms, Denmark 20 ms.
const BREAK_MS: f32 = 16.0;
/// Silence of this length ends a key. Q.24: 30 ms (NTT, Brazil) or more must part two keys, 20 ms (Denmark) must not.
const OFF_MS: f32 = 25.0;
/// How far a frequency may be off. Q.24: 1.8 % (NTT, Brazil) and 1.5 % + 4 Hz (Australia) must be heard, 3 % (NTT) must not.
const OFF_FREQUENCY: f64 = 0.0245;
/// How far the levels may be apart, as a ratio of powers: 11 dB. Q.24: 8 dB normal and 4 dB reverse, 10 dB in Australia.
const TWIST: f32 = 12.6;
/// The part of the power that the pair must hold, over the whole of the key so far.
const PURITY: f32 = 0.8;
/// Hops of a key not yet recognised that are remembered.
const REMEMBERED: usize = 16;
/// A hop is part of a key if its amplitude is at least this part of the key's.
const PRESENT: f32 = 0.5;

/// Hops over which the phase is compared.
const LAG: usize = 2;

/// The cosine of the phase that a tone off by [`OFF_FREQUENCY`] gains in [`LAG`] hops.
static COSINES: [f32; TONES] = {
    let mut cosines = [0.0; TONES];
    let mut tone = 0;
    while tone < TONES {
        let hz = if tone < 4 { LOW_HZ[tone] } else { HIGH_HZ[tone - 4] } as f64;
        cosines[tone] = level::cosine(hz * OFF_FREQUENCY * LAG as f64 * HOP_MS as f64 / 1000.0) as f32;
        tone += 1;
    }
    cosines
};

/// What was heard.
pub(super) enum Heard {
    Begun(Digit),
    /// With its length in milliseconds.
    Ended(Digit, u64),
}

/// The last hops of one lane.
pub(super) struct Window<'a> {
    pub(super) phasors: &'a [[[Wide; 2]; TONES]; KEPT],
    pub(super) energies: &'a [Wide; KEPT],
    /// The number of the last hop.
    pub(super) hop: usize,
    pub(super) lane: usize,
}

impl Window<'_> {
    /// The phasor of a tone `ago` hops ago, below [`KEPT`].
    fn phasor(&self, tone: usize, ago: usize) -> Complex {
        let [re, im] = &self.phasors[(self.hop + KEPT - ago) % KEPT][tone];
        Complex { re: re.0[self.lane], im: im.0[self.lane] }
    }

    /// The phasor of a tone in the window of three hops that ended `ago` hops ago.
    fn windowed(&self, tone: usize, ago: usize) -> Complex {
        let [last, middle, first] = [0, 1, 2].map(|more| self.phasor(tone, ago + more));
        Complex { re: last.re + 2.0 * middle.re + first.re, im: last.im + 2.0 * middle.im + first.im }
    }

    fn energy(&self) -> f32 {
        let [last, middle, first] = [0, 1, 2].map(|ago| self.energies[(self.hop + KEPT - ago) % KEPT].0[self.lane]);
        last + 2.0 * middle + first
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Complex {
    re: f32,
    im: f32,
}

impl Complex {
    fn power(self) -> f32 {
        self.re * self.re + self.im * self.im
    }

    /// This times the conjugate of `other`.
    fn against(self, other: Complex) -> Complex {
        Complex { re: self.re * other.re + self.im * other.im, im: self.im * other.re - self.re * other.im }
    }
}

/// One tone of a pair, summed over the windows in which the pair was likely.
#[derive(Debug, Clone, Copy, Default)]
struct Tone {
    power: f32,
    /// Windows against those [`LAG`] hops earlier: its angle is the frequency.
    turned: Complex,
    /// The amplitude in each remembered hop, not windowed.
    amplitudes: [f32; REMEMBERED],
}

impl Tone {
    /// The cosine of the phase gained in [`LAG`] hops.
    fn cosine(&self) -> f32 {
        let length = self.turned.power().sqrt();
        if length > 0.0 { self.turned.re / length } else { 0.0 }
    }

    /// The power that the tone has, allowing for what a window loses of one that is off its nominal frequency.
    fn true_power(&self) -> f32 {
        // With weights 1, 2, 1 the phase gained from the middle to either side decides; it is half of that in the lag.
        let half = (0.5 + 0.5 * self.cosine()).max(0.0).sqrt();
        let loss = 0.5 + 0.5 * half;
        self.power / (loss * loss)
    }
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    row: usize,
    column: usize,
    low: Tone,
    high: Tone,
    energy: f32,
    windows: u32,
    /// Bit n: the pair was likely n hops ago.
    likely: u32,
    /// Hops remembered.
    hops: usize,
}

#[derive(Debug, Clone, Copy)]
struct Down {
    row: usize,
    column: usize,
    digit: Digit,
    /// The amplitudes of the two tones in a hop filled by them.
    low: f32,
    high: f32,
    on_ms: f32,
    off_ms: f32,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    Idle,
    Heard(Candidate),
    Down(Down),
}

/// The decisions of one lane.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Judge {
    state: State,
}

impl Judge {
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// Takes one hop. `pair` is the strongest row and column, if they may be a key.
    pub(super) fn step(&mut self, window: &Window<'_>, pair: Option<(usize, usize)>, report: &mut dyn FnMut(Heard)) {
        match &mut self.state {
            State::Idle => {
                if let Some((row, column)) = pair {
                    self.state = State::Heard(Candidate::new(window, row, column));
                }
            }
            State::Heard(candidate) => {
                candidate.remember(window, 0);
                match pair {
                    Some(pair) if pair == (candidate.row, candidate.column) => candidate.hear(window),
                    Some((row, column)) => {
                        self.state = State::Heard(Candidate::new(window, row, column));
                        return;
                    }
                    None => candidate.likely <<= 1,
                }
                if let Some(down) = candidate.decide() {
                    report(Heard::Begun(down.digit));
                    self.state = State::Down(down);
                } else if candidate.is_broken() {
                    self.state = State::Idle;
                }
            }
            State::Down(down) => {
                if down.has_ended(window) {
                    report(Heard::Ended(down.digit, down.on_ms.round() as u64));
                    self.state = match pair {
                        Some((row, column)) => State::Heard(Candidate::new(window, row, column)),
                        None => State::Idle,
                    };
                }
            }
        }
    }
}

impl Candidate {
    fn new(window: &Window<'_>, row: usize, column: usize) -> Candidate {
        let mut candidate = Candidate {
            row,
            column,
            low: Tone::default(),
            high: Tone::default(),
            energy: 0.0,
            windows: 0,
            likely: 0,
            hops: 0,
        };
        // The window may be the first to be filled well enough, not the first with sound.
        for ago in (0..5).rev() {
            candidate.remember(window, ago);
        }
        candidate.hear(window);
        candidate
    }

    fn remember(&mut self, window: &Window<'_>, ago: usize) {
        if self.hops == REMEMBERED {
            self.low.amplitudes.copy_within(1.., 0);
            self.high.amplitudes.copy_within(1.., 0);
            self.hops -= 1;
        }
        self.low.amplitudes[self.hops] = window.phasor(self.row, ago).power().sqrt();
        self.high.amplitudes[self.hops] = window.phasor(4 + self.column, ago).power().sqrt();
        self.hops += 1;
    }

    fn hear(&mut self, window: &Window<'_>) {
        self.likely = self.likely << 1 | 1;
        let turned = self.likely >> LAG & 1 == 1;
        for (tone, place) in [(&mut self.low, self.row), (&mut self.high, 4 + self.column)] {
            let now = window.windowed(place, 0);
            tone.power += now.power();
            if turned {
                let gained = now.against(window.windowed(place, LAG));
                tone.turned.re += gained.re;
                tone.turned.im += gained.im;
            }
        }
        self.energy += window.energy();
        self.windows += 1;
    }

    /// The amplitude of each tone in a hop filled by it, on the average of the windows.
    fn amplitudes(&self) -> (f32, f32) {
        let of = |tone: &Tone| (tone.true_power() / self.windows as f32).sqrt() / 4.0;
        (of(&self.low), of(&self.high))
    }

    /// How much of each remembered hop was filled by the pair, 0 to 1, oldest first; and how many there are.
    fn filled(&self) -> ([f32; REMEMBERED], usize) {
        let (low, high) = self.amplitudes();
        let mut filled = [0.0; REMEMBERED];
        let hops = self.low.amplitudes.iter().zip(&self.high.amplitudes).take(self.hops);
        for (filled, (in_low, in_high)) in filled.iter_mut().zip(hops) {
            *filled = part(in_low / low, in_high / high);
        }
        (filled, self.hops)
    }

    /// Whether the break since the pair was last heard is too long for one key.
    fn is_broken(&self) -> bool {
        let (filled, hops) = self.filled();
        let silent = filled[..hops].iter().rev().take_while(|part| **part < PRESENT);
        silent.map(|part| (1.0 - part) * HOP_MS).sum::<f32>() > BREAK_MS
    }

    /// The key, once there is enough of it.
    fn decide(&self) -> Option<Down> {
        let (filled, hops) = self.filled();
        let on_ms = filled[..hops].iter().sum::<f32>() * HOP_MS;
        if on_ms < ON_MS {
            return None;
        }
        let (low, high) = (self.low.true_power(), self.high.true_power());
        let in_tune = self.low.cosine() > COSINES[self.row] && self.high.cosine() > COSINES[4 + self.column];
        let near = low < high * TWIST && high < low * TWIST;
        let pure = low + high > PURITY * 64.0 * self.energy;
        if !(in_tune && near && pure) {
            return None;
        }
        let (low, high) = self.amplitudes();
        let digit = key(self.row, self.column)?;
        Some(Down { row: self.row, column: self.column, digit, low, high, on_ms, off_ms: 0.0 })
    }
}

impl Down {
    /// Takes one hop. Whether the key has ended.
    fn has_ended(&mut self, window: &Window<'_>) -> bool {
        let low = window.phasor(self.row, 0).power().sqrt() / self.low;
        let high = window.phasor(4 + self.column, 0).power().sqrt() / self.high;
        let filled = part(low, high);
        if filled >= PRESENT {
            self.on_ms += self.off_ms + filled * HOP_MS;
            self.off_ms = 0.0;
        } else {
            self.off_ms += (1.0 - filled) * HOP_MS;
        }
        self.off_ms >= OFF_MS
    }
}

/// How much of a hop a pair fills, by how much its tones do; what is little is taken for none.
fn part(low: f32, high: f32) -> f32 {
    let part = low.min(high).min(1.0);
    if part < 0.25 { 0.0 } else { part }
}
