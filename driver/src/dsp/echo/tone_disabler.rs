//! The tone disabler: lets fax machines and modems, which take echo into account themselves, pass as they are.
//!
//! | heard, from either end | the canceller |
//! |---|---|
//! | 2100 Hz for 300 ms | cancels, and keeps nothing back |
//! | the same with reversals of phase, 450 ms apart | lets everything pass |
//! | neither end above -36 dBm0 for 250 ms | is on again |
//!
//! The bank of [fax and modem tones](crate::dsp::fax_modem_tones) tells that a machine answers; it does not look at the
//! phase, by which a modem differs from a fax machine here.
//!
//! Never: takes a voice for a tone: ten milliseconds that are no pure tone twice in a row begin the count again.
//!
//! Sources: ITU-T G.168 section 7, G.165; V.25 (2100 Hz within 15 Hz, reversals within 10° at 450 ms within 25).

use super::tick_power;
use crate::dsp::level;
use crate::dsp::vector::{WIDTH, Wide};

/// Ticks of a block: 21 whole waves of 2100 Hz in 80 samples.
const BLOCK: usize = 10;
/// A block is tone if this part of its power is at 2100 Hz: less than 38 Hz off. Its phase then shows an error of less
/// than 25 Hz.
const PURITY: f32 = 0.6;
/// The quietest tone: -31 dBm0, and a decibel for what the measurement may be off.
const TONE_MIN: f32 = tick_power(-32.0);
/// Level above which a disabled canceller stays disabled: -36 dBm0.
const HOLD_MIN: f32 = tick_power(-36.0);
/// Ticks of less than that which put it on again (within 150 of 250).
const QUIET_TICKS: u32 = 250;
/// Blocks of tone that turn the non-linear processor off.
const TONE_BLOCKS: u32 = 30;
/// Blocks between two reversals: 450 ms within 25, and a block at each end.
const REVERSAL_BLOCKS: core::ops::RangeInclusive<u32> = 41..=49;
/// Reversals that identify a modem.
const REVERSALS: u32 = 2;
/// The cosine of the largest turn that is no change of phase, and of the smallest that is a reversal: 45° and 135°.
const TURNED: f32 = 0.707;

/// Extent of the echo control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    /// Everything.
    #[default]
    Normal,
    /// Cancel, and keep nothing back.
    Linear,
    /// Nothing.
    Bypass,
}

/// The disabler of one line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Disabler {
    mode: Mode,
    /// Position in the block, in ticks.
    at: usize,
    /// Listeners to the far end and to the near end.
    ends: [Listener; 2],
    quiet: u32,
}

impl Disabler {
    /// Returns the extent of the echo control.
    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    /// Takes a tick of the far end and of the near end, with their powers; returns what the canceller may do.
    pub(super) fn step(&mut self, ends: [Wide; 2], powers: [f32; 2]) -> Mode {
        for ((listener, tick), power) in self.ends.iter_mut().zip(&ends).zip(powers) {
            listener.add(tick, power, self.at);
        }
        self.at = (self.at + 1) % BLOCK;
        if self.at == 0 {
            for listener in &mut self.ends {
                self.mode = self.mode.and(listener.end_block());
            }
        }
        self.quiet = if powers[0].max(powers[1]) > HOLD_MIN { 0 } else { self.quiet.saturating_add(1) };
        if self.quiet >= QUIET_TICKS {
            self.mode = Mode::Normal;
        }
        self.mode
    }
}

impl Mode {
    /// The one that allows less.
    fn and(self, other: Mode) -> Mode {
        match (self, other) {
            (Mode::Bypass, _) | (_, Mode::Bypass) => Mode::Bypass,
            (Mode::Linear, _) | (_, Mode::Linear) => Mode::Linear,
            (Mode::Normal, Mode::Normal) => Mode::Normal,
        }
    }
}

/// A complex number: how loud a tone is, and its phase.
#[derive(Debug, Clone, Copy, Default)]
struct Phasor {
    re: f32,
    im: f32,
}

impl Phasor {
    /// The turn from `before` to this, and how loud both are.
    fn since(self, before: Phasor) -> Phasor {
        Phasor { re: self.re * before.re + self.im * before.im, im: self.im * before.re - self.re * before.im }
    }

    fn square(self) -> f32 {
        self.re * self.re + self.im * self.im
    }

    /// Of length 1.
    fn direction(self) -> Phasor {
        let length = self.square().sqrt().max(f32::MIN_POSITIVE);
        Phasor { re: self.re / length, im: self.im / length }
    }

    fn times(self, other: Phasor) -> Phasor {
        Phasor { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}

/// Listens for the tone from one end.
#[derive(Debug, Clone, Copy, Default)]
struct Listener {
    sum: Phasor,
    power: f32,
    /// The tone of the last block that was one, and how many blocks ago that was.
    before: Phasor,
    age: u32,
    /// By how much the phase goes on in a block, of length 1: the tone is a little off.
    turn: Option<Phasor>,
    /// Blocks for which the tone has lasted.
    blocks: u32,
    /// Blocks since the last reversal, and how many there were at the right distance.
    since: u32,
    reversals: u32,
}

impl Listener {
    #[inline]
    fn add(&mut self, tick: &Wide, power: f32, at: usize) {
        self.power += power;
        let (mut re, mut im) = (0.0, 0.0);
        for ((sample, cosine), sine) in tick.0.iter().zip(&COSINES[at].0).zip(&SINES[at].0) {
            re += sample * cosine;
            im += sample * sine;
        }
        self.sum.re += re;
        self.sum.im -= im;
    }

    /// Ten milliseconds are over.
    fn end_block(&mut self) -> Mode {
        let now = core::mem::take(&mut self.sum);
        let power = core::mem::take(&mut self.power);
        let whole = power * (BLOCK * WIDTH) as f32 / 2.0;
        self.age += 1;
        self.since += 1;
        if power > TONE_MIN * BLOCK as f32 && now.square() > PURITY * whole {
            self.hear(now);
        } else if self.age > 2 {
            *self = Listener::default();
        }
        if self.reversals >= REVERSALS {
            Mode::Bypass
        } else if self.blocks >= TONE_BLOCKS {
            Mode::Linear
        } else {
            Mode::Normal
        }
    }

    /// A block was tone.
    fn hear(&mut self, now: Phasor) {
        let turned = now.since(self.before).direction();
        let (before, age) = (core::mem::replace(&mut self.before, now), core::mem::take(&mut self.age));
        if before.square() == 0.0 {
            self.blocks = 1;
            return;
        }
        let Some(turn) = self.turn else {
            // Nothing to compare with yet. What turns by more than a quarter is another tone.
            if age == 1 && turned.re > 0.0 {
                self.turn = Some(turned);
                self.blocks += 1;
            }
            return;
        };
        let expected = if age == 1 { turn } else { turn.times(turn) };
        let change = turned.since(expected).re;
        self.blocks += age;
        if change > TURNED {
            if age == 1 {
                let (old, new) = (turn, turned);
                let mixed = Phasor { re: 3.0 * old.re + new.re, im: 3.0 * old.im + new.im };
                self.turn = Some(mixed.direction());
            }
        } else if change < -TURNED {
            let first = self.reversals == 0;
            let in_time = REVERSAL_BLOCKS.contains(&self.since);
            self.reversals = if first || !in_time { 1 } else { self.reversals + 1 };
            self.since = 0;
        } else {
            *self = Listener { before: now, blocks: 1, ..Listener::default() };
        }
    }
}

/// One wave of 2100 Hz after the other, for a block.
const COSINES: [Wide; BLOCK] = waves(0.25);
const SINES: [Wide; BLOCK] = waves(0.0);

const fn waves(turns: f64) -> [Wide; BLOCK] {
    let mut table = [Wide::ZERO; BLOCK];
    let mut n = 0;
    while n < BLOCK * WIDTH {
        // 2100 / 8000, of whole turns only the rest.
        let at = (n * 21 % 80) as f64 / 80.0;
        table[n / WIDTH].0[n % WIDTH] = level::sine(at + turns) as f32;
        n += 1;
    }
    table
}
