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
/// Fewer windows than this are never filled well enough by [`ON_MS`] of sound, even in two pieces.
const WINDOWS_MIN: u32 = 4;
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
        let Leak { part, own } = LEAKS[row][column];
        let in_low = apart.times(high);
        let in_high = low.against(apart);
        [low.less(in_low, part).scaled(own), high.less(in_high, part).scaled(own)]
    }

    fn energy(&self) -> f32 {
        let [last, middle, first] = [0, 1, 2].map(|ago| self.energies[(self.hop + KEPT - ago) % KEPT].0[self.lane]);
        last + 2.0 * middle + first
    }
}

#[derive(Clone, Copy)]
struct Leak {
    /// What a tone of amplitude 1 leaves in the result of another in one hop.
    part: f32,
    /// What each must be multiplied by when that has been taken away: a little of its own went with it.
    own: f32,
}

/// By row and column.
static LEAKS: [[Leak; 4]; 4] = {
    let mut leaks = [[Leak { part: 0.0, own: 1.0 }; 4]; 4];
    let mut row = 0;
    while row < 4 {
        let mut column = 0;
        while column < 4 {
            let apart = (HIGH_HZ[column] - LOW_HZ[row]) as f64 / SAMPLE_RATE_HZ as f64;
            let part = level::sine(apart * HOP as f64 / 2.0) / (HOP as f64 * level::sine(apart / 2.0));
            leaks[row][column] = Leak { part: part as f32, own: (1.0 / (1.0 - part * part)) as f32 };
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

    fn amplitude(self) -> f32 {
        self.power().sqrt()
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
}

impl Tone {
    /// The cosine of the phase gained in [`LAG`] hops.
    fn cosine(&self) -> f32 {
        let length = self.turned.amplitude();
        if length > 0.0 { self.turned.re / length } else { 0.0 }
    }

    /// The power that the tone has, allowing for what a window loses of one that is off its nominal frequency, by its
    /// [`cosine`](Self::cosine).
    fn true_power(&self, cosine: f32) -> f32 {
        // With weights 1, 2, 1 the phase gained from the middle to either side decides; it is half of that in the lag.
        let half = (0.5 + 0.5 * cosine).max(0.0).sqrt();
        let loss = 0.5 + 0.5 * half;
        self.power / (loss * loss)
    }
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    places: Pair<usize>,
    tones: Pair<Tone>,
    energy: f32,
    windows: u32,
    /// Bit n: the pair was likely n hops ago.
    likely: u32,
    /// The pair in the last hops, the newest first: in the last window, and in that [`LAG`] hops earlier.
    hops: [Pair<Complex>; 3 + LAG],
    /// How loud the low tone was in each of the hops remembered, and the high one, round and round; 0 where there was no hop yet.
    amplitudes: Pair<[f32; REMEMBERED]>,
    /// How many there have been.
    count: usize,
}

#[derive(Debug, Clone, Copy)]
struct Down {
    places: Pair<usize>,
    digit: Digit,
    full: Full,
    on_ms: f32,
    off_ms: f32,
}

#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::large_enum_variant, reason = "a box would be an allocation for every key")]
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
                    Some((row, column)) if [row, column] == candidate.places => candidate.hear(window),
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
            places: [row, column],
            tones: [Tone::default(); 2],
            energy: 0.0,
            windows: 0,
            likely: 0,
            hops: [[Complex::default(); 2]; 3 + LAG],
            amplitudes: [[0.0; REMEMBERED]; 2],
            count: 0,
        };
        // The window may be the first to be filled well enough, not the first with sound.
        for ago in (0..3 + LAG).rev() {
            candidate.remember(window, ago);
        }
        candidate.hear(window);
        candidate
    }

    fn remember(&mut self, window: &Window<'_>, ago: usize) {
        let pair = window.pair(self.places, ago);
        self.hops.copy_within(..2 + LAG, 1);
        self.hops[0] = pair;
        for (amplitudes, tone) in self.amplitudes.iter_mut().zip(pair) {
            amplitudes[self.count % REMEMBERED] = tone.amplitude();
        }
        self.count += 1;
    }

    /// The phasor of a tone in the window of three hops that ended `ago` hops ago.
    fn windowed(&self, tone: usize, ago: usize) -> Complex {
        let [last, middle, first] = [0, 1, 2].map(|hop| self.hops[ago + hop][tone]);
        Complex { re: last.re + 2.0 * middle.re + first.re, im: last.im + 2.0 * middle.im + first.im }
    }

    fn hear(&mut self, window: &Window<'_>) {
        self.likely = self.likely << 1 | 1;
        for tone in 0..2 {
            let now = self.windowed(tone, 0);
            self.tones[tone].power += now.power();
            if self.likely >> LAG & 1 == 1 {
                let gained = now.against(self.windowed(tone, LAG));
                self.tones[tone].turned.re += gained.re;
                self.tones[tone].turned.im += gained.im;
            }
        }
        self.energy += window.energy();
        self.windows += 1;
    }

    /// Whether the break since the pair was last heard is too long for one key.
    fn is_broken(&self) -> bool {
        // A hop ago, or two, or three: that is no break.
        if self.likely & 0b1111 != 0 {
            return false;
        }
        let full = Full::of(self.windows, self.tones.map(|tone| tone.true_power(tone.cosine())));
        let [low, high] = &self.amplitudes;
        let hops = (0..self.count).rev().take(REMEMBERED).map(|hop| hop % REMEMBERED);
        let filled = hops.map(|hop| full.part(low[hop], high[hop]));
        filled.take_while(|part| *part < PRESENT).map(|part| (1.0 - part) * HOP_MS).sum::<f32>() > BREAK_MS
    }

    /// The key, once there is enough of it.
    fn decide(&self) -> Option<Down> {
        if self.windows < WINDOWS_MIN {
            return None;
        }
        let cosines = self.tones.map(|tone| tone.cosine());
        let [low, high] = [0, 1].map(|tone| self.tones[tone].true_power(cosines[tone]));
        let full = Full::of(self.windows, [low, high]);
        let on_ms = full.parts(&self.amplitudes) * HOP_MS;
        if on_ms < ON_MS {
            return None;
        }
        let [row, column] = self.places;
        let in_tune = cosines[0] > COSINES[row] && cosines[1] > COSINES[4 + column];
        let near = low < high * TWIST && high < low * TWIST;
        let pure = low + high > PURITY * 64.0 * self.energy;
        if !(in_tune && near && pure) {
            return None;
        }
        Some(Down { places: self.places, digit: key(row, column)?, full, on_ms, off_ms: 0.0 })
    }
}

/// A pair in a hop filled by it: one over the amplitude of each tone.
#[derive(Debug, Clone, Copy)]
struct Full(Pair<f32>);

impl Full {
    /// The average of so many windows that have these powers together.
    fn of(windows: u32, powers: Pair<f32>) -> Full {
        // A window holds four times the amplitude of a hop.
        Full(powers.map(|power| 4.0 * (windows as f32 / power).sqrt()))
    }

    /// How much of a hop the pair fills, by how much its weaker tone does; what is little is taken for none.
    fn part(&self, low: f32, high: f32) -> f32 {
        let lesser = |a: f32, b: f32| if a < b { a } else { b };
        let part = lesser(lesser(low * self.0[0], high * self.0[1]), 1.0);
        if part < 0.25 { 0.0 } else { part }
    }

    /// How many hops it fills altogether.
    fn parts(&self, [low, high]: &Pair<[f32; REMEMBERED]>) -> f32 {
        // Summed in four columns: a column is a lane of what the processor adds at once.
        let mut columns = [0.0; 4];
        for (low, high) in low.as_chunks::<4>().0.iter().zip(high.as_chunks::<4>().0) {
            for (column, (low, high)) in columns.iter_mut().zip(low.iter().zip(high)) {
                *column += self.part(*low, *high);
            }
        }
        columns.iter().sum()
    }
}

impl Down {
    /// Takes one hop. Whether the key has ended.
    fn has_ended(&mut self, window: &Window<'_>) -> bool {
        let [low, high] = window.pair(self.places, 0).map(Complex::amplitude);
        let filled = self.full.part(low, high);
        if filled >= PRESENT {
            self.on_ms += self.off_ms + filled * HOP_MS;
            self.off_ms = 0.0;
        } else {
            self.off_ms += (1.0 - filled) * HOP_MS;
        }
        self.off_ms >= OFF_MS
    }
}
