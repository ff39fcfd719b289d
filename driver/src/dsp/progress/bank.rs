//! Call progress detector bank: correlators on many channels at once.
//!
//! A block whose energy leaves no room for a tone above the floor is put aside, and correlated only if one may sound in
//! the window that ends with a later block: most of a line's time is a pause.
//!
//! Never: allocates after it was made.

use super::correlator::{BLOCK, Phasors, TICKS_PER_BLOCK, TONES_MAX, Turns, Waves, correlate, energy, waves};
use super::lane::{BLOCK_MS, Lane, MAJORITY_MAX, SETS_MAX};
use super::{Detection, Event, Pattern};
use crate::dsp::vector::{self, Mask, WIDTH, Wide, Work};
use crate::dsp::{Lanes, Samples, level};
use crate::signal::ToneKind;
use crate::time::SAMPLES_PER_TICK;

/// Blocks that can be looked at as one.
const WINDOW_MAX: usize = 4;
/// Detectors side by side: one a lane.
#[derive(Debug, Clone)]
pub struct Bank<T: 'static = ToneKind> {
    ear: Ear,
    patterns: &'static [Pattern<T>],
    /// The set of frequencies of each pattern.
    sets_of_patterns: Vec<usize>,
    groups: Vec<Group>,
    lanes: Vec<Lane>,
    /// Rotation of the last blocks' results, by block number.
    turns: [Turns; WINDOW_MAX],
    /// Ticks of the current block already stored.
    tick: usize,
    block: u32,
}

/// Frequencies and patterns of the bank.
#[derive(Debug, Clone)]
struct Ear {
    hz: Vec<f64>,
    waves: Vec<Waves>,
    /// Each a bit for each frequency.
    sets: Vec<u8>,
    /// Blocks looked at as one.
    window: usize,
    /// The power of a tone at the floor, in a window.
    floor: f32,
    /// The part of the power that the frequencies of a set must hold.
    purity: f32,
    /// Blocks of which the greater part decides.
    majority_of: usize,
}

#[derive(Debug, Clone)]
struct Group {
    active: u8,
    stored: [Wide; BLOCK],
    /// Stored sound of the last blocks, by block number, and how many of them are still to be correlated. There are
    /// none if a window is a single block.
    aside: Vec<[Wide; BLOCK]>,
    due: usize,
    /// Of the last blocks, by block number.
    phasors: [Phasors; WINDOW_MAX],
    energies: [Wide; WINDOW_MAX],
    /// Lanes on which a set sounds in the window that ends with this block.
    sounding: [Mask; SETS_MAX],
    /// True if any does in any lane.
    sounds: bool,
    /// True while any lane remembers a sound.
    is_awake: bool,
}

/// The frequencies of patterns, and the sets that they form.
struct Sets {
    hz: Vec<f64>,
    sets: Vec<u8>,
    sets_of_patterns: Vec<usize>,
}

impl Sets {
    /// None if there are more than a bank has room for.
    fn of<T>(patterns: &[Pattern<T>]) -> Option<Sets> {
        let mut hz: Vec<f64> = Vec::new();
        let mut sets: Vec<u8> = Vec::new();
        let mut sets_of_patterns = Vec::new();
        for pattern in patterns {
            let mut set = 0;
            for wanted in pattern.hz {
                let index = hz.iter().position(|known| known == wanted).unwrap_or_else(|| {
                    hz.push(*wanted);
                    hz.len() - 1
                });
                if index >= TONES_MAX {
                    return None;
                }
                set |= 1 << index;
            }
            sets_of_patterns.push(sets.iter().position(|known| *known == set).unwrap_or_else(|| {
                sets.push(set);
                sets.len() - 1
            }));
        }
        (sets.len() <= SETS_MAX).then_some(Sets { hz, sets, sets_of_patterns })
    }
}

impl Bank {
    /// Returns true if a bank can detect all of these patterns: eight frequencies in six combinations at most.
    pub fn has_room_for(patterns: &[Pattern]) -> bool {
        Sets::of(patterns).is_some()
    }
}

impl<T: Copy + PartialEq> Bank<T> {
    /// A bank of `lanes` detectors of a country's tones.
    ///
    /// # Panics
    ///
    /// If the country has more than eight frequencies in more than six combinations: a mistake in its profile.
    pub fn new(lanes: usize, detection: &Detection<T>) -> Bank<T> {
        let Some(Sets { hz, sets, sets_of_patterns }) = Sets::of(detection.patterns) else {
            panic!("too many frequencies for one country");
        };
        let window = ((detection.coherent_ms / BLOCK_MS) as usize).clamp(1, WINDOW_MAX);
        let amplitude = level::peak(detection.floor_dbm0) as f32 * (window * BLOCK) as f32 / 2.0;
        let ear = Ear {
            waves: hz.iter().map(|hz| waves(*hz)).collect(),
            hz,
            sets,
            window,
            floor: amplitude * amplitude,
            purity: detection.purity,
            majority_of: (detection.majority_of as usize).clamp(1, MAJORITY_MAX),
        };
        Bank {
            patterns: detection.patterns,
            sets_of_patterns,
            groups: vec![Group::new(ear.window); lanes.div_ceil(WIDTH)],
            ear,
            lanes: vec![Lane::default(); lanes.next_multiple_of(WIDTH)],
            turns: [[[0.0; 2]; TONES_MAX]; WINDOW_MAX],
            tick: 0,
            block: 0,
        }
    }

    /// Takes one tick: `frames[lane]` for every lane of `lanes`. A lane left out rests, and begins anew when it is
    /// back. Calls `report` for what was heard, lane by lane in order.
    pub fn step(&mut self, frames: &[Samples], lanes: &Lanes, report: &mut dyn FnMut(usize, Event<T>)) {
        let whole = self.tick + 1 == TICKS_PER_BLOCK;
        let slot = self.block as usize % WINDOW_MAX;
        let at = self.tick * SAMPLES_PER_TICK;
        if whole {
            self.turns[slot] = self.ear.turns(self.block);
        }
        let Bank { groups, ear, lanes: states, turns, .. } = self;
        vector::run(Tick { groups, states, ear, frames, lanes, at, turns, slot, whole });
        if whole {
            for index in 0..self.groups.len() {
                self.judge(index, report);
            }
        }
        self.tick = if whole { 0 } else { self.tick + 1 };
        self.block = self.block.wrapping_add(u32::from(whole));
    }

    /// Gives every lane of a group what sounded in it in this block, unless all are at rest and nothing did.
    fn judge(&mut self, index: usize, report: &mut dyn FnMut(usize, Event<T>)) {
        let group = &mut self.groups[index];
        if group.active == 0 || !group.is_awake && !group.sounds {
            return;
        }
        group.is_awake = false;
        for lane in (0..WIDTH).filter(|lane| group.active >> lane & 1 == 1) {
            let sets = group.sounding.iter().take(self.ear.sets.len()).enumerate();
            let sounding = sets.fold(0, |all, (set, sounding)| all | u8::from(sounding.is_set(lane)) << set);
            let report = &mut |event| report(index * WIDTH + lane, event);
            let state = &mut self.lanes[index * WIDTH + lane];
            group.is_awake |= state.step(sounding, self.ear.majority_of, self.patterns, &self.sets_of_patterns, report);
        }
    }

    /// Returns true if network frequencies sounded in the last 10 ms of an enabled lane.
    pub(crate) fn is_sounding(&self, lane: usize) -> bool {
        self.lanes.get(lane).is_some_and(|lane| lane.is_sounding())
    }

    /// Forgets what a lane has heard.
    pub(crate) fn reset(&mut self, lane: usize) {
        if let Some(group) = self.groups.get_mut(lane / WIDTH) {
            group.reset(lane % WIDTH);
            self.lanes[lane] = Lane::default();
        }
    }
}

impl Ear {
    /// Rotation of a block's results back to the phase of block 0; none where they are not added to those of another.
    fn turns(&self, block: u32) -> Turns {
        let mut turns = [[1.0, 0.0]; TONES_MAX];
        if self.window == 1 {
            return turns;
        }
        for (turn, hz) in turns.iter_mut().zip(&self.hz) {
            // Counting starts again every 1000 blocks, which are 10 s: a whole number of turns for tenths of a hertz.
            let angle = hz * f64::from(BLOCK_MS) / 1000.0 * f64::from(block % 1000);
            *turn = [level::cosine(angle) as f32, level::sine(angle) as f32];
        }
        turns
    }
}

impl Group {
    /// At rest, for windows of this many blocks.
    fn new(window: usize) -> Group {
        Group {
            active: 0,
            stored: [Wide::ZERO; BLOCK],
            aside: vec![[Wide::ZERO; BLOCK]; if window > 1 { WINDOW_MAX } else { 0 }],
            due: 0,
            phasors: [[[Wide::ZERO; 2]; TONES_MAX]; WINDOW_MAX],
            energies: [Wide::ZERO; WINDOW_MAX],
            sounding: [Mask::NONE; SETS_MAX],
            sounds: false,
            is_awake: false,
        }
    }

    /// Notes which lanes are worked on, and resets those that no longer are. Whether there is anything to do.
    fn choose(&mut self, active: u8, states: &mut [Lane]) -> bool {
        for lane in vector::left(self.active, active) {
            self.reset(lane);
            states[lane] = Lane::default();
        }
        self.active = active;
        active != 0
    }

    fn reset(&mut self, lane: usize) {
        let all = self.stored.iter_mut().chain(self.aside.as_flattened_mut()).chain(&mut self.energies);
        for wide in all.chain(self.phasors.as_flattened_mut().as_flattened_mut()) {
            wide.0[lane] = 0.0;
        }
    }
}

struct Tick<'a> {
    groups: &'a mut [Group],
    states: &'a mut [Lane],
    ear: &'a Ear,
    frames: &'a [Samples],
    lanes: &'a Lanes,
    at: usize,
    turns: &'a [Turns; WINDOW_MAX],
    slot: usize,
    whole: bool,
}

impl Work for Tick<'_> {
    #[inline(always)]
    fn run(self) {
        for (index, (group, states)) in self.groups.iter_mut().zip(self.states.chunks_mut(WIDTH)).enumerate() {
            let first = index * WIDTH;
            if !group.choose(self.lanes.eight(first), states) {
                continue;
            }
            let tick = vector::gather(self.frames, first, self.lanes);
            group.stored[self.at..self.at + SAMPLES_PER_TICK].copy_from_slice(&tick);
            if self.whole {
                group.hear(self.ear, self.turns, self.slot);
            }
        }
    }
}

impl Group {
    /// Takes a block that has been stored.
    #[inline(always)]
    fn hear(&mut self, ear: &Ear, turns: &[Turns; WINDOW_MAX], slot: usize) {
        self.energies[slot] = energy(&self.stored);
        let mut energy = Wide::ZERO;
        for ago in 0..ear.window {
            energy += self.energies[(slot + WINDOW_MAX - ago) % WINDOW_MAX];
        }
        // The power of a tone is at most the samples times the energy (Cauchy and Schwarz); of real samples half of it.
        if !(energy * (ear.window * BLOCK) as f32).above(Wide::all(ear.floor)).any() {
            if let Some(aside) = self.aside.get_mut(slot) {
                *aside = self.stored;
                self.due = (ear.window - 1).min(self.due + 1);
            }
            self.sounding = [Mask::NONE; SETS_MAX];
            self.sounds = false;
            return;
        }
        for ago in (1..=core::mem::take(&mut self.due)).rev() {
            let slot = (slot + WINDOW_MAX - ago) % WINDOW_MAX;
            correlate(&self.aside[slot], &ear.waves, &turns[slot], &mut self.phasors[slot]);
        }
        correlate(&self.stored, &ear.waves, &turns[slot], &mut self.phasors[slot]);
        find(self, ear, slot, energy);
    }
}

/// The sets that sound in the window that ends with this block, which holds so much energy.
#[inline(always)]
fn find(group: &mut Group, ear: &Ear, slot: usize, energy: Wide) {
    let mut powers = [Wide::ZERO; TONES_MAX];
    for (tone, power) in powers.iter_mut().enumerate().take(ear.hz.len()) {
        let mut sum = [Wide::ZERO; 2];
        for ago in 0..ear.window {
            let phasor = &group.phasors[(slot + WINDOW_MAX - ago) % WINDOW_MAX][tone];
            sum = [sum[0] + phasor[0], sum[1] + phasor[1]];
        }
        *power = sum[0] * sum[0] + sum[1] * sum[1];
    }
    // A sine of power 1 gives (window × block)² / 2 of power, and window × block of energy.
    let enough = energy * (ear.purity * (ear.window * BLOCK) as f32 / 2.0);
    let mut any = Mask::NONE;
    for (set, sounding) in ear.sets.iter().zip(&mut group.sounding) {
        let mut together = Wide::ZERO;
        let mut loud = Mask::ALL;
        for (tone, power) in powers.iter().enumerate() {
            if set >> tone & 1 == 1 {
                together += *power;
                loud = loud.and(power.above(Wide::all(ear.floor)));
            }
        }
        *sounding = loud.and(together.above(enough));
        any = any.or(*sounding);
    }
    group.sounds = any.any();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::{CHINA, Country, UNITED_STATES};
    use crate::dsp::SILENCE;
    use crate::dsp::tone::{Component, Generator, Segment, SegmentSignal, ToneSpec};

    /// Reports of a bank on a tone of this many milliseconds and the silence after it, with the times.
    fn heard(spec: &ToneSpec, ms: usize) -> Vec<(usize, Event)> {
        let mut bank = Bank::new(1, &CHINA.detection);
        let mut generator = Generator::new(spec);
        let mut events = Vec::new();
        for now in 0..ms + 8000 {
            let frame = if now < ms { generator.next() } else { SILENCE };
            bank.step(&[frame], &Lanes::first(1), &mut |_, event| events.push((now, event)));
        }
        events
    }

    fn kinds(events: &[(usize, Event)]) -> Vec<Event> {
        events.iter().map(|(_, event)| *event).collect()
    }

    #[test]
    fn dial_tone_is_begun_then_recognised_then_ended() {
        let events = heard(&CHINA.tones.dial, 3000);
        assert_eq!(kinds(&events), [Event::Begun, Event::Recognised(ToneKind::Dial), Event::Ended(ToneKind::Dial)]);
        assert!(events[0].0 < 500 && events[1].0 < 1300 && (3000..3200).contains(&events[2].0), "{events:?}");
        assert!(kinds(&heard(&CHINA.tones.special_dial, 3000)).contains(&Event::Recognised(ToneKind::Dial)));
    }

    #[test]
    fn ringback_is_recognised_in_its_first_gap_and_ends_when_no_burst_comes() {
        let events = heard(&CHINA.tones.ringback, 11_000);
        assert_eq!(
            kinds(&events),
            [Event::Begun, Event::Recognised(ToneKind::Ringback), Event::Ended(ToneKind::Ringback)]
        );
        assert!((1000..1100).contains(&events[1].0), "{events:?}");
        assert!((15_000..16_000).contains(&events[2].0), "{events:?}");
    }

    #[test]
    fn busy_and_congestion_are_told_apart() {
        for (spec, tone, by_ms) in [
            (&CHINA.tones.busy, ToneKind::Busy, 2600),
            (&CHINA.tones.congestion, ToneKind::Congestion, 5100),
            (&CHINA.tones.unobtainable, ToneKind::Congestion, 3000),
        ] {
            let events = heard(spec, 10_000);
            let meant: Vec<_> = events.iter().filter(|(_, event)| *event != Event::Begun).collect();
            assert!(matches!(meant[..], [(_, Event::Recognised(_)), (_, Event::Ended(_))]), "{events:?}");
            assert_eq!(meant[0].1, Event::Recognised(tone));
            assert!(meant[0].0 <= by_ms, "{events:?}");
        }
    }

    #[test]
    fn busy_of_small_exchanges_is_recognised() {
        const TONE: [Component; 1] = [Component { hz: 470.0, dbm0: -30.0 }];
        for ms in [250, 500] {
            let segments =
                [Segment { signal: SegmentSignal::Sum(&TONE), ms }, Segment { signal: SegmentSignal::Silence, ms }];
            let spec = ToneSpec::repeated(Box::leak(Box::new(segments)));
            assert!(kinds(&heard(&spec, 10_000)).contains(&Event::Recognised(ToneKind::Busy)), "{ms} ms");
        }
    }

    #[test]
    fn other_frequencies_are_not_heard() {
        for hz in [300.0, 400.0, 500.0, 900.0, 1000.0] {
            let tone = Box::leak(Box::new([Component { hz, dbm0: -10.0 }]));
            let signal = SegmentSignal::Sum(tone);
            let segments = [Segment { signal, ms: 350 }, Segment { signal: SegmentSignal::Silence, ms: 350 }];
            assert_eq!(heard(&ToneSpec::repeated(Box::leak(Box::new(segments))), 6000), [], "{hz} Hz");
        }
    }

    #[test]
    fn every_lane_hears_what_a_bank_of_one_hears() {
        const LANES: usize = 11;
        // Windows of one block, and of four.
        for Country { tones, detection, .. } in [&CHINA, &UNITED_STATES] {
            let specs = [&tones.busy, &tones.congestion, &tones.dial];
            let mut generators: Vec<Generator> = (0..LANES).map(|lane| Generator::new(specs[lane % 3])).collect();
            let mut bank = Bank::new(LANES, detection);
            let mut alone: Vec<Bank> = (0..LANES).map(|_| Bank::new(1, detection)).collect();
            let mut heard = 0;
            for tick in 0..6000 {
                // Some are silent while others sound, from odd places in the blocks on.
                let sounds = |lane: usize| ((tick + 317 * lane) / 1505).is_multiple_of(2);
                let one = |(lane, generator): (usize, &mut Generator)| {
                    if sounds(lane) { generator.next() } else { SILENCE }
                };
                let frames: Vec<Samples> = generators.iter_mut().enumerate().map(one).collect();
                let mut lanes = Lanes::first(LANES);
                (0..LANES).filter(|lane| (tick / 1000 + lane) % 7 == 0).for_each(|lane| lanes.remove(lane));
                let mut together = Vec::new();
                bank.step(&frames, &lanes, &mut |lane, event| together.push((lane, event)));
                let mut apart = Vec::new();
                for (lane, bank) in alone.iter_mut().enumerate() {
                    let only = if lanes.contains(lane) { Lanes::first(1) } else { Lanes::NONE };
                    bank.step(&frames[lane..=lane], &only, &mut |_, event| apart.push((lane, event)));
                }
                assert_eq!(together, apart, "in tick {tick}");
                heard += together.len();
            }
            assert!(heard > LANES, "{heard} events");
        }
    }
}
