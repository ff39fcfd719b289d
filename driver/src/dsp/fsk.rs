//! FSK modem at 1200 bit/s (Bell 202, V.23): sender, and receiver bank with clock recovery per octet.
//!
//! Sending is phase-continuous, each octet as a start bit (space), eight bits, the lowest first, and a stop bit (mark).
//!
//! Receiving compares, sample by sample, the power of the last seven samples near the mark with that near the space
//! frequency. The frequencies listened for lie between those of Bell 202 and V.23, so both are received without a
//! setting. The signs of that comparison go to the `Receivers`, which keep the clocks of the bits and find the octets,
//! eight lanes side by side.
//!
//! Sources: Bell 202 as in GR-30-CORE; ITU-T V.23 mode 2 as in EN 300 659-1.

use super::tone::{Oscillator, phase_step};
use super::vector::{self, Mask, WIDTH, Wide, WideTick, Work};
use super::{Lanes, Samples, level};
use crate::time::{SAMPLE_RATE_HZ, SAMPLES_PER_TICK};

/// A pair of frequencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modem {
    /// Mark 1200 Hz, space 2200 Hz.
    Bell202,
    /// Mark 1300 Hz, space 2100 Hz.
    V23,
}

impl Modem {
    /// The frequency of a 1, in hertz.
    pub(crate) const fn mark_hz(self) -> f64 {
        match self {
            Modem::Bell202 => 1200.0,
            Modem::V23 => 1300.0,
        }
    }

    /// The frequency of a 0, in hertz.
    pub(crate) const fn space_hz(self) -> f64 {
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
pub(crate) struct Modulator {
    oscillator: Oscillator,
    steps: [u32; 2],
    left_thirds: i32,
}

impl Modulator {
    /// A modulator at a level in dBm0.
    pub(crate) fn new(modem: Modem, dbm0: f64) -> Modulator {
        Modulator {
            oscillator: Oscillator::new(modem.mark_hz(), dbm0),
            steps: [phase_step(modem.space_hz()), phase_step(modem.mark_hz())],
            left_thirds: 0,
        }
    }

    /// The next sample. Asks `next` for a bit when the last is over; none ends it.
    #[inline]
    pub(crate) fn next_sample(&mut self, next: impl FnOnce() -> Option<bool>) -> Option<i16> {
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
/// After this many ticks both frequencies are back at their phase: they are multiples of 50 Hz.
const PERIOD: usize = 20;

/// Cosine and sine of mark and space, tick by tick.
static WAVES: [[[f32; 4]; SAMPLES_PER_TICK]; PERIOD] = {
    let mut waves = [[[0.0; 4]; SAMPLES_PER_TICK]; PERIOD];
    let mut n = 0;
    while n < PERIOD * SAMPLES_PER_TICK {
        let mark = (n * MARK_HZ as usize % SAMPLE_RATE_HZ as usize) as f64 / SAMPLE_RATE_HZ as f64;
        let space = (n * SPACE_HZ as usize % SAMPLE_RATE_HZ as usize) as f64 / SAMPLE_RATE_HZ as f64;
        waves[n / SAMPLES_PER_TICK][n % SAMPLES_PER_TICK] = [
            level::cosine(mark) as f32,
            level::sine(mark) as f32,
            level::cosine(space) as f32,
            level::sine(space) as f32,
        ];
        n += 1;
    }
    waves
};

/// Report of an FSK receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    /// Marks for the length of this many times ten bits: an octet may follow.
    Marks {
        /// 1 or more.
        tens: u32,
    },
    /// An octet.
    Octet(u8),
    /// An octet whose eight bits have come but no stop bit: the carrier has gone, or a space stands in its place.
    Unstopped(u8),
    /// No signal any more, and no octet pending.
    Broken,
}

/// Demodulators side by side: one a lane.
#[derive(Debug, Clone)]
pub(crate) struct Bank {
    groups: Vec<Group>,
    /// Position of the next tick in [`PERIOD`].
    tick: usize,
    /// The power of a tick of signal at the floor.
    floor: f32,
}

#[derive(Debug, Clone)]
struct Group {
    active: u8,
    /// The products of the last samples with the four waves, the oldest first.
    products: [[Wide; 4]; WINDOW - 1],
    /// Lanes with a signal in the last tick.
    signal: Mask,
    receivers: Receivers,
    told: Told,
}

impl Bank {
    /// A bank of `lanes` demodulators that hear signals above a level in dBm0.
    pub(crate) fn new(lanes: usize, floor_dbm0: f64) -> Bank {
        let amplitude = level::peak(floor_dbm0) as f32 * WINDOW as f32 / 2.0;
        Bank {
            groups: vec![Group::new(); lanes.div_ceil(WIDTH)],
            tick: 0,
            floor: amplitude * amplitude * SAMPLES_PER_TICK as f32,
        }
    }

    /// Takes one tick: `frames[lane]` for every lane of `lanes`. A lane left out rests, and begins anew when it is
    /// back. Calls `report` for what was received, lane by lane in order.
    pub(crate) fn step(&mut self, frames: &[Samples], lanes: &Lanes, report: &mut dyn FnMut(usize, Received)) {
        vector::run(Tick { groups: &mut self.groups, frames, lanes, waves: &WAVES[self.tick], floor: self.floor });
        for (index, group) in self.groups.iter().enumerate().filter(|(_, group)| group.active != 0) {
            group.told.report(&mut |lane, received| report(index * WIDTH + lane, received));
        }
        self.tick = (self.tick + 1) % PERIOD;
    }

    /// Forgets what a lane has received.
    pub(crate) fn reset(&mut self, lane: usize) {
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
            signal: Mask::NONE,
            receivers: Receivers::START,
            told: Told::NOTHING,
        }
    }

    /// Notes which lanes are worked on, and resets those that no longer are. Whether there is anything to do.
    fn choose(&mut self, first: usize, lanes: &Lanes) -> bool {
        let active = lanes.eight(first);
        vector::left(self.active, active).for_each(|lane| self.reset(lane));
        self.active = active;
        active != 0
    }

    fn reset(&mut self, lane: usize) {
        for wide in self.products.as_flattened_mut() {
            wide.0[lane] = 0.0;
        }
        // That is enough for its receiver to begin anew.
        self.signal.0[lane] = 0;
    }
}

struct Tick<'a> {
    groups: &'a mut [Group],
    frames: &'a [Samples],
    lanes: &'a Lanes,
    waves: &'a [[f32; 4]; SAMPLES_PER_TICK],
    floor: f32,
}

impl Work for Tick<'_> {
    #[inline(always)]
    fn run(self) {
        for (index, group) in self.groups.iter_mut().enumerate() {
            if group.choose(index * WIDTH, self.lanes) {
                let tick = vector::gather(self.frames, index * WIDTH, self.lanes);
                group.step(&tick, self.waves, self.floor);
            }
        }
    }
}

impl Group {
    #[inline(always)]
    fn step(&mut self, tick: &WideTick, waves: &[[f32; 4]; SAMPLES_PER_TICK], floor: f32) {
        let (marks, power) = demodulate(&mut self.products, tick, waves);
        let signal = power.above(Wide::all(floor));
        self.told = Told { lost: self.signal.without(signal), ..Told::NOTHING };
        if self.told.lost.any() {
            self.receivers.leave_pending(&mut self.told);
        }
        self.receivers.keep(signal.and(self.signal));
        self.told.run_before = self.receivers.run;
        self.signal = signal;
        if signal.any() {
            for mark in &marks {
                self.receivers.step(*mark, &mut self.told);
            }
        }
        self.told.note();
    }
}

/// The samples of a tick that are marks, and the power of the tick's windows near both frequencies.
#[inline(always)]
fn demodulate(
    before: &mut [[Wide; 4]; WINDOW - 1],
    tick: &WideTick,
    waves: &[[f32; 4]; SAMPLES_PER_TICK],
) -> ([Mask; SAMPLES_PER_TICK], Wide) {
    let mut products = [[Wide::ZERO; 4]; WINDOW - 1 + SAMPLES_PER_TICK];
    products[..WINDOW - 1].copy_from_slice(before);
    for (products, (sample, waves)) in products[WINDOW - 1..].iter_mut().zip(tick.iter().zip(waves)) {
        *products = waves.map(|wave| *sample * wave);
    }
    before.copy_from_slice(&products[SAMPLES_PER_TICK..]);

    // The window slides over the tick: a product comes in, and the oldest goes. It is summed anew in every tick, so
    // that what rounding leaves behind does not add up.
    let mut sums = [Wide::ZERO; 4];
    for product in &products[..WINDOW - 1] {
        add(&mut sums, product);
    }
    let mut marks = [Mask::NONE; SAMPLES_PER_TICK];
    let mut total = Wide::ZERO;
    for (n, is_mark) in marks.iter_mut().enumerate() {
        add(&mut sums, &products[WINDOW - 1 + n]);
        let [mark_re, mark_im, space_re, space_im] = sums;
        let mark = mark_re * mark_re + mark_im * mark_im;
        let space = space_re * space_re + space_im * space_im;
        total += mark + space;
        *is_mark = mark.above(space);
        for (sum, oldest) in sums.iter_mut().zip(&products[n]) {
            *sum = *sum - *oldest;
        }
    }
    (marks, total)
}

#[inline(always)]
fn add(sums: &mut [Wide; 4], products: &[Wide; 4]) {
    for (sum, product) in sums.iter_mut().zip(products) {
        *sum += *product;
    }
}

/// A bit in samples.
const BIT: f32 = BIT_THIRDS as f32 / SAMPLE_THIRDS as f32;
/// Time to the next bit sample after a transition: it happened half a sample ago, and a bit is read a sample after its
/// middle, when the third of the three is there.
const AFTER_CHANGE: f32 = BIT / 2.0 - 0.5 + 1.0;
/// A start bit after more samples of mark than this begins a new clock: octets may have any length of mark between
/// them. In noise a shorter run may be no stop bit.
const STOPPED: f32 = 6.0;
/// The part of its error that the clock is pushed by at any other change.
const PUSH: f32 = 0.2;

/// This many samples of mark are ten bits.
const MARKS: u32 = 66;
/// The start bit, eight bits, the stop bit.
const BITS: f32 = 10.0;
/// Bits are shifted in from here: after the eight bits and the stop bit the octet is in the lowest eight.
const NEWEST: u32 = 1 << 8;

/// Read octets from marks and spaces, eight lanes side by side.
///
/// A clock of one bit begins anew with every start bit and is pushed a little by every change between mark and space
/// within an octet, so that a change that noise has moved does little harm.
#[derive(Debug, Clone)]
struct Receivers {
    /// Samples until the next bit is read.
    left: Wide,
    /// Marks in the last two samples, the last first: a bit is the majority of the three about its middle.
    last: [Mask; 2],
    /// Samples of mark in a row.
    run: Wide,
    /// Bits of the octet being read, with its start bit; 0 between octets.
    count: Wide,
    /// The last bits read within octets, the newest in [`NEWEST`].
    bits: [u32; WIDTH],
    /// True if the last bit was a mark.
    rested: Mask,
}

impl Receivers {
    const START: Receivers = Receivers {
        left: Wide::ZERO,
        last: [Mask::NONE; 2],
        run: Wide::ZERO,
        count: Wide::ZERO,
        bits: [0; WIDTH],
        rested: Mask::NONE,
    };

    /// All lanes but these begin anew: those without a signal in this tick or the last. What they make of noise until
    /// the signal comes is nothing: an octet takes longer than a tick.
    #[inline(always)]
    fn keep(&mut self, lanes: Mask) {
        for wide in [&mut self.left, &mut self.run, &mut self.count] {
            *wide = lanes.choose(*wide, Wide::ZERO);
        }
        self.last = self.last.map(|mark| mark.and(lanes));
        self.rested = self.rested.and(lanes);
    }

    /// Reports octets that only their stop bit is missing from, in lanes whose carrier has gone.
    #[inline(always)]
    fn leave_pending(&self, told: &mut Told) {
        let pending = told.lost.and(self.count.above(Wide::all(BITS - 1.5)));
        told.whole = pending;
        for (octet, (bits, pending)) in told.octets.iter_mut().zip(self.bits.iter().zip(&pending.0)) {
            *octet = bits >> 1 & pending;
        }
    }

    /// Takes a sample.
    #[inline(always)]
    fn step(&mut self, mark: Mask, told: &mut Told) {
        let [before, earlier] = self.last;
        let left = self.left - Wide::all(1.0);
        let left = mark.unlike(before).choose(self.pushed(left, mark), left);
        let due = Mask::ALL.without(left.above(Wide::ZERO));
        self.left = due.choose(left + Wide::all(BIT), left);
        self.read(due, mark.and(before.or(earlier)).or(before.and(earlier)), told);
        self.last = [mark, before];
        self.run = mark.choose(self.run + Wide::all(1.0), Wide::ZERO);
        told.run_most = told.run_most.max(self.run);
    }

    /// The clock where a mark or a space has just begun.
    #[inline(always)]
    fn pushed(&self, left: Wide, mark: Mask) -> Wide {
        let error = left - Wide::all(AFTER_CHANGE);
        let error = Wide::all(-BIT / 2.0).above(error).choose(error + Wide::all(BIT), error);
        let within = self.count.above(Wide::ZERO);
        let starts = self.run.above(Wide::all(STOPPED)).without(within).without(mark);
        starts.choose(Wide::all(AFTER_CHANGE), left - error * PUSH)
    }

    /// Takes a bit where one is due.
    #[inline(always)]
    fn read(&mut self, due: Mask, bit: Mask, told: &mut Told) {
        let within = due.and(self.count.above(Wide::ZERO));
        // A space after a mark is a start bit.
        let begun = due.and(self.rested).without(within).without(bit);
        let count = within.or(begun).choose(self.count + Wide::all(1.0), self.count);
        let whole = count.above(Wide::all(BITS - 0.5));
        for (bits, (within, bit)) in self.bits.iter_mut().zip(within.0.iter().zip(&bit.0)) {
            *bits = within & (*bits >> 1 | bit & NEWEST) | !within & *bits;
        }
        for (octet, (bits, whole)) in told.octets.iter_mut().zip(self.bits.iter().zip(&whole.0)) {
            *octet |= bits & whole;
        }
        told.whole = told.whole.or(whole);
        self.count = whole.choose(Wide::ZERO, count);
        self.rested = due.and(bit).or(self.rested.without(due));
    }
}

/// Octets received by eight lanes in a tick. There is not time in one for two octets.
#[derive(Debug, Clone)]
struct Told {
    /// Lanes whose signal has gone.
    lost: Mask,
    /// Lanes with a complete octet.
    whole: Mask,
    /// Its bits, its stop bit in [`NEWEST`].
    octets: [u32; WIDTH],
    /// Samples of mark in a row before the tick, and the most of them at any time in it.
    run_before: Wide,
    run_most: Wide,
    /// True if there may be anything to report.
    is_something: bool,
}

impl Told {
    const NOTHING: Told = Told {
        lost: Mask::NONE,
        whole: Mask::NONE,
        octets: [0; WIDTH],
        run_before: Wide::ZERO,
        run_most: Wide::ZERO,
        is_something: false,
    };

    /// Notes whether there may be anything to report.
    #[inline(always)]
    fn note(&mut self) {
        let marks = self.run_most.above(Wide::all(MARKS as f32 - 0.5));
        self.is_something = self.lost.or(self.whole).or(marks).any();
    }

    fn report(&self, report: &mut dyn FnMut(usize, Received)) {
        if !self.is_something {
            return;
        }
        for lane in 0..WIDTH {
            if self.whole.is_set(lane) {
                let bits = self.octets[lane];
                let octet = bits as u8;
                report(lane, if bits & NEWEST != 0 { Received::Octet(octet) } else { Received::Unstopped(octet) });
            } else if self.lost.is_set(lane) {
                report(lane, Received::Broken);
            }
            let [before, most] = [self.run_before, self.run_most].map(|run| run.0[lane] as u32 / MARKS);
            if most > before {
                report(lane, Received::Marks { tens: most });
            }
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
                        Received::Marks { .. } | Received::Unstopped(_) | Received::Broken => None,
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
