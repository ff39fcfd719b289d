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

use super::bank::{HOP, HOP_MS, KEPT, PHASES, TONES, TURNS};
use super::{HIGH_HZ, LOW_HZ, key};
use crate::dsp::level;
use crate::dsp::wide::Wide;
use crate::line::Digit;
use crate::time::SAMPLE_RATE_HZ;

/// Sound shorter than this is no key. Q.24: 40 ms must be one, 24 ms (NTT) or 23 ms (AT&T) must not.
const ON_MS: f32 = 32.0;
/// A break up to this long within a key not yet recognised is bridged. Q.24: 10 ms, Denmark 20 ms.
const BREAK_MS: f32 = 16.0;
/// Silence of this length ends a key. Q.24: 30 ms (NTT, Brazil) or more must part two keys, 20 ms (Denmark) must not.
const OFF_MS: f32 = 25.0;
/// How far a frequency may be off. Q.24: 1.8 % (NTT, Brazil) and 1.5 % + 4 Hz (Australia) must be heard, 3 % (NTT) must not.
const OFF_FREQUENCY: f64 = 0.0245;
/// How far the levels may be apart, as a ratio of powers: 12 dB. Q.24: 8 dB normal and 4 dB reverse, 10 dB in Australia.
const TWIST: f32 = 15.8;
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

/// Two things of a pair: of the low tone, and of the high one.
type Pair<T> = [T; 2];

impl Window<'_> {
    /// The phasor of a tone `ago` hops ago, below [`KEPT`].
    fn phasor(&self, tone: usize, ago: usize) -> Complex {
        let [re, im] = &self.phasors[(self.hop + KEPT - ago) % KEPT][tone];
        Complex { re: re.0[self.lane], im: im.0[self.lane] }
    }

    /// The phasors of two tones `ago` hops ago, each without what the other leaves in it.
    fn pair(&self, [row, column]: Pair<usize>, ago: usize) -> Pair<Complex> {
        let (low, high) = (self.phasor(row, ago), self.phasor(4 + column, ago));
        // What a tone leaves in the result of another turns with the difference of their frequencies.
        let hop = (self.hop + PHASES - ago) % PHASES;
        let turn = |tone: usize| {
            let [re, im] = TURNS[hop][tone];
            Complex { re, im }
        };
        let apart = turn(4 + column).against(turn(row));
        let leak = LEAKS[row][column];
        let own = 1.0 / (1.0 - leak * leak);
        let in_low = apart.times(high);
        let in_high = low.against(apart);
        [low.less(in_low, leak).scaled(own), high.less(in_high, leak).scaled(own)]
    }

    /// The phasors of two tones in the window of three hops that ended `ago` hops ago.
    fn windowed(&self, places: Pair<usize>, ago: usize) -> Pair<Complex> {
        let [last, middle, first] = [0, 1, 2].map(|more| self.pair(places, ago + more));
        [0, 1].map(|of| Complex {
            re: last[of].re + 2.0 * middle[of].re + first[of].re,
            im: last[of].im + 2.0 * middle[of].im + first[of].im,
        })
    }

    fn energy(&self) -> f32 {
        let [last, middle, first] = [0, 1, 2].map(|ago| self.energies[(self.hop + KEPT - ago) % KEPT].0[self.lane]);
        last + 2.0 * middle + first
    }
}

/// What a tone of amplitude 1 leaves in the result of another in one hop, by row and column.
static LEAKS: [[f32; 4]; 4] = {
    let mut leaks = [[0.0; 4]; 4];
    let mut row = 0;
    while row < 4 {
        let mut column = 0;
        while column < 4 {
            let apart = (HIGH_HZ[column] - LOW_HZ[row]) as f64 / SAMPLE_RATE_HZ as f64;
            leaks[row][column] =
                (level::sine(apart * HOP as f64 / 2.0) / (HOP as f64 * level::sine(apart / 2.0))) as f32;
            column += 1;
        }
        row += 1;
    }
    leaks
};

#[derive(Debug, Clone, Copy, Default)]
struct Complex {
    re: f32,
    im: f32,
}

impl Complex {
    fn power(self) -> f32 {
        self.re * self.re + self.im * self.im
    }

    fn times(self, other: Complex) -> Complex {
        Complex { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }

    fn scaled(self, factor: f32) -> Complex {
        Complex { re: self.re * factor, im: self.im * factor }
    }

    /// This less so much of `other`.
    fn less(self, other: Complex, part: f32) -> Complex {
        Complex { re: self.re - part * other.re, im: self.im - part * other.im }
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
        let [low, high] = window.pair([self.row, self.column], ago);
        self.low.amplitudes[self.hops] = low.power().sqrt();
        self.high.amplitudes[self.hops] = high.power().sqrt();
        self.hops += 1;
    }

    fn hear(&mut self, window: &Window<'_>) {
        self.likely = self.likely << 1 | 1;
        let turned = self.likely >> LAG & 1 == 1;
        let places = [self.row, self.column];
        let now = window.windowed(places, 0);
        let before = window.windowed(places, LAG);
        for (tone, (now, before)) in [&mut self.low, &mut self.high].into_iter().zip(now.into_iter().zip(before)) {
            tone.power += now.power();
            if turned {
                let gained = now.against(before);
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
        let [low, high] = window.pair([self.row, self.column], 0);
        let filled = part(low.power().sqrt() / self.low, high.power().sqrt() / self.high);
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
