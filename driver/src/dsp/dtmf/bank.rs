//! DTMF receiver bank: filters and Goertzel correlators on many channels at once.
//!
//! Every tick is high-passed, which takes out dial tone, and stored. Every 4 ms the eight frequencies are correlated
//! with what was stored (folded about its middle, so that a frequency costs one multiplication a sample), and brought
//! to a common phase reference. Three such results weighted 1, 2, 1 are a window of 12 ms; a lane whose strongest pair
//! holds most of the power of its window is for the [`Judges`], who decide about time, frequency, twist and purity.
//!
//! The blocks are the bank's, not the lane's: all lanes begin and end them together.

use super::judge::{Judges, Verdict, Window};
use super::{HIGH_HZ, HOP, LOW_HZ, RAW_HOPS, key};
use crate::dsp::vector::{self, Mask, WIDTH, Wide, WideTick, Work};
use crate::dsp::{Lanes, Samples, level};
use crate::signal::Digit;
use crate::time::{SAMPLE_RATE_HZ, SAMPLES_PER_TICK, Ticks};

/// Report of a DTMF receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A key has been recognised; it still sounds.
    Begun(Digit),
    /// The key has ended; it sounded for so long.
    Ended(Digit, Ticks),
}

/// The level of each tone above which a key is recognised, if nothing else is asked for, in dBm0.
pub const FLOOR_DBM0: f64 = -37.5;

const TICKS_PER_HOP: usize = HOP / SAMPLES_PER_TICK;
/// The length of a hop.
pub(super) const HOP_MS: f32 = TICKS_PER_HOP as f32;
/// The two groups together: low 0 to 3, high 4 to 7.
pub(super) const TONES: usize = 8;
/// Hops that are kept: a key is looked for backwards from where it was first seen.
pub(super) const KEPT: usize = 8;
/// After this many hops every frequency is back at its phase: they are whole numbers of hertz.
pub(super) const PHASES: usize = SAMPLE_RATE_HZ as usize / HOP;

/// The high-pass filter: elliptic, order 4, 0.5 dB of ripple above 670 Hz, 35 dB down below 460 Hz; two sections, each
/// `1 + b1 z⁻¹ + z⁻²` over `1 + a1 z⁻¹ + a2 z⁻²`. Settles in 2 ms.
const SECTIONS: [Section; 2] = [
    Section { b1: -1.974_453, a1: -1.018_12, a2: 0.379_545 },
    Section { b1: -1.882_612, a1: -1.646_416, a2: 0.888_34 },
];

/// Factor for a gain of one of all sections together.
const GAIN: f32 = 0.518_497_4;

#[derive(Clone, Copy)]
struct Section {
    b1: f32,
    a1: f32,
    a2: f32,
}

/// The amplitude at a nominal frequency that the filter makes of one, before [`GAIN`].
const fn filter_amplitude(hz: u32) -> f64 {
    let turns = hz as f64 / SAMPLE_RATE_HZ as f64;
    let (c1, s1) = (level::cosine(turns), level::sine(turns));
    let (c2, s2) = (level::cosine(2.0 * turns), level::sine(2.0 * turns));
    let mut square = 1.0;
    let mut index = 0;
    while index < SECTIONS.len() {
        let Section { b1, a1, a2 } = SECTIONS[index];
        let (over_re, over_im) = (1.0 + b1 as f64 * c1 + c2, b1 as f64 * s1 + s2);
        let (under_re, under_im) = (1.0 + a1 as f64 * c1 + a2 as f64 * c2, a1 as f64 * s1 + a2 as f64 * s2);
        square *= (over_re * over_re + over_im * over_im) / (under_re * under_re + under_im * under_im);
        index += 1;
    }
    square_root(square)
}

const fn square_root(square: f64) -> f64 {
    let mut root = 1.0;
    let mut round = 0;
    while round < 30 {
        root = (root + square / root) / 2.0;
        round += 1;
    }
    root
}

const fn tone_hz(tone: usize) -> u32 {
    if tone < 4 { LOW_HZ[tone] } else { HIGH_HZ[tone - 4] }
}

/// The four tones of a group at the same time, each with its cosine and sine, for all lanes: a number to multiply by is
/// at hand.
type Four = [[Wide; 2]; 4];

/// The tones of either group at half a sample, one and a half, … from the middle of a hop, levelled for the filter.
static WAVES: [[Four; HOP / 2]; 2] = {
    let mut waves = [[[[Wide::ZERO; 2]; 4]; HOP / 2]; 2];
    let mut tone = 0;
    while tone < TONES {
        let scale = 1.0 / filter_amplitude(tone_hz(tone));
        let mut n = 0;
        while n < HOP / 2 {
            let turns = tone_hz(tone) as f64 / SAMPLE_RATE_HZ as f64 * (n as f64 + 0.5);
            let (cosine, sine) = ((scale * level::cosine(turns)) as f32, (scale * level::sine(turns)) as f32);
            waves[tone / 4][n][tone % 4] = [Wide::all(cosine), Wide::all(sine)];
            n += 1;
        }
        tone += 1;
    }
    waves
};

/// The phase that each tone has gained since hop 0: cosine and sine. Results are turned back by it.
pub(super) static TURNS: [[[f32; 2]; TONES]; PHASES] = {
    let mut turns = [[[0.0; 2]; TONES]; PHASES];
    let mut hop = 0;
    while hop < PHASES {
        let mut tone = 0;
        while tone < TONES {
            let angle = (tone_hz(tone) as usize * hop % PHASES) as f64 / PHASES as f64;
            turns[hop][tone] = [level::cosine(angle) as f32, level::sine(angle) as f32];
            tone += 1;
        }
        hop += 1;
    }
    turns
};

/// Receivers side by side: one a lane.
#[derive(Debug, Clone)]
pub struct Bank {
    groups: Vec<Group>,
    /// Ticks of the current hop already stored.
    tick: usize,
    /// Counts hops, around [`PHASES`] × [`KEPT`].
    hop: usize,
    /// In the units of a window's power.
    floor: f32,
}

#[derive(Debug, Clone)]
struct Group {
    /// Lanes on which dial tone may be.
    dial: Mask,
    /// The lanes that were worked on in the last tick.
    active: u8,
    filter: [[Wide; 2]; SECTIONS.len()],
    stored: [Wide; HOP],
    /// The last hops as they came, sample by sample, and the power of more of them.
    raw: [Wide; RAW_HOPS * HOP],
    raw_energies: [Wide; KEPT],
    /// Real and imaginary part of each tone in the last hops, by hop number.
    phasors: [[[Wide; 2]; TONES]; KEPT],
    energies: [Wide; KEPT],
    judges: Judges,
    verdict: Verdict,
}

/// The strongest pair of each lane in the window that ends with this hop.
pub(super) struct Found {
    /// Row and column, 0 to 3.
    pub(super) places: [Wide; 2],
    /// Lanes whose pair may be a key.
    pub(super) likely: Mask,
    /// The power of everything in the window above 670 Hz, and below.
    pub(super) energy: Wide,
    pub(super) below: Wide,
}

impl Bank {
    /// A bank of `lanes` receivers that hear tones above the usual floor.
    pub fn new(lanes: usize) -> Bank {
        Bank::with_floor(lanes, FLOOR_DBM0)
    }

    /// A bank of `lanes` receivers that hear tones above a level of each, in dBm0: -45 to -20.
    pub fn with_floor(lanes: usize, floor_dbm0: f64) -> Bank {
        // A sine of peak 1 gives 16 in each hop, 64 in a window.
        let amplitude = 64.0 * level::peak(floor_dbm0) as f32;
        Bank { groups: vec![Group::new(); lanes.div_ceil(WIDTH)], tick: 0, hop: 0, floor: amplitude * amplitude }
    }

    /// Takes one tick: `frames[lane]` for every lane of `lanes`. A lane left out rests, and begins anew when it is
    /// back. Calls `report` for what was heard, lane by lane in order.
    pub fn step(&mut self, frames: &[Samples], lanes: &Lanes, report: &mut dyn FnMut(usize, Event)) {
        let (tick, hop) = (self.tick, self.hop);
        let whole = tick + 1 == TICKS_PER_HOP;
        vector::run(Tick { groups: &mut self.groups, frames, lanes, tick, hop, floor: self.floor });
        if whole {
            for (index, group) in self.groups.iter().enumerate().filter(|(_, group)| group.active != 0) {
                group.report(index * WIDTH, report);
            }
        }
        self.tick = if whole { 0 } else { tick + 1 };
        if whole {
            self.hop = (hop + 1) % (PHASES * KEPT);
        }
    }

    /// Sets whether dial tone may stand below the keys of a lane; at first it may not. Where it may, anything at 312 to
    /// 500 Hz passes for it, and there lie the fundamentals of many voices: allow it only while dial tone is sent.
    pub fn allow_dial_tone(&mut self, lane: usize, allowed: bool) {
        if let Some(group) = self.groups.get_mut(lane / WIDTH) {
            group.dial.0[lane % WIDTH] = if allowed { u32::MAX } else { 0 };
        }
    }

    /// Forgets what a lane has heard.
    pub fn reset(&mut self, lane: usize) {
        if let Some(group) = self.groups.get_mut(lane / WIDTH) {
            group.reset(lane % WIDTH);
        }
    }
}

impl Group {
    fn new() -> Group {
        Group {
            dial: Mask::NONE,
            active: 0,
            filter: [[Wide::ZERO; 2]; SECTIONS.len()],
            stored: [Wide::ZERO; HOP],
            raw: [Wide::ZERO; RAW_HOPS * HOP],
            raw_energies: [Wide::ZERO; KEPT],
            phasors: [[[Wide::ZERO; 2]; TONES]; KEPT],
            energies: [Wide::ZERO; KEPT],
            judges: Judges::IDLE,
            verdict: Verdict::NONE,
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
        let all = self.filter.as_flattened_mut().iter_mut();
        let all = all.chain(&mut self.stored).chain(&mut self.energies);
        let all = all.chain(&mut self.raw).chain(&mut self.raw_energies);
        for wide in all.chain(self.phasors.as_flattened_mut().as_flattened_mut()) {
            wide.0[lane] = 0.0;
        }
        self.judges.reset(lane);
    }

    /// Keeps a tick as it came, from sample `at` of the hop.
    #[inline(always)]
    fn keep(&mut self, tick: &WideTick, hop: usize, at: usize) {
        let place = hop % RAW_HOPS * HOP + at;
        self.raw[place..place + SAMPLES_PER_TICK].copy_from_slice(tick);
        let energy = &mut self.raw_energies[hop % KEPT];
        let before = if at == 0 { Wide::ZERO } else { *energy };
        *energy = tick.iter().fold(before, |sum, sample| sum + *sample * *sample);
    }

    fn report(&self, first: usize, report: &mut dyn FnMut(usize, Event)) {
        let Verdict { begun, ended, places: [rows, columns], on_ms } = &self.verdict;
        if !begun.or(*ended).any() {
            return;
        }
        for lane in 0..WIDTH {
            let Some(digit) = key(rows.0[lane] as usize, columns.0[lane] as usize) else { continue };
            if begun.is_set(lane) {
                report(first + lane, Event::Begun(digit));
            } else if ended.is_set(lane) {
                report(first + lane, Event::Ended(digit, Ticks::from_ms(on_ms.0[lane].round() as u64)));
            }
        }
    }
}

/// The arithmetic of one tick.
struct Tick<'a> {
    groups: &'a mut [Group],
    frames: &'a [Samples],
    lanes: &'a Lanes,
    tick: usize,
    hop: usize,
    floor: f32,
}

impl Work for Tick<'_> {
    #[inline(always)]
    fn run(self) {
        let at = self.tick * SAMPLES_PER_TICK;
        for (index, group) in self.groups.iter_mut().enumerate() {
            let first = index * WIDTH;
            if !group.choose(first, self.lanes) {
                continue;
            }
            let tick = vector::gather(self.frames, first, self.lanes);
            filter(&mut group.filter, &tick, &mut group.stored[at..at + SAMPLES_PER_TICK]);
            group.keep(&tick, self.hop, at);
            if self.tick + 1 == TICKS_PER_HOP {
                correlate(group, self.hop);
                let found = find(group, self.hop, self.floor);
                let (phasors, raw, hop, dial) = (&group.phasors, &group.raw, self.hop, group.dial);
                let window = Window { phasors, raw, hop, found: &found, dial };
                group.verdict = group.judges.step(&window);
            }
        }
    }
}

#[inline(always)]
fn filter(state: &mut [[Wide; 2]; SECTIONS.len()], tick: &WideTick, stored: &mut [Wide]) {
    // Kept out of memory while it changes with every sample.
    let [mut first, mut second] = *state;
    for (sample, out) in tick.iter().zip(stored) {
        *out = section(&SECTIONS[1], &mut second, section(&SECTIONS[0], &mut first, *sample));
    }
    *state = [first, second];
    for memory in state.as_flattened_mut() {
        *memory = memory.settle();
    }
}

/// One sample through one section, transposed direct form.
#[inline(always)]
fn section(section: &Section, memory: &mut [Wide; 2], sample: Wide) -> Wide {
    let out = sample + memory[0];
    memory[0] = sample * section.b1 + memory[1] - out * section.a1;
    memory[1] = sample - out * section.a2;
    out
}

#[inline(always)]
fn correlate(group: &mut Group, hop: usize) {
    let (earlier, later) = group.stored.split_at(HOP / 2);
    let mut energy = Wide::ZERO;
    for (earlier, later) in earlier.iter().rev().zip(later) {
        energy += *later * *later + *earlier * *earlier;
    }
    group.energies[hop % KEPT] = energy * (GAIN * GAIN);
    let turns = &TURNS[hop % PHASES];
    for (half, waves) in WAVES.iter().enumerate() {
        // Four tones at a time: their sums stay in registers.
        let mut four: Four = [[Wide::ZERO; 2]; 4];
        for (waves, (earlier, later)) in waves.iter().zip(earlier.iter().rev().zip(later)) {
            // Folded about the middle: the sums see only cosines, the differences only sines.
            let (sum, difference) = (*later + *earlier, *later - *earlier);
            for ([re, im], [cosine, sine]) in four.iter_mut().zip(waves) {
                *re += sum * *cosine;
                *im += difference * *sine;
            }
        }
        for (tone, [re, im]) in four.into_iter().enumerate() {
            // What was summed is the conjugate of the rotating phasor's reference: (re - i im) turned back by hop ×
            // frequency.
            let [cosine, sine] = turns[4 * half + tone];
            let turned = [re * cosine - im * sine, Wide::ZERO - (im * cosine + re * sine)];
            group.phasors[hop % KEPT][4 * half + tone] = turned;
        }
    }
}

/// Widest twist of a candidate pair, as a ratio of powers: 14 dB.
const TWIST_LOOSE: f32 = 25.0;
/// The part of the window's power that a pair must hold to be looked at.
const PURITY_LOOSE: f32 = 0.5;

#[inline(always)]
fn find(group: &Group, hop: usize, floor: f32) -> Found {
    let (now, before, earlier) = (hop % KEPT, (hop + KEPT - 1) % KEPT, (hop + KEPT - 2) % KEPT);
    let weigh = |newest: Wide, middle: Wide, oldest: Wide| newest + middle + middle + oldest;
    let mut best = [Wide::ZERO; 2];
    let mut place = [Wide::ZERO; 2];
    for tone in 0..TONES {
        let of = |hop: usize, part: usize| group.phasors[hop][tone][part];
        let re = weigh(of(now, 0), of(before, 0), of(earlier, 0));
        let im = weigh(of(now, 1), of(before, 1), of(earlier, 1));
        let power = re * re + im * im;
        let half = tone / 4;
        let stronger = power.above(best[half]);
        best[half] = stronger.choose(power, best[half]);
        place[half] = stronger.choose(Wide::all((tone % 4) as f32), place[half]);
    }
    let sum = |energies: &[Wide; KEPT]| weigh(energies[now], energies[before], energies[earlier]);
    let energy = sum(&group.energies);
    let [low, high] = best;
    // A sine of power 1 gives 8192 in a window, and 128 of energy.
    let pure = (low + high).above(energy * (PURITY_LOOSE * 64.0));
    let near = (high * TWIST_LOOSE).above(low).and((low * TWIST_LOOSE).above(high));
    let loud = low.above(Wide::all(floor)).and(high.above(Wide::all(floor)));
    let likely = pure.and(near).and(loud);
    let below = (sum(&group.raw_energies) - energy).max(Wide::ZERO);
    Found { places: place, likely, energy, below }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::SILENCE;
    use crate::dsp::dtmf::{Sender, Timing};

    const TIMING: Timing = Timing { on_ms: 60, off_ms: 60, pause_ms: 500, low_dbm0: -12.0, high_dbm0: -10.0 };
    const ALL: &str = "1234567890*#ABCD";

    fn heard(bank: &mut Bank, ticks: impl Iterator<Item = Samples>) -> Vec<Event> {
        let mut events = Vec::new();
        for tick in ticks.chain(core::iter::repeat_n(SILENCE, 60)) {
            bank.step(&[tick], &Lanes::first(1), &mut |_, event| events.push(event));
        }
        events
    }

    fn bits(phasors: &[[[Wide; 2]; TONES]; KEPT], lane: usize) -> Vec<u32> {
        // Adding zero makes one of the two zeros, which never differ in what follows.
        phasors.as_flattened().as_flattened().iter().map(|wide| (wide.0[lane] + 0.0).to_bits()).collect()
    }

    fn begun(events: &[Event]) -> String {
        let begun = events.iter().filter_map(|event| match event {
            Event::Begun(digit) => Some(digit.as_char()),
            Event::Ended(..) => None,
        });
        begun.collect()
    }

    fn sent(digits: &str, timing: &Timing) -> impl Iterator<Item = Samples> {
        let mut sender = Sender::new(digits, timing);
        core::iter::from_fn(move || sender.next())
    }

    #[test]
    fn every_key_is_heard_once() {
        let mut bank = Bank::new(1);
        let events = heard(&mut bank, sent(ALL, &TIMING));
        assert_eq!(begun(&events), ALL);
        assert_eq!(events.len(), 2 * ALL.len());
        for event in events {
            if let Event::Ended(_, length) = event {
                assert!((54..=66).contains(&length.as_ms()), "{event:?} was sent for 60 ms");
            }
        }
    }

    #[test]
    fn keys_of_40_ms_are_heard_and_of_24_ms_are_not() {
        for offset in 0..8 {
            let before = core::iter::repeat_n(SILENCE, offset);
            let long = Timing { on_ms: 40, off_ms: 40, ..TIMING };
            let events = heard(&mut Bank::new(1), before.clone().chain(sent(ALL, &long)));
            assert_eq!(begun(&events), ALL, "{offset} ms later");
            let short = Timing { on_ms: 24, off_ms: 60, ..TIMING };
            let events = heard(&mut Bank::new(1), before.chain(sent(ALL, &short)));
            assert_eq!(begun(&events), "", "{offset} ms later");
        }
    }

    #[test]
    fn every_lane_hears_what_a_bank_of_one_hears() {
        const LANES: usize = 19;
        let strings: Vec<String> = (0..LANES).map(|lane| ALL.chars().cycle().skip(lane).take(6).collect()).collect();
        let mut senders: Vec<Sender> = strings.iter().map(|string| Sender::new(string, &TIMING)).collect();
        let mut bank = Bank::new(LANES);
        let mut alone: Vec<Bank> = (0..LANES).map(|_| Bank::new(1)).collect();
        for tick in 0..900 {
            let frames: Vec<Samples> = senders.iter_mut().map(|sender| sender.next().unwrap_or(SILENCE)).collect();
            // Lanes come and go, and some are reset in the middle of things.
            let mut lanes = Lanes::first(LANES);
            (0..LANES).filter(|lane| (tick / 100 + lane) % 5 == 0).for_each(|lane| lanes.remove(lane));
            if tick % 70 == 0 {
                bank.reset(tick % LANES);
                alone[tick % LANES].reset(0);
            }
            let mut together = Vec::new();
            bank.step(&frames, &lanes, &mut |lane, event| together.push((lane, event)));
            let mut apart = Vec::new();
            for (lane, bank) in alone.iter_mut().enumerate() {
                let only = if lanes.contains(lane) { Lanes::first(1) } else { Lanes::NONE };
                bank.step(&frames[lane..=lane], &only, &mut |_, event| apart.push((lane, event)));
            }
            assert_eq!(together, apart, "in tick {tick}");
            for (lane, alone) in alone.iter().enumerate() {
                let (many, one) = (&bank.groups[lane / WIDTH], &alone.groups[0]);
                assert_eq!(bits(&many.phasors, lane % WIDTH), bits(&one.phasors, 0), "lane {lane} in tick {tick}");
            }
        }
    }
}
