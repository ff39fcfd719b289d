//! Frequency-shift keying at 1200 bit/s: octets into sound, and sound into octets on many channels at once.
//!
//! Sending is phase-continuous, each octet as a start bit (space), eight bits, the lowest first, and a stop bit (mark).
//!
//! Receiving compares, sample by sample, the power of the last seven samples near the mark with that near the space frequency. The
//! frequencies listened for lie between those of Bell 202 and V.23, so both are understood without being told which. The signs
//! of that comparison, a byte a tick, go to the lane's `Receiver`, which keeps the clock of the bits and finds the octets.
//!
//! Sources: Bell 202 as in GR-30-CORE; ITU-T V.23 mode 2 as in EN 300 659-1.

use super::tone::{Oscillator, phase_step};
use super::wide::{self, WIDTH, Wide, Work};
use super::{Lanes, Samples, level};
use crate::time::{SAMPLE_RATE_HZ, SAMPLES_PER_TICK};

/// Which pair of frequencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modem {
    /// Mark 1200 Hz, space 2200 Hz.
    Bell202,
    /// Mark 1300 Hz, space 2100 Hz.
    V23,
}

impl Modem {
    /// The frequency of a 1, in hertz.
    pub const fn mark_hz(self) -> f64 {
        match self {
            Modem::Bell202 => 1200.0,
            Modem::V23 => 1300.0,
        }
    }

    /// The frequency of a 0, in hertz.
    pub const fn space_hz(self) -> f64 {
        match self {
            Modem::Bell202 => 2200.0,
            Modem::V23 => 2100.0,
        }
    }
}

/// A bit in thirds of a sample: 8000 / 1200 × 3. In this unit everything is a whole number.
const BIT_THIRDS: i32 = 20;
const SAMPLE_THIRDS: i32 = 3;

/// Makes sound of bits.
#[derive(Debug, Clone)]
pub struct Modulator {
    oscillator: Oscillator,
    steps: [u32; 2],
    left_thirds: i32,
}

impl Modulator {
    /// A modulator at a level in dBm0.
    pub fn new(modem: Modem, dbm0: f64) -> Modulator {
        Modulator {
            oscillator: Oscillator::new(modem.mark_hz(), dbm0),
            steps: [phase_step(modem.space_hz()), phase_step(modem.mark_hz())],
            left_thirds: 0,
        }
    }

    /// The next sample. Asks `next` for a bit when the last is over; none ends it.
    #[inline]
    pub fn next_sample(&mut self, next: impl FnOnce() -> Option<bool>) -> Option<i16> {
        if self.left_thirds <= 0 {
            let bit = next()?;
            self.oscillator.set_step(self.steps[usize::from(bit)]);
            self.left_thirds += BIT_THIRDS;
        }
        self.left_thirds -= SAMPLE_THIRDS;
        Some(level::to_sample(f64::from(self.oscillator.next_sample())))
    }
}

/// Between the marks of Bell 202 and V.23.
const MARK_HZ: u32 = 1250;
/// Between their spaces.
const SPACE_HZ: u32 = 2150;
/// Samples whose power is compared: a bit is 6.67 of them.
const WINDOW: usize = 7;
/// After so many samples both frequencies are back at their phase: they are multiples of 50 Hz.
const PERIOD: usize = 160;

/// Cosine and sine of mark and space.
static WAVES: [[f32; 4]; PERIOD] = {
    let mut waves = [[0.0; 4]; PERIOD];
    let mut n = 0;
    while n < PERIOD {
        let mark = (n * MARK_HZ as usize % SAMPLE_RATE_HZ as usize) as f64 / SAMPLE_RATE_HZ as f64;
        let space = (n * SPACE_HZ as usize % SAMPLE_RATE_HZ as usize) as f64 / SAMPLE_RATE_HZ as f64;
        waves[n] = [
            level::cosine(mark) as f32,
            level::sine(mark) as f32,
            level::cosine(space) as f32,
            level::sine(space) as f32,
        ];
        n += 1;
    }
    waves
};

/// What a receiver makes of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Marks for the length of so many times ten bits: an octet may follow.
    Marks {
        /// 1 or more.
        tens: u32,
    },
    /// An octet.
    Octet(u8),
    /// An octet without its stop bit, or no signal any more.
    Broken,
}

/// Demodulators side by side: one a lane.
#[derive(Debug, Clone)]
pub struct Bank {
    groups: Vec<Group>,
    /// Where in [`PERIOD`] the next tick begins.
    at: usize,
    /// The power of a tick of signal at the floor.
    floor: f32,
}

#[derive(Debug, Clone)]
struct Group {
    active: u8,
    /// The products of the last samples with the four waves; the oldest first, so that the window of the first new sample is there.
    products: [[Wide; 4]; WINDOW - 1],
    /// Of each lane in the last tick: bit n is set if sample n was a mark.
    marks: [u32; WIDTH],
    /// Of each lane in the last tick: whether there was a signal.
    signal: [bool; WIDTH],
    receivers: [Receiver; WIDTH],
}

impl Bank {
    /// A bank of `lanes` demodulators that hear signals above a level in dBm0.
    pub fn new(lanes: usize, floor_dbm0: f64) -> Bank {
        let amplitude = level::peak(floor_dbm0) as f32 * WINDOW as f32 / 2.0;
        Bank {
            groups: vec![Group::new(); lanes.div_ceil(WIDTH)],
            at: 0,
            floor: amplitude * amplitude * SAMPLES_PER_TICK as f32,
        }
    }

    /// Takes one tick: `frames[lane]` for every lane of `lanes`. A lane left out rests, and begins anew when it is back.
    /// Calls `report` for what was received, lane by lane in order.
    pub fn step(&mut self, frames: &[Samples], lanes: &Lanes, report: &mut dyn FnMut(usize, Received)) {
        for (index, group) in self.groups.iter_mut().enumerate() {
            let first = index * WIDTH;
            let active = lanes.eight(first);
            let left = group.active & !active;
            for lane in (0..WIDTH).filter(|lane| left >> lane & 1 == 1) {
                group.reset(lane);
            }
            group.active = active;
            if active == 0 {
                continue;
            }
            wide::run(Tick { group, frames, first, lanes, at: self.at, floor: self.floor });
            for lane in 0..WIDTH {
                let report = &mut |received| report(first + lane, received);
                if group.signal[lane] {
                    group.receivers[lane].step(group.marks[lane] as u8, report);
                } else {
                    group.receivers[lane].lose(report);
                }
            }
        }
        self.at = (self.at + SAMPLES_PER_TICK) % PERIOD;
    }

    /// Forgets what a lane has received.
    pub fn reset(&mut self, lane: usize) {
        if let Some(group) = self.groups.get_mut(lane / WIDTH) {
            group.reset(lane % WIDTH);
        }
    }
}

impl Group {
    fn new() -> Group {
        Group {
            active: 0,
            products: [[Wide::ZERO; 4]; WINDOW - 1],
            marks: [0; WIDTH],
            signal: [false; WIDTH],
            receivers: [Receiver::default(); WIDTH],
        }
    }

    fn reset(&mut self, lane: usize) {
        for wide in self.products.as_flattened_mut() {
            wide.0[lane] = 0.0;
        }
        self.receivers[lane] = Receiver::default();
    }
}

struct Tick<'a> {
    group: &'a mut Group,
    frames: &'a [Samples],
    first: usize,
    lanes: &'a Lanes,
    at: usize,
    floor: f32,
}

impl Work for Tick<'_> {
    #[inline(always)]
    fn run(self) {
        let tick = wide::gather(self.frames, self.first, self.lanes);
        let mut products = [[Wide::ZERO; 4]; WINDOW - 1 + SAMPLES_PER_TICK];
        products[..WINDOW - 1].copy_from_slice(&self.group.products);
        for (n, sample) in tick.iter().enumerate() {
            let wave = &WAVES[self.at + n];
            for (product, wave) in products[WINDOW - 1 + n].iter_mut().zip(wave) {
                *product = *sample * *wave;
            }
        }
        self.group.products.copy_from_slice(&products[SAMPLES_PER_TICK..]);

        // Windows of seven by way of sums of two.
        let mut twos = [[Wide::ZERO; 4]; WINDOW - 3 + SAMPLES_PER_TICK];
        for (n, two) in twos.iter_mut().enumerate() {
            for (part, two) in two.iter_mut().enumerate() {
                *two = products[n][part] + products[n + 1][part];
            }
        }
        let mut marks = [0; WIDTH];
        let mut total = Wide::ZERO;
        for n in 0..SAMPLES_PER_TICK {
            let mut sums = [Wide::ZERO; 4];
            for (part, sum) in sums.iter_mut().enumerate() {
                *sum = twos[n][part] + twos[n + 2][part] + twos[n + 4][part] + products[n + 6][part];
            }
            let [mark_re, mark_im, space_re, space_im] = sums;
            let mark = mark_re * mark_re + mark_im * mark_im;
            let space = space_re * space_re + space_im * space_im;
            total += mark + space;
            for (marks, mark) in marks.iter_mut().zip(mark.above(space).0) {
                *marks |= mark & 1 << n;
            }
        }
        self.group.marks = marks;
        self.group.signal = total.0.map(|power| power > self.floor);
    }
}

/// Reads octets from a lane's marks and spaces.
///
/// A clock of one bit runs all the time and is pushed a little by every change between mark and space, so that a change that
/// noise has moved does little harm. Where a start bit is far from where the clock expects it, the clock begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Receiver {
    /// Until the next bit is read, in [`SAMPLE_PARTS`].
    left: i32,
    /// Whether the last two samples were marks, the last first: a bit is the majority of the three about its middle.
    last: [bool; 2],
    /// Samples of mark in a row.
    run: u32,
    /// Bits of the octet being read, with its start bit; 0 between octets.
    count: u32,
    bits: u32,
    /// Whether the last bit between octets was a mark.
    rested: bool,
}

/// The clock's unit is a 48th of a sample: a bit is 320 of them.
const SAMPLE_PARTS: i32 = 48;
const BIT_PARTS: i32 = SAMPLE_PARTS * BIT_THIRDS / SAMPLE_THIRDS;
/// How far the next reading is away when a change is seen: it happened half a sample ago, and a bit is read a sample after its
/// middle, when the third of the three is there.
const AFTER_CHANGE: i32 = BIT_PARTS / 2 - SAMPLE_PARTS / 2 + SAMPLE_PARTS;
/// A start bit farther than this from where it was expected begins a new clock.
const ASTRAY: i32 = BIT_PARTS * 3 / 8;
/// The part of its error that the clock is pushed by.
const PUSH: i32 = 4;

/// So many samples of mark are ten bits.
const MARKS: u32 = 66;
/// The start bit, eight bits, the stop bit.
const BITS: u32 = 10;

impl Receiver {
    /// Takes a tick; bit n of `marks` tells whether sample n was a mark.
    fn step(&mut self, marks: u8, report: &mut dyn FnMut(Received)) {
        for n in 0..SAMPLES_PER_TICK {
            let mark = marks >> n & 1 == 1;
            self.left -= SAMPLE_PARTS;
            if mark != self.last[0] {
                self.push_clock(mark);
            }
            if self.left <= 0 {
                self.left += BIT_PARTS;
                let [before, earlier] = self.last;
                self.read(mark & before | mark & earlier | before & earlier, report);
            }
            self.last = [mark, self.last[0]];
            self.run = if mark { self.run + 1 } else { 0 };
            if self.run > 0 && self.run.is_multiple_of(MARKS) {
                report(Received::Marks { tens: self.run / MARKS });
            }
        }
    }

    fn push_clock(&mut self, mark: bool) {
        let error = self.left - AFTER_CHANGE;
        let error = if error < -BIT_PARTS / 2 { error + BIT_PARTS } else { error };
        if self.count == 0 && !mark && error.abs() > ASTRAY {
            self.left = AFTER_CHANGE;
        } else {
            self.left -= error / PUSH;
        }
    }

    fn read(&mut self, bit: bool, report: &mut dyn FnMut(Received)) {
        if self.count == 0 {
            // A space after a mark is a start bit.
            self.count = u32::from(self.rested && !bit);
            self.rested = bit;
            self.bits = 0;
            return;
        }
        self.bits |= u32::from(bit) << self.count;
        self.count += 1;
        if self.count == BITS {
            report(if bit { Received::Octet((self.bits >> 1) as u8) } else { Received::Broken });
            self.count = 0;
            self.rested = bit;
        }
    }

    /// Takes a tick without signal.
    fn lose(&mut self, report: &mut dyn FnMut(Received)) {
        if *self != Receiver::default() {
            *self = Receiver::default();
            report(Received::Broken);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends 20 marks, then octets; returns what a bank makes of them.
    fn through(modem: Modem, octets: &[u8], offset: usize) -> Vec<Received> {
        let mut bits = vec![true; 20];
        for octet in octets {
            bits.push(false);
            bits.extend((0..8).map(|bit| octet >> bit & 1 == 1));
            bits.push(true);
        }
        bits.extend([true; 4]);
        let mut bits = bits.into_iter();
        let mut modulator = Modulator::new(modem, -13.5);
        let mut samples = vec![0; offset];
        samples.extend(core::iter::from_fn(|| modulator.next_sample(|| bits.next())));
        samples.extend([0; 40]);
        let mut bank = Bank::new(1, -40.0);
        let mut received = Vec::new();
        for tick in samples.as_chunks::<SAMPLES_PER_TICK>().0 {
            bank.step(&[*tick], &Lanes::first(1), &mut |_, what| received.push(what));
        }
        received
    }

    #[test]
    fn every_octet_arrives_by_either_modem_wherever_the_ticks_fall() {
        let octets: Vec<u8> = (0..=u8::MAX).collect();
        for modem in [Modem::Bell202, Modem::V23] {
            for offset in 0..SAMPLES_PER_TICK {
                let received = through(modem, &octets, offset);
                let arrived: Vec<u8> = received
                    .iter()
                    .filter_map(|what| match what {
                        Received::Octet(octet) => Some(*octet),
                        Received::Marks { .. } | Received::Broken => None,
                    })
                    .collect();
                assert_eq!(arrived, octets, "{modem:?}, {offset} samples later");
            }
        }
    }

    #[test]
    fn marks_are_told_before_the_octets() {
        assert_eq!(
            through(Modem::Bell202, &[0x80], 0),
            [Received::Marks { tens: 1 }, Received::Marks { tens: 2 }, Received::Octet(0x80), Received::Broken,]
        );
    }
}
