//! DTMF receiver bank: filters and Goertzel correlators on many channels at once.
//!
//! Every tick is high-passed, which takes out dial tone, and stored. Every 4 ms the eight frequencies are correlated
//! with what was stored (folded about its middle, so that a frequency costs one multiplication a sample), and brought
//! to a common phase reference. Three such results weighted 1, 2, 1 are a window of 12 ms; a lane whose strongest pair
//! holds most of the power of its window is for the [`Judges`], who decide about time, frequency, twist and purity.
//!
//! A hop whose energy leaves no room for a tone above the floor is put aside, and correlated only if a pair follows
//! that is looked for backwards: most of a line's time is a pause.
//!
//! The blocks are the bank's, not the lane's: all lanes begin and end them together.

use super::correlator::{KEPT, PHASES, POWER_MAX, Phasors, TICKS_PER_HOP, TONES, correlate, energy};
use super::filter::Filter;
use super::judge::{Found, Judges, Verdict, Window};
use super::pair::{LOOKED_BACK, SHARE_MIN};
use super::{HOP, RAW_HOPS, key};
use crate::dsp::vector::{self, Mask, WIDTH, Wide, Work};
use crate::dsp::{Lanes, Samples, level};
use crate::signal::Digit;
use crate::time::{SAMPLES_PER_TICK, Ticks};

/// Report of a DTMF receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A key has been recognised; it still sounds.
    Begun(Digit),
    /// The key has ended; it sounded for so long.
    Ended(Digit, Ticks),
}

/// The level of each tone above which a key is recognised, if nothing else is asked for, in dBm0.
pub(super) const FLOOR_DBM0: f64 = -37.5;

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
    filter: Filter,
    stored: [Wide; HOP],
    /// Stored sound of the last hops, by hop number, and how many of them are still to be correlated.
    aside: [[Wide; HOP]; LOOKED_BACK],
    due: usize,
    /// The last hops as they came, sample by sample, and the power of more of them.
    raw: [Wide; RAW_HOPS * HOP],
    raw_energies: [Wide; KEPT],
    /// The tones of the last hops, by hop number.
    phasors: [Phasors; KEPT],
    energies: [Wide; KEPT],
    judges: Judges,
    verdict: Verdict,
}

impl Bank {
    /// A bank of `lanes` receivers that hear tones above the usual floor.
    pub fn new(lanes: usize) -> Bank {
        Bank::with_floor(lanes, FLOOR_DBM0)
    }

    /// A bank of `lanes` receivers that hear tones above a level of each, in dBm0: -45 to -20.
    pub(crate) fn with_floor(lanes: usize, floor_dbm0: f64) -> Bank {
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
    pub(crate) fn reset(&mut self, lane: usize) {
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
            filter: Filter::REST,
            stored: [Wide::ZERO; HOP],
            aside: [[Wide::ZERO; HOP]; LOOKED_BACK],
            due: 0,
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
        self.filter.reset(lane);
        let all = self.stored.iter_mut().chain(self.aside.as_flattened_mut()).chain(&mut self.energies);
        let all = all.chain(&mut self.raw).chain(&mut self.raw_energies);
        for wide in all.chain(self.phasors.as_flattened_mut().as_flattened_mut()) {
            wide.0[lane] = 0.0;
        }
        self.judges.reset(lane);
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
        let Tick { groups, frames, lanes, tick, hop, floor } = self;
        let at = tick * SAMPLES_PER_TICK;
        let (pairs, last) = groups.as_chunks_mut::<2>();
        for (index, pair) in pairs.iter_mut().enumerate() {
            store(pair, 2 * index * WIDTH, frames, lanes, (hop, at));
        }
        if let [last] = last {
            store(core::array::from_mut(last), 2 * pairs.len() * WIDTH, frames, lanes, (hop, at));
        }
        if tick + 1 == TICKS_PER_HOP {
            for group in groups.iter_mut().filter(|group| group.active != 0) {
                group.verdict = group.hear(hop, floor);
            }
        }
    }
}

/// Filters and stores a tick of some groups, the lanes of which begin at `first`, at a place of a hop. A group that
/// rests beside another takes silence.
#[inline(always)]
fn store<const N: usize>(
    groups: &mut [Group; N],
    first: usize,
    frames: &[Samples],
    lanes: &Lanes,
    (hop, at): (usize, usize),
) {
    assert!(at + SAMPLES_PER_TICK <= HOP, "a tick is part of one hop");
    let place = hop % RAW_HOPS * HOP + at;
    let mut any = false;
    for (n, group) in groups.iter_mut().enumerate() {
        let first = first + n * WIDTH;
        any |= group.choose(first, lanes);
        group.raw[place..place + SAMPLES_PER_TICK].copy_from_slice(&vector::gather(frames, first, lanes));
    }
    if !any {
        return;
    }
    // Kept out of memory while they change with every sample. Side by side: in one alone each sample waits for the one
    // before.
    let mut filters = [Filter::REST; N];
    for (filter, group) in filters.iter_mut().zip(&*groups) {
        *filter = group.filter;
    }
    for n in 0..SAMPLES_PER_TICK {
        for (group, filter) in groups.iter_mut().zip(&mut filters) {
            group.stored[at + n] = filter.step(group.raw[place + n]);
        }
    }
    for (group, filter) in groups.iter_mut().zip(filters) {
        group.filter = filter.settle();
        let energy = &mut group.raw_energies[hop % KEPT];
        let before = if at == 0 { Wide::ZERO } else { *energy };
        let tick = &group.raw[place..place + SAMPLES_PER_TICK];
        *energy = tick.iter().fold(before, |sum, sample| sum + *sample * *sample);
    }
}

impl Group {
    /// Takes a hop that has been stored.
    #[inline(always)]
    fn hear(&mut self, hop: usize, floor: f32) -> Verdict {
        let energy = energy(&self.stored);
        self.energies[hop % KEPT] = energy;
        let loudest = windowed(&self.energies, hop) * (4.0 * POWER_MAX);
        if !loudest.above(Wide::all(floor)).any()
            && let Some(verdict) = self.judges.pass((energy * POWER_MAX).sqrt())
        {
            self.aside[hop % LOOKED_BACK] = self.stored;
            self.due = LOOKED_BACK.min(self.due + 1);
            return verdict;
        }
        // Of hops before this window only the part of a key that they hold is asked for: of the softest key less than
        // counts is as good as nothing.
        let faint = Wide::all(floor * (SHARE_MIN * SHARE_MIN / 16.0));
        for ago in (1..=core::mem::take(&mut self.due)).rev() {
            let before = hop + PHASES * KEPT - ago;
            let phasors = &mut self.phasors[before % KEPT];
            if ago <= 2 || (self.energies[before % KEPT] * POWER_MAX).above(faint).any() {
                correlate(&self.aside[before % LOOKED_BACK], before, phasors);
            } else {
                *phasors = [[Wide::ZERO; 2]; TONES];
            }
        }
        correlate(&self.stored, hop, &mut self.phasors[hop % KEPT]);
        let found = find(self, hop, floor);
        let (phasors, raw, dial) = (&self.phasors, &self.raw, self.dial);
        let mut raw_energy = Wide::ZERO;
        for ago in 0..RAW_HOPS {
            raw_energy += self.raw_energies[(hop + KEPT - ago) % KEPT];
        }
        self.judges.step(&Window { phasors, raw, raw_energy, hop, found: &found, dial })
    }
}

/// The energy in the window of three hops that ends with this one.
#[inline(always)]
fn windowed(energies: &[Wide; KEPT], hop: usize) -> Wide {
    weighed(energies[hop % KEPT], energies[(hop + KEPT - 1) % KEPT], energies[(hop + KEPT - 2) % KEPT])
}

/// The weights of a window's hops.
#[inline(always)]
fn weighed(newest: Wide, middle: Wide, oldest: Wide) -> Wide {
    newest + middle + middle + oldest
}

/// Widest twist of a candidate pair, as a ratio of powers: 14 dB.
const TWIST_LOOSE: f32 = 25.0;
/// The part of the window's power that a pair must hold to be looked at.
const PURITY_LOOSE: f32 = 0.5;

#[inline(always)]
fn find(group: &Group, hop: usize, floor: f32) -> Found {
    let [now, before, earlier] = [0, 1, 2].map(|ago| &group.phasors[(hop + KEPT - ago) % KEPT]);
    let mut best = [Wide::ZERO; 2];
    let mut place = [Wide::ZERO; 2];
    for tone in 0..TONES {
        let re = weighed(now[tone][0], before[tone][0], earlier[tone][0]);
        let im = weighed(now[tone][1], before[tone][1], earlier[tone][1]);
        let power = re * re + im * im;
        let half = tone / 4;
        let stronger = power.above(best[half]);
        best[half] = stronger.choose(power, best[half]);
        place[half] = stronger.choose(Wide::all((tone % 4) as f32), place[half]);
    }
    let energy = windowed(&group.energies, hop);
    let [low, high] = best;
    // A sine of power 1 gives 8192 in a window, and 128 of energy.
    let pure = (low + high).above(energy * (PURITY_LOOSE * 64.0));
    let near = (high * TWIST_LOOSE).above(low).and((low * TWIST_LOOSE).above(high));
    let loud = low.above(Wide::all(floor)).and(high.above(Wide::all(floor)));
    let likely = pure.and(near).and(loud);
    let below = (windowed(&group.raw_energies, hop) - energy).max(Wide::ZERO);
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

    /// Tones of a lane in the hops of the last window, those put aside included.
    fn bits(group: &Group, hop: usize, lane: usize) -> Vec<u32> {
        let tones = |ago: usize| {
            let hop = hop + PHASES * KEPT - ago;
            let mut phasors = group.phasors[hop % KEPT];
            if ago < group.due {
                correlate(&group.aside[hop % LOOKED_BACK], hop, &mut phasors);
            }
            // Adding zero makes one of the two zeros, which never differ in what follows.
            phasors.as_flattened().iter().map(|wide| (wide.0[lane] + 0.0).to_bits()).collect::<Vec<_>>()
        };
        (0..3).flat_map(tones).collect()
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
                let hop = bank.hop + PHASES * KEPT - 1;
                let (many, one) = (&bank.groups[lane / WIDTH], &alone.groups[0]);
                assert_eq!(bits(many, hop, lane % WIDTH), bits(one, hop, 0), "lane {lane} in tick {tick}");
            }
        }
    }
}
